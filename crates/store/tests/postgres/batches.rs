//! Commands that share a transaction, and nodes that share a database.

use flowbit_domain::{
    Command, Error, Result, TenantTx,
    audit::ReadLedger,
    event::ChainVerifier,
    ticket::{CreateTicket, ListTickets, TicketFilter, TicketSort},
};
use flowbit_store::Store;
use tokio::task::JoinSet;

use crate::support::{APP, Bench, Company, database, found, open_at};

/// How a command ends after it has made its ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    /// After something of it was sent.
    Refused,
    /// By a statement that the database refuses, waited for or left to travel.
    Broken,
    BrokenLater,
    Panicked,
    /// Before its first statement, with a number in hand.
    RefusedEarly,
    /// Without having changed anything.
    Looked,
}

const ENDS: [End; 7] =
    [End::Well, End::Refused, End::Broken, End::BrokenLater, End::Panicked, End::RefusedEarly, End::Looked];

#[derive(Clone)]
struct RaiseAnd(CreateTicket, End);

impl Command for RaiseAnd {
    type Output = i64;

    async fn run(self, tx: &mut impl TenantTx) -> Result<i64> {
        const BREAK: &str = "UPDATE tickets SET priority = 99";
        match self.1 {
            End::Looked => {
                let count = "SELECT count(*) FROM users";
                return Ok(tx.query_one(count, &[], |row| row.int(0)).await?.unwrap());
            }
            End::RefusedEarly => {
                tx.take_number().await?;
                return Err(Error::NotFound);
            }
            _ => {}
        }
        let number = self.0.run(tx).await?.answer.number;
        match self.1 {
            End::Well | End::RefusedEarly | End::Looked => {}
            End::Refused => {
                tx.execute("UPDATE tickets SET priority = priority WHERE number = $1", &[number.into()])
                    .await?;
                return Err(Error::NotFound);
            }
            End::Broken => drop(tx.execute(BREAK, &[]).await?),
            End::BrokenLater => tx.put(BREAK, Vec::new()),
            End::Panicked => panic!("on purpose"),
        }
        Ok(number)
    }
}

/// The chain holds, and the tickets have the numbers from 1 on, each once. Answers their titles.
async fn assert_whole(store: &Store, company: &Company) -> Vec<String> {
    let list = ListTickets {
        principal: company.admin.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::NumberAsc,
        limit: 1_000,
        cursor: None,
    };
    let mut titles = Vec::new();
    let mut cursor = None;
    loop {
        let list = ListTickets {
            cursor: cursor.take(),
            limit: 100,
            filter: list.filter.clone(),
            principal: company.admin.clone(),
            ..list
        };
        let page = store.read(&company.ctx, list).await.unwrap();
        for ticket in page.items {
            titles.push(ticket.title);
            assert_eq!(
                usize::try_from(ticket.number).unwrap(),
                titles.len(),
                "a number was lost or given twice"
            );
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let mut verifier = ChainVerifier::default();
    let mut created = 0;
    for event in store.read(&company.ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap() {
        verifier.check(&event).unwrap();
        created += usize::from(event.action == "ticket.created");
    }
    assert_eq!(created, titles.len(), "events of tickets that are not there, or tickets without");
    titles
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_fails_in_a_shared_transaction_takes_nobody_along() {
    // By itself among those who change nothing, none of them finds out that something else is amiss.
    let among = |end| {
        let mut ends = vec![End::Looked; 60];
        ends[30] = end;
        ends
    };
    let mixes =
        [ENDS.to_vec(), vec![End::Well, End::RefusedEarly], among(End::Refused), among(End::BrokenLater)];
    for ends in mixes {
        let bench = Bench::new(|o| o.connections = 1).await;
        let (store, a) = (&bench.store, &bench.a);
        let mut tasks = JoinSet::new();
        for (caller, end) in (0..60).zip(ends.iter().copied().cycle()) {
            let (store, a) = (store.clone(), a.clone());
            tasks.spawn(async move {
                let title = format!("{end:?}-{caller}");
                let outcome = store.write(&a.ctx, RaiseAnd(a.raise(&title), end)).await;
                match (end, &outcome) {
                    (End::Well | End::Looked, Ok(_))
                    | (End::Refused | End::RefusedEarly, Err(Error::NotFound)) => {}
                    (End::Broken | End::BrokenLater, Err(Error::Internal(said))) => {
                        assert!(said.contains("23514"), "{said}");
                    }
                    (End::Panicked, Err(Error::Internal(said))) => {
                        assert!(said.contains("on purpose"), "{said}");
                    }
                    other => panic!("{title}: {other:?}"),
                }
                outcome.ok().filter(|_| end == End::Well).map(|number| (title, number))
            });
        }
        let mut acknowledged = tasks.join_all().await.into_iter().flatten().collect::<Vec<_>>();
        acknowledged.sort_by_key(|(_, number)| *number);
        let well = ends.iter().cycle().take(60).filter(|end| **end == End::Well).count();
        assert_eq!(acknowledged.len(), well);
        assert!(store.stats().largest_batch > 1, "nobody shared anything");
        let titles = assert_whole(store, a).await;
        // The first was there before.
        let told: Vec<&str> = acknowledged.iter().map(|(title, _)| title.as_str()).collect();
        assert_eq!(titles[1..], told);
        // Only what was sent and must be undone costs its neighbours a second run.
        let undone = ends.iter().any(|end| !matches!(end, End::Well | End::Looked | End::RefusedEarly));
        assert_eq!(store.stats().batches_repeated > 0, undone, "{ends:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_fails_alone_leaves_nothing() {
    let bench = Bench::new(|o| o.connections = 1).await;
    for round in 0..3 {
        for end in ENDS {
            let done = bench
                .store
                .write(&bench.a.ctx, RaiseAnd(bench.a.raise(&format!("{end:?}-{round}")), end))
                .await;
            assert_eq!(done.is_ok(), matches!(end, End::Well | End::Looked), "{end:?}: {done:?}");
        }
    }
    let titles = assert_whole(&bench.store, &bench.a).await;
    assert_eq!(titles[1..], ["Well-0", "Well-1", "Well-2"]);
    assert_eq!(bench.store.stats().largest_batch, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_write_for_one_company_at_once_keep_its_ledger_whole() {
    let database = database().await;
    let one = open_at(&database.address(APP), |_| {}).await.unwrap();
    let other = open_at(&database.address(APP), |_| {}).await.unwrap();
    let (a, _) = found(&one, "alpha").await;
    let mut tasks = JoinSet::new();
    for caller in 0..8 {
        let store = if caller % 2 == 0 { one.clone() } else { other.clone() };
        let a = a.clone();
        tasks.spawn(async move {
            for n in 0..25 {
                store.write(&a.ctx, a.raise(&format!("{caller}-{n}"))).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(assert_whole(&one, &a).await.len(), 1 + 8 * 25);
    assert_eq!(one.ledger_seq(&a.ctx).await.unwrap(), other.ledger_seq(&a.ctx).await.unwrap());
}
