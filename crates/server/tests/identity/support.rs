//! A server in this process on a temporary folder, with a clock that the test sets.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI64, Ordering},
};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::phc::PasswordHash};
use flowbit_domain::{
    Role, TenantCtx, Timestamp,
    id::{TenantId, UserId},
    principal::Origin,
    time::{Clock, Randomness},
    user::{Authority, CreateUser, NewUser},
};
use flowbit_server::{Running, config::Config, start_with};
use flowbit_store::NewTenant;
use reqwest::{Method, StatusCode, header};
use serde_json::Value;

use crate::place::Place;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// 2026-01-31T08:00:00Z.
const START: i64 = 1_769_846_400_000;

pub(crate) struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct Random;

impl Randomness for Random {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

pub(crate) struct Desk {
    pub(crate) running: Running,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) client: reqwest::Client,
    place: Place,
    variables: Vec<(String, String)>,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// Checks that it is a problem of this status and code, in the one shape that all problems have.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("urn:flowbit:problem:{code}"));
        assert_eq!(body["requestId"], self.headers["x-request-id"].to_str().unwrap());
        assert!(body["title"].is_string());
        body
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|v| v.to_str().unwrap().split(';').next().unwrap().split_once('='))
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.to_owned())
    }
}

/// Someone signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) device: String,
}

impl Session {
    pub(crate) fn of(answer: &Answer) -> Self {
        Self {
            token: answer.json()["accessToken"].as_str().unwrap().to_owned(),
            refresh: answer.cookie("flowbit_refresh").unwrap(),
            device: answer.cookie("flowbit_device").unwrap_or_default(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the test is the operator")]
pub(crate) fn ctx(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_operator(tenant)
}

pub(crate) fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let params = Params::new(19 * 1024, 2, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash: PasswordHash = argon2.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap();
        hash.to_string()
    })
}

/// What is compressed is looked at as it comes, whoever else in the workspace has reqwest unpack.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_gzip().build().unwrap()
}

impl Desk {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with these variables besides the usual ones.
    pub(crate) async fn start_with(variables: &[(&str, &str)]) -> Self {
        let place = Place::new();
        let clock = Arc::new(HandClock(AtomicI64::new(START)));
        let variables: Vec<_> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let running = run(&place, &clock, &variables).await;
        Self { running, clock, client: client(), place, variables }
    }

    /// Stops and starts on the same data.
    pub(crate) async fn restart(self) -> Self {
        let Self { running, clock, client: _, place, variables } = self;
        running.stop().await;
        let running = run(&place, &clock, &variables).await;
        Self { running, clock, client: client(), place, variables }
    }

    pub(crate) async fn company(&self, slug: &str) -> TenantId {
        let new = NewTenant {
            slug: slug.into(),
            name: slug.to_uppercase(),
            locale: "en".into(),
            accent_color: "#336699".into(),
        };
        self.running.store().control().create_tenant(new).await.unwrap().id
    }

    pub(crate) async fn person(&self, tenant: TenantId, email: &str, role: Role) -> UserId {
        self.person_with(tenant, email, role, Some(password_hash().to_owned())).await
    }

    pub(crate) async fn person_with(
        &self,
        tenant: TenantId,
        email: &str,
        role: Role,
        password_hash: Option<String>,
    ) -> UserId {
        let store = self.running.store();
        store.control().add_email(email, tenant).await.unwrap();
        let name = email.split('@').next().unwrap().to_owned();
        let user = NewUser { email: email.into(), name, role, password_hash };
        let create = CreateUser { by: Authority::Operator, origin: Origin::system(), user };
        store.write(&ctx(tenant), create).await.unwrap().user.id
    }

    /// One company with an admin, an agent and a requester: `ada`, `bob` and `cid@example.com`.
    pub(crate) async fn with_people() -> (Self, TenantId) {
        let desk = Self::start().await;
        let tenant = desk.company("acme").await;
        desk.person(tenant, "ada@example.com", Role::Admin).await;
        desk.person(tenant, "bob@example.com", Role::Agent).await;
        desk.person(tenant, "cid@example.com", Role::User).await;
        (desk, tenant)
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.address())
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url(path)).header("authorization", format!("Bearer {token}"))
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::GET, path, token)).await
    }

    pub(crate) async fn json(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        let request = self.request(method, path, token).header("content-type", "application/json");
        self.send(request.body(body.to_string())).await
    }

    /// Posts to a route that needs no token, with these cookies.
    pub(crate) async fn post(&self, path: &str, cookies: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.post(self.url(path));
        if !cookies.is_empty() {
            request = request.header("cookie", cookies);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        self.send(request).await
    }

    pub(crate) async fn try_login(&self, email: &str, password: &str, cookies: &str) -> Answer {
        let body = serde_json::json!({ "email": email, "password": password });
        self.post("/api/auth/login", cookies, Some(body)).await
    }

    pub(crate) async fn login(&self, email: &str) -> Session {
        Session::of(&self.try_login(email, PASSWORD, "").await.expect(200))
    }

    pub(crate) async fn refresh(&self, refresh: &str) -> Answer {
        self.post("/api/auth/refresh", &format!("flowbit_refresh={refresh}"), None).await
    }

    /// The actions of a tenant's ledger, oldest first.
    pub(crate) async fn actions(&self, tenant: TenantId) -> Vec<String> {
        let tail = flowbit_domain::feed::TailEvents { after: 0, limit: 1000 };
        let events = self.running.store().read(&ctx(tenant), tail).await.unwrap();
        events.into_iter().map(|event| event.action).collect()
    }
}

async fn run(place: &Place, clock: &Arc<HandClock>, variables: &[(String, String)]) -> Running {
    let usual = [
        ("FLOWBIT_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("FLOWBIT_DATA".to_owned(), place.path().display().to_string()),
        ("FLOWBIT_METRICS_LISTEN".to_owned(), "off".to_owned()),
    ];
    let database = place.address().map(|address| ("FLOWBIT_DATABASE_URL".to_owned(), address));
    let config =
        Config::read(usual.into_iter().chain(database).chain(variables.iter().cloned()), &[]).unwrap();
    start_with(config, clock.clone(), Arc::new(Random)).await.unwrap()
}
