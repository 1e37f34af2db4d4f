//! Words about what a monitoring system has measured. They end up in a query, so that nothing that could
//! be more than a name or a number comes through.

use super::name::shown;
use super::{Wrong, quoted, sized, text_value, write_this};

/// The name of a metric of Prometheus, in the spelling that needs no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricName(String);

/// The name of a label of a metric, in the spelling that needs no quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricLabel(String);

/// The share of requests that must succeed: between 50 and 100 percent, to a thousandth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuccessRate(String);

/// How long an answer may take: whole milliseconds or seconds, a minute at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latency(String);

/// Where Prometheus answers: `http` or `https`, a host, and maybe a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrometheusUrl(String);

/// A letter or `_` first, then digits too, and the other characters that are allowed.
fn identifier(text: &str, what: &str, others: &str, example: &str) -> Result<String, Wrong> {
    let help = format!("write a name such as `{example}`");
    sized(text, what, 200).map_err(|wrong| wrong.help(help.clone()))?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || others.contains(c);
    let wrong = |why: String| Wrong::new(format!("{} {why}", quoted(text))).help(help.clone());
    if let Some(c) = text.chars().find(|c| !fits(*c)) {
        return Err(wrong(format!("has {}: {what} has not", shown(c))));
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(wrong(format!(
            "begins with a digit: {what} begins with a letter"
        )));
    }
    Ok(text.to_owned())
}

impl MetricName {
    fn read(text: &str) -> Result<Self, Wrong> {
        identifier(text, "the name of a metric", ":", "http_requests_total").map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MetricLabel {
    fn read(text: &str) -> Result<Self, Wrong> {
        identifier(text, "the name of a label", "", "code").map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SuccessRate {
    /// A hundred percent in thousandths of a percent.
    const ALL: u32 = 100_000;

    fn read(text: &str) -> Result<Self, Wrong> {
        const HELP: &str = "write a number of percent, such as `99.5`";
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text))).help(HELP);
        if let Some(number) = text.strip_suffix('%') {
            let number = number.trim_end();
            let good = Self::read(number).is_ok();
            return Err(wrong("has a sign: it is percent already")
                .maybe_help(good.then(|| write_this(number))));
        }
        let Some(thousandths) = thousandths(text) else {
            return Err(wrong("is no number of percent, to a thousandth"));
        };
        if thousandths >= Self::ALL {
            return Err(wrong(
                "allows no failure: one request that goes wrong would end every rollout",
            ));
        }
        if thousandths < Self::ALL / 2 {
            return Err(wrong("is less than half of the requests"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The number, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same as a part of one: `0.995`.
    pub fn fraction(&self) -> String {
        decimal(thousandths(&self.0).unwrap_or(Self::ALL), 5)
    }
}

/// A number with three decimals at most, in thousandths.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || whole.len() > 3 || part.len() > 3 {
        return None;
    }
    format!("{whole}{part:0<3}").parse().ok()
}

/// A number of so many decimals, without zeros at the end.
fn decimal(number: u32, places: usize) -> String {
    let digits = format!("{number:0width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let part = part.trim_end_matches('0');
    if part.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{part}")
    }
}

impl Latency {
    /// The longest that is meant by anybody.
    const MOST: u32 = 60_000;

    fn read(text: &str) -> Result<Self, Wrong> {
        const HELP: &str = "write `300ms`, or `2s`";
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text))).help(HELP);
        match millis(text) {
            None => Err(wrong("is no time that an answer takes")),
            Some(0) => Err(wrong("is no time at all")),
            Some(millis) if millis > Self::MOST => Err(wrong("is more than a minute")),
            Some(_) => Ok(Self(text.to_owned())),
        }
    }

    /// The time, as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same in seconds: `0.3`.
    pub fn seconds(&self) -> String {
        decimal(millis(&self.0).unwrap_or(Self::MOST), 3)
    }
}

/// A time in thousandths of a second.
fn millis(text: &str) -> Option<u32> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s')?, 1000),
    };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let count = is_number.then(|| number.parse::<u32>().ok()).flatten()?;
    count.checked_mul(unit)
}

impl PrometheusUrl {
    fn read(text: &str) -> Result<Self, Wrong> {
        const EXAMPLE: &str = "http://prometheus.monitoring:9090";
        const HELP: &str = "write a URL such as `http://prometheus.monitoring:9090`";
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text))).help(HELP);
        sized(text, "a URL", 500).map_err(|wrong| wrong.help(write_this(EXAMPLE)))?;
        let rest = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("https://"))
            .ok_or_else(|| wrong("does not begin with `http://` or `https://`"))?;
        if rest.contains('@') {
            // Which is not shown.
            let host = rest.rsplit('@').next().unwrap_or_default();
            let what = format!(
                "{} has a user: a credential does not belong here",
                quoted(&format!("...@{host}"))
            );
            return Err(Wrong::new(what).help(HELP));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/[]".contains(c);
        if let Some(c) = rest.chars().find(|c| !plain(*c)) {
            return Err(wrong(&format!("has {}", shown(c))));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
        if host.is_empty() || port.is_some_and(|port| !is_port(port)) {
            return Err(wrong("has no host, or a port that is none"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(MetricName, "the name of a metric");
text_value!(MetricLabel, "the name of a label");
text_value!(SuccessRate, "a number of percent", or_number);
text_value!(Latency, "a time such as `300ms`", or_number);
text_value!(PrometheusUrl, "the URL of a Prometheus");

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn names_leave_no_room_for_a_query() {
        keeps::<MetricName>(&["http_requests_total", "job:requests:rate5m", "_a"]);
        keeps::<MetricLabel>(&["code", "http_response_status_code"]);
        refuses::<MetricName>(&[
            "a{b=\"c\"}",
            "a b",
            "1a",
            "",
            "é",
            "a\n",
            "a}",
            "{{args.x}}",
        ]);
        refuses::<MetricLabel>(&["a:b", "a=~", "\"", ""]);
        says::<MetricName>(&[("a-b", "has `-`", "such as `http_requests_total`")]);
    }

    #[test]
    fn rates_and_times() {
        keeps::<SuccessRate>(&["99.5", "99", "99.999", "50"]);
        refuses::<SuccessRate>(&["100", "49.9", "99.9999", "1e2", "-99", "", ".5", "0x63"]);
        says::<SuccessRate>(&[("99.5%", "percent already", "write `99.5`")]);
        let rate = |text: &str| SuccessRate::parse(text).unwrap().fraction();
        assert_eq!(
            [rate("99.5"), rate("99.999"), rate("50")],
            ["0.995", "0.99999", "0.5"]
        );
        keeps::<Latency>(&["300ms", "2s", "60s"]);
        refuses::<Latency>(&["0ms", "61s", "300", "1m", "ms", "0.3s", "99999999999s", ""]);
        let time = |text: &str| Latency::parse(text).unwrap().seconds();
        assert_eq!(
            [time("300ms"), time("2s"), time("1005ms")],
            ["0.3", "2", "1.005"]
        );
    }

    #[test]
    fn addresses() {
        keeps::<PrometheusUrl>(&[
            "http://prometheus.monitoring:9090",
            "https://a.example.com/prom",
            "http://[2001:db8::1]:9090",
            "http://[2001:db8::1]",
        ]);
        refuses::<PrometheusUrl>(&[
            "prometheus:9090",
            "http://",
            "http://:9090",
            "http://a:b",
            "http://u:p@a",
            "http://a/{{args.x}}",
            "http://a b",
            "ftp://a",
        ]);
    }
}
