//! What workflows answer, and what is not believed.

use flowbit_domain::{
    ActorKind,
    callback::{CallbackOutcome, RecordRefusedCallback, Refusal},
    delivery::{DeliveryState, Finished, ReplayDelivery},
    endpoint::{DeleteEndpoint, RotateSecret},
    error::Error,
    id::{DeliveryId, EndpointId, TicketId},
    message::ListMessages,
    principal::Origin,
    ticket::{DeleteTicket, Status, TicketPatch, UpdateTicket, WorkflowState},
};
use serde_json::json;
use uuid::Uuid;

use super::fixture::{Desk, HOUR, Says, answered, unreachable};

const APPLIED: CallbackOutcome = CallbackOutcome::Applied(true);
const BEFORE: CallbackOutcome = CallbackOutcome::Applied(false);

fn reply() -> Says {
    Says { status: Some(Status::InProgress), message: Some("We are on it."), data: Some(json!({"run": 1})) }
}

impl Desk {
    async fn bodies(&self, ticket: TicketId) -> Vec<String> {
        let list = ListMessages { principal: self.admin.clone(), ticket, limit: 100, cursor: None };
        self.read(list).await.unwrap().items.into_iter().map(|m| m.body).collect()
    }

    async fn set_status(&self, id: TicketId, status: Status) {
        let patch = TicketPatch { status: Some(status), ..TicketPatch::default() };
        let update = UpdateTicket { principal: self.admin.clone(), origin: self.origin(), id, patch };
        self.write(update).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_takes_effect_once() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], Some(60)).await;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(200)).await;
    assert_eq!(desk.call_back(&claimed, &endpoint.shared_secret, reply()).await, APPLIED);

    let after = desk.ticket_now(ticket.id).await;
    assert_eq!(after.status, Status::InProgress);
    assert_eq!(after.workflow.unwrap().state, WorkflowState::Done);
    let list = ListMessages { principal: desk.admin.clone(), ticket: ticket.id, limit: 10, cursor: None };
    let messages = desk.read(list).await.unwrap().items;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].author.kind, ActorKind::Workflow);
    assert_eq!(messages[0].author.name, "First answer");
    assert!(!messages[0].internal);
    let recorded = desk.events("workflow.callback").await;
    assert_eq!(recorded[0]["state"], "done");
    assert_eq!(recorded[0]["statusApplied"], true);
    assert_eq!(recorded[0]["data"]["run"], 1);
    let delivery = desk.delivery(claimed.id).await.delivery;
    assert!(delivery.callback_at.is_some());
    assert_eq!(delivery.ticket_number, Some(ticket.number));

    let events = desk.ledger().await.len();
    let other_data = Says { data: Some(json!({"run": 2})), ..reply() };
    assert_eq!(desk.call_back(&claimed, &endpoint.shared_secret, other_data).await, BEFORE);
    assert_eq!(desk.ledger().await.len(), events);
    assert_eq!(desk.bodies(ticket.id).await.len(), 1);
    desk.clock.turn(HOUR);
    desk.claim().await;
    assert!(desk.events("workflow.overdue").await.is_empty(), "who has answered is not late");
}

#[tokio::test]
async fn a_workflow_is_not_told_of_its_own_answer_but_others_are() {
    let desk = Desk::open().await;
    let all = ["ticket.created", "ticket.updated", "message.created"];
    let first = desk.endpoint(&all, None).await;
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(200)).await;
    let second = desk.endpoint(&all, None).await;
    assert_eq!(desk.call_back(&claimed, &first.shared_secret, reply()).await, APPLIED);
    let told = desk.claim().await;
    assert_eq!(told.len(), 2, "the message and the status");
    assert!(told.iter().all(|delivery| delivery.endpoint == second.endpoint.id));
}

#[tokio::test]
async fn a_workflow_may_answer_in_steps() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], None).await.shared_secret;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    for (status, message) in [(Status::InProgress, "Begun"), (Status::Resolved, "Done")] {
        let says = Says { status: Some(status), message: Some(message), data: None };
        assert_eq!(desk.call_back(&claimed, &shared, says).await, APPLIED);
        assert_eq!(desk.ticket_now(ticket.id).await.status, status);
    }
    assert_eq!(desk.bodies(ticket.id).await, ["Begun", "Done"]);
}

#[tokio::test]
async fn what_a_person_has_set_meanwhile_stays() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], None).await.shared_secret;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.set_status(ticket.id, Status::Closed).await;
    assert_eq!(desk.call_back(&claimed, &shared, reply()).await, APPLIED);
    assert_eq!(desk.ticket_now(ticket.id).await.status, Status::Closed);
    assert_eq!(desk.bodies(ticket.id).await, ["We are on it."]);
    let recorded = &desk.events("workflow.callback").await[0];
    assert_eq!(recorded["statusApplied"], false);
    assert_eq!(recorded["statusFound"], "closed");
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Done);
}

