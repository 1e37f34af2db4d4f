//! The three-way rule for one file: base is the last render, ours the disk, theirs the new render.
//!
//! Pure; touches no disk. Where both sides changed a file, `merge` brings them together or says why not.

use std::borrow::Cow;

use super::{Action, Change};
use crate::files::RelPath;
use crate::merge::{self, Manner, Texts};

/// What the three texts of one file are to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sides {
    /// The user has left the file as it was last rendered.
    pub(super) untouched: bool,
    /// The new render brings nothing.
    pub(super) settled: bool,
    /// The disk already has the new render.
    pub(super) same: bool,
}

impl Sides {
    /// Compares them; a `base` or `theirs` that is not there equals nothing.
    pub(super) fn of(base: Option<&str>, ours: &str, theirs: Option<&str>) -> Self {
        let is = |text: &str| with_line_ends_of(ours, text) == ours;
        Self {
            untouched: base.is_some_and(is),
            settled: base.is_some() && base == theirs,
            same: theirs.is_some_and(is),
        }
    }
}

/// `text` with the line ends of `ours`: a file that is CRLF all through stays so.
fn with_line_ends_of<'a>(ours: &str, text: &'a str) -> Cow<'a, str> {
    let crlf = ours.matches("\r\n").count();
    if crlf == 0 || crlf != ours.matches('\n').count() || text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\n', "\r\n"))
}

