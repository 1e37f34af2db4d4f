//! The one strict road from a document to a type: serde over nodes, every complaint with its place.
//!
//! `deserialize_struct` is handed each type's field list, so unknown keys are found for nothing. A
//! complaint is recorded where it arises; what comes back through serde is only that there was one.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, Visitor};

use super::{FieldPath, Kind, NodeRef, Resolved, Step, Style, resolve};
use crate::diag::{Diagnostic, nearest};

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A spec: only spellings that every YAML reader agrees on.
    Spec,
    /// A manifest: what kubectl takes.
    Manifest,
}

/// What came of decoding: the value if there is one, and every complaint. A value beside complaints
/// is incomplete.
#[derive(Debug)]
pub struct Decoded<T> {
    /// The value, as far as it could be read.
    pub value: Option<T>,
    /// What is wrong, in the order of the text.
    pub complaints: Vec<Diagnostic>,
}

/// Reads `node` as a `T`.
pub fn decode<T: de::DeserializeOwned>(node: NodeRef<'_>, manner: Manner) -> Decoded<T> {
    let cx = Cx {
        manner,
        complaints: RefCell::default(),
    };
    let value = T::deserialize(De {
        node,
        cx: &cx,
        trail: None,
    });
    if let Err(Failed(Some(message))) = &value {
        cx.complain(node, None, message);
    }
    let mut complaints = cx.complaints.into_inner();
    complaints.sort_by_key(|one| one.primary.as_ref().map(|label| label.span));
    Decoded {
        value: value.ok(),
        complaints,
    }
}

/// A value that may fail alone: the complaint is recorded and its neighbours are still read.
#[derive(Debug, Clone)]
pub struct Tolerant<T>(pub Option<T>);

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

/// That something failed; with the words for it as long as no place is known.
#[derive(Debug)]
struct Failed(Option<String>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("already said"))
    }
}

impl std::error::Error for Failed {}

impl de::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Some(message.to_string()))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            de::Unexpected::Bool(value) => format!("the boolean `{value}`"),
            de::Unexpected::Unsigned(value) => format!("the number `{value}`"),
            de::Unexpected::Signed(value) => format!("the number `{value}`"),
            de::Unexpected::Float(value) => format!("the number `{value}`"),
            de::Unexpected::Str(value) => format!("`{}`", short(value)),
            de::Unexpected::Unit | de::Unexpected::Option => "nothing".to_owned(),
            de::Unexpected::Seq => "a list".to_owned(),
            de::Unexpected::Map => "a map".to_owned(),
            other => other.to_string(),
        };
        Self::custom(format!("expected {expected}, found {found}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format!("`{field}` is missing here"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let word = short(field);
        Self::custom(match nearest(field, expected.iter().copied()) {
            Some(near) => format!("unknown key `{word}`\ndid you mean `{near}`?"),
            None => format!("unknown key `{word}`\nknown here: {}", listed(expected)),
        })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let known = listed(expected);
        Self::custom(match nearest(variant, expected.iter().copied()) {
            Some(near) => {
                format!(
                    "`{}` is none of {known}\ndid you mean `{near}`?",
                    short(variant)
                )
            }
            None => format!("`{}` is none of {known}", short(variant)),
        })
    }
}

fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

fn short(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    let mut head: String = text.chars().take(57).collect();
    head.push_str("...");
    head
}

struct Cx {
    manner: Manner,
    complaints: RefCell<Vec<Diagnostic>>,
}

/// The way down to a node, for the key that a complaint names.
struct Trail<'a> {
    above: Option<&'a Trail<'a>>,
    step: Step,
}

impl Cx {
    #[inline(never)]
    fn complain(&self, node: NodeRef<'_>, trail: Option<&Trail<'_>>, message: &str) {
        let (message, help) = match message.split_once('\n') {
            Some((message, help)) => (message, Some(help)),
            None => (message, None),
        };
        let mut one = Diagnostic::error(message).at(node.span()).key(key(trail));
        one.help = help.map(str::to_owned);
        self.complaints.borrow_mut().push(one);
    }

