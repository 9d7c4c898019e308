//! Whether a value is one of its field's.

use serde_json::Value as Json;

use super::{Field, FieldKind};
use crate::text;

/// Longest text and address, in characters.
const TEXT_MAX: usize = 2000;

/// The value as it is kept, null for none; or what is wrong with it, as the end of a sentence.
pub(super) fn check(field: &Field, value: &Json) -> Result<Json, String> {
    if value.is_null() {
        return Ok(Json::Null);
    }
    match field.kind {
        FieldKind::Text => check_text(value),
        FieldKind::Number if value.is_number() => Ok(value.clone()),
        FieldKind::Number => Err("must be a number".to_owned()),
        FieldKind::Boolean if value.is_boolean() => Ok(value.clone()),
        FieldKind::Boolean => Err("must be true or false".to_owned()),
        FieldKind::Choice => check_option(field, value),
        FieldKind::Choices => check_options(field, value),
        FieldKind::Date => check_date(value),
        FieldKind::Url => check_url(value),
    }
}

fn check_text(value: &Json) -> Result<Json, String> {
    let given = value.as_str().ok_or("must be text")?;
    if text::is_blank(given) {
        return Ok(Json::Null);
    }
    let length = given.chars().count();
    if length > TEXT_MAX {
        return Err(format!("must be at most {TEXT_MAX} characters, is {length}"));
    }
    Ok(given.trim_end().into())
}

fn check_option(field: &Field, value: &Json) -> Result<Json, String> {
    if value.as_str().is_some_and(|one| field.options.iter().any(|option| option == one)) {
        return Ok(value.clone());
    }
    Err(format!("must be one of: {}", field.options.join(", ")))
}

fn check_options(field: &Field, value: &Json) -> Result<Json, String> {
    let wrong = || format!("must be a list of some of: {}", field.options.join(", "));
    let given = value.as_array().ok_or_else(wrong)?;
    for one in given {
        check_option(field, one).map_err(|_| wrong())?;
    }
    // In the order of the options, each once: the same choice is the same value.
    let chosen: Vec<Json> = field
        .options
        .iter()
        .filter(|option| given.iter().any(|one| one.as_str() == Some(option)))
        .map(|option| Json::from(option.as_str()))
        .collect();
    Ok(if chosen.is_empty() { Json::Null } else { chosen.into() })
}

fn check_date(value: &Json) -> Result<Json, String> {
    let day = value.as_str().and_then(|text| {
        let day: jiff::civil::Date = text.parse().ok()?;
        // The years that calendars of browsers know.
        (day.year() >= 1 && day.to_string() == text).then_some(text)
    });
    day.map(Json::from).ok_or_else(|| "must be a day such as 2026-01-31".to_owned())
}

fn check_url(value: &Json) -> Result<Json, String> {
    let given = value.as_str().unwrap_or_default().trim();
    // What stands there is shown and followed as it stands: parsers overlook line breaks, turned slashes and missing
    // ones, and who is named before an @ is easily taken for the host.
    let (scheme, rest) = given.split_once("://").unwrap_or_default();
    let is_plain = !rest.starts_with(['/', '\\'])
        && !given.chars().any(|c| c.is_control() || c.is_whitespace() || text::is_invisible(c));
    let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && url::Url::parse(given).is_ok_and(|address| {
            address.has_host() && address.username().is_empty() && address.password().is_none()
        });
    if is_web && is_plain && given.chars().count() <= TEXT_MAX {
        return Ok(given.into());
    }
    Err(format!("must be an address that begins with https:// or http://, of at most {TEXT_MAX} characters"))
}

/// Whether U+0000 is anywhere in it, which no store keeps.
pub(super) fn contains_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(contains_nul),
        Json::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || contains_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields::Required, id::FieldId, time::Timestamp};
    use serde_json::json;

    fn field(kind: FieldKind) -> Field {
        Field {
            id: FieldId(uuid::Uuid::nil()),
            key: "x".into(),
            label: "X".into(),
            kind,
            options: vec!["red".into(), "green".into()],
            required: Required::Never,
            shown_to_requesters: true,
            position: 0,
            active: true,
            version: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn each_kind_takes_its_own_values_alone() {
        let good = [
            (FieldKind::Text, json!("two\nlines "), json!("two\nlines")),
            (FieldKind::Text, json!(" \u{200b}"), json!(null)),
            (FieldKind::Number, json!(-2.5), json!(-2.5)),
            (FieldKind::Number, json!(0), json!(0)),
            (FieldKind::Choice, json!("green"), json!("green")),
            (FieldKind::Choices, json!(["green", "red", "green"]), json!(["red", "green"])),
            (FieldKind::Choices, json!([]), json!(null)),
            (FieldKind::Date, json!("2024-02-29"), json!("2024-02-29")),
            (FieldKind::Date, json!("0001-01-01"), json!("0001-01-01")),
            (FieldKind::Date, json!("9999-12-31"), json!("9999-12-31")),
            (FieldKind::Boolean, json!(false), json!(false)),
            (FieldKind::Url, json!(" https://x.example/a?b "), json!("https://x.example/a?b")),
            (
                FieldKind::Url,
                json!("HTTP://b\u{fc}cher.example/\u{e9}"),
                json!("HTTP://b\u{fc}cher.example/\u{e9}"),
            ),
        ];
        for (kind, given, kept) in good {
            assert_eq!(check(&field(kind), &given), Ok(kept), "{kind:?} {given}");
            assert_eq!(check(&field(kind), &json!(null)), Ok(json!(null)));
        }
        let bad = [
            (FieldKind::Text, json!(7)),
            (FieldKind::Text, json!("x".repeat(TEXT_MAX + 1))),
            (FieldKind::Number, json!("7")),
            (FieldKind::Choice, json!("blue")),
            (FieldKind::Choice, json!(["red"])),
            (FieldKind::Choices, json!("red")),
            (FieldKind::Choices, json!(["red", "blue"])),
            (FieldKind::Choices, json!([1])),
            (FieldKind::Date, json!("2026-02-29")),
            (FieldKind::Date, json!("20260131")),
            (FieldKind::Date, json!("2026-01-31T10:00")),
            (FieldKind::Boolean, json!("yes")),
            (FieldKind::Url, json!("javascript:alert(1)")),
            (FieldKind::Url, json!("x.example")),
            // What browsers read as an address of the page that it stands in, or in another way than people do.
            (FieldKind::Url, json!("https:x.example")),
            (FieldKind::Url, json!("https:/x.example")),
            (FieldKind::Url, json!("https:\\\\x.example")),
            (FieldKind::Url, json!("ht\ntps://x.example")),
            (FieldKind::Url, json!("https://x.example/\n=1")),
            (FieldKind::Url, json!("https://x.example/\u{202e}gpj.exe")),
            (FieldKind::Url, json!("https://bank.example@x.example")),
            (FieldKind::Date, json!("-000001-01-01")),
            (FieldKind::Date, json!("0000-12-31")),
            (FieldKind::Url, json!(format!("https://x.example/{}", "x".repeat(TEXT_MAX)))),
        ];
        for (kind, given) in bad {
            assert!(check(&field(kind), &given).is_err(), "{kind:?} {given}");
        }
    }
}
