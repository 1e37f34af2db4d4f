//! Walks through lists and maps, and finds the keys that a type does not know.

use serde::de::{self, DeserializeSeed, Error as _};

use super::De;
use super::complain::{Failed, Seen, Trail};
use crate::yaml::NodeRef;

/// The items of a list.
pub(super) struct Items<'a, 'd, I> {
    pub(super) rest: I,
    pub(super) index: usize,
    pub(super) de: De<'a, 'd>,
}

impl<'de, 'd: 'de, I: Iterator<Item = NodeRef<'d>>> de::SeqAccess<'de> for Items<'_, 'd, I> {
    type Error = Failed;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failed> {
        let Some(node) = self.rest.next() else {
            return Ok(None);
        };
        let trail = Trail {
            above: self.de.trail,
            step: Seen::Index(self.index),
        };
        self.index += 1;
        let de = De {
            node,
            cx: self.de.cx,
            trail: Some(&trail),
        };
        de.place(seed.deserialize(de)).map(Some)
    }
}

/// The entries of a map.
pub(super) struct Entries<'a, 'd, I> {
    pub(super) rest: I,
    /// The keys that are known; none for a map of any keys.
    pub(super) fields: &'static [&'static str],
    pub(super) de: De<'a, 'd>,
    pub(super) value: Option<(NodeRef<'d>, NodeRef<'d>)>,
}

impl<'de, 'd: 'de, I> de::MapAccess<'de> for Entries<'_, 'd, I>
where
    I: Iterator<Item = (NodeRef<'d>, NodeRef<'d>)>,
{
    type Error = Failed;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failed> {
        for (name, value) in self.rest.by_ref() {
            if !self.fields.is_empty() && !self.fields.contains(&name.text()) {
                self.de.cx.unknown(name, self.de.trail, self.fields);
                continue;
            }
            self.value = Some((name, value));
            let de = De {
                node: name,
                cx: self.de.cx,
                trail: self.de.trail,
            };
            return de.place(seed.deserialize(de)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failed> {
        let Some((name, node)) = self.value.take() else {
            return Err(Failed::custom("a value was asked for before its key"));
        };
        let trail = Trail {
            above: self.de.trail,
            step: Seen::Key(name.text()),
        };
        let de = De {
            node,
            cx: self.de.cx,
            trail: Some(&trail),
        };
        de.place(seed.deserialize(de))
    }
}
