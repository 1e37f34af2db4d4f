//! Registry, path and digest of an image, letter by letter, by `distribution/reference`.

use super::super::{Wrong, quoted, write_this};

/// Checks `host[:port]`: a domain name, an IPv4 address, or an IPv6 address in brackets.
pub(super) fn check_registry(text: &str, registry: &str) -> Result<(), Wrong> {
    let (host, port) = match registry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => (
            None,
            port.strip_prefix(':').or((!port.is_empty()).then_some("")),
        ),
        Some(_) => (Some(""), None),
        None => match registry.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(registry), None),
        },
    };
    let is_label = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let good_host = host.is_none_or(|host| host.split('.').all(is_label));
    let digits = |port: &str| port.bytes().all(|b| b.is_ascii_digit());
    let good_port =
        port.is_none_or(|port| digits(port) && port.parse::<u16>().is_ok_and(|port| port > 0));
    if good_host && good_port {
        return Ok(());
    }
    Err(Wrong::new(format!(
        "{} starts with {}, which is not a registry",
        quoted(text),
        quoted(registry)
    ))
    .help("write a host, maybe with a port, such as `registry.example.com:5000`"))
}

/// Checks the path: lower case, parts joined by `.`, `_`, `__` or dashes (`reference.NameRegexp`).
pub(super) fn check_path(text: &str, path: &str) -> Result<(), Wrong> {
    if path.chars().any(|c| c.is_ascii_uppercase()) {
        let fixed = text.replacen(path, &path.to_ascii_lowercase(), 1);
        return Err(Wrong::new(format!(
            "{} has capitals in its path: registries take lower case only",
            quoted(text)
        ))
        .help(write_this(&fixed)));
    }
    if let Some(part) = path.split('/').find(|part| !is_path_part(part)) {
        let said = if part.is_empty() {
            "has an empty part in its path".to_owned()
        } else {
            format!("has {} in its path", quoted(part))
        };
        return Err(Wrong::new(format!(
            "{} {said}: each part has lower-case letters and digits, with single `.` or `_`, `__` \
             or dashes between them",
            quoted(text)
        )));
    }
    Ok(())
}

/// Whether `part` is `[a-z0-9]+(([_.]|__|-+)[a-z0-9]+)*`.
fn is_path_part(part: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mark = |c: char| matches!(c, '.' | '_' | '-');
    part.starts_with(word)
        && part.ends_with(word)
        && part.chars().all(|c| word(c) || mark(c))
        && part
            .split(word)
            .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.chars().all(|c| c == '-'))
}

/// Checks `sha256:` with 64 hex digits, or `sha512:` with 128 (OCI image spec, descriptor digests).
pub(super) fn check_digest(text: &str, digest: &str) -> Result<(), Wrong> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or((digest, ""));
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => {
            return Err(Wrong::new(format!(
                "{} has {} after the `@`: that is not a digest",
                quoted(text),
                quoted(digest)
            ))
            .help("write `sha256:` and 64 hexadecimal digits"));
        }
    };
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if hex.len() == length && hex.bytes().all(lower) {
        return Ok(());
    }
    Err(Wrong::new(format!(
        "{} has a digest that is not {length} hexadecimal digits in lower case",
        quoted(text)
    )))
}
