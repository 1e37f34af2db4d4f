//! Paths: what a probe asks for, which file is meant.

use super::name::shown;
use super::{Wrong, is_unseen, quoted, text_value, write_this};

/// Longest path: Linux, `PATH_MAX`.
const LONGEST: usize = 4096;

/// What an HTTP probe asks for: path and maybe query (RFC 3986, sections 3.3 and 3.4).
///
/// The kubelet parses it as a URL, so that a fragment would be lost and `//host` would be a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpPath(String);

impl HttpPath {
    /// Parses a path by RFC 3986, with a query, without a fragment.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "a path of a probe";
        visible(text, WHAT)?;
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        if let Some((_, rest)) = text.split_once("://") {
            let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
            return Err(wrong("is a URL: a probe asks the pod itself")
                .maybe_help(Self::read(path).is_ok().then(|| write_this(path))));
        }
        if !text.starts_with('/') {
            let fixed = format!("/{text}");
            return Err(wrong("does not start with `/`")
                .maybe_help(Self::read(&fixed).is_ok().then(|| write_this(&fixed))));
        }
        if text.starts_with("//") {
            let fixed = format!("/{}", text.trim_start_matches('/'));
            return Err(
                wrong("starts with two slashes, which would name a host").help(write_this(&fixed))
            );
        }
        if let Some((path, _)) = text.split_once('#') {
            return Err(wrong("has a fragment, which no server ever sees").help(write_this(path)));
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii_graphic()) {
            let code = c
                .to_string()
                .bytes()
                .fold(String::new(), |all, b| format!("{all}%{b:02X}"));
            return Err(wrong(&format!(
                "has {}, which a URL does not take as it is",
                shown(c)
            ))
            .help(format!("write it as `{code}`")));
        }
        let broken = text.split('%').skip(1).any(|rest| {
            !rest
                .get(..2)
                .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
        });
        if broken {
            return Err(wrong("has `%` without two hexadecimal digits after it")
                .help("write `%25` for a percent sign"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The path, with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(HttpPath, "a path of a probe");

/// A file, relative to the spec, at or below its folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelFile(String);

impl RelFile {
    /// Parses a relative path; `./a//b` becomes `a/b`, and `..` is refused.
    fn read(text: &str) -> Result<Self, Wrong> {
        let path = relative(text, "a file")?;
        if text.ends_with('/') || path.is_empty() || text.ends_with("/.") {
            return Err(
                Wrong::new(format!("{} is a folder, not a file", quoted(text)))
                    .help("name a file in it"),
            );
        }
        Ok(Self(path))
    }

    /// The path, without detours.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(RelFile, "a relative path to a file");

/// A folder, relative to the spec, below its folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelFolder(String);

impl RelFolder {
    /// Parses a relative path; `./a/` becomes `a`, and `..` is refused.
    fn read(text: &str) -> Result<Self, Wrong> {
        let path = relative(text, "a folder")?;
        if path.is_empty() {
            let what = format!("{} is the folder of the spec itself", quoted(text));
            let help = "put what belongs together into a folder of its own, such as `config`";
            return Err(Wrong::new(what).help(help));
        }
        Ok(Self(path))
    }

    /// The path, without detours.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(RelFolder, "a relative path to a folder");

/// Takes the detours out of a relative path.
fn relative(text: &str, what: &str) -> Result<String, Wrong> {
    visible(text, what)?;
    let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
    if text.starts_with(['/', '~']) {
        return Err(wrong("is not relative").help(format!(
            "write the path of {what} as seen from the spec, such as `config/app`"
        )));
    }
    if text.contains('\\') {
        let fixed = text.replace('\\', "/");
        return Err(wrong("has a backslash")
            .maybe_help(relative(&fixed, what).is_ok().then(|| write_this(&fixed))));
    }
    if text.split('/').any(|part| part == "..") {
        return Err(
            wrong("has `..`: nothing outside the folder of the spec is read")
                .help(format!("move {what} below that folder")),
        );
    }
    let parts: Vec<&str> = text
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    Ok(parts.join("/"))
}

/// Refuses what is empty, endless, blank at an end, or not to be seen.
pub(super) fn visible(text: &str, what: &str) -> Result<(), Wrong> {
    super::sized(text, what, LONGEST)?;
    if let Some(c) = text.chars().find(|c| c.is_control() || is_unseen(*c)) {
        return Err(Wrong::new(format!(
            "{} has {}: {what} has only characters that can be seen",
            quoted(text),
            shown(c)
        )));
    }
    if text.split('/').any(|part| part.trim() != part) {
        let parts: Vec<&str> = text.split('/').map(str::trim).collect();
        return Err(Wrong::new(format!(
            "{} has a part that starts or ends with a space",
            quoted(text)
        ))
        .help(write_this(&parts.join("/"))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn probes() {
        keeps::<HttpPath>(&["/", "/healthz", "/a?full=1&x=%20", "/a:b", "/a//b"]);
        refuses::<HttpPath>(&[
            "healthz", "//evil/x", "/a b", "/a#b", "/a\tb", "/é", "/%", "/%2", "/%zz",
        ]);
        let long = format!("/{}", "a".repeat(10_000));
        refuses::<HttpPath>(&[&long]);
        says::<HttpPath>(&[
            ("healthz", "start with", "write `/healthz`"),
            ("http://x:80/healthz", "is a URL", "write `/healthz`"),
            ("/a b", "has a space", "write it as `%20`"),
            ("/a /b ", "starts or ends with a space", "write `/a/b`"),
            ("/é", "has `é`", "write it as `%C3%A9`"),
            ("//a", "would name a host", "write `/a`"),
            ("/a#b", "fragment", "write `/a`"),
        ]);
    }

    #[test]
    fn files() {
        keeps::<RelFile>(&[
            "app.yaml",
            "config/app.yaml",
            ".env",
            "a..b",
            "Größe.txt",
            "a b",
        ]);
        for bad in [
            "", " ", ".", "./", "a/", "a/.", "/a", "~/a", "../a", "a/../b", "a\\b", "a\u{0}",
        ] {
            RelFile::parse(bad).unwrap_err();
        }
        assert_eq!(RelFile::parse("./a//b").unwrap().as_str(), "a/b");
        says::<RelFile>(&[
            ("../a", "has `..`", "below that folder"),
            ("a\\b", "backslash", "write `a/b`"),
            ("a/", "is a folder", "name a file"),
        ]);
        keeps::<RelFolder>(&["config", "a/b"]);
        says::<RelFolder>(&[("./", "is the folder of the spec itself", "such as `config`")]);
        assert_eq!(RelFolder::parse("./a/").unwrap().as_str(), "a");
        RelFolder::parse("a/..").unwrap_err();
        RelFolder::parse("").unwrap_err();
    }
}
