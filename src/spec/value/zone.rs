//! The zone of a job's clock, in the shape of the IANA database.

use super::name::shown;
use super::{Wrong, quoted, sized, text_value, write_this};

/// Short names that people use and the IANA database does not have, with a zone that is meant.
const NOT_ZONES: [(&str, &str); 18] = [
    ("AEDT", "Australia/Sydney"),
    ("AEST", "Australia/Sydney"),
    ("AKST", "America/Anchorage"),
    ("BST", "Europe/London"),
    ("CDT", "America/Chicago"),
    ("CEST", "Europe/Berlin"),
    ("CST", "America/Chicago"),
    ("EDT", "America/New_York"),
    ("EEST", "Europe/Athens"),
    ("HKT", "Asia/Hong_Kong"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("MDT", "America/Denver"),
    ("MSK", "Europe/Moscow"),
    ("PDT", "America/Los_Angeles"),
    ("PST", "America/Los_Angeles"),
    ("SGT", "Asia/Singapore"),
];

/// The name of a zone in the shape that the IANA database has (theory file, "Names of timezones").
///
/// Whether the cluster knows the zone, only the cluster can say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeZone(String);

impl TimeZone {
    /// Parses `Area/City` or `UTC`; `Local` is refused, as Kubernetes does (`batch/validation`).
    fn read(text: &str) -> Result<Self, Wrong> {
        const HELP: &str = "write `UTC`, or an area and a city, such as `Europe/Berlin`";
        sized(text, "a time zone", 64).map_err(|wrong| wrong.help(HELP))?;
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        if text.eq_ignore_ascii_case("local") {
            return Err(wrong("is the zone of whatever machine it runs on").help(HELP));
        }
        if text.eq_ignore_ascii_case("utc") && text != "UTC" {
            return Err(wrong("is not a time zone").help(write_this("UTC")));
        }
        if let Some((_, zone)) = NOT_ZONES.iter().find(|(short, _)| *short == text) {
            return Err(wrong("is not a zone of the IANA database")
                .help(format!("name a city, such as `{zone}`")));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            return Err(wrong(&format!("has {}: a time zone has not", shown(c))).help(HELP));
        }
        let offset = text.contains(['+', '-']) && !text.contains('/');
        if offset
            && text.contains(|c: char| c.is_ascii_digit())
            && !matches!(text, "GMT+0" | "GMT-0")
        {
            return Err(wrong("is an offset, not a time zone").help(HELP));
        }
        let good =
            |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase()) && part.len() > 1;
        let mut parts = text.split('/');
        if parts.clone().count() > 3 || !parts.all(good) {
            return Err(wrong("is not a time zone: each part starts with a capital").help(HELP));
        }
        Ok(Self(text.to_owned()))
    }

    /// The zone.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(TimeZone, "a time zone");

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn zones() {
        keeps::<TimeZone>(&[
            "UTC",
            "Etc/UTC",
            "Europe/Berlin",
            "America/Argentina/ComodRivadavia",
            "CET",
            "EST5EDT",
            "Etc/GMT-14",
            "America/Port-au-Prince",
            "Africa/Dar_es_Salaam",
            "GB-Eire",
            "W-SU",
            "GMT+0",
        ]);
        let long = "A".repeat(65);
        refuses::<TimeZone>(&[
            "Local",
            "local",
            "utc",
            "CEST",
            "PST",
            "UTC+2",
            "+02:00",
            "Europe/",
            "/Berlin",
            "a/b",
            "Europe/berlin",
            "Europe Berlin",
            "A/B/C/D",
            "../etc/passwd",
            "Asia//Tokyo",
            &long,
        ]);
        says::<TimeZone>(&[
            ("CEST", "not a zone of the IANA", "`Europe/Berlin`"),
            ("UTC+2", "is an offset", "`Europe/Berlin`"),
            ("utc", "is not a time zone", "write `UTC`"),
            ("europe/berlin", "starts with a capital", "`Europe/Berlin`"),
        ]);
    }
}
