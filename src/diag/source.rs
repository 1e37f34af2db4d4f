//! Where words came from: every text that prodgen reads, and places in it.

use std::fmt;

/// Names one text in a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The text that prodgen itself made: a rendered document that nobody has read from anywhere.
    pub const RENDERED: Self = Self(u32::MAX);
}

/// A range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text it lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A range in `source`; positions beyond 4 GiB are refused long before (see `yaml::parse`).
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            source,
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The same range as a `usize` range.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Who said it: decides how a diagnostic names its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file, by the path that the user would type.
    File(String),
    /// Standard input.
    Stdin,
    /// A flag of the command line, with its dashes: `--image`, or `--set replicas.max`.
    Flag(String),
    /// A variable of the environment: `PRODGEN_IMAGE`.
    Variable(String),
    /// A preset, by name.
    Preset(String),
    /// An answer typed at a prompt, by the key it answers.
    Prompt(String),
    /// Something found in the repository: the path of the file that says so.
    Found(String),
    /// A text that prodgen rendered, by the path it would get.
    Rendered(String),
}

impl Origin {
    /// Whether lines and columns mean something to the reader.
    pub fn has_lines(&self) -> bool {
        match self {
            Self::File(_) | Self::Stdin | Self::Preset(_) | Self::Rendered(_) => true,
            Self::Flag(_) | Self::Variable(_) | Self::Prompt(_) | Self::Found(_) => false,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Rendered(path) | Self::Found(path) => f.write_str(path),
            Self::Stdin => f.write_str("<stdin>"),
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::Prompt(key) => write!(f, "answer {key}"),
        }
    }
}

/// One text and where it came from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Who said it.
    pub origin: Origin,
    /// What was said, whole.
    pub text: String,
}

/// A place as people count: both start at 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Every text of one run.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Takes a text in and returns its name.
    pub fn add(&mut self, origin: Origin, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX - 1));
        self.sources.push(Source {
            origin,
            text: text.into(),
        });
        id
    }

    /// The source of that name, if this map made it.
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// The line and column where `span` starts.
    pub fn line_column(&self, span: Span) -> Option<LineColumn> {
        let text = &self.get(span.source)?.text;
        let before = text.get(..(span.start as usize).min(text.len()))?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Some(LineColumn {
            line: before.matches('\n').count() + 1,
            column: before
                .get(line_start..)?
                .chars()
                .filter(|c| *c != '\u{feff}')
                .count()
                + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let mut map = SourceMap::default();
        let id = map.add(Origin::Stdin, "a: ü\nbé: x\n");
        let at = map.line_column(Span::new(id, 11, 12)).unwrap();
        assert_eq!(at, LineColumn { line: 2, column: 5 });
    }
}
