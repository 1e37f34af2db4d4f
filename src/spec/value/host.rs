//! Names that users type into a browser, and the paths below them, by the rules of the Gateway API.

use std::net::IpAddr;

use super::name::{SUBDOMAIN_LONGEST, shown, subdomain};
use super::{Wrong, quoted, sized, text_value, write_this};

/// Longest part of a name: RFC 1035, section 2.3.4.
const PART_LONGEST: usize = 63;

/// Longest path of a route (`HTTPPathMatch.value` of the Gateway API).
const PATH_LONGEST: usize = 1024;

const HOST: &str = "a host";

/// A host: a DNS name, its first part may be `*` (`Hostname` of the Gateway API, which an Ingress
/// takes too).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    /// Parses a lower-case DNS name, maybe behind `*.`.
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        if let Some(found) = from_url(text) {
            let (what, bare) = found;
            return Err(wrong(what).maybe_help(advice(text, &bare)));
        }
        if text == "*" {
            return Err(wrong("is no host: it would be every host of everybody")
                .help("write the domain behind it, such as `*.example.com`"));
        }
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if bare.parse::<IpAddr>().is_ok() {
            return Err(wrong("is an address: a host is a name")
                .help("write the name that leads to it, such as `shop.example.com`"));
        }
        if let Some((host, port)) = text.rsplit_once(':')
            && port.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(wrong("has a port: a host is a name alone")
                .maybe_help(Self::read(host).is_ok().then(|| write_this(host))));
        }
        if let Some(name) = text.strip_suffix('.')
            && Self::read(name).is_ok()
        {
            return Err(wrong("ends with a dot").help(write_this(name)));
        }
        let name = text.strip_prefix("*.").unwrap_or(text);
        if name.contains('*') {
            return Err(wrong("has `*` in another place than the first part")
                .help("write `*.` in front of a domain, such as `*.example.com`"));
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii()) {
            return Err(wrong(&format!(
                "has {}: DNS has such a name in another spelling",
                shown(c)
            ))
            .help("write it as the registrar shows it, beginning with `xn--`"));
        }
        sized(text, HOST, SUBDOMAIN_LONGEST)?;
        subdomain(name, HOST).map_err(|wrong| at_wildcard(text, name, wrong))?;
        if let Some(part) = name.split('.').find(|part| part.len() > PART_LONGEST) {
            return Err(wrong(&format!(
                "has a part of {} characters: {HOST} has at most {PART_LONGEST} between two dots",
                part.len()
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The host.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of a listener for it: the host itself, so that it stays what it is when others come and go;
    /// and what a wildcard is called, it covers.
    pub fn listener(&self) -> String {
        match self.wildcard() {
            Some(domain) => format!("wildcard.{domain}"),
            None => self.to_string(),
        }
    }

    /// The domain whose names it stands for, if it begins with `*`.
    pub fn wildcard(&self) -> Option<&str> {
        self.0.strip_prefix("*.")
    }

    /// Whether every name of `other` is one of this host, which is not the same.
    pub fn covers(&self, other: &Self) -> bool {
        let name = other.wildcard().unwrap_or(other.as_str());
        self.wildcard().is_some_and(|domain| {
            let rest = name.strip_suffix(domain);
            rest.is_some_and(|rest| rest.ends_with('.'))
        })
    }
}

text_value!(Host, "a host");

/// What is wrong with a URL or a host with a path, and the host in it.
fn from_url(text: &str) -> Option<(&'static str, String)> {
    let (what, rest) = match text.split_once("://") {
        Some((_, rest)) => (
            "is a URL: a host is a name alone, without scheme, port and path",
            rest,
        ),
        None if text.contains(['/', '?', '#', '@']) => ("has a path: a host is a name alone", text),
        None => return None,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    Some((what, host.to_ascii_lowercase()))
}

/// `write ...` with the host of a URL, and its path where that says anything.
fn advice(text: &str, bare: &str) -> Option<String> {
    Host::read(bare).ok()?;
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..));
    let path = path.map(|path| path.split(['?', '#']).next().unwrap_or(path));
    Some(match path.map(|path| path.trim_end_matches('/')) {
        Some(path) if RoutePath::read(path).is_ok() => {
            format!("{}, and {} as the path", write_this(bare), quoted(path))
        }
        _ => write_this(bare),
    })
}

/// A complaint about the name behind `*.` becomes one about all of it.
fn at_wildcard(text: &str, name: &str, wrong: Wrong) -> Wrong {
    let Some(star) = text.strip_suffix(name).filter(|star| !star.is_empty()) else {
        return wrong;
    };
    let help = wrong
        .advice()
        .map(|word| write_this(&format!("{star}{word}")));
    let message = match wrong.message.strip_prefix(&quoted(name)) {
        Some(rest) => format!("{}{rest}", quoted(text)),
        None => wrong.message,
    };
    Wrong::new(message).maybe_help(help)
}

/// The path that a route begins with: what the Gateway API takes for a `PathPrefix`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePath(String);

impl RoutePath {
    /// Parses an absolute path without detours, query and fragment.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "the path of a route";
        sized(text, WHAT, PATH_LONGEST)?;
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        let good = |word: &str| Self::read(word).is_ok().then(|| write_this(word));
        if let Some((_, rest)) = text.split_once("://") {
            let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
            return Err(
                wrong("is a URL: a path is what stands behind the host").maybe_help(good(path))
            );
        }
        if !text.starts_with('/') {
            return Err(wrong("does not start with `/`").maybe_help(good(&format!("/{text}"))));
        }
        if let Some((path, _)) = text.split_once(['?', '#']) {
            return Err(
                wrong("has more than a path: a route matches no query and no fragment")
                    .maybe_help(good(path)),
            );
        }
        if text.contains("//") {
            let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
            return Err(wrong("has two slashes in a row")
                .maybe_help(good(&format!("/{}", parts.join("/")))));
        }
        if text.split('/').any(|part| part == "." || part == "..") {
            return Err(
                wrong("has `.` or `..` between slashes: a path says where it is").maybe_help(None),
            );
        }
        if text.contains('*') && text.ends_with("/*") {
            let bare = text.trim_end_matches('*').trim_end_matches('/');
            let bare = if bare.is_empty() { "/" } else { bare };
            return Err(wrong(
                "ends with `*`, which would stand for itself: everything below is meant anyway",
            )
            .maybe_help(good(bare)));
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-/._~!$&'()*+,;=:@%".contains(c);
        if let Some(c) = text.chars().find(|c| !is_plain(*c)) {
            let code = c
                .to_string()
                .bytes()
                .fold(String::new(), |all, b| format!("{all}%{b:02X}"));
            return Err(wrong(&format!("has {}, which no route takes", shown(c)))
                .help(format!("write it as `{code}`")));
        }
        let codes: Vec<&str> = text
            .split('%')
            .skip(1)
            .map(|rest| rest.get(..2).unwrap_or_default())
            .collect();
        if !codes.iter().all(|code| is_hex(code)) {
            return Err(wrong("has `%` without two hexadecimal digits after it")
                .help("write `%25` for a percent sign"));
        }
        if codes.iter().any(|code| code.eq_ignore_ascii_case("2f")) {
            return Err(wrong("has a slash as `%2F`, which no route takes"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(RoutePath, "the path of a route");

fn is_hex(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn hosts() {
        let part = "a".repeat(63);
        let longest = format!("{part}.{part}.{part}.{}", "a".repeat(61));
        keeps::<Host>(&[
            "shop.example.com",
            "*.example.com",
            "localhost",
            "xn--bcher-kva.example",
            "1.example.com",
            &longest,
        ]);
        let long = format!("{longest}.a");
        refuses::<Host>(&[
            "Shop.example.com",
            "shop_1.example.com",
            "*",
            "*.",
            "a.*.example.com",
            "*a.example.com",
            "*.*.example.com",
            "192.0.2.1",
            "2001:db8::1",
            "[2001:db8::1]",
            "[2001:db8::1]:443",
            "shop.example.com:443",
            "shop.example.com.",
            "shop..example.com",
            "-shop.example.com",
            "https://",
            "https://shop.example.com",
            "shop.example.com/path",
            "bücher.example",
            "shop.example.com ",
            &format!("{part}a.example.com"),
            &long,
        ]);
        says::<Host>(&[
            (
                "https://shop.example.com/path",
                "is a URL",
                "write `shop.example.com`, and `/path` as the path",
            ),
            (
                "https://me@Shop.example.com:8443/?a",
                "is a URL",
                "write `shop.example.com`",
            ),
            ("https://192.0.2.1/a", "is a URL", ""),
            (
                "shop.example.com/a/",
                "has a path",
                "write `shop.example.com`, and `/a` as the path",
            ),
            (
                "shop.example.com:443",
                "has a port",
                "write `shop.example.com`",
            ),
            (
                "shop.example.com.",
                "ends with a dot",
                "write `shop.example.com`",
            ),
            ("Shop.Example.com", "has `S`", "write `shop.example.com`"),
            (
                "*.Example.com",
                "`*.Example.com` has `E`",
                "write `*.example.com`",
            ),
            ("192.0.2.1", "is an address", "such as `shop.example.com`"),
            ("2001:db8::1", "is an address", "such as `shop.example.com`"),
            ("*", "is no host", "such as `*.example.com`"),
            ("a.*.com", "another place", "such as `*.example.com`"),
            ("bücher.example", "has `ü`", "beginning with `xn--`"),
            (&format!("{part}a.com"), "a part of 64 characters", ""),
        ]);
    }

    #[test]
    fn a_wildcard_covers_the_names_below_it() {
        let host = |text: &str| Host::parse(text).unwrap();
        for below in ["a.example.com", "a.b.example.com", "*.a.example.com"] {
            assert!(host("*.example.com").covers(&host(below)), "{below}");
        }
        for other in [
            "example.com",
            "*.example.com",
            "aexample.com",
            "a.example.org",
        ] {
            assert!(!host("*.example.com").covers(&host(other)), "{other}");
        }
        assert!(!host("example.com").covers(&host("a.example.com")));
    }

    #[test]
    fn paths() {
        let longest = format!("/{}", "a".repeat(1023));
        keeps::<RoutePath>(&[
            "/", "/a", "/a/", "/a.b/~c", "/%C3%BC", "/a*b", "/...", &longest,
        ]);
        let long = format!("/{}", "a".repeat(1024));
        refuses::<RoutePath>(&[
            "a",
            "//",
            "/a//b",
            "/./a",
            "/a/..",
            "/a/../b",
            "/a/.",
            "/a?b",
            "/a#b",
            "/a%2fb",
            "/a%2Fb",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a b",
            "/ü",
            "/a\\b",
            "/a/*",
            "/*",
            "/a\"",
            "https://x/a",
            &long,
        ]);
        says::<RoutePath>(&[
            ("api", "does not start", "write `/api`"),
            ("https://x.example/api", "is a URL", "write `/api`"),
            ("/a//b/", "two slashes", "write `/a/b`"),
            ("/api/*", "ends with `*`", "write `/api`"),
            ("/*", "ends with `*`", "write `/`"),
            ("/a?b=c", "more than a path", "write `/a`"),
            ("/a/../b", "`.` or `..`", ""),
            ("/é", "has `é`", "write it as `%C3%A9`"),
            ("/a%2fb", "`%2F`", ""),
            ("/50%", "without two", "write `%25`"),
        ]);
    }
}
