//! Fills a database by COPY, as the superuser: a million tickets through the use-cases would take an hour.
//!
//! The rows are those that the use-cases would have written: people, tickets with their tags and documents, the
//! ledger sealed event by event, and its head. [`check`] reads them through the store and follows the chain.
//! Only triggers and foreign keys are passed over, since nothing in them could fail.

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use bytes::Bytes;
use flowbit_domain::{
    Role, TenantId, Timestamp, UserId,
    audit::ReadLedger,
    event::{Action, Audience, EventDraft, GENESIS, Hash, StoredEvent},
    id::{EventId, TicketId},
    principal::{Actor, Origin},
    time::{Clock, Randomness},
};
use flowbit_store::Store;
use futures_util::SinkExt;
use serde_json::json;
use tokio_postgres::Client;
use uuid::{Builder, Uuid};

use crate::desk::{Desk, System, refused};

/// People of each company; the first is the agent who asks.
const PEOPLE: usize = 10;
/// Between two tickets of a company, in milliseconds.
const STEP: i64 = 7_000;
/// So many tickets are sent at once.
const CHUNK: usize = 5_000;
/// From which the tickets' texts are made.
const VOCABULARY: [&str; 48] = [
    "pallet",
    "truck",
    "dock",
    "driver",
    "customs",
    "invoice",
    "label",
    "scanner",
    "warehouse",
    "shelf",
    "gate",
    "container",
    "seal",
    "weight",
    "address",
    "delivery",
    "return",
    "damage",
    "missing",
    "late",
    "early",
    "wrong",
    "broken",
    "blocked",
    "waiting",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "please",
    "check",
    "again",
    "since",
    "yesterday",
    "morning",
    "system",
    "shows",
    "nothing",
    "after",
    "update",
    "customer",
    "called",
    "twice",
    "urgent",
    "forklift",
    "battery",
    "printer",
];
const TAGS: [&str; 8] = ["delay", "damage", "customs", "billing", "hardware", "access", "returns", "other"];

/// The rows of the tables, as COPY takes them.
#[derive(Default)]
struct Rows {
    tenants: String,
    heads: String,
    users: String,
    tickets: String,
    tags: String,
    search: String,
    events: String,
}

impl Rows {
    const TABLES: [&str; 7] = [
        "flowbit_control.tenants (id, slug, name, locale, accent_color, state, created_at)",
        "flowbit.head (tenant_id, seq, hash, last_number)",
        "flowbit.users (tenant_id, id, email, name, folded, role, active, created_at, updated_at)",
        "flowbit.tickets (tenant_id, number, id, title, description, status, priority, tags, custom_fields, \
         requester_id, assignee_id, message_count, public_count, version, created_at, updated_at)",
        "flowbit.ticket_tags (tenant_id, tag, ticket_id)",
        "flowbit.search (tenant_id, number, part, internal, words)",
        "flowbit.events (tenant_id, seq, id, at, action, actor_kind, actor_id, actor_name, ticket_id, requester_id, \
         audience, data, data_hash, prev_hash, hash)",
    ];

    async fn send(&mut self, admin: &Client) -> Result<()> {
        let texts = [
            &mut self.tenants,
            &mut self.heads,
            &mut self.users,
            &mut self.tickets,
            &mut self.tags,
            &mut self.search,
            &mut self.events,
        ];
        for (table, text) in Self::TABLES.iter().zip(texts) {
            if !text.is_empty() {
                let sink = admin.copy_in(&format!("COPY {table} FROM STDIN")).await?;
                let mut sink = std::pin::pin!(sink);
                sink.send(Bytes::from(std::mem::take(text))).await?;
                sink.finish().await?;
            }
        }
        Ok(())
    }
}

/// A company in the making.
struct Company {
    tenant: TenantId,
    people: Vec<(UserId, String)>,
    seq: i64,
    hash: Hash,
}

fn id(at: Timestamp) -> Result<Uuid> {
    let mut random = [0; 10];
    System.fill(&mut random);
    Ok(Builder::from_unix_timestamp_millis(u64::try_from(at.0)?, &random).into_uuid())
}

/// What has been filled in: a company with the id of one ticket after another.
pub(crate) struct Filled {
    pub(crate) desk: Desk,
    pub(crate) tickets: Vec<TicketId>,
}

/// The word that one ticket alone has.
pub(crate) fn rare(number: usize) -> String {
    format!("ref{number:07}")
}

