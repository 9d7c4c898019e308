//! What imports ask of a store: numbers that are passed over, and a rehearsal that tells what comes.

use flowbit_domain::{
    Command, Error, Result, TenantTx,
    audit::GetHead,
    import::{Facts, Fate, ImportBatch, Incoming, Outcome, RehearseBatch, Weight},
    principal::Origin,
    ticket::{ListTickets, NewTicket, TicketFilter, TicketSort},
};

use crate::{
    engines::{Engine, on_both_engines},
    support::Desk,
    use_cases::imported::{THEN, message, one_of_each, person, rules, ticket},
};

on_both_engines!(
    numbers_that_a_failed_command_skipped_are_given_out,
    a_rehearsal_tells_what_comes_and_writes_nothing,
    numbers_are_kept_where_they_are_free,
    a_batch_that_fails_leaves_nothing,
);

/// Skips numbers, and then perhaps fails.
#[derive(Clone)]
struct Skip {
    up_to: i64,
    fails: bool,
}

impl Command for Skip {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        tx.skip_numbers(self.up_to).await?;
        if self.fails { Err(Error::NotFound) } else { Ok(()) }
    }
}

async fn raise(desk: &Desk) -> i64 {
    let input = NewTicket { title: "x".into(), ..NewTicket::default() };
    desk.raise(&desk.user, input).await.unwrap().number
}

async fn numbers_that_a_failed_command_skipped_are_given_out(engine: Engine) {
    let desk = Desk::new(engine).await;
    assert!(desk.store.write(&desk.tenant, Skip { up_to: 100, fails: true }).await.is_err());
    assert_eq!(raise(&desk).await, 1);
    desk.store.write(&desk.tenant, Skip { up_to: 41, fails: false }).await.unwrap();
    assert_eq!(raise(&desk).await, 42);
    desk.store.write(&desk.tenant, Skip { up_to: 10, fails: false }).await.unwrap();
    assert_eq!(raise(&desk).await, 43);
}

/// Documents of which some can't be taken, and some name others.
fn mixed() -> Vec<Incoming> {
    let mut documents = one_of_each("acme", "one");
    let mut twin = person("acme", "two");
    twin.email = "ONE@acme.example".into();
    let mut here = person("acme", "three");
    here.email = "uwe.user@acme.example".into();
    documents.push(Incoming::People(vec![twin, here]));
    let mut lost = ticket("acme", "nobody");
    lost.assignee = None;
    let mut again = ticket("acme", "one");
    again.source_id = "ticket-again".into();
    again.messages = vec![message("acme", "nobody", false)];
    again.created_at = Some(THEN.plus_ms(i64::from(u32::MAX) * 1000));
    documents.push(Incoming::Tickets(vec![lost, again]));
    documents.extend(one_of_each("acme", "one"));
    documents
}

async fn a_rehearsal_tells_what_comes_and_writes_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mut rules = rules("acme");
    rules.fallback_requester = None;
    let before = desk.store.read(&desk.tenant, GetHead).await.unwrap();
    let (mut facts, mut rehearsed) = (Facts::default(), Vec::new());
    for documents in mixed() {
        let rehearsal = RehearseBatch { rules: rules.clone(), documents, facts };
        let (told, next) = desk.store.read(&desk.tenant, rehearsal).await.unwrap();
        (facts, rehearsed) = (next, [rehearsed, told].concat());
    }
    assert_eq!(desk.store.read(&desk.tenant, GetHead).await.unwrap(), before);
    let mut taken: Vec<Outcome> = Vec::new();
    for documents in mixed() {
        let batch = ImportBatch { origin: Origin::system(), rules: rules.clone(), documents };
        taken.extend(desk.store.write(&desk.tenant, batch).await.unwrap());
    }
    assert_eq!(rehearsed, taken);
    let fates: Vec<Fate> = taken.iter().map(|told| told.fate).collect();
    let (t, r, k) = (Fate::Taken, Fate::Refused, Fate::Known);
    assert_eq!(fates, [t, t, t, t, r, t, r, t, k, k, k, k]);
    assert!(taken.iter().flat_map(|told| &told.remarks).any(|remark| remark.weight == Weight::LeftOut));
}

async fn numbers_are_kept_where_they_are_free(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mut rules = rules("acme");
    rules.highest_number = 90;
    assert_eq!(raise(&desk).await, 1);
    let numbered = |id: &str, number: Option<&str>| {
        let mut ticket = ticket("acme", id);
        ticket.requester = None;
        ticket.number = number.map(str::to_owned);
        ticket
    };
    rules.fallback_requester = Some("ada.admin@acme.example".into());
    let documents = vec![
        numbered("a", Some("90")),
        numbered("b", Some("1")),
        numbered("c", None),
        numbered("d", Some("2")),
        numbered("e", Some("02")),
    ];
    let batch = ImportBatch { origin: Origin::system(), rules, documents: Incoming::Tickets(documents) };
    let told = desk.store.write(&desk.tenant, batch).await.unwrap();
    assert!(told.iter().all(|told| told.fate == Fate::Taken), "{told:?}");
    let query = ListTickets {
        principal: desk.admin.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::NumberAsc,
        limit: 100,
        cursor: None,
    };
    let found = desk.list(query).await.items;
    let numbers: Vec<(i64, String)> = found.into_iter().map(|t| (t.number, t.title)).collect();
    let named = |number: i64, id: &str| (number, format!("Imported {id} of acme"));
    let expected =
        [(1, "x".to_owned()), named(2, "d"), named(90, "a"), named(91, "b"), named(92, "c"), named(93, "e")];
    assert_eq!(numbers, expected);
    assert_eq!(raise(&desk).await, 94);
}

/// Takes documents and then fails.
#[derive(Clone)]
struct Broken(ImportBatch);

impl Command for Broken {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        self.0.run(tx).await?;
        Err(Error::Internal("as if the disk were full".into()))
    }
}

async fn a_batch_that_fails_leaves_nothing(engine: Engine) {
    let desk = Desk::new(engine).await;
    let before = desk.store.read(&desk.tenant, GetHead).await.unwrap();
    let batch = |documents| ImportBatch { origin: Origin::system(), rules: rules("acme"), documents };
    let mut documents = one_of_each("acme", "one").into_iter();
    let (people, tickets) = (documents.next().unwrap(), documents.next().unwrap());
    assert!(desk.store.write(&desk.tenant, Broken(batch(people.clone()))).await.is_err());
    assert_eq!(desk.store.read(&desk.tenant, GetHead).await.unwrap(), before);
    // What is remembered went with it: it is taken now.
    for documents in [people, tickets] {
        let told = desk.store.write(&desk.tenant, batch(documents)).await.unwrap();
        assert_eq!(told[0].fate, Fate::Taken, "{told:?}");
    }
}