    #[inline(never)]
    fn unknown(&self, name: NodeRef<'_>, trail: Option<&Trail<'_>>, fields: &[&str]) {
        let word = short(name.text());
        let place = match key(trail) {
            path if path.is_empty() => String::new(),
            path => format!(" in `{path}`"),
        };
        let one = Diagnostic::error(format!("unknown key `{word}`{place}"))
            .at(name.span())
            .key(key(Some(&Trail {
                above: trail,
                step: Step::Key(word.clone()),
            })));
        let help = match nearest(name.text(), fields.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if fields.len() <= 12 => format!("known here: {}", listed(fields)),
            None => "take it out; the keys are listed in the documentation".to_owned(),
        };
        self.complaints.borrow_mut().push(one.help(help));
    }
}

fn key(trail: Option<&Trail<'_>>) -> String {
    let mut steps = Vec::new();
    let mut at = trail;
    while let Some(here) = at {
        steps.push(here.step.clone());
        at = here.above;
    }
    steps.reverse();
    FieldPath(steps).to_string()
}

#[derive(Clone, Copy)]
struct De<'a, 'd> {
    node: NodeRef<'d>,
    cx: &'a Cx,
    trail: Option<&'a Trail<'a>>,
}

impl<'d> De<'_, 'd> {
    /// Records a failure that has no place yet as one of this node.
    fn place<T>(self, result: Result<T, Failed>) -> Result<T, Failed> {
        match result {
            Err(Failed(Some(message))) => {
                self.cx.complain(self.node, self.trail, &message);
                Err(Failed(None))
            }
            other => other,
        }
    }

    #[inline(never)]
    fn found(self) -> String {
        match (self.node.kind(), self.node.resolved()) {
            (Kind::Map, _) => "a map".to_owned(),
            (Kind::Seq, _) => "a list".to_owned(),
            (Kind::Alias(_), _) => "an alias".to_owned(),
            (_, Some(Resolved::Null)) => "nothing".to_owned(),
            (_, Some(Resolved::Bool(_))) => format!("the boolean `{}`", self.node.text()),
            (_, Some(Resolved::Int(_) | Resolved::Float(_))) => {
                format!("the number `{}`", short(self.node.text()))
            }
            (_, Some(Resolved::Str) | None) => format!("`{}`", short(self.node.text())),
        }
    }

    #[inline(never)]
    fn wanted(self, what: &str) -> Failed {
        Failed(Some(format!("expected {what}, found {}", self.found())))
    }

    /// The text of a scalar that is a string.
    #[inline(never)]
    fn string(self) -> Result<&'d str, Failed> {
        let text = self.node.text();
        match (self.node.kind(), self.node.resolved()) {
            (Kind::Scalar(Style::Raw), _) | (_, Some(Resolved::Str)) => Ok(text),
            (_, Some(Resolved::Bool(_) | Resolved::Int(_) | Resolved::Float(_))) => {
                Err(Failed(Some(format!(
                    "expected a string, found {}\nput it in quotes: \"{text}\"",
                    self.found()
                ))))
            }
            _ => Err(self.wanted("a string")),
        }
    }

    #[inline(never)]
    fn integer(self) -> Result<i128, Failed> {
        let text = self.node.text();
        let number = match self.node.kind() {
            Kind::Scalar(Style::Plain | Style::Raw) => match resolve(text) {
                Resolved::Int(number) => number,
                Resolved::Float(number)
                    if self.cx.manner == Manner::Manifest && number.fract() == 0.0 =>
                {
                    return Err(self.wanted("a whole number"));
                }
                _ => return Err(self.wanted("a whole number")),
            },
            _ => return Err(self.wanted("a whole number")),
        };
        if self.cx.manner == Manner::Spec && number.to_string() != text {
            return Err(Failed(Some(format!(
                "`{}` is the number {number} to some YAML readers and something else to others\n\
                 write it in plain decimal digits",
                short(text)
            ))));
        }
        Ok(number)
    }

    #[inline(never)]
    fn boolean(self) -> Result<bool, Failed> {
        match (self.node.resolved(), self.cx.manner, self.node.text()) {
            (Some(Resolved::Bool(value)), Manner::Manifest, _)
            | (Some(Resolved::Bool(value)), Manner::Spec, "true" | "false") => Ok(value),
            (Some(Resolved::Bool(value)), Manner::Spec, text) => Err(Failed(Some(format!(
                "`{text}` is a boolean to some YAML readers and a string to others\nwrite `{value}`"
            )))),
            _ => Err(self.wanted("`true` or `false`")),
        }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $kind:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
            self.place(self.integer().and_then(|number| match <$kind>::try_from(number) {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(Failed::custom(format!("the number `{number}` is out of range"))),
            }))
        }
    )*};
}

