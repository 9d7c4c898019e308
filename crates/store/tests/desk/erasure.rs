//! Forgetting a person: nothing of who they were is left, and the chain still verifies.

use flowbit_domain::{
    Error, Principal,
    event::{ChainVerifier, StoredEvent, erased_data},
    id::EventId,
    ticket::{ListTickets, TicketFilter, TicketPatch, TicketSort},
    user::{Authority, EraseUser, UpdateUser, UserPatch},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines!(
    who_they_were_is_gone_and_the_chain_holds,
    whom_others_only_named_by_id_is_gone,
    what_they_wrote_stays_or_goes,
    the_last_admin_and_oneself_stay,
);

async fn erase(desk: &Desk, by: &Principal, whom: &Principal, texts: bool) -> Result<i64, Error> {
    let by_whom = Authority::Person(by.clone());
    let erase = EraseUser { by: by_whom, origin: origin(by), id: whom.user, texts };
    Ok(desk.store.write(&desk.tenant, erase).await?.events)
}

fn verify(events: &[StoredEvent]) -> Result<(), (i64, &'static str)> {
    let mut chain = ChainVerifier::default();
    let checked =
        events.iter().try_for_each(|event| chain.check(event)).and_then(|()| chain.finish().map(drop));
    checked.map_err(|fault| (fault.seq, fault.reason))
}

async fn who_they_were_is_gone_and_the_chain_holds(engine: Engine) {
    let desk = Desk::new(engine).await;
    let theirs = desk.raise(&desk.user, ticket("Broken pallet")).await.unwrap();
    desk.say(&desk.user, theirs.id, "It is the blue one", false).await.unwrap();
    desk.say(&desk.agent, theirs.id, "Seen", false).await.unwrap();
    let rename = UserPatch { name: Some("Uwe Later".into()), ..UserPatch::default() };
    let by = Authority::Person(desk.admin.clone());
    let update = UpdateUser { by, origin: origin(&desk.admin), id: desk.user.user, patch: rename };
    desk.store.write(&desk.tenant, update).await.unwrap();
    let before = desk.ledger().await;
    assert!(desk.everything().await.contains("uwe.user@acme.example"));

    let count = erase(&desk, &desk.admin, &desk.user, false).await.unwrap();
    let left = desk.everything().await;
    for trace in ["uwe", "Uwe"] {
        assert!(
            !left.contains(trace),
            "{trace} is left: {}",
            left.lines().find(|l| l.contains(trace)).unwrap()
        );
    }
    // Others are still who they were, and what the person wrote is there, as somebody's.
    assert!(left.contains("Greta Agent") && left.contains("It is the blue one"));
    let after = desk.ledger().await;
    assert_eq!(after.len(), before.len() + 1);
    verify(&after).unwrap();
    let said = after.last().unwrap();
    assert_eq!(said.action, "user.erased");
    let erased: Vec<&StoredEvent> = after.iter().filter(|event| event.erased_by() == Some(said.id)).collect();
    assert_eq!(i64::try_from(erased.len()).unwrap(), count);
    assert!(count >= 4, "{count}: created, changed, raised, wrote");
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.hash, old.prev_hash, old.data_hash), (new.hash, new.prev_hash, new.data_hash));
        assert_eq!(new.erased_by().is_none(), old == new, "seq {}", old.seq);
    }

    // One more taken out, one put back, another culprit, none at all: each shows.
    let spoiled = |spoil: &dyn Fn(&mut Vec<StoredEvent>)| {
        let mut events = after.clone();
        spoil(&mut events);
        verify(&events).unwrap_err()
    };
    let first = usize::try_from(erased[0].seq).unwrap() - 1;
    let untouched = after.iter().position(|event| event.erased_by().is_none()).unwrap();
    let take_out = |event: &mut StoredEvent, by: EventId| {
        event.data = erased_data(by);
        event.ip = None;
        event.actor.name = "(erased)".into();
    };
    let wrong = "it says that other events were erased than are";
    assert_eq!(spoiled(&|events| take_out(&mut events[untouched], said.id)), (said.seq, wrong));
    assert_eq!(spoiled(&|events| events[first] = before[first].clone()), (said.seq, wrong));
    let unsaid = (before[untouched].seq, "its data was taken out and no event says so");
    assert_eq!(spoiled(&|events| take_out(&mut events[untouched], before[untouched].id)), unsaid);
    assert_eq!(spoiled(&|events| events[first].data = "{}".into()).1, "its data was changed");
    assert_eq!(spoiled(&|events| events[first].ip = Some("192.0.2.7".into())).1, "its data was changed");

    // It goes on, also with another of that address.
    desk.raise(&desk.agent, ticket("After")).await.unwrap();
    verify(&desk.ledger().await).unwrap();
    let again = erase(&desk, &desk.admin, &desk.user, true).await;
    assert!(matches!(again, Err(Error::Conflict { code: "already_erased", .. })), "{again:?}");
}

