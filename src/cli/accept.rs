//! `--accept`: who is right where a person and a render both changed something.

use std::str::FromStr;

use super::{Session, Stop, wrong};
use crate::diag::Diagnostic;
use crate::files::RelPath;
use crate::project::{Conflict, Plan, Project, Side};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accept {
    side: Side,
    /// The file that it is about; all, where none is named.
    file: Option<String>,
    /// The field that it is about; all of the file's, where none is named.
    field: Option<String>,
}

impl FromStr for Accept {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A field has `=` in it too: `containers[name=app]`.
        let (place, word) = match text.rsplit_once('=') {
            Some((place, word)) => (Some(place), word),
            None => (None, text),
        };
        let side = match word {
            "ours" => Side::Ours,
            "theirs" => Side::Theirs,
            _ => return Err("write `ours` or `theirs`, or `FILE:FIELD=ours`".to_owned()),
        };
        let (file, field) = match place.map(|place| place.split_once(':')) {
            Some(Some((file, field))) => (Some(file), Some(field)),
            Some(None) => (place, None),
            None => (None, None),
        };
        Ok(Self {
            side,
            file: file.map(str::to_owned),
            field: field.map(str::to_owned),
        })
    }
}

impl Accept {
    fn is_about(&self, session: &Session<'_>, project: &Project, path: &RelPath) -> bool {
        // A shell completes `./deploy/...` as well.
        let plain = |file: &str| file.trim_start_matches("./").to_owned();
        self.file.as_ref().is_none_or(|file| {
            let file = plain(file);
            file == path.as_str() || file == plain(&session.shown(project, path.as_str()))
        })
    }
}

/// Settles what is decided, the narrowest decision first; one that decides nothing is a mistake.
pub(super) fn settle(
    session: &Session<'_>,
    project: &Project,
    plan: Plan,
    decisions: &[Accept],
) -> Result<Plan, Stop> {
    let narrow: Vec<&Accept> = decisions.iter().filter(|one| one.file.is_some()).collect();
    let wide = decisions.iter().rev().find(|one| one.file.is_none());
    for one in &narrow {
        let decides = |path: &RelPath, field: Option<String>| {
            let same = |want: &String| field.as_ref() == Some(want);
            one.is_about(session, project, path) && one.field.as_ref().is_none_or(same)
        };
        let mut open = plan.conflicts().chain(plan.in_the_way());
        let used = open.any(|change| {
            let mut fields = change.open.iter().map(|one| Some(one.path.to_string()));
            fields.any(|field| decides(&change.path, field))
                || (change.open.is_empty() && decides(&change.path, None))
        });
        if !used {
            let file = one.file.as_deref().unwrap_or_default();
            let field = one.field.as_ref().map(|field| format!(":{field}"));
            let what = format!(
                "there is no conflict at `{file}{}`",
                field.unwrap_or_default()
            );
            let mut one = Diagnostic::error(what).help("leave this `--accept` out");
            one.flag = Some("--accept".to_owned());
            return Err(wrong(one));
        }
    }
    let of_file = |path: &RelPath| {
        let mut of_file = narrow.iter().filter(|one| one.field.is_none());
        let found = of_file.find(|one| one.is_about(session, project, path));
        found.copied().or(wide).map(|one| one.side)
    };
    let of_field = |path: &RelPath, conflict: &Conflict| {
        let field = Some(conflict.path.to_string());
        let mut of_field = narrow.iter().filter(|one| one.field == field);
        let found = of_field.find(|one| one.is_about(session, project, path));
        found.map(|one| one.side).or_else(|| of_file(path))
    };
    Ok(plan.settle(&of_field).settle_whole(&of_file))
}
