//! Tera, set up so that nothing leaves it unsealed.

use std::io::{self, Write};

use serde::Serialize;
use tera::{Context, Delimiters, Kwargs, State, Tera, TeraResult, Value};

use super::{Error, Sealed, source};
use crate::yaml::{Envelope, Leaf};

/// What a template sees.
#[derive(Debug, Clone, Default)]
pub struct View(Context);

impl View {
    /// A view of the fields of `value`, which is a struct or a map.
    pub fn of(value: &impl Serialize) -> Self {
        // A view is plain data made by us; serialising it cannot fail.
        Self(Context::from_serialize(value).unwrap_or_default())
    }

    /// Adds the fields of `other`, which win over those of the same name.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Does once what the filter `strings` would do to these fields in every template.
    #[must_use]
    pub fn sealing(mut self, fields: &[&'static str]) -> Self {
        for field in fields {
            // Plain data again: it can always be sealed.
            if let Some(sealed) = self.0.get(field).and_then(|value| leaf(value, true).ok()) {
                self.0.insert_value(*field, sealed);
            }
        }
        self
    }
}

/// What fills templates. Shared by reference between threads.
#[derive(Debug)]
pub struct Engine {
    tera: Tera,
}

impl Engine {
    /// An engine that keeps the templates of these names, parsed.
    pub fn new(ids: impl IntoIterator<Item = &'static str>) -> Result<Self, Error> {
        let mut tera = Tera::new();
        let fault = |error: &tera::Error| Error::Engine {
            template: "(all)".to_owned(),
            message: error.to_string(),
        };
        // A control line is a YAML comment, so that a template is YAML too.
        tera.set_delimiters(Delimiters {
            block_start: "#%".into(),
            block_end: "%#".into(),
            variable_start: "<<".into(),
            variable_end: ">>".into(),
            comment_start: "#{".into(),
            comment_end: "}#".into(),
        })
        .map_err(|error| fault(&error))?;
        tera.set_escape_fn(seal);
        tera.autoescape_on([""]);
        tera.register_filter("safe", refuse);
        tera.register_filter("yaml", |value: Value, _: Kwargs, _: &State<'_>| {
            leaf(&value, false)
        });
        tera.register_filter("strings", |value: Value, _: Kwargs, _: &State<'_>| {
            leaf(&value, true)
        });
        tera.register_filter("block", block);
        tera.register_filter("fragment", fragment);
        let mut sources = Vec::new();
        for id in ids {
            sources.push((id, source(id)?));
        }
        tera.add_raw_templates(sources)
            .map_err(|error| fault(&error))?;
        Ok(Self { tera })
    }

    /// Fills the template. One that is not kept is parsed for this once, and its memory serves the
    /// next.
    pub fn render(&self, id: &'static str, view: &View) -> Result<Sealed, Error> {
        let mut out = Vec::new();
        let filled = if self.tera.contains_template(id) {
            self.tera.render_to(id, &view.0, &mut out)
        } else {
            let template = source(id)?;
            out.reserve(2 * template.len());
            self.tera.render_str_to(template, &view.0, true, &mut out)
        };
        let text = filled.and_then(|()| Ok(String::from_utf8(out)?));
        let text = text.map_err(|error| Error::Engine {
            template: id.to_owned(),
            message: error.to_string(),
        })?;
        Ok(Sealed { template: id, text })
    }

    /// Fills the template as a value for another one, under `name` of its view.
    pub fn fragment(
        &self,
        id: &'static str,
        view: &View,
        name: &'static str,
    ) -> Result<View, Error> {
        let sealed = self.render(id, view)?.into_fragment();
        let mut context = Context::new();
        context.insert_value(name, Value::safe_string(&sealed));
        Ok(View(context))
    }
}

/// Every string that leaves the engine, whatever filters it came through.
fn seal(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut sealed = String::with_capacity(2 * text.len() + 8);
    Envelope::seal_text(text, &mut sealed);
    out.write_all(sealed.as_bytes())
}

fn refuse(_: Value, _: Kwargs, _: &State<'_>) -> TeraResult<Value> {
    Err(tera::Error::message(
        "`safe` would let a value out of its envelope",
    ))
}

/// A value as it is written. Types write their fields in alphabetical order; a person looks for the
/// name of an item first.
fn plain(value: &Value) -> TeraResult<Leaf<'_>> {
    let strange = || tera::Error::message("not plain data");
    if let Some(text) = value.as_str() {
        return Ok(Leaf::Text(text.into()));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Leaf::Bool(flag));
    }
    if let Some(items) = value.as_array() {
        let items: TeraResult<_> = items.iter().map(plain).collect();
        return Ok(Leaf::List(items?));
    }
    if let Some(map) = value.as_map() {
        let mut entries = Vec::with_capacity(map.len());
        for (key, value) in map {
            let key = key.as_str().ok_or_else(strange)?;
            entries.push((key.into(), plain(value)?));
        }
        if let Some(at) = entries.iter().position(|(key, _)| key == "name") {
            entries[..=at].rotate_right(1);
        }
        return Ok(Leaf::Map(entries));
    }
    if let Some(number) = value.as_i128() {
        return Ok(Leaf::Number(number.to_string().into()));
    }
    if value.is_none() || value.is_undefined() {
        return Ok(Leaf::Null);
    }
    Err(strange())
}

fn leaf(value: &Value, strings: bool) -> TeraResult<Value> {
    // Nothing but a filter of ours makes a safe text, so this one is sealed already.
    if value.is_string() && value.is_safe() {
        return Ok(value.clone());
    }
    let mut sealed = String::with_capacity(256);
    Envelope::seal_value(&plain(value)?, strings, &mut sealed);
    Ok(Value::safe_string(&sealed))
}

#[expect(clippy::needless_pass_by_value, reason = "the signature of a filter")]
fn block(text: Value, _: Kwargs, _: &State<'_>) -> TeraResult<Value> {
    let Some(text) = text.as_str() else {
        return Err(tera::Error::message("`block` takes a text"));
    };
    let mut sealed = String::new();
    Envelope::seal_block(text, &mut sealed);
    Ok(Value::safe_string(&sealed))
}

/// Lets through what [`Engine::fragment`] made, and nothing else.
fn fragment(value: Value, _: Kwargs, _: &State<'_>) -> TeraResult<Value> {
    if value.is_string() && value.is_safe() {
        Ok(value)
    } else {
        Err(tera::Error::message("`fragment` takes a rendered template"))
    }
}
