//! Ports and networks, as strictly as Kubernetes 1.36 takes them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::{Wrong, quoted, text_value, write_this};

/// A port: 1 to 65535 (`validation.IsValidPortNum`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port(u16);

impl Port {
    /// Parses digits by `validation.IsValidPortNum`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Wrong::new(format!("{} is not a number", quoted(text)))
                .help("write a port from 1 to 65535, such as `8080`"));
        }
        if text.len() > 1 && text.starts_with('0') {
            let fixed = text.trim_start_matches('0');
            return Err(Wrong::new(format!("{} starts with a zero", quoted(text)))
                .maybe_help(Self::parse(fixed).is_ok().then(|| write_this(fixed))));
        }
        text.parse::<u16>()
            .ok()
            .and_then(|number| Self::from_number(number.into()))
            .ok_or_else(|| {
                Wrong::new(format!("{} is not a port", quoted(text)))
                    .help("write a number from 1 to 65535")
            })
    }

    /// The port of that number, if there is one.
    pub fn from_number(number: u64) -> Option<Self> {
        u16::try_from(number)
            .ok()
            .filter(|number| *number > 0)
            .map(Self)
    }

    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Port {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

impl schemars::JsonSchema for Port {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": u16::MAX })
    }
}

impl serde::Serialize for Port {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Port {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl serde::de::Visitor<'_> for Number {
            type Value = Port;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port from 1 to 65535")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Port, E> {
                Port::parse(text).map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Port, E> {
                Port::parse(&number.to_string()).map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Port, E> {
                Port::parse(&number.to_string()).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Number)
    }
}

/// A network, `address/bits`: no leading zeros, no host bits, no IPv4 inside IPv6.
///
/// That is `validation.IsValidCIDRForLegacyField` with strict checks on, as they are from 1.36.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
    text: String,
}

impl Cidr {
    fn read(text: &str) -> Result<Self, Wrong> {
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        let Some((host, length)) = text.split_once('/') else {
            return Err(match text.parse::<IpAddr>() {
                Ok(address) => {
                    let full = width(address);
                    wrong("is one address: a network says how many bits count")
                        .help(write_this(&format!("{text}/{full}")))
                }
                Err(_) => wrong("is not a network").help("write a network, such as `10.0.0.0/8`"),
            });
        };
        let Ok(address) = host.parse::<IpAddr>() else {
            return Err(not_an_address(text, host, length));
        };
        if matches!(address, IpAddr::V6(six) if six.to_ipv4_mapped().is_some()) {
            return Err(wrong("is an IPv4 network in the clothes of IPv6")
                .help("write the IPv4 network, such as `10.0.0.0/8`"));
        }
        let full = width(address);
        let plain = length.bytes().all(|b| b.is_ascii_digit())
            && (length == "0" || !length.starts_with('0'));
        let Some(bits) = length
            .parse::<u8>()
            .ok()
            .filter(|bits| plain && *bits <= full)
        else {
            return Err(
                wrong(&format!("has {} after the `/`", quoted(length))).help(format!(
                    "write a number from 0 to {full}, without a zero in front"
                )),
            );
        };
        let network = masked(address, bits);
        if network != address {
            return Err(
                wrong(&format!("has bits set beyond the first {bits}")).help(format!(
                    "{} for the network, or {} for the one address",
                    write_this(&format!("{network}/{bits}")),
                    quoted(&format!("{address}/{full}"))
                )),
            );
        }
        Ok(Self {
            address,
            bits,
            text: format!("{address}/{bits}"),
        })
    }

    /// The network, in its shortest spelling (RFC 5952).
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is a network of IPv6.
    pub fn is_v6(&self) -> bool {
        self.address.is_ipv6()
    }

    /// The number of bits that count.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// Whether `other` lies inside; a network contains itself, and none of the other family.
    pub fn contains(&self, other: &Self) -> bool {
        self.is_v6() == other.is_v6()
            && self.bits <= other.bits
            && masked(other.address, self.bits) == self.address
    }
}

text_value!(Cidr, "a network");

