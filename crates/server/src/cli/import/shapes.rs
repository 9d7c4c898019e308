//! Understanding documents, by what their fields are called: people and tickets. What was said is in [`super::said`].

use super::{
    mapping::{Collection, Mapping},
    said::take_messages,
    value::{Document, Value, fold},
    words,
};
use flowbit_domain::{
    Role, Timestamp,
    import::{IncomingPerson, IncomingTicket, PersonRef, Remark},
    ticket::{Priority, Status},
};

/// The dearest hash that is verified at a sign-in: it takes some two seconds.
const BCRYPT_COST_MAX: u32 = 15;
/// Of no use to anybody (folded): the version key of a library, and who a document belongs to.
pub(super) const QUIET: &[&str] = &["v", "customerid", "class"];
/// A person's that there is no place for and that nobody misses.
const QUIET_OF_PEOPLE: &[&str] = &["v", "customerid", "class", "updatedat"];

/// An id that is there, with the moment that it may tell.
pub(super) fn take_id(
    mapping: &Mapping,
    document: &mut Document,
    collection: Collection,
) -> Result<(String, Option<Timestamp>), Remark> {
    let Some((name, value)) = mapping.take(document, collection, "id") else {
        return Err(Remark::refused("id", "it has none"));
    };
    match value.id() {
        Some(id) => Ok((id, value.made_at())),
        None => Err(Remark::refused(name, format!("is {}, not an id", value.kind()))),
    }
}

/// A text; what is none is left out.
pub(super) fn take_text(
    mapping: &Mapping,
    document: &mut Document,
    collection: Collection,
    field: &'static str,
) -> String {
    match mapping.take(document, collection, field) {
        None => String::new(),
        Some((name, value)) => value.text().unwrap_or_else(|| {
            document.remarks.push(Remark::left_out(name, format!("is {}, not a text", value.kind())));
            String::new()
        }),
    }
}

/// A word that must be known, or is not there at all.
fn take_word<T>(
    mapping: &Mapping,
    document: &mut Document,
    collection: Collection,
    field: &'static str,
    known: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Remark> {
    let Some((name, value)) = mapping.take(document, collection, field) else { return Ok(None) };
    if value.is_empty() {
        return Ok(None);
    }
    match value.text() {
        Some(word) => match known(&word) {
            Some(meant) => Ok(Some(meant)),
            None => {
                let reason = format!("{word:?} is not known: say what it is with --map '{field}:{word}=…'");
                Err(Remark::refused(name, reason))
            }
        },
        None => Err(Remark::refused(name, format!("is {}, not a word", value.kind()))),
    }
}

fn no_place(name: &str) -> String {
    format!("has no place in a ticket: --map 'ticket.custom.{name}={name}' keeps it as a custom field")
}

/// A person. `id_of` makes the id of one who has none.
///
/// # Errors
/// Why they can't be taken.
pub(super) fn read_person(
    mapping: &Mapping,
    document: &mut Document,
    id_of: impl Fn(&str) -> Option<String>,
    quiet: &[&str],
) -> Result<IncomingPerson, Remark> {
    const OF: Collection = Collection::User;
    let email = take_text(mapping, document, OF, "email");
    let (source_id, made_at) = match take_id(mapping, document, OF) {
        Ok(found) => found,
        Err(why) => (id_of(&email).ok_or(why)?, None),
    };
    if email.trim().is_empty() {
        return Err(Remark::refused("email", "there is no address to sign in by"));
    }
    let name = take_name(mapping, document);
    let role = match take_word(mapping, document, OF, "role", |word| mapping.role(word))? {
        Some(role) => role,
        None => {
            document.remarks.push(Remark::changed("role", "it has none: a user"));
            Role::User
        }
    };
    let active = take_active(mapping, document)?;
    let password_hash = take_password(mapping, document);
    let created_at = mapping.take_moment(document, OF, "createdAt").or(made_at);
    document.leave_rest(&[quiet, QUIET_OF_PEOPLE].concat(), |_| "has no place in a person".to_owned());
    Ok(IncomingPerson { source_id, email, name, role, active, password_hash, created_at })
}

fn take_name(mapping: &Mapping, document: &mut Document) -> String {
    let first = document.fields.take(&["firstname", "givenname"]).and_then(|(_, value)| value.text());
    let last =
        document.fields.take(&["lastname", "surname", "familyname"]).and_then(|(_, value)| value.text());
    let parts: Vec<String> = [first, last].into_iter().flatten().collect();
    if parts.is_empty() { take_text(mapping, document, Collection::User, "name") } else { parts.join(" ") }
}

fn take_active(mapping: &Mapping, document: &mut Document) -> Result<bool, Remark> {
    let mut active = true;
    for (field, meaning) in [("active", true), ("inactive", false)] {
        while let Some((name, value)) = mapping.take(document, Collection::User, field) {
            match value.is_so() {
                Some(truth) => active &= truth == meaning,
                // Who may sign in is not guessed.
                None if !value.is_empty() => {
                    return Err(Remark::refused(
                        name,
                        format!("is {}, neither true nor false", value.kind()),
                    ));
                }
                None => {}
            }
        }
    }
    let status = mapping.take(document, Collection::User, "status");
    if let Some((name, value)) = status.filter(|(_, value)| !value.is_empty()) {
        let word = value.text().unwrap_or_default();
        let known = words::is_active(&fold(&word));
        active &= known
            .ok_or_else(|| Remark::refused(name, format!("{word:?} says neither active nor inactive")))?;
    }
    Ok(active)
}

/// A hash that a sign-in can verify. What else stands there is never told.
fn take_password(mapping: &Mapping, document: &mut Document) -> Option<String> {
    let (name, value) = mapping.take(document, Collection::User, "password")?;
    let hash = value.text().unwrap_or_default();
    if hash.is_empty() {
        return None;
    }
    let parsed = hash.parse::<bcrypt::HashParts>();
    let known = ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|kind| hash.starts_with(kind));
    let reason = match parsed {
        Ok(parts) if known && parts.get_cost() <= BCRYPT_COST_MAX => return Some(hash),
        Ok(parts) if known => {
            format!("its cost is {}; at most {BCRYPT_COST_MAX} is verified", parts.get_cost())
        }
        _ => "is no hash of bcrypt".to_owned(),
    };
    document.remarks.push(Remark::left_out(name, format!("{reason}: the person has to be invited")));
    None
}

