//! Being out of office: who is gets no tickets by a team's rule, and is shown so wherever tickets are assigned.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger, patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    time::Timestamp,
    tx::{Command, Row, StoreError, TenantTx},
    user::{User, load},
};

/// The furthest that somebody can be gone, in milliseconds: ten years.
const LONGEST_MS: i64 = 3_660 * 24 * 60 * 60 * 1000;

/// That somebody is out of office. Once `until` has passed they are back, without any event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutOfOffice {
    /// Until when; null until they come back by hand.
    #[schema(required)]
    pub until: Option<Timestamp>,
}

impl OutOfOffice {
    /// Reads `out_of_office` and `out_of_office_until`, which stand in a row from this column on.
    pub(crate) fn read(row: &dyn Row, from: usize) -> Result<Option<Self>, StoreError> {
        Ok(if row.bool(from)? { Some(Self { until: row.opt_time(from + 1)? }) } else { None })
    }
}

/// Whether somebody is there.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Availability {
    /// Whether they are out of office.
    pub out_of_office: bool,
    /// Until when, in the future and at most ten years; null or absent until they come back by hand.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Timestamp>)]
    pub until: Option<Timestamp>,
}

/// Says that somebody who works on tickets is out of office, or back. Event: `user.availabilityChanged`, when
/// anything changed.
#[derive(Debug, Clone)]
pub struct SetAvailability {
    /// Who asks: they themselves or an admin.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Who is gone or back.
    pub user: UserId,
    /// Which of the two.
    pub input: Availability,
}

impl Command for SetAvailability {
    type Output = User;

    async fn run(self, tx: &mut impl TenantTx) -> Result<User> {
        const UPDATE: &str = "UPDATE users SET out_of_office = $2, out_of_office_until = $3 WHERE id = $1";
        let Self { principal, origin, user: id, input } = self;
        policy::require(&principal, Deed::SetAvailability, Subject::Person(id))?;
        let before = load(tx, id).await?.ok_or(Error::NotFound)?;
        let after = check(input, tx.now())?;
        if after.is_some() && !before.role.is_staff() {
            return Err(Error::invalid("outOfOffice", "is for who works on tickets"));
        }
        if before.out_of_office == after {
            return Ok(before);
        }
        let until = after.and_then(|after| after.until);
        tx.execute(UPDATE, &[id.into(), after.is_some().into(), until.into()]).await?;
        let data = json!({
            "userId": id,
            "name": before.name,
            "changes": { "outOfOffice": { "from": before.out_of_office, "to": after } },
        });
        let draft = EventDraft {
            action: Action::UserAvailabilityChanged,
            audience: Audience::Staff,
            origin,
            ticket: None,
            requester: None,
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(User { out_of_office: after, ..before })
    }
}

fn check(input: Availability, now: Timestamp) -> Result<Option<OutOfOffice>> {
    let Some(until) = input.until else {
        return Ok(input.out_of_office.then_some(OutOfOffice { until: None }));
    };
    if !input.out_of_office {
        return Err(Error::invalid("until", "is for who is out of office"));
    }
    if until <= now || until > now.plus_ms(LONGEST_MS) {
        return Err(Error::invalid("until", "must be in the future, at most ten years from now"));
    }
    Ok(Some(OutOfOffice { until: Some(until) }))
}
