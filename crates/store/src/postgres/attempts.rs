//! What several nodes must count or make as one: attempts to sign in, and signing keys.

use flowbit_domain::{Value, control::SigningKey, time::Timestamp};

use super::control::PostgresControl;
use crate::control::{Answer, Attempt};

/// A generic cell rate: each attempt of a key moves the moment at which all of them are free again on by
/// `every`, and none may move it further than `burst` of them from now.
const TAKE: &str = "INSERT INTO flowbit_control.attempts AS known (key, free_at) VALUES ($1, $2::int8 + $3::int8) \
    ON CONFLICT ON CONSTRAINT attempts_pkey DO UPDATE SET free_at = greatest(known.free_at, $2) + $3 \
    WHERE greatest(known.free_at, $2) + $3 <= $2 + $3 * $4::int8 RETURNING free_at";
const WAIT: &str =
    "SELECT free_at + $3::int8 - $2::int8 - $3 * $4::int8 FROM flowbit_control.attempts WHERE key = $1";
const GIVE_BACK: &str = "UPDATE flowbit_control.attempts SET free_at = free_at - $2 WHERE key = $1";
const FORGET: &str = "DELETE FROM flowbit_control.attempts WHERE free_at < $1";

/// One node at a time makes keys.
const MAKE_ALONE: &str = "SELECT pg_advisory_xact_lock(4779183641523302006)";
const ADD_KEY: &str = "INSERT INTO flowbit_control.signing_keys (kid, pkcs8, public, created_at) \
    SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM flowbit_control.signing_keys k WHERE k.created_at >= $5)";

impl PostgresControl {
    pub(crate) async fn take_attempt(&self, attempt: &Attempt, now: Timestamp) -> Answer<Result<(), i64>> {
        let values: Vec<Value> = vec![
            attempt.key.to_vec().into(),
            now.into(),
            attempt.every_ms.into(),
            i64::from(attempt.burst).into(),
        ];
        if self.change(TAKE, values.clone()).await? > 0 {
            return Ok(Ok(()));
        }
        let wait = self.rows(WAIT, values, |row| row.int(0)).await?;
        Ok(Err(wait.first().copied().unwrap_or(0).max(1)))
    }

    pub(crate) async fn give_back(&self, attempts: &[Attempt]) -> Answer<()> {
        let back = attempts.iter().map(|a| (GIVE_BACK, vec![a.key.to_vec().into(), a.every_ms.into()]));
        self.run(None, &back.collect::<Vec<_>>()).await.map_err(|lost| lost.why)?;
        Ok(())
    }

    pub(crate) async fn forget_attempts(&self, now: Timestamp) -> Answer<()> {
        self.change(FORGET, vec![now.into()]).await.map(|_| ())
    }

    pub(crate) async fn add_signing_key(&self, key: SigningKey, unless_since: Timestamp) -> Answer<bool> {
        let values: Vec<Value> = vec![
            key.kid.into(),
            key.pkcs8.into(),
            key.public.into(),
            key.created_at.into(),
            unless_since.into(),
        ];
        let told =
            self.run(None, &[(MAKE_ALONE, vec![]), (ADD_KEY, values)]).await.map_err(|lost| lost.why)?;
        Ok(told.get(1).is_some_and(|told| told.touched > 0))
    }
}
