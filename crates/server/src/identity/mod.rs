//! Who is asking: keys, tokens, sessions, passwords and the limits on guessing them.

use std::sync::Arc;

use flowbit_domain::{
    Principal, TenantCtx, Timestamp,
    control::{Tenant, TenantState},
    id::TenantId,
    session::CheckSession,
};

use futures_util::FutureExt;

use crate::{app::App, http::problem::Problem};
use keys::Purpose;
use tokens::{Access, AccessClaims};

pub(crate) mod attempts;
pub(crate) mod caller;
pub(crate) mod cookies;
pub(crate) mod keys;
pub(crate) mod limits;
pub(crate) mod password;
pub(crate) mod people;
pub(crate) mod sessions;
pub(crate) mod signin;
pub(crate) mod tokens;

/// Someone whose token and session are good at this moment.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Who.
    pub(crate) principal: Arc<Principal>,
    /// When their token runs out.
    pub(crate) expires_at: Timestamp,
}

/// Proves who shows an access token. The one door for HTTP and sockets.
///
/// The hot path is two look-ups in memory; a signature is checked and the store asked only for a
/// token or session not seen before, or after an event that may have changed who may do what, on whatever
/// node.
pub(crate) async fn authenticate(app: &App, token: &str) -> Result<Identity, Problem> {
    let now = app.clock.now();
    let access = match app.tokens.get(token, now) {
        Some(access) => access,
        None => Box::pin(verify(app, token)).await?,
    };
    active_tenant(app, access.tenant).await?.ok_or_else(Problem::unauthenticated)?;
    let principal = match remembered(app, &access, now) {
        Some(principal) => principal,
        None => Box::pin(look(app, &access)).await?,
    };
    Ok(Identity { principal, expires_at: access.expires_at })
}

/// [`authenticate`], from memory alone: `None` when anything would have to be asked or computed.
pub(crate) fn remember(app: &App, token: &str) -> Option<Arc<Principal>> {
    let now = app.clock.now();
    let access = app.tokens.get(token, now)?;
    let principal = remembered(app, &access, now)?;
    active_tenant(app, access.tenant).now_or_never()?.ok()??;
    Some(principal)
}

/// What is remembered of a session, while another node's revocation would have been heard of.
fn remembered(app: &App, access: &Access, now: Timestamp) -> Option<Arc<Principal>> {
    let found = if app.store.is_current() { app.sessions.get(access, now) } else { None };
    if found.is_some() {
        app.counts.sessions_remembered.increment(1);
    }
    found
}

async fn verify(app: &App, token: &str) -> Result<Arc<Access>, Problem> {
    let verified = app.keys.verify::<AccessClaims>(Purpose::Access, token).await;
    let verified = verified.ok_or_else(Problem::unauthenticated)?;
    let AccessClaims { sub, user_id, customer_id, sid, .. } = verified.claims;
    if sub != user_id {
        return Err(Problem::unauthenticated());
    }
    let access = Access { tenant: customer_id, user: user_id, session: sid, expires_at: verified.expires_at };
    Ok(app.tokens.insert(token, access))
}

async fn look(app: &App, access: &Access) -> Result<Arc<Principal>, Problem> {
    app.counts.sessions_looked_up.increment(1);
    let generation = app.sessions.generation(access.tenant);
    let check = CheckSession { session: access.session, user: access.user };
    let live = app.store.read(&signed_in_tenant(access.tenant), check).await?;
    let live = live.ok_or_else(Problem::unauthenticated)?;
    let principal = Arc::new(live.principal);
    app.sessions.insert(generation, &principal, live.expires_at);
    Ok(principal)
}

/// The tenant, if it is there and in use.
pub(crate) async fn active_tenant(app: &App, id: TenantId) -> Result<Option<Arc<Tenant>>, Problem> {
    let tenant = app.store.control().tenant(id).await.map_err(flowbit_domain::Error::from)?;
    Ok(tenant.filter(|tenant| tenant.state == TenantState::Active))
}

/// The key to the store of a tenant that a token signed by us names.
#[expect(clippy::disallowed_methods, reason = "the tenant stands in a token whose signature was verified")]
fn signed_in_tenant(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_delivery(tenant)
}

/// The key to the store of a tenant in which somebody is trying to sign in.
#[expect(
    clippy::disallowed_methods,
    reason = "before a sign-in there is no principal; the directory names the tenant"
)]
fn signing_in_tenant(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_operator(tenant)
}
