//! The JSON Schema of a spec and of a preset, from the very types that read them: what an editor
//! completes and underlines. It knows the shape; what a word may be, and what two keys may not say
//! together, `prodgen` itself tells.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::value::KubeVersion;
use super::{API_VERSION, AppSpec, KEYS, KIND, REQUIRED, short};

/// The schema (draft 2020-12) of `prodgen.yaml`.
pub fn spec() -> Value {
    let schema = keys();
    let header = [
        ("apiVersion", json!({ "const": API_VERSION })),
        ("kind", json!({ "const": KIND })),
    ];
    let required: Vec<&str> = ["apiVersion", "kind"]
        .iter()
        .chain(REQUIRED)
        .copied()
        .collect();
    finish(schema, "prodgen.yaml", required.into(), header)
}

/// The schema (draft 2020-12) of a preset: any keys of a spec, and what it says of itself.
pub fn preset() -> Value {
    let schema = keys();
    let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    let header = [
        (
            "description",
            json!({ "type": "string", "description": "what it is for, in one sentence" }),
        ),
        (
            "why",
            json!({
                "type": "object",
                "description": "why it sets a key, by the key's name",
                "additionalProperties": { "type": "string" },
                "propertyNames": { "enum": names },
            }),
        ),
    ];
    finish(
        schema,
        "a preset of prodgen",
        json!(["description"]),
        header,
    )
}

/// Every key, in both forms, none of them required.
fn keys() -> Map<String, Value> {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<AppSpec>().to_value();
    tidy(&mut schema);
    shorten(&mut schema);
    for key in KEYS {
        if let Some(Value::Object(property)) = schema["properties"].get_mut(key.name) {
            property.insert("description".to_owned(), key.summary.into());
        }
    }
    let known: Vec<Value> = KubeVersion::all().map(|one| one.as_str().into()).collect();
    schema["properties"]["kubernetes"]["enum"] = known.into();
    match schema {
        Value::Object(schema) => schema,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

/// A schema with its title, the keys that are required, and these properties before all others.
fn finish<const N: usize>(
    mut schema: Map<String, Value>,
    title: &str,
    required: Value,
    header: [(&str, Value); N],
) -> Value {
    let mut properties: Map<String, Value> = header
        .into_iter()
        .map(|(name, property)| (name.to_owned(), property))
        .collect();
    if let Some(Value::Object(keys)) = schema.remove("properties") {
        properties.extend(keys);
    }
    schema.remove("description");
    schema.insert("title".to_owned(), title.into());
    schema.insert("required".to_owned(), required);
    schema.insert("properties".to_owned(), properties.into());
    Value::Object(schema)
}

/// A key that is given has a value, and a key that nobody reads is a mistake; the types alone do not
/// say either, for their reader does.
fn tidy(schema: &mut Value) {
    if let Value::Object(map) = schema {
        map.remove("default");
        map.remove("format");
        if map.contains_key("properties") && !map.contains_key("additionalProperties") {
            map.insert("additionalProperties".to_owned(), false.into());
        }
        if let Some(Value::Array(types)) = map.get_mut("type") {
            types.retain(|one| one != "null");
            if let [only] = types.as_mut_slice() {
                let only = only.take();
                map.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(forms)) = map.get_mut("anyOf") {
            forms.retain(|one| *one != json!({ "type": "null" }));
            if let [Value::Object(only)] = forms.as_mut_slice() {
                let only = std::mem::take(only);
                map.remove("anyOf");
                map.extend(only);
            }
        }
        map.values_mut().for_each(tidy);
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(tidy);
    }
}

/// Adds the short form of each key that has one.
fn shorten(schema: &mut Value) {
    let definitions = schema["$defs"].clone();
    let long_of = |place: &Value| {
        let name = place["$ref"].as_str()?.strip_prefix("#/$defs/")?;
        definitions.get(name)
    };
    for (key, is_list, field) in short::FIELDS {
        let property = &mut schema["properties"][key];
        let place = if *is_list {
            &mut property["items"]
        } else {
            property
        };
        if let Some(long) = long_of(place) {
            either(place, &long["properties"][field]);
        }
    }
    let probe = json!({ "$ref": "#/$defs/Probe" });
    either(&mut schema["properties"]["probes"], &probe);
    let need = json!({ "type": "string", "title": "a service and the port of its pods", "pattern": ":[0-9]+$" });
    either(&mut schema["properties"]["needs"]["items"], &need);
    let host = json!({ "type": "string", "title": "a host" });
    either(&mut schema["properties"]["expose"], &host);
    let gateway = json!({ "type": "string", "title": "a namespace and the Gateway in it", "pattern": "^[^/]+(/[^/]+)?$" });
    either(
        &mut schema["$defs"]["ExposeSpec"]["properties"]["gateway"],
        &gateway,
    );
    if let Some(Value::Object(amounts)) = definitions.pointer("/ResourceList/properties")
        && let Some(Value::Object(resources)) = schema.pointer_mut("/$defs/Resources/properties")
    {
        resources.extend(amounts.clone());
    }
}

/// The short form, or what stands at `place`.
fn either(place: &mut Value, short: &Value) {
    let long = place.take();
    *place = json!({ "anyOf": [short, long] });
}
