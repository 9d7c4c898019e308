//! Extractors of our own, which answer every bad input with a [`Problem`].
//!
//! Malformed JSON is 400, a wrong or missing value and an unknown field 422 with its path, another
//! media type 415, too large a body 413. A path that can't be an id is a thing that does not exist.
//! U+0000 is refused everywhere: one of the two engines can't keep it.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use flowbit_domain::FieldError;
use http_body_util::BodyExt;
use serde::{Serialize, de::DeserializeOwned};

use super::problem::Problem;

/// How large a JSON body may be.
pub(crate) const JSON_LIMIT: usize = 1024 * 1024;
/// A client has so long to send its body: not as long as a handler may take, so that the fault is
/// told as the client's.
const BODY_WITHIN: Duration = Duration::from_secs(20);
/// A JSON body of so many bytes is read at once.
const READ_AT_ONCE: usize = 2048;
/// Of a body that is larger than it may be, so much is read all the same.
const THROWN_AWAY: usize = 16 * 1024 * 1024;
/// And no longer than this.
const THROWN_AWAY_WITHIN: Duration = Duration::from_secs(1);

/// A JSON body of at most [`JSON_LIMIT`] bytes; as an answer, JSON.
pub(crate) struct Json<T>(pub(crate) T);

/// The query, of which every parameter must be known.
pub(crate) struct Query<T>(pub(crate) T);

/// The parts of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        require_json(request.headers())?;
        let bytes = read_body(request, JSON_LIMIT).await?;
        read_json(bytes).await.map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Problem::not_found()),
        }
    }
}

/// Refuses bodies of another media type, which also makes browsers ask before other sites may send one.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = value.and_then(|v| v.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
        .with_detail("the body must be application/json"))
}

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn read_body(request: Request, limit: usize) -> Result<bytes::Bytes, Problem> {
    let too_large = || {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large")
            .with_detail(format!("the body may have at most {limit} bytes"))
    };
    if announces_more_than(request.headers(), limit) {
        return Err(too_large());
    }
    let mut body = request.into_body();
    let whole = http_body_util::Limited::new(&mut body, limit).collect();
    let Ok(read) = tokio::time::timeout(BODY_WITHIN, whole).await else {
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout")
            .with_detail(format!("the body did not arrive within {} seconds", BODY_WITHIN.as_secs())));
    };
    match read {
        Ok(body) => Ok(body.to_bytes()),
        Err(e) if e.is::<http_body_util::LengthLimitError>() => {
            throw_away(&mut body).await;
            Err(too_large())
        }
        Err(_) => Err(Problem::new(StatusCode::BAD_REQUEST, "incomplete_body")
            .with_detail("the body ended before its announced length")),
    }
}

/// Whether a body is announced that is so much larger than the limit that nothing of it is read.
pub(super) fn announces_more_than(headers: &HeaderMap, limit: usize) -> bool {
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // Who asks first has sent nothing that would have to be read.
    let asks =
        headers.get(header::EXPECT).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let most = if asks { limit } else { limit.saturating_add(THROWN_AWAY) };
    announced.is_some_and(|n| usize::try_from(n).map_or(true, |n| n > most))
}

