//! What a batch's decisions depend on: which of its documents are known already, the people whom it
//! names, the numbers that it wants. Read with a few statements for the whole batch; a rehearsal adds what
//! its earlier batches would have written.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{
    error::Result,
    event::Action,
    fields::Definitions,
    id::UserId,
    import::{Kind, PersonRef},
    principal::Role,
    ticket::damaged,
    tx::{Row, StoreError, TenantRead, Value},
};

/// So many values are asked for with one statement: always as many, so that it is prepared once.
const ASKED_AT_ONCE: usize = 100;

/// A person of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) role: Role,
    /// The document of this source from which they came, if they did.
    pub(crate) source_id: Option<String>,
}

/// A ticket of the company that came from the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundTicket {
    pub(crate) id: Uuid,
    /// `None`: it has been deleted since.
    pub(crate) row: Option<FoundRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundRow {
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) requester: UserId,
    pub(crate) messages: i64,
    pub(crate) public: i64,
    pub(crate) updated_at: i64,
}

/// What decisions depend on. Handed from one batch of a rehearsal to the next.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub(crate) people: BTreeMap<String, Found>,
    pub(crate) people_by_email: BTreeMap<String, Found>,
    pub(crate) tickets: BTreeMap<String, FoundTicket>,
    pub(crate) known: BTreeSet<(Kind, String)>,
    pub(crate) numbers: BTreeSet<i64>,
    /// The company's own fields.
    pub(crate) fields: Definitions,
}

/// What a batch needs to know.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) people: BTreeSet<String>,
    pub(crate) emails: BTreeSet<String>,
    pub(crate) tickets: BTreeSet<String>,
    pub(crate) documents: Vec<(Kind, String)>,
    pub(crate) numbers: BTreeSet<i64>,
}

impl Wanted {
    pub(crate) fn person(&mut self, person: Option<&PersonRef>) {
        match person {
            Some(PersonRef::Id(id)) => drop(self.people.insert(id.clone())),
            Some(PersonRef::Email(email)) => drop(self.emails.insert(crate::text::fold_email(email))),
            None => {}
        }
    }
}

macro_rules! asked {
    ($begin:literal, $end:literal) => {
        (concat!($begin, " IN ("), concat!(")", $end))
    };
}

const KNOWN: (&str, &str) =
    asked!("SELECT source_id FROM imported WHERE source = $1 AND kind = $2 AND source_id", "");
const PEOPLE: (&str, &str) = asked!(
    "SELECT i.source_id, u.id, u.name, u.role, i.source_id FROM imported i JOIN users u ON u.id = i.id \
     WHERE i.source = $1 AND i.kind = $2 AND i.source_id",
    ""
);
const PEOPLE_BY_EMAIL: (&str, &str) = asked!(
    "SELECT u.email, u.id, u.name, u.role, (SELECT min(i.source_id) FROM imported i \
     WHERE i.id = u.id AND i.source = $1 AND i.kind = $2) FROM users u WHERE u.email",
    ""
);
const TICKETS: (&str, &str) = asked!(
    "SELECT i.source_id, i.id, t.number, t.title, t.requester_id, t.message_count, t.public_count, t.updated_at \
     FROM imported i LEFT JOIN tickets t ON t.id = i.id WHERE i.source = $1 AND i.kind = $2 AND i.source_id",
    ""
);
const NUMBERS: (&str, &str) = asked!("SELECT number FROM tickets WHERE number", "");
impl Facts {
    /// Adds what the store knows.
    pub(crate) async fn load(
        &mut self,
        tx: &mut impl TenantRead,
        source: &str,
        wanted: Wanted,
    ) -> Result<(), StoreError> {
        let Wanted { people, emails, tickets, documents, numbers } = wanted;
        if !tickets.is_empty() {
            self.fields = Definitions::load(tx).await?;
        }
        let by_kind = |kind: Kind| [source.into(), kind.as_str().into()];
        for kind in [Kind::Message, Kind::Entry] {
            let ids = documents.iter().filter(|(k, _)| *k == kind).map(|(_, id)| id.as_str().into());
            let known = ask(tx, KNOWN, &by_kind(kind), ids, |row| Ok(row.text(0)?.to_owned())).await?;
            self.known.extend(known.into_iter().map(|id| (kind, id)));
        }
        let ids = people.iter().map(|id| id.as_str().into());
        keep(&mut self.people, ask(tx, PEOPLE, &by_kind(Kind::Person), ids, read_person).await?);
        let ids = emails.iter().map(|email| email.as_str().into());
        let found = ask(tx, PEOPLE_BY_EMAIL, &by_kind(Kind::Person), ids, read_person).await?;
        keep(&mut self.people_by_email, found);
        let ids = tickets.iter().map(|id| id.as_str().into());
        keep(&mut self.tickets, ask(tx, TICKETS, &by_kind(Kind::Ticket), ids, read_ticket).await?);
        if !numbers.is_empty() {
            let asked = numbers.iter().map(|number| (*number).into());
            self.numbers.extend(ask(tx, NUMBERS, &[], asked, |row| row.int(0)).await?);
            self.numbers.extend(ask_deleted(tx, &numbers).await?);
        }
        Ok(())
    }

