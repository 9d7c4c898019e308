//! What is known of a request from its first byte on: its id, the client's address, who is asking.
//!
//! One [`RequestInfo`] is made by the outermost layer and shared by reference: the extractors fill
//! in who is asking, the log line and the ledger read it.

use std::{
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    extract::MatchedPath,
    http::{HeaderMap, HeaderValue},
};
use flowbit_domain::{Actor, Principal, id::TenantId, principal::Origin, time::Randomness};
use ipnet::IpNet;

use super::problem::Problem;

/// The peer of the connection, put into each request by the listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What is known of a request.
#[derive(Debug)]
pub(crate) struct RequestInfo {
    /// Its id, as answered in `X-Request-Id`.
    pub(crate) id: HeaderValue,
    /// The client's address.
    pub(crate) ip: IpAddr,
    /// The route, if there is one.
    pub(crate) route: Option<MatchedPath>,
    /// Who is asking, once it is verified.
    pub(crate) caller: OnceLock<Arc<Principal>>,
    /// How far a company's ledger was, if that has been asked since the request came.
    pub(crate) ledger: Option<KnownLedger>,
    /// Whether it has been counted against the limits.
    pub(crate) charge: Charge,
}

/// Whether a request has been counted against the limits of its address and its caller: once, whichever way it goes.
#[derive(Debug, Clone, Default)]
pub(crate) enum Charge {
    /// Not yet.
    #[default]
    Due,
    /// It has, before it was routed, and may go on.
    Paid,
    /// It has, before it was routed, and is refused.
    Refused(Problem),
}

/// How far a company's ledger was since a request came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownLedger {
    pub(crate) tenant: TenantId,
    pub(crate) seq: i64,
}

impl RequestInfo {
    /// The id as text.
    pub(crate) fn id(&self) -> &str {
        // Checked or made by this module: always visible ASCII.
        self.id.to_str().unwrap_or_default()
    }

    /// Where a change comes from, for the ledger.
    pub(crate) fn origin(&self, actor: Actor) -> Origin {
        Origin { actor, ip: Some(self.ip.to_string()), request_id: Some(self.id().to_owned()) }
    }
}

/// Makes request ids: unique, not secret, and cheap.
pub(crate) struct RequestIds {
    /// Of this process, in hex.
    prefix: [u8; 16],
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 8];
        randomness.fill(&mut bytes);
        let mut prefix = [0; 16];
        // Two digits a byte: they fit.
        let _ = hex::encode_to_slice(bytes, &mut prefix);
        Self { prefix, next: AtomicU64::new(1) }
    }

    /// The client's own id if it sent a sane one, else a new one.
    pub(crate) fn choose(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(value) = headers.get("x-request-id") {
            let sane = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
            if (8..=64).contains(&value.len()) && value.as_bytes().iter().all(sane) {
                return value.clone();
            }
        }
        let mut id = [b'-'; 33];
        id[..16].copy_from_slice(&self.prefix);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let _ = hex::encode_to_slice(number.to_be_bytes(), &mut id[17..]);
        HeaderValue::from_bytes(&id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }
}

/// The client's address: the peer, unless that is a trusted proxy. Then the last address of
/// `X-Forwarded-For` that is not a trusted proxy: what stands before it, the client could have written.
pub(crate) fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    if trusted.is_empty() || !is_trusted(&peer) {
        return peer;
    }
    let mut client = peer;
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for hop in value.to_str().unwrap_or_default().rsplit(',') {
            let Ok(ip) = hop.trim().parse::<IpAddr>() else { return client };
            client = ip.to_canonical();
            if !is_trusted(&client) {
                return client;
            }
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: &str, forwarded: &[&str]) -> IpAddr {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
        }
        client_ip(ip(peer), &headers, &["10.0.0.0/8".parse().unwrap()])
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), ip("203.0.113.9"));
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["198.51.100.1, 10.0.0.7"]), ip("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["198.51.100.1", "10.0.0.7"]), ip("198.51.100.1"));
        assert_eq!(client("10.0.0.1", &["nonsense"]), ip("10.0.0.1"));
        assert_eq!(client("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(client("::ffff:10.0.0.1", &["198.51.100.1"]), ip("198.51.100.1"));
    }
}