#[tokio::test]
async fn an_answer_that_comes_before_the_acceptance_is_kept_and_ends_the_attempts() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], None).await.shared_secret;
    for outcome in [answered(200), answered(502), unreachable()] {
        let ticket = desk.ticket("One").await;
        let claimed = desk.claim_one().await;
        assert_eq!(desk.call_back(&claimed, &shared, reply()).await, APPLIED);
        assert_eq!(desk.finish(&claimed, outcome).await, Finished::Now(DeliveryState::Delivered));
        assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Done);
    }
    assert!(desk.claim().await.is_empty());
    assert!(desk.events("workflow.failed").await.is_empty());
}

#[tokio::test]
async fn after_a_crash_the_delivery_is_made_again_and_takes_effect_once() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], None).await.shared_secret;
    let ticket = desk.ticket("One").await;
    let first = desk.claim_one().await;
    // The process dies here: the workflow has got it, nobody has written that down.
    desk.clock.turn(HOUR);
    let second = desk.claim_one().await;
    assert_eq!(second.id, first.id);
    assert_eq!(desk.call_back(&first, &shared, reply()).await, APPLIED);
    assert_eq!(desk.call_back(&second, &shared, reply()).await, BEFORE);
    desk.finish(&second, answered(200)).await;
    assert_eq!(desk.bodies(ticket.id).await.len(), 1);
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Done);
}

#[tokio::test]
async fn a_delivery_made_again_by_hand_applies_nothing_twice_but_counts_as_answered() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], Some(60)).await.shared_secret;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(200)).await;
    desk.call_back(&claimed, &shared, reply()).await;
    let replay = ReplayDelivery { principal: desk.admin.clone(), origin: desk.origin(), id: claimed.id };
    desk.write(replay).await.unwrap();
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Pending);
    let again = desk.claim_one().await;
    desk.finish(&again, answered(200)).await;
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Running);
    assert_eq!(desk.call_back(&again, &shared, reply()).await, BEFORE);
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Done);
    assert_eq!(desk.bodies(ticket.id).await.len(), 1);
    let events = desk.ledger().await.len();
    assert_eq!(desk.call_back(&again, &shared, reply()).await, BEFORE);
    assert_eq!(desk.ledger().await.len(), events);
}

#[tokio::test]
async fn an_overdue_workflow_that_answers_is_done() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], Some(60)).await.shared_secret;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    desk.finish(&claimed, answered(200)).await;
    desk.clock.turn(HOUR);
    desk.claim().await;
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Overdue);
    desk.call_back(&claimed, &shared, Says::default()).await;
    assert_eq!(desk.workflow(ticket.id).await, WorkflowState::Done);
}

#[tokio::test]
async fn old_secrets_are_good_for_a_day_and_those_of_others_never() {
    let desk = Desk::open().await;
    let old = desk.endpoint(&["ticket.created"], None).await;
    let other = desk.endpoint(&["ticket.deleted"], None).await;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    let id = old.endpoint.id;
    let rotate =
        RotateSecret { principal: desk.admin.clone(), origin: desk.origin(), id, secrets: desk.secrets() };
    let new = desk.write(rotate).await.unwrap();
    let says = |message| Says { message: Some(message), ..Says::default() };
    assert_eq!(desk.call_back(&claimed, &old.shared_secret, says("by the old one")).await, APPLIED);
    assert_eq!(desk.call_back(&claimed, &new.shared_secret, says("by the new one")).await, APPLIED);
    desk.clock.turn(24 * HOUR);
    for wrong in [&old.shared_secret, &other.shared_secret, &new.secret, &String::new()] {
        assert_eq!(desk.call_back(&claimed, wrong, says("too late")).await, CallbackOutcome::Refused);
    }
    assert_eq!(desk.bodies(ticket.id).await.len(), 2);
    let refused = desk.events("workflow.callbackRefused").await;
    assert_eq!(refused.len(), 4);
    assert!(refused.iter().all(|e| e["reason"] == "wrongSecret"));
}

