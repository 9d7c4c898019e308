//! Who is asking, over HTTP: sign-in, sessions, tokens, limits, people, and how bad input is answered.

#![expect(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod bad_input;
mod limits;
mod people;
mod revocation;
mod sign_in;
mod support;
mod tokens;
