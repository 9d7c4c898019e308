//! Every use-case on both engines: the same calls, in the same order, have the same answers, and leave the same.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::{Debug, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use flowbit_domain::{
    Error, Principal, Result, Role, TenantCtx, Timestamp,
    archive::ReadArchive,
    audit::ReadLedger,
    event::ChainVerifier,
    json::AsJson,
    ticket::{Cards, ListTickets, TicketFilter, TicketSort, WriteTickets},
    time::{Clock, Randomness},
};
use flowbit_store::{NewTenant, Store, StoreOptions, Unheard};

use crate::{
    engines::{self, Engine, Place},
    use_cases::{Known, every_command, every_query, furnish},
};

/// The time as it is told.
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// Different bytes each time, that as a number are always about the half: delays that are drawn are then the
/// same in whatever order they are drawn.
#[derive(Default)]
struct Even(AtomicU32);

impl Randomness for Even {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&(1_u64 << 63 | u64::from(next)).to_be_bytes()[..chunk.len()]);
        }
    }
}

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/src");

/// The use-cases that there are, by the text of the crate `domain`.
fn names() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(FILES)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(path).unwrap();
                let found = text.lines().filter_map(|line| {
                    let rest =
                        line.strip_prefix("impl Query for ").or(line.strip_prefix("impl Command for "))?;
                    rest.split_whitespace().next().map(str::to_owned)
                });
                names.extend(found);
            }
        }
    }
    names
}

/// What was called and what came of it.
#[derive(Default)]
struct Transcript {
    text: String,
    names: BTreeSet<String>,
}

impl Transcript {
    fn note<T: Debug>(&mut self, name: &str, outcome: &Result<T>) {
        self.names.insert(name.to_owned());
        assert!(!matches!(outcome, Err(Error::Unavailable(_) | Error::Internal(_))), "{name}: {outcome:?}");
        writeln!(self.text, "{name}: {outcome:?}").unwrap();
    }

    /// The same about what is another company's, where a reference to what is nowhere may break as well; each
    /// engine says so in its own words.
    fn note_elsewhere<T: Debug>(&mut self, name: &str, outcome: &Result<T>) {
        match outcome {
            Err(Error::Internal(said)) => {
                let said = said.to_lowercase();
                assert!(said.contains("foreign key constraint"), "{name}: {said}");
                writeln!(self.text, "{name}: refers to nothing").unwrap();
            }
            outcome => self.note(name, outcome),
        }
    }
}

/// A list that is written from cards made before a change is the one that is read now, for staff and for a requester.
async fn compare_cards(store: &Store, me: &Known, cards: &Arc<Cards>, after: &str) {
    for role in [Role::Admin, Role::User] {
        let list = ListTickets {
            principal: Principal { role, ..me.admin.clone() },
            filter: TicketFilter::default(),
            sort: TicketSort::NumberAsc,
            limit: 100,
            cursor: None,
        };
        let written = WriteTickets { list: list.clone(), cards: Arc::clone(cards) };
        let written = store.read(&me.ctx, AsJson::new(written)).await.unwrap();
        let page = store.read(&me.ctx, list).await.unwrap();
        assert!(!page.items.is_empty());
        let read = serde_json::to_string(&page).unwrap();
        assert_eq!(String::from_utf8_lossy(&written), read, "after {after}, for {role:?}");
    }
}

async fn ask_all(store: &Store, me: &Known, transcript: &mut Transcript) {
    macro_rules! ask {
        ($name:ident, $query:expr) => {
            let outcome = store.read(&me.ctx, $query).await;
            transcript.note(stringify!($name), &outcome);
        };
    }
    every_query!(me, me, ask);
}

/// All that is kept, as it is exported.
async fn export(store: &Store, ctx: &TenantCtx) -> String {
    let records = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&records);
    let sink = Box::new(move |record| {
        let mut records = sink.lock().unwrap();
        let record: flowbit_domain::archive::Record = record;
        records.push_str(record.table);
        records.push_str(record.line.get());
        records.push('\n');
        Ok(())
    });
    store.read(ctx, ReadArchive { sink }).await.unwrap();
    let records = records.lock().unwrap();
    records.clone()
}

