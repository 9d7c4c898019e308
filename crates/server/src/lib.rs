//! The Flowbit server: HTTP, identity, realtime, automation and the command line, on one [`App`].
//!
//! Invariants: handlers decide nothing (use-cases ask the policy); nothing is emitted or delivered
//! from a handler (the ledger's readers do that); the time and randomness are the [`App`]'s.

mod ambient;
mod app;
mod archive;
mod automation;
mod backup;
mod checkpoint;
mod cli;
pub mod config;
mod demo;
mod descriptors;
mod doctor;
mod http;
mod identity;
mod journal;
mod mail;
mod presence;
mod realtime;
mod registry;
mod serve;
mod telemetry;
mod waiting;

pub use serve::{Bound, Running, StartError, bind, start_with};

/// Runs the program: what `flowbit` does.
pub fn main() -> std::process::ExitCode {
    cli::main()
}
