//! The two cookies, neither of which a script can read: the refresh token, and the device on which
//! someone has signed in before. Both travel only to `/api/auth` and only from our own pages.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::config::Config;

/// Carries the refresh token.
pub(crate) const REFRESH: &str = "flowbit_refresh";
/// Names the device.
pub(crate) const DEVICE: &str = "flowbit_device";

/// The value of a cookie of the request.
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A `Set-Cookie` header.
pub(crate) fn set(config: &Config, name: &str, value: &str, lifetime_ms: i64) -> (HeaderName, HeaderValue) {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let seconds = lifetime_ms.max(0) / 1000;
    let text =
        format!("{name}={value}; Path=/api/auth; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    // Names and tokens are plain ASCII.
    let value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    (header::SET_COOKIE, value)
}

/// A `Set-Cookie` header that removes the cookie.
pub(crate) fn clear(config: &Config, name: &str) -> (HeaderName, HeaderValue) {
    set(config, name, "", 0)
}
