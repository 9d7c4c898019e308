//! The extractor that proves who is asking: token, then session, then [`Caller`].

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use flowbit_domain::{Actor, Principal, TenantCtx, policy, principal::Origin};

use crate::{
    app::App,
    http::{
        context::{Charge, RequestInfo},
        problem::Problem,
    },
};

/// A person whose token and session were verified for this request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) principal: Arc<Principal>,
    /// The key to their company's store.
    pub(crate) ctx: TenantCtx,
    /// The request.
    pub(crate) request: Arc<RequestInfo>,
}

impl Caller {
    /// For a principal who has been verified in this request.
    pub(crate) fn of_verified(principal: Arc<Principal>, request: Arc<RequestInfo>) -> Self {
        let ctx = Self::ctx_of_verified(&principal);
        Self { principal, ctx, request }
    }

    /// The key to the store of a principal who has been verified in this request.
    #[expect(clippy::disallowed_methods, reason = "the principal has been verified")]
    pub(crate) fn ctx_of_verified(principal: &Principal) -> TenantCtx {
        TenantCtx::for_principal(principal)
    }

    /// Who, for a use-case.
    pub(crate) fn principal(&self) -> Principal {
        Principal::clone(&self.principal)
    }

    /// Who and from where, for the ledger.
    pub(crate) fn origin(&self) -> Origin {
        self.request.origin(Actor::from(&*self.principal))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let request = request_info(parts)?;
        let token = bearer(&parts.headers).ok_or_else(Problem::unauthenticated)?;
        let principal = super::authenticate(app, token).await?.principal;
        if matches!(request.charge, Charge::Due) {
            app.limits.check_caller(&principal)?;
        }
        let _ = request.caller.set(principal.clone());
        Ok(Self::of_verified(principal, request))
    }
}

/// A [`Caller`] who may administer their company. Whoever may not is told so before the rest of the
/// request is looked at, and learns nothing from what would be wrong with it.
pub(crate) struct Admin(pub(crate) Caller);

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        policy::require(&caller.principal, policy::Deed::Administer, policy::Subject::Company)?;
        Ok(Self(caller))
    }
}

/// What the outermost layer noted of this request.
pub(crate) fn request_info(parts: &Parts) -> Result<Arc<RequestInfo>, Problem> {
    parts
        .extensions
        .get::<Arc<RequestInfo>>()
        .cloned()
        .ok_or_else(|| Problem::internal("the request did not pass the outermost layer"))
}

/// The token of `Authorization: Bearer …` (RFC 6750).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequestParts<App> for Anonymous {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        request_info(parts).map(Anonymous)
    }
}

/// [`RequestInfo`] as an extractor, for routes that need no sign-in.
pub(crate) struct Anonymous(pub(crate) Arc<RequestInfo>);
