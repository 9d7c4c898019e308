//! The companies: few large ones and many small ones, each with one agent who signs in when first needed.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use flowbit_domain::{
    Principal, Role, SessionId, TenantCtx, TenantId, Timestamp,
    principal::{Actor, Origin},
    session::FindLogin,
    ticket::{CreateTicket, NewTicket},
    time::{Clock, Randomness},
    user::{Authority, CreateUser, NewUser},
};
use flowbit_store::{NewTenant, Store, StoreOptions, Unheard};
use rand::{Rng, seq::IndexedRandom};
use rand_distr::{Distribution, Zipf};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::server::{self, PASSWORD};

/// The company that the command line makes, by which everybody's password is hashed as the server does it.
const FIRST: &str = "company-0";
/// An access token is renewed after this.
const RENEWED_AFTER: Duration = Duration::from_secs(300);
/// So many addresses each company's people have: with 1,000 requests a second from each, more than a flood on a few
/// cores makes, so that it meets its token's and its company's limits.
const ADDRESSES: u32 = 64;
/// So many companies are filled at once.
const FILLED_AT_ONCE: usize = 16;
/// So many of a company's tickets are remembered.
const REMEMBERED: usize = 50;

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "load is played in real time")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Randomness for System {
    #[expect(clippy::expect_used, reason = "without randomness nothing can be filled")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("randomness");
    }
}

/// One company and its agent.
pub(crate) struct Company {
    pub(crate) email: String,
    /// The first of the addresses from which its people ask.
    first_address: u32,
    token: tokio::sync::Mutex<Option<(String, Instant)>>,
    tickets: Mutex<Vec<String>>,
}

/// All companies, the largest first.
pub(crate) struct World {
    pub(crate) companies: Vec<Company>,
    sizes: Zipf<f64>,
}

impl Company {
    fn new(n: usize) -> Self {
        let first_address = u32::from(Ipv4Addr::new(10, 0, 0, 0)) + u32::try_from(n).unwrap_or(0) * ADDRESSES;
        Self {
            email: email(n),
            first_address,
            token: tokio::sync::Mutex::default(),
            tickets: Mutex::default(),
        }
    }

    /// From where somebody of the company asks.
    pub(crate) fn address(&self) -> String {
        Ipv4Addr::from(self.first_address + rand::rng().random_range(0..ADDRESSES)).to_string()
    }

    /// The agent's access token; `true`: they had to sign in for it.
    pub(crate) async fn token(&self, url: &str) -> Result<(String, bool)> {
        let mut known = self.token.lock().await;
        if let Some((token, since)) = &*known
            && since.elapsed() < RENEWED_AFTER
        {
            return Ok((token.clone(), false));
        }
        let answer = reqwest::Client::new()
            .post(format!("{url}/api/auth/login"))
            .header("content-type", "application/json")
            .header("x-forwarded-for", self.address())
            .body(json!({ "email": self.email, "password": PASSWORD }).to_string())
            .send()
            .await?;
        let status = answer.status();
        let body: Value = serde_json::from_slice(&answer.bytes().await?)?;
        let Some(token) = body["accessToken"].as_str() else {
            bail!("{} can't sign in: {status}", self.email)
        };
        *known = Some((token.to_owned(), Instant::now()));
        Ok((token.to_owned(), true))
    }

    /// Remembers the tickets of a list.
    pub(crate) fn remember(&self, list: &[u8]) {
        let Ok(list) = serde_json::from_slice::<Value>(list) else { return };
        let ids = list["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str());
        let mut known = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(ids.map(str::to_owned));
        let spare = known.len().saturating_sub(REMEMBERED);
        known.drain(..spare);
    }

    /// One of its tickets, if any is remembered.
    pub(crate) fn a_ticket(&self) -> Option<String> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner).choose(&mut rand::rng()).cloned()
    }
}

fn email(n: usize) -> String {
    format!("agent@company-{n}.example")
}

/// How many tickets the `n`th company has.
fn size(largest: usize, n: usize) -> usize {
    (largest / (n + 1)).max(3)
}

