//! Fields of a request that may be left out, and what `null` means in each: nothing, a value, or an
//! error. For `#[serde(default, deserialize_with = "…")]`.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Map, Value};

/// A field of a PATCH that may be set to null: absent is `None`, null is `Some(None)`.
///
/// # Errors
/// When the value is not a `T`.
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// A field of a PATCH that always has a value: absent is `None`. Taking null for absent would answer
/// that all is well to someone who meant to remove the value.
///
/// # Errors
/// When the value is null or not a `T`.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    match Option::deserialize(d)? {
        Some(value) => Ok(Some(value)),
        None => Err(D::Error::custom("must not be null: leave it out to keep what is there")),
    }
}

/// A field of something new that has a usual value: null is as good as leaving it out.
///
/// # Errors
/// When the value is not a `T`.
pub fn usual<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// [`usual`], for an object within a request: serde alone takes an array for one whose fields come in order.
///
/// # Errors
/// When the value is not the object.
pub fn usual_object<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    Option::<Map<String, Value>>::deserialize(d)?.map_or_else(|| Ok(T::default()), read_object)
}

/// [`present`], for an object within a request.
///
/// # Errors
/// When the value is null or not the object.
pub fn present_object<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    present(d)?.map(read_object).transpose()
}

/// [`nullable`], for an object within a request.
///
/// # Errors
/// When the value is neither null nor the object.
pub fn nullable_object<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    d: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<Map<String, Value>>::deserialize(d)?.map(read_object).transpose().map(Some)
}

/// An object within a request that is always there.
///
/// # Errors
/// When the value is not the object.
pub fn object<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    read_object(Map::deserialize(d)?)
}

fn read_object<T: DeserializeOwned, E: Error>(object: Map<String, Value>) -> Result<T, E> {
    T::deserialize(Value::Object(object)).map_err(E::custom)
}
