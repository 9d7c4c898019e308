//! What a person wants to be told, how often by e-mail, and when they want quiet. The server makes no notice of a
//! muted kind; quiet hours are kept for the browser, which knows the person's clock.

use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use utoipa::ToSchema;

use super::NoticeKind;
use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger, patch,
    principal::{Origin, Principal},
    text::Checks,
    ticket::damaged,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// How often a person wants to be told by e-mail of what they have not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailFrequency {
    /// Soon after it happened.
    #[default]
    Instant,
    /// At most once an hour.
    Hourly,
    /// At most once a day.
    Daily,
    /// Never.
    Off,
}

impl MailFrequency {
    /// The name as in the API and the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Off => "off",
        }
    }

    /// The frequency of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Instant, Self::Hourly, Self::Daily, Self::Off].into_iter().find(|f| f.as_str() == name)
    }
}

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
    /// How often they are told by e-mail, where the operator has set up a way for it.
    pub email: MailFrequency,
}

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeSettingsPatch {
    /// All the kinds that they are not told of.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<NoticeKind>, required = false, max_items = 8)]
    pub muted: Option<Vec<NoticeKind>>,
    /// When nothing is to ring; null for never.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<QuietHours>)]
    pub quiet_hours: Option<Option<QuietHours>>,
    /// How often they are told by e-mail.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = MailFrequency, required = false)]
    pub email: Option<MailFrequency>,
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
        load(tx, self.principal.user).await
    }
}

pub(super) async fn load(tx: &mut impl TenantRead, user: UserId) -> Result<NoticeSettings> {
    const FIND: &str = "SELECT muted, quiet_hours, email FROM notice_settings WHERE user_id = $1";
    let found = tx
        .query_one(FIND, &[user.into()], |row| {
            let email = MailFrequency::parse(row.text(2)?).ok_or_else(|| damaged("frequency of e-mails"))?;
            Ok((row.text(0)?.to_owned(), row.opt_text(1)?.map(str::to_owned), email))
        })
        .await?;
    let Some((muted, quiet, email)) = found else { return Ok(NoticeSettings::default()) };
    let broken = |e: serde_json::Error| Error::Internal(e.to_string());
    Ok(NoticeSettings {
        muted: serde_json::from_str(&muted).map_err(broken)?,
        quiet_hours: quiet.map(|text| serde_json::from_str(&text)).transpose().map_err(broken)?,
        email,
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
        let Self { principal, origin, patch } = self;
        let mut checks = Checks::default();
        if let Some(Some(quiet)) = &patch.quiet_hours {
            check_quiet(&mut checks, quiet);
        }
        checks.finish()?;
        let before = load(tx, principal.user).await?;
        let mut after = before.clone();
        if let Some(mut muted) = patch.muted {
            muted.sort_unstable();
            muted.dedup();
            after.muted = muted;
        }
        if let Some(quiet) = patch.quiet_hours {
            after.quiet_hours = quiet;
        }
        if let Some(email) = patch.email {
            after.email = email;
        }
        save(tx, origin, principal.user, &before, &after).await?;
        Ok(after)
    }
}

/// Saves one person's settings and records what has changed, if anything has.
pub(super) async fn save(
    tx: &mut impl TenantTx,
    origin: Origin,
    user: UserId,
    before: &NoticeSettings,
    after: &NoticeSettings,
) -> Result<()> {
    const SAVE: &str = "INSERT INTO notice_settings (user_id, muted, quiet_hours, email, updated_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET muted = excluded.muted,
        quiet_hours = excluded.quiet_hours, email = excluded.email, updated_at = excluded.updated_at";
    // Who wants e-mails again wants none of what was before.
    const SETTLE: &str = "UPDATE notices SET mailed_at = $2 WHERE user_id = $1 AND mailed_at IS NULL";
    if after == before {
        return Ok(());
    }
    let mut changes = Map::new();
    if after.muted != before.muted {
        changes.insert("muted".into(), json!({ "from": before.muted, "to": after.muted }));
    }
    if after.quiet_hours != before.quiet_hours {
        changes.insert("quietHours".into(), json!({ "from": before.quiet_hours, "to": after.quiet_hours }));
    }
    if after.email != before.email {
        changes.insert("email".into(), json!({ "from": before.email, "to": after.email }));
    }
    let now = tx.now();
    let muted = json!(after.muted).to_string();
    let quiet = after.quiet_hours.as_ref().map(|quiet| json!(quiet).to_string());
    let email = after.email.as_str();
    tx.put(SAVE, vec![user.into(), muted.into(), quiet.into(), email.into(), now.into()]);
    if after.email == MailFrequency::Off {
        tx.put(SETTLE, vec![user.into(), now.into()]);
    }
    let draft = EventDraft {
        action: Action::NoticesSet,
        audience: Audience::Person,
        origin,
        ticket: None,
        requester: Some(user),
        data: json!({ "changes": changes }).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
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