    /// Who is meant, if they are a person of this company.
    pub(crate) fn find(&self, person: &PersonRef) -> Option<&Found> {
        match person {
            PersonRef::Id(id) => self.people.get(id),
            PersonRef::Email(email) => self.people_by_email.get(&crate::text::fold_email(email)),
        }
    }
}

/// Adds what is not there yet: what was rehearsed is newer than what the store has.
fn keep<T>(known: &mut BTreeMap<String, T>, read: Vec<(String, T)>) {
    for (id, found) in read {
        known.entry(id).or_insert(found);
    }
}

fn read_person(row: &dyn Row) -> Result<(String, Found), StoreError> {
    let found = Found {
        id: UserId(row.uuid(1)?),
        name: row.text(2)?.to_owned(),
        role: Role::parse(row.text(3)?).ok_or_else(|| damaged("role"))?,
        source_id: row.opt_text(4)?.map(str::to_owned),
    };
    Ok((row.text(0)?.to_owned(), found))
}

fn read_ticket(row: &dyn Row) -> Result<(String, FoundTicket), StoreError> {
    let found = match row.opt_int(2)? {
        None => None,
        Some(number) => Some(FoundRow {
            number,
            title: row.text(3)?.to_owned(),
            requester: UserId(row.uuid(4)?),
            messages: row.int(5)?,
            public: row.int(6)?,
            updated_at: row.int(7)?,
        }),
    };
    Ok((row.text(0)?.to_owned(), FoundTicket { id: row.uuid(1)?, row: found }))
}

/// Those of the numbers that a ticket had which is gone: a number is nobody else's for that. It is what the data
/// of a deletion begins with; one whose data has been erased does not tell it any more.
async fn ask_deleted(tx: &mut impl TenantRead, numbers: &BTreeSet<i64>) -> Result<Vec<i64>, StoreError> {
    let mut by_length: BTreeMap<usize, BTreeMap<String, i64>> = BTreeMap::new();
    for number in numbers {
        let begins = format!("{{\"number\":{number},");
        by_length.entry(begins.len()).or_default().insert(begins, *number);
    }
    let mut deleted = Vec::new();
    for (length, begins) in by_length {
        let begin = format!(
            "SELECT substr(data, 1, {length}) FROM events WHERE action = $1 AND substr(data, 1, {length}) IN ("
        );
        let values = begins.keys().map(|begins| begins.as_str().into());
        let action = [Action::TicketDeleted.as_str().into()];
        let found = ask(tx, (&begin, ")"), &action, values, |row| Ok(row.text(0)?.to_owned())).await?;
        deleted.extend(found.iter().filter_map(|found| begins.get(found)));
    }
    Ok(deleted)
}

/// Asks for rows by many values, some at a time.
async fn ask<T: Send>(
    tx: &mut impl TenantRead,
    (begin, end): (&str, &str),
    params: &[Value],
    values: impl Iterator<Item = Value>,
    read: impl Fn(&dyn Row) -> Result<T, StoreError> + Send + Copy,
) -> Result<Vec<T>, StoreError> {
    let values: Vec<Value> = values.collect();
    let mut all = Vec::with_capacity(values.len());
    if values.is_empty() {
        return Ok(all);
    }
    let first = params.len() + 1;
    let places: Vec<String> = (first..first + ASKED_AT_ONCE).map(|place| format!("${place}")).collect();
    let sql = format!("{begin}{}{end}", places.join(", "));
    for some in values.chunks(ASKED_AT_ONCE) {
        let mut params = params.to_vec();
        // What is missing is the last one again, which changes nothing.
        let last = &some[some.len() - 1];
        params.extend((0..ASKED_AT_ONCE).map(|place| some.get(place).unwrap_or(last).clone()));
        all.extend(tx.query(&sql, &params, read).await?);
    }
    Ok(all)
}
