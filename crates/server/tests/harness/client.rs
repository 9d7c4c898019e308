//! A client that sends what it is told, however wrong, and says exactly what came back.

use std::{fmt::Debug, time::Duration};

use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value as Json, json};

use super::{PASSWORD, declared};

/// Between two questions of the same kind.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(3);

pub(crate) async fn a_moment() {
    tokio::time::sleep(A_MOMENT).await;
}

/// Asks until the answer is something, and gives up loudly.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = std::time::Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(begun.elapsed() < super::PATIENCE, "waited in vain for {what}");
        a_moment().await;
    }
}

/// A request to be sent, perhaps several times.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

impl Request {
    pub(crate) fn new(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: HeaderMap::new(), body: None }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Json) -> Self {
        self.raw(body.to_string())
    }

    /// A body that says it is JSON.
    pub(crate) fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", "application/json")
    }
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = String::from_utf8_lossy(&self.body);
        write!(f, "{} {}", self.status, text.chars().take(2000).collect::<String>())
    }
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Json {
        assert_eq!(self.status, status, "{self:?}");
        if self.body.is_empty() { Json::Null } else { self.json() }
    }

    /// An answer without a body that must have this status.
    #[track_caller]
    pub(crate) fn expect_empty(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.body.is_empty(), "{self:?}");
    }

    /// A problem of this status and code, in the one form that problems have.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, code: &str) -> Json {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{self:?}");
        assert_eq!(problem["status"], status, "{self:?}");
        assert_eq!(problem["requestId"].as_str(), self.header("x-request-id"), "{self:?}");
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{self:?}");
        problem
    }

    /// The paths of the values that were found wrong.
    pub(crate) fn wrong_paths(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|e| e["path"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// A server's address and connections to it.
#[derive(Clone)]
pub(crate) struct Web {
    http: reqwest::Client,
    base: String,
}

impl Web {
    pub(crate) fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            // What is compressed is looked at as it comes, whoever else in the workspace has reqwest unpack.
            .no_gzip()
            .no_proxy()
            // Reading the system's certificates takes longer than most tests.
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Self { http, base: base.to_owned() }
    }

    pub(crate) fn get_request(&self, path: &str) -> Request {
        Request::new(Method::GET, path)
    }

    /// Sends it; an error when there was no whole answer.
    pub(crate) async fn try_send(&self, request: &Request) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{}", self.base, request.path);
        let mut builder = self.http.request(request.method.clone(), url).headers(request.headers.clone());
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.bytes().await?.to_vec() };
        declared::check(request, &answer);
        Ok(answer)
    }

    /// Sends it; there must be an answer.
    pub(crate) async fn send(&self, request: &Request) -> Answer {
        let sent = self.try_send(request).await;
        sent.unwrap_or_else(|e| panic!("{} {}: {e:?}", request.method, request.path))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&self.get_request(path)).await
    }

    /// Signs in with the password of everybody; the answer must be 200.
    pub(crate) async fn sign_in(&self, email: &str) -> Person {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = self.send(&Request::new(Method::POST, "/api/auth/login").json(&body)).await;
        let json = answer.expect(200);
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        Person {
            web: self.clone(),
            token: text(&json["accessToken"]),
            refresh: refresh_cookie(&answer).unwrap_or_default(),
            id: text(&json["user"]["id"]),
            company: text(&json["customer"]["id"]),
            email: email.to_owned(),
        }
    }
}

/// The value of the refresh cookie that an answer sets.
pub(crate) fn refresh_cookie(answer: &Answer) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
    let pairs = cookies.filter_map(|cookie| cookie.split(';').next()?.split_once('='));
    pairs
        .filter(|(name, value)| name.contains("refresh") && !value.is_empty())
        .map(|(_, v)| v.to_owned())
        .next()
}

/// Someone who has signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) web: Web,
    pub(crate) token: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
    pub(crate) company: String,
    pub(crate) email: String,
}

impl Person {
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, path).bearer(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.web.send(&self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> Answer {
        self.web.send(&self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Json) -> Answer {
        self.web.send(&self.request(Method::PATCH, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Json) -> Answer {
        self.web.send(&self.request(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.web.send(&self.request(Method::DELETE, path)).await
    }

    /// All pages of a list.
    pub(crate) async fn all(&self, path: &str) -> Vec<Json> {
        let mut items = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let more = cursor.map_or_else(String::new, |c| format!("{join}cursor={c}"));
            let page = self.get(&format!("{path}{more}")).await.expect(200);
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return items,
            }
        }
    }

    /// Adds a person of that role to this admin's company and signs in as them.
    pub(crate) async fn add(&self, email: &str, role: &str) -> Person {
        let body =
            json!({ "email": email, "name": format!("{role} {email}"), "role": role, "password": PASSWORD });
        self.post("/api/admin/users", &body).await.expect(201);
        self.web.sign_in(email).await
    }
}
