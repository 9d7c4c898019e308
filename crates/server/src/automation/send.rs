//! Making one attempt: body, signature, request, and what the answer means.

use std::{error::Error as _, sync::Arc, time::Duration};

use flowbit_domain::{
    delivery::{Claimed, Outcome},
    id::TenantId,
    time::{Clock, Timestamp},
};
use reqwest::{Client, Response, header};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use tokio::time::Instant;
use url::Url;

use super::{
    CallbackAddress,
    target::{Forbidden, Networks, Resolver},
    token::{CallbackClaims, SignCallback},
};
use crate::telemetry::traces;

/// How long an endpoint may take to answer, all of it.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// So much of an answer is kept, in bytes.
const ANSWER_KEPT: usize = 16 * 1024;
/// The header of the shared secret.
pub(crate) const SECRET_HEADER: &str = "x-webhook-secret";

/// Sends deliveries.
pub(super) struct Sender {
    client: Client,
    networks: Networks,
    callback: CallbackAddress,
    clock: Arc<dyn Clock>,
    tokens: Box<dyn SignCallback>,
}

/// An attempt that was made.
pub(super) struct Sent {
    pub(super) outcome: Outcome,
    pub(super) duration_ms: i64,
}

impl Sender {
    pub(super) fn new(
        networks: Networks,
        callback: CallbackAddress,
        clock: Arc<dyn Clock>,
        tokens: Box<dyn SignCallback>,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .user_agent(concat!("Flowbit/", env!("CARGO_PKG_VERSION")))
            // A redirect could lead where the URL itself may not, and would carry the secrets along.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            // What comes back is cut off by its length: nothing is unpacked.
            .no_gzip()
            .dns_resolver(Arc::new(Resolver(networks.clone())))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(4)
            .build()?;
        Ok(Self { client, networks, callback, clock, tokens })
    }

    /// Makes one attempt.
    pub(super) async fn send(&self, tenant: TenantId, claimed: &Claimed) -> Sent {
        let begun = Instant::now();
        let outcome = match self.attempt(tenant, claimed).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed { error, unreachable: false },
        };
        let duration_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        Sent { outcome, duration_ms }
    }

    /// `Err`: it could not even be tried.
    async fn attempt(&self, tenant: TenantId, claimed: &Claimed) -> Result<Outcome, String> {
        let url = Url::parse(&claimed.url).map_err(|e| format!("the address is not a URL: {e}"))?;
        self.networks.check_literal(&url).map_err(|e| e.to_string())?;
        let trace_parent = traces::current();
        let mut envelope = claimed.envelope.clone();
        if let Some(ticket_id) = envelope.data.ticket_id {
            let claims = CallbackClaims {
                customer_id: tenant,
                ticket_id,
                delivery_id: claimed.id,
                endpoint_id: claimed.endpoint,
                trace_parent: trace_parent.clone(),
            };
            envelope.data.callback_url = Some(self.callback.current());
            envelope.data.callback_token = Some(self.tokens.sign_callback(&claims)?);
        }
        let body = serde_json::to_vec(&envelope).map_err(|e| e.to_string())?;
        // A retry keeps its id and takes a fresh time, as Standard Webhooks says.
        let id = claimed.id.to_string();
        let timestamp = self.clock.now().0.div_euclid(1000);
        let signature = sign(&claimed.secrets.signing, &id, timestamp, &body)?;
        let mut secrets: Vec<&str> = claimed.secrets.signing.iter().map(String::as_str).collect();
        secrets.push(&claimed.secrets.shared);
        secrets.extend(envelope.data.callback_token.as_deref());
        let mut request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(HEADER_WEBHOOK_ID, id)
            .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
            .header(HEADER_WEBHOOK_SIGNATURE, signature)
            .header(SECRET_HEADER, &claimed.secrets.shared);
        if let Some(trace_parent) = trace_parent {
            request = request.header(traces::TRACE_PARENT, trace_parent);
        }
        Ok(match request.body(body).send().await {
            Ok(response) => self.read(response, &secrets).await,
            Err(error) => explain(&error),
        })
    }

    async fn read(&self, mut response: Response, secrets: &[&str]) -> Outcome {
        let status = response.status().as_u16();
        let retry_after = response.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok());
        let retry_after_ms = retry_after.and_then(|text| parse_retry_after(text, self.clock.now()));
        let mut kept = Vec::new();
        // What was answered is the status; a body that breaks off does not undo it.
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = ANSWER_KEPT - kept.len();
            kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if kept.len() >= ANSWER_KEPT {
                break;
            }
        }
        Outcome::Answered { status, body: as_text(&kept, secrets), retry_after_ms }
    }
}

