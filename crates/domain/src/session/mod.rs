//! Sessions: a sign-in on one device, from its beginning to its end.
//!
//! A session has one refresh id at a time. Renewing replaces it; an older one that turns up again
//! means that two hold the token, so that the session ends.

use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{SessionId, UserId},
    ledger,
    principal::{Actor, Origin, Principal, Role},
    ticket::damaged,
    time::Timestamp,
    tx::{Command, Query, TenantRead, TenantTx},
    user::{Profile, User, load, random_id},
};

mod records;
mod renew;

pub use records::{RecordDenial, RecordExport, RecordRefusal, RefusalReason};
pub use renew::{EndSession, RefreshSession, Refreshed};

/// A session unused for so long ends, in milliseconds: 14 days.
pub const IDLE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// A session ends after so long in any case, in milliseconds: 90 days.
pub const LIFETIME_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// A session just begun or renewed.
#[derive(Debug, Clone)]
pub struct Started {
    /// Whose.
    pub profile: Profile,
    /// Its id.
    pub session: SessionId,
    /// What the refresh token must carry: the only valid one.
    pub refresh_id: Uuid,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
}

/// What is needed to verify a password.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who.
    pub user: UserId,
    /// Whether they may sign in.
    pub active: bool,
    /// The hash of their password, unless they have yet to accept an invitation.
    pub password_hash: Option<String>,
}

/// Finds who signs in by this address.
#[derive(Debug)]
pub struct FindLogin {
    /// The address, folded.
    pub email: String,
}

impl Query for FindLogin {
    type Output = Option<Login>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Option<Login>> {
        const SQL: &str = "SELECT id, active, password_hash FROM users WHERE email = $1";
        let login = tx
            .query_one(SQL, &[self.email.into()], |row| {
                Ok(Login {
                    user: UserId(row.uuid(0)?),
                    active: row.bool(1)?,
                    password_hash: row.opt_text(2)?.map(str::to_owned),
                })
            })
            .await?;
        Ok(login)
    }
}

/// Begins a session for someone whose password was right.
#[derive(Debug, Clone)]
pub struct StartSession {
    /// From where. Its actor is replaced by the person.
    pub origin: Origin,
    /// Who.
    pub user: UserId,
    /// The hash against which the password was verified: if it is another by now, so is the password.
    pub seen_hash: String,
    /// The client's `User-Agent`.
    pub user_agent: Option<String>,
}

impl Command for StartSession {
    type Output = Started;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Started> {
        const STILL: &str = "SELECT 1 FROM users WHERE id = $1 AND password_hash = $2 AND active";
        let refused = || Error::Unauthorized { code: "invalid_credentials" };
        let Self { mut origin, user, seen_hash, user_agent } = self;
        let still = tx.query_one(STILL, &[user.into(), seen_hash.into()], |row| row.int(0)).await?;
        still.ok_or_else(refused)?;
        let user = load(tx, user).await?.ok_or_else(refused)?;
        origin.actor = Actor::user(user.id, &user.name);
        begin(tx, origin, &user, user_agent).await
    }
}

/// Begins a session and records it. Whoever calls it has verified who it is.
pub(crate) async fn begin(
    tx: &mut impl TenantTx,
    origin: Origin,
    user: &User,
    user_agent: Option<String>,
) -> Result<Started> {
    const FORGET: &str = "DELETE FROM sessions WHERE user_id = $1 AND expires_at < $2";
    const INSERT: &str = "INSERT INTO sessions
        (id, user_id, refresh_id, user_agent, ip, created_at, used_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $6, $7)";
    const NOTE: &str = "UPDATE users SET last_login_at = $2 WHERE id = $1";
    let now = tx.now();
    let user_agent: Option<String> = user_agent.map(|text| text.chars().take(200).collect());
    let started = Started {
        profile: Profile {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            role: user.role,
            out_of_office: user.out_of_office,
            customer_id: tx.tenant(),
        },
        session: SessionId(tx.new_id()),
        refresh_id: random_id(tx),
        expires_at: now.plus_ms(IDLE_MS),
    };
    tx.put(FORGET, vec![user.id.into(), now.into()]);
    tx.put(
        INSERT,
        vec![
            started.session.into(),
            user.id.into(),
            started.refresh_id.into(),
            user_agent.as_deref().into(),
            origin.ip.as_deref().into(),
            now.into(),
            started.expires_at.into(),
        ],
    );
    tx.put(NOTE, vec![user.id.into(), now.into()]);
    let data = json!({ "userId": user.id, "sessionId": started.session, "userAgent": user_agent });
    let draft = EventDraft {
        action: Action::AuthLogin,
        audience: Audience::Admins,
        origin,
        ticket: None,
        requester: None,
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(started)
}

/// Ends the sessions of a person, but for `except`.
pub(crate) async fn revoke_all(
    tx: &mut impl TenantTx,
    user: UserId,
    except: Option<SessionId>,
) -> Result<()> {
    const REVOKE: &str =
        "UPDATE sessions SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL AND id <> $3";
    let now = tx.now();
    let except = except.map_or(Uuid::nil(), |session| session.0);
    tx.execute(REVOKE, &[user.into(), now.into(), except.into()]).await?;
    Ok(())
}

/// A session that is good at this moment.
#[derive(Debug, Clone)]
pub struct LiveSession {
    /// Whose, with the name and role that the store has now.
    pub principal: Principal,
    /// When it ends unless renewed.
    pub expires_at: Timestamp,
}

/// Looks whether a session is good. `None`: revoked, over, unknown, or the person was disabled.
#[derive(Debug)]
pub struct CheckSession {
    /// Which.
    pub session: SessionId,
    /// Whose, as the token says.
    pub user: UserId,
}

impl Query for CheckSession {
    type Output = Option<LiveSession>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Option<LiveSession>> {
        const SQL: &str = "SELECT u.name, u.role, s.expires_at
            FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3 AND u.active";
        let tenant = tx.tenant();
        let now = tx.now();
        tx.ask_last();
        let live = tx
            .query_one(SQL, &[self.session.into(), self.user.into(), now.into()], |row| {
                Ok(LiveSession {
                    principal: Principal {
                        tenant,
                        user: self.user,
                        name: row.text(0)?.to_owned(),
                        role: Role::parse(row.text(1)?).ok_or_else(|| damaged("role"))?,
                        session: self.session,
                    },
                    expires_at: row.time(2)?,
                })
            })
            .await?;
        Ok(live)
    }
}

/// Replaces the hash of a password by a better one of the same password.
///
/// It changes nothing that anyone can see, so it is no event.
#[derive(Debug, Clone)]
pub struct UpgradePasswordHash {
    /// Whose.
    pub user: UserId,
    /// The hash that was verified.
    pub seen_hash: String,
    /// The better one.
    pub new_hash: String,
}

impl Command for UpgradePasswordHash {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantTx) -> Result<bool> {
        const SQL: &str = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        let params = [self.user.into(), self.seen_hash.into(), self.new_hash.into()];
        Ok(tx.execute(SQL, &params).await? == 1)
    }
}
