//! Taking people.

use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    import::{
        Facts, IncomingPerson, Kind, Outcome, Remark, Rules, SOURCE_ID_MAX,
        facts::{Found, Wanted},
        is_source_id,
        text::fit_line,
        tickets::past,
    },
    ledger,
    principal::Origin,
    text::fold_email,
    time::Timestamp,
    tx::TenantTx,
    user::{NAME_MAX, NewUser, folded},
};

/// What is to be written of a person.
pub(super) enum New {
    /// Nothing.
    Nothing,
    /// That this document is someone who is here.
    Alias { source_id: String, id: UserId },
    /// Someone.
    Person { person: IncomingPerson, id: UserId, now: Timestamp },
}

pub(super) fn wanted(documents: &[IncomingPerson]) -> Wanted {
    let mut wanted = Wanted::default();
    for document in documents {
        wanted.people.insert(document.source_id.clone());
        wanted.emails.insert(fold_email(&document.email));
    }
    wanted
}

pub(super) fn decide(
    facts: &mut Facts,
    rules: &Rules,
    mut person: IncomingPerson,
    id: Uuid,
    now: Timestamp,
) -> (Outcome, New) {
    if facts.people.contains_key(&person.source_id) {
        return (Outcome::known(), New::Nothing);
    }
    let mut remarks = Vec::new();
    let refuse = |remarks, why| (Outcome::refused(remarks, why), New::Nothing);
    if let Some(why) = check_source_id(&person.source_id) {
        return refuse(remarks, why);
    }
    let (name, whole) = fit_line("name", person.name, NAME_MAX, &mut remarks);
    if whole.is_some() {
        remarks.push(Remark::left_out("name", format!("what is beyond {NAME_MAX} characters")));
    }
    let new = NewUser { email: person.email, name, role: person.role, password_hash: None };
    let NewUser { email, name, .. } = match new.checked() {
        Ok(new) => new,
        Err(error) => return refuse(remarks, wrong(&error)),
    };
    (person.email, person.name) = (email, name);
    if let Some(known) = facts.people_by_email.get(&person.email).cloned() {
        match &known.source_id {
            Some(first) if !rules.merge_people => {
                let reason = format!("{} is the address of {first} already", person.email);
                return refuse(remarks, Remark::refused("email", reason));
            }
            Some(first) => {
                let reason = format!("{} is the address of {first}: taken for that person", person.email);
                remarks.push(Remark::changed("email", reason));
            }
            None => {
                let reason = format!("{} is here already: role, state and password stay", person.email);
                remarks.push(Remark::changed("email", reason));
            }
        }
        let id = known.id;
        let first = known.source_id.clone().unwrap_or_else(|| person.source_id.clone());
        let known = Found { source_id: Some(first), ..known };
        facts.people_by_email.insert(person.email, known.clone());
        facts.people.insert(person.source_id.clone(), known);
        return (Outcome::taken(&[], remarks), New::Alias { source_id: person.source_id, id });
    }
    person.created_at = past(person.created_at, now, "createdAt", &mut remarks);
    let id = UserId(id);
    let found =
        Found { id, name: person.name.clone(), role: person.role, source_id: Some(person.source_id.clone()) };
    facts.people.insert(person.source_id.clone(), found.clone());
    facts.people_by_email.insert(person.email.clone(), found);
    (Outcome::taken(&[], remarks), New::Person { person, id, now })
}

/// Why a document can't be remembered by this id.
pub(super) fn check_source_id(id: &str) -> Option<Remark> {
    (!is_source_id(id)).then(|| {
        Remark::refused("id", format!("must be 1 to {SOURCE_ID_MAX} bytes without control characters"))
    })
}

fn wrong(error: &Error) -> Remark {
    match error {
        Error::Validation(errors) => {
            let field = errors.first().map_or("", |e| e.path.as_str());
            let reasons: Vec<String> = errors.iter().map(|e| format!("{} {}", e.path, e.message)).collect();
            Remark::refused(field, reasons.join("; "))
        }
        error => Remark::refused("", error.to_string()),
    }
}

/// Remembers a document.
pub(super) fn remember(tx: &mut impl TenantTx, source: &str, kind: Kind, source_id: &str, id: Uuid) {
    const REMEMBER: &str = "INSERT INTO imported (source, kind, source_id, id) VALUES ($1, $2, $3, $4)";
    tx.put(REMEMBER, vec![source.into(), kind.as_str().into(), source_id.into(), id.into()]);
}

pub(super) async fn write(tx: &mut impl TenantTx, origin: &Origin, rules: &Rules, new: New) -> Result<()> {
    const INSERT: &str = "INSERT INTO users
        (id, email, name, folded, role, active, password_hash, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (person, id, now) = match new {
        New::Nothing => return Ok(()),
        New::Alias { source_id, id } => {
            remember(tx, &rules.source, Kind::Person, &source_id, id.0);
            return Ok(());
        }
        New::Person { person, id, now } => (person, id, now),
    };
    let created_at = person.created_at.unwrap_or(now);
    tx.put(
        INSERT,
        vec![
            id.into(),
            person.email.as_str().into(),
            person.name.as_str().into(),
            folded(&person.name, &person.email).into(),
            person.role.as_str().into(),
            person.active.into(),
            person.password_hash.as_deref().into(),
            created_at.into(),
            now.into(),
        ],
    );
    remember(tx, &rules.source, Kind::Person, &person.source_id, id.0);
    let data = json!({
        "userId": id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "active": person.active,
        "hasPassword": person.password_hash.is_some(),
        "source": rules.source,
        "sourceId": person.source_id,
        "createdAt": person.created_at,
    });
    let draft = EventDraft {
        action: Action::UserImported,
        audience: Audience::Admins,
        origin: origin.clone(),
        ticket: None,
        requester: None,
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
