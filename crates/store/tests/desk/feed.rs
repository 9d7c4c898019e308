//! The event feed and the audit trail: who sees what, and that a resumed feed misses nothing.

use flowbit_domain::{
    Error, Principal,
    audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
    event::Action,
    feed::ListEvents,
    id::TicketId,
    ticket::{Status, TicketPatch},
};

use crate::engines::{Engine, on_both_engines};
use crate::support::{Desk, ticket};

async fn feed(desk: &Desk, by: &Principal, limit: usize, ticket: Option<TicketId>) -> Vec<String> {
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let query = ListEvents { principal: by.clone(), after, limit, ticket };
        let page = desk.store.read(&desk.tenant, query).await.unwrap();
        assert!(page.items.windows(2).all(|w| w[0].seq < w[1].seq));
        assert!(page.items.iter().all(|e| e.seq > after && e.seq <= page.last_seq));
        let more = page.items.len() == limit;
        after = page.last_seq;
        seen.extend(page.items.into_iter().map(|e| e.action));
        if !more {
            assert_eq!(after, desk.ledger().await.last().unwrap().seq, "nothing is left to ask for");
            return seen;
        }
    }
}

async fn each_sees_their_part_of_the_ledger_in_order(engine: Engine) {
    let desk = Desk::new(engine).await;
    let mine = desk.raise(&desk.user, ticket("Mine")).await.unwrap();
    desk.raise(&desk.other, ticket("Theirs")).await.unwrap();
    desk.say(&desk.agent, mine.id, "note", true).await.unwrap();
    let patch = TicketPatch { status: Some(Status::InProgress), ..TicketPatch::default() };
    desk.update(&desk.agent, mine.id, patch).await.unwrap();
    let of_user = ["ticket.created", "ticket.updated"];
    let of_agent = ["ticket.created", "ticket.created", "message.created", "ticket.updated"];
    for limit in [1, 2, 100] {
        assert_eq!(feed(&desk, &desk.user, limit, None).await, of_user);
        assert_eq!(feed(&desk, &desk.agent, limit, None).await, of_agent);
        let of_admin = feed(&desk, &desk.admin, limit, None).await;
        assert_eq!(of_admin[..4], ["user.created"; 4]);
        assert_eq!(of_admin[4..], of_agent);
        assert_eq!(feed(&desk, &desk.user, limit, Some(mine.id)).await, of_user);
        assert_eq!(
            feed(&desk, &desk.agent, limit, Some(mine.id)).await,
            ["ticket.created", "message.created", "ticket.updated"]
        );
    }
    // Who knows of more than there is had their ledger put back: they are told where it ends.
    let beyond = ListEvents { principal: desk.user.clone(), after: 1_000, limit: 10, ticket: None };
    let page = desk.store.read(&desk.tenant, beyond).await.unwrap();
    assert_eq!((page.items.len(), page.last_seq), (0, desk.ledger().await.last().unwrap().seq));
    let foreign = ListEvents { principal: desk.other.clone(), after: 0, limit: 10, ticket: Some(mine.id) };
    assert!(matches!(desk.store.read(&desk.tenant, foreign).await, Err(Error::NotFound)));
}

async fn the_audit_trail_filters_pages_and_is_for_admins(engine: Engine) {
    let desk = Desk::new(engine).await;
    let raised = desk.raise(&desk.user, ticket("One")).await.unwrap();
    desk.raise(&desk.agent, ticket("Two")).await.unwrap();
    let list = async |by: &Principal, filter: AuditFilter| {
        let mut seqs = Vec::new();
        let mut cursor = None;
        loop {
            let query = ListAudit { principal: by.clone(), filter: filter.clone(), limit: 2, cursor };
            let page = desk.store.read(&desk.tenant, query).await?;
            seqs.extend(page.items.into_iter().map(|e| e.event.seq));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok::<_, Error>(seqs);
            }
        }
    };
    let all = AuditFilter::default;
    assert_eq!(list(&desk.admin, all()).await.unwrap(), [6, 5, 4, 3, 2, 1]);
    let created = AuditFilter { action: Some(Action::TicketCreated), ..all() };
    assert_eq!(list(&desk.admin, created).await.unwrap(), [6, 5]);
    let of_user = AuditFilter { user: Some(desk.user.user), ..all() };
    assert_eq!(list(&desk.admin, of_user).await.unwrap(), [5]);
    let about = AuditFilter { ticket: Some(raised.id), ..all() };
    assert_eq!(list(&desk.admin, about).await.unwrap(), [5]);
    let at = desk.ledger().await[4].at;
    let since = AuditFilter { from: Some(at), ..all() };
    assert_eq!(list(&desk.admin, since).await.unwrap(), [6, 5]);
    let until = AuditFilter { to: Some(at), ..all() };
    assert_eq!(list(&desk.admin, until).await.unwrap(), [4, 3, 2, 1]);
    for by in [&desk.agent, &desk.user] {
        assert!(matches!(list(by, all()).await, Err(Error::Forbidden(_))));
    }
    let head = desk.store.read(&desk.tenant, GetHead).await.unwrap();
    let last = desk.store.read(&desk.tenant, ReadLedger { after: 5, limit: 10 }).await.unwrap();
    assert_eq!((head.size, head.hash), (6, last[0].hash));
}

on_both_engines!(
    each_sees_their_part_of_the_ledger_in_order,
    the_audit_trail_filters_pages_and_is_for_admins,
);
