//! Diagnostics as a person reads them, in the look of rustc.
//!
//! The excerpt given to the renderer is made harmless first, and only as long as the places need.

#[cfg(test)]
mod tests;

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin as Place, Renderer, Snippet,
};

use super::text::{excerpt, one_line};
use crate::diag::{Diagnostic, Label, Severity, Source, SourceId, SourceMap, Span};

/// How the words are to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With the colours of a terminal.
    pub color: bool,
    /// The columns there are.
    pub width: usize,
}

/// All of `diagnostics` for a person, with an empty line between any two.
pub fn human(diagnostics: &[Diagnostic], sources: &SourceMap, style: Style) -> String {
    let renderer = if style.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(style.width);
    let hidden = Hidden::of(diagnostics, sources);
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let text = renderer.render(&[group(diagnostic, sources, &hidden)]);
        if has_excerpt(diagnostic, sources, &hidden) {
            out.push_str(&text);
        } else {
            out.push_str(&closed_up(&text));
        }
        out.push('\n');
    }
    out
}

/// Whether any of its places is shown as lines.
fn has_excerpt(diagnostic: &Diagnostic, sources: &SourceMap, hidden: &Hidden) -> bool {
    let places: Vec<(SourceId, &Source, Range<usize>)> = diagnostic
        .primary
        .iter()
        .chain(&diagnostic.related)
        .filter_map(|label| {
            let source = sources.get(label.span.source)?;
            let range = clamped(&source.text, label.span.range());
            (source.origin.has_lines()).then_some((label.span.source, source, range))
        })
        .collect();
    places.iter().any(|(id, source, _)| {
        let here = places.iter().filter(|(other, ..)| other == id);
        !hidden.meets(
            *id,
            &whole_lines(&source.text, here.map(|(.., range)| range)),
        )
    })
}

/// Lines that may hold a secret value: no excerpt shows them, whatever it is about.
struct Hidden(Vec<(SourceId, Range<usize>)>);

impl Hidden {
    /// The lines of every concealed place.
    fn of(diagnostics: &[Diagnostic], sources: &SourceMap) -> Self {
        let concealed = diagnostics.iter().filter(|one| one.conceal);
        let labels = concealed.flat_map(|one| one.primary.iter().chain(&one.related));
        let lines = |label: &Label| {
            let text = &sources.get(label.span.source)?.text;
            // The whole value, not only its first line.
            let end = text.ceil_char_boundary(label.span.range().end.min(text.len()));
            let start = clamped(text, label.span.range()).start;
            Some((
                label.span.source,
                whole_lines(text, [&(start..end.max(start))]),
            ))
        };
        Self(labels.filter_map(lines).collect())
    }

    /// Whether any of them lies in `lines`, a range of whole lines.
    fn meets(&self, id: SourceId, lines: &Range<usize>) -> bool {
        self.0.iter().any(|(other, range)| {
            *other == id && range.start <= lines.end && lines.start <= range.end
        })
    }
}

/// From the start of the first line of `ranges` to the end of the last.
fn whole_lines<'r>(text: &str, ranges: impl IntoIterator<Item = &'r Range<usize>>) -> Range<usize> {
    let (mut first, mut last) = (text.len(), 0);
    for range in ranges {
        first = first.min(range.start);
        last = last.max(range.end);
    }
    let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    start..line_end(text, last.max(start))
}

/// The form without an excerpt: no rule in front of the notes, and the indentation of the others.
fn closed_up(text: &str) -> String {
    let mut lines = text.lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        if anstream::adapter::strip_str(line).to_string().trim() != "|" {
            out.push_str("\n ");
            out.push_str(line);
        }
    }
    out
}

