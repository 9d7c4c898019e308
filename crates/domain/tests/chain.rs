//! The chain shows each change, omission and swap; a checkpoint shows a tail that was cut off.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use flowbit_domain::{
    Actor, ActorKind, EventId, TicketId, Timestamp, UserId,
    event::{
        Action, Audience, ChainVerifier, ERASED, ErasedEvents, EventDraft, GENESIS, StoredEvent, erased_data,
    },
    principal::Origin,
};
use proptest::prelude::*;
use uuid::Uuid;

fn drafts() -> impl Strategy<Value = Vec<EventDraft>> {
    let draft = (
        prop::sample::select(Action::ALL),
        prop::sample::select(&[Audience::Admins, Audience::Staff, Audience::Requester][..]),
        ".{0,12}",
        prop::option::of("[0-9.]{1,9}"),
        any::<u128>(),
        "[a-z]{0,20}",
    );
    let draft = draft.prop_map(|(action, audience, name, ip, id, text)| EventDraft {
        action,
        audience,
        origin: Origin {
            actor: Actor { kind: ActorKind::User, id: Some(Uuid::from_u128(id)), name },
            ip,
            request_id: Some(text.clone()),
        },
        ticket: Some(TicketId(Uuid::from_u128(id ^ 1))),
        requester: Some(UserId(Uuid::from_u128(id ^ 2))),
        // An erasure says of which events it has taken the personal part: here of none.
        data: match action {
            Action::UserErased => {
                serde_json::json!({ "text": text, "events": ErasedEvents::default().statement() }).to_string()
            }
            _ => format!("{{\"text\":\"{text}\"}}"),
        },
    });
    prop::collection::vec(draft, 2..12)
}

fn seal(drafts: Vec<EventDraft>) -> Vec<StoredEvent> {
    let mut prev = GENESIS;
    let mut sealed = Vec::new();
    for (seq, draft) in (1_i64..).zip(drafts) {
        let id = EventId(Uuid::from_u128(u128::try_from(seq).unwrap()));
        let event = StoredEvent::seal(draft, id, seq, Timestamp(seq * 1000), prev);
        prev = event.hash;
        sealed.push(event);
    }
    sealed
}

/// Size and head of the chain, or the first wrong `seq`.
fn walk(events: &[StoredEvent]) -> Result<(i64, [u8; 32]), i64> {
    let mut verifier = ChainVerifier::default();
    for event in events {
        verifier.check(event).map_err(|fault| fault.seq)?;
    }
    let verifier = verifier.finish().map_err(|fault| fault.seq)?;
    Ok((verifier.size, verifier.head))
}

type Tamper = fn(&mut StoredEvent);
const TAMPERINGS: &[Tamper] = &[
    |e| e.seq += 1,
    |e| e.id = EventId(Uuid::from_u128(u128::MAX)),
    |e| e.at = e.at.plus_ms(1),
    |e| e.action.push('x'),
    |e| e.actor.kind = ActorKind::System,
    |e| e.actor.id = None,
    |e| e.actor.name.push('x'),
    |e| e.ticket = None,
    |e| e.requester = None,
    |e| e.audience = if e.audience == Audience::Staff { Audience::Admins } else { Audience::Staff },
    |e| e.ip = Some("changed".into()),
    |e| e.request_id = None,
    |e| e.data.push(' '),
    // Taken out, and no event says so.
    |e| {
        e.data = erased_data(EventId(Uuid::from_u128(u128::MAX)));
        e.ip = None;
        e.actor.name = ERASED.into();
    },
    |e| e.data_hash[7] ^= 1,
    |e| e.prev_hash[7] ^= 1,
    |e| e.hash[7] ^= 1,
    // Someone who recomputes the hashes of what they changed still breaks the next link.
    |e| {
        e.data = "{}".into();
        e.data_hash = e.compute_data_hash();
        e.hash = e.compute_hash();
    },
];

proptest! {
    #[test]
    fn a_whole_chain_verifies(drafts in drafts()) {
        let events = seal(drafts);
        let head = events.last().unwrap().hash;
        prop_assert_eq!(walk(&events), Ok((i64::try_from(events.len()).unwrap(), head)));
    }

    #[test]
    fn each_tampering_is_found_where_it_was_done(drafts in drafts(), at in any::<prop::sample::Index>(), how in prop::sample::select(TAMPERINGS)) {
        let whole = seal(drafts);
        let at = at.index(whole.len());
        let mut events = whole.clone();
        how(&mut events[at]);
        prop_assume!(events != whole);
        match walk(&events) {
            // Either the event itself or, when its own hashes were made to fit, the one after it.
            Err(seq) => prop_assert!(usize::try_from(seq).unwrap() == at + 1 || usize::try_from(seq).unwrap() == at + 2),
            // The last one with fitting hashes: only a checkpoint shows it.
            Ok((size, head)) => {
                prop_assert_eq!(at + 1, whole.len());
                prop_assert_eq!(usize::try_from(size).unwrap(), whole.len());
                prop_assert_ne!(head, whole.last().unwrap().hash);
            }
        }
    }

    #[test]
    fn a_missing_event_is_found(drafts in drafts(), at in any::<prop::sample::Index>()) {
        let whole = seal(drafts);
        let at = at.index(whole.len() - 1);
        let mut events = whole.clone();
        events.remove(at);
        prop_assert_eq!(walk(&events), Err(i64::try_from(at).unwrap() + 1));
    }

    #[test]
    fn a_swap_is_found(drafts in drafts(), at in any::<prop::sample::Index>()) {
        let mut events = seal(drafts);
        let at = at.index(events.len() - 1);
        events.swap(at, at + 1);
        prop_assert_eq!(walk(&events), Err(i64::try_from(at).unwrap() + 1));
    }

    #[test]
    fn a_cut_tail_differs_from_the_checkpoint(drafts in drafts()) {
        let mut events = seal(drafts);
        let (size, head) = walk(&events).unwrap();
        events.pop();
        let (cut_size, cut_head) = walk(&events).unwrap();
        prop_assert!(cut_size < size && cut_head != head);
    }
}
