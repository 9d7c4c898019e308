//! Putting a ticket aside until a time, or until its requester replies.
//!
//! It is the staff's business alone: who raised it sees nothing of it. Solving a ticket, or merging it, ends it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::Result,
    id::TicketId,
    principal::Origin,
    text::Checks,
    ticket::{Changes, Status, change, load},
    time::Timestamp,
    tx::TenantTx,
};

/// The furthest that a ticket can be put aside: a year and a day.
const LONGEST_MS: i64 = 366 * 24 * 60 * 60 * 1000;

/// That a ticket is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Snooze {
    /// Since when.
    pub since: Timestamp,
    /// Until when; null: until the requester replies, which ends it before its time as well.
    #[schema(required)]
    pub until: Option<Timestamp>,
}

/// How long a ticket is to be put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSnooze {
    /// Until when, at most a year from now; null: until the requester replies.
    #[schema(required)]
    pub until: Option<Timestamp>,
}

impl NewSnooze {
    /// What is to be, for a ticket that will have this status.
    pub(super) fn check(
        snooze: Option<Self>,
        checks: &mut Checks,
        now: Timestamp,
        status: Status,
    ) -> Option<Snooze> {
        let Self { until } = snooze?;
        if !status.is_live() {
            checks.fail("snooze", "a ticket that is resolved or closed can't be put aside");
        }
        if until.is_some_and(|until| until <= now || until > now.plus_ms(LONGEST_MS)) {
            checks.fail("snooze.until", "must be in the future, and at most a year away");
        }
        Some(Snooze { since: now, until })
    }
}

/// Wakes the tickets whose time has come, at most so many: the rest next time.
pub(crate) async fn wake_due(tx: &mut impl TenantTx, limit: usize) -> Result<()> {
    const DUE: &str = "SELECT id FROM tickets WHERE snoozed_until <= $1 AND snoozed_until IS NOT NULL
        ORDER BY snoozed_until, number LIMIT $2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let now = tx.now();
    let due = tx.query(DUE, &[now.into(), limit.into()], |row| Ok(TicketId(row.uuid(0)?))).await?;
    for id in due {
        let Some(ticket) = load(tx, id).await? else { continue };
        let changes = Changes { snooze: Some(None), ..Changes::default() };
        change(tx, Origin::system(), &ticket, changes).await?;
    }
    Ok(())
}
