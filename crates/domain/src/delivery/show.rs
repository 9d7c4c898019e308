//! One delivery with all that is known of it.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Delivery, delivery_from_row, envelope, select_delivery};
use crate::{
    error::{Error, Result},
    id::DeliveryId,
    policy::{self, Deed, Subject},
    principal::Principal,
    time::Timestamp,
    tx::{Query, TenantRead},
};

/// What stands where a secret stood.
const REDACTED: &str = "[redacted]";
/// The newest attempts are shown; a long outage can make hundreds.
const ATTEMPTS_SHOWN: i64 = 200;

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// 1, 2, 3… over the whole life of the delivery.
    pub number: i64,
    /// When it was begun.
    pub at: Timestamp,
    /// The HTTP status of the answer.
    #[schema(required)]
    pub status: Option<i64>,
    /// How long it took; null when that is not known.
    #[schema(required)]
    pub duration_ms: Option<i64>,
    /// What went wrong, if there was no answer.
    #[schema(required)]
    pub error: Option<String>,
    /// The beginning of the answer.
    #[schema(required)]
    pub response_body: Option<String>,
}

/// What an attempt sends, as it would be now: the ticket is always sent as it stands. Secrets are
/// left out.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SentRequest {
    /// Its headers.
    pub headers: BTreeMap<&'static str, String>,
    /// Its body.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

/// A delivery with its request and its attempts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// What is sent.
    pub request: SentRequest,
    /// The attempts, oldest first; of very many the newest.
    pub attempts: Vec<Attempt>,
}

/// Reads one delivery with its attempts.
#[derive(Debug)]
pub struct GetDelivery {
    /// Who asks.
    pub principal: Principal,
    /// Which one.
    pub id: DeliveryId,
    /// Where workflows call back.
    pub callback_url: String,
}

impl Query for GetDelivery {
    type Output = DeliveryDetail;

    async fn run(self, tx: &mut impl TenantRead) -> Result<DeliveryDetail> {
        const LOAD: &str = select_delivery!(" WHERE d.id = $1");
        const ATTEMPTS: &str = "SELECT number, at, status, duration_ms, error, response_body
            FROM delivery_attempts WHERE delivery_id = $1 ORDER BY number DESC LIMIT $2";
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let delivery =
            tx.query_one(LOAD, &[self.id.into()], delivery_from_row).await?.ok_or(Error::NotFound)?;
        let mut attempts = tx
            .query(ATTEMPTS, &[self.id.into(), ATTEMPTS_SHOWN.into()], |row| {
                Ok(Attempt {
                    number: row.int(0)?,
                    at: row.time(1)?,
                    status: row.opt_int(2)?,
                    duration_ms: row.opt_int(3)?,
                    error: row.opt_text(4)?.map(str::to_owned),
                    response_body: row.opt_text(5)?.map(str::to_owned),
                })
            })
            .await?;
        attempts.reverse();
        let kind = delivery.event_type.clone();
        let mut envelope = envelope::build(tx, delivery.event_id, kind, delivery.ticket_id).await?;
        if delivery.ticket_id.is_some() {
            envelope.data.callback_url = Some(self.callback_url);
            envelope.data.callback_token = Some(REDACTED.to_owned());
        }
        let sent_at = attempts.last().map_or(delivery.created_at, |a| a.at);
        let headers = BTreeMap::from([
            ("content-type", "application/json".to_owned()),
            ("webhook-id", delivery.id.to_string()),
            ("webhook-signature", REDACTED.to_owned()),
            ("webhook-timestamp", sent_at.0.div_euclid(1000).to_string()),
            ("x-webhook-secret", REDACTED.to_owned()),
        ]);
        let body = serde_json::to_value(&envelope).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(DeliveryDetail { delivery, request: SentRequest { headers, body }, attempts })
    }
}