/// Makes companies with so many tickets each.
pub(crate) async fn fill(admin: &Client, tenants: usize, tickets: usize) -> Result<Vec<Filled>> {
    admin
        .batch_execute(
            "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'",
        )
        .await?;
    let indexes = drop_indexes(admin).await?;
    let now = System.now();
    let mut rows = Rows::default();
    let mut filled = Vec::with_capacity(tenants);
    let mut unsent = 0;
    for n in 0..tenants {
        let since = now.plus_ms(-STEP * i64::try_from(tickets + PEOPLE)?);
        let mut company = found(&mut rows, n, since)?;
        let mut ids = Vec::with_capacity(tickets);
        for number in 1..=tickets {
            let at = since.plus_ms(STEP * i64::try_from(number)?);
            ids.push(raise(&mut rows, &mut company, number, at)?);
            unsent += 1;
            if unsent == CHUNK {
                rows.send(admin).await?;
                unsent = 0;
            }
        }
        let Company { tenant, people, seq, hash } = company;
        writeln!(rows.heads, "{tenant}\t{seq}\t{}\t{tickets}", bytes(&hash))?;
        let (agent, name) = &people[0];
        filled.push(Filled { desk: Desk::of(tenant, *agent, name), tickets: ids });
    }
    rows.send(admin).await?;
    for index in indexes {
        admin.batch_execute(&index).await?;
    }
    admin
        .batch_execute(
            "INSERT INTO flowbit_control.ledgers (tenant, seq, identity_seq, moved)
                 SELECT tenant_id, seq, 0, pg_current_xact_id() FROM flowbit.head;
             RESET session_replication_role; RESET synchronous_commit",
        )
        .await?;
    // What autovacuum would have done meanwhile.
    admin.batch_execute("VACUUM (ANALYZE)").await?;
    admin.batch_execute("CHECKPOINT").await?;
    Ok(filled)
}

/// Drops the indexes that are no keys, which are made faster at once than row by row. Answers what makes them.
async fn drop_indexes(admin: &Client) -> Result<Vec<String>> {
    const INDEXES: &str = "SELECT pg_get_indexdef(i.indexrelid), i.indexrelid::regclass::text FROM pg_index i \
        JOIN pg_class c ON c.oid = i.indrelid \
        WHERE c.relnamespace = 'flowbit'::regnamespace AND NOT i.indisunique";
    let mut indexes = Vec::new();
    for row in admin.query(INDEXES, &[]).await? {
        admin.batch_execute(&format!("DROP INDEX {}", row.get::<_, String>(1))).await?;
        indexes.push(row.get(0));
    }
    Ok(indexes)
}

fn found(rows: &mut Rows, n: usize, at: Timestamp) -> Result<Company> {
    let tenant = TenantId(id(at)?);
    writeln!(rows.tenants, "{tenant}\tfilled-{n}\tCompany {n}\ten\t#1f6feb\tactive\t{}", at.0)?;
    let mut company = Company { tenant, people: Vec::new(), seq: 0, hash: GENESIS };
    for person in 0..PEOPLE {
        let user = UserId(id(at)?);
        let (name, email) = (format!("Person {person}"), format!("person{person}@company{n}.example"));
        let role = if person < 3 { Role::Agent } else { Role::User };
        writeln!(
            rows.users,
            "{tenant}\t{user}\t{email}\t{name}\tperson {person} {email}\t{}\tt\t{}\t{1}",
            role.as_str(),
            at.0
        )?;
        let data = json!({ "userId": user, "email": email, "name": name, "role": role, "invited": true });
        let draft = EventDraft {
            action: Action::UserCreated,
            audience: Audience::Admins,
            origin: Origin { actor: Actor::operator(), ip: None, request_id: None },
            ticket: None,
            requester: None,
            data: data.to_string(),
        };
        record(rows, &mut company, draft, at)?;
        company.people.push((user, name));
    }
    Ok(company)
}

