//! The use-cases of automation on a real store, with a clock that the tests turn.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, its helpers too")]

mod callbacks;
mod deliveries;
mod endpoints;
mod fixture;
mod outages;
#[path = "../harness/place.rs"]
mod place;
