//! Renewing and ending a session.

use serde_json::json;
use uuid::Uuid;

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{SessionId, UserId},
    ledger,
    principal::{Actor, Origin},
    session::{IDLE_MS, LIFETIME_MS, Started},
    time::Timestamp,
    tx::{Command, TenantTx, Value},
    user::{Profile, User, load, random_id},
};

/// Renews a session: its refresh token is replaced by a new one.
#[derive(Debug, Clone)]
pub struct RefreshSession {
    /// From where. Its actor is replaced by the person.
    pub origin: Origin,
    /// Which session, as the token says.
    pub session: SessionId,
    /// What the token carries.
    pub refresh_id: Uuid,
}

/// What became of it. An outcome rather than an error, since reuse changes the store.
#[derive(Debug, Clone)]
pub enum Refreshed {
    /// It goes on.
    Renewed(Started),
    /// The token had been used before: two hold it, and the session is over for both.
    Reused,
    /// There is no such session any more.
    Over,
}

impl Command for RefreshSession {
    type Output = Refreshed;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Refreshed> {
        // One statement finds and replaces it: of two at once only one gets a row.
        const ROTATE: &str = "UPDATE sessions SET refresh_id = $3, used_at = $4,
                expires_at = CASE WHEN created_at + $5 < $6 THEN created_at + $5 ELSE $6 END
            WHERE id = $1 AND refresh_id = $2 AND revoked_at IS NULL AND expires_at > $4
            RETURNING user_id, expires_at";
        const REVOKE: &str = "UPDATE sessions SET revoked_at = $2
            WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 RETURNING user_id";
        let Self { mut origin, session, refresh_id } = self;
        let now = tx.now();
        let new_id = random_id(tx);
        let params: [Value; 6] = [
            session.into(),
            refresh_id.into(),
            new_id.into(),
            now.into(),
            LIFETIME_MS.into(),
            now.plus_ms(IDLE_MS).into(),
        ];
        let rotated = tx.query_one(ROTATE, &params, |row| Ok((UserId(row.uuid(0)?), row.time(1)?))).await?;
        if let Some((user, expires_at)) = rotated {
            return Ok(match load(tx, user).await?.filter(|user| user.active) {
                Some(user) => Refreshed::Renewed(renewed(tx, &user, session, new_id, expires_at)),
                // Disabling ends sessions, so this is a session that should not have been.
                None => Refreshed::Over,
            });
        }
        let reused = tx.query_one(REVOKE, &[session.into(), now.into()], |row| row.uuid(0)).await?;
        let Some(user) = reused.map(UserId) else { return Ok(Refreshed::Over) };
        if let Some(user) = load(tx, user).await? {
            origin.actor = Actor::user(user.id, &user.name);
        }
        record(tx, origin, Action::AuthRefreshReuse, user, session).await?;
        Ok(Refreshed::Reused)
    }
}

fn renewed(
    tx: &impl TenantTx,
    user: &User,
    session: SessionId,
    refresh_id: Uuid,
    expires_at: Timestamp,
) -> Started {
    let profile = Profile {
        id: user.id,
        email: user.email.clone(),
        name: user.name.clone(),
        role: user.role,
        out_of_office: user.out_of_office,
        customer_id: tx.tenant(),
    };
    Started { profile, session, refresh_id, expires_at }
}

/// Ends a session by the wish of its owner. Ending it again does nothing.
#[derive(Debug, Clone)]
pub struct EndSession {
    /// From where. Its actor is replaced by the person.
    pub origin: Origin,
    /// Which.
    pub session: SessionId,
}

impl Command for EndSession {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const END: &str =
            "UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING user_id";
        let Self { mut origin, session } = self;
        let now = tx.now();
        let ended = tx.query_one(END, &[session.into(), now.into()], |row| row.uuid(0)).await?;
        let Some(user) = ended.map(UserId) else { return Ok(()) };
        if let Some(user) = load(tx, user).await? {
            origin.actor = Actor::user(user.id, &user.name);
        }
        record(tx, origin, Action::AuthLogout, user, session).await
    }
}

async fn record(
    tx: &mut impl TenantTx,
    origin: Origin,
    action: Action,
    user: UserId,
    session: SessionId,
) -> Result<()> {
    let draft = EventDraft {
        action,
        audience: Audience::Admins,
        origin,
        ticket: None,
        requester: None,
        data: json!({ "userId": user, "sessionId": session }).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
