//! Whoever has the files can change them, but not unnoticed: each way of changing the past is found,
//! by the chain or by a checkpoint taken before, and at the right place.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use flowbit_domain::{
    audit::{GetHead, Head, ReadLedger},
    event::{ChainVerifier, StoredEvent},
    id::TenantId,
};
use flowbit_store::{Mode, Store, StoreOptions, Unheard};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use rusqlite::{Connection, params};

use super::history::{World, history};
use crate::harness::{
    beside::{Ambient, ctx, tenant_file},
    place::Place,
};

/// One way of changing the past. Numbers choose the event, the column, the byte.
#[derive(Debug, Clone)]
enum Tampering {
    /// One bit of a value of an event.
    Flip {
        event: usize,
        column: usize,
        bit: usize,
    },
    /// One bit of the bytes in which the file keeps an event's hash.
    FlipRaw {
        event: usize,
        bit: usize,
    },
    Delete {
        event: usize,
    },
    /// An event and the next one change places.
    Swap {
        event: usize,
    },
    /// The end is gone, and the head says so too.
    Cut {
        events: usize,
    },
    /// One event says something else, and everything from there on is sealed anew.
    Rewrite {
        event: usize,
    },
}

const COLUMNS: [&str; 15] = [
    "id",
    "at",
    "action",
    "actor_kind",
    "actor_id",
    "actor_name",
    "ticket_id",
    "requester_id",
    "audience",
    "ip",
    "request_id",
    "data",
    "data_hash",
    "prev_hash",
    "hash",
];

fn tampering() -> impl Strategy<Value = Tampering> {
    let n = || any::<usize>();
    prop_oneof![
        8 => (n(), 0..COLUMNS.len(), n()).prop_map(|(event, column, bit)| Tampering::Flip { event, column, bit }),
        3 => (n(), n()).prop_map(|(event, bit)| Tampering::FlipRaw { event, bit }),
        2 => n().prop_map(|event| Tampering::Delete { event }),
        2 => n().prop_map(|event| Tampering::Swap { event }),
        2 => n().prop_map(|events| Tampering::Cut { events }),
        2 => n().prop_map(|event| Tampering::Rewrite { event }),
    ]
}

/// A ledger as it was, with the checkpoint that an auditor took home.
struct Original {
    data: PathBuf,
    tenant: TenantId,
    events: Vec<StoredEvent>,
    checkpoint: Head,
}

async fn original(folder: &Place) -> Original {
    let data = folder.path().to_owned();
    let mut world = World::new(folder).await;
    // Always the same history: what varies is what is done to it.
    let steps = history(120).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    for (second, step) in steps {
        world.run(usize::from(second), step).await;
    }
    let events = world.read(0, ReadLedger { after: 0, limit: 100_000 }).await.unwrap();
    let checkpoint = world.read(0, GetHead).await.unwrap();
    assert!(events.len() > 20);
    world.store.close().await;
    Original { data, tenant: world.sides[0].tenant, events, checkpoint }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A file as its owner opens it who means no good: without the triggers.
fn open_disarmed(path: &Path) -> Connection {
    let file = Connection::open(path).unwrap();
    file.execute_batch(
        "DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete; DROP TRIGGER events_no_gap;",
    )
    .unwrap();
    file
}

fn place(of: usize, events: &[StoredEvent]) -> i64 {
    events[of % events.len()].seq
}

/// What a flip did: nothing, when the value is NULL.
fn flip(file: &Connection, seq: i64, column: &str, bit: usize) -> bool {
    let value = file
        .query_row(&format!("SELECT {column} FROM events WHERE seq = ?1"), [seq], |row| {
            row.get::<_, rusqlite::types::Value>(0)
        })
        .unwrap();
    let flip_in = |bytes: &mut Vec<u8>| {
        let at = bit % (bytes.len() * 8);
        // The highest bit of a text's byte would make it no text at all, which is found at once.
        bytes[at / 8] ^= 1 << (at % 7);
    };
    use rusqlite::types::Value::{Blob, Integer, Null, Real, Text};
    let changed = match value {
        Null => return false,
        Integer(n) => Integer(n ^ (1 << (bit % 2))),
        Text(text) if text.is_empty() => return false,
        Text(text) => {
            let mut bytes = text.into_bytes();
            flip_in(&mut bytes);
            match String::from_utf8(bytes) {
                Ok(text) => Text(text),
                Err(_) => return false,
            }
        }
        Blob(mut bytes) => {
            flip_in(&mut bytes);
            Blob(bytes)
        }
        Real(_) => unreachable!("the ledger has no such column"),
    };
    let sql = format!("UPDATE events SET {column} = ?2 WHERE seq = ?1");
    file.execute(&sql, params![seq, changed]).unwrap() == 1
}

fn flip_raw(path: &Path, event: &StoredEvent, bit: usize) {
    let mut bytes = fs::read(path).unwrap();
    // Everywhere: in the event, as the next one's `prev_hash`, in the head, in pages no longer used.
    let places: Vec<usize> =
        bytes.windows(32).enumerate().filter(|(_, window)| *window == event.hash).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "the hash stands in the file");
    for at in places {
        bytes[at + bit % 32] ^= 1 << (bit % 8);
    }
    fs::write(path, bytes).unwrap();
}

