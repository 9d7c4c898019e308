//! Whether an answer is one that the document says: each answer that a suite gets is looked at.

use std::sync::OnceLock;

use serde_json::Value as Json;

use super::client::{Answer, Request};

/// What must be declared where it is sent.
const HEADERS: [(&str, &str); 7] = [
    ("x-request-id", "X-Request-Id"),
    ("etag", "ETag"),
    ("location", "Location"),
    ("retry-after", "Retry-After"),
    ("set-cookie", "Set-Cookie"),
    ("www-authenticate", "WWW-Authenticate"),
    ("idempotency-replayed", "Idempotency-Replayed"),
];

fn document() -> &'static Json {
    static DOCUMENT: OnceLock<Json> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        serde_json::from_str(include_str!("../../../../docs/openapi.json")).expect("the document is JSON")
    })
}

/// The operation that answers such a request.
fn find(method: &str, path: &str) -> Option<&'static Json> {
    let path = path.split('?').next().unwrap_or_default();
    let is_it = |template: &str| {
        template.split('/').count() == path.split('/').count()
            && template
                .split('/')
                .zip(path.split('/'))
                .all(|(wanted, sent)| wanted == sent || (wanted.starts_with('{') && !sent.is_empty()))
    };
    let all = document()["paths"].as_object()?;
    let exact =
        all.get(path).or_else(|| all.iter().find(|(template, _)| is_it(template)).map(|(_, item)| item));
    exact?.get(method.to_lowercase())
}

/// Fails where the document does not say that this may be answered.
#[track_caller]
pub(crate) fn check(request: &Request, answer: &Answer) {
    let Some(operation) = find(request.method.as_str(), &request.path) else { return };
    let what = format!("{} {} answers {}", request.method, request.path, answer.status);
    let mut response = &operation["responses"][answer.status.to_string()];
    if let Some(shared) = response["$ref"].as_str() {
        response = document().pointer(&shared[1..]).expect("references lead somewhere");
    }
    assert!(response.is_object(), "{what}, which the document does not say: {answer:?}");
    let is_said = |name: &str| response["headers"][name].is_object();
    for (header, name) in HEADERS {
        let is_sent = answer.headers.contains_key(header);
        assert!(!is_sent || is_said(name), "{what} with {name}, which the document does not say");
    }
    let content = response["content"].as_object();
    match answer.header("content-type") {
        _ if answer.body.is_empty() => {}
        Some(kind) => {
            let kind = kind.split(';').next().unwrap_or_default();
            let is_said = |kind| content.is_some_and(|content| content.contains_key(kind));
            // A file is whatever it is.
            let is_said = is_said(kind) || is_said("*/*");
            assert!(is_said, "{what} as {kind}, which the document does not say");
        }
        None => panic!("{what} and does not say as what"),
    }
}
