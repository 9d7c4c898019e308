//! What a company has decided for all of its desk.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    ledger, patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    ticket::Ticket,
    time::Timestamp,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// For how many days a solved ticket is opened again where the company has not said.
const REOPEN_DAYS: i64 = 30;
/// For how many at most, unless without limit.
const REOPEN_DAYS_MAX: i64 = 365;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// For how many days a solved ticket is opened again, as a column beside those of a ticket: -1 for without limit,
/// what is usual where the company has not said.
macro_rules! reopen_days {
    () => {
        "COALESCE((SELECT COALESCE(reopen_days, -1) FROM settings), 30)"
    };
}
pub(crate) use reopen_days;

/// For how long an answer of its requester opens a solved ticket again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReopenWindow(Option<i64>);

impl ReopenWindow {
    /// Reads what [`reopen_days!`] answers.
    pub(crate) fn of_days(days: i64) -> Self {
        Self((days >= 0).then_some(days))
    }

    /// Until when, of a ticket that was solved then.
    pub(crate) fn until(self, resolved_at: Timestamp) -> Option<Timestamp> {
        self.0.map(|days| resolved_at.plus_ms(days.saturating_mul(DAY_MS)))
    }
}

impl Ticket {
    /// Refuses an answer of its requester for which it has been solved for too long. Staff and workflows may always
    /// write.
    ///
    /// # Errors
    /// `reopen_expired`.
    pub(crate) fn require_reopenable(&self, now: Timestamp) -> Result<()> {
        let detail = match (self.reopen_until, self.reopen_window.0) {
            (None, _) => return Ok(()),
            (Some(_), Some(0)) => "solved tickets are not opened again here: raise a new one".to_owned(),
            (Some(until), _) if now <= until => return Ok(()),
            (Some(until), _) => {
                format!("it was solved, and could be opened again until {until}: raise a new one")
            }
        };
        Err(Error::Conflict { code: "reopen_expired", detail })
    }
}

/// What a company has decided for all of its desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanySettings {
    /// For how many days after a ticket was solved an answer of its requester opens it again: 0 for never, null for
    /// without limit.
    #[schema(required, minimum = 0, maximum = 365)]
    pub reopen_days: Option<i64>,
    /// Grows with each change; send it with a PATCH to be told of a collision.
    pub version: i64,
}

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingsPatch {
    /// For how many days after a ticket was solved an answer of its requester opens it again, 0 to 365; null for
    /// without limit.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 365)]
    pub reopen_days: Option<Option<i64>>,
    /// The version that the change was made from: another one now is a 409.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false)]
    pub version: Option<i64>,
}

async fn load(tx: &mut impl TenantRead) -> Result<CompanySettings> {
    const FIND: &str = "SELECT reopen_days, version FROM settings";
    let found = tx
        .query_one(FIND, &[], |row| {
            Ok(CompanySettings { reopen_days: row.opt_int(0)?, version: row.int(1)? })
        })
        .await?;
    Ok(found.unwrap_or(CompanySettings { reopen_days: Some(REOPEN_DAYS), version: 1 }))
}

/// Gets the company's settings.
#[derive(Debug)]
pub struct GetSettings {
    /// Who asks.
    pub principal: Principal,
}

impl Query for GetSettings {
    type Output = CompanySettings;

    async fn run(self, tx: &mut impl TenantRead) -> Result<CompanySettings> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        load(tx).await
    }
}

/// Changes the company's settings. Event: `settings.changed`, when anything changed.
#[derive(Debug, Clone)]
pub struct UpdateSettings {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What is to change.
    pub patch: SettingsPatch,
}

impl Command for UpdateSettings {
    type Output = CompanySettings;

    async fn run(self, tx: &mut impl TenantTx) -> Result<CompanySettings> {
        const SAVE: &str =
            "INSERT INTO settings (id, reopen_days, version, updated_at) VALUES (1, $1, $2, $3)
            ON CONFLICT (id) DO UPDATE SET reopen_days = excluded.reopen_days, version = excluded.version,
            updated_at = excluded.updated_at";
        let Self { principal, origin, patch } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let mut checks = Checks::default();
        if let Some(Some(days)) = patch.reopen_days
            && !(0..=REOPEN_DAYS_MAX).contains(&days)
        {
            checks.fail(
                "reopenDays",
                format!("must be from 0 to {REOPEN_DAYS_MAX}, or null for without limit"),
            );
        }
        checks.finish()?;
        let before = load(tx).await?;
        if patch.version.is_some_and(|version| version != before.version) {
            return Err(Error::stale(before.version));
        }
        let reopen_days = patch.reopen_days.unwrap_or(before.reopen_days);
        if reopen_days == before.reopen_days {
            return Ok(before);
        }
        let after = CompanySettings { reopen_days, version: before.version + 1 };
        tx.put(SAVE, vec![after.reopen_days.into(), after.version.into(), tx.now().into()]);
        let changes = json!({ "reopenDays": { "from": before.reopen_days, "to": after.reopen_days } });
        let draft = EventDraft {
            action: Action::SettingsChanged,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: json!({ "changes": changes }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_window_is_what_the_statement_says() {
        assert!(reopen_days!().ends_with(&format!(", {REOPEN_DAYS})")));
        assert_eq!(ReopenWindow::of_days(-1).until(Timestamp(0)), None);
        assert_eq!(ReopenWindow::of_days(2).until(Timestamp(5)), Some(Timestamp(2 * DAY_MS + 5)));
    }
}
