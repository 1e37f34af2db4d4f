//! `replicas` in the words of the spec: a number, or `{min, max, cpu}`.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

/// `replicas`: how many pods.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ReplicasSpec {
    /// Always this many.
    Fixed(#[schemars(range(min = 1))] u32),
    /// An autoscaler decides.
    Auto(AutoscaleSpec),
}

/// The long form of `replicas`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AutoscaleSpec {
    /// Never fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub min: Option<u32>,
    /// Never more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max: Option<u32>,
    /// Percent of the cpu request that it aims at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub cpu: Option<u32>,
}

impl<'de> Deserialize<'de> for ReplicasSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = ReplicasSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or `{min, max, cpu}`")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ReplicasSpec, E> {
                u32::try_from(number)
                    .map(ReplicasSpec::Fixed)
                    .map_err(|_| E::custom(format!("`{number}` is no number of pods")))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ReplicasSpec, E> {
                i64::try_from(number)
                    .map_err(|_| E::custom(format!("`{number}` is no number of pods")))
                    .and_then(|number| self.visit_i64(number))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReplicasSpec, A::Error> {
                let form = de::value::MapAccessDeserializer::new(map);
                AutoscaleSpec::deserialize(form).map(ReplicasSpec::Auto)
            }
        }
        deserializer.deserialize_any(Form)
    }
}
