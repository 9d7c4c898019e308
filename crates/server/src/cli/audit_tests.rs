//! What an export shows when it was tampered with.

use aws_lc_rs::signature::Ed25519KeyPair;
use flowbit_domain::{
    EventId, TenantId, Timestamp,
    event::{Action, Audience, EventDraft, GENESIS, StoredEvent, checkpoint_bytes},
    principal::Origin,
};
use uuid::Uuid;

use super::*;
use crate::identity::keys::thumbprint;

fn tenant() -> TenantId {
    TenantId(Uuid::from_u128(7))
}

/// An export of five events.
fn export() -> Vec<String> {
    let mut prev = GENESIS;
    (1..=5_u32)
        .map(|n| {
            let draft = EventDraft {
                action: Action::TicketCreated,
                audience: Audience::Staff,
                origin: Origin::system(),
                ticket: None,
                requester: None,
                data: format!(r#"{{"number":{n}}}"#),
            };
            let id = EventId(Uuid::from_u128(n.into()));
            let event = StoredEvent::seal(draft, id, n.into(), Timestamp(i64::from(n) * 1000), prev);
            prev = event.hash;
            serde_json::to_string(&LedgerLine::new(&event, tenant())).unwrap()
        })
        .collect()
}

fn checkpoint_of(lines: &[String]) -> Checkpoint {
    let last: LedgerLine = serde_json::from_str(lines.last().unwrap()).unwrap();
    let event = last.into_event().unwrap();
    let pair = Ed25519KeyPair::generate().unwrap();
    let timestamp = Timestamp(9_000);
    let signature = pair.sign(&checkpoint_bytes(tenant(), event.seq, &event.hash, timestamp));
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref();
    Checkpoint {
        customer_id: tenant(),
        size: event.seq,
        head: hex::encode(event.hash),
        timestamp,
        key_id: thumbprint(public),
        public_key: hex::encode(public),
        signature: hex::encode(signature),
    }
}

fn check(lines: &[String], checkpoint: Option<&Checkpoint>) -> Result<i64, (u8, String)> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    verify_lines(Path::new("export"), text.as_bytes(), checkpoint)
        .map(|c| c.size)
        .map_err(|f| (f.code, f.line))
}

/// What is found, which must be a broken chain at this place.
fn assert_broken(lines: &[String], checkpoint: Option<&Checkpoint>, seq: i64) {
    let (code, line) = check(lines, checkpoint).unwrap_err();
    assert_eq!(code, 1, "{line}");
    assert!(line.starts_with(&format!("broken at seq {seq}: ")), "expected {seq}: {line}");
}

#[test]
fn a_whole_export_is_whole_with_and_without_a_checkpoint() {
    let lines = export();
    assert_eq!(check(&lines, None), Ok(5));
    assert_eq!(check(&lines, Some(&checkpoint_of(&lines))), Ok(5));
    // A checkpoint made earlier than the export.
    assert_eq!(check(&lines, Some(&checkpoint_of(&lines[..3]))), Ok(5));
}

#[test]
fn every_flipped_byte_is_found() {
    let lines = export();
    for (index, line) in lines.iter().enumerate() {
        for place in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            let mut tampered = lines.clone();
            tampered[index] = flipped;
            let found = check(&tampered, None);
            let (code, told) =
                found.expect_err(&format!("byte {place} of line {index} was not found: {}", tampered[index]));
            // What breaks the first line's form makes it no export at all.
            assert!(code == 1 || (index == 0 && code == 2), "{told}");
        }
    }
}

#[test]
fn what_is_missing_or_moved_is_found() {
    let lines = export();
    let checkpoint = checkpoint_of(&lines);

    let mut without_the_first = lines.clone();
    without_the_first.remove(0);
    assert_broken(&without_the_first, None, 1);

    let mut without_the_third = lines.clone();
    without_the_third.remove(2);
    assert_broken(&without_the_third, None, 3);

    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    assert_broken(&swapped, None, 2);

    let mut doubled = lines.clone();
    doubled.insert(3, lines[2].clone());
    assert_broken(&doubled, None, 4);

    let cut = &lines[..3];
    assert_eq!(check(cut, None), Ok(3), "the chain alone can't show a cut");
    assert_broken(cut, Some(&checkpoint), 4);
    assert_broken(&[], Some(&checkpoint), 1);

    let mut half = lines.clone();
    half[4].truncate(40);
    assert_broken(&half, None, 5);
}

#[test]
fn a_ledger_written_anew_is_found_by_its_checkpoint() {
    let lines = export();
    let checkpoint = checkpoint_of(&lines);
    // The same events at other times, sealed again: a chain without a fault.
    let mut prev = GENESIS;
    let anew: Vec<String> = lines
        .iter()
        .map(|line| {
            let mut event = serde_json::from_str::<LedgerLine>(line).unwrap().into_event().unwrap();
            event.at = Timestamp(event.at.0 + 1);
            event.prev_hash = prev;
            event.hash = event.compute_hash();
            prev = event.hash;
            serde_json::to_string(&LedgerLine::new(&event, tenant())).unwrap()
        })
        .collect();
    assert_eq!(check(&anew, None), Ok(5));
    assert_broken(&anew, Some(&checkpoint), 5);
}

#[test]
fn a_checkpoint_must_be_signed_and_of_the_same_company() {
    let lines = export();
    let mut altered = checkpoint_of(&lines);
    altered.size = 4;
    let (code, line) = check(&lines, Some(&altered)).unwrap_err();
    assert_eq!((code, line.as_str()), (1, "the checkpoint's signature is not of what it says"));

    let pair = Ed25519KeyPair::generate().unwrap();
    let mut other = checkpoint_of(&lines);
    other.customer_id = TenantId(Uuid::from_u128(8));
    let head = other.head().unwrap().hash;
    other.signature = hex::encode(pair.sign(&checkpoint_bytes(other.customer_id, 5, &head, other.timestamp)));
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref();
    (other.key_id, other.public_key) = (thumbprint(public), hex::encode(public));
    assert_broken(&lines, Some(&other), 1);
}

#[test]
fn a_checkpoint_forged_with_another_key_cannot_bear_the_name_of_the_real_one() {
    let lines = export();
    let cut = &lines[..3];
    let forged = Checkpoint { key_id: checkpoint_of(&lines).key_id, ..checkpoint_of(cut) };
    let (code, line) = check(cut, Some(&forged)).unwrap_err();
    assert_eq!((code, line.as_str()), (1, "the checkpoint's key is not the one that it names"));
}

#[test]
fn what_is_no_export_is_unusable() {
    let (code, line) = check(&[], None).unwrap_err();
    assert_eq!(code, 2, "an empty file is what is left of an export: {line}");
    for text in ["hello", "{}", "{\"seq\":1}"] {
        let (code, line) = check(&[text.to_owned()], None).unwrap_err();
        assert_eq!(code, 2, "{line}");
    }
    assert_eq!(verify(Path::new("/nonexistent"), None).unwrap_err().code, 2);
}
