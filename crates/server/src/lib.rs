//! The Flowbit server: HTTP, identity, realtime, automation and the command line, on one [`App`].
//!
//! Invariants: handlers decide nothing (use-cases ask the policy); nothing is emitted or delivered
//! from a handler (the ledger's readers do that); the time and randomness are the [`App`]'s.

mod ambient;
mod app;
pub mod config;
mod http;
mod identity;
mod serve;

pub use serve::{Running, StartError, start};

pub(crate) use app::App;

/// Runs the program: what `flowbit` does.
pub fn main() -> std::process::ExitCode {
    serve::main()
}
