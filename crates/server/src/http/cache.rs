//! Answers to reads, kept until the tenant's next event.
//!
//! The ledger's `seq` is the version of all that a tenant has: an answer made at a `seq` is good as
//! long as that is the newest. So an answer is never stale, and nobody has to say what a change
//! affects. The `seq` is read *before* the store is asked: if something is committed in between, the
//! answer is kept under a number that has already passed, and never served.
//!
//! After a change many browsers ask the same at once. The first one's question is put to the store; the
//! others wait for its answer.

use std::{
    fmt::Write as _,
    hash::{BuildHasher, Hash},
    io::Write as _,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    body::Body,
    extract::MatchedPath,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use flowbit_domain::{
    Principal,
    id::{TenantId, UserId},
    json::{AsJson, JsonQuery},
    principal::Role,
    time::Randomness,
};
use quick_cache::{Equivalent, Weighter, sync::Cache};
use tokio::{task::spawn_blocking, time::timeout};
use uuid::Uuid;

use super::{problem::Problem, surround};
use crate::{app::App, config::Config, identity::caller::Caller};

/// What all kept answers may weigh, in bytes.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// Larger answers are not kept.
const LARGEST: usize = 1024 * 1024;
/// How long one waits for another's read before reading by oneself: reads that fail slowly would else make those
/// who wait fail one after another.
const PATIENCE: Duration = Duration::from_secs(1);
/// Smaller answers are not compressed.
const COMPRESSED_FROM: usize = 1024;
/// Larger ones are compressed where that holds up nobody else.
const COMPRESSED_ASIDE_FROM: usize = 64 * 1024;
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
    seq: i64,
    target: Box<str>,
}

/// A key that borrows, so that a look-up copies nothing. Hashed as [`Key`] is.
#[derive(Hash)]
struct KeyRef<'a> {
    tenant: TenantId,
    scope: Scope,
    seq: i64,
    target: &'a str,
}

impl KeyRef<'_> {
    fn to_key(&self) -> Key {
        Key { tenant: self.tenant, scope: self.scope, seq: self.seq, target: self.target.into() }
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.tenant == key.tenant
            && self.seq == key.seq
            && self.scope == key.scope
            && *self.target == *key.target
    }
}

struct Kept {
    /// All headers that do not depend on the request, so that serving it is one copy.
    head: HeaderMap,
    body: Bytes,
    gzip: OnceLock<Bytes>,
    /// The route that made it, for the log and metrics.
    route: Option<MatchedPath>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Kept>> for ByBytes {
    fn weight(&self, key: &Key, kept: &Arc<Kept>) -> u64 {
        // With room for the head, and for the compressed form, which may come later.
        let bytes = kept.body.len() + kept.body.len() / 4 + key.target.len() + 3 * 1024;
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
    /// The headers that all answers have.
    head: HeaderMap,
}

impl ResponseCache {
    pub(crate) fn new(randomness: &dyn Randomness, config: &Config) -> Self {
        let mut salt = [0; 16];
        randomness.fill(&mut salt);
        let mut head = HeaderMap::with_capacity(24);
        // What is answered for each request, set here already so that it has its place.
        head.insert(header::ETAG, HeaderValue::from_static("W/\"0\""));
        head.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        head.insert(header::VARY, HeaderValue::from_static("authorization, accept-encoding"));
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        surround::set_fixed_headers(config, &mut head);
        let items = usize::try_from(CAPACITY).unwrap_or(usize::MAX) / USUAL;
        Self {
            kept: Cache::with_weighter(items, CAPACITY, ByBytes),
            salt,
            hasher: quick_cache::DefaultHashBuilder::default(),
            head,
        }
    }

    fn etag(&self, key: &KeyRef<'_>) -> HeaderValue {
        let hash = self.hasher.hash_one((&self.salt, key));
        let mut text = String::with_capacity(48);
        let _ = write!(text, "W/\"{:x}-{hash:016x}\"", key.seq);
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""))
    }
}

/// Whether answers to it are kept: all else must not wait for what they are kept by.
pub(super) fn may_be_kept(uri: &Uri) -> bool {
    const LISTS: [&str; 5] = ["/api/tickets", "/api/views", "/api/tags", "/api/fields", "/api/assignees"];
    let path = uri.path();
    LISTS.contains(&path) || path.starts_with("/api/tickets/")
}

/// Whether an answer depends on who asks beyond their role: counters and views of one's own, or a query of which it
/// isn't known that it says the same whoever asks. `me` and `mine` may stand in any that is not named here.
fn is_personal(uri: &Uri) -> bool {
    const IMPERSONAL: [&str; 8] = ["limit", "cursor", "sort", "status", "priority", "tag", "workflow", "q"];
    let says_the_same = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        IMPERSONAL.contains(&key) || Uuid::try_parse(value).is_ok()
    };
    let query = uri.query().unwrap_or_default();
    let is_plain = query.is_empty() || query.split('&').all(says_the_same);
    uri.path().ends_with("/counts") || uri.path() == "/api/views" || !is_plain
}