/// The bits of an address of that family.
fn width(address: IpAddr) -> u8 {
    if address.is_ipv6() { 128 } else { 32 }
}

/// The address with all but its first `bits` bits cleared.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(four.to_bits() & mask))
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & mask))
        }
    }
}

/// The complaint about what stands before the `/`.
fn not_an_address(text: &str, host: &str, length: &str) -> Wrong {
    let bare: Vec<&str> = host
        .split('.')
        .map(|part| match part.trim_start_matches('0') {
            "" if !part.is_empty() => "0",
            rest => rest,
        })
        .collect();
    let bare = bare.join(".");
    if bare != host && bare.parse::<Ipv4Addr>().is_ok() {
        return Wrong::new(format!(
            "{} has a number that starts with a zero: some programs read that as octal",
            quoted(text)
        ))
        .help(write_this(&format!("{bare}/{length}")));
    }
    Wrong::new(format!(
        "{} is not a network: {} is no address",
        quoted(text),
        quoted(host)
    ))
    .help("write a network, such as `10.0.0.0/8`")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn ports() {
        for good in ["1", "8080", "65535"] {
            assert_eq!(Port::parse(good).unwrap().to_string(), good);
            let number: Port = serde_json::from_str(good).unwrap();
            let text: Port = serde_json::from_str(&format!("{good:?}")).unwrap();
            assert_eq!(number, text);
            assert_eq!(serde_json::to_string(&number).unwrap(), good);
        }
        refuses::<Port>(&["0", "65536", "-1", "+1", "080", "http", "1.0", "٣"]);
        for bad in [
            "0",
            "65536",
            "-1",
            "1.5",
            "true",
            "null",
            "99999999999999999999",
        ] {
            serde_json::from_str::<Port>(bad).unwrap_err();
        }
        says::<Port>(&[
            ("http", "is not a number", "such as `8080`"),
            ("080", "starts with a zero", "write `80`"),
            ("70000", "is not a port", "from 1 to 65535"),
        ]);
    }

    #[test]
    fn networks() {
        keeps::<Cidr>(&[
            "10.0.0.0/8",
            "0.0.0.0/0",
            "::/0",
            "192.0.2.1/32",
            "2001:db8::/32",
            "2001:db8::1/128",
        ]);
        refuses::<Cidr>(&[
            "10.0.0.5/24",
            "010.0.0.0/8",
            "10.0.0.0/08",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "10.0.0.0",
            "10.0.0/8",
            "::ffff:10.0.0.0/104",
            "fe80::%eth0/64",
            "fd00::1/8",
            "::/129",
            "10.0.0.0/8/8",
            "example.com",
            "/8",
            " 10.0.0.0/8",
            "10.0.0.0/256",
            "10.0.0.0/000",
        ]);
        says::<Cidr>(&[
            (
                "10.0.0.5/24",
                "bits set beyond the first 24",
                "write `10.0.0.0/24` for the network",
            ),
            ("10.0.0.5", "one address", "write `10.0.0.5/32`"),
            ("fd00::1", "one address", "write `fd00::1/128`"),
            ("010.0.0.0/8", "starts with a zero", "write `10.0.0.0/8`"),
            ("10.0.0.0/33", "has `33` after", "from 0 to 32"),
            ("fd12::1/8", "bits set", "write `fd00::/8`"),
        ]);
        assert_eq!(
            Cidr::parse("2001:DB8:0::/32").unwrap().as_str(),
            "2001:db8::/32"
        );
    }

    #[test]
    fn inside() {
        let net = |text: &str| Cidr::parse(text).unwrap();
        assert!(net("0.0.0.0/0").contains(&net("10.0.0.0/8")));
        assert!(net("10.0.0.0/8").contains(&net("10.0.0.0/8")));
        assert!(!net("10.0.0.0/8").contains(&net("0.0.0.0/0")));
        assert!(!net("10.0.0.0/8").contains(&net("11.0.0.0/16")));
        assert!(!net("::/0").contains(&net("10.0.0.0/8")));
        assert!(net("::/0").is_v6() && net("::/0").contains(&net("fd00::/8")));
        assert_eq!(net("::/0").bits(), 0);
    }
}
