//! Names of places in a document: `replicas.max`, `secrets[1].mount`, `labels["a.b/c"]`.

use std::fmt;

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into a map.
    Key(String),
    /// Into a list, from 0.
    Index(usize),
    /// Into a list whose items have keys: `name=app`, `port=80,protocol=TCP`.
    Item(String),
}

/// A place in a document, from its top.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(pub Vec<Step>);

impl FieldPath {
    /// Reads `a.b`, `a[0]`, `a["b.c"]`; says what is wrong otherwise.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            if let Some(inner) = rest.strip_prefix("[\"") {
                let (key, after) = inner
                    .split_once("\"]")
                    .ok_or("a `[\"` is not closed by `\"]`")?;
                steps.push(Step::Key(key.to_owned()));
                rest = after;
            } else if let Some(inner) = rest.strip_prefix('[') {
                let (index, after) = inner.split_once(']').ok_or("a `[` is not closed by `]`")?;
                steps.push(match index.parse() {
                    Ok(index) => Step::Index(index),
                    Err(_) if index.contains('=') => Step::Item(index.to_owned()),
                    Err(_) => return Err("between `[` and `]` stands a number"),
                });
                rest = after;
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (key, after) = rest.split_at(end);
                if key.is_empty() {
                    return Err("a part of it is empty");
                }
                steps.push(Step::Key(key.to_owned()));
                rest = after;
            }
            if rest.is_empty() {
                return Ok(Self(steps));
            }
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() || after.starts_with(['.', '[']) {
                    return Err("a part of it is empty");
                }
                rest = after;
            } else if !rest.starts_with('[') {
                return Err("after a `]` comes a `.` or a `[`");
            }
        }
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Key(key.into()));
        Self(steps)
    }

    /// This path and one item more: `name=app`.
    #[must_use]
    pub fn item(&self, keys: impl Into<String>) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Item(keys.into()));
        Self(steps)
    }

    /// This path and one index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Self(steps)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Item(keys) => write!(f, "[{keys}]")?,
                Step::Key(key) if key.is_empty() || key.contains(['.', '[', ']', '"', ' ']) => {
                    write!(f, "[\"{key}\"]")?;
                }
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::FieldPath;

    #[test]
    fn paths_read_as_they_are_written() {
        for text in [
            "team",
            "replicas.max",
            "secrets[1].mount",
            "labels[\"a.b/c\"]",
            "a[0][1].b",
            "containers[name=app].ports[containerPort=80,protocol=TCP]",
        ] {
            assert_eq!(FieldPath::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "", ".", "a.", "a..b", "a[", "a[x]", "a[0", "a[\"b", "a[0]b", ".a",
        ] {
            assert!(FieldPath::parse(bad).is_err(), "{bad:?}");
        }
    }
}
