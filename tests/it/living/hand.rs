//! A person's hand in a YAML file: edits of every kind, each line by line, as an editor makes them.
//!
//! Whatever it writes carries a mark of its own, so that it can be looked for afterwards.

use serde_json::Value;

use crate::injection::hostile::Dice;

use super::leaves::{documents, is_plain_map};

/// A hand, and how often it has written.
#[derive(Debug)]
pub(super) struct Hand {
    pub(super) dice: Dice,
    marks: usize,
}

type Lines = Vec<String>;

/// What a hand does to the lines of a file, and whether the file says the same afterwards.
type Move = (&'static str, fn(&mut Hand, &mut Lines) -> Option<()>, bool);

/// Every kind of edit within a file.
const MOVES: &[Move] = &[
    ("change a value", Hand::change, false),
    ("change what moves", Hand::change_moving, false),
    ("change what moves", Hand::change_moving, false),
    ("comment at what moves", Hand::comment_moving, true),
    ("comment above", Hand::comment_above, true),
    ("comment right", Hand::comment_right, true),
    ("change a comment", Hand::change_comment, true),
    ("delete a comment", Hand::delete_comment, true),
    ("add a key", Hand::add_key, false),
    ("add a label", Hand::add_label, false),
    ("delete an entry", Hand::delete_entry, false),
    ("add a list item", Hand::add_item, false),
    ("delete a list item", Hand::delete_item, false),
    ("swap two entries", Hand::swap, false),
    ("requote", Hand::requote, true),
    ("blank line", Hand::blank, true),
    ("one line", Hand::flow, false),
    ("indent a list", Hand::indent_list, true),
    ("anchor", Hand::anchor, true),
    ("document behind", Hand::document, false),
];

/// Words of lines that commands change.
const MOVING: &[&str] = &[
    "image:",
    "/version:",
    "/team:",
    "/owner:",
    "memory:",
    "cpu:",
    "Replicas:",
    "replicas:",
    "ort:",
    "LOG_LEVEL",
    "value:",
    "race",
    "path:",
    "example.com/tier",
    "runAs",
    "sleep",
    "args:",
    "command:",
];

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_words(line: &str) -> bool {
    let words = line.trim_start();
    !words.is_empty() && !words.starts_with('#')
}

/// The key and what follows it on its line, dash and indentation before them.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    let start = indent(line);
    let rest = &line[start..];
    let dashes = rest.len() - rest.trim_start_matches("- ").len();
    let (before, rest) = line.split_at(start + dashes);
    let (key, value) = match rest.split_once(": ") {
        Some((key, value)) => (key, value),
        None => (rest.strip_suffix(':')?, ""),
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    (!key.is_empty() && key.chars().all(legal)).then_some((before, key, value))
}

/// The line after an entry that starts at `at`, comments and blanks below it not counted.
fn end(lines: &[String], at: usize) -> usize {
    let own = indent(&lines[at]);
    let is_item = lines[at].trim_start().starts_with("- ");
    let mut end = at + 1;
    for (number, line) in lines.iter().enumerate().skip(at + 1) {
        if !is_words(line) {
            continue;
        }
        let is_below = indent(line) > own
            || (indent(line) == own && !is_item && line.trim_start().starts_with("- "));
        if !is_below {
            break;
        }
        end = number + 1;
    }
    end
}

impl Hand {
    pub(super) fn new(salt: u64) -> Self {
        Self {
            dice: Dice::new(salt),
            marks: 0,
        }
    }

    /// A word that stands nowhere else.
    pub(super) fn mark(&mut self) -> String {
        self.marks += 1;
        format!("mine-{}x", self.marks)
    }

    /// One of the numbers for which `fits`.
    fn one_of(&mut self, count: usize, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let all: Vec<usize> = (0..count).filter(|at| fits(*at)).collect();
        (!all.is_empty()).then(|| all[self.dice.below(all.len())])
    }

    /// Edits a YAML file once: what was done, and the text; nothing where the edit went wrong.
    pub(super) fn edit(&mut self, text: &str) -> Option<(&'static str, String)> {
        let (name, with, same) = self.dice.pick(MOVES);
        let crlf = text.contains("\r\n");
        let plain = text.replace("\r\n", "\n");
        let was = documents(&plain)?;
        let ended = plain.ends_with('\n');
        let mut lines: Lines = plain.lines().map(str::to_owned).collect();
        with(self, &mut lines)?;
        let mut text = lines.join("\n");
        if ended {
            text.push('\n');
        }
        let is = documents(&text)?;
        let good = if same { was == is } else { was != is };
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        good.then_some((name, text))
    }

    fn change(&mut self, lines: &mut Lines) -> Option<()> {
        self.change_where(lines, |_| true)
    }

    /// A value that a command may well change too.
    fn change_moving(&mut self, lines: &mut Lines) -> Option<()> {
        self.change_where(lines, |line| MOVING.iter().any(|word| line.contains(word)))
    }

    fn comment_moving(&mut self, lines: &mut Lines) -> Option<()> {
        let moves = |at: usize| MOVING.iter().any(|word| lines[at].contains(word));
        let at = self.one_of(lines.len(), moves)?;
        let mark = self.mark();
        let shift = " ".repeat(indent(&lines[at]));
        match self.dice.below(2) {
            0 => lines[at] = format!("{} # {mark}", lines[at]),
            _ => lines.insert(at, format!("{shift}# {mark}")),
        }
        Some(())
    }

    fn change_where(&mut self, lines: &mut Lines, fits: impl Fn(&str) -> bool) -> Option<()> {
        let is_scalar = |at: usize| {
            split(&lines[at]).is_some_and(|(_, key, value)| {
                !value.is_empty()
                    && !value.starts_with(['|', '>', '&', '*', '!', '{', '[', '#'])
                    && !["apiVersion", "kind"].contains(&key)
                    && fits(&lines[at])
            })
        };
        let at = self.one_of(lines.len(), is_scalar)?;
        let (before, key, value) = split(&lines[at])?;
        let (value, comment) = match value.split_once(" #") {
            Some((value, comment)) => (value.trim_end(), format!(" #{comment}")),
            None => (value, String::new()),
        };
        let new = match value {
            "true" => "false".to_owned(),
            "false" => "true".to_owned(),
            _ => match value.parse::<u32>() {
                Ok(number) => (number + 1 + u32::try_from(self.dice.below(9)).unwrap()).to_string(),
                Err(_) if value.starts_with('"') => format!("\"{}\"", self.mark()),
                Err(_) => self.mark(),
            },
        };
        lines[at] = format!("{before}{key}: {new}{comment}");
        Some(())
    }

    fn comment_above(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len() + 1, |_| true)?;
        let shift = lines.get(at).map_or(0, |line| indent(line));
        let mark = self.mark();
        lines.insert(at, format!("{}# {mark}", " ".repeat(shift)));
        Some(())
    }

    fn comment_right(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len(), |at| is_words(&lines[at]))?;
        let mark = self.mark();
        lines[at] = format!("{}  # {mark}", lines[at]);
        Some(())
    }

    fn change_comment(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len(), |at| lines[at].trim_start().starts_with('#'))?;
        let mark = self.mark();
        lines[at] = format!("{}# {mark}", " ".repeat(indent(&lines[at])));
        Some(())
    }

    fn delete_comment(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len(), |at| lines[at].trim_start().starts_with('#'))?;
        lines.remove(at);
        Some(())
    }

    fn add_key(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len(), |at| split(&lines[at]).is_some())?;
        let (before, ..) = split(&lines[at])?;
        let shift = before.len();
        let mark = self.mark();
        let end = end(lines, at).max(at + 1);
        let end = if before.contains('-') { at + 1 } else { end };
        lines.insert(end, format!("{}{mark}: {mark}", " ".repeat(shift)));
        Some(())
    }

    fn add_label(&mut self, lines: &mut Lines) -> Option<()> {
        let maps = ["labels:", "annotations:", "data:"];
        let at = self.one_of(lines.len(), |at| maps.contains(&lines[at].trim()))?;
        let shift = indent(&lines[at]) + 2;
        let mark = self.mark();
        let end = end(lines, at);
        let at = at + 1 + self.dice.below(end - at);
        let shift = " ".repeat(shift);
        lines.insert(at, format!("{shift}example.com/{mark}: \"{mark}\""));
        if self.dice.below(2) == 0 {
            let mark = self.mark();
            lines.insert(at, format!("{shift}# {mark}"));
        }
        Some(())
    }

    fn delete_entry(&mut self, lines: &mut Lines) -> Option<()> {
        let keep = ["apiVersion", "kind", "metadata", "spec"];
        let fits = |at: usize| {
            split(&lines[at])
                .is_some_and(|(before, key, _)| !before.contains('-') && !keep.contains(&key))
        };
        let at = self.one_of(lines.len(), fits)?;
        let end = end(lines, at);
        lines.drain(at..end);
        Some(())
    }

    fn add_item(&mut self, lines: &mut Lines) -> Option<()> {
        let fits = |at: usize| lines[at].trim_start().starts_with("- ");
        let at = self.one_of(lines.len(), fits)?;
        let shift = " ".repeat(indent(&lines[at]));
        let mark = self.mark();
        let item = match split(&lines[at]) {
            Some((_, "name", _)) => format!("{shift}- name: {mark}"),
            Some((_, key, value)) if value.parse::<u32>().is_ok() => {
                format!("{shift}- {key}: {}", 20_000 + self.marks)
            }
            Some((_, key, _)) => format!("{shift}- {key}: {mark}"),
            None => format!("{shift}- {mark}"),
        };
        let end = end(lines, at);
        let at = if self.dice.below(2) == 0 { at } else { end };
        lines.insert(at, item);
        Some(())
    }

    fn delete_item(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len(), |at| lines[at].trim_start().starts_with("- "))?;
        let end = end(lines, at);
        lines.drain(at..end);
        Some(())
    }

    /// Two neighbours change places, the comments above the second one with it.
    fn swap(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len(), |at| is_words(&lines[at]))?;
        let middle = end(lines, at);
        let next = (middle..lines.len()).find(|next| is_words(&lines[*next]))?;
        if indent(&lines[next]) != indent(&lines[at]) {
            return None;
        }
        let end = end(lines, next);
        lines[at..end].rotate_left(middle - at);
        Some(())
    }

    fn requote(&mut self, lines: &mut Lines) -> Option<()> {
        let is_text = |at: usize| {
            split(&lines[at]).is_some_and(|(_, _, value)| {
                let plain = value.trim_matches('"');
                !plain.is_empty() && !plain.contains(['\'', '"', '\\', '#', '{', '['])
            })
        };
        let at = self.one_of(lines.len(), is_text)?;
        let (before, key, value) = split(&lines[at])?;
        let plain = value.trim_matches('"');
        let quote = self.dice.pick(&["\"", "'", ""]);
        lines[at] = format!("{before}{key}: {quote}{plain}{quote}");
        Some(())
    }

    fn blank(&mut self, lines: &mut Lines) -> Option<()> {
        let at = self.one_of(lines.len() + 1, |_| true)?;
        lines.insert(at, String::new());
        Some(())
    }

    /// A block of plain values on one line. What it says stays; a mark is added to be sure.
    fn flow(&mut self, lines: &mut Lines) -> Option<()> {
        let fits = |at: usize| {
            split(&lines[at]).is_some_and(|(_, _, value)| value.is_empty())
                && is_plain_map(&lines[at + 1..end(lines, at)].join("\n"))
        };
        let at = self.one_of(lines.len(), fits)?;
        let end = end(lines, at);
        let mark = self.mark();
        let inner: Vec<&str> = lines[at + 1..end].iter().map(|line| line.trim()).collect();
        let line = format!("{} {{{}, {mark}: {mark}}}", lines[at], inner.join(", "));
        lines.splice(at..end, [line]);
        Some(())
    }

    /// All items of a list a little further to the right.
    fn indent_list(&mut self, lines: &mut Lines) -> Option<()> {
        let opens = |at: usize| {
            let next = lines.get(at + 1);
            next.is_some_and(|next| next.trim_start().starts_with("- "))
                && split(&lines[at]).is_some_and(|(_, _, value)| value.is_empty())
        };
        let at = self.one_of(lines.len(), opens)?;
        let end = end(lines, at);
        for line in &mut lines[at + 1..end] {
            if !line.is_empty() {
                line.insert_str(0, "  ");
            }
        }
        Some(())
    }

    fn anchor(&mut self, lines: &mut Lines) -> Option<()> {
        let fits = |at: usize| split(&lines[at]).is_some();
        let at = self.one_of(lines.len(), fits)?;
        let (before, key, value) = split(&lines[at])?;
        let mark = self.mark();
        lines[at] = format!("{before}{key}: &{mark} {value}")
            .trim_end()
            .to_owned();
        Some(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is one move among others")]
    fn document(&mut self, lines: &mut Lines) -> Option<()> {
        let mark = self.mark();
        let words = ["---", "apiVersion: v1", "kind: ConfigMap", "metadata:"];
        lines.extend(words.map(str::to_owned));
        lines.extend([format!("  name: {mark}"), format!("  # {mark}c")]);
        Some(())
    }

    /// The same data, all laid out anew by another program; comments go.
    pub(super) fn reformat(text: &str) -> Option<String> {
        let all = documents(text)?;
        let texts: Vec<String> = all
            .iter()
            .map(|value: &Value| serde_yaml::to_string(value).unwrap())
            .collect();
        let text = texts.join("---\n");
        (documents(&text)? == all).then_some(text)
    }
}
