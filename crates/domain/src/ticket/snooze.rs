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
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSnooze {
    /// Until when, at most a year from now; null: until the requester replies.
    // As text, so that what is wrong with it is said at its place.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Option<Timestamp>, required)]
    pub until: Option<String>,
}

impl NewSnooze {
    /// What is to be, for tickets of any status.
    pub(super) fn check(snooze: Option<Self>, checks: &mut Checks, now: Timestamp) -> Option<Snooze> {
        let Self { until } = snooze?;
        let Some(text) = until else { return Some(Snooze { since: now, until: None }) };
        let until = Timestamp::parse(&text).filter(|until| *until > now && *until <= now.plus_ms(LONGEST_MS));
        if until.is_none() {
            checks.fail("snooze.until", "must be an RFC 3339 time in the future, at most a year away");
        }
        Some(Snooze { since: now, until })
    }
}

impl Snooze {
    /// Notes that a ticket of this status can't be put aside.
    pub(super) fn check_status(checks: &mut Checks, wanted: Option<Option<Self>>, status: Status) {
        if matches!(wanted, Some(Some(_))) && !status.is_live() {
            checks.fail("snooze", "a ticket that is resolved or closed can't be put aside");
        }
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
