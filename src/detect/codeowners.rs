//! `CODEOWNERS`: the team that owns the service's folder. A person or an address is no team, and
//! rules below a `[section]` are left aside.

use super::place::Place;
use super::{Repository, team};

/// Where a forge looks for the file; the first that is there counts.
const FILES: &[&str] = &[
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// The team of the last rule that covers the service.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let Some((text, file)) = FILES.iter().find_map(|path| place.above(path)) else {
        return;
    };
    let owner = place.way().and_then(|way| owner(&text, &way));
    if let Some(found) = owner.and_then(|owner| team(owner, &file)) {
        repository.add(found);
    }
}

/// The first `@organisation/team` of the last rule that covers the folder at the end of `way`.
fn owner<'a>(text: &'a str, way: &[&str]) -> Option<&'a str> {
    let rule = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with(['[', '^']))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(halves)
        .filter(|(pattern, _)| covers(pattern, way))
        .last();
    let (_, owners) = rule?;
    owners
        .split_whitespace()
        .take_while(|word| !word.starts_with('#'))
        .find_map(|word| word.strip_prefix('@')?.rsplit_once('/'))
        .map(|(_, team)| team)
}

/// A rule's pattern, unescaped, and the rest.
fn halves(line: &str) -> (String, &str) {
    let mut pattern = String::new();
    let mut escaped = false;
    for (place, c) in line.char_indices() {
        match c {
            _ if escaped => {
                pattern.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            _ if c.is_whitespace() => return (pattern, &line[place..]),
            _ => pattern.push(c),
        }
    }
    (pattern, "")
}

/// Whether a pattern covers any file that might come to the folder at the end of `way`.
///
/// Of such a file nothing is known: it has no name, and of the signs only `*` matches that.
fn covers(pattern: &str, way: &[&str]) -> bool {
    let folder = pattern.ends_with('/');
    let anchored = pattern.trim_end_matches('/').contains('/');
    let mut parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    // `folder/*` means the files of that folder, and no folder in it.
    let shallow = anchored && !folder && parts.last() == Some(&"*");
    if parts.is_empty() {
        return false;
    }
    if !anchored {
        parts.insert(0, "**");
    }
    let file: Vec<&str> = way.iter().copied().chain([""]).collect();
    let reached = reach(&parts, &file);
    let above = reached.iter().skip(1).take(way.len());
    (!folder && reached.ends_with(&[true])) || (!shallow && above.copied().any(|it| it))
}

/// Whether a pattern matches the first 0, 1, 2 … parts of a path.
fn reach(pattern: &[&str], path: &[&str]) -> Vec<bool> {
    let mut reached = start(path.len());
    for part in pattern {
        if *part == "**" {
            spread(&mut reached);
        } else {
            advance(&mut reached, path.iter(), |name| matches(part, name));
        }
        if !reached.contains(&true) {
            break;
        }
    }
    reached
}

/// Whether a pattern with `*` and `?` matches one part of a path.
fn matches(pattern: &str, part: &str) -> bool {
    let mut reached = start(part.chars().count());
    for sign in pattern.chars() {
        match sign {
            '*' => spread(&mut reached),
            '?' => advance(&mut reached, part.chars(), |_| true),
            _ => advance(&mut reached, part.chars(), |c| c == sign),
        }
        if !reached.contains(&true) {
            break;
        }
    }
    reached.ends_with(&[true])
}

/// A pattern of which nothing is read matches nothing of `length` things.
fn start(length: usize) -> Vec<bool> {
    let mut reached = vec![false; length + 1];
    reached[0] = true;
    reached
}

/// Any number of things may follow.
fn spread(reached: &mut [bool]) {
    let mut any = false;
    for here in reached {
        any |= *here;
        *here = any;
    }
}

/// One more thing follows, one that is `good`.
fn advance<T>(reached: &mut [bool], things: impl Iterator<Item = T>, good: impl Fn(T) -> bool) {
    let mut before = false;
    let all = std::iter::once(None).chain(things.map(Some));
    for (here, thing) in reached.iter_mut().zip(all) {
        let matched = before && thing.is_some_and(&good);
        before = std::mem::replace(here, matched);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn patterns() {
        let way = ["services", "checkout"];
        for (pattern, top, below) in [
            ("*", true, true),
            ("**", true, true),
            ("/*", true, false),
            ("/**", true, true),
            ("/", false, false),
            ("*.rs", false, false),
            ("?", false, false),
            ("services", false, true),
            ("/services", false, true),
            ("services/", false, true),
            ("/services/", false, true),
            ("/services/*", false, false),
            ("/services/*/", false, true),
            ("services/**", false, true),
            ("/services/checkout", false, true),
            ("services/checkout/", false, true),
            ("services/checkout/*", false, true),
            ("services/checkout/*.md", false, false),
            ("checkout", false, true),
            ("/checkout", false, false),
            ("checkout/", false, true),
            ("**/checkout", false, true),
            ("**/checkout/**", false, true),
            ("/ser*/ch?ckout/", false, true),
            ("/ser*/ch?kout/", false, false),
            ("services/ledger/", false, false),
            ("src/services", false, false),
        ] {
            assert_eq!(covers(pattern, &[]), top, "{pattern}");
            assert_eq!(covers(pattern, &way), below, "{pattern}");
        }
    }

    #[test]
    fn hostile_patterns_end() {
        let name = "a".repeat(200);
        let way = [name.as_str(); 8];
        assert!(!covers(&"*a".repeat(100_000), &way));
        assert!(!covers(&"**/*b/".repeat(100_000), &way));
    }

    #[test]
    fn owners() {
        for (text, want) in [
            ("* @acme/payments", Some("payments")),
            ("*\t@acme/payments @acme/other # why", Some("payments")),
            (
                "* @alice owner@example.com @acme/payments",
                Some("payments"),
            ),
            ("* @acme/a\n* @acme/b\n*.rs @acme/c\n", Some("b")),
            ("\u{feff}# x\r\n\r\n* @acme/a\r\n", Some("a")),
            ("* @acme/group/payments", Some("payments")),
            (
                "* @acme/a\n/services/checkout/ @acme/b\n/services/ledger @acme/c",
                Some("b"),
            ),
            ("* @acme/a\n/ser\\vices/ @acme/b", Some("b")),
            ("* @acme/a\n\n[Docs] @acme/b\n* @acme/c\n", Some("a")),
            ("^[Docs]\n* @acme/c\n", None),
            // The last rule decides, whoever it names.
            ("* @acme/a\n/services/ @alice", None),
            ("* @acme/a\n/services/", None),
            ("* # @acme/a", None),
            ("* acme/a", None),
            ("@acme/a", None),
            ("\0\u{fffd}\n@\n*\n* @\n", None),
            ("", None),
        ] {
            assert_eq!(owner(text, &["services", "checkout"]), want, "{text:?}");
        }
    }

    #[test]
    fn answers() {
        let github = (".github/CODEOWNERS", "* @acme/First_Team\n");
        let root = ("CODEOWNERS", "* @acme/second\n");
        let docs = ("docs/CODEOWNERS", "* @acme/\u{1b}[31m\n");
        for (files, want) in [
            (
                &[github, root, docs][..],
                &["team=first-team (.github/CODEOWNERS)"][..],
            ),
            (&[docs, root], &["team=second (CODEOWNERS)"]),
            (&[docs], &[]),
        ] {
            let found = found(files, ".");
            assert_eq!(found[found.len() - want.len()..], *want);
            assert_eq!(
                found.iter().filter(|it| it.starts_with("team")).count(),
                want.len()
            );
        }
    }
}
