//! From an event to its delivery: made with it, claimed once, finished once.

use flowbit_domain::{
    Role, Timestamp,
    delivery::{
        ClaimDeliveries, DeliveryFilter, DeliveryState, Finished, ListDeliveries, Outcome, ReclaimLeases,
        ReplayDelivery, ReturnLeases,
    },
    error::Error,
    retention::{HasExpired, RemoveExpired},
    ticket::{DeleteTicket, TicketPatch, UpdateTicket, WorkflowState},
};

use super::fixture::{Count, Desk, HOUR, LEASE_MS, MINUTE, PER_ENDPOINT, SECOND, answered, lease};

#[tokio::test]
async fn a_new_ticket_is_delivered_to_those_who_asked_for_it() {
    let desk = Desk::open().await;
    let wanted = desk.endpoint(&["ticket.created"], None).await;
    desk.endpoint(&["message.created"], None).await;
    let off = desk.endpoint(&["ticket.created"], None).await;
    desk.patch_endpoint(off.endpoint.id, serde_json::from_str(r#"{"active": false}"#).unwrap()).await;

    let ticket = desk.ticket("A pallet is late").await;
    let workflow = ticket.workflow.unwrap();
    assert_eq!(workflow.state, WorkflowState::Pending);
    assert_eq!(ticket.version, 1);

    let claimed = desk.claim_one().await;
    assert_eq!(Some(claimed.id), workflow.delivery_id);
    assert_eq!(claimed.endpoint, wanted.endpoint.id);
    assert_eq!(claimed.secrets.shared, wanted.shared_secret);
    assert_eq!(claimed.secrets.signing, [wanted.secret]);
    let body = serde_json::to_value(&claimed.envelope).unwrap();
    assert_eq!(body["type"], "ticket.created");
    assert_eq!(body["data"]["event"]["action"], "ticket.created");
    assert_eq!(body["data"]["ticket"]["title"], "A pallet is late");
    assert_eq!(body["data"]["ticketId"], ticket.id.to_string());
    assert_eq!(body["data"]["customerId"], desk.admin.tenant.to_string());
    assert!(desk.claim().await.is_empty(), "a claimed delivery is claimed once");
}

#[tokio::test]
async fn what_deliveries_record_causes_no_deliveries() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created", "ticket.updated", "ticket.deleted", "message.created"], Some(60)).await;
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(200)).await;
    desk.clock.turn(2 * MINUTE);
    assert!(desk.claim().await.is_empty());
    assert_eq!(desk.events("workflow.delivered").await.len(), 1);
    assert_eq!(desk.events("workflow.overdue").await.len(), 1);
    assert_eq!(desk.read(Count("SELECT count(*) FROM deliveries")).await.unwrap(), 1);
}

#[tokio::test]
async fn acceptance_is_not_the_end_for_a_new_ticket_but_is_for_other_events() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created", "ticket.updated"], None).await;
    let ticket = desk.ticket("One").await;
    let created = desk.claim_one().await;
    assert_eq!(desk.finish(&created, answered(204)).await, Finished::Now(DeliveryState::Delivered));
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Running);

    let patch = TicketPatch { title: Some("Two".into()), ..TicketPatch::default() };
    let update = UpdateTicket { principal: desk.admin.clone(), origin: desk.origin(), id: ticket.id, patch };
    desk.write(update).await.unwrap();
    let before = desk.ticket_now(ticket.id).await;
    let updated = desk.claim_one().await;
    desk.finish(&updated, answered(200)).await;
    let after = desk.ticket_now(ticket.id).await;
    assert_eq!(after.workflow, before.workflow);
    assert_eq!((after.version, after.updated_at), (before.version, before.updated_at));
    let states: Vec<_> = desk.events("workflow.delivered").await.iter().map(|e| e["state"].clone()).collect();
    assert_eq!(states, ["running", "done"]);
}

