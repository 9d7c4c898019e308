//! A document as its source has it, whatever that is written in: what its fields are called there, and
//! their values as far as a desk can make something of them.

use flowbit_domain::{
    Timestamp,
    import::{PersonRef, Remark},
};
use jiff::{civil, tz::TimeZone};
use serde_json::Value as Json;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// An ObjectId, as 24 hex digits. It carries the time at which it was made.
    ObjectId(String),
    Time(Timestamp),
    List(Vec<Self>),
    Map(Fields),
    /// Something else, by its name.
    Other(&'static str),
}

/// Named values, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fields(pub(super) Vec<(String, Value)>);

/// How names are compared: `createdAt`, `created_at` and `Created at` are one.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Fields {
    /// Takes out the first field that has one of these names (folded) and a value; the names in their order.
    pub(super) fn take(&mut self, names: &[impl AsRef<str>]) -> Option<(String, Value)> {
        for name in names {
            let found = self
                .0
                .iter()
                .position(|(known, value)| fold(known) == name.as_ref() && !matches!(value, Value::Null));
            if let Some(place) = found {
                return Some(self.0.remove(place));
            }
        }
        None
    }

    /// Takes out a field by the path that an operator has named: `subject`, or `meta.subject`.
    pub(super) fn take_path(&mut self, path: &str) -> Option<(String, Value)> {
        if let Some(place) = self.0.iter().position(|(name, value)| name == path && *value != Value::Null) {
            return Some(self.0.remove(place));
        }
        let (head, rest) = path.split_once('.')?;
        let inner = self.0.iter_mut().find_map(|(name, value)| match value {
            Value::Map(inner) if name == head => Some(inner),
            _ => None,
        })?;
        let (_, value) = inner.take_path(rest)?;
        Some((path.to_owned(), value))
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| fold(known) == name).map(|(_, value)| value)
    }
}

impl Value {
    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(list) => list.iter().all(Self::is_empty),
            Self::Map(fields) => fields.0.iter().all(|(_, value)| value.is_empty()),
            _ => false,
        }
    }

    /// What it is, for a person.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::ObjectId(_) => "an ObjectId",
            Self::Time(_) => "a time",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
            Self::Other(what) => what,
        }
    }

    /// A text, or what is written like one.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) | Self::ObjectId(text) => Some(text.clone()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Time(at) => Some(at.to_string()),
            _ => None,
        }
    }

    /// The id of a document: a text, a number or an ObjectId.
    pub(super) fn id(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Self::ObjectId(id) => Some(id.clone()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(format!("{number:.0}"))
            }
            // {"$oid": …} of extended JSON, and documents that were filled in.
            Self::Map(fields) => fields.get("oid").or_else(|| fields.get("id")).and_then(Self::id),
            _ => None,
        }
    }

    /// When the document of this id was made, if the id tells.
    pub(super) fn made_at(&self) -> Option<Timestamp> {
        let Self::ObjectId(id) = self else { return None };
        let seconds = u32::from_str_radix(id.get(..8)?, 16).ok()?;
        Some(Timestamp(i64::from(seconds) * 1000))
    }

    /// Whom it names.
    pub(super) fn person(&self) -> Option<PersonRef> {
        match self {
            Self::Text(text) if text.contains('@') => Some(PersonRef::Email(text.trim().to_owned())),
            Self::Map(fields) => match fields.get("id").or_else(|| fields.get("oid")).and_then(Self::id) {
                Some(id) => Some(PersonRef::Id(id)),
                None => fields.get("email").and_then(Self::text).map(PersonRef::Email),
            },
            value => value.id().map(PersonRef::Id),
        }
    }

    /// A truth value, or what is written like one.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Int(0) => Some(false),
            Self::Int(1) => Some(true),
            Self::Text(text) => match text.trim().to_lowercase().as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether something is so, or has been since a moment.
    pub(super) fn is_so(&self) -> Option<bool> {
        match self {
            Self::Time(_) => Some(true),
            Self::Text(text) if text.trim().is_empty() => Some(false),
            Self::Text(text) => {
                self.truth().or_else(|| parse_moment(text, Some(&TimeZone::UTC)).ok().map(|_| true))
            }
            value => value.truth(),
        }
    }

    /// A moment: a time, RFC 3339, milliseconds since 1970, or, if it is known where its clock stood, a date and
    /// time of day without an offset.
    pub(super) fn moment(&self, zone: Option<&TimeZone>) -> Result<Timestamp, String> {
        match self {
            Self::Time(at) => Ok(*at),
            Self::Int(ms) if *ms >= 100_000_000_000 => valid_moment(*ms),
            Self::Text(text) => parse_moment(text.trim(), zone),
            Self::Map(fields) => match fields.get("date") {
                Some(inner) => inner.moment(zone),
                None => Err("is no time".to_owned()),
            },
            value => Err(format!("is {}, not a time", value.kind())),
        }
    }

    /// The same as JSON.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::from(*truth),
            Self::Int(number) => Json::from(*number),
            Self::Float(number) => Json::from(*number),
            Self::Text(text) | Self::ObjectId(text) => Json::from(text.as_str()),
            Self::Time(at) => Json::from(at.to_string()),
            Self::List(list) => Json::Array(list.iter().map(Self::to_json).collect()),
            Self::Map(fields) => Json::Object(fields.to_json()),
            Self::Other(what) => Json::from(format!("({what})")),
        }
    }
}

