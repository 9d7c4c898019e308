//! The token of a callback: proves that whoever calls back got that very delivery.

use flowbit_domain::{
    callback::CallbackClaim,
    id::{DeliveryId, EndpointId, TenantId, TicketId},
};
use serde::{Deserialize, Serialize};

use crate::{app::App, identity::keys::Purpose};

/// A callback is accepted for so long after the attempt, in milliseconds: 30 days.
const CALLBACK_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// What the token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackClaims {
    pub(crate) customer_id: TenantId,
    pub(crate) ticket_id: TicketId,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) endpoint_id: EndpointId,
    /// To which trace the attempt belongs (W3C `traceparent`), if somebody follows it: the callback joins it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_parent: Option<String>,
}

impl CallbackClaims {
    /// The part that is about one tenant's store.
    pub(crate) fn claim(&self) -> CallbackClaim {
        CallbackClaim { ticket: self.ticket_id, delivery: self.delivery_id, endpoint: self.endpoint_id }
    }
}

/// Makes tokens. A trait, so that the sender can be tried without a whole server.
pub(crate) trait SignCallback: Send + Sync + 'static {
    /// The token, or why there is none (logged, never sent).
    fn sign_callback(&self, claims: &CallbackClaims) -> Result<String, String>;
}

impl SignCallback for App {
    fn sign_callback(&self, claims: &CallbackClaims) -> Result<String, String> {
        self.keys.sign(Purpose::Callback, CALLBACK_MS, claims).map_err(|e| e.to_string())
    }
}

/// Reads a token; `None` when it is not ours, not of a callback, or over.
pub(crate) async fn verify(app: &App, token: &str) -> Option<CallbackClaims> {
    app.keys.verify::<CallbackClaims>(Purpose::Callback, token).await.map(|verified| verified.claims)
}
