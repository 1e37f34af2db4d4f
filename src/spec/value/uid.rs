//! User and group ids.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A numeric user or group: 1 to 2147483647 (`validation.IsValidUserID`), and never root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uid(u32);

impl From<Uid> for u32 {
    fn from(uid: Uid) -> Self {
        uid.0
    }
}

impl schemars::JsonSchema for Uid {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Uid".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": i32::MAX })
    }
}

impl Serialize for Uid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<'de> Deserialize<'de> for Uid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            0 => Err(D::Error::custom(
                "`0` is root, which Pod Security refuses\nwrite a number of its own, such as 65532",
            )),
            id => u32::try_from(id)
                .ok()
                .filter(|id| *id <= i32::MAX.unsigned_abs())
                .map(Self)
                .ok_or_else(|| {
                    D::Error::custom(format!(
                        "`{id}` is no user or group id\nwrite a number from 1 to 2147483647"
                    ))
                }),
        }
    }
}
