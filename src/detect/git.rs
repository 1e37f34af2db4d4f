//! `.git/config`: the repository's name and who holds it, by its remote. Credentials in an address
//! are passed over, includes are not followed.

use super::place::Place;
use super::{Repository, name, team};

/// The name of the repository, if the service has it for itself, and the group that holds it.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let Some((text, file)) = place.above(".git/config") else {
        return;
    };
    let Some(address) = remote(&text) else {
        return;
    };
    let Some((owner, called)) = owner_and_name(&address) else {
        return;
    };
    let called = name(called, &file).filter(|_| place.is_top());
    let owner = owner.and_then(|owner| team(owner, &file));
    called
        .into_iter()
        .chain(owner)
        .for_each(|found| repository.add(found));
}

/// The address of `origin`, else of the first remote.
fn remote(text: &str) -> Option<String> {
    let mut first = None;
    let mut section = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix('[') {
            section = subsection(rest);
        } else if let (Some(remote), Some((key, value))) = (&section, line.split_once('='))
            && key.trim().eq_ignore_ascii_case("url")
        {
            let address = unquoted(value);
            if remote == "origin" {
                return Some(address);
            }
            first.get_or_insert(address);
        }
    }
    first
}

/// The name in `remote "NAME"]`.
fn subsection(header: &str) -> Option<String> {
    let (section, rest) = header.split_once('"')?;
    let (name, _) = rest.rsplit_once("\"]")?;
    section
        .trim()
        .eq_ignore_ascii_case("remote")
        .then(|| name.to_owned())
}

/// A value without its quotes, its comment and the space around it.
fn unquoted(value: &str) -> String {
    let mut address = String::new();
    let mut quoted = false;
    let mut escaped = false;
    for c in value.trim().chars() {
        match c {
            _ if escaped => {
                address.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '#' | ';' if !quoted => break,
            _ => address.push(c),
        }
    }
    address.trim_end().to_owned()
}

/// Who holds the repository of that address, and what it is called.
///
/// Of nested groups the innermost is meant; a folder on a disk belongs to nobody.
fn owner_and_name(address: &str) -> Option<(Option<&str>, &str)> {
    let (path, hosted) = if let Some((scheme, rest)) = address.split_once("://") {
        (rest.split_once('/')?.1, scheme != "file")
    } else {
        match address.split_once(':') {
            // `host:path`, as ssh has it; one letter is a drive.
            Some((host, path)) if host.len() > 1 && !host.contains(['/', '\\']) => (path, true),
            Some(_) | None => (address, false),
        }
    };
    let path = path.split(['?', '#']).next()?;
    // `_git` and its like are the host's own.
    let mut parts = path
        .rsplit(['/', '\\'])
        .filter(|part| !part.is_empty() && !part.starts_with('_'));
    let last = parts.next()?;
    let name = last.strip_suffix(".git").unwrap_or(last);
    let owner = parts.next().filter(|_| hosted);
    Some((owner, name))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn addresses() {
        for (address, owner, name) in [
            ("git@git.example.com:acme/shop.git", Some("acme"), "shop"),
            ("git.example.com:acme/shop", Some("acme"), "shop"),
            (
                "https://git.example.com/acme/shop.git",
                Some("acme"),
                "shop",
            ),
            (
                "https://u:secret@git.example.com/acme/shop",
                Some("acme"),
                "shop",
            ),
            (
                "ssh://git@git.example.com:22/acme/shop/",
                Some("acme"),
                "shop",
            ),
            ("https://git.example.com/a/b/c/shop.git", Some("c"), "shop"),
            (
                "https://git.example.com/acme/big/_git/shop",
                Some("big"),
                "shop",
            ),
            ("https://git.example.com/shop.git", None, "shop"),
            (
                "https://git.example.com/acme/shop?token=x",
                Some("acme"),
                "shop",
            ),
            ("/srv/git/shop.git", None, "shop"),
            ("../shop", None, "shop"),
            ("file:///srv/git/shop.git", None, "shop"),
            ("C:\\src\\shop", None, "shop"),
            ("shop", None, "shop"),
        ] {
            assert_eq!(owner_and_name(address), Some((owner, name)), "{address}");
        }
        for address in [
            "",
            "/",
            "https://git.example.com",
            "https://git.example.com/",
            "host:",
        ] {
            assert_eq!(owner_and_name(address), None, "{address}");
        }
    }

    #[test]
    fn remotes() {
        let two = "[remote \"up\"]\n url = a\n[remote \"origin\"]\n url = b\n url = c\n";
        for (text, want) in [
            (two, Some("b")),
            (
                "[remote \"up\"]\n\turl=a\n[remote \"other\"]\nurl=b",
                Some("a"),
            ),
            (
                "[Remote \"origin\"]\r\n\tURL = \"a;b\" ; why\r\n",
                Some("a;b"),
            ),
            ("[remote \"origin\"]\nurl = a#b\n", Some("a")),
            ("[remote \"origin\"]\npushurl = a\n[core]\nurl = b\n", None),
            ("[remote \"origin\"\nurl = a\n", None),
            ("[url \"x\"]\nurl = a\n", None),
            ("[branch \"origin\"]\nremote = origin\n", None),
            ("\0\u{fffd}[", None),
            ("", None),
        ] {
            assert_eq!(remote(text).as_deref(), want, "{text:?}");
        }
    }

    #[test]
    fn answers() {
        let config = |address: &str| format!("[remote \"origin\"]\n\turl = {address}\n");
        for (address, want) in [
            (
                "git@git.example.com:Acme_Inc/Check.Out.git",
                &[
                    "name=check-out (.git/config)",
                    "team=acme-inc (.git/config)",
                ][..],
            ),
            // A person's or an odd name is no team; an odd repository leaves the folder's name.
            (
                "https://git.example.com/~me/shop.git",
                &["name=shop (.git/config)"],
            ),
            (
                "https://git.example.com/acme/\u{1b}[2J.git",
                &["name=folder (.)", "team=acme (.git/config)"],
            ),
        ] {
            let text = config(address);
            let files = [("folder/.git/config", text.as_str())];
            assert_eq!(found(&files, "folder"), want, "{address:?}");
        }
    }
}
