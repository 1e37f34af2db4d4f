//! Spans of time in whole seconds, written as Go and Kubernetes write them: `45s`, `1h30m`.

use std::cmp::Ordering;

use super::{Wrong, quoted, text_value, write_this};

/// Longest span that any key takes: a week. Our own limit; the API's is 2^31 seconds and more.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// Units, in the order they must have (Go `time.ParseDuration`, without fractions).
const UNITS: [(char, u64); 3] = [('h', 3600), ('m', 60), ('s', 1)];

/// A span of whole seconds, from none to a week. Equal by value: `90s` is `1m30s`.
#[derive(Debug, Clone)]
pub struct Seconds {
    text: String,
    count: u32,
}

impl Seconds {
    /// Parses hours, minutes and seconds, in this order, each at most once.
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        if text.is_empty() {
            return Err(wrong("is empty").help("write `45s`, or `1h30m`"));
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let fixed = format!("{text}s");
            let fixed = if Self::read(&fixed).is_ok() {
                fixed
            } else {
                "45s".to_owned()
            };
            return Err(wrong("has no unit").help(write_this(&fixed)));
        }
        let mut rest = text;
        let mut units = UNITS.iter();
        let mut count: u64 = 0;
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (number, tail) = rest.split_at(end);
            let mut after = tail.chars();
            let unit = after.next();
            let known = units.find(|(name, _)| Some(*name) == unit);
            let (Some((_, size)), false) = (known, number.is_empty()) else {
                return Err(wrong("is not a span of time").help(hint(text)));
            };
            count = number
                .parse::<u64>()
                .ok()
                .and_then(|number| number.checked_mul(*size)?.checked_add(count))
                .filter(|count| *count <= LONGEST)
                .ok_or_else(|| wrong("is more than a week").help("write `168h` or less"))?;
            rest = after.as_str();
        }
        Ok(Self {
            text: text.to_owned(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
        })
    }

    /// So many seconds, in the largest unit that divides them: `45s`, `2m`, `1h`.
    ///
    /// A minute stays `60s`, as manifests have it.
    pub fn from_count(count: u32) -> Self {
        let text = match count {
            0 | 60 => format!("{count}s"),
            _ if count.is_multiple_of(3600) => format!("{}h", count / 3600),
            _ if count.is_multiple_of(60) => format!("{}m", count / 60),
            _ => format!("{count}s"),
        };
        Self { text, count }
    }

    /// The span, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number of seconds.
    pub fn count(&self) -> u32 {
        self.count
    }
}

impl PartialEq for Seconds {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
    }
}

impl Eq for Seconds {}

impl PartialOrd for Seconds {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Seconds {
    fn cmp(&self, other: &Self) -> Ordering {
        self.count.cmp(&other.count)
    }
}

text_value!(Seconds, "a span of time such as `45s`", or_number);

/// What to write instead of a span with another unit.
fn hint(text: &str) -> String {
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u64>().ok());
    match days.map(|days| days.saturating_mul(24)) {
        Some(hours) if hours <= 168 => write_this(&format!("{hours}h")),
        Some(_) => "write `168h` or less".to_owned(),
        None => {
            "write hours, minutes and seconds in whole numbers, such as `1h30m` or `45s`".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn spans() {
        keeps::<Seconds>(&[
            "0s", "45s", "2m", "1h30m", "90s", "1h0m5s", "168h", "604800s",
        ]);
        let long = format!("{}s", "9".repeat(10_000));
        refuses::<Seconds>(&[
            "45", "s", "1.5h", "-1s", "1s1m", "1m1m", "1h30", "169h", "1ms", "1d", "1 s", "1S",
            "٣s", &long,
        ]);
        says::<Seconds>(&[
            ("45", "has no unit", "write `45s`"),
            ("7d", "is not a span", "write `168h`"),
            ("8d", "is not a span", "write `168h` or less"),
            ("604801s", "more than a week", "write `168h`"),
            ("1.5h", "is not a span", "`1h30m`"),
        ]);
    }

    #[test]
    fn values() {
        assert_eq!(Seconds::parse("1h1m1s").unwrap().count(), 3661);
        assert_eq!(
            Seconds::parse("90s").unwrap(),
            Seconds::parse("1m30s").unwrap()
        );
        assert!(Seconds::parse("59s").unwrap() < Seconds::parse("1m").unwrap());
        for (count, text) in [
            (0, "0s"),
            (45, "45s"),
            (60, "60s"),
            (120, "2m"),
            (3600, "1h"),
            (90, "90s"),
        ] {
            let made = Seconds::from_count(count);
            assert_eq!(
                (made.as_str(), Seconds::parse(text).unwrap().count()),
                (text, count)
            );
        }
    }
}