fn raise(rows: &mut Rows, company: &mut Company, number: usize, at: Timestamp) -> Result<TicketId> {
    let tenant = company.tenant;
    let ticket = TicketId(id(at)?);
    let (requester, name) = company.people[number % PEOPLE].clone();
    let assignee = &company.people[number % 3];
    // Steps that are prime to the number of words give each ticket others.
    let word = |i: usize| VOCABULARY[(number * 7 + i * (1 + number % 5) * 5 + i) % VOCABULARY.len()];
    let title = format!("The {} is {} at the {} {number}", word(0), word(1), word(2));
    let mut description = (3..33).map(word).collect::<Vec<_>>().join(" ");
    write!(description, " {}", rare(number))?;
    let tags = [TAGS[number % 8], TAGS[(number / 8 + number + 1) % 8]];
    let tags = if tags[0] == tags[1] { &tags[..1] } else { &tags[..] };
    let listed = serde_json::to_string(tags)?;
    let priority = number % 4;
    writeln!(
        rows.tickets,
        "{tenant}\t{number}\t{ticket}\t{title}\t{description}\topen\t{priority}\t{listed}\t{{}}\t{requester}\t{}\t0\t0\t1\t{}\t{1}",
        assignee.0, at.0
    )?;
    for tag in tags {
        writeln!(rows.tags, "{tenant}\t{tag}\t{ticket}")?;
    }
    let whole = tenant.to_string();
    let mark = &whole[whole.len() - 5..];
    write!(rows.search, "{tenant}\t{number}\t0\tf\t")?;
    for word in title.split(' ').chain(description.split(' ')) {
        write!(rows.search, "'{mark}{}' ", word.to_lowercase())?;
    }
    rows.search.push('\n');
    let data = json!({
        "number": number,
        "title": title,
        "status": "open",
        "priority": (["low", "normal", "high", "urgent"][priority]),
        "tags": tags,
        "assignee": { "id": assignee.0, "name": assignee.1 },
        "version": 1,
    });
    let draft = EventDraft {
        action: Action::TicketCreated,
        audience: Audience::Requester,
        origin: Origin { actor: Actor::user(requester, &name), ip: None, request_id: None },
        ticket: Some(ticket),
        requester: Some(requester),
        data: data.to_string(),
    };
    record(rows, company, draft, at)?;
    Ok(ticket)
}

fn record(rows: &mut Rows, company: &mut Company, draft: EventDraft, at: Timestamp) -> Result<()> {
    let event = StoredEvent::seal(draft, EventId(id(at)?), company.seq + 1, at, company.hash);
    (company.seq, company.hash) = (event.seq, event.hash);
    let or_null = |id: Option<Uuid>| id.map_or_else(|| "\\N".to_owned(), |id| id.to_string());
    writeln!(
        rows.events,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        company.tenant,
        event.seq,
        event.id,
        event.at.0,
        event.action,
        event.actor.kind.as_str(),
        or_null(event.actor.id),
        event.actor.name,
        or_null(event.ticket.map(|ticket| ticket.0)),
        or_null(event.requester.map(|requester| requester.0)),
        event.audience.code(),
        event.data.replace('\\', "\\\\"),
        bytes(&event.data_hash),
        bytes(&event.prev_hash),
        bytes(&event.hash),
    )?;
    Ok(())
}

/// As COPY reads a bytea.
fn bytes(hash: &Hash) -> String {
    format!("\\\\x{}", hex::encode(hash))
}

/// Reads a company through the store: its newest tickets are there, a rare word finds its ticket, and the first
/// and last thousand events of its ledger are a chain.
pub(crate) async fn check(store: &Store, filled: &Filled) -> Result<()> {
    let Filled { desk, tickets } = filled;
    let newest = desk.list(store, None).await?;
    ensure!(newest.first().map(|ticket| ticket.id) == tickets.last().copied(), "the newest is not there");
    let found = desk.list(store, Some(rare(tickets.len() / 2 + 1))).await?;
    ensure!(found.len() == 1 && found[0].id == tickets[tickets.len() / 2], "search finds another ticket");
    let size = i64::try_from(tickets.len() + PEOPLE)?;
    for after in [0, (size - 1_000).max(0)] {
        let events = store.read(&desk.ctx, ReadLedger { after, limit: 1_000 }).await.map_err(refused)?;
        ensure!(
            events.last().is_some_and(|event| event.seq == size.min(after + 1_000)),
            "events are missing"
        );
        let mut before = (after == 0).then_some(GENESIS);
        for event in &events {
            let is_whole = event.data_hash == event.compute_data_hash() && event.hash == event.compute_hash();
            let follows = before.is_none_or(|before| before == event.prev_hash);
            ensure!(is_whole && follows, "the ledger is broken at {}", event.seq);
            before = Some(event.hash);
        }
    }
    Ok(())
}