#[tokio::test]
async fn a_lease_that_nobody_finishes_is_claimed_again_and_the_late_one_changes_nothing() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    desk.ticket("One").await;
    let first = desk.claim_one().await;
    assert_eq!(desk.next_due().await, Some(first.claimed_at.plus_ms(LEASE_MS)));
    desk.clock.turn(LEASE_MS - 1);
    assert!(desk.claim().await.is_empty());
    desk.clock.turn(1);
    let second = desk.claim_one().await;
    assert_eq!((second.id, second.attempt), (first.id, 2));

    assert_eq!(desk.finish(&first, answered(200)).await, Finished::Superseded);
    let detail = desk.delivery(first.id).await;
    assert_eq!(detail.delivery.state, DeliveryState::Sending);
    assert_eq!(detail.attempts.len(), 1);
    assert_eq!(detail.attempts[0].status, Some(200), "the history says what really happened");
    assert!(desk.events("workflow.delivered").await.is_empty());

    assert_eq!(desk.finish(&second, answered(200)).await, Finished::Now(DeliveryState::Delivered));
    assert_eq!(desk.finish(&second, answered(500)).await, Finished::Superseded);
    assert_eq!(desk.delivery(first.id).await.delivery.state, DeliveryState::Delivered);
    assert_eq!(desk.events("workflow.delivered").await.len(), 1);
}

#[tokio::test]
async fn a_delivery_on_which_the_sender_hangs_each_time_comes_to_an_end() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    let ticket = desk.ticket("One").await;
    let mut claims = 0;
    while let [_] = desk.claim().await[..] {
        claims += 1;
        assert!(claims <= 20);
        desk.clock.turn(LEASE_MS);
    }
    assert_eq!(claims, 10);
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Failed);
    assert_eq!(desk.events("workflow.failed").await.len(), 1);
}

#[tokio::test]
async fn leases_given_back_or_left_by_a_dead_process_are_due_at_once_and_do_not_count() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    desk.ticket("One").await;
    for round in 1..=25 {
        let claimed = desk.claim_one().await;
        assert_eq!(claimed.attempt, round);
        desk.clock.turn(SECOND);
        if round % 2 == 0 {
            desk.write(ReturnLeases { leases: vec![lease(&claimed)] }).await.unwrap();
        } else {
            let claimed_before = claimed.claimed_at;
            assert_eq!(
                desk.write(ReclaimLeases { claimed_before }).await.unwrap(),
                0,
                "its own are not taken"
            );
            let claimed_before = claimed_before.plus_ms(1);
            assert_eq!(desk.write(ReclaimLeases { claimed_before }).await.unwrap(), 1);
        }
    }
    let last = desk.claim_one().await;
    assert_eq!(desk.finish(&last, answered(200)).await, Finished::Now(DeliveryState::Delivered));
}

#[tokio::test]
async fn no_more_than_so_many_are_on_their_way_to_one_endpoint() {
    let desk = Desk::open().await;
    let one = desk.endpoint(&["ticket.created"], None).await;
    let two = desk.endpoint(&["ticket.created"], None).await;
    for n in 0..6 {
        desk.ticket(&format!("Ticket {n}")).await;
    }
    let claimed = desk.claim().await;
    for endpoint in [&one, &two] {
        let to_it: Vec<_> = claimed.iter().filter(|c| c.endpoint == endpoint.endpoint.id).collect();
        assert_eq!(to_it.len(), 4);
        assert!(to_it.is_sorted_by_key(|c| c.id), "older ones first");
    }
    assert!(desk.claim().await.is_empty());
    desk.finish(&claimed[0], answered(200)).await;
    assert_eq!(desk.claim_one().await.endpoint, claimed[0].endpoint);

    let few = ClaimDeliveries { limit: 3, per_endpoint: 100, lease_ms: LEASE_MS };
    let rest = desk.write(few).await.unwrap();
    assert_eq!(rest.deliveries.len(), 3);
    assert_eq!(rest.next_due, desk.next_due().await);
}

