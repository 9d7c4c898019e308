//! What a ticket shows of its workflow, as its deliveries go on. The decision is a pure function.

use serde_json::{Map, Value as Json, json};

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{DeliveryId, TicketId, UserId},
    ledger,
    principal::Origin,
    ticket::{WorkflowState, damaged},
    tx::{TenantRead, TenantTx},
};

/// What happened to a delivery that a workflow is expected to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is to be made (again).
    Queued,
    /// The workflow accepted it.
    Accepted,
    /// It could not be delivered.
    Failed,
    /// Its deadline passed.
    Overdue,
    /// The workflow called back.
    CalledBack,
}

/// The state after a step of `delivery`, when the ticket shows `shown` now; `None`: it stays.
fn next_state(
    shown: Option<(WorkflowState, Option<DeliveryId>)>,
    delivery: DeliveryId,
    step: Step,
) -> Option<WorkflowState> {
    use WorkflowState::{Done, Failed, Overdue, Pending, Running};
    let state = shown.map(|(state, _)| state);
    let own = shown.is_some_and(|(_, of)| of == Some(delivery));
    match (step, state) {
        (Step::CalledBack, _) => Some(Done),
        // Another delivery's success does not hide that this one's workflow never answered.
        (Step::Overdue, Some(Failed)) if own => None,
        (Step::Overdue, _) => Some(Overdue),
        (Step::Queued, None | Some(Pending | Failed | Overdue)) => Some(Pending),
        (Step::Queued, Some(Done | Running)) => own.then_some(Pending),
        (Step::Accepted, None | Some(Pending)) => Some(Running),
        // A late acceptance is still late.
        (Step::Accepted, Some(Failed | Done)) => own.then_some(Running),
        (Step::Accepted, Some(Running | Overdue)) => None,
        (Step::Failed, None | Some(Pending | Running)) => Some(Failed),
        (Step::Failed, Some(Overdue)) => own.then_some(Failed),
        (Step::Failed, Some(Done | Failed)) => None,
    }
}

/// What an event about a ticket's workflow says of the ticket.
#[derive(Debug, Clone)]
pub(crate) struct TicketBrief {
    pub(crate) id: TicketId,
    number: i64,
    title: String,
    requester: UserId,
    shown: Option<(WorkflowState, Option<DeliveryId>)>,
}

/// Reads what is needed of a ticket; `None` when it was deleted.
pub(crate) async fn brief(tx: &mut impl TenantRead, id: TicketId) -> Result<Option<TicketBrief>> {
    const SQL: &str = "SELECT number, title, requester_id, workflow_state, workflow_delivery_id
        FROM tickets WHERE id = $1";
    let brief = tx
        .query_one(SQL, &[id.into()], |row| {
            let shown = match row.opt_text(3)? {
                None => None,
                Some(state) => Some((
                    WorkflowState::parse(state).ok_or_else(|| damaged("workflow state"))?,
                    row.opt_uuid(4)?.map(DeliveryId),
                )),
            };
            Ok(TicketBrief {
                id,
                number: row.int(0)?,
                title: row.text(1)?.to_owned(),
                requester: UserId(row.uuid(2)?),
                shown,
            })
        })
        .await?;
    Ok(brief)
}

/// Shows a step at the ticket. Neither its version nor its time of change moves: nobody edited it.
pub(crate) fn put_step(tx: &mut impl TenantTx, ticket: &TicketBrief, delivery: DeliveryId, step: Step) {
    const SQL: &str = "UPDATE tickets SET workflow_state = $2, workflow_at = $3, workflow_delivery_id = $4
        WHERE id = $1";
    if let Some(state) = next_state(ticket.shown, delivery, step) {
        let now = tx.now();
        tx.put(SQL, vec![ticket.id.into(), state.as_str().into(), now.into(), delivery.into()]);
    }
}

/// Records a `workflow.*` event: for the staff when it is about a ticket, otherwise for admins.
pub(crate) async fn record(
    tx: &mut impl TenantTx,
    action: Action,
    origin: Origin,
    ticket: Option<&TicketBrief>,
    mut data: Map<String, Json>,
) -> Result<()> {
    if let Some(ticket) = ticket {
        data.insert("number".into(), json!(ticket.number));
        data.insert("title".into(), json!(ticket.title));
    }
    let draft = EventDraft {
        action,
        audience: if ticket.is_some() { Audience::Staff } else { Audience::Admins },
        origin,
        ticket: ticket.map(|t| t.id),
        requester: ticket.map(|t| t.requester),
        data: Json::Object(data).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const A: DeliveryId = DeliveryId(Uuid::from_u128(1));
    const B: DeliveryId = DeliveryId(Uuid::from_u128(2));

    #[test]
    fn a_delivery_runs_its_course() {
        let mut shown = None;
        for (step, expected) in [
            (Step::Queued, WorkflowState::Pending),
            (Step::Accepted, WorkflowState::Running),
            (Step::Overdue, WorkflowState::Overdue),
            (Step::CalledBack, WorkflowState::Done),
            (Step::Queued, WorkflowState::Pending),
            (Step::Failed, WorkflowState::Failed),
            (Step::Queued, WorkflowState::Pending),
        ] {
            let state = next_state(shown, A, step).unwrap();
            assert_eq!(state, expected, "{step:?}");
            shown = Some((state, Some(A)));
        }
    }

    #[test]
    fn what_is_late_stays_late_until_the_workflow_answers() {
        let overdue = Some((WorkflowState::Overdue, Some(A)));
        assert_eq!(next_state(overdue, A, Step::Accepted), None);
        assert_eq!(next_state(overdue, A, Step::CalledBack), Some(WorkflowState::Done));
    }

    #[test]
    fn another_deliverys_trouble_shows_but_its_acceptance_does_not_undo_an_answer() {
        let done = Some((WorkflowState::Done, Some(A)));
        assert_eq!(next_state(done, B, Step::Accepted), None);
        assert_eq!(next_state(done, B, Step::Failed), None);
        assert_eq!(next_state(done, B, Step::Overdue), Some(WorkflowState::Overdue));
    }
}
