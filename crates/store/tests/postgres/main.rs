//! What holds on PostgreSQL alone: how many journeys things take, that a request dropped anywhere leaves
//! nothing behind, that the database itself keeps tenants apart, and what is refused before anything is served.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there")]

mod attempts;
mod batches;
mod cancellation;
mod faults;
mod isolation;
mod journeys;
mod migrations;
mod noted;
mod poolers;
mod proxy;
mod refusals;
mod support;
mod tenants;
mod together;
#[path = "../shared/use_cases.rs"]
mod use_cases;
mod without_where;