#[tokio::test]
async fn a_delivery_fails_by_the_schedule_and_is_made_again_by_hand() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    let ticket = desk.ticket("One").await;
    let mut waits = Vec::new();
    let id = loop {
        let claimed = desk.claim_one().await;
        let failed_at = desk.clock_now();
        if desk.finish(&claimed, answered(500)).await == Finished::Now(DeliveryState::Dead) {
            break claimed.id;
        }
        let due = desk.delivery(claimed.id).await.delivery.next_attempt_at.unwrap();
        waits.push(due.0 - failed_at.0);
        desk.clock.turn_to(desk.next_due().await.unwrap().max(due));
    };
    let schedule =
        [5 * SECOND, 5 * MINUTE, HOUR / 2, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];
    assert_eq!(waits.len(), schedule.len());
    for (wait, base) in waits.iter().zip(schedule) {
        assert!((base * 8 / 10..=base * 12 / 10).contains(wait), "{wait} for {base}");
    }
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Failed);
    let failed = desk.events("workflow.failed").await;
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["state"], "failed");
    assert_eq!(failed[0]["number"], 1);

    let replay = || ReplayDelivery { principal: desk.admin.clone(), origin: desk.origin(), id };
    let again = desk.write(replay()).await.unwrap();
    assert_eq!((again.id, again.state), (id, DeliveryState::Pending));
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Pending);
    assert!(matches!(desk.write(replay()).await, Err(Error::Conflict { code: "delivery_under_way", .. })));
    let claimed = desk.claim_one().await;
    assert_eq!((claimed.id, claimed.attempt), (id, 11));
    desk.finish(&claimed, answered(200)).await;
    let detail = desk.delivery(id).await;
    assert_eq!(detail.delivery.state, DeliveryState::Delivered);
    assert_eq!(detail.attempts.len(), 11);
    assert!(detail.attempts.iter().map(|a| a.number).eq(1..=11));
    assert_eq!(desk.events("delivery.replayed").await.len(), 1);
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Running);
}

#[tokio::test]
async fn a_workflow_that_does_not_answer_in_time_is_overdue_once() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], Some(90)).await;
    let ticket = desk.ticket("One").await;
    let deadline = desk.clock_now().plus_ms(90 * SECOND);
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(200)).await;
    assert_eq!(desk.delivery(claimed.id).await.delivery.deadline_at, Some(deadline));
    assert_eq!(desk.next_due().await, Some(deadline));
    desk.clock.turn_to(deadline.plus_ms(-1));
    desk.claim().await;
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Running);
    for _ in 0..3 {
        desk.clock.turn(SECOND);
        desk.claim().await;
    }
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Overdue);
    assert_eq!(desk.events("workflow.overdue").await.len(), 1);
    assert_eq!(desk.next_due().await, None);
}

#[tokio::test]
async fn a_deleted_ticket_takes_its_deliveries_with_it_but_not_the_news_of_its_end() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created", "ticket.deleted"], Some(60)).await;
    let ticket = desk.ticket("One").await;
    let delete = DeleteTicket { principal: desk.admin.clone(), origin: desk.origin(), id: ticket.id };
    desk.write(delete).await.unwrap();
    let claimed = desk.claim_one().await;
    assert_eq!(claimed.envelope.kind, "ticket.deleted");
    assert!(claimed.envelope.data.ticket.is_none());
    assert_eq!(claimed.envelope.data.ticket_id, Some(ticket.id));
    desk.finish(&claimed, answered(200)).await;
    desk.clock.turn(HOUR);
    assert!(desk.claim().await.is_empty());
    assert!(desk.events("workflow.overdue").await.is_empty());
}

