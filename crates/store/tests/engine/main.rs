//! The embedded engine, tried with small commands of its own over the real schema.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there")]

mod batches;
mod control;
mod faults;
mod files;
mod ledger;
mod opening;
mod queues;
mod statements;
mod support;