/// Reads what is too much, within reason: a client that is still sending when the connection is closed
/// may never get to read why.
pub(super) async fn throw_away(body: &mut Body) {
    let thrown = async {
        let mut left = THROWN_AWAY;
        while let Some(Ok(frame)) = body.frame().await {
            match left.checked_sub(frame.data_ref().map_or(0, bytes::Bytes::len)) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // Whoever is slower than that has been told enough.
    let _ = tokio::time::timeout(THROWN_AWAY_WITHIN, thrown).await;
}

/// [`parse_json`]; what is long is read where it holds nobody else up. Formatted text is sanitised as it is read, which
/// takes many milliseconds.
pub(crate) async fn read_json<T: DeserializeOwned + Send + 'static>(
    bytes: bytes::Bytes,
) -> Result<T, Problem> {
    if bytes.len() <= READ_AT_ONCE {
        return parse_json(&bytes);
    }
    let read = tokio::task::spawn_blocking(move || parse_json(&bytes)).await;
    read.unwrap_or_else(|error| Err(Problem::internal(format!("a body could not be read: {error}"))))
}

/// Reads a JSON object; what is wrong is said with its path.
pub(crate) fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if std::str::from_utf8(bytes).is_err() {
        // Serde says so only where it needs the text.
        return Err(
            Problem::new(StatusCode::BAD_REQUEST, "malformed_json").with_detail("the body is not UTF-8")
        );
    }
    refuse_nul(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let parsed = match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => reader.end().map(|()| value).map_err(|e| (".".to_owned(), e)),
        Err(e) => Err((e.path().to_string(), e.into_inner())),
    };
    // Serde takes an array for an object whose fields come in order. We don't.
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    match parsed {
        Ok(value) if is_object => Ok(value),
        Ok(_) => Err(Problem::validation(vec![not_an_object()])),
        Err((path, error)) => {
            // Only what is JSON can have wrong values, also if those come first.
            if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
                return Err(malformed(&error));
            }
            let error = if is_object { field_error(&path, &error.to_string()) } else { not_an_object() };
            Err(Problem::validation(vec![error]))
        }
    }
}

fn not_an_object() -> FieldError {
    FieldError { path: ".".into(), message: "must be a JSON object".into() }
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json").with_detail(error.to_string())
}

/// Reads a query; what is wrong is said with its parameter.
pub(crate) fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    for (name, value) in pairs {
        if value.contains('\0') || name.contains('\0') {
            return Err(Problem::validation(vec![FieldError {
                path: name.replace('\0', ""),
                message: "must not contain U+0000".into(),
            }]));
        }
    }
    let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|e| {
        let path = e.path().to_string();
        Problem::validation(vec![field_error(&path, &e.into_inner().to_string())])
    })
}

/// Reads a parameter of the query that is a JSON object; what is wrong is said with its place in it.
pub(crate) fn parse_parameter<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let parsed = match serde_path_to_error::deserialize(&mut reader) {
        Ok(value) => reader.end().map(|()| value).map_err(|e| (".".to_owned(), e)),
        Err(e) => Err((e.path().to_string(), e.into_inner())),
    };
    parsed.map_err(|(path, error)| {
        let FieldError { path, message } = field_error(&path, &error.to_string());
        let path = if path == "." { name.to_owned() } else { format!("{name}.{path}") };
        Problem::validation(vec![FieldError { path, message }])
    })
}

/// Serde tells of unknown and missing fields at the object that holds them: the path is made to
/// name the field itself, and the position in the text (` at line 1 column 9`) is left out.
fn field_error(path: &str, message: &str) -> FieldError {
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name);
    let path = match (path, named) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    FieldError { path, message: message.to_owned() }
}

/// Refuses `\u0000` anywhere in a JSON text, keys included.
fn refuse_nul(bytes: &[u8]) -> Result<(), Problem> {
    // The escape is the only way to write it: a raw control character is not JSON. It is rare, so
    // that the text is looked at as JSON only when the six characters are there.
    if !bytes.windows(6).any(|w| w == br"\u0000") {
        return Ok(());
    }
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return Ok(()) };
    match find_nul(&value, String::new()) {
        Some(path) => {
            let path = if path.is_empty() { ".".into() } else { path };
            Err(Problem::validation(vec![FieldError { path, message: "must not contain U+0000".into() }]))
        }
        None => Ok(()),
    }
}

fn find_nul(value: &serde_json::Value, path: String) -> Option<String> {
    match value {
        serde_json::Value::String(s) => s.contains('\0').then_some(path),
        serde_json::Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| find_nul(item, format!("{path}[{i}]")))
        }
        serde_json::Value::Object(fields) => fields.iter().find_map(|(key, item)| {
            let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if key.contains('\0') { Some(path.clone()) } else { find_nul(item, inner) }
        }),
        _ => None,
    }
}