impl World {
    /// Makes the companies in an empty data folder.
    pub(crate) async fn make(flowbit: &Path, data: &Path, companies: usize, largest: usize) -> Result<Self> {
        server::make_company(flowbit, data, FIRST, &email(0)).await?;
        let mut options = StoreOptions::new(data, Arc::new(System), Arc::new(System), Arc::new(Unheard));
        // Files that are made one after another need not stay open.
        options.connections = 64;
        let store = Store::open(options).await?;
        let filled = fill(&store, companies, largest).await;
        store.close().await;
        filled?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 companies")]
        let sizes = Zipf::new(companies as f64, 1.0)?;
        Ok(Self { companies: (0..companies).map(Company::new).collect(), sizes })
    }

    /// Any company, each as often as another.
    pub(crate) fn any(&self) -> &Company {
        self.companies.choose(&mut rand::rng()).unwrap_or(&self.companies[0])
    }

    /// Any company, large ones more often: the busiest is the largest.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank from 1 on")]
    pub(crate) fn by_size(&self) -> &Company {
        let rank = self.sizes.sample(&mut rand::rng()) as usize;
        self.companies.get(rank.saturating_sub(1)).unwrap_or(&self.companies[0])
    }
}

async fn fill(store: &Store, companies: usize, largest: usize) -> Result<()> {
    let first = store.control().tenant_by_slug(FIRST).await?.context("the first company is there")?;
    let found = store.read(&ctx(first.id), FindLogin { email: email(0) }).await.map_err(refused)?;
    let login = found.context("its agent is there")?;
    let hash = login.password_hash.context("they have a password")?;
    fill_company(store, first.id, agent(first.id, login.user), size(largest, 0)).await?;
    let mut filling = JoinSet::new();
    for n in 1..companies {
        if filling.len() >= FILLED_AT_ONCE {
            filling.join_next().await.transpose()?.transpose()?;
        }
        let (store, hash) = (store.clone(), hash.clone());
        filling.spawn(async move { make_company(&store, n, hash, size(largest, n)).await });
    }
    while let Some(filled) = filling.join_next().await {
        filled??;
    }
    Ok(())
}

async fn make_company(store: &Store, n: usize, password_hash: String, tickets: usize) -> Result<()> {
    let new = NewTenant {
        slug: format!("company-{n}"),
        name: format!("Company {n}"),
        locale: "en".into(),
        accent_color: "#1f6feb".into(),
    };
    let tenant = store.control().create_tenant(new).await?.id;
    let user = NewUser {
        email: email(n),
        name: "Agent".into(),
        role: Role::Admin,
        password_hash: Some(password_hash),
    };
    let origin = Origin { actor: Actor::operator(), ip: None, request_id: None };
    let command = CreateUser { by: Authority::Operator, origin, user };
    let made = store.write(&ctx(tenant), command).await.map_err(refused)?;
    store.control().add_email(&email(n), tenant).await?;
    fill_company(store, tenant, agent(tenant, made.user.id), tickets).await
}

async fn fill_company(store: &Store, tenant: TenantId, agent: Principal, tickets: usize) -> Result<()> {
    // Many at once, so that they share commits.
    for begin in (0..tickets).step_by(100) {
        let mut raised = JoinSet::new();
        for n in begin..tickets.min(begin + 100) {
            let (store, principal) = (store.clone(), agent.clone());
            raised.spawn(async move {
                let origin = Origin { actor: (&principal).into(), ip: None, request_id: None };
                let input = NewTicket {
                    title: format!("Pallet {n} is late"),
                    description: "It should have been here on Monday. Where is it now?".into(),
                    tags: vec!["delay".into()],
                    ..NewTicket::default()
                };
                let command = CreateTicket { principal, origin, input, idempotency: None };
                store.write(&ctx(tenant), command).await.map(drop).map_err(refused)
            });
        }
        while let Some(raised) = raised.join_next().await {
            raised??;
        }
    }
    Ok(())
}

fn agent(tenant: TenantId, user: flowbit_domain::UserId) -> Principal {
    Principal { tenant, user, name: "Agent".into(), role: Role::Admin, session: SessionId(user.0) }
}

fn ctx(tenant: TenantId) -> TenantCtx {
    #[expect(clippy::disallowed_methods, reason = "whoever plays load is the operator")]
    TenantCtx::for_operator(tenant)
}

fn refused(error: flowbit_domain::Error) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
