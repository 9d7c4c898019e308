//! Requests that may be sent twice and take effect once (`Idempotency-Key`): the key, what was asked
//! and what was answered are kept in the same transaction as the effect.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    id::UserId,
    tx::{TenantTx, Value},
};

/// How long a key is remembered, in milliseconds: a day.
pub const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// A client's key and what it stands for.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// What the client sent: 1 to 255 visible ASCII characters.
    pub key: String,
    /// SHA-256 of the request, so that the key can't be used for another one.
    pub fingerprint: [u8; 32],
}

impl IdempotencyKey {
    /// Checks the key.
    ///
    /// # Errors
    /// [`Error::Validation`] at `Idempotency-Key`.
    pub fn new(key: &str, fingerprint: [u8; 32]) -> Result<Self> {
        if key.is_empty() || key.len() > 255 || !key.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
            return Err(Error::invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters"));
        }
        Ok(Self { key: key.to_owned(), fingerprint })
    }
}

/// The answer to a request that may be sent twice.
#[derive(Debug)]
pub struct Answered<T> {
    /// As it was given first.
    pub answer: T,
    /// Whether that was to an earlier request with the same key.
    pub replayed: bool,
}

impl<T> Answered<T> {
    /// Given now.
    pub fn now(answer: T) -> Self {
        Self { answer, replayed: false }
    }
}

const REPLAY: &str = "SELECT fingerprint, response FROM idempotency
    WHERE user_id = $1 AND operation = $2 AND key = $3 AND created_at > $4";

fn replay_params(
    tx: &impl TenantTx,
    user: UserId,
    operation: &'static str,
    key: &IdempotencyKey,
) -> [Value; 4] {
    let oldest = tx.now().plus_ms(-REMEMBERED_MS);
    [user.into(), operation.into(), key.key.as_str().into(), oldest.into()]
}

/// Says that [`replay`] will be called.
pub fn ask_ahead(
    tx: &mut impl TenantTx,
    user: UserId,
    operation: &'static str,
    key: Option<&IdempotencyKey>,
) {
    if let Some(key) = key {
        let params = replay_params(tx, user, operation, key);
        tx.ask_ahead(REPLAY, &params);
    }
}

/// The answer given before to the same key, if any: it is replayed.
///
/// # Errors
/// [`Error::Validation`] when the key was used for another request.
pub async fn replay<T: DeserializeOwned>(
    tx: &mut impl TenantTx,
    user: UserId,
    operation: &'static str,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Answered<T>>> {
    let Some(key) = key else { return Ok(None) };
    let params = replay_params(tx, user, operation, key);
    let found = tx
        .query_one(REPLAY, &params, |row| Ok((row.bytes(0)? == key.fingerprint, row.text(1)?.to_owned())))
        .await?;
    match found {
        None => Ok(None),
        Some((false, _)) => {
            Err(Error::invalid("Idempotency-Key", "was used for another request within the last day"))
        }
        Some((true, response)) => serde_json::from_str(&response)
            .map(|answer| Some(Answered { answer, replayed: true }))
            .map_err(|e| Error::Internal(format!("a remembered answer can't be read: {e}"))),
    }
}

/// Remembers the answer to a key, in the transaction of the effect.
///
/// # Errors
/// When the answer can't be written as JSON.
pub fn remember(
    tx: &mut impl TenantTx,
    user: UserId,
    operation: &'static str,
    key: Option<IdempotencyKey>,
    response: &impl Serialize,
) -> Result<()> {
    const SQL: &str =
        "INSERT INTO idempotency (user_id, operation, key, fingerprint, response, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (user_id, operation, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, response = excluded.response, created_at = excluded.created_at";
    let Some(key) = key else { return Ok(()) };
    let response = serde_json::to_string(response).map_err(|e| Error::Internal(e.to_string()))?;
    let now = tx.now();
    let params: Vec<Value> = vec![
        user.into(),
        operation.into(),
        key.key.into(),
        key.fingerprint.to_vec().into(),
        response.into(),
        now.into(),
    ];
    tx.put(SQL, params);
    Ok(())
}