#[tokio::test]
async fn secrets_changed_twice_in_a_day_are_each_good_for_theirs() {
    let desk = Desk::open().await;
    let first = desk.endpoint(&["ticket.created"], None).await;
    let id = first.endpoint.id;
    let rotate = async || {
        let (principal, origin) = (desk.admin.clone(), desk.origin());
        desk.write(RotateSecret { principal, origin, id, secrets: desk.secrets() }).await
    };
    let second = rotate().await.unwrap();
    desk.clock.turn(HOUR);
    let third = rotate().await.unwrap();
    desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    assert_eq!(claimed.secrets.signing, [&*third.secret, &*second.secret, &*first.secret]);
    assert_eq!(claimed.secrets.shared, third.shared_secret);
    let says = |message| Says { message: Some(message), ..Says::default() };
    assert_eq!(desk.call_back(&claimed, &first.shared_secret, says("by the first")).await, APPLIED);
    desk.clock.turn(23 * HOUR);
    let refused = desk.call_back(&claimed, &first.shared_secret, says("its day is over")).await;
    assert_eq!(refused, CallbackOutcome::Refused);
    assert_eq!(desk.call_back(&claimed, &second.shared_secret, says("by the second")).await, APPLIED);
    desk.clock.turn(HOUR);
    let refused = desk.call_back(&claimed, &second.shared_secret, says("its day is over too")).await;
    assert_eq!(refused, CallbackOutcome::Refused);
    assert_eq!(desk.call_back(&claimed, &third.shared_secret, says("by the third")).await, APPLIED);

    for _ in 0..10 {
        rotate().await.unwrap();
    }
    assert!(matches!(rotate().await, Err(Error::RateLimited { .. })), "each of them signs each delivery");
}

#[tokio::test]
async fn a_token_is_good_for_its_own_delivery_and_ticket_alone() {
    let desk = Desk::open().await;
    let made = desk.endpoint(&["ticket.created"], None).await;
    let one = desk.ticket("One").await;
    desk.ticket("Two").await;
    let claimed = desk.claim().await;
    let shared = &made.shared_secret;
    let right = || desk.callback(&claimed[0], shared, reply());
    let mut of_other_ticket = right();
    of_other_ticket.claim.ticket = claimed[1].envelope.data.ticket_id.unwrap();
    let mut of_no_delivery = right();
    of_no_delivery.claim.delivery = DeliveryId(Uuid::from_u128(7));
    let mut of_no_endpoint = right();
    of_no_endpoint.claim.endpoint = EndpointId(Uuid::from_u128(7));
    for (callback, reason) in
        [(of_other_ticket, "wrongToken"), (of_no_delivery, "wrongToken"), (of_no_endpoint, "wrongSecret")]
    {
        assert_eq!(desk.write(callback).await.unwrap(), CallbackOutcome::Refused);
        assert_eq!(desk.events("workflow.callbackRefused").await.last().unwrap()["reason"], reason);
    }
    assert_eq!(desk.ticket_now(one.id).await.status, Status::Open);
    assert!(desk.bodies(one.id).await.is_empty());
}

#[tokio::test]
async fn the_dead_do_not_answer() {
    let desk = Desk::open().await;
    let made = desk.endpoint(&["ticket.created"], None).await;
    let ticket = desk.ticket("One").await;
    let kept = desk.ticket("Two").await;
    let claimed = desk.claim().await;
    let delete = DeleteTicket { principal: desk.admin.clone(), origin: desk.origin(), id: ticket.id };
    desk.write(delete).await.unwrap();
    assert_eq!(desk.call_back(&claimed[0], &made.shared_secret, reply()).await, CallbackOutcome::Refused);
    let id = made.endpoint.id;
    desk.write(DeleteEndpoint { principal: desk.admin.clone(), origin: desk.origin(), id }).await.unwrap();
    assert_eq!(desk.call_back(&claimed[1], &made.shared_secret, reply()).await, CallbackOutcome::Refused);
    assert_eq!(
        desk.call_back(&claimed[1], "", reply()).await,
        CallbackOutcome::Refused,
        "its secret is empty now"
    );
    assert_eq!(desk.ticket_now(kept.id).await.status, Status::Open);
}

#[tokio::test]
async fn an_unacceptable_answer_changes_nothing_and_can_be_put_right() {
    let desk = Desk::open().await;
    let shared = desk.endpoint(&["ticket.created"], None).await.shared_secret;
    let ticket = desk.ticket("One").await;
    let claimed = desk.claim_one().await;
    let events = desk.ledger().await.len();
    let says = Says { message: Some("  "), ..reply() };
    let refused = desk.write(desk.callback(&claimed, &shared, says)).await;
    assert!(matches!(refused, Err(Error::Validation(e)) if e[0].path == "message"));
    assert_eq!(desk.ledger().await.len(), events);
    assert_eq!(desk.ticket_now(ticket.id).await.status, Status::Open);
    assert_eq!(desk.call_back(&claimed, &shared, reply()).await, APPLIED);
}

#[tokio::test]
async fn a_refusal_is_told_to_admins_alone() {
    let desk = Desk::open().await;
    let endpoint = desk.endpoint(&["ticket.created"], None).await.endpoint.id;
    let origin = Origin { ip: Some("198.51.100.9".into()), ..Origin::system() };
    let record = RecordRefusedCallback { origin, refusal: Refusal::Mismatch, endpoint, delivery: None };
    desk.write(record).await.unwrap();
    let event = desk.ledger().await.pop().unwrap();
    assert_eq!(event.action, "workflow.callbackRefused");
    assert_eq!(event.audience, flowbit_domain::event::Audience::Admins);
    assert_eq!(event.ip.as_deref(), Some("198.51.100.9"));
}
