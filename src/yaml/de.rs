//! The one strict road from a document to a type: serde over nodes, every complaint with its place.
//!
//! `deserialize_struct` is handed each type's field list, so unknown keys are found for nothing. A
//! complaint is recorded where it arises; what comes back through serde is only that there was one.

mod access;
mod complain;
mod tolerant;

use std::cell::RefCell;

use serde::de::{self, Deserializer, Error as _, IntoDeserializer, Visitor};

use access::{Entries, Items};
use complain::{Cx, Failed, Trail, short};
pub use tolerant::Tolerant;

use super::{Kind, NodeRef, Resolved, Style, resolve};
use crate::diag::Diagnostic;

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
            (Kind::Scalar(Style::Quoted), _) if resolve(self.node.text()) != Resolved::Str => {
                format!("the string `{}`", short(self.node.text()))
            }
            (_, Some(Resolved::Str) | None) => format!("`{}`", short(self.node.text())),
        }
    }

    /// A failure over a number in the words of the text: `1e3`, and not `1000`.
    #[inline(never)]
    fn as_written(self, failed: Failed, number: f64) -> Failed {
        let written = self.found();
        Failed(
            failed
                .0
                .map(|message| message.replace(&format!("the number `{number}`"), &written)),
        )
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
                Resolved::Null | Resolved::Bool(_) | Resolved::Float(_) | Resolved::Str => {
                    return Err(self.wanted("a whole number"));
                }
            },
            Kind::Scalar(Style::Quoted | Style::Block) | Kind::Map | Kind::Seq | Kind::Alias(_) => {
                return Err(self.wanted("a whole number"));
            }
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
            Some(Resolved::Float(number)) => visitor
                .visit_f64(number)
                .map_err(|failed| self.as_written(failed, number)),
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
                rest: self.node.items(),
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

impl<'d> De<'_, 'd> {
    fn fields<'de, V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed>
    where
        'd: 'de,
    {
        self.place(if self.node.kind() == Kind::Map {
            let rest = self.node.entries();
            visitor.visit_map(Entries {
                rest,
                fields,
                de: self,
                value: None,
            })
        } else {
            Err(self.wanted("a map"))
        })
    }
}