/// A label in a text of this run.
struct Placed<'a> {
    label: &'a Label,
    source: &'a Source,
    primary: bool,
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap, hidden: &Hidden) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let place = |primary: bool, label: &'a Label| {
        sources.get(label.span.source).map(|source| Placed {
            label,
            source,
            primary,
        })
    };
    let labels = diagnostic.primary.iter().map(|label| place(true, label));
    let labels = labels.chain(diagnostic.related.iter().map(|label| place(false, label)));
    let (shown, told): (Vec<_>, Vec<_>) = labels
        .flatten()
        .partition(|placed| placed.source.origin.has_lines());

    let message = one_line(&diagnostic.message);
    let title = match told.first() {
        Some(Placed {
            primary: true,
            source,
            ..
        }) => {
            format!("{}: {message}", one_line(&source.origin.to_string()))
        }
        Some(_) | None => message.into_owned(),
    };
    let mut group = Group::with_title(level.primary_title(title));

    let mut seen: Vec<SourceId> = Vec::new();
    for Placed { label, source, .. } in &shown {
        if seen.contains(&label.span.source) {
            continue;
        }
        seen.push(label.span.source);
        let here = shown
            .iter()
            .filter(|other| other.label.span.source == label.span.source);
        let ranges: Vec<Range<usize>> = here
            .clone()
            .map(|placed| clamped(&source.text, placed.label.span.range()))
            .collect();
        let lines = whole_lines(&source.text, &ranges);
        if !hidden.meets(label.span.source, &lines) {
            group = group.element(snippet(source, here));
            continue;
        }
        for Placed { label, .. } in here {
            let start = clamped(&source.text, label.span.range()).start;
            let span = Span::new(label.span.source, start, start);
            let path = Place::path(one_line(&source.origin.to_string()).into_owned());
            group = group.element(match sources.line_column(span) {
                Some(at) => path.line(at.line).char_column(at.column),
                None => path,
            });
        }
    }
    if let (true, Some(file)) = (shown.is_empty(), &diagnostic.file) {
        group = group.element(Place::path(one_line(file)));
    }
    for Placed {
        label,
        source,
        primary,
    } in &told
    {
        let said = one_line(&label.text);
        match (said.is_empty(), primary) {
            (true, _) => {}
            (false, true) => group = group.element(Level::NOTE.message(said)),
            (false, false) => {
                let note = format!("{}: {said}", one_line(&source.origin.to_string()));
                group = group.element(Level::NOTE.message(note));
            }
        }
    }
    if let Some(note) = answers(diagnostic) {
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(one_line(help)));
    }
    group
}

/// The ways to give an answer that is missing, where neither message nor help names them.
fn answers(diagnostic: &Diagnostic) -> Option<String> {
    let said = |word: &&String| {
        let quoted = format!("`{word}`");
        let help = diagnostic.help.as_deref().unwrap_or_default();
        diagnostic.message.contains(word.as_str()) && word.starts_with('-')
            || diagnostic.message.contains(&quoted)
            || help.contains(word.as_str()) && word.starts_with('-')
            || help.contains(&quoted)
    };
    if diagnostic.primary.is_some() || (diagnostic.flag.is_none() && diagnostic.variable.is_none())
    {
        return None;
    }
    let way = |kind: &str, word: &Option<String>| {
        let word = word.as_ref().filter(|word| !said(word))?;
        Some(format!("{kind} `{}`", one_line(word)))
    };
    let ways: Vec<String> = [
        way("the flag", &diagnostic.flag),
        way("the key", &diagnostic.key),
        way("the variable", &diagnostic.variable),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (last, rest) = ways.split_last()?;
    let rest = rest.join(", ");
    Some(if rest.is_empty() {
        format!("{last} answers it")
    } else {
        format!("{rest} or {last} answers it")
    })
}

/// The lines of `source` from its first to its last label.
fn snippet<'a, 'b: 'a>(
    source: &'b Source,
    labels: impl Iterator<Item = &'a Placed<'b>>,
) -> Snippet<'b, Annotation<'b>> {
    let text = &source.text;
    let placed: Vec<(&Placed<'b>, Range<usize>)> = labels
        .map(|placed| (placed, clamped(text, placed.label.span.range())))
        .collect();
    let Range { start, end } = whole_lines(text, placed.iter().map(|(_, range)| range));
    let offset = |at: usize| excerpt(&text[start..at]).len();
    let annotations = placed.iter().map(|(placed, range)| {
        let kind = if placed.primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(offset(range.start)..offset(range.end));
        match placed.label.text.as_str() {
            "" => annotation,
            said => annotation.label(one_line(said)),
        }
    });
    let mut lines = excerpt(&text[start..end]);
    if lines.ends_with('\n') {
        // The renderer knows an empty last line only by something in it.
        lines.push(' ');
    }
    Snippet::source(lines)
        .path(one_line(&source.origin.to_string()).into_owned())
        .line_start(text[..start].matches('\n').count() + 1)
        .annotations(annotations)
}

/// `range` cut to `text`, to whole characters and to its first line.
pub(super) fn clamped(text: &str, range: Range<usize>) -> Range<usize> {
    let mut start = text.floor_char_boundary(range.start);
    if text[..start].ends_with('\r') && text[start..].starts_with('\n') {
        start -= 1;
    }
    let end = text.ceil_char_boundary(range.end.min(text.len()));
    start..end.min(line_end(text, start)).max(start)
}

/// Where the line that `at` lies in ends, its line end not included.
fn line_end(text: &str, at: usize) -> usize {
    let Some(end) = text[at..].find('\n').map(|found| at + found) else {
        return text.len();
    };
    if text[at..end].ends_with('\r') {
        end - 1
    } else {
        end
    }
}
