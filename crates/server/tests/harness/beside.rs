//! A look into the data from beside the running server, as a backup or an operator's command has it:
//! the ledger through the store, and the bare rows of a tenant's file.

use std::{path::Path, sync::Arc};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use flowbit_cluster::Database;
use flowbit_domain::{
    TenantCtx, Timestamp,
    audit::ReadLedger,
    event::{ChainVerifier, StoredEvent},
    id::TenantId,
    time::{Clock, Randomness},
};
use flowbit_store::{Mode, Store, Unheard};
use rusqlite::{Connection, OpenFlags, types::ValueRef};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Server;

/// This moment, for what a test itself needs.
#[expect(clippy::disallowed_methods, reason = "a black box has no clock to inject")]
pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// The system's time and randomness, for a store that a test opens.
pub(crate) struct Ambient;

impl Clock for Ambient {
    fn now(&self) -> Timestamp {
        now()
    }
}

impl Randomness for Ambient {
    fn fill(&self, bytes: &mut [u8]) {
        SystemRandom::new().fill(bytes).expect("randomness");
    }
}

/// The key to a tenant's store.
#[expect(clippy::disallowed_methods, reason = "a test looks into the data as an operator does")]
pub(crate) fn ctx(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_operator(tenant)
}

/// The data, read while the server may be writing.
pub(crate) struct Beside {
    pub(crate) store: Store,
}

impl Beside {
    pub(crate) async fn open(server: &Server) -> Self {
        let mut options = server.place().options(Arc::new(Ambient), Arc::new(Ambient), Arc::new(Unheard));
        options.data = server.data();
        options.mode = Mode::ReadOnly;
        Self { store: Store::open(options).await.expect("the data can be read") }
    }

    pub(crate) async fn tenant(&self, slug: &str) -> TenantId {
        let tenant = self.store.control().tenant_by_slug(slug).await.expect("control can be read");
        tenant.unwrap_or_else(|| panic!("there is no {slug}")).id
    }

    /// The whole ledger of a tenant.
    pub(crate) async fn ledger(&self, tenant: TenantId) -> Vec<StoredEvent> {
        let mut events: Vec<StoredEvent> = Vec::new();
        loop {
            let after = events.last().map_or(0, |e| e.seq);
            let piece = self.store.read(&ctx(tenant), ReadLedger { after, limit: 500 }).await;
            let piece = piece.expect("the ledger can be read");
            if piece.is_empty() {
                return events;
            }
            events.extend(piece);
        }
    }
}

/// Checks that a ledger has no gap and that its chain holds.
#[track_caller]
pub(crate) fn assert_whole(events: &[StoredEvent]) {
    let mut verifier = ChainVerifier::default();
    for event in events {
        if let Err(fault) = verifier.check(event) {
            panic!("the ledger is broken at {}: {}", fault.seq, fault.reason);
        }
    }
}

/// The path of a tenant's file.
pub(crate) fn tenant_file(data: &Path, tenant: TenantId) -> std::path::PathBuf {
    data.join("tenants").join(format!("{tenant}.db"))
}

/// A file, read as it is at this moment.
pub(crate) fn open_file(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file can be opened")
}

/// What SQLite itself finds wrong with a file: nothing.
#[track_caller]
pub(crate) fn assert_sound(path: &Path) {
    let file = open_file(path);
    let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a verdict");
    assert_eq!(verdict, "ok", "{}", path.display());
    let mut dangling = file.prepare("PRAGMA foreign_key_check").expect("a statement");
    assert!(!dangling.exists([]).expect("an answer"), "{} has dangling references", path.display());
}