impl<'de, 'd: 'de> Deserializer<'de> for De<'_, 'd> {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.node.kind() {
            Kind::Map => return self.deserialize_map(visitor),
            Kind::Seq => return self.deserialize_seq(visitor),
            Kind::Alias(_) => return self.place(Err(self.wanted("a value"))),
            Kind::Scalar(_) => {}
        }
        self.place(match self.node.resolved() {
            Some(Resolved::Bool(_)) => self.boolean().and_then(|value| visitor.visit_bool(value)),
            Some(Resolved::Int(_)) => self.integer().and_then(|number| {
                if let Ok(number) = i64::try_from(number) {
                    visitor.visit_i64(number)
                } else if let Ok(number) = u64::try_from(number) {
                    visitor.visit_u64(number)
                } else {
                    Err(Failed::custom(format!(
                        "the number `{number}` is out of range"
                    )))
                }
            }),
            Some(Resolved::Float(number)) => visitor.visit_f64(number),
            Some(Resolved::Str) => visitor.visit_borrowed_str(self.node.text()),
            Some(Resolved::Null) | None => visitor.visit_unit(),
        })
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.place(self.boolean().and_then(|value| visitor.visit_bool(value)))
    }

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.place(match self.node.resolved() {
            Some(Resolved::Float(number)) => visitor.visit_f64(number),
            Some(Resolved::Int(_)) => self.deserialize_i64(visitor),
            _ => Err(self.wanted("a number")),
        })
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.place(
            self.string()
                .and_then(|text| visitor.visit_borrowed_str(text)),
        )
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let null = self.node.is_null();
        self.place(if null {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let null = self.node.is_null();
        self.place(if null {
            visitor.visit_unit()
        } else {
            Err(self.wanted("nothing"))
        })
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.place(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.place(if self.node.kind() == Kind::Seq {
            visitor.visit_seq(Items {
                items: self.node.items(),
                index: 0,
                de: self,
            })
        } else {
            Err(self.wanted("a list"))
        })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.fields(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.fields(fields, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.place(self.string().and_then(|text| {
            visitor.visit_enum(IntoDeserializer::<Failed>::into_deserializer(text))
        }))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_borrowed_str(self.node.text())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_unit()
    }
}

impl<'a, 'd> De<'a, 'd> {
    fn fields<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed>
    where
        'd: 'de,
    {
        self.place(if self.node.kind() == Kind::Map {
            let entries = self.node.entries();
            visitor.visit_map(Entries {
                entries,
                fields,
                de: self,
                value: None,
            })
        } else {
            Err(self.wanted("a map"))
        })
    }
}

struct Items<'a, 'd, I> {
    items: I,
    index: usize,
    de: De<'a, 'd>,
}

impl<'de, 'd: 'de, I: Iterator<Item = NodeRef<'d>>> de::SeqAccess<'de> for Items<'_, 'd, I> {
    type Error = Failed;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Failed> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let trail = Trail {
            above: self.de.trail,
            step: Step::Index(self.index),
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

struct Entries<'a, 'd, I> {
    entries: I,
    /// The keys that are known; none for a map of any keys.
    fields: &'static [&'static str],
    de: De<'a, 'd>,
    value: Option<(NodeRef<'d>, NodeRef<'d>)>,
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
        for (name, value) in self.entries.by_ref() {
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
            step: Step::Key(name.text().to_owned()),
        };
        let de = De {
            node,
            cx: self.de.cx,
            trail: Some(&trail),
        };
        de.place(seed.deserialize(de))
    }
}
