//! Who is asking, over HTTP: sign-in, sessions, tokens, limits, people, kept
//! answers, the audit trail, and how bad input is answered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

mod answers;
mod audit;
mod bad_input;
mod limits;
mod people;
#[path = "../harness/place.rs"]
mod place;
mod revocation;
mod sign_in;
mod support;
mod tokens;