fn key<'a>(principal: &Principal, seq: i64, uri: &'a Uri) -> KeyRef<'a> {
    let scope = if principal.role.is_staff() && !is_personal(uri) {
        Scope::Role(principal.role)
    } else {
        Scope::Person(principal.user, principal.role)
    };
    let target = uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    KeyRef { tenant: principal.tenant, scope, seq, target }
}

/// Serves a kept answer, or asks what `ask` makes of the request and keeps the answer.
pub(crate) async fn serve<Q: JsonQuery>(
    app: &App,
    caller: &Caller,
    uri: &Uri,
    headers: &HeaderMap,
    ask: impl FnOnce() -> Result<Q, Problem>,
) -> Result<Response, Problem> {
    let known = caller.request.ledger.filter(|known| known.tenant == caller.principal.tenant);
    let seq = match known {
        Some(known) => known.seq,
        None => app.store.ledger_seq(&caller.ctx).await?,
    };
    let key = key(&caller.principal, seq, uri);
    if let Some(response) = unchanged(app, &key, headers) {
        return Ok(response);
    }
    let query = ask()?;
    let owned = key.to_key();
    let place = match timeout(PATIENCE, app.responses.kept.get_value_or_guard_async(&owned)).await {
        Ok(Ok(kept)) => {
            app.counts.answers_kept.increment(1);
            return Ok(respond_aside(kept, headers).await);
        }
        Ok(Err(place)) => Some(place),
        Err(_) => None,
    };
    app.counts.answers_read.increment(1);
    let body = app.store.read(&caller.ctx, AsJson::new(query)).await?;
    let kept = Arc::new(Kept {
        head: head(app, app.responses.etag(&key)),
        // It may be kept for long: not with the room that it did not need.
        body: Bytes::copy_from_slice(&body),
        gzip: OnceLock::new(),
        route: caller.request.route.clone(),
    });
    if let Some(place) = place {
        // Those who wait get it in any case. Refused only when all was forgotten meanwhile.
        let _ = place.insert(kept.clone());
        if kept.body.len() > LARGEST {
            app.responses.kept.remove(&key);
        }
    }
    Ok(respond_aside(kept, headers).await)
}

/// Serves an answer that is not kept: another moment has another one.
pub(crate) async fn serve_fresh<Q: JsonQuery>(
    app: &App,
    caller: &Caller,
    query: Q,
) -> Result<Response, Problem> {
    let body = app.store.read(&caller.ctx, AsJson::new(query)).await?;
    let mut response = Response::new(Body::from(Bytes::from(body)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// A kept answer at this `seq` for someone whose session is remembered, or nothing: then the request goes the long
/// way. Never waits. Answers the route as well. `may` is asked once the answer is there, so that nobody is counted
/// here and on the long way.
pub(super) fn find(
    app: &App,
    principal: &Principal,
    seq: i64,
    uri: &Uri,
    headers: &HeaderMap,
    may: impl FnOnce() -> Result<(), Problem>,
) -> Option<(Result<Response, Problem>, Option<MatchedPath>)> {
    let key = key(principal, seq, uri);
    let kept = app.responses.kept.get(&key)?;
    if kept.is_long_to_send(headers) {
        return None;
    }
    let response = may().map(|()| {
        unchanged(app, &key, headers).unwrap_or_else(|| {
            app.counts.answers_kept.increment(1);
            respond(&kept, headers)
        })
    });
    Some((response, kept.route.clone()))
}

/// The tags of `If-None-Match`.
pub(super) fn tags(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(|tags| tags.split(',')).map(str::trim)
}

/// 304 when the client has what there is. Only this process can have made the tag, for this address,
/// scope and `seq`, so nothing needs to be read.
fn unchanged(app: &App, key: &KeyRef<'_>, headers: &HeaderMap) -> Option<Response> {
    if !headers.contains_key(header::IF_NONE_MATCH) {
        return None;
    }
    let etag = app.responses.etag(key);
    if !tags(headers).any(|tag| tag.as_bytes() == etag.as_bytes()) {
        return None;
    }
    app.counts.answers_unchanged.increment(1);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = head(app, etag);
    response.headers_mut().remove(header::CONTENT_TYPE);
    Some(response)
}

fn head(app: &App, etag: HeaderValue) -> HeaderMap {
    let mut head = app.responses.head.clone();
    head.insert(header::ETAG, etag);
    head
}

impl Kept {
    /// Whether it is to be compressed first, and large.
    fn is_long_to_send(&self, headers: &HeaderMap) -> bool {
        self.body.len() >= COMPRESSED_ASIDE_FROM && self.gzip.get().is_none() && accepts_gzip(headers)
    }
}

async fn respond_aside(kept: Arc<Kept>, headers: &HeaderMap) -> Response {
    if kept.is_long_to_send(headers) {
        let aside = kept.clone();
        // Should that fail it is done here.
        let _ = spawn_blocking(move || {
            aside.gzip.get_or_init(|| compress(&aside.body));
        })
        .await;
    }
    respond(&kept, headers)
}

fn respond(kept: &Kept, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.headers_mut() = kept.head.clone();
    let body = if kept.body.len() >= COMPRESSED_FROM && accepts_gzip(headers) {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
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
