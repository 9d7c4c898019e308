//! Errors as clients see them: RFC 9457 problem details. The only place that renders errors.
//!
//! A [`Problem`] travels as an extension of an empty response; [`render`], called by the outermost
//! layer, gives it its body with the request's id and logs server faults, once.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flowbit_domain::{Error, FieldError};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not served.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    status: StatusCode,
    code: &'static str,
    detail: Option<String>,
    errors: Vec<FieldError>,
    tenants: Vec<TenantChoice>,
    retry_after: Option<u64>,
    /// What is logged and never shown.
    cause: Option<String>,
}

/// One of the companies in which an address can sign in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TenantChoice {
    /// Its name in addresses; what to pass as `tenant`.
    pub(crate) slug: String,
    /// Its name.
    pub(crate) name: String,
}

/// Problem details (RFC 9457), as served.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:flowbit:problem:not_found")]
    kind: String,
    /// The kind in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// The kind as a stable code.
    #[schema(example = "not_found")]
    code: &'a str,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: &'a str,
    /// Each unacceptable value and where it stands.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// With `tenant_required`: the companies to choose from.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tenants: &'a [TenantChoice],
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str) -> Self {
        Self(Box::new(Details {
            status,
            code,
            detail: None,
            errors: Vec::new(),
            tenants: Vec::new(),
            retry_after: None,
            cause: None,
        }))
    }

    /// Says what happened this time. Never anything that the caller may not know.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    pub(crate) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Says when it is worth trying again, in seconds.
    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// What does not exist, or may not be known to.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// No valid token.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// Wrong address or wrong password; nobody learns which.
    pub(crate) fn invalid_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_credentials")
    }

    /// The password was right in several companies.
    pub(crate) fn tenant_required(tenants: Vec<TenantChoice>) -> Self {
        let mut problem = Self::new(StatusCode::CONFLICT, "tenant_required")
            .with_detail("this address exists in several companies: pass one of them as `tenant`");
        problem.0.tenants = tenants;
        problem
    }

    /// Unacceptable values.
    pub(crate) fn validation(errors: Vec<FieldError>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed").with_errors(errors)
    }

    /// Too often.
    pub(crate) fn rate_limited(retry_after: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited").with_retry_after(retry_after.max(1))
    }

    /// Not at the moment.
    pub(crate) fn unavailable(cause: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable").with_retry_after(1);
        problem.0.cause = Some(cause.into());
        problem
    }

    /// Not in time.
    pub(crate) fn timed_out() -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout").with_retry_after(5);
        problem.0.cause = Some("the handler did not answer in time".into());
        problem
    }

    /// A fault of ours. `cause` is logged and never shown.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
        problem.0.cause = Some(cause.into());
        problem
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Validation(errors) => Self::validation(errors),
            Error::NotFound => Self::not_found(),
            Error::Forbidden(detail) => Self::new(StatusCode::FORBIDDEN, "forbidden").with_detail(detail),
            Error::Unauthorized { code } => Self::new(StatusCode::UNAUTHORIZED, code),
            Error::Conflict { code, detail } => Self::new(StatusCode::CONFLICT, code).with_detail(detail),
            Error::RateLimited { retry_after } => Self::rate_limited(retry_after),
            Error::Unavailable(cause) => Self::unavailable(cause),
            Error::Internal(cause) => Self::internal(cause),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.status;
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The kind in words. By status where the code says no more than it.
fn title(details: &Details) -> &'static str {
    match details.code {
        "invalid_credentials" => "The address or the password is wrong",
        "unauthenticated" => "Sign in first",
        "tenant_required" => "Choose a company",
        "validation_failed" => "Some values are not acceptable",
        "rate_limited" => "Too many requests",
        "payload_too_large" => "The request is too large",
        "malformed_json" => "The body is not JSON",
        "not_found" => "Not found",
        "unavailable" | "timeout" => "Temporarily unavailable",
        "internal" => "Internal error",
        _ => details.status.canonical_reason().unwrap_or("Error"),
    }
}

/// Gives a response that carries a [`Problem`] its body, and any other error without a body one.
pub(crate) fn render(response: &mut Response, request_id: &str) {
    let problem = match response.extensions_mut().remove::<Arc<Problem>>() {
        Some(problem) => problem,
        None => return,
    };
    let details = &problem.0;
    if details.status.is_server_error() {
        let cause = details.cause.as_deref().unwrap_or("unknown");
        tracing::error!(
            requestId = request_id,
            status = details.status.as_u16(),
            code = details.code,
            cause,
            "request failed"
        );
    }
    let body = ProblemBody {
        kind: format!("urn:flowbit:problem:{}", details.code),
        title: title(details),
        status: details.status.as_u16(),
        code: details.code,
        detail: details.detail.as_deref(),
        request_id,
        errors: &details.errors,
        tenants: &details.tenants,
    };
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if details.status == StatusCode::UNAUTHORIZED && details.code == "unauthenticated" {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = details.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.body_mut() = Body::from(bytes);
}
