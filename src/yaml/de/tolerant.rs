//! Values that may fail alone, so that one mistake does not hide the next.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

/// A value that may fail alone: the complaint is recorded and its neighbours are still read.
#[derive(Debug, Clone)]
pub struct Tolerant<T>(pub Option<T>);

/// Names the wrapper to our own deserializer; any other reads straight through.
const TOLERANT: &str = "prodgen::Tolerant";

impl<'de, T: de::Deserialize<'de>> de::Deserialize<'de> for Tolerant<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inner<T>(std::marker::PhantomData<T>);
        impl<'de, T: de::Deserialize<'de>> Visitor<'de> for Inner<T> {
            type Value = Tolerant<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Self::Value, D::Error> {
                Ok(Tolerant(T::deserialize(deserializer).ok()))
            }
        }
        deserializer.deserialize_newtype_struct(TOLERANT, Inner(std::marker::PhantomData))
    }
}

impl<T> Tolerant<T> {
    /// For `#[serde(deserialize_with)]`: a key of its own.
    pub fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: de::Deserialize<'de>,
    {
        de::Deserialize::deserialize(deserializer).map(|Self(value)| value)
    }

    /// For `#[serde(deserialize_with)]`: a list, each item on its own.
    pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
    where
        T: de::Deserialize<'de>,
    {
        let items = Tolerant::<Vec<Self>>::one(deserializer)?;
        Ok(items.map(|items| items.into_iter().filter_map(|Self(value)| value).collect()))
    }

    /// For `#[serde(deserialize_with)]`: a map, each entry on its own.
    pub fn map<'de, D: Deserializer<'de>, K>(
        deserializer: D,
    ) -> Result<Option<std::collections::BTreeMap<K, T>>, D::Error>
    where
        K: de::Deserialize<'de> + Ord,
        T: de::Deserialize<'de>,
    {
        let map = Tolerant::<std::collections::BTreeMap<Tolerant<K>, Self>>::one(deserializer)?;
        Ok(map.map(|map| {
            map.into_iter()
                .filter_map(|(key, value)| Some((key.0?, value.0?)))
                .collect()
        }))
    }
}

impl<T: PartialEq> PartialEq for Tolerant<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: Eq> Eq for Tolerant<T> {}
impl<T: Ord> PartialOrd for Tolerant<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T: Ord> Ord for Tolerant<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
