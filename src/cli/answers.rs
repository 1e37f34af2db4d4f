//! Answers on the command line become layers: variables, files, `--set`, flags, weakest first.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use super::{Session, Stop, wrong};
use crate::diag::{Diagnostic, Origin, SourceId, shown};
use crate::spec::{self, KEYS, Key, Layers};
use crate::yaml::FieldPath;

/// Everything on a command line that answers keys.
#[derive(Debug, Args)]
pub(super) struct Given {
    #[command(flatten)]
    flags: Flags,
    /// Answer any key: `replicas.max=12`, `callers=[web]`, `labels["a.b/c"]=d`
    #[arg(long, value_name = "KEY=VALUE", help_heading = HEADING)]
    set: Vec<String>,
    /// Answer any key with the text of a file
    #[arg(long, value_name = "KEY=FILE", help_heading = HEADING)]
    set_file: Vec<String>,
    /// Take answers from a partial spec; `-` is stdin, later files win
    #[arg(short = 'f', value_name = "FILE", help_heading = HEADING)]
    file: Vec<String>,
}

impl Given {
    /// Everybody who answers without being asked, weakest first: variables that answer these keys,
    /// files, `--set`, flags.
    pub(super) fn lay<'k>(
        &self,
        session: &mut Session<'_>,
        keys: impl IntoIterator<Item = &'k Key>,
    ) -> Result<Layers, Stop> {
        let mut said = Layers::default();
        variables(session, &mut said, keys)?;
        for name in &self.file {
            file(session, &mut said, name, true)?;
        }
        set(session, &mut said, &self.set)?;
        set_file(session, &mut said, &self.set_file)?;
        self.flags.lay(session, &mut said);
        Ok(said)
    }

    /// Takes the flag of this key out, and says what it was given.
    pub(super) fn take(&mut self, key: &str) -> Option<String> {
        self.flags.take(key)
    }

    /// Whether stdin answers, so that nobody can be asked there.
    pub(super) fn read_stdin(&self) -> bool {
        self.file.iter().any(|name| name == "-")
    }
}

/// The flags that answer keys, made from the table of keys.
#[derive(Debug, Clone, Default)]
struct Flags(Vec<(&'static Key, Vec<String>)>);

const HEADING: &str = "Answers";

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        KEYS.iter().fold(command, |command, key| {
            let Some(flag) = key.flag else { return command };
            let action = if key.list {
                ArgAction::Append
            } else {
                ArgAction::Set
            };
            let arg = Arg::new(id(key))
                .long(flag)
                .value_name(key.name.to_ascii_uppercase())
                .help(capital(key.summary))
                .help_heading(HEADING)
                // `--replicas -1` is a wrong number of pods, not a flag that nobody knows.
                .allow_negative_numbers(true)
                .action(action);
            command.arg(if key.name == "namespace" {
                arg.short('n')
            } else {
                arg
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for key in KEYS.iter().filter(|key| key.flag.is_some()) {
            if let Some(values) = matches.get_many::<String>(&id(key)) {
                self.0.push((key, values.cloned().collect()));
            }
        }
        Ok(())
    }
}

/// The id of `--name`, which says the same as a positional argument of `new`.
pub(super) const NAME: &str = "answer-name";

/// The id of a flag, apart from those of positional arguments.
fn id(key: &Key) -> String {
    format!("answer-{}", key.name)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|c| c.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

impl Flags {
    /// Takes the flag of this key out, and says what it was given.
    fn take(&mut self, key: &str) -> Option<String> {
        let at = self.0.iter().position(|(one, _)| one.name == key)?;
        self.0.remove(at).1.pop()
    }

    /// Lays the flags on top.
    fn lay(&self, session: &mut Session<'_>, layers: &mut Layers) {
        for (key, values) in &self.0 {
            let flag = format!("--{}", key.flag.unwrap_or(key.name));
            let mut items: Vec<(SourceId, String)> = values
                .iter()
                .map(|value| {
                    (
                        session
                            .sources
                            .add(Origin::Flag(flag.clone()), value.as_str()),
                        value.clone(),
                    )
                })
                .collect();
            if key.list {
                layers.answers(key.name, &items);
            } else if let Some((source, value)) = items.pop() {
                layers.answer(source, &FieldPath::default().key(key.name), &value);
            }
        }
    }
}

/// Lays the variables of the process that answer these keys: `PRODGEN_TEAM`. A list is in flow form,
/// or one item.
fn variables<'k>(
    session: &mut Session<'_>,
    layers: &mut Layers,
    keys: impl IntoIterator<Item = &'k Key>,
) -> Result<(), Stop> {
    for key in keys {
        let name = key.variable();
        if session.ambient.unreadable.contains(&name) {
            let mut one = Diagnostic::error(format!("`{name}` is not UTF-8"))
                .key(key.name)
                .help("give it as UTF-8, or take the variable away");
            one.variable = Some(name);
            return Err(wrong(one));
        }
        let Some(value) = session.ambient.variable(&name).map(str::to_owned) else {
            continue;
        };
        let source = session.sources.add(Origin::Variable(name), value.as_str());
        if key.list && !value.trim_start().starts_with('[') {
            layers.answers(key.name, &[(source, value)]);
        } else {
            layers.answer(source, &FieldPath::default().key(key.name), &value);
        }
    }
    Ok(())
}

/// Lays a file of answers, or stdin where the name is `-`.
pub(super) fn file(
    session: &mut Session<'_>,
    layers: &mut Layers,
    name: &str,
    partial: bool,
) -> Result<(), Stop> {
    let (origin, text) = if name == "-" {
        let text = bytes(io::stdin().lock())
            .and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other));
        let text = text.map_err(|error| {
            wrong(
                Diagnostic::error(format!("stdin cannot be read: {error}"))
                    .in_file("<stdin>")
                    .help("give it UTF-8 text, or a file with `-f FILE`"),
            )
        })?;
        (Origin::Stdin, text)
    } else {
        (
            Origin::File(name.to_owned()),
            read(&session.folder.join(name), name)?,
        )
    };
    let source = session.sources.add(origin, text.as_str());
    match spec::read(source, &text, partial) {
        Ok(layer) => {
            layers.push(layer);
            Ok(())
        }
        Err(complaints) => Err(Box::new(super::Report::wrong(complaints))),
    }
}

/// The most bytes of a text: what goes on for ever is read no further than the parser would go.
const MOST_BYTES: u64 = 64 << 20;

fn bytes(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("it is larger than 64 MiB"));
    }
    Ok(bytes)
}

