//! `Idempotency-Key`: requests that may be sent twice and take effect once.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use flowbit_domain::{
    Error,
    idempotency::{Answered, IdempotencyKey},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    extract::{JSON_LIMIT, Json, read_body, read_json, require_json},
    problem::Problem,
};

/// A JSON body, and the client's key if it sent one.
pub(crate) struct Repeatable<T> {
    pub(crate) body: T,
    pub(crate) key: Option<IdempotencyKey>,
}

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Repeatable<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let mut sent = request.headers().get_all("idempotency-key").iter();
        let sent = match (sent.next(), sent.next()) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("Idempotency-Key", "must be sent once").into());
            }
            (one, _) => one.cloned(),
        };
        // The route is part of it: the same body sent elsewhere is another request.
        let route = format!("{} {}", request.method(), request.uri().path());
        let bytes = read_body(request, JSON_LIMIT).await?;
        let key = match sent {
            None => None,
            Some(key) => {
                let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
                hash.update(&route.len().to_be_bytes());
                hash.update(route.as_bytes());
                hash.update(&bytes);
                let mut fingerprint = [0; 32];
                fingerprint.copy_from_slice(hash.finish().as_ref());
                Some(IdempotencyKey::new(key.to_str().unwrap_or_default(), fingerprint)?)
            }
        };
        Ok(Self { body: read_json(bytes).await?, key })
    }
}

/// The answer to a request that may have been sent before, which says so by `Idempotency-Replayed: true`.
pub(super) fn respond<T: Serialize>(
    status: StatusCode,
    Answered { answer, replayed }: Answered<T>,
) -> Response {
    let mut response = (status, Json(answer)).into_response();
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    response
}
