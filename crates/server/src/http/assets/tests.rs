//! With and without a built web.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::*;

fn built() -> HashMap<&'static str, &'static str> {
    HashMap::from([
        ("shell/index.html", r#"<script nonce="__CSP_NONCE__"></script><p nonce="__CSP_NONCE__">"#),
        ("shell/static/js/index.bdde03330d.js", "plain"),
        ("shell/static/js/index.bdde03330d.js.br", "brotli"),
        ("shell/static/js/index.bdde03330d.js.gz", "gzip"),
        ("shell/robots.txt", "robots"),
        ("remotes/admin/mf-manifest.json", "{}"),
        ("remotes/admin/static/js/entry.0123456789.js", "entry"),
        ("secret", "outside"),
    ])
}

fn get_as(
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
    files: &HashMap<&str, &'static str>,
) -> Response {
    let find = |path: &str| {
        files
            .get(path)
            .map(|text| File { bytes: Cow::Borrowed(text.as_bytes()), hash: Sha256::digest(text).into() })
    };
    let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    let registry = Registry::parse(
        r#"{"default": {"screens": [{"id": "a", "title": "A", "path": "/a", "icon": "a", "roles": ["admin"],
            "remote": {"name": "a", "entry": "https://cdn.example/mf-manifest.json", "module": "./A"}}]}}"#,
    )
    .unwrap();
    let page = Page {
        nonce: "n0nce".into(),
        websocket: websocket_origin("https://desk.example"),
        registry: &registry,
    };
    answer(&method, path, &headers, &find, &page).unwrap_or_else(IntoResponse::into_response)
}

fn get(path: &str, headers: &[(HeaderName, &str)]) -> Response {
    get_as(Method::GET, path, headers, &built())
}

fn header(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response) -> String {
    use http_body_util::BodyExt;
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn hashed_files_are_kept_for_ever_in_the_best_encoding() {
    const FILE: &str = "/static/js/index.bdde03330d.js";
    for (asked, encoding, content) in [
        ("gzip, deflate, br, zstd", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", "gzip"),
        ("*", "br", "brotli"),
        ("identity", "", "plain"),
        ("", "", "plain"),
    ] {
        let response = get(FILE, &[(header::ACCEPT_ENCODING, asked)]);
        assert_eq!(header(&response, header::CONTENT_ENCODING), encoding, "{asked}");
        assert_eq!(header(&response, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(header(&response, header::CONTENT_TYPE), "text/javascript; charset=utf-8");
        assert_eq!(header(&response, header::VARY), "accept-encoding");
        assert_eq!(body(response).await, content, "{asked}");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let first = get("/robots.txt", &[]);
    assert_eq!(header(&first, header::CACHE_CONTROL), "no-cache");
    let etag = header(&first, header::ETAG).to_owned();
    for known in [etag.clone(), format!("\"other\", W/{etag}"), "*".to_owned()] {
        let again = get("/robots.txt", &[(header::IF_NONE_MATCH, &known)]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&again, header::ETAG), etag);
        assert_eq!(body(again).await, "");
    }
    assert_eq!(get("/robots.txt", &[(header::IF_NONE_MATCH, "\"other\"")]).status(), StatusCode::OK);
}

#[tokio::test]
async fn every_other_address_is_the_page_with_its_own_nonce() {
    for path in ["/", "/tickets", "/tickets/4711/edit", "/invite", "/index.html", "/apiary"] {
        let response = get(path, &[]);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&response, header::CACHE_CONTROL), "no-cache");
        assert_eq!(header(&response, header::ETAG), "");
        let policy = header(&response, header::CONTENT_SECURITY_POLICY).to_owned();
        assert!(policy.contains("script-src 'self' 'nonce-n0nce' https://cdn.example;"), "{policy}");
        assert!(policy.contains("connect-src 'self' wss://desk.example https://cdn.example;"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(body(response).await, r#"<script nonce="n0nce"></script><p nonce="n0nce">"#);
    }
}

#[test]
fn what_is_not_there_is_404_and_never_the_page() {
    for path in [
        "/static/js/index.0000000000.js",
        "/static/js/index.bdde03330d.js.br",
        "/remotes/none/mf-manifest.json",
        "/remotes/admin",
        "/remotes",
        "/remotes/../secret",
        "/remotes/./../secret",
        "/remotes//etc/passwd.txt",
        "/../secret.txt",
        "/.env",
        "/api",
        "/api/nothing",
        "/webhook/nothing",
        "/socket.io",
        "/.well-known/nothing",
        "/favicon.ico",
        // Who watches the wrong address must not take the page for a good sign.
        "/healthz/",
        "/readyz/",
        "/readyz/nothing",
        "/metrics",
    ] {
        assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
    }
    let refused = get_as(Method::POST, "/", &[], &built());
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(header(&refused, header::ALLOW), "GET,HEAD");
    assert_eq!(get_as(Method::HEAD, "/", &[], &built()).status(), StatusCode::OK);
}

#[test]
fn remotes_can_be_loaded_by_another_origin() {
    for (path, cached) in [
        ("/remotes/admin/mf-manifest.json", "no-cache"),
        ("/remotes/admin/static/js/entry.0123456789.js", "public, max-age=31536000, immutable"),
    ] {
        let response = get(path, &[(header::ORIGIN, "https://elsewhere.example")]);
        assert_eq!(header(&response, header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
        assert_eq!(header(&response, header::CACHE_CONTROL), cached);
    }
    assert_eq!(header(&get("/robots.txt", &[]), header::ACCESS_CONTROL_ALLOW_ORIGIN), "");
}

#[tokio::test]
async fn without_the_web_the_page_says_how_to_build_it() {
    let nothing = HashMap::new();
    let response = get_as(Method::GET, "/tickets", &[], &nothing);
    assert_eq!(response.status(), StatusCode::OK);
    let html = body(response).await;
    assert!(html.contains("npm run build") && html.contains(r#"<style nonce="n0nce">"#), "{html}");
    assert_eq!(get_as(Method::GET, "/static/a.js", &[], &nothing).status(), StatusCode::NOT_FOUND);
}