/// The three-way rule for one file; `None` when there is nothing to say about it.
pub(super) fn decide(
    path: &RelPath,
    base: Option<&str>,
    ours: Option<String>,
    theirs: Option<&str>,
) -> Option<Change> {
    let change = |action, before: Option<String>, after, why| {
        Some(Change {
            why,
            ..Change::new(path.clone(), action, before, after)
        })
    };
    let Some(ours) = ours else {
        let theirs = theirs?;
        return if base.is_none() {
            change(Action::New, None, Some(theirs.to_owned()), None)
        } else {
            change(Action::Kept, None, None, Some("you deleted or moved it"))
        };
    };
    let sides = Sides::of(base, &ours, theirs);
    let Some(theirs) = theirs else {
        return if sides.untouched {
            change(
                Action::Removed,
                Some(ours),
                None,
                Some("no longer rendered"),
            )
        } else {
            let after = Some(ours.clone());
            change(
                Action::Kept,
                Some(ours),
                after,
                Some("edited by you, no longer rendered"),
            )
        };
    };
    let wanted = with_line_ends_of(&ours, theirs).into_owned();
    if sides.same {
        return change(Action::Same, Some(ours), Some(wanted), None);
    }
    match base {
        None => change(
            Action::InTheWay,
            Some(ours),
            Some(wanted),
            Some("a file that prodgen did not write"),
        ),
        Some(_) if sides.untouched => change(Action::Updated, Some(ours), Some(wanted), None),
        Some(_) if sides.settled => {
            let after = Some(ours.clone());
            change(
                Action::Kept,
                Some(ours),
                after,
                Some("edited by you, nothing new to bring"),
            )
        }
        Some(base) => {
            let texts = Texts {
                base,
                ours: &ours,
                theirs,
            };
            match merge::merge(Manner::of(path.as_str()), texts, &merge::undecided) {
                Ok(text) if text == ours => change(
                    Action::Kept,
                    Some(ours),
                    Some(text),
                    Some("edited by you, with all that is new"),
                ),
                Ok(text) => change(
                    Action::Merged,
                    Some(ours),
                    Some(text),
                    Some("what is new, with your edits"),
                ),
                Err(open) => change(
                    Action::Conflict,
                    Some(ours),
                    Some(wanted),
                    Some("edited by you and changed by this render"),
                )
                .map(|change| Change {
                    base: Some(base.to_owned()),
                    open,
                    ..change
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Plan, Side};

    fn one(base: Option<&str>, ours: Option<&str>, theirs: Option<&str>) -> Option<Change> {
        decide(
            &RelPath::new("a").unwrap(),
            base,
            ours.map(str::to_owned),
            theirs,
        )
    }

    #[test]
    fn the_three_way_rule() {
        let (b, o, t) = (Some("b"), Some("o"), Some("t"));
        // base, ours, theirs, action, text afterwards
        let table = [
            (None, None, t, Action::New, t),
            (b, None, t, Action::Kept, None),
            (b, t, t, Action::Same, t),
            (None, t, t, Action::Same, t),
            (b, b, b, Action::Same, b),
            (b, b, t, Action::Updated, t),
            (b, o, b, Action::Kept, o),
            (b, o, t, Action::Conflict, t),
            (None, o, t, Action::InTheWay, t),
            (b, b, None, Action::Removed, None),
            (b, o, None, Action::Kept, o),
        ];
        for (base, ours, theirs, action, after) in table {
            let change = one(base, ours, theirs).unwrap();
            assert_eq!(change.action, action, "{base:?} {ours:?} {theirs:?}");
            assert_eq!(
                change.after.as_deref(),
                after,
                "{base:?} {ours:?} {theirs:?}"
            );
            assert_eq!(change.before.as_deref(), ours);
        }
        assert_eq!(one(b, None, None), None);
    }

    #[test]
    fn edits_of_both_sides_go_together_or_are_named() {
        let decided = |ours: &str, theirs: &str| {
            let path = RelPath::new("a.yaml").unwrap();
            decide(
                &path,
                Some("a: 1\nb: 1\n"),
                Some(ours.to_owned()),
                Some(theirs),
            )
            .unwrap()
        };
        let change = decided("a: 2 # mine\nb: 1\n", "a: 1\nb: 2\n");
        assert_eq!(change.action, Action::Merged);
        assert_eq!(change.after.as_deref(), Some("a: 2 # mine\nb: 2\n"));
        let change = decided("a: 2 # mine\nb: 1\n", "a: 2\nb: 1\n");
        assert_eq!((change.action, change.is_work()), (Action::Kept, false));
        let change = decided("a: 2\nb: 2\n", "a: 3\nb: 3\n");
        assert_eq!((change.action, change.open.len()), (Action::Conflict, 2));
    }

    #[test]
    fn a_place_that_cannot_be_edited_takes_no_other_edit_with_it() {
        let path = RelPath::new("a.yaml").unwrap();
        let ours = "a: &x 2\nb: 2 # mine\n".to_owned();
        let change = decide(
            &path,
            Some("a: 1\nb: 1\n"),
            Some(ours),
            Some("a: 3\nb: 1\n"),
        );
        let plan = Plan {
            changes: change.into_iter().collect(),
            records: Vec::new(),
            back: None,
            moves: Vec::new(),
        };
        let theirs = plan.clone().accept(Side::Theirs);
        assert_eq!(theirs.changes[0].action, Action::Conflict);
        assert_eq!(theirs.changes[0].open[0].why, merge::Why::Anchor);
        let kept = plan.accept(Side::Ours);
        assert_eq!(
            (kept.changes[0].action, kept.is_clean()),
            (Action::Kept, true)
        );
    }

    #[test]
    fn a_crlf_file_stays_crlf() {
        let change = one(Some("a\nb\n"), Some("a\r\nb\r\n"), Some("a\nc\n")).unwrap();
        assert_eq!(change.action, Action::Updated);
        assert_eq!(change.after.as_deref(), Some("a\r\nc\r\n"));
        let change = one(Some("a\nb\n"), Some("a\r\nb\r\n"), Some("a\nb\n")).unwrap();
        assert_eq!((change.action, change.is_work()), (Action::Same, false));
        let change = one(Some("a\nb\n"), Some("a\r\nb\n"), Some("a\nb\n")).unwrap();
        assert_eq!(change.action, Action::Kept, "mixed line ends are an edit");
    }
}
