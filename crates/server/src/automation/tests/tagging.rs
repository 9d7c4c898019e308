//! Tags of many tickets: what a dead process has left is finished by the next.

use flowbit_domain::{
    tags::{HasTagMoves, MoveTag, TagMove},
    ticket::{CreateTicket, GetTicket, NewTicket},
};
use tokio_util::sync::CancellationToken;

use super::{super::tags::look, Desk};

#[tokio::test]
async fn tickets_that_a_dead_process_has_left_are_retagged_at_the_start() {
    let desk = Desk::open().await;
    let mut tickets = Vec::new();
    for n in 0..3 {
        let create = CreateTicket {
            principal: desk.admin.clone(),
            origin: desk.origin(),
            input: NewTicket { title: format!("No. {n}"), tags: vec!["old".into()], ..NewTicket::default() },
            idempotency: None,
        };
        tickets.push(desk.store.write(&desk.ctx, create).await.unwrap().answer.id);
    }
    // Nobody hears of it: the process ends behind this commit.
    let shift = MoveTag {
        principal: desk.admin.clone(),
        origin: desk.origin(),
        input: TagMove { from: "old".into(), to: Some("new".into()), merge: false },
        limit: 1,
    };
    assert_eq!(desk.store.write(&desk.ctx, shift).await.unwrap().left, 2);
    look(&desk.store, &CancellationToken::new()).await;
    assert!(!desk.store.read(&desk.ctx, HasTagMoves).await.unwrap());
    for id in tickets {
        let get = GetTicket { principal: desk.admin.clone(), id };
        assert_eq!(desk.store.read(&desk.ctx, get).await.unwrap().tags, ["new"]);
    }
}