#[tokio::test]
async fn pages_show_each_delivery_once_newest_first_and_only_to_admins() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    for n in 0..7 {
        desk.ticket(&format!("Ticket {n}")).await;
        desk.clock.turn(n % 2);
    }
    let claimed = desk.claim().await;
    desk.finish(&claimed[0], answered(200)).await;
    let list = |filter, cursor| ListDeliveries { principal: desk.admin.clone(), filter, limit: 3, cursor };
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = desk.read(list(DeliveryFilter::default(), cursor)).await.unwrap();
        seen.extend(page.items.into_iter().map(|d| (d.created_at, d.id)));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted_by(|a, b| a > b));
    let delivered =
        DeliveryFilter { state: Some(DeliveryState::Delivered), endpoint: Some(endpoint), ticket: None };
    let page = desk.read(list(delivered, None)).await.unwrap();
    assert_eq!(page.items.iter().map(|d| d.id).collect::<Vec<_>>(), [claimed[0].id]);
    let of_ticket =
        DeliveryFilter { ticket: claimed[1].envelope.data.ticket_id, ..DeliveryFilter::default() };
    assert_eq!(desk.read(list(of_ticket, None)).await.unwrap().items[0].id, claimed[1].id);
    assert!(desk.read(list(DeliveryFilter::default(), Some("nonsense".into()))).await.is_err());
    for role in [Role::Agent, Role::User] {
        let list = ListDeliveries { principal: desk.as_role(role), ..list(DeliveryFilter::default(), None) };
        assert!(matches!(desk.read(list).await, Err(Error::Forbidden(_))));
    }
}

#[tokio::test]
async fn a_delivery_is_shown_without_its_secrets() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await;
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    let error = Outcome::Failed { error: "no answer within 20 seconds".into(), unreachable: false };
    desk.finish(&claimed, error).await;
    let detail = desk.delivery(claimed.id).await;
    let text = serde_json::to_string(&detail).unwrap();
    assert!(!text.contains(&endpoint.secret) && !text.contains(&endpoint.shared_secret));
    assert_eq!(detail.request.headers["webhook-id"], claimed.id.to_string());
    assert_eq!(detail.request.headers["x-webhook-secret"], "[redacted]");
    assert_eq!(detail.request.body["data"]["callbackToken"], "[redacted]");
    assert_eq!(detail.attempts[0].error.as_deref(), Some("no answer within 20 seconds"));
    let ledger: String = desk.ledger().await.into_iter().map(|e| e.data).collect();
    assert!(!ledger.contains(&endpoint.secret) && !ledger.contains(&endpoint.shared_secret));
}

#[tokio::test]
async fn what_is_long_over_is_forgotten_and_what_waits_is_not() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    for n in 0..3 {
        desk.ticket(&format!("Ticket {n}")).await;
    }
    let claimed = desk.claim().await;
    desk.finish(&claimed[0], answered(200)).await;
    desk.finish(&claimed[1], answered(200)).await;
    desk.finish(&claimed[2], answered(500)).await;
    assert!(!desk.read(HasExpired).await.unwrap());
    desk.clock.turn(91 * 24 * HOUR);
    assert!(desk.read(HasExpired).await.unwrap());
    assert!(desk.write(RemoveExpired { limit: 1 }).await.unwrap(), "there may be more");
    assert!(desk.write(RemoveExpired { limit: 1 }).await.unwrap());
    assert!(!desk.write(RemoveExpired { limit: 1 }).await.unwrap());
    assert!(!desk.read(HasExpired).await.unwrap());
    assert_eq!(desk.read(Count("SELECT count(*) FROM deliveries")).await.unwrap(), 1);
    assert_eq!(desk.read(Count("SELECT count(*) FROM delivery_attempts")).await.unwrap(), 1);
    assert_eq!(desk.claim_one().await.id, claimed[2].id);
}

impl Desk {
    pub(crate) fn clock_now(&self) -> Timestamp {
        use flowbit_domain::time::Clock;
        self.clock.now()
    }
}

#[tokio::test]
async fn an_empty_desk_has_nothing_due() {
    let desk = Desk::open().await;
    assert_eq!(desk.next_due().await, None);
    let claims = desk
        .write(ClaimDeliveries { limit: 8, per_endpoint: PER_ENDPOINT, lease_ms: LEASE_MS })
        .await
        .unwrap();
    assert!(claims.deliveries.is_empty());
    assert_eq!(claims.next_due, None);
}