/// All that a person could change in a company: not what the system does by itself (deliveries under way, moments
/// of last use), nor the ledger's notes that something was refused.
const CHANGEABLE: [&str; 24] = [
    "SELECT count(*) FROM events WHERE actor_kind <> 'system' \
     AND action NOT IN ('access.denied', 'auth.refused', 'workflow.callbackRefused')",
    "SELECT id, email, name, role, active, password_hash, invitation_id FROM users ORDER BY id",
    "SELECT number, id, title, description, status, priority, tags, custom_fields, requester_id, \
     assignee_id, message_count, version, updated_at, snoozed_at, snoozed_until, merged_into_id FROM tickets ORDER BY number",
    "SELECT * FROM messages ORDER BY ticket_id, ordinal",
    "SELECT id, url, description, events, active, deadline_seconds, secret, shared_secret, deleted_at \
     FROM endpoints ORDER BY id",
    "SELECT * FROM screen_settings ORDER BY screen_id",
    "SELECT * FROM settings",
    "SELECT * FROM macros ORDER BY id",
    "SELECT * FROM message_mentions ORDER BY ticket_id, ordinal, user_id",
    "SELECT * FROM ticket_watchers ORDER BY ticket_id, user_id",
    "SELECT * FROM ticket_links ORDER BY one_id, other_id",
    "SELECT * FROM contents ORDER BY id",
    "SELECT * FROM attachments ORDER BY id",
    "SELECT * FROM drafts ORDER BY user_id, ticket_id, internal",
    "SELECT * FROM notices ORDER BY user_id, event_id",
    "SELECT * FROM notice_settings ORDER BY user_id",
    "SELECT * FROM fields ORDER BY id",
    "SELECT * FROM tags ORDER BY name",
    "SELECT * FROM tag_moves ORDER BY from_tag",
    "SELECT * FROM teams ORDER BY id",
    "SELECT * FROM team_members ORDER BY team_id, user_id",
    "SELECT * FROM views ORDER BY id",
    "SELECT * FROM deleted_tickets ORDER BY id",
    "SELECT id, revoked_at FROM sessions ORDER BY id",
];

/// A digest of all that a person could change in a company.
pub(crate) async fn digest(server: &Server, tenant: TenantId) -> String {
    let mut hasher = Sha256::new();
    for rows in select_each(server, tenant, &CHANGEABLE).await {
        for value in rows.into_iter().flatten() {
            hasher.update(value.as_bytes());
            hasher.update([0]);
        }
        hasher.update([1]);
    }
    hex::encode(hasher.finalize())
}

/// Bare rows of a company, as text: ids in their usual form, NULL as `null`.
pub(crate) async fn select(server: &Server, tenant: TenantId, sql: &str) -> Vec<Vec<String>> {
    select_each(server, tenant, &[sql]).await.remove(0)
}

/// The same of several statements, by one connection: a new one costs a database more than they do.
async fn select_each(server: &Server, tenant: TenantId, statements: &[&str]) -> Vec<Vec<Vec<String>>> {
    let mut all = Vec::new();
    match server.place().database() {
        None => {
            let file = open_file(&tenant_file(&server.data(), tenant));
            all.extend(statements.iter().map(|sql| select_from_file(&file, sql)));
        }
        Some(database) => {
            let client = database.connect("flowbit").await.expect("the role is let in");
            let begin = format!("BEGIN; SELECT set_config('app.tenant', '{tenant}', true)");
            client.batch_execute(&begin).await.expect("a transaction");
            for sql in statements {
                all.push(select_from_database(&client, sql).await);
            }
        }
    }
    all
}

async fn select_from_database(client: &Client, sql: &str) -> Vec<Vec<String>> {
    let messages = client.simple_query(sql).await.expect("rows");
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| (0..row.len()).map(|column| row.get(column).unwrap_or("null").to_owned()).collect())
        .collect()
}

fn select_from_file(file: &Connection, sql: &str) -> Vec<Vec<String>> {
    let mut statement = file.prepare(sql).expect("a statement");
    let columns = statement.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(n) => n.to_string(),
        ValueRef::Real(x) => x.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => {
            uuid::Uuid::from_slice(bytes).map_or_else(|_| hex::encode(bytes), |id| id.to_string())
        }
    };
    let rows = statement.query_map([], |row| {
        (0..columns).map(|column| row.get_ref(column).map(text)).collect::<Result<Vec<_>, _>>()
    });
    rows.expect("rows").collect::<Result<_, _>>().expect("a row")
}