fn rewrite(file: &Connection, events: &[StoredEvent], from: i64) {
    let mut prev = events.iter().find(|e| e.seq == from).unwrap().prev_hash;
    for event in events.iter().filter(|e| e.seq >= from) {
        let mut event = event.clone();
        if event.seq == from {
            event.data = r#"{"nothing":"happened"}"#.to_owned();
        }
        event.prev_hash = prev;
        event.data_hash = event.compute_data_hash();
        event.hash = event.compute_hash();
        prev = event.hash;
        let sql = "UPDATE events SET data = ?2, data_hash = ?3, prev_hash = ?4, hash = ?5 WHERE seq = ?1";
        file.execute(sql, params![event.seq, event.data, event.data_hash, event.prev_hash, event.hash])
            .unwrap();
    }
    file.execute("UPDATE head SET hash = ?1", [prev]).unwrap();
}

/// What verifying finds: where the chain breaks first, or that it holds and where it ends.
async fn verify(data: &Path, tenant: TenantId) -> Result<Head, i64> {
    let mut options = StoreOptions::new(data, Arc::new(Ambient), Arc::new(Ambient), Arc::new(Unheard));
    options.mode = Mode::ReadOnly;
    let store = Store::open(options).await.unwrap();
    let mut chain = ChainVerifier::default();
    loop {
        // One at a time: what can't even be read is found at its place as well.
        let read = store.read(&ctx(tenant), ReadLedger { after: chain.size, limit: 1 }).await;
        let Ok(piece) = read else { return Err(chain.size + 1) };
        let Some(event) = piece.first() else { break };
        chain.check(event).map_err(|fault| fault.seq)?;
    }
    store.close().await;
    Ok(Head { size: chain.size, hash: chain.head })
}

#[test]
fn every_change_of_the_past_is_found_where_it_is() {
    let folder = Place::of_files();
    let original = super::runtime().block_on(original(&folder));
    super::check(160, &tampering(), async |copy, tampering| {
        let data = copy.path().join("data");
        copy_folder(&original.data, &data);
        let path = tenant_file(&data, original.tenant);
        let events = &original.events;
        let last = original.checkpoint.size;
        // Where it must be found; `None`: the chain alone can't show it, only the checkpoint.
        let expected = match tampering {
            Tampering::Flip { event, column, bit } => {
                let seq = place(event, events);
                if !flip(&open_disarmed(&path), seq, COLUMNS[column], bit) {
                    return;
                }
                Some(seq..=seq)
            }
            Tampering::FlipRaw { event, bit } => {
                let seq = place(event, events);
                flip_raw(&path, &events[event % events.len()], bit);
                Some(seq..=seq)
            }
            Tampering::Delete { event } => {
                let seq = place(event, events).min(last - 1);
                open_disarmed(&path).execute("DELETE FROM events WHERE seq = ?1", [seq]).unwrap();
                Some(seq..=seq)
            }
            Tampering::Swap { event } => {
                let seq = place(event, events).min(last - 1);
                let file = open_disarmed(&path);
                for (from, to) in [(seq, -1), (seq + 1, seq), (-1, seq + 1)] {
                    file.execute("UPDATE events SET seq = ?2 WHERE seq = ?1", [from, to]).unwrap();
                }
                Some(seq..=seq)
            }
            Tampering::Cut { events: n } => {
                let keep = last - 1 - i64::try_from(n % 10).unwrap();
                let file = open_disarmed(&path);
                file.execute("DELETE FROM events WHERE seq > ?1", [keep]).unwrap();
                let cut = "UPDATE head SET seq = ?1, hash = (SELECT hash FROM events WHERE seq = ?1)";
                file.execute(cut, [keep]).unwrap();
                None
            }
            Tampering::Rewrite { event } => {
                rewrite(&open_disarmed(&path), events, place(event, events));
                None
            }
        };
        let found = verify(&data, original.tenant).await;
        match (expected, found) {
            (Some(expected), Err(seq)) => {
                assert!(expected.contains(&seq), "found at {seq}, not {expected:?}")
            }
            (Some(_), Ok(_)) => panic!("the chain still holds"),
            (None, Ok(head)) => assert_ne!(head, original.checkpoint, "the checkpoint still holds"),
            (None, Err(seq)) => panic!("sealed well, and yet the chain breaks at {seq}"),
        }
    });
}

#[test]
fn an_untouched_ledger_verifies_and_the_engine_refuses_changes() {
    let folder = Place::of_files();
    let runtime = super::runtime();
    let original = runtime.block_on(original(&folder));
    let found = runtime.block_on(verify(&original.data, original.tenant));
    assert_eq!(found, Ok(original.checkpoint));
    // With the triggers in place not even the owner changes anything by mistake.
    let file = Connection::open(tenant_file(&original.data, original.tenant)).unwrap();
    file.pragma_update(None, "recursive_triggers", true).unwrap();
    for sql in [
        "UPDATE events SET data = '{}' WHERE seq = 3",
        "DELETE FROM events WHERE seq = 3",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 3",
        "INSERT INTO events SELECT seq + 100, id, at, action, actor_kind, actor_id, actor_name, ticket_id, \
         requester_id, audience, ip, request_id, data, data_hash, prev_hash, hash FROM events WHERE seq = 3",
    ] {
        let refused = file.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("the ledger"), "{sql}: {refused}");
    }
}