/// An empty body, for answers that have none.
pub(crate) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "read by serde alone")]
        inner: Vec<Inner>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "read by serde alone")]
        name: String,
    }

    fn refusal(text: &str) -> (u16, String) {
        let problem = parse_json::<Outer>(text.as_bytes()).unwrap_err();
        (problem.status().as_u16(), format!("{problem:?}"))
    }

    #[test]
    fn what_is_wrong_is_said_with_its_path() {
        for (text, status, path) in [
            (r#"{"inner": [{"name": 1}]}"#, 422, "inner[0].name"),
            (r#"{"inner": [{"name": "a"}, {}]}"#, 422, "inner[1].name"),
            (r#"{"inner": [{"name": "a", "nick": "b"}]}"#, 422, "inner[0].nick"),
            (r#"{"inner": [], "more": 1}"#, 422, "more"),
            (r#"{}"#, 422, "inner"),
            (r#"{"inner": [{"name": "a\u0000b"}]}"#, 422, "inner[0].name"),
            (r#"[[{"name": "a"}]]"#, 422, "."),
            ("null", 422, "."),
        ] {
            let (got, shown) = refusal(text);
            assert_eq!(got, status, "{text}");
            assert!(shown.contains(&format!("path: {path:?}")), "{text}: {shown}");
        }
        for text in ["", "{", "{\"inner\": []} x", "nope", "{\"inner\": 1, ", "{} {}"] {
            assert_eq!(refusal(text).0, 400, "{text}");
        }
    }

    #[test]
    fn an_escaped_backslash_is_not_u0000() {
        assert!(parse_json::<Outer>(br#"{"inner": [{"name": "\\u0000"}]}"#).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_the_clients_fault() {
        let began = tokio::time::Instant::now();
        let first = Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"{"));
        let endless = futures_util::StreamExt::chain(
            futures_util::stream::iter([first]),
            futures_util::stream::pending(),
        );
        let request = Request::new(Body::from_stream(endless));
        let problem = read_body(request, JSON_LIMIT).await.unwrap_err();
        assert_eq!(problem.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(began.elapsed(), BODY_WITHIN);
    }

    #[test]
    fn what_is_wrong_in_a_parameter_is_said_with_its_place() {
        for (text, path) in [
            ("", "filter"),
            ("[]", "filter"),
            (r#"{"all":[]} {}"#, "filter"),
            (r#"{"colour":{"is":["red"]}}"#, "filter"),
            (r#"{"all":[{"status":{"is":["opne"]}}]}"#, "filter.all[0].status.is[0]"),
            (r#"{"status":{"was":["open"]}}"#, "filter.status"),
            (r#"{"assignee":{"is":["Anna"]}}"#, "filter.assignee.is[0]"),
            (r#"{"createdAt":{"after":"today"}}"#, "filter.createdAt.after"),
            (r#"{"any":[{"customField":{"key":"a","is":[{}]}}]}"#, "filter.any[0].customField"),
            (r#"{"text":{"contain":"x"}}"#, "filter.text.contain"),
        ] {
            let problem = parse_parameter::<flowbit_domain::ticket::Expression>("filter", text).unwrap_err();
            let shown = format!("{problem:?}");
            assert_eq!(problem.status(), 422, "{text}");
            assert!(shown.contains(&format!("path: {path:?}")), "{text}: {shown}");
        }
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        #[expect(dead_code, reason = "read by serde alone")]
        limit: Option<u32>,
    }

    #[test]
    fn queries_know_their_parameters() {
        assert!(parse_query::<Filter>("limit=3").is_ok());
        for (query, path) in
            [("limt=3", "limt"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"), ("limit=%00", "limit")]
        {
            let shown = format!("{:?}", parse_query::<Filter>(query).unwrap_err());
            assert!(shown.contains(&format!("path: {path:?}")), "{query}: {shown}");
        }
    }

    #[tokio::test]
    async fn what_takes_long_to_read_holds_nobody_up() {
        let body = serde_json::json!({ "html": "<p>a <em>b</em></p>".repeat(700) }).to_string();
        let mut reading = std::pin::pin!(read_json::<flowbit_domain::message::NewMessage>(body.into()));
        let waits = std::future::poll_fn(|cx| std::task::Poll::Ready(reading.as_mut().poll(cx).is_pending()));
        assert!(waits.await);
        assert!(reading.await.unwrap().html.is_some());
    }
}
