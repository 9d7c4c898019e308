//! A field of a PATCH that may be absent, null, or a value.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "patch::nullable")]` on `Option<Option<T>>`: absent is
/// `None`, null is `Some(None)`.
///
/// # Errors
/// When the value is not a `T`.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}
