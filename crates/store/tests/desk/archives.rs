//! Archives: nothing of a company is lost on the way from one engine to the other and back, and nobody sees a part.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use flowbit_domain::{
    Error, TenantCtx,
    archive::{
        INDEXED_AT_ONCE, LEDGER, LedgerLine, Reached, ReadArchive, TABLES, insert_events, insert_rows,
        read_messages, read_tickets, set_head,
        table::{LEFT_OUT, LEFT_OUT_OF_CONTROL, LeftOut, OF_TICKET},
    },
    audit::ReadLedger,
    control::Tenant,
    endpoint::hash_secret,
    event::{ChainVerifier, StoredEvent},
    ticket::{ListTickets, TicketFilter, TicketSort},
};
use flowbit_store::{ControlError, Hints, Import, NewTenant, Store};
use tokio_postgres::Client;

use crate::{
    engines::{Engine, Place, on_both_engines},
    support::{open_at, options_at, start},
    use_cases::{Known, every_command, furnish},
};

on_both_engines!(
    what_is_not_finished_is_nowhere_and_can_be_begun_anew,
    who_is_here_already_is_not_brought_in,
    an_erased_company_leaves_its_proof,
);

type Lines = BTreeMap<&'static str, Vec<String>>;

/// Everything of a company, line by line.
async fn export(store: &Store, ctx: &TenantCtx) -> (Lines, Reached) {
    let lines = Arc::new(Mutex::new(Lines::new()));
    let sink = {
        let lines = Arc::clone(&lines);
        Box::new(move |record: flowbit_domain::archive::Record| {
            lines.lock().unwrap().entry(record.table).or_default().push(record.line.get().to_owned());
            Ok(())
        })
    };
    let reached = store.read(ctx, ReadArchive { sink }).await.unwrap();
    (Arc::into_inner(lines).unwrap().into_inner().unwrap(), reached)
}

/// All but the last step.
async fn load(import: &mut Import, lines: &Lines, reached: Reached) {
    for table in TABLES {
        let rows = lines.get(table.name).into_iter().flatten();
        let rows = rows.map(|line| table.values_of(line.as_bytes()).unwrap()).collect();
        import.load(insert_rows(table, rows)).await.unwrap();
    }
    let events: Vec<StoredEvent> = lines[LEDGER]
        .iter()
        .map(|line| serde_json::from_str::<LedgerLine>(line).unwrap().into_event().unwrap())
        .collect();
    import.load(insert_events(&events).unwrap()).await.unwrap();
    import.load(vec![set_head(reached.head, reached.last_number)]).await.unwrap();
    let search = import.search();
    let (sql, values) = read_tickets(None);
    let tickets = import.query(sql, values, |row| search.index_ticket(row)).await.unwrap();
    let (sql, values) = read_messages(None);
    let messages = import.query(sql, values, |row| search.index_message(row)).await.unwrap();
    assert!(
        i64::try_from(tickets.len().max(messages.len())).unwrap() < INDEXED_AT_ONCE,
        "one page is enough here"
    );
    import.load(tickets.into_iter().chain(messages).map(|(_, statement)| statement).collect()).await.unwrap();
}

fn hints(known: &Known) -> Hints {
    let secret = crate::use_cases::secrets_of(&known.slug).shared;
    Hints {
        emails: vec![format!("admin@{}.example", known.slug)],
        secrets: vec![(hash_secret(&secret), known.endpoint)],
    }
}

async fn bring_in(store: &Store, known: &Known, tenant: &Tenant, lines: &Lines, reached: Reached) {
    let mut import = store.begin_import(&known.ctx, tenant.clone()).await.unwrap();
    load(&mut import, lines, reached).await;
    assert_eq!(*import.finish(hints(known)).await.unwrap(), *tenant);
}

fn new(slug: &str) -> NewTenant {
    NewTenant { slug: slug.into(), name: slug.into(), locale: "en".into(), accent_color: "#1f6feb".into() }
}

