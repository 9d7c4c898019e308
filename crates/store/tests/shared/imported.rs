//! Documents from elsewhere, one of each kind, for use-cases to work on.

use flowbit_domain::{
    Role, Timestamp,
    import::{
        Author, Incoming, IncomingEntry, IncomingMessage, IncomingPerson, IncomingTicket, LooseMessage,
        PersonRef, Rules,
    },
    ticket::{Priority, Status},
};
use serde_json::Map;

/// When it happened elsewhere.
pub(crate) const THEN: Timestamp = Timestamp(1_700_000_000_000);

/// What applies, with a company's admin for tickets of nobody.
pub(crate) fn rules(slug: &str) -> Rules {
    Rules {
        source: "test".into(),
        merge_people: false,
        fallback_requester: Some(format!("admin@{slug}.example")),
        highest_number: 0,
    }
}

pub(crate) fn person(slug: &str, id: &str) -> IncomingPerson {
    IncomingPerson {
        source_id: format!("person-{id}"),
        email: format!("{id}@{slug}.example"),
        name: format!("Imported {id} of {slug}"),
        role: Role::User,
        active: true,
        password_hash: None,
        created_at: Some(THEN),
    }
}

pub(crate) fn message(slug: &str, id: &str, internal: bool) -> IncomingMessage {
    IncomingMessage {
        author: Author { person: Some(PersonRef::Id(format!("person-{id}"))), name: None },
        body: format!("Imported words {id} of {slug}"),
        internal,
        created_at: Some(THEN.plus_ms(60_000)),
    }
}

pub(crate) fn ticket(slug: &str, id: &str) -> IncomingTicket {
    IncomingTicket {
        source_id: format!("ticket-{id}"),
        number: Some("71".into()),
        title: format!("Imported {id} of {slug}"),
        description: "Long ago".into(),
        status: Status::Resolved,
        priority: Priority::High,
        tags: vec!["Old".into()],
        custom_fields: Map::new(),
        requester: Some(PersonRef::Id(format!("person-{id}"))),
        assignee: Some(PersonRef::Email(format!("admin@{slug}.example"))),
        created_at: Some(THEN),
        updated_at: Some(THEN.plus_ms(120_000)),
        resolved_at: None,
        messages: vec![message(slug, id, false), message(slug, id, true)],
    }
}

/// So many kinds there are.
pub(crate) const KINDS: usize = 4;

/// One of each, those that are named first.
pub(crate) fn one_of_each(slug: &str, id: &str) -> Vec<Incoming> {
    let loose = LooseMessage {
        source_id: format!("message-{id}"),
        ticket: format!("ticket-{id}"),
        message: message(slug, id, false),
    };
    let entry = IncomingEntry {
        source_id: format!("entry-{id}"),
        action: "STATUS_CHANGED".into(),
        at: Some(THEN),
        actor: Author { person: Some(PersonRef::Id(format!("person-{id}"))), name: None },
        ticket: Some(format!("ticket-{id}")),
        details: Map::new(),
    };
    vec![
        Incoming::People(vec![person(slug, id)]),
        Incoming::Tickets(vec![ticket(slug, id)]),
        Incoming::Messages(vec![loose]),
        Incoming::Entries(vec![entry]),
    ]
}
