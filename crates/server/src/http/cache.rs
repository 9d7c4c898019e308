//! Answers to reads, kept until the tenant's next event.
//!
//! The ledger's `seq` is the version of all that a tenant has: an answer made at a `seq` is good as
//! long as that is the newest. So an answer is never stale, and nobody has to say what a change
//! affects. The `seq` is read *before* the store is asked: if something is committed in between, the
//! answer is kept under a number that has already passed, and never served.

use std::{
    fmt::Write as _,
    hash::{BuildHasher, Hash},
    io::Write as _,
    sync::{Arc, OnceLock},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use flowbit_domain::{
    Principal,
    id::{TenantId, UserId},
    principal::Role,
    time::Randomness,
};
use quick_cache::{Equivalent, Weighter, sync::Cache};
use serde::Serialize;

use super::problem::Problem;
use crate::{app::App, identity::caller::Caller};

/// What all kept answers may weigh, in bytes.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// Larger answers are not kept.
const LARGEST: usize = 1024 * 1024;
/// Smaller answers are not compressed.
const COMPRESSED_FROM: usize = 1024;
/// About how large an answer is, for the cache's first sizing.
const USUAL: usize = 8 * 1024;

/// For whom an answer is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    /// Everyone of this role.
    Role(Role),
    /// One person in this role.
    Person(UserId, Role),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    scope: Scope,
    target: Box<str>,
}

/// A key that borrows, so that a look-up copies nothing. Hashed as [`Key`] is.
#[derive(Hash)]
struct KeyRef<'a> {
    tenant: TenantId,
    scope: Scope,
    target: &'a str,
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.tenant == key.tenant && self.scope == key.scope && *self.target == *key.target
    }
}

struct Kept {
    seq: i64,
    etag: HeaderValue,
    body: Bytes,
    gzip: OnceLock<Bytes>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Kept>> for ByBytes {
    fn weight(&self, key: &Key, kept: &Arc<Kept>) -> u64 {
        // With room for the compressed form, which may come later.
        let bytes = kept.body.len() + kept.body.len() / 4 + key.target.len() + 256;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// The kept answers.
pub(crate) struct ResponseCache {
    kept: Cache<Key, Arc<Kept>, ByBytes>,
    /// Goes into the ETags, new in each process: after a restored backup a `seq` comes again with
    /// other content, and an ETag of before must not match.
    salt: [u8; 16],
    hasher: quick_cache::DefaultHashBuilder,
}

impl ResponseCache {
    pub(crate) fn new(randomness: &dyn Randomness) -> Self {
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        let items = usize::try_from(CAPACITY).unwrap_or(usize::MAX) / USUAL;
        Self {
            kept: Cache::with_weighter(items, CAPACITY, ByBytes),
            salt,
            hasher: quick_cache::DefaultHashBuilder::default(),
        }
    }

    fn etag(&self, key: &KeyRef<'_>, seq: i64) -> HeaderValue {
        let hash = self.hasher.hash_one((&self.salt, key));
        let mut text = String::with_capacity(48);
        let _ = write!(text, "W/\"{seq:x}-{hash:016x}\"");
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""))
    }
}

/// What of a request decides about a kept answer.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    /// Whether the answer depends on who asks beyond their role: counters of one's own, `me`.
    pub(crate) personal: bool,
}

/// Whether a query may name the person who asks. Escapes could hide it, so they count.
pub(crate) fn names_me(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| query.contains("=me") || query.contains('%'))
}

fn scope(principal: &Principal, personal: bool) -> Scope {
    if personal || !principal.role.is_staff() {
        Scope::Person(principal.user, principal.role)
    } else {
        Scope::Role(principal.role)
    }
}

/// Serves a kept answer, or makes one by `make` and keeps it.
pub(crate) async fn serve<T, F>(app: &App, asked: Asked<'_>, make: F) -> Result<Response, Problem>
where
    T: Serialize,
    F: AsyncFnOnce() -> Result<T, Problem>,
{
    let Asked { caller, uri, headers, personal } = asked;
    let key = KeyRef {
        tenant: caller.principal.tenant,
        scope: scope(&caller.principal, personal),
        target: uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str),
    };
    let seq = app.store.ledger_seq(&caller.ctx).await?;
    if headers.contains_key(header::IF_NONE_MATCH) {
        // Only this process can have made the tag, for this address, scope and `seq`.
        let etag = app.responses.etag(&key, seq);
        if names(headers, &etag) {
            return Ok(not_modified(etag));
        }
    }
    let kept = match app.responses.kept.get(&key).filter(|kept| kept.seq == seq && !wants_anew(headers)) {
        Some(kept) => kept,
        None => {
            let body = make().await?;
            let body = serde_json::to_vec(&body).map_err(|e| Problem::internal(e.to_string()))?;
            let etag = app.responses.etag(&key, seq);
            let kept = Arc::new(Kept { seq, etag, body: body.into(), gzip: OnceLock::new() });
            if kept.body.len() <= LARGEST {
                let key = Key { tenant: key.tenant, scope: key.scope, target: key.target.into() };
                app.responses.kept.insert(key, kept.clone());
            }
            kept
        }
    };
    Ok(respond(&kept, headers))
}

/// Whether the client wants no kept answer (RFC 9111, section 5.2.1.4).
fn wants_anew(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|directives| directives.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"))
}

/// Whether `If-None-Match` names the tag (RFC 9110, weak comparison).
fn names(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .any(|tag| tag.trim().as_bytes() == etag.as_bytes())
}

fn not_modified(etag: HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    set_cache_headers(&mut response, etag);
    response
}

fn set_cache_headers(response: &mut Response, etag: HeaderValue) {
    let fields = response.headers_mut();
    // With what the outermost layer adds, in one allocation.
    fields.reserve(16);
    fields.insert(header::ETAG, etag);
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    fields.insert(header::VARY, HeaderValue::from_static("authorization, accept-encoding"));
}

fn respond(kept: &Kept, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    set_cache_headers(&mut response, kept.etag.clone());
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = if kept.body.len() >= COMPRESSED_FROM && accepts_gzip(headers) {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        kept.gzip.get_or_init(|| compress(&kept.body)).clone()
    } else {
        kept.body.clone()
    };
    *response.body_mut() = Body::from(body);
    response
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|accepted| {
        accepted.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            gzip && parts.all(|p| !matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}

fn compress(body: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(5));
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default().into()
}
