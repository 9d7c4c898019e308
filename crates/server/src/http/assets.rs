//! The web side: the shell and the screens' programs, embedded in the binary.
//!
//! Files with a content hash in their name are cached for ever, all others are asked for again by
//! their ETag. The build's `.br` and `.gz` siblings are served as they are. Any other address without
//! an extension is the shell's page, which gets a fresh nonce for its content security policy.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;
use rust_embed::RustEmbed;

use super::problem::Problem;
use crate::{app::App, registry::Registry};

#[cfg(test)]
#[path = "assets/tests.rs"]
mod tests;

/// What the build of the web wrote. Read from disk in debug builds. It may be absent.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct WebDist;

/// The folder of the page and its own files.
const SHELL: &str = "shell";
/// Stands in the page wherever the nonce goes.
const NONCE_PLACEHOLDER: &str = "__CSP_NONCE__";
/// First segments that belong to the server: nothing of the web is ever there.
const SERVER_ONLY: [&str; 8] =
    ["api", "webhook", "socket.io", ".well-known", "healthz", "readyz", "metrics", "unsubscribe"];

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// A file of the web.
struct File {
    bytes: Cow<'static, [u8]>,
    hash: [u8; 32],
}

/// Where files are looked for; tests have their own.
type Find<'a> = &'a dyn Fn(&str) -> Option<File>;

fn find_embedded(path: &str) -> Option<File> {
    let file = WebDist::get(path)?;
    Some(File { hash: file.metadata.sha256_hash(), bytes: file.data })
}

/// Serves everything that is no route: files, the page, and 404 for the rest.
pub(crate) async fn serve_web(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut random = [0; 16];
    app.randomness.fill(&mut random);
    let page = Page {
        nonce: STANDARD_NO_PAD.encode(random),
        websocket: websocket_origin(app.config.origin()),
        registry: &app.registry.current(),
    };
    answer(&method, uri.path(), &headers, &find_embedded, &page)
}

/// What the page's policy is made of.
struct Page<'a> {
    nonce: String,
    websocket: String,
    registry: &'a Registry,
}

fn answer(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    find: Find<'_>,
    page: &Page<'_>,
) -> Result<Response, Problem> {
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    if SERVER_ONLY.contains(&first) {
        return Err(Problem::not_found());
    }
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed").into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
        return Ok(response);
    }
    if first == "remotes" {
        let mut response = find_plain(path, find).map_or_else(
            || Problem::not_found().into_response(),
            |file| file_response(path, file, headers, find),
        );
        // Another origin's shell may load our screens' programs: they hold no secrets.
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
        return Ok(response);
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.contains('.') && path != "index.html" {
        let path = format!("{SHELL}/{path}");
        let file = find_plain(&path, find).ok_or_else(Problem::not_found)?;
        return Ok(file_response(&path, file, headers, find));
    }
    page_response(find, page)
}

/// Looks a file up, unless the path is one that no file of a build has.
fn find_plain(path: &str, find: Find<'_>) -> Option<File> {
    let plain = |segment: &str| {
        !segment.starts_with('.')
            && !segment.is_empty()
            && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'~'))
    };
    // The siblings are found through what they are copies of.
    let sibling = path.ends_with(".br") || path.ends_with(".gz");
    (!sibling && path.split('/').all(plain)).then(|| find(path)).flatten()
}

fn file_response(path: &str, plain: File, headers: &HeaderMap, find: Find<'_>) -> Response {
    let (file, encoding) = ["br", "gzip"]
        .into_iter()
        .filter(|encoding| accepts(headers, encoding))
        .find_map(|encoding| {
            let suffix = if encoding == "gzip" { "gz" } else { encoding };
            Some((find(&format!("{path}.{suffix}"))?, Some(encoding)))
        })
        .unwrap_or((plain, None));
    let etag = format!("\"{}\"", hex::encode(&file.hash[..16]));
    let unchanged = super::cache::tags(headers)
        .any(|tag| matches!(tag.trim_start_matches("W/"), tag if tag == etag || tag == "*"));

    let mut response = Response::new(Body::empty());
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(match file.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        });
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, if has_content_hash(path) { FOR_EVER } else { ASK_AGAIN });
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// The shell's page, or, when the web was not built, one that says how to build it.
fn page_response(find: Find<'_>, page: &Page<'_>) -> Result<Response, Problem> {
    let html = match find(&format!("{SHELL}/index.html")) {
        Some(file) => String::from_utf8_lossy(&file.bytes).replace(NONCE_PLACEHOLDER, &page.nonce),
        None => NOT_BUILT.replace(NONCE_PLACEHOLDER, &page.nonce),
    };
    let policy =
        HeaderValue::try_from(content_security_policy(page)).map_err(|e| Problem::internal(e.to_string()))?;
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    // No ETag: a page from a cache would bear a nonce that its new policy does not name.
    headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

fn content_security_policy(page: &Page<'_>) -> String {
    let Page { nonce, websocket, registry } = page;
    let remotes: String = registry.remote_origins().iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'{remotes}; style-src 'self' 'nonce-{nonce}'{remotes}; \
         img-src 'self' data: blob:{remotes}; font-src 'self'{remotes}; connect-src 'self' {websocket}{remotes}; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    )
}

/// The origin of our own socket: not every browser takes `'self'` for it.
fn websocket_origin(origin: &str) -> String {
    origin.replacen("http", "ws", 1)
}

/// Whether the client takes that encoding (RFC 9110, 12.5.3), absent qualities counting as 1.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let mut wildcard = false;
    for entry in headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused =
            parts.filter_map(|p| p.strip_prefix("q=")).any(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0));
        if name.eq_ignore_ascii_case(encoding) {
            return !refused;
        }
        wildcard |= name == "*" && !refused;
    }
    wildcard
}

/// Whether the name says what is in the file, as in `index.bdde03330d.js`.
fn has_content_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let hash = |part: &str| part.len() >= 8 && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    name.split('.').skip(1).any(hash)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// What stands at `/` of a server that was built without the web.
const NOT_BUILT: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Flowbit: the web is not built</title>
    <style nonce="__CSP_NONCE__">
      :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
      body { max-width: 40rem; margin: 15vh auto; padding: 0 1.5rem; }
      code { font-size: 0.95em; }
    </style>
  </head>
  <body>
    <h1>Flowbit is running, without its web side</h1>
    <p>The API is served under <code>/api</code>; <a href="/api/openapi.json">its description</a> says all of it.</p>
    <p>To build the screens, in the project's folder:</p>
    <pre><code>npm install --no-save
npm run build</code></pre>
    <p>
      Then build the server again (<code>cargo build --release</code>): the web is embedded in the binary.
      A debug build reads it from <code>web/dist</code> and needs no building anew.
      <code>cargo xtask start</code> does all of it.
    </p>
  </body>
</html>
"#;
