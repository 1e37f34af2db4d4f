//! One probe in the words of the spec: `/path`, `tcp`, `grpc`, `{exec: [...]}` or `false`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::value::HttpPath;
use crate::diag::shown;

/// How to ask a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// Not at all.
    Off,
    /// An HTTP GET.
    Http(HttpPath),
    /// Whether the port takes a connection.
    Tcp,
    /// The standard gRPC health service.
    Grpc,
    /// A command in the container.
    Exec(Vec<String>),
}

const FORMS: &str = "`/path`, `tcp`, `grpc`, `{exec: [command]}` or `false`";

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Probe;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(FORMS)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Probe, E> {
                match text {
                    "tcp" => Ok(Probe::Tcp),
                    "grpc" => Ok(Probe::Grpc),
                    path if path.starts_with('/') => {
                        path.parse().map(Probe::Http).map_err(E::custom)
                    }
                    other => Err(E::custom(format!(
                        "`{}` is no probe\nwrite {FORMS}",
                        shown(other)
                    ))),
                }
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Probe, E> {
                if on {
                    Err(E::custom(format!(
                        "`true` does not say how to ask\nwrite {FORMS}"
                    )))
                } else {
                    Ok(Probe::Off)
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Probe, A::Error> {
                let mut command: Option<Vec<String>> = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key != "exec" {
                        return Err(de::Error::custom(format!(
                            "unknown key `{key}` in a probe\nwrite {FORMS}"
                        )));
                    }
                    command = Some(map.next_value()?);
                }
                match command {
                    Some(command) if !command.is_empty() => Ok(Probe::Exec(command)),
                    _ => Err(de::Error::custom("the command of `exec` is empty")),
                }
            }
        }
        deserializer.deserialize_any(Form)
    }
}

impl schemars::JsonSchema for Probe {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Probe".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": FORMS,
            "anyOf": [
                { "type": "string", "pattern": "^(tcp|grpc|/.*)$" },
                { "const": false },
                {
                    "type": "object",
                    "properties": { "exec": {
                        "description": "A command in the container.",
                        "type": "array", "items": { "type": "string" }, "minItems": 1,
                    } },
                    "required": ["exec"],
                },
            ],
        })
    }
}

impl Serialize for Probe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_bool(false),
            Self::Http(path) => serializer.serialize_str(path.as_str()),
            Self::Tcp => serializer.serialize_str("tcp"),
            Self::Grpc => serializer.serialize_str("grpc"),
            Self::Exec(command) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("exec", command)?;
                map.end()
            }
        }
    }
}
