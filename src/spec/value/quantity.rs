//! Amounts of anything, by the grammar of apimachinery's `resource.Quantity`, kept exactly.

use std::cmp::Ordering;

use super::{Wrong, quoted, text_value, write_this};

/// Billionths in one: the finest that a quantity can say (`resource.Nano`).
pub(super) const NANO: i128 = 1_000_000_000;

/// Largest value: 2^63-1 (`resource.Quantity`, "no quantity may represent a number greater than").
const LARGEST: i128 = i64::MAX as i128;

/// Binary suffixes, largest first (`resource.Quantity`, `binarySI`).
const BINARY: [(&str, i128); 6] = [
    ("Ei", 1 << 60),
    ("Pi", 1 << 50),
    ("Ti", 1 << 40),
    ("Gi", 1 << 30),
    ("Mi", 1 << 20),
    ("Ki", 1 << 10),
];

/// Decimal suffixes in billionths (`resource.Quantity`, `decimalSI`).
const DECIMAL: [(&str, i128); 10] = [
    ("E", NANO * 1_000_000_000_000_000_000),
    ("P", NANO * 1_000_000_000_000_000),
    ("T", NANO * 1_000_000_000_000),
    ("G", NANO * 1_000_000_000),
    ("M", NANO * 1_000_000),
    ("k", NANO * 1_000),
    ("", NANO),
    ("m", 1_000_000),
    ("u", 1_000),
    ("n", 1),
];

/// An amount greater than nothing. Equal and ordered by value: `1` is `1000m`.
#[derive(Debug, Clone)]
pub struct Quantity {
    text: String,
    nano: i128,
}

