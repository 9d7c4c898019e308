//! Endpoints that are away, overloaded, or gone.

use std::collections::HashMap;

use flowbit_domain::{
    delivery::{DeliveryState, Finished, Outcome},
    endpoint::{Endpoint, GetEndpoint, TestEndpoint},
    event::ChainVerifier,
    id::{DeliveryId, EndpointId},
    ticket::WorkflowState,
};

use super::fixture::{Desk, HOUR, MINUTE, SECOND, answered, unreachable};

impl Desk {
    async fn endpoint_now(&self, id: EndpointId) -> Endpoint {
        self.read(GetEndpoint { principal: self.admin.clone(), id }).await.unwrap()
    }
}

#[tokio::test]
async fn five_failures_open_the_breaker_and_one_success_lets_everything_out() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    for n in 0..5 {
        desk.ticket(&format!("Ticket {n}")).await;
        let claimed = desk.claim_one().await;
        desk.finish(&claimed, answered(500)).await;
    }
    let opened = desk.clock_now();
    let until = desk.endpoint_now(endpoint).await.breaker_open_until.unwrap();
    assert_eq!(until, opened.plus_ms(30 * SECOND));
    desk.clock.turn(29 * SECOND);
    assert!(desk.claim().await.is_empty(), "those due after 5 s wait as well");
    assert_eq!(desk.next_due().await, Some(until));

    desk.clock.turn_to(until);
    assert_eq!(desk.endpoint_now(endpoint).await.breaker_open_until, None);
    let probe = desk.claim_one().await;
    assert!(desk.claim().await.is_empty(), "half open: one at a time");
    desk.finish(&probe, answered(500)).await;
    let until = desk.endpoint_now(endpoint).await.breaker_open_until.unwrap();
    assert_eq!(until, desk.clock_now().plus_ms(MINUTE), "twice as long");

    desk.clock.turn_to(until);
    let probe = desk.claim_one().await;
    assert_eq!(desk.finish(&probe, answered(200)).await, Finished::Now(DeliveryState::Delivered));
    let healthy = desk.endpoint_now(endpoint).await;
    assert_eq!((healthy.consecutive_failures, healthy.breaker_open_until), (0, None));
    assert_eq!(healthy.last_success_at, Some(desk.clock_now()));
    assert_eq!(desk.claim().await.len(), 4, "all that waited is due at once");
}

#[tokio::test]
async fn an_endpoint_that_was_away_is_found_soon_and_probing_uses_up_no_attempts() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    desk.ticket("One").await;
    let begun = desk.clock_now();
    let mut attempts = 0;
    // A whole day away: many more tries than the schedule has attempts.
    while desk.clock_now().0 - begun.0 < 24 * HOUR {
        let claimed = desk.claim_one().await;
        attempts += 1;
        assert_eq!(desk.finish(&claimed, unreachable()).await, Finished::Now(DeliveryState::Pending));
        let next = desk.next_due().await.unwrap();
        let wait = next.0 - desk.clock_now().0;
        assert!(wait <= 10 * MINUTE, "never more than ten minutes until the next look, but {wait} ms");
        desk.clock.turn_to(next);
    }
    assert!(attempts > 100, "{attempts}");
    let claimed = desk.claim_one().await;
    assert_eq!(desk.finish(&claimed, answered(200)).await, Finished::Now(DeliveryState::Delivered));
}

#[tokio::test]
async fn an_endpoint_that_answers_badly_is_not_probed_before_its_time() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(500)).await;
    desk.clock.turn(10 * SECOND);
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(422)).await;
    let due = desk.delivery(claimed.id).await.delivery.next_attempt_at.unwrap();
    assert!(due.0 - desk.clock_now().0 >= 4 * MINUTE);
    assert_eq!(desk.next_due().await, Some(due));
}

#[tokio::test]
async fn a_success_after_few_failures_lets_fresh_failures_out_but_not_those_that_fail_each_time() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    let mut stubborn = None;
    for round in 0..8 {
        let good = desk.ticket(&format!("Good {round}")).await;
        if stubborn.is_none() {
            stubborn = Some(desk.ticket("Bad").await.id);
        }
        // The bad one fails first, so that the good one's success finds the endpoint stumbling.
        let mut claimed = desk.claim().await;
        claimed.sort_by_key(|c| c.envelope.data.ticket_id == Some(good.id));
        for delivery in &claimed {
            let is_bad = delivery.envelope.data.ticket_id == stubborn;
            desk.finish(delivery, answered(if is_bad { 500 } else { 200 })).await;
        }
    }
    let claimed = desk.claim().await;
    assert!(claimed.is_empty(), "it keeps to the schedule by now");
    assert_eq!(desk.workflow(stubborn.unwrap()).await, WorkflowState::Pending);
}

#[tokio::test]
async fn retry_after_holds_all_deliveries_of_the_endpoint() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    let busy = Outcome::Answered { status: 429, body: String::new(), retry_after_ms: Some(90 * SECOND) };
    desk.finish(&claimed, busy).await;
    let until = desk.clock_now().plus_ms(90 * SECOND);
    assert_eq!(desk.delivery(claimed.id).await.delivery.next_attempt_at, Some(until));
    assert_eq!(desk.endpoint_now(endpoint).await.breaker_open_until, Some(until));
    desk.ticket("Two").await;
    assert!(desk.claim().await.is_empty());
    assert_eq!(desk.next_due().await, Some(until));
    desk.clock.turn_to(until);
    assert_eq!(desk.claim().await.len(), 2);
}

