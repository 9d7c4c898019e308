//! Signing in: limits, then the password in every company that knows the address, then a session.
//!
//! A wrong address and a wrong password take the same work and give the same answer at the same time:
//! what is not there is verified against a hash of nothing, refusals are recorded aside, and no
//! refusal is answered before [`REFUSED_AFTER`].

use std::{sync::Arc, time::Duration};

use flowbit_domain::{
    Actor, Error,
    control::{Tenant, TenantState},
    id::SessionId,
    session::{FindLogin, Login, RecordRefusal, RefusalReason, StartSession, Started, UpgradePasswordHash},
    text::fold_email,
    user::EMAIL_MAX,
};
use uuid::Uuid;

use super::{
    attempts,
    keys::Purpose,
    limits,
    password::Verdict,
    signing_in_tenant,
    tokens::{ACCESS_MS, AccessClaims, DEVICE_MS, DeviceClaims, RefreshClaims},
};
use crate::{
    app::App,
    http::{
        context::RequestInfo,
        problem::{Problem, TenantChoice},
    },
};

/// No refusal is answered sooner: what it takes to find an address, or to record that it was found,
/// disappears in it.
const REFUSED_AFTER: Duration = Duration::from_millis(250);
/// An address can be known in so many companies before the others are not tried.
const COMPANIES: usize = 16;
/// A device remembers so many accounts.
const ACCOUNTS_PER_DEVICE: usize = 8;

/// What someone signs in with.
pub(crate) struct Credentials {
    pub(crate) email: String,
    pub(crate) password: String,
    /// The company's slug, if they said so.
    pub(crate) tenant: Option<String>,
    /// The device cookie.
    pub(crate) device: Option<String>,
    pub(crate) user_agent: Option<String>,
}

/// Someone who has just signed in, or renewed their session.
pub(crate) struct SignedIn {
    pub(crate) started: Started,
    pub(crate) tenant: Arc<Tenant>,
}

/// One company that knows the address.
struct Candidate {
    tenant: Arc<Tenant>,
    login: Login,
}

/// Signs in by address and password. Answers the device cookie as well.
pub(crate) async fn sign_in(
    app: &App,
    request: &RequestInfo,
    credentials: Credentials,
) -> Result<(SignedIn, String), Problem> {
    let began = tokio::time::Instant::now();
    let email = fold_email(&credentials.email);
    let account = limits::account(&email);
    let device = known_device(app, credentials.device.as_deref()).await;
    let familiar = device.as_ref().filter(|d| d.accounts.contains(&hex::encode(account))).map(|d| d.jti);
    let attempt = attempts::begin(app, request.ip, account, familiar).await?;

    let verified = async {
        let (candidates, all_asked) = find_candidates(app, &email, credentials.tenant.as_deref()).await?;
        let (right, wrong) = verify_all(app, &credentials.password, candidates).await?;
        Ok::<_, Problem>((right, wrong, all_asked))
    };
    let (mut right, wrong, all_asked) = match verified.await {
        Ok(verified) => verified,
        Err(problem) => {
            // A fault of ours is no wrong password.
            attempts::give_back(app, &attempt).await;
            return Err(problem);
        }
    };
    if right.len() > 1 {
        attempts::give_back(app, &attempt).await;
        let choice = |c: &Right| TenantChoice { slug: c.tenant.slug.clone(), name: c.tenant.name.clone() };
        right.sort_by(|a, b| a.tenant.slug.cmp(&b.tenant.slug));
        return Err(Problem::tenant_required(right.iter().map(choice).collect()));
    }
    let Some(Right { tenant, login, hash, is_old }) = right.pop() else {
        record_refusals(app, request, &email, wrong);
        tokio::time::sleep_until(began + REFUSED_AFTER).await;
        return Err(if all_asked {
            Problem::invalid_credentials()
        } else {
            // Nobody whose password may be right is told that it is wrong.
            Problem::unavailable("a company that may know the address could not be asked")
        });
    };
    attempts::give_back(app, &attempt).await;

    let ctx = signing_in_tenant(tenant.id);
    let seen_hash = match is_old.then_some(&credentials.password) {
        Some(password) => {
            let new_hash = app.passwords.hash(password).await?;
            let upgrade =
                UpgradePasswordHash { user: login.user, seen_hash: hash.clone(), new_hash: new_hash.clone() };
            if app.store.write(&ctx, upgrade).await? { new_hash } else { hash }
        }
        None => hash,
    };
    let start = StartSession {
        // The use-case puts the person in the system's place.
        origin: request.origin(Actor::system()),
        user: login.user,
        seen_hash,
        user_agent: credentials.user_agent,
    };
    let started = app.store.write(&ctx, start).await?;
    let device = remember_device(app, device, account)?;
    Ok((SignedIn { started, tenant }, device))
}