async fn whom_others_only_named_by_id_is_gone(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("Broken pallet")).await.unwrap();
    let assign = TicketPatch { assignee_id: Some(Some(desk.agent.user)), ..TicketPatch::default() };
    let assigned = desk.update(&desk.admin, raised.id, assign).await.unwrap();
    assert!(assigned.assignee.is_some());
    let id = desk.agent.user.to_string();
    let names = |event: &StoredEvent| event.action == "ticket.updated" && event.data.contains(&id);
    assert!(
        desk.ledger().await.iter().any(names),
        "the event of the assignment names whom it was assigned to"
    );
    erase(&desk, &desk.admin, &desk.agent, false).await.unwrap();
    let ledger = desk.ledger().await;
    verify(&ledger).unwrap();
    let erasure = ledger.last().unwrap();
    let left: Vec<i64> =
        ledger.iter().filter(|e| e.id != erasure.id && e.data.contains(&id)).map(|e| e.seq).collect();
    assert!(left.is_empty(), "events {left:?} still name who was erased");
}

async fn what_they_wrote_stays_or_goes(engine: Engine) {
    let desk = Desk::new(engine).await;
    for person in [&desk.user, &desk.other] {
        let theirs = desk.raise(person, ticket("Zebra crossing")).await.unwrap();
        desk.say(person, theirs.id, "Near the giraffe", false).await.unwrap();
        desk.say(&desk.agent, theirs.id, "We look after the okapi", false).await.unwrap();
    }
    erase(&desk, &desk.admin, &desk.user, false).await.unwrap();
    assert_eq!(desk.search(&desk.agent, "zebra").await.len(), 2);
    assert_eq!(desk.search(&desk.agent, "giraffe").await.len(), 2);
    erase(&desk, &desk.admin, &desk.other, true).await.unwrap();
    assert_eq!(desk.search(&desk.agent, "zebra").await.len(), 1);
    assert_eq!(desk.search(&desk.agent, "giraffe").await.len(), 1);
    // What others wrote there is found by it still.
    assert_eq!(desk.search(&desk.agent, "okapi").await.len(), 2);
    assert_eq!(desk.titles(&desk.agent, TicketFilter::default()).await, ["Zebra crossing", "(erased)"]);
    let list = ListTickets {
        principal: desk.agent.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::NumberAsc,
        limit: 10,
        cursor: None,
    };
    let tickets = desk.list(list).await.items;
    assert!(tickets.iter().all(|ticket| ticket.requester.name == "(erased)"), "{tickets:?}");
    let left = desk.everything().await;
    assert_eq!(left.matches("giraffe").count(), 1, "{left}");
    verify(&desk.ledger().await).unwrap();
}

async fn the_last_admin_and_oneself_stay(engine: Engine) {
    let desk = Desk::new(engine).await;
    let itself = erase(&desk, &desk.admin, &desk.admin, false).await;
    assert!(matches!(itself, Err(Error::Conflict { code: "own_account", .. })), "{itself:?}");
    let by = Authority::Operator;
    let last = EraseUser { by, origin: origin(&desk.admin), id: desk.admin.user, texts: false };
    let last = desk.store.write(&desk.tenant, last).await;
    assert!(matches!(last, Err(Error::Conflict { code: "last_admin", .. })), "{last:?}");
    for person in [&desk.agent, &desk.user] {
        let refused = erase(&desk, person, &desk.other, false).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    }
    let nobody = Principal { user: flowbit_domain::UserId(uuid::Uuid::from_u128(7)), ..desk.other.clone() };
    assert!(matches!(erase(&desk, &desk.admin, &nobody, false).await, Err(Error::NotFound)));
}