#[tokio::test]
async fn one_that_says_it_is_gone_is_switched_off() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    let ticket = desk.ticket("One").await;
    desk.ticket("Two").await;
    let claimed = desk.claim().await;
    assert_eq!(desk.finish(&claimed[0], answered(410)).await, Finished::Now(DeliveryState::Dead));
    assert!(!desk.endpoint_now(endpoint).await.active);
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Failed);
    let changes = desk.events("endpoint.updated").await;
    assert_eq!(changes[0]["changes"]["active"]["to"], false);
    assert_eq!(desk.ledger().await.iter().filter(|e| e.action == "endpoint.updated").count(), 1);
    // What is under way ends; nothing new begins, and new tickets cause nothing.
    desk.finish(&claimed[1], answered(503)).await;
    desk.clock.turn(HOUR);
    assert!(desk.claim().await.is_empty());
    assert_eq!(desk.next_due().await, None);
    assert!(desk.ticket("Three").await.workflow.is_none());

    desk.patch_endpoint(endpoint, serde_json::from_str(r#"{"active": true}"#).unwrap()).await;
    assert_eq!(desk.claim_one().await.id, claimed[1].id, "what waited goes out when it is switched on again");
}

#[tokio::test]
async fn a_trial_goes_through_an_open_breaker_and_opens_the_way_for_the_rest() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    for n in 0..5 {
        desk.ticket(&format!("Ticket {n}")).await;
        let claimed = desk.claim_one().await;
        desk.finish(&claimed, unreachable()).await;
    }
    assert!(desk.claim().await.is_empty());
    let test = TestEndpoint { principal: desk.admin.clone(), origin: desk.origin(), id: endpoint };
    let trial = desk.write(test).await.unwrap().delivery_id;
    let claimed = desk.claim_one().await;
    assert_eq!(claimed.id, trial);
    assert_eq!(claimed.envelope.kind, "endpoint.test");
    assert!(claimed.envelope.data.ticket.is_none());
    desk.finish(&claimed, answered(200)).await;
    assert_eq!(desk.claim().await.len(), 4);
}

/// A workflow program is away for an hour, in which a ticket comes every minute.
#[tokio::test]
async fn after_an_hour_away_each_delivery_is_made_once_and_soon() {
    const TICKETS: usize = 60;
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    let mut failed = 0;
    for n in 0..TICKETS {
        desk.ticket(&format!("Ticket {n}")).await;
        for claimed in desk.claim().await {
            desk.finish(&claimed, unreachable()).await;
            failed += 1;
        }
        desk.clock.turn(MINUTE);
    }

    let back = desk.clock_now();
    let mut made: HashMap<DeliveryId, usize> = HashMap::new();
    while let Some(due) = desk.next_due().await {
        if due > desk.clock_now() {
            desk.clock.turn_to(due);
        }
        for claimed in desk.claim().await {
            *made.entry(claimed.id).or_default() += 1;
            assert_eq!(desk.finish(&claimed, answered(200)).await, Finished::Now(DeliveryState::Delivered));
        }
    }
    let took = desk.clock_now().0 - back.0;
    println!("{TICKETS} tickets, {failed} attempts failed, all delivered {took} ms after the end");
    assert!(failed > 0);
    assert_eq!((made.len(), made.values().max()), (TICKETS, Some(&1)));
    assert!(took <= 10 * MINUTE, "{took} ms");
    assert_eq!(desk.events("workflow.delivered").await.len(), TICKETS);
}

/// The machine's clock is put forward by a day and back by two.
#[tokio::test]
async fn a_clock_that_jumps_loses_nothing_doubles_nothing_and_leaves_the_ledger_whole() {
    let desk = Desk::open().await;
    desk.endpoint(&["ticket.created"], None).await;
    desk.ticket("Under way").await;
    let early = desk.claim_one().await;
    desk.clock.turn(24 * HOUR);
    // Its lease seems to be over.
    let again = desk.claim_one().await;
    assert_eq!(again.id, early.id);
    assert_eq!(desk.finish(&early, answered(200)).await, Finished::Superseded);
    assert_eq!(desk.finish(&again, answered(200)).await, Finished::Now(DeliveryState::Delivered));

    desk.ticket("To be tried again").await;
    let failed = desk.claim_one().await;
    desk.finish(&failed, answered(500)).await;
    desk.clock.turn(-48 * HOUR);
    // What comes now does not wait for what is due in the future of this clock.
    desk.ticket("After the jump back").await;
    let claimed = desk.claim_one().await;
    assert_ne!(claimed.id, failed.id);
    assert_eq!(desk.finish(&claimed, answered(200)).await, Finished::Now(DeliveryState::Delivered));
    let due = desk.next_due().await.expect("the one that failed is still due");
    desk.clock.turn_to(due);
    let claimed = desk.claim_one().await;
    assert_eq!(claimed.id, failed.id);
    assert_eq!(desk.finish(&claimed, answered(200)).await, Finished::Now(DeliveryState::Delivered));
    assert_eq!(desk.next_due().await, None);

    let ledger = desk.ledger().await;
    let mut verifier = ChainVerifier::default();
    assert!(ledger.iter().all(|event| verifier.check(event).is_ok()));
    assert!(ledger.iter().zip(1..).all(|(event, seq)| event.seq == seq));
    assert_eq!(desk.events("workflow.delivered").await.len(), 3);
}
