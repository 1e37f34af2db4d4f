//! Merge by line, for files that are not YAML. Never a conflict marker in the result.

use std::ops::Range;

use similar::{Algorithm, MergeResolution, TextMergeConfig};

use super::conflict::Lines;
use super::{Conflict, Decide, Side, Texts, Why};
use crate::yaml::FieldPath;

/// Merges lines; `theirs` and `base` have the line ends of `ours`.
pub(super) fn merge(texts: Texts<'_>, decide: Decide<'_>) -> Result<String, Vec<Conflict>> {
    let mut config = TextMergeConfig::default();
    config.algorithm(Algorithm::Histogram);
    let merged = config.merge_lines(texts.base, texts.ours, texts.theirs);
    let places = Lines::of(texts.ours);
    let join = |range: Range<usize>, line: &dyn Fn(usize) -> Option<String>| -> String {
        range.filter_map(line).collect()
    };
    let base = |range| join(range, &|at| merged.base_line(at).map(str::to_owned));
    let ours = |range| join(range, &|at| merged.ours_line(at).map(str::to_owned));
    let theirs = |range| join(range, &|at| merged.theirs_line(at).map(str::to_owned));
    let mut out = String::with_capacity(texts.ours.len());
    let mut conflicts = Vec::new();
    for region in merged.regions() {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "it may grow: then ours is the safe side"
        )]
        let side = match region.resolution() {
            MergeResolution::Theirs => Side::Theirs,
            MergeResolution::Conflict => {
                let range = region.ours_range();
                let place = places.start(range.start)..places.start(range.end);
                let (line, column) = places.place(place.start);
                let value = |text: String| (!text.is_empty()).then(|| text.trim_end().to_owned());
                let conflict = Conflict {
                    object: None,
                    path: FieldPath::default(),
                    base: value(base(region.base_range())),
                    ours: value(ours(range)),
                    theirs: value(theirs(region.theirs_range())),
                    why: Why::BothChanged,
                    place,
                    line,
                    column,
                };
                decide(&conflict).unwrap_or_else(|| {
                    conflicts.push(conflict);
                    Side::Ours
                })
            }
            _ => Side::Ours,
        };
        out.push_str(&match side {
            Side::Ours => ours(region.ours_range()),
            Side::Theirs => theirs(region.theirs_range()),
        });
    }
    if conflicts.is_empty() {
        Ok(out)
    } else {
        Err(conflicts)
    }
}