impl Fields {
    /// The same as a JSON object.
    pub(super) fn to_json(&self) -> serde_json::Map<String, Json> {
        self.0.iter().map(|(name, value)| (name.clone(), value.to_json())).collect()
    }
}

/// A moment that a calendar has.
pub(super) fn valid_moment(ms: i64) -> Result<Timestamp, String> {
    jiff::Timestamp::from_millisecond(ms).map_err(|_| "is beyond all calendars".to_owned())?;
    Ok(Timestamp(ms))
}

fn parse_moment(text: &str, zone: Option<&TimeZone>) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp(at.as_millisecond()));
    }
    let Ok(local) = text.parse::<civil::DateTime>() else {
        return Err(format!("{text:?} is no time such as 2026-01-31T08:15:00Z"));
    };
    let Some(zone) = zone else {
        return Err(format!("{text:?} has no offset: say with --time-zone where its clock stood"));
    };
    match zone.to_ambiguous_timestamp(local).compatible() {
        Ok(at) => Ok(Timestamp(at.as_millisecond())),
        Err(e) => Err(format!("{text:?}: {e}")),
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Bool(truth),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Self::Int(whole),
                (None, Some(float)) => Self::Float(float),
                (None, None) => Self::Text(number.to_string()),
            },
            Json::String(text) => Self::Text(text),
            Json::Array(list) => Self::List(list.into_iter().map(Into::into).collect()),
            Json::Object(map) => {
                Self::Map(Fields(map.into_iter().map(|(name, v)| (name, v.into())).collect()))
            }
        }
    }
}

/// A document that is being understood: what is left of its fields, and what there is to say.
pub(super) struct Document {
    pub(super) fields: Fields,
    pub(super) remarks: Vec<Remark>,
}

impl Document {
    pub(super) fn new(fields: Fields) -> Self {
        Self { fields, remarks: Vec::new() }
    }

    /// What nobody has asked for, but for what is known to be of no use (folded names).
    pub(super) fn leave_rest(&mut self, quiet: &[&str], advice: impl Fn(&str) -> String) {
        for (name, value) in std::mem::take(&mut self.fields.0) {
            if !value.is_empty() && !quiet.contains(&fold(&name).as_str()) {
                let reason = advice(&name);
                self.remarks.push(Remark::left_out(name, reason));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_or_refused_but_not_guessed() {
        let at = |text: &str, zone| Value::Text(text.into()).moment(zone).ok().map(|at| at.to_string());
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(at("2026-01-31T08:15:00Z", None).as_deref(), Some("2026-01-31T08:15:00.000Z"));
        assert_eq!(at("2026-07-01 08:15:00+02:00", None).as_deref(), Some("2026-07-01T06:15:00.000Z"));
        assert_eq!(at("2026-07-01 08:15", Some(&berlin)).as_deref(), Some("2026-07-01T06:15:00.000Z"));
        assert_eq!(at("2026-07-01", Some(&berlin)).as_deref(), Some("2026-06-30T22:00:00.000Z"));
        assert_eq!(at("2026-07-01 08:15", None), None);
        assert_eq!(at("01.07.2026", Some(&berlin)), None);
        assert_eq!(Value::Int(1_769_847_300_007).moment(None), Ok(Timestamp(1_769_847_300_007)));
        assert!(Value::Int(1_769_847_300).moment(None).is_err(), "seconds or milliseconds?");
        let id = Value::ObjectId("697dbb040000000000000000".into());
        assert_eq!(id.made_at().map(|at| at.to_string()).as_deref(), Some("2026-01-31T08:19:16.000Z"));
    }

    #[test]
    fn names_are_compared_folded_and_paths_reach_inside() {
        let json = serde_json::json!({ "Created at": 1, "meta": { "Subject": "x" }, "b": null });
        let Value::Map(mut fields) = json.into() else { panic!() };
        assert_eq!(fields.take(&["b", "createdat"]).unwrap().1, Value::Int(1));
        assert_eq!(fields.take_path("meta.Subject").unwrap().1, Value::Text("x".into()));
        assert_eq!(fields.take_path("meta.Subject"), None);
    }
}