/// A ticket with what stands in it.
///
/// # Errors
/// Why it can't be taken.
pub(super) fn read_ticket(
    mapping: &Mapping,
    document: &mut Document,
    quiet: &[&str],
) -> Result<IncomingTicket, Remark> {
    const OF: Collection = Collection::Ticket;
    let (source_id, made_at) = take_id(mapping, document, OF)?;
    while let Some((name, value)) = mapping.take(document, OF, "deleted") {
        if value.is_so() != Some(false) {
            return Err(Remark::refused(name, "it has been deleted there"));
        }
    }
    let number = mapping.take(document, OF, "number").and_then(|(_, value)| value.text());
    let status = match take_word(mapping, document, OF, "status", |word| mapping.status(word))? {
        Some(status) => status,
        None => {
            document.remarks.push(Remark::changed("status", "it has none: open"));
            Status::Open
        }
    };
    let priority = take_word(mapping, document, OF, "priority", |word| mapping.priority(word))?;
    let requester = take_person(mapping, document, OF, "requester");
    let assignee = take_person(mapping, document, OF, "assignee");
    let title = take_text(mapping, document, OF, "title");
    let description = take_text(mapping, document, OF, "description");
    let tags = take_tags(mapping, document);
    let created_at = mapping.take_moment(document, OF, "createdAt").or(made_at);
    let updated_at = mapping.take_moment(document, OF, "updatedAt");
    let resolved_at = mapping.take_moment(document, OF, "resolvedAt");
    let mut messages = take_messages(mapping, document, "messages", false, quiet);
    messages.extend(take_messages(mapping, document, "notes", true, quiet));
    let custom_fields = mapping.take_custom(document);
    document.leave_rest(&[quiet, QUIET].concat(), no_place);
    if created_at.is_none() {
        document.remarks.push(Remark::changed("createdAt", "nobody knows: the moment of the import"));
    }
    Ok(IncomingTicket {
        source_id,
        number: number.map(|number| number.trim().to_owned()).filter(|number| !number.is_empty()),
        title,
        description,
        status,
        priority: priority.unwrap_or(Priority::Normal),
        tags,
        custom_fields,
        requester,
        assignee,
        created_at,
        updated_at,
        resolved_at,
        messages,
    })
}

fn take_person(
    mapping: &Mapping,
    document: &mut Document,
    collection: Collection,
    field: &'static str,
) -> Option<PersonRef> {
    let (name, value) = mapping.take(document, collection, field).filter(|(_, value)| !value.is_empty())?;
    let person = value.person();
    if person.is_none() {
        document.remarks.push(Remark::left_out(name, format!("is {}, which names nobody", value.kind())));
    }
    person
}

fn take_tags(mapping: &Mapping, document: &mut Document) -> Vec<String> {
    match mapping.take(document, Collection::Ticket, "tags") {
        None => Vec::new(),
        Some((_, Value::List(list))) => list.iter().filter_map(Value::text).collect(),
        // In tables, and in some documents.
        Some((_, Value::Text(text))) => {
            text.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
        }
        Some((name, value)) => {
            document
                .remarks
                .push(Remark::left_out(name, format!("is {}, not a list of words", value.kind())));
            Vec::new()
        }
    }
}