/// A text in which ids stand as the numbers in which they first appear, and hashes, which cover ids, as what
/// they are: each engine draws its ids in its own way.
fn without_chance(text: &str) -> String {
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut out = String::with_capacity(text.len());
    // As `Debug` shows hashes: lists of bytes.
    let mut pieces = text.split("hash: [");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str("hash");
        text.push_str(piece.split_once(']').unwrap().1);
    }
    let is_part = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut rest = text.as_str();
    while let Some(begin) = rest.find(is_part) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        if uuid::Uuid::parse_str(word).is_ok() {
            let next = numbers.len();
            write!(out, "#{}", numbers.entry(word).or_insert(next)).unwrap();
        } else if word.len() == 64 {
            out.push_str("hash");
        } else {
            out.push_str(word);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[test]
fn chance_is_taken_out() {
    let (a, b) = ("019c131e-9fa0-73c6-bbcd-cc00332e917d", "019c131e-9fa0-73c6-bbcd-cbfa53e0a82e");
    let hash = "a".repeat(64);
    let text = format!("x({b}) cafe {a},{b};{hash} prev_hash: [1, 2] }}");
    assert_eq!(without_chance(&text), "x(#0) cafe #1,#0;hash prev_hash }");
}

async fn perform(engine: Engine) -> Transcript {
    let place = Place::new(engine).await;
    let clock = Arc::new(Told(AtomicI64::new(1_769_847_300_000)));
    let options = StoreOptions::new("", clock.clone(), Arc::new(Even::default()), Arc::new(Unheard));
    let store = engines::open(&place, options).await;
    let new = |slug: &str| NewTenant {
        slug: slug.into(),
        name: slug.into(),
        locale: "en".into(),
        accent_color: "#1f6feb".into(),
    };
    let id = store.control().create_tenant(new("alpha")).await.unwrap().id;
    let other = store.control().create_tenant(new("beta")).await.unwrap().id;
    #[expect(clippy::disallowed_methods, reason = "the tests are the operator")]
    let (ctx, other) = (TenantCtx::for_operator(id), TenantCtx::for_operator(other));
    let known = furnish(&store, &ctx, "alpha").await;
    let known_elsewhere = furnish(&store, &other, "beta").await;
    let mut transcript = Transcript::default();
    let cards = Arc::default();
    ask_all(&store, &known, &mut transcript).await;
    for round in 0..2 {
        macro_rules! command {
            ($name:ident, $command:expr) => {
                clock.0.fetch_add(1_000, Ordering::Relaxed);
                let outcome = store.write(&ctx, $command).await;
                transcript.note(stringify!($name), &outcome);
                Box::pin(compare_cards(&store, &known, &cards, stringify!($name))).await;
            };
        }
        every_command!(&known, &known, round, command);
        ask_all(&store, &known, &mut transcript).await;
        // With what is another company's: as with what is nobody's.
        macro_rules! command_elsewhere {
            ($name:ident, $command:expr) => {
                let outcome = store.write(&ctx, $command).await;
                transcript.note_elsewhere(stringify!($name), &outcome);
            };
        }
        every_command!(&known, &known_elsewhere, 10 + round, command_elsewhere);
    }
    // Long after: what has expired is found and goes.
    clock.0.fetch_add(400 * 24 * 60 * 60 * 1_000, Ordering::Relaxed);
    transcript.note("HasExpired", &store.read(&ctx, flowbit_domain::retention::HasExpired).await);
    let remove = flowbit_domain::retention::RemoveExpired { limit: 1_000 };
    transcript.note("RemoveExpired", &store.write(&ctx, remove).await);
    for ctx in [&ctx, &other] {
        let mut verifier = ChainVerifier::default();
        for event in store.read(ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap() {
            verifier.check(&event).unwrap();
        }
        transcript.text.push_str(&export(&store, ctx).await);
    }
    store.close().await;
    transcript
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_use_case_has_the_same_answers_on_both_engines() {
    let embedded = Box::pin(perform(Engine::Embedded)).await;
    let postgres = Box::pin(perform(Engine::Postgres)).await;
    assert_eq!(
        embedded.names,
        names(),
        "a use-case is missing in shared/use_cases.rs, or there is none of that name"
    );
    let (embedded, postgres) = (without_chance(&embedded.text), without_chance(&postgres.text));
    assert!(embedded.lines().count() > 300, "hardly anything was done");
    for (number, (a, b)) in (1..).zip(embedded.lines().zip(postgres.lines())) {
        assert_eq!(a, b, "line {number} differs: embedded, then PostgreSQL");
    }
    assert_eq!(embedded.len(), postgres.len());
}