/// The answer as text that can be kept and shown: no U+0000, and no secret that was echoed.
fn as_text(bytes: &[u8], secrets: &[&str]) -> String {
    let mut text = String::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}");
    for secret in secrets {
        if text.contains(secret) {
            text = text.replace(secret, "[redacted]");
        }
    }
    text
}

/// The signatures by all secrets that are good, the newest first (Standard Webhooks 1.0).
fn sign(secrets: &[String], id: &str, timestamp: i64, body: &[u8]) -> Result<String, String> {
    let signatures: Result<Vec<String>, _> =
        secrets.iter().map(|secret| Webhook::new(secret)?.sign(id, timestamp, body)).collect();
    signatures.map(|all| all.join(" ")).map_err(|e| format!("it could not be signed: {e}"))
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds or a date. In milliseconds from now.
fn parse_retry_after(text: &str, now: Timestamp) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(i64::from(seconds) * 1000);
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(date.timestamp().as_millisecond().saturating_sub(now.0)).filter(|ms| *ms > 0)
}

/// What went wrong, for the company's admins: without the address, which may carry a secret.
fn explain(error: &reqwest::Error) -> Outcome {
    let mut cause = error.source();
    let mut root = None;
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return Outcome::Failed { error: Forbidden.to_string(), unreachable: false };
        }
        root = Some(inner.to_string());
        cause = inner.source();
    }
    let unreachable = error.is_connect();
    let what = if error.is_timeout() && unreachable {
        format!("no connection within {} seconds", CONNECT_TIMEOUT.as_secs())
    } else if error.is_timeout() {
        format!("no answer within {} seconds", ANSWER_TIMEOUT.as_secs())
    } else {
        let what = if unreachable { "no connection" } else { "no answer" };
        root.map_or_else(|| what.to_owned(), |cause| format!("{what}: {cause}"))
    };
    Outcome::Failed { error: what, unreachable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_specification() {
        // The specification's example, checked against HMAC-SHA256 by its own words elsewhere.
        let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned();
        let id = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
        let body = br#"{"email":"test@example.com","username":"test_user"}"#;
        let one = sign(std::slice::from_ref(&secret), id, 1_649_367_553, body).unwrap();
        assert_eq!(one, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
        let old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let both = sign(&[secret, old], id, 1_649_367_553, body).unwrap();
        assert_eq!(both.split(' ').count(), 2);
        assert!(both.starts_with(&one));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::parse("2026-01-31T08:15:00Z").unwrap();
        assert_eq!(parse_retry_after("120", now), Some(120_000));
        assert_eq!(parse_retry_after(" 0 ", now), Some(0));
        assert_eq!(parse_retry_after("Sat, 31 Jan 2026 08:16:00 GMT", now), Some(60_000));
        assert_eq!(parse_retry_after("Sat, 31 Jan 2026 08:14:00 GMT", now), None);
        for wrong in ["", "soon", "-5", "1.5"] {
            assert_eq!(parse_retry_after(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn echoed_secrets_are_not_kept() {
        assert_eq!(
            as_text(b"got fbs_abc\0 and \xff", &["fbs_abc", "whsec_x"]),
            "got [redacted]\u{FFFD} and \u{FFFD}"
        );
    }
}
