//! Which tables a company has, and what of them an archive takes along.
//!
//! A table that a later version adds joins the archive by its declaration here; a test compares the declarations,
//! and [`LEFT_OUT`], with the tables and columns of both engines' schemas, another with the first archives.

use crate::tx::Value;

/// What stands in a column. Those that may be NULL begin with `Opt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A 64-bit integer.
    Int,
    /// An integer or NULL.
    OptInt,
    /// A truth value.
    Bool,
    /// Text.
    Text,
    /// Text or NULL.
    OptText,
    /// HTML that a message may have, or NULL: what is brought in is sanitised anew.
    OptHtml,
    /// JSON as text; in the archive it stands as it is.
    Json,
    /// A UUID.
    Uuid,
    /// A UUID or NULL.
    OptUuid,
    /// A time in milliseconds; in the archive RFC 3339.
    Time,
    /// A time or NULL.
    OptTime,
    /// Bytes; in the archive hex.
    Bytes,
}

/// A column: its name in the store, and what it holds.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the store; in the archive it is written in camel case.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What stands in it for a line that does not have it. `None`: each line must.
    pub usual: Option<Usual>,
}

/// What stands in a column for the lines of archives that are older than it.
#[derive(Debug, Clone, Copy)]
pub enum Usual {
    /// NULL.
    Null,
    /// An integer, or a time in milliseconds.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text, or JSON as text.
    Text(&'static str),
}

impl From<Usual> for Value {
    fn from(usual: Usual) -> Self {
        match usual {
            Usual::Null => Self::Null,
            Usual::Int(number) => number.into(),
            Usual::Bool(truth) => truth.into(),
            Usual::Text(text) => text.into(),
        }
    }
}

/// A table that the archive takes along, with all of its columns (but the tenant's on PostgreSQL).
#[derive(Debug)]
pub struct Table {
    /// Its name in the store; in the archive, in camel case, that of its file.
    pub name: &'static str,
    /// In which order its rows are written.
    pub order: &'static str,
    /// All of its columns.
    pub columns: &'static [Column],
    /// Whether there are archives from before there was such a table: they have no file of it, and it is empty.
    pub is_later: bool,
}

/// Declares tables. What is added to those of the first archives says how it reads an archive that does not have it:
/// a column `name: Kind or Usual`, such as `colour: OptText or Null`, a table `name by "order" later { … }`.
macro_rules! tables {
    ($($name:ident by $order:literal $($later:ident)? { $($column:ident: $kind:ident $(or $usual:expr)?),+ $(,)? })+) => {
        /// The tables of a company, each after those that it refers to.
        pub static TABLES: &[Table] = &[$(Table {
            name: stringify!($name),
            order: $order,
            columns: &[$(Column {
                name: stringify!($column),
                kind: Kind::$kind,
                usual: tables!(@or $(Some($usual))?),
            }),+],
            is_later: tables!(@is $($later)?),
        }),+];
    };
    (@or) => { None };
    (@or $usual:expr) => { $usual };
    (@is) => { false };
    (@is later) => { true };
}

tables! {
    users by "id" {
        id: Uuid, email: Text, name: Text, folded: Text, role: Text, active: Bool, password_hash: OptText,
        invitation_id: OptUuid, invited_until: OptTime, last_login_at: OptTime, created_at: Time, updated_at: Time,
        out_of_office: Bool or Usual::Bool(false), out_of_office_until: OptTime or Usual::Null,
    }
    teams by "id" later {
        id: Uuid, name: Text, assignment: Text, picks: Int, version: Int, created_at: Time, updated_at: Time,
        deleted_at: OptTime,
    }
    team_members by "team_id, user_id" later { team_id: Uuid, user_id: Uuid, picked: Int }
    tickets by "number" {
        number: Int, id: Uuid, title: Text, description: Text, status: Text, priority: Int, tags: Json,
        custom_fields: Json, requester_id: Uuid, assignee_id: OptUuid, workflow_state: OptText,
        workflow_at: OptTime, workflow_delivery_id: OptUuid, message_count: Int, public_count: Int, version: Int,
        created_at: Time, updated_at: Time, resolved_at: OptTime, team_id: OptUuid or Usual::Null,
        snoozed_at: OptTime or Usual::Null, snoozed_until: OptTime or Usual::Null,
        merged_into_id: OptUuid or Usual::Null, merged_into_number: OptInt or Usual::Null,
        merged_status: OptText or Usual::Null,
    }
    ticket_links by "one_id, other_id" later { one_id: Uuid, other_id: Uuid, linked_at: Time }
    ticket_tags by "tag, ticket_id" { tag: Text, ticket_id: Uuid }
    messages by "ticket_id, ordinal" {
        ticket_id: Uuid, ordinal: Int, id: Uuid, author_kind: Text, author_id: OptUuid, author_name: Text,
        body: Text, internal: Bool, created_at: Time, html: OptHtml or Usual::Null,
    }
    message_mentions by "ticket_id, ordinal, user_id" later {
        ticket_id: Uuid, ordinal: Int, user_id: Uuid, name: Text, internal: Bool,
    }
    ticket_watchers by "ticket_id, user_id" later { ticket_id: Uuid, user_id: Uuid, since: Time }
    drafts by "user_id, ticket_id, internal" later {
        user_id: Uuid, ticket_id: Uuid, internal: Bool, body: Text, updated_at: Time,
        html: OptHtml or Usual::Null,
    }
    contents by "id" later { id: Uuid, sha256: Bytes, size: Int, loose_at: OptTime, condemned: Bool }
    attachments by "id" later {
        id: Uuid, content_id: Uuid, uploader_id: Uuid, uploader_name: Text, name: Text, media_type: Text, size: Int,
        ticket_id: OptUuid, ordinal: OptInt, internal: Bool, created_at: Time,
    }
    notices by "user_id, event_id" later {
        user_id: Uuid, event_id: Uuid, ticket_id: Uuid, kind: Text, audience: Int, actor_id: OptUuid,
        actor_name: Text, at: Time, read_at: OptTime, mailed_at: OptTime or Usual::Null,
    }
    notice_settings by "user_id" later {
        user_id: Uuid, muted: Json, quiet_hours: OptText, updated_at: Time, email: Text or Usual::Text("instant"),
        email_at: OptTime or Usual::Null,
    }
    deleted_tickets by "id" later { id: Uuid, requester_id: Uuid, lines: Json, deleted_at: Time }
    endpoints by "id" {
        id: Uuid, url: Text, description: Text, events: Json, active: Bool, deadline_seconds: OptInt, secret: Text,
        shared_secret: Text, old_secret: OptText, old_shared_secret: OptText, old_secrets_until: OptTime,
        consecutive_failures: Int, breaker_until: OptTime, probe_at: OptTime, last_success_at: OptTime,
        created_at: Time, updated_at: Time, deleted_at: OptTime,
    }
    endpoint_events by "action, endpoint_id" { action: Text, endpoint_id: Uuid }
    deliveries by "id" {
        id: Uuid, endpoint_id: Uuid, event_id: Uuid, event_type: Text, ticket_id: OptUuid, state: Text,
        attempt_count: Int, cycle_attempts: Int, due_at: OptTime, lease_until: OptTime, last_status: OptInt,
        last_error: OptText, expected_status: OptText, deadline_at: OptTime, overdue_at: OptTime,
        callback_at: OptTime, created_at: Time, updated_at: Time, trace_parent: OptText,
    }
    delivery_attempts by "delivery_id, number" {
        delivery_id: Uuid, number: Int, at: Time, duration_ms: OptInt, status: OptInt, error: OptText,
        response_body: OptText,
    }
    callbacks by "delivery_id, digest" { delivery_id: Uuid, digest: Bytes, applied_at: Time }
    idempotency by "user_id, operation, key" {
        user_id: Uuid, operation: Text, key: Text, fingerprint: Bytes, response: Text, created_at: Time,
    }
    views by "id" later {
        id: Uuid, owner_id: OptUuid, name: Text, filter: Json, sort: Text, columns: Json, position: Int,
        created_at: Time, updated_at: Time,
    }
    screen_settings by "position, screen_id" { screen_id: Text, position: Int, enabled: Bool, roles: OptText }
    settings by "id" later { id: Int, reopen_days: OptInt, version: Int, updated_at: Time }
    tags by "name" later { name: Text, color: Text }
    tag_moves by "from_tag" later { from_tag: Text, to_tag: OptText, started_at: Time }
    fields by "id" later {
        id: Uuid, key: Text, label: Text, kind: Text, options: Json, required: Text, shown_to_requesters: Bool,
        position: Int, active: Bool, version: Int, created_at: Time, updated_at: Time,
    }
    macros by "id" later {
        id: Uuid, owner_id: OptUuid, name: Text, body: Text, internal: Bool, actions: Json, usage_count: Int,
        last_used_at: OptTime, version: Int, created_at: Time, updated_at: Time,
    }
    imported by "source, kind, source_id" { source: Text, kind: Text, source_id: Text, id: Uuid }
}

/// The tables whose rows are part of one ticket, by their `ticket_id`: they go with it, and come back with it. A
/// test compares them with the schema.
pub static OF_TICKET: &[&str] = &["ticket_tags", "messages", "message_mentions", "ticket_watchers", "drafts"];

/// A table that is not taken along row by row, and why.
pub type LeftOut = (&'static str, &'static str);

/// Of a company's tables.
pub static LEFT_OUT: &[LeftOut] = &[
    ("events", "the ledger has a form of its own, in which it can be verified"),
    ("head", "the manifest says where the ledger ends, and which number was given last"),
    ("content_usage", "counted anew as the contents come"),
    ("tag_counts", "counted anew as the tickets' tags come"),
    ("search", "the index is made anew, in the way of the engine that it comes to"),
    ("sessions", "they are good for one server's address and keys: people sign in again"),
    ("migrations", "which schema a file has is the engine's business"),
];

/// Of what belongs to no company.
pub static LEFT_OUT_OF_CONTROL: &[LeftOut] = &[
    ("tenants", "the manifest has the company"),
    ("directory", "made anew from the people"),
    ("secrets", "made anew from the endpoints"),
    ("signing_keys", "a server's own: the checkpoint carries the public key that it was signed with"),
    ("erasures", "the proofs of the server that has erased"),
    ("imports", "what is being brought in"),
    ("migrations", "which schema it has is the engine's business"),
    ("revision", "how nodes tell each other of changes"),
    ("changes", "how nodes tell each other of changes"),
    ("ledgers", "how nodes tell each other of commits; made anew"),
    ("attempts", "how often somebody has tried to sign in here"),
];

impl Table {
    /// Reads all its rows in their order.
    #[must_use]
    pub fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.names(), self.name, self.order)
    }

    /// Reads those of its rows that have a value in a column, as [`Self::select`] does.
    #[must_use]
    pub fn select_where(&self, column: &str) -> String {
        format!("SELECT {} FROM {} WHERE {column} = $1 ORDER BY {}", self.names(), self.name, self.order)
    }

    /// Counts its rows.
    #[must_use]
    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.name)
    }

    /// Inserts so many rows.
    #[must_use]
    pub fn insert(&self, rows: usize) -> String {
        insert(self.name, &self.names(), self.columns.len(), rows)
    }

    fn names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }
}

/// The statement that inserts so many rows of so many columns.
pub(super) fn insert(table: &str, names: &str, columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let places: Vec<_> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    let rows: Vec<_> = (0..rows).map(row).collect();
    format!("INSERT INTO {table} ({names}) VALUES {}", rows.join(", "))
}

/// A name of the store as the archive writes it: `created_at` is `createdAt`.
#[must_use]
pub fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        out.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(letters.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_name_all_columns() {
        let tags = TABLES.iter().find(|table| table.name == "ticket_tags").unwrap();
        assert_eq!(tags.select(), "SELECT tag, ticket_id FROM ticket_tags ORDER BY tag, ticket_id");
        assert_eq!(tags.insert(2), "INSERT INTO ticket_tags (tag, ticket_id) VALUES ($1, $2), ($3, $4)");
        assert_eq!(camel_case("workflow_delivery_id"), "workflowDeliveryId");
    }
}
