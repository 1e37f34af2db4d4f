//! When a job runs: a line of cron as `robfig/cron` reads it.

use super::{Wrong, quoted, sized, text_value, write_this};

/// The five fields of `cron.ParseStandard`, with their bounds and names.
const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        least: 0,
        most: 59,
        names: &[],
    },
    Field {
        name: "hour",
        least: 0,
        most: 23,
        names: &[],
    },
    Field {
        name: "day of the month",
        least: 1,
        most: 31,
        names: &[],
    },
    Field {
        name: "month",
        least: 1,
        most: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Field {
        name: "day of the week",
        least: 0,
        most: 6,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

/// Words that stand for a whole line (`cron.parseDescriptor`); `@every` is another matter.
const WORDS: [&str; 7] = [
    "@annually",
    "@daily",
    "@hourly",
    "@midnight",
    "@monthly",
    "@weekly",
    "@yearly",
];

/// Days of each month at most, February in a leap year.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

/// A cron line of five fields, or a word such as `@daily` (`batch/validation`, `robfig/cron` v3).
///
/// Kubernetes takes `@every 2h` too; here it is refused. Its times are counted from the last start
/// or from now less `startingDeadlineSeconds`, whichever is later (`mostRecentScheduleTime` of the
/// controller): with a deadline shorter than its step it never runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cron(String);

impl Cron {
    /// Parses a line by `cron.ParseStandard`; several blanks become one.
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        sized(text, "a schedule", 1024)?;
        if text.contains(|c: char| c.is_control() && c != '\t') {
            return Err(wrong("has a character that can't be seen"));
        }
        let mut fields: Vec<&str> = text.split_ascii_whitespace().collect();
        if let Some(zone) = fields.first().and_then(|first| {
            first
                .strip_prefix("TZ=")
                .or_else(|| first.strip_prefix("CRON_TZ="))
        }) {
            let rest = fields.split_off(1).join(" ");
            return Err(
                wrong("names a time zone, which Kubernetes refuses in a schedule").help(format!(
                    "write `cron: {}` and `timeZone: {}`",
                    plain(&rest),
                    plain(zone)
                )),
            );
        }
        if text.trim_start().starts_with('@') {
            return word(text, &fields);
        }
        if fields.len() != FIELDS.len() {
            let count = fields.len();
            let wrong = wrong(&format!("has {count} fields: a schedule has five"));
            return Err(if count == 6 && fields.first() == Some(&"0") {
                wrong.help(format!(
                    "{}: there are no seconds",
                    write_this(&fields.split_off(1).join(" "))
                ))
            } else {
                wrong.help("write minute, hour, day of the month, month and day of the week")
            });
        }
        let mut days = Vec::new();
        let mut months = Vec::new();
        for (field, part) in FIELDS.iter().zip(&fields) {
            let values = field.read(part).map_err(|why| Wrong {
                message: format!("{} {}", quoted(text), why.message),
                ..why
            })?;
            match field.name {
                "day of the month" => days = values,
                "month" => months = values,
                _ => {}
            }
        }
        let any_week_day = fields
            .last()
            .is_some_and(|part| part.split(',').any(is_star));
        let comes = months.iter().any(|month| {
            let most = usize::try_from(*month)
                .ok()
                .and_then(|at| DAYS.get(at.checked_sub(1)?));
            days.iter().any(|day| most.is_some_and(|most| day <= most))
        });
        if any_week_day && !comes {
            return Err(wrong("never comes: no such month has such a day"));
        }
        Ok(Self(fields.join(" ")))
    }

    /// The line, with one space between fields.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(Cron, "a schedule");

/// Whether a range is all there is, so that the other field of days decides alone. With a step of more than
/// one it is days like others (`cron.getRange`).
fn is_star(range: &str) -> bool {
    let (all, step) = range.split_once('/').unwrap_or((range, "1"));
    ["*", "?"].contains(&all) && step.parse() == Ok(1)
}

/// Checks a word that stands for a line.
fn word(text: &str, fields: &[&str]) -> Result<Cron, Wrong> {
    let first = fields.first().copied().unwrap_or_default();
    if let (1, Some(known)) = (fields.len(), WORDS.iter().find(|known| **known == first)) {
        return Ok(Cron((*known).to_owned()));
    }
    if first == "@every" {
        return Err(Wrong::new(format!(
            "{} counts from the last start, and with a shorter deadline it never runs",
            quoted(text)
        ))
        .help("write the times, such as `*/15 * * * *` for every quarter of an hour"));
    }
    let wrong = Wrong::new(format!("{} is not a word that cron knows", quoted(text)));
    Err(match crate::diag::nearest(first, WORDS) {
        Some(known) => wrong.help(write_this(known)),
        None => wrong.help("write `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`"),
    })
}

/// A word for the inside of other backticks.
fn plain(text: &str) -> String {
    quoted(text).trim_matches('`').to_owned()
}

impl Field {
    /// The values of a list of ranges; the message is the end of a sentence.
    fn read(&self, text: &str) -> Result<Vec<u32>, Wrong> {
        let mut values = Vec::new();
        for range in text.split(',') {
            values.extend(self.range(range)?);
        }
        Ok(values)
    }

    /// The values of `*`, `N`, `N-M`, each maybe with `/STEP` (`cron.getRange`).
    fn range(&self, text: &str) -> Result<impl Iterator<Item = u32> + use<>, Wrong> {
        let name = self.name;
        let (span, stride) = match text.split_once('/') {
            Some((span, stride)) => (span, Some(stride)),
            None => (text, None),
        };
        let (first, last) = match span.split_once('-') {
            _ if matches!(span, "*" | "?") => (self.least, self.most),
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None => {
                let first = self.number(span)?;
                (first, if stride.is_some() { self.most } else { first })
            }
        };
        if first > last {
            return Err(Wrong::new(format!(
                "has {} as {name}: it ends before it starts",
                quoted(text)
            ))
            .help(format!(
                "write two ranges, such as `{first}-{},{}-{last}`",
                self.most, self.least
            )));
        }
        let step = match stride {
            None => 1,
            Some(stride) => digits(stride).filter(|step| *step > 0).ok_or_else(|| {
                Wrong::new(format!(
                    "has {} as {name}: a step is a number over zero",
                    quoted(text)
                ))
            })?,
        };
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        Ok((first..=last).step_by(step))
    }

    /// One number or name, within bounds.
    fn number(&self, text: &str) -> Result<u32, Wrong> {
        let lower = text.to_ascii_lowercase();
        if let Some(at) = self.names.iter().position(|name| *name == lower) {
            return Ok(self.least + u32::try_from(at).unwrap_or_default());
        }
        let (name, least, most) = (self.name, self.least, self.most);
        let value = digits(text).filter(|value| (least..=most).contains(value));
        value.ok_or_else(|| {
            let said = if text.is_empty() {
                format!("has an empty part as {name}")
            } else {
                format!("has {} as {name}", quoted(text))
            };
            let wrong = Wrong::new(format!("{said}: it goes from {least} to {most}"));
            match (name, text) {
                ("day of the week", "7") => wrong.help("write `0` or `sun` for Sunday"),
                _ if !self.names.is_empty() => {
                    let first = self.names.first().copied().unwrap_or_default();
                    let end = self.names.last().copied().unwrap_or_default();
                    wrong.help(format!(
                        "write a number, or a name from `{first}` to `{end}`"
                    ))
                }
                _ => wrong,
            }
        })
    }
}

/// A number without a sign, small enough for any field.
fn digits(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn lines() {
        keeps::<Cron>(&[
            "* * * * *",
            "0 3 * * *",
            "*/15 * * * *",
            "0 0 1,15 * ?",
            "0 9-17 * * mon-fri",
            "5/10 * * * *",
            "0 0 29 feb *",
            "0 0 1 JAN sun",
            "@daily",
            "@midnight",
            "30 4 31 2 1",
            "0 0 1-31/2 1-12 0-6",
            "0 0 30 2 */2",
        ]);
        assert_eq!(Cron::parse(" 0  3\t* * * ").unwrap().as_str(), "0 3 * * *");
        let long = "* ".repeat(5_000);
        refuses::<Cron>(&[
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "5-1 * * * *",
            "1,,2 * * * *",
            ", * * * *",
            "1/2/3 * * * *",
            "1-2-3 * * * *",
            "-1 * * * *",
            "+1 * * * *",
            "a * * * *",
            "* * * foo *",
            "@every 1h",
            "@reboot",
            "@daily x",
            "TZ=UTC 0 3 * * *",
            "0 0 30 2 *",
            "0 0 31 4,6 *",
            "0 0 30 2 1,*/1",
            "* * * * L",
            "٣ * * * *",
            "@",
            &long,
        ]);
        says::<Cron>(&[
            (
                "0 0 3 * * *",
                "has 6 fields",
                "write `0 3 * * *`: there are no seconds",
            ),
            (
                "CRON_TZ=Asia/Tokyo 0 3 * * *",
                "names a time zone",
                "`timeZone: Asia/Tokyo`",
            ),
            ("0 0 * * 7", "has `7` as day of the week", "`sun`"),
            ("0 22-4 * * *", "ends before it starts", "`22-23,0-4`"),
            ("@dayly", "is not a word", "write `@daily`"),
            ("@every 1h", "never runs", "write the times"),
            ("0 0 30 2 *", "never comes", ""),
            ("99 * * * *", "goes from 0 to 59", ""),
        ]);
    }
}
