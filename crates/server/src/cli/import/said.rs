//! Understanding what was said and done: the messages of tickets, and the entries of a history.

use flowbit_domain::import::{Author, IncomingEntry, IncomingMessage, LooseMessage, Remark};
use serde_json::{Map, Value as Json};

use super::{
    mapping::{Collection, Mapping},
    shapes::{QUIET, take_id, take_text},
    value::{Document, Fields, Value, fold},
};

/// The messages that stand in a ticket's document. `internal`: what they are if they do not say it.
pub(super) fn take_messages(
    mapping: &Mapping,
    document: &mut Document,
    field: &'static str,
    internal: bool,
    quiet: &[&str],
) -> Vec<IncomingMessage> {
    let (name, list) = match mapping.take(document, Collection::Ticket, field) {
        None => return Vec::new(),
        Some((name, Value::List(list))) => (name, list),
        // One note rather than a list of them.
        Some((name, value @ (Value::Text(_) | Value::Map(_)))) => (name, vec![value]),
        Some((name, value)) => {
            document.remarks.push(Remark::left_out(name, format!("is {}, not a list", value.kind())));
            return Vec::new();
        }
    };
    let mut messages = Vec::with_capacity(list.len());
    for (place, value) in list.into_iter().enumerate() {
        let field = format!("{name}[{place}]");
        let fields = match value {
            Value::Map(fields) => fields,
            value @ Value::Text(_) => Fields(vec![("body".to_owned(), value)]),
            value if value.is_empty() => continue,
            value => {
                document.remarks.push(Remark::left_out(field, format!("is {}, not a message", value.kind())));
                continue;
            }
        };
        let mut inner = Document::new(fields);
        let id = mapping.take(&mut inner, Collection::Message, "id").and_then(|(_, id)| id.made_at());
        let read = read_message(mapping, &mut inner, internal);
        match read {
            Ok(message) => {
                inner.leave_rest(&[quiet, QUIET].concat(), |_| "has no place in a message".to_owned());
                messages.push(IncomingMessage { created_at: message.created_at.or(id), ..message });
            }
            Err(why) => inner.remarks.push(Remark::left_out(why.field, why.reason)),
        }
        document.remarks.extend(inner.remarks.into_iter().map(|mut remark| {
            remark.field = format!("{field}.{}", remark.field);
            remark
        }));
    }
    messages
}

/// A message, without its id. What is said to be neither internal nor public is what its list is.
fn read_message(
    mapping: &Mapping,
    document: &mut Document,
    internal: bool,
) -> Result<IncomingMessage, Remark> {
    const OF: Collection = Collection::Message;
    let mut is_internal = internal;
    for (field, meaning) in [("internal", true), ("public", false)] {
        if let Some((name, value)) = mapping.take(document, OF, field) {
            match value.truth() {
                Some(truth) => is_internal = truth == meaning,
                // What may be a note is not shown to a requester.
                None => {
                    return Err(Remark::refused(
                        name,
                        format!("is {}, neither true nor false", value.kind()),
                    ));
                }
            }
        }
    }
    let author = take_author(mapping, document, OF, "author", "authorName");
    let body = take_text(mapping, document, OF, "body");
    let created_at = mapping.take_moment(document, OF, "createdAt");
    Ok(IncomingMessage { author, body, internal: is_internal, created_at })
}

/// Somebody by id, address or name.
fn take_author(
    mapping: &Mapping,
    document: &mut Document,
    collection: Collection,
    field: &'static str,
    name_field: &'static str,
) -> Author {
    let name = mapping.take(document, collection, name_field).and_then(|(_, value)| value.text());
    let Some((_, value)) = mapping.take(document, collection, field) else {
        return Author { person: None, name };
    };
    let inner_name = match &value {
        Value::Map(fields) => fields.clone().take(&["name", "fullname"]).and_then(|(_, value)| value.text()),
        // A text with a space in it is no id.
        Value::Text(text) if text.trim().contains(' ') && !text.contains('@') => {
            return Author { person: None, name: Some(text.trim().to_owned()) };
        }
        _ => None,
    };
    Author { person: value.person(), name: name.or(inner_name) }
}

/// A message that has a document of its own.
///
/// # Errors
/// Why it can't be taken.
pub(super) fn read_loose_message(
    mapping: &Mapping,
    document: &mut Document,
    quiet: &[&str],
) -> Result<LooseMessage, Remark> {
    const OF: Collection = Collection::Message;
    let (source_id, made_at) = take_id(mapping, document, OF)?;
    let Some((name, value)) = mapping.take(document, OF, "ticket") else {
        return Err(Remark::refused("ticket", "no ticket is named"));
    };
    let ticket =
        value.id().ok_or_else(|| Remark::refused(name, format!("is {}, not an id", value.kind())))?;
    let message = read_message(mapping, document, false)?;
    let message = IncomingMessage { created_at: message.created_at.or(made_at), ..message };
    document.leave_rest(&[quiet, QUIET].concat(), |_| "has no place in a message".to_owned());
    Ok(LooseMessage { source_id, ticket, message })
}

/// An entry of the history: what it says is kept as it is, but for secrets.
///
/// # Errors
/// Why it can't be taken.
pub(super) fn read_entry(mapping: &Mapping, document: &mut Document) -> Result<IncomingEntry, Remark> {
    const OF: Collection = Collection::Entry;
    let (source_id, made_at) = take_id(mapping, document, OF)?;
    let action = take_text(mapping, document, OF, "action");
    let at = mapping.take_moment(document, OF, "at").or(made_at);
    let actor = take_author(mapping, document, OF, "actor", "actorName");
    let ticket = mapping.take(document, OF, "ticket").and_then(|(_, value)| value.id());
    let mut details = Map::new();
    for (name, value) in std::mem::take(&mut document.fields.0) {
        if value.is_empty() || QUIET.contains(&fold(&name).as_str()) {
            continue;
        }
        let mut value = value.to_json();
        drop_secrets(&name, &mut value, &mut document.remarks);
        details.insert(name, value);
    }
    details.retain(|_, value| !value.is_null());
    Ok(IncomingEntry { source_id, action, at, actor, ticket, details })
}

/// Takes passwords and the like out of what a history says: a ledger keeps them for good.
fn drop_secrets(path: &str, value: &mut Json, remarks: &mut Vec<Remark>) {
    let name = fold(path.rsplit('.').next().unwrap_or(path));
    let secret =
        ["password", "passwordhash", "token", "accesstoken", "refreshtoken", "secret", "authorization"];
    if secret.contains(&name.as_str()) && !value.is_null() {
        *value = Json::Null;
        remarks.push(Remark::left_out(path, "it is a secret by its name"));
        return;
    }
    match value {
        Json::Object(map) => {
            map.iter_mut()
                .for_each(|(inner, value)| drop_secrets(&format!("{path}.{inner}"), value, remarks));
        }
        Json::Array(list) => list.iter_mut().for_each(|value| drop_secrets(path, value, remarks)),
        _ => {}
    }
}