/// The companies that know the address, and whether all that may could be asked.
async fn find_candidates(
    app: &App,
    email: &str,
    slug: Option<&str>,
) -> Result<(Vec<Candidate>, bool), Problem> {
    if email.len() > EMAIL_MAX {
        return Ok((Vec::new(), true));
    }
    let control = app.store.control();
    let mut candidates = Vec::new();
    let mut all_asked = true;
    for id in control.tenants_of_email(email).await.map_err(Error::from)? {
        let Some(tenant) = control.tenant(id).await.map_err(Error::from)? else { continue };
        let wanted = slug.is_none_or(|slug| slug == tenant.slug);
        if tenant.state != TenantState::Active || !wanted || candidates.len() >= COMPANIES {
            continue;
        }
        let found = app.store.read(&signing_in_tenant(id), FindLogin { email: email.to_owned() }).await;
        match found {
            Ok(Some(login)) => candidates.push(Candidate { tenant, login }),
            Ok(None) => {}
            // One company's damaged file must not keep others' people out.
            Err(error) => {
                all_asked = false;
                tracing::error!(customerId = %id, %error, "a company could not be asked for an address");
            }
        }
    }
    Ok((candidates, all_asked))
}

struct Right {
    tenant: Arc<Tenant>,
    login: Login,
    hash: String,
    is_old: bool,
}

struct Wrong {
    candidate: Candidate,
    reason: RefusalReason,
}

async fn verify_all(
    app: &App,
    password: &str,
    candidates: Vec<Candidate>,
) -> Result<(Vec<Right>, Vec<Wrong>), Problem> {
    if candidates.is_empty() {
        app.passwords.verify(password, None).await?;
    }
    let mut right = Vec::new();
    let mut wrong = Vec::new();
    for candidate in candidates {
        let hash = candidate.login.password_hash.clone().filter(|_| candidate.login.active);
        let verdict = app.passwords.verify(password, hash.as_deref()).await?;
        match (verdict, hash) {
            (Verdict::Right | Verdict::RightButOld, Some(hash)) => {
                let Candidate { tenant, login } = candidate;
                right.push(Right { tenant, login, hash, is_old: verdict == Verdict::RightButOld });
            }
            (_, Some(_)) => wrong.push(Wrong { candidate, reason: RefusalReason::WrongPassword }),
            (_, None) => {
                let reason =
                    if candidate.login.active { RefusalReason::NoPassword } else { RefusalReason::Inactive };
                wrong.push(Wrong { candidate, reason });
            }
        }
    }
    Ok((right, wrong))
}

/// Records refusals without letting the answer wait for it: waiting would tell that there was
/// something to record.
fn record_refusals(app: &App, request: &RequestInfo, email: &str, wrong: Vec<Wrong>) {
    for Wrong { candidate: Candidate { tenant, login }, reason } in wrong {
        let store = app.store.clone();
        let origin = request.origin(Actor::system());
        let refusal = RecordRefusal { origin, email: email.to_owned(), user: login.user, reason };
        app.tasks.spawn(async move {
            if let Err(error) = store.write(&signing_in_tenant(tenant.id), refusal).await {
                tracing::error!(customerId = %tenant.id, %error, "a refused sign-in could not be recorded");
            }
        });
    }
}

async fn known_device(app: &App, cookie: Option<&str>) -> Option<DeviceClaims> {
    Some(app.keys.verify::<DeviceClaims>(Purpose::Device, cookie?).await?.claims)
}

/// The device's cookie, with this account on top.
fn remember_device(
    app: &App,
    device: Option<DeviceClaims>,
    account: limits::Account,
) -> Result<String, Problem> {
    let account = hex::encode(account);
    let mut device = device.unwrap_or_else(|| {
        let mut bytes = [0; 16];
        app.randomness.fill(&mut bytes);
        DeviceClaims { jti: uuid::Builder::from_random_bytes(bytes).into_uuid(), accounts: Vec::new() }
    });
    device.accounts.retain(|known| *known != account);
    device.accounts.insert(0, account);
    device.accounts.truncate(ACCOUNTS_PER_DEVICE);
    app.keys.sign(Purpose::Device, DEVICE_MS, &device).map_err(|e| Problem::internal(e.to_string()))
}

/// The tokens of a session: access, refresh, and for how many milliseconds the latter is good.
pub(crate) fn issue(app: &App, started: &Started) -> Result<(String, String, i64), Problem> {
    let internal = |e: super::keys::KeyError| Problem::internal(e.to_string());
    let profile = &started.profile;
    let access = AccessClaims {
        sub: profile.id,
        user_id: profile.id,
        customer_id: profile.customer_id,
        role: profile.role,
        sid: started.session,
    };
    let refresh =
        RefreshClaims { customer_id: profile.customer_id, sid: started.session, jti: started.refresh_id };
    let lifetime = started.expires_at.0.saturating_sub(app.clock.now().0);
    Ok((
        app.keys.sign(Purpose::Access, ACCESS_MS, &access).map_err(internal)?,
        app.keys.sign(Purpose::Refresh, lifetime, &refresh).map_err(internal)?,
        lifetime,
    ))
}

/// What a refresh token says, if it is good.
pub(crate) async fn read_refresh(
    app: &App,
    token: &str,
) -> Option<(flowbit_domain::TenantId, SessionId, Uuid)> {
    let RefreshClaims { customer_id, sid, jti } =
        app.keys.verify::<RefreshClaims>(Purpose::Refresh, token).await?.claims;
    Some((customer_id, sid, jti))
}