impl Quantity {
    /// Parses an amount by `resource.ParseQuantity`; zero and less are refused.
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        if text.starts_with(['-', '+']) {
            let rest = text.trim_start_matches(['-', '+']);
            let help = Self::read(rest).is_ok().then(|| write_this(rest));
            return Err(wrong("has a sign: an amount has none").maybe_help(help));
        }
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return Err(wrong("is not an amount: it starts with a number").help(EXAMPLES));
        }
        let Some(unit) = unit(suffix) else {
            let help = nearest_suffix(number, suffix).unwrap_or_else(|| EXAMPLES.to_owned());
            return Err(wrong(&format!(
                "has no unit that Kubernetes knows: {}",
                quoted(suffix)
            ))
            .help(help));
        };
        let large = || wrong("is more than Kubernetes can count");
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() && fraction.trim_start_matches('0').is_empty() {
            return Err(wrong("is nothing: an amount is greater than zero"));
        }
        let fine = || wrong("is finer than a billionth, which Kubernetes would round");
        if whole.len() > 28 {
            return Err(large());
        }
        let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
        let divisor = 10_i128
            .checked_pow(places)
            .filter(|_| places <= 18)
            .ok_or_else(fine)?;
        let digits: i128 = format!("{whole}{fraction}").parse().map_err(|_| large())?;
        let nano = match unit {
            Unit::Nano(unit) => exact(digits, unit, divisor, large, fine)?,
            Unit::TooSmall => return Err(fine()),
            Unit::TooLarge => return Err(large()),
        };
        if nano > LARGEST * NANO {
            return Err(large());
        }
        Ok(Self {
            text: text.to_owned(),
            nano,
        })
    }

    /// So many thousandths of a cpu, as one writes them: `2400m`, `3`.
    pub fn cpu_milli(milli: u64) -> Self {
        let text = if milli.is_multiple_of(1000) {
            (milli / 1000).to_string()
        } else {
            format!("{milli}m")
        };
        Self {
            text,
            nano: i128::from(milli) * 1_000_000,
        }
    }

    /// So many bytes, in the largest binary unit that divides them: `6Gi`, `640Mi`.
    pub fn bytes(bytes: u64) -> Self {
        let count = i128::from(bytes);
        let fitting = BINARY
            .iter()
            .find(|(_, unit)| count > 0 && count % unit == 0);
        let text = match fitting {
            Some((suffix, unit)) => format!("{}{suffix}", count / unit),
            None => bytes.to_string(),
        };
        Self {
            text,
            nano: count * NANO,
        }
    }

    /// The amount, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value in billionths.
    pub fn nano(&self) -> i128 {
        self.nano
    }

    /// Whether a binary suffix stands behind it: `128Mi`.
    pub(super) fn is_binary(&self) -> bool {
        self.text.ends_with('i')
    }

    /// The value in units of `unit` billionths, if it is whole.
    pub(super) fn whole(&self, unit: i128) -> Option<u64> {
        (self.nano % unit == 0)
            .then(|| u64::try_from(self.nano / unit).ok())
            .flatten()
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

text_value!(Quantity, "an amount");

/// What to write instead of a word that is no amount.
pub(super) const EXAMPLES: &str = "write a number and a unit, such as `100m`, `2` or `256Mi`";

/// What a suffix multiplies by.
enum Unit {
    Nano(i128),
    TooSmall,
    TooLarge,
}

/// The unit of a suffix: binary, decimal or an exponent.
fn unit(suffix: &str) -> Option<Unit> {
    if let Some((_, unit)) = BINARY.iter().find(|(known, _)| *known == suffix) {
        return Some(Unit::Nano(unit * NANO));
    }
    if let Some((_, unit)) = DECIMAL.iter().find(|(known, _)| *known == suffix) {
        return Some(Unit::Nano(*unit));
    }
    let power = suffix.strip_prefix(['e', 'E'])?;
    let digits = power.strip_prefix(['-', '+']).unwrap_or(power);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(match power.parse::<i32>() {
        Ok(power @ -9..=18) => {
            Unit::Nano(10_i128.pow(u32::try_from(power + 9).unwrap_or_default()))
        }
        Ok(power) if power < 0 => Unit::TooSmall,
        Err(_) if power.starts_with('-') => Unit::TooSmall,
        Ok(_) | Err(_) => Unit::TooLarge,
    })
}

/// `digits * unit / divisor`, if it fits and nothing is left over.
fn exact(
    digits: i128,
    unit: i128,
    divisor: i128,
    large: impl FnOnce() -> Wrong,
    fine: impl FnOnce() -> Wrong,
) -> Result<i128, Wrong> {
    let product = digits.checked_mul(unit).ok_or_else(large)?;
    if product % divisor == 0 {
        Ok(product / divisor)
    } else {
        Err(fine())
    }
}

/// What was meant by a suffix that is not one: `GB`, `mb`, `K`, ` Gi`.
fn nearest_suffix(number: &str, suffix: &str) -> Option<String> {
    let trimmed = suffix.trim();
    let lower = trimmed.to_ascii_lowercase();
    let letter = lower.chars().next()?;
    let big = match letter {
        'k' | 'm' | 'g' | 't' | 'p' | 'e' => letter.to_ascii_uppercase(),
        _ => return None,
    };
    match lower.get(1..)? {
        "i" | "ib" => Some(write_this(&format!("{number}{big}i"))),
        "" if suffix != trimmed => Some(write_this(&format!("{number}{trimmed}"))),
        "" | "b" => {
            let decimal = if big == 'K' { 'k' } else { big };
            Some(format!(
                "write `{number}{big}i` for powers of 1024, or `{number}{decimal}` for powers \
                 of 1000"
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn quantities() {
        keeps::<Quantity>(&[
            "100m",
            "0.5",
            "1e3",
            "1E3",
            "128Mi",
            "1G",
            "1.",
            ".5",
            "1E",
            "5n",
            "1e-3",
            "0.10000000000",
            "9223372036854775807",
            "1.5Gi",
        ]);
        refuses::<Quantity>(&[
            "1GB",
            "0",
            "0.0",
            "0Mi",
            "-1",
            "+1",
            ".",
            "1.2.3",
            "1e",
            "1e99",
            "1e-99",
            "8Ei",
            "1K",
            "1 Gi",
            "9223372036854775808",
            "1e99999999999",
            "0.1n",
            "é",
            "1é",
            "0x10",
            "1_000",
            "1,5",
        ]);
        says::<Quantity>(&[
            ("1GB", "no unit", "write `1Gi` for powers of 1024, or `1G`"),
            ("1K", "no unit", "or `1k` for powers of 1000"),
            ("1 Gi", "no unit", "write `1Gi`"),
            ("1gib", "no unit", "write `1Gi`"),
            ("-1", "has a sign", "write `1`"),
        ]);
        let long = "9".repeat(10_000);
        Quantity::parse(&long).unwrap_err();
        Quantity::parse(&format!("0.{long}")).unwrap_err();
        Quantity::parse(&format!("{}1", "0".repeat(10_000))).unwrap();
    }

    #[test]
    fn values_are_exact() {
        for (text, nano) in [
            ("100m", NANO / 10),
            ("1e3", 1000 * NANO),
            ("1.5Gi", 1_610_612_736 * NANO),
            ("1G", NANO * NANO),
            ("7n", 7),
        ] {
            assert_eq!(Quantity::parse(text).unwrap().nano(), nano, "{text}");
        }
        assert_eq!(
            Quantity::parse("1").unwrap(),
            Quantity::parse("1000m").unwrap()
        );
        assert!(Quantity::parse("1Gi").unwrap() > Quantity::parse("1G").unwrap());
    }

    #[test]
    fn canonical_forms() {
        for (milli, text) in [(2400, "2400m"), (3000, "3"), (1, "1m"), (1_000_000, "1000")] {
            assert_eq!(Quantity::cpu_milli(milli).as_str(), text);
        }
        for (bytes, text) in [
            (6 << 30, "6Gi"),
            (640 << 20, "640Mi"),
            (1000, "1000"),
            (1 << 10, "1Ki"),
            (0, "0"),
        ] {
            assert_eq!(Quantity::bytes(bytes).as_str(), text);
        }
    }
}
