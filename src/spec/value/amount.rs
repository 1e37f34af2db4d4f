//! Amounts of cpu and of memory: a quantity that also makes sense.

use super::quantity::{EXAMPLES, NANO};
use super::{Quantity, Wrong, quoted, text_value, write_this};

/// An amount of cpu: whole thousandths (`validateResourceQuantityValue`), at most 1000.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cpu(Quantity);

impl Cpu {
    /// Parses an amount of cpu; 1000 is our own limit, above which a unit is missing.
    fn read(text: &str) -> Result<Self, Wrong> {
        const HELP: &str = "write `500m` for half a cpu, or `2` for two";
        let quantity = Quantity::parse(text).map_err(|wrong| Wrong {
            help: Some(HELP.to_owned()),
            ..wrong
        })?;
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text))).help(HELP);
        if quantity.is_binary() {
            return Err(wrong("is an amount of memory, not of cpu"));
        }
        match quantity.whole(1_000_000) {
            None => Err(wrong("is finer than a thousandth of a cpu")),
            Some(milli) if milli > 1_000_000 => {
                let meant = text
                    .parse::<u32>()
                    .ok()
                    .map(|n| write_this(&format!("{n}m")));
                Err(wrong("is more than 1000 cpus").maybe_help(meant))
            }
            Some(_) => Ok(Self(quantity)),
        }
    }

    /// So many thousandths: `2400m`, `3`.
    pub fn from_milli(milli: u64) -> Self {
        Self(Quantity::cpu_milli(milli))
    }

    /// The value in thousandths.
    pub fn milli(&self) -> u64 {
        self.0.whole(1_000_000).unwrap_or(u64::MAX)
    }

    /// The amount, as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The amount as a quantity of any kind.
    pub fn quantity(&self) -> &Quantity {
        &self.0
    }

    /// So many of it, as a sum of replicas.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        Self::from_milli(self.milli().saturating_mul(u64::from(count)))
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::from_milli(self.milli().saturating_add(other.milli()))
    }
}

text_value!(Cpu, "an amount of cpu", or_number);

/// An amount of memory or disk: whole bytes, from 1Mi to 64Ti.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Memory(Quantity);

impl Memory {
    /// Least that is meant by anybody; our own limit, below which a unit is missing.
    const LEAST: u64 = 1 << 20;

    /// Most that is meant by anybody; our own limit, above any machine that runs Kubernetes.
    const MOST: u64 = 64 << 40;

    /// Parses an amount of memory; `128m` is a fraction of a byte and is refused.
    fn read(text: &str) -> Result<Self, Wrong> {
        const HELP: &str = "write `256Mi`, or `2Gi`";
        let quantity = Quantity::parse(text).map_err(|wrong| {
            wrong.clone().maybe_help(match wrong.help {
                Some(help) if help != EXAMPLES => Some(help),
                _ => Some(HELP.to_owned()),
            })
        })?;
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let meant = || {
            let fixed = format!("{number}Mi");
            let good = Self::read(&fixed).is_ok();
            if good {
                write_this(&fixed)
            } else {
                HELP.to_owned()
            }
        };
        if text.ends_with(['m', 'u', 'n']) {
            return Err(wrong("is a small part of a byte: `m` means a thousandth").help(meant()));
        }
        match quantity.whole(NANO) {
            None => Err(wrong("is not a whole number of bytes").help(HELP)),
            Some(bytes) if bytes < Self::LEAST => {
                let help = if number == text {
                    meant()
                } else {
                    HELP.to_owned()
                };
                Err(wrong("is less than one `Mi`: nothing runs in that").help(help))
            }
            Some(bytes) if bytes > Self::MOST => {
                Err(wrong("is more than `64Ti`: no machine has that").help(HELP))
            }
            Some(_) => Ok(Self(quantity)),
        }
    }

    /// So many bytes, in the largest binary unit that divides them.
    pub fn from_bytes(bytes: u64) -> Self {
        Self(Quantity::bytes(bytes))
    }

    /// The value in bytes.
    pub fn bytes(&self) -> u64 {
        self.0.whole(NANO).unwrap_or(u64::MAX)
    }

    /// The amount, as it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The amount as a quantity of any kind.
    pub fn quantity(&self) -> &Quantity {
        &self.0
    }

    /// So many of it, as a sum of replicas.
    #[must_use]
    pub fn times(&self, count: u32) -> Self {
        Self::from_bytes(self.bytes().saturating_mul(u64::from(count)))
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self::from_bytes(self.bytes().saturating_add(other.bytes()))
    }
}

text_value!(Memory, "an amount of memory");

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn cpus() {
        keeps::<Cpu>(&["100m", "0.5", "2", "1000", "1e0"]);
        refuses::<Cpu>(&["128Mi", "1001", "0.0001", "1u", "0", "1GB"]);
        says::<Cpu>(&[
            ("128Mi", "amount of memory", "write `500m`"),
            ("2000", "more than 1000 cpus", "write `2000m`"),
            ("0.1m", "finer than a thousandth", "write `500m`"),
        ]);
        let cpu = Cpu::parse("0.8").unwrap();
        assert_eq!(cpu.milli(), 800);
        assert_eq!(cpu.times(3).as_str(), "2400m");
        assert_eq!(cpu.plus(&Cpu::from_milli(200)).as_str(), "1");
    }

    #[test]
    fn memories() {
        keeps::<Memory>(&["64Mi", "1G", "1.5Gi", "268435456", "64Ti"]);
        refuses::<Memory>(&["128m", "128", "1Ki", "1.0000001Mi", "65Ti", "0"]);
        says::<Memory>(&[
            ("128m", "small part of a byte", "write `128Mi`"),
            ("128", "less than one `Mi`", "write `128Mi`"),
            ("128MB", "no unit", "write `128Mi`"),
            ("x", "is not an amount", "write `256Mi`"),
        ]);
        let memory = Memory::parse("0.5Gi").unwrap();
        assert_eq!(memory.bytes(), 512 << 20);
        assert_eq!(memory.times(12).as_str(), "6Gi");
        assert_eq!(
            memory.plus(&Memory::parse("128Mi").unwrap()).as_str(),
            "640Mi"
        );
    }
}