/// The text of a file that the command line names.
fn read(path: &Path, name: &str) -> Result<String, Stop> {
    let refuse =
        |message: String, help: &str| wrong(Diagnostic::error(message).in_file(name).help(help));
    match File::open(path).and_then(bytes) {
        Ok(bytes) => String::from_utf8(bytes)
            .map_err(|_| refuse("the file is not UTF-8".to_owned(), "save it as UTF-8")),
        Err(error) => Err(refuse(
            format!("the file cannot be read: {error}"),
            "name a file that is there and that you may read",
        )),
    }
}

/// An answer by the path of its key.
pub(super) struct Pair<'p> {
    pub(super) path: FieldPath,
    /// Where the text of the value is kept.
    pub(super) source: SourceId,
    pub(super) value: &'p str,
}

/// Reads `KEY=VALUE`, as `--set` and the command `set` take it: `word` is one of the two.
pub(super) fn pairs<'p>(
    session: &mut Session<'_>,
    word: &str,
    pairs: &'p [String],
) -> Result<Vec<Pair<'p>>, Stop> {
    let read = |pair: &'p String| {
        let (path, value) = split(word, "VALUE", pair)?;
        let origin = Origin::Flag(format!("{word} {path}"));
        let source = session.sources.add(origin, value);
        Ok(Pair {
            path,
            source,
            value,
        })
    };
    pairs.iter().map(read).collect()
}

/// Lays `--set KEY=VALUE`.
pub(super) fn set(
    session: &mut Session<'_>,
    layers: &mut Layers,
    given: &[String],
) -> Result<(), Stop> {
    for pair in pairs(session, "--set", given)? {
        layers.answer(pair.source, &pair.path, pair.value);
    }
    Ok(())
}

/// Lays `--set-file KEY=FILE`: the text of the file, without its final line end.
fn set_file(session: &mut Session<'_>, layers: &mut Layers, pairs: &[String]) -> Result<(), Stop> {
    for pair in pairs {
        let (path, name) = split("--set-file", "FILE", pair)?;
        let text = read(&session.folder.join(name), name)?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let source = session
            .sources
            .add(Origin::Flag(format!("--set-file {path}")), text);
        layers.text(source, &path, text);
    }
    Ok(())
}

fn split<'p>(flag: &str, what: &str, pair: &'p str) -> Result<(FieldPath, &'p str), Stop> {
    let refuse = |message: String| {
        let is_flag = flag.starts_with('-');
        let typed = if is_flag {
            flag.to_owned()
        } else {
            format!("prodgen {flag}")
        };
        let mut one = Diagnostic::error(message).help(format!(
            "write `{typed} KEY={what}`, such as `{typed} replicas.max=12`"
        ));
        one.flag = is_flag.then(|| flag.to_owned());
        wrong(one)
    };
    let Some((key, value)) = pair.split_once('=') else {
        // Only what can be a key: the rest may be a value that is nobody's business.
        let key = pair.split([':', ' ']).next().unwrap_or_default();
        let shown = shown(key);
        return Err(refuse(format!("{flag}: `{shown}` has no `=`")));
    };
    match FieldPath::parse(key) {
        Ok(path) => Ok((path, value)),
        Err(why) => {
            let shown = shown(key);
            Err(refuse(format!("{flag}: `{shown}` names no key: {why}")))
        }
    }
}
