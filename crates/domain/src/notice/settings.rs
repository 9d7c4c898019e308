//! What a person wants to be told, and when they want quiet. The server makes no notice of a muted kind; quiet hours
//! are kept for the browser, which knows the person's clock.

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use utoipa::ToSchema;

use super::NoticeKind;
use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    ledger, patch,
    principal::{Origin, Principal},
    text::Checks,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// When nothing is to ring, by the clock of a time zone. `from` after `to` goes over midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuietHours {
    /// From then on, as `22:00`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub from: String,
    /// Until then, as `07:00`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    pub to: String,
    /// The time zone's name in the IANA database, as `Europe/Berlin`.
    #[schema(max_length = 64)]
    pub time_zone: String,
}

/// What a person wants to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoticeSettings {
    /// The kinds that they are not told of.
    pub muted: Vec<NoticeKind>,
    /// When nothing is to ring; null for never.
    #[schema(required)]
    pub quiet_hours: Option<QuietHours>,
}

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeSettingsPatch {
    /// All the kinds that they are not told of.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<NoticeKind>, required = false, max_items = 7)]
    pub muted: Option<Vec<NoticeKind>>,
    /// When nothing is to ring; null for never.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<QuietHours>)]
    pub quiet_hours: Option<Option<QuietHours>>,
}

/// Gets one's own settings.
#[derive(Debug)]
pub struct GetNoticeSettings {
    /// Who asks.
    pub principal: Principal,
}

impl Query for GetNoticeSettings {
    type Output = NoticeSettings;

    async fn run(self, tx: &mut impl TenantRead) -> Result<NoticeSettings> {
        load(tx, &self.principal).await
    }
}

async fn load(tx: &mut impl TenantRead, principal: &Principal) -> Result<NoticeSettings> {
    const FIND: &str = "SELECT muted, quiet_hours FROM notice_settings WHERE user_id = $1";
    let found = tx
        .query_one(FIND, &[principal.user.into()], |row| {
            Ok((row.text(0)?.to_owned(), row.opt_text(1)?.map(str::to_owned)))
        })
        .await?;
    let Some((muted, quiet)) = found else { return Ok(NoticeSettings::default()) };
    let broken = |e: serde_json::Error| Error::Internal(e.to_string());
    Ok(NoticeSettings {
        muted: serde_json::from_str(&muted).map_err(broken)?,
        quiet_hours: quiet.map(|text| serde_json::from_str(&text)).transpose().map_err(broken)?,
    })
}

/// Changes one's own settings.
#[derive(Debug, Clone)]
pub struct UpdateNoticeSettings {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What is to change.
    pub patch: NoticeSettingsPatch,
}

impl Command for UpdateNoticeSettings {
    type Output = NoticeSettings;

    async fn run(self, tx: &mut impl TenantTx) -> Result<NoticeSettings> {
        const SAVE: &str = "INSERT INTO notice_settings (user_id, muted, quiet_hours, updated_at)
            VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET muted = excluded.muted,
            quiet_hours = excluded.quiet_hours, updated_at = excluded.updated_at";
        let Self { principal, origin, patch } = self;
        let mut checks = Checks::default();
        if let Some(Some(quiet)) = &patch.quiet_hours {
            check_quiet(&mut checks, quiet);
        }
        checks.finish()?;
        let before = load(tx, &principal).await?;
        let mut after = before.clone();
        if let Some(mut muted) = patch.muted {
            muted.sort_unstable();
            muted.dedup();
            after.muted = muted;
        }
        if let Some(quiet) = patch.quiet_hours {
            after.quiet_hours = quiet;
        }
        if after == before {
            return Ok(after);
        }
        let mut changes = Map::new();
        if after.muted != before.muted {
            changes.insert("muted".into(), json!({ "from": before.muted, "to": after.muted }));
        }
        if after.quiet_hours != before.quiet_hours {
            let change = json!({ "from": before.quiet_hours, "to": after.quiet_hours });
            changes.insert("quietHours".into(), change);
        }
        let now = tx.now();
        let quiet = after.quiet_hours.as_ref().map(|quiet| json!(quiet).to_string());
        tx.put(
            SAVE,
            vec![principal.user.into(), json!(after.muted).to_string().into(), quiet.into(), now.into()],
        );
        let draft = EventDraft {
            action: Action::NoticesSet,
            audience: Audience::Person,
            origin,
            ticket: None,
            requester: Some(principal.user),
            data: json!({ "changes": changes }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(after)
    }
}

fn check_quiet(checks: &mut Checks, quiet: &QuietHours) {
    for (path, time) in [("quietHours.from", &quiet.from), ("quietHours.to", &quiet.to)] {
        if !is_time(time) {
            checks.fail(path, "must be a time of day, as 22:00");
        }
    }
    if quiet.from == quiet.to {
        checks.fail("quietHours.to", "must differ from quietHours.from");
    }
    let zone = &quiet.time_zone;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_+-/".contains(c);
    if zone.is_empty() || zone.len() > 64 || !zone.chars().all(fits) {
        checks.fail("quietHours.timeZone", "must be the name of a time zone, as Europe/Berlin");
    }
}

fn is_time(text: &str) -> bool {
    let part = |text: &str, below: u8| {
        text.len() == 2
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse::<u8>().is_ok_and(|number| number < below)
    };
    text.split_once(':').is_some_and(|(hours, minutes)| part(hours, 24) && part(minutes, 60))
}
