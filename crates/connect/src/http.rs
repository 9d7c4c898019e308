//! A small HTTP client for servers on this machine or on the stack's own network: JSON in, status and JSON out.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::Duration;

/// An answer, whatever its status.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, `null` when it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The body of an answer that must have `status`; else an error that says what came and for what.
    ///
    /// # Errors
    /// With another status.
    pub fn expect(self, status: u16, what: &str) -> Result<Value> {
        if self.status == status {
            return Ok(self.body);
        }
        let code = self.body["code"].as_str().unwrap_or_default();
        let detail = self.body["detail"].as_str().or_else(|| self.body["title"].as_str()).unwrap_or_default();
        bail!("{what}: {} {code} {detail}", self.status)
    }
}

/// The client. Proxies of the environment are not for the loopback interface.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Client {
    /// For a server at `base`, such as `http://127.0.0.1:3000`.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { agent: config.new_agent(), base: base.into(), token: None }
    }

    /// The same server, as the person whose access token this is.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { agent: self.agent.clone(), base: self.base.clone(), token: Some(token.to_owned()) }
    }

    /// The status of a GET, `None` when nobody answers.
    #[must_use]
    pub fn status(&self, path: &str) -> Option<u16> {
        self.get(path).ok().map(|answer| answer.status)
    }

    /// GET.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let mut request = self.agent.get(&url);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        answer(request.call().with_context(|| format!("GET {url}"))?)
    }

    /// POST with a JSON body.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.agent.post(format!("{}{path}", self.base)), "POST", path, body)
    }

    /// PATCH with a JSON body.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Answer> {
        self.send(self.agent.patch(format!("{}{path}", self.base)), "PATCH", path, body)
    }

    /// POST with these headers and these bytes, declared as JSON.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn post_raw(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let mut request = self.agent.post(&url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send(body).with_context(|| format!("POST {url}"))?)
    }

    fn send(
        &self,
        mut request: ureq::RequestBuilder<ureq::typestate::WithBody>,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<Answer> {
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.header("content-type", "application/json");
        let response = request.send(serde_json::to_vec(body)?.as_slice());
        answer(response.with_context(|| format!("{method} {}{path}", self.base))?)
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer> {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().context("cannot read the answer")?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unexpected_answer_says_what_came() {
        let body = serde_json::json!({"code": "invalid_credentials", "title": "Wrong address or password"});
        let error = Answer { status: 401, body }.expect(200, "signing in").unwrap_err();
        assert_eq!(error.to_string(), "signing in: 401 invalid_credentials Wrong address or password");
    }
}