/// A company with one of everything, to which everything has been done once.
async fn used(store: &Store, slug: &str) -> (Known, Arc<Tenant>) {
    let tenant = store.control().create_tenant(new(slug)).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "the tests are the operator")]
    let ctx = TenantCtx::for_operator(tenant.id);
    let known = furnish(store, &ctx, slug).await;
    macro_rules! command {
        ($name:ident, $command:expr) => {
            // Some are refused; what counts is what is left.
            let _ = store.write(&known.ctx, $command).await;
        };
    }
    every_command!(&known, &known, 0, command);
    (known, tenant)
}

async fn verify(store: &Store, ctx: &TenantCtx) -> ChainVerifier {
    let mut chain = ChainVerifier::default();
    for event in store.read(ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap() {
        chain.check(&event).unwrap();
    }
    chain.finish().unwrap()
}

async fn find(store: &Store, known: &Known, text: &str) -> Vec<i64> {
    let list = ListTickets {
        principal: known.admin.clone(),
        filter: TicketFilter { text: Some(text.into()), ..TicketFilter::default() },
        sort: TicketSort::NumberAsc,
        limit: 50,
        cursor: None,
    };
    store.read(&known.ctx, list).await.unwrap().items.iter().map(|ticket| ticket.number).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_moves_from_engine_to_engine_and_loses_nothing() {
    for from in [Engine::Embedded, Engine::Postgres] {
        let (source_place, clock) = (Place::new(from).await, start());
        let source = open_at(&source_place, &clock).await;
        let (known, tenant) = used(&source, "acme").await;
        let (lines, reached) = export(&source, &known.ctx).await;
        for table in TABLES.iter().map(|table| table.name).chain([LEDGER]) {
            assert!(lines.contains_key(table), "there is nothing in {table} that could be lost");
        }
        for to in [Engine::Postgres, Engine::Embedded] {
            let what = format!("from {from:?} to {to:?}");
            let place = Place::new(to).await;
            let target = open_at(&place, &clock).await;
            let (other, _) = used(&target, "other").await;
            let before = export(&target, &other.ctx).await;
            bring_in(&target, &known, &tenant, &lines, reached).await;
            assert!(export(&target, &known.ctx).await == (lines.clone(), reached), "{what}");
            assert!(export(&target, &other.ctx).await == before, "{what}: the other company");
            assert_eq!(verify(&target, &known.ctx).await.head, reached.head.hash, "{what}");
            // Both are found, and each one's search finds what it found.
            let control = target.control();
            assert_eq!(control.tenants_of_email("admin@acme.example").await.unwrap(), [tenant.id], "{what}");
            let secret = hash_secret(&crate::use_cases::secrets_of("acme").shared);
            assert!(control.find_secret(secret).await.unwrap().is_some(), "{what}");
            for text in ["secret", "between", "hello", "nowhere"] {
                assert_eq!(
                    find(&target, &known, text).await,
                    find(&source, &known, text).await,
                    "{what}: {text}"
                );
            }
            assert_eq!(find(&target, &known, "between").await, [1], "{what}");
            // And it goes on: the next number, the next event of the same chain.
            let next = target.write(&known.ctx, known.new_ticket("After")).await.unwrap().answer;
            assert_eq!(next.number, reached.last_number + 1, "{what}");
            assert!(verify(&target, &known.ctx).await.size > reached.head.size, "{what}");
            target.close().await;
        }
        source.close().await;
    }
}

async fn what_is_not_finished_is_nowhere_and_can_be_begun_anew(engine: Engine) {
    let (place, clock) = (Place::new(Engine::Embedded).await, start());
    let source = open_at(&place, &clock).await;
    let (known, tenant) = used(&source, "acme").await;
    let (lines, reached) = export(&source, &known.ctx).await;
    let target_place = Place::new(engine).await;
    let target = open_at(&target_place, &clock).await;
    let is_nowhere = async |target: &Store| {
        assert!(target.control().tenants().await.unwrap().is_empty());
        assert!(target.control().tenant(tenant.id).await.unwrap().is_none());
        let read = target.read(&known.ctx, flowbit_domain::audit::GetHead).await;
        assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
        assert!(target.write(&known.ctx, known.new_ticket("Early")).await.is_err());
    };
    // Everything but the last step, and then nothing more, as when the process is killed.
    let mut import = target.begin_import(&known.ctx, (*tenant).clone()).await.unwrap();
    load(&mut import, &lines, reached).await;
    is_nowhere(&target).await;
    drop(import);
    target.close().await;
    let target = open_at(&target_place, &clock).await;
    is_nowhere(&target).await;
    // Another name can still be had, and a refused row leaves nothing.
    let mut import = target.begin_import(&known.ctx, (*tenant).clone()).await.unwrap();
    import.load(vec![("INSERT INTO nowhere (x) VALUES (1)".to_owned(), vec![])]).await.unwrap_err();
    import.abandon().await.unwrap();
    assert!(target.control().unfinished_imports().await.unwrap().is_empty());
    is_nowhere(&target).await;
    // Begun twice at once, the later one counts.
    let mut first = target.begin_import(&known.ctx, (*tenant).clone()).await.unwrap();
    if engine == Engine::Postgres {
        load(&mut first, &lines, reached).await;
        let mut second = target.begin_import(&known.ctx, (*tenant).clone()).await.unwrap();
        let refused = first.load(vec![set_head(reached.head, 7)]).await.unwrap_err();
        assert!(refused.to_string().contains("another import of acme was begun"), "{refused}");
        load(&mut second, &lines, reached).await;
        let finished = first.finish(Hints::default()).await;
        assert!(finished.is_err(), "{finished:?}");
        second.finish(hints(&known)).await.unwrap();
    } else {
        load(&mut first, &lines, reached).await;
        first.finish(hints(&known)).await.unwrap();
    }
    assert!(export(&target, &known.ctx).await == (lines, reached));
}

async fn who_is_here_already_is_not_brought_in(engine: Engine) {
    let (place, clock) = (Place::new(engine).await, start());
    let store = open_at(&place, &clock).await;
    let (known, tenant) = used(&store, "acme").await;
    let (lines, reached) = export(&store, &known.ctx).await;
    let begun = store.begin_import(&known.ctx, (*tenant).clone()).await;
    assert!(matches!(begun, Err(ControlError::IdTaken(id)) if id == tenant.id), "{begun:?}");
    // Its name is taken by another, at the beginning and at the end.
    store.control().erase_tenant(tenant.id, "{}").await.unwrap();
    let other = store.control().create_tenant(new("acme")).await.unwrap();
    let begun = store.begin_import(&known.ctx, (*tenant).clone()).await;
    assert!(matches!(begun, Err(ControlError::SlugTaken(slug)) if slug == "acme"));
    store.control().discard_tenant(other.id).await.unwrap();
    let mut import = store.begin_import(&known.ctx, (*tenant).clone()).await.unwrap();
    load(&mut import, &lines, reached).await;
    let other = store.control().create_tenant(new("acme")).await.unwrap();
    let finished = import.finish(hints(&known)).await;
    assert!(matches!(finished, Err(ControlError::SlugTaken(_))), "{finished:?}");
    assert_eq!(store.control().tenants().await.unwrap(), [Arc::clone(&other)]);
    assert!(store.control().unfinished_imports().await.unwrap().is_empty());
    // What was erased can come back, from its archive.
    store.control().discard_tenant(other.id).await.unwrap();
    bring_in(&store, &known, &tenant, &lines, reached).await;
    assert!(export(&store, &known.ctx).await == (lines, reached));
    store.write(&known.ctx, known.new_ticket("Back")).await.unwrap();
}

async fn an_erased_company_leaves_its_proof(engine: Engine) {
    let (place, clock) = (Place::new(engine).await, start());
    let store = open_at(&place, &clock).await;
    let (known, tenant) = used(&store, "acme").await;
    let head = export(&store, &known.ctx).await.1.head;
    let counts = r#"{"tickets":2}"#;
    let erasure = store.control().erase_tenant(tenant.id, counts).await.unwrap();
    assert_eq!((erasure.head, erasure.counts.as_str(), erasure.slug.as_str()), (Some(head), counts, "acme"));
    store.control().attest_erasure(&erasure, r#"{"signed":true}"#).await.unwrap();
    store.close().await;
    let store = open_at(&place, &clock).await;
    let kept = store.control().erasures().await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].head, kept[0].tenant, kept[0].slug.as_str()), (Some(head), tenant.id, "acme"));
    assert_eq!(kept[0].checkpoint.as_deref(), Some(r#"{"signed":true}"#));
    assert!(kept[0].finished_at.is_some_and(|at| at >= kept[0].begun_at));
    assert!(store.control().tenants().await.unwrap().is_empty());
}

/// A table's columns, as the engine has them.
type Schema = BTreeMap<String, BTreeSet<String>>;

fn declared(left_out: &[LeftOut]) -> BTreeSet<&str> {
    let why = |(name, why): &LeftOut| {
        assert!(!why.is_empty(), "{name} is left out and nobody says why");
        *name
    };
    left_out.iter().map(why).collect()
}

/// Each table is taken along with all its columns, or left out for a reason.
fn assert_covered(schema: &Schema) {
    let left_out = declared(LEFT_OUT);
    for (name, columns) in schema {
        match TABLES.iter().find(|table| table.name == name) {
            Some(table) => {
                assert!(!left_out.contains(name.as_str()), "{name} is taken along and left out");
                let taken: BTreeSet<String> = table.columns.iter().map(|c| c.name.to_owned()).collect();
                assert_eq!(&taken, columns, "{name}: the archive takes other columns than there are");
            }
            None => assert!(
                left_out.contains(name.as_str()),
                "{name} is neither in the archive nor among what is left out: declare it in archive/table.rs"
            ),
        }
    }
    for table in TABLES {
        assert!(schema.contains_key(table.name), "there is no table {}", table.name);
    }
}

fn sqlite_schema(path: &std::path::Path) -> Schema {
    let file = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c \
        WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND t.name NOT LIKE 'sqlite_%'";
    let mut statement = file.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).fold(Schema::new(), |mut schema, (table, column): (String, String)| {
        schema.entry(table).or_default().insert(column);
        schema
    })
}

/// The tables whose rows go with the ticket that they belong to.
fn tables_of_tickets(path: &std::path::Path) -> BTreeSet<String> {
    let file = rusqlite::Connection::open(path).unwrap();
    let sql = "SELECT t.name FROM pragma_table_list t JOIN pragma_foreign_key_list(t.name) k \
        WHERE t.schema = 'main' AND k.\"table\" = 'tickets' AND k.on_delete = 'CASCADE'";
    let mut statement = file.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

async fn postgres_schema(client: &Client, schema: &str) -> Schema {
    let sql = "SELECT c.relname::text, a.attname::text FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attname <> 'tenant_id'";
    client.query(sql, &[&schema]).await.unwrap().iter().fold(Schema::new(), |mut tables, row| {
        tables.entry(row.get(0)).or_default().insert(row.get(1));
        tables
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_of_either_engine_is_in_the_archive_or_left_out_for_a_reason() {
    let (place, clock) = (Place::new(Engine::Embedded).await, start());
    let store = open_at(&place, &clock).await;
    let tenant = store.control().create_tenant(new("acme")).await.unwrap();
    store.close().await;
    let data = options_at(&place, &clock).data;
    let file = data.join("tenants").join(format!("{}.db", tenant.id));
    assert_covered(&sqlite_schema(&file));
    let of_ticket: BTreeSet<String> = OF_TICKET.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(tables_of_tickets(&file), of_ticket, "what goes with a ticket must come back with it");
    let of_control = declared(LEFT_OUT_OF_CONTROL);
    for table in sqlite_schema(&data.join("control.db")).keys() {
        assert!(of_control.contains(table.as_str()), "control's {table} is nowhere said to be left out");
    }

    let Place::Database(database) = Place::new(Engine::Postgres).await else { panic!("it has a database") };
    let client = database.connect("postgres").await.unwrap();
    assert_covered(&postgres_schema(&client, "flowbit").await);
    for table in postgres_schema(&client, "flowbit_control").await.keys() {
        assert!(of_control.contains(table.as_str()), "control's {table} is nowhere said to be left out");
    }
}
