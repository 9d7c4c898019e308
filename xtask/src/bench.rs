//! `cargo xtask bench`: builds everything for release and runs the measurements of `crates/bench`.

use crate::stop::Stop;
use crate::{debian, places, process, start, web};
use anyhow::{Context, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// On PostgreSQL, a private one, with the embedded engine beside it
    #[arg(long)]
    postgres: bool,
    /// With --postgres, how large what is filled is: quick, usual, or full, which is up to 10,000 companies, and
    /// a million tickets in one
    #[arg(long, default_value = "usual", value_parser = ["quick", "usual", "full"])]
    scale: String,
    /// Only these: lists, creates, sockets, start, moving, eye; with --postgres also search, growth, nodes
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Tickets in the company whose list is read
    #[arg(long, default_value_t = 100_000)]
    tickets: usize,
    /// Seconds for each load
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Write the report (Markdown) here as well
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Fails when a bound is missed.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    if args.postgres {
        debian::ensure("postgres", "postgresql", stop)?;
    } else {
        // The official Socket.IO server, to compare with, and what drives the browser are npm packages.
        web::install(stop)?;
        if args.only.is_empty() || args.only.iter().any(|only| only == "eye") {
            debian::ensure("chromium", "chromium", stop)?;
        }
    }
    let flowbit = start::build_server(stop)?;
    let mut build = places::cargo();
    build.args(["build", "--release", "--package", "flowbit-bench"]);
    process::run(&mut build, stop).context("the measurements do not build")?;
    let mut command = std::process::Command::new(places::target()?.join("release/flowbit-bench"));
    command
        .arg("run")
        .arg("--flowbit")
        .arg(flowbit)
        .arg("--node-server")
        .arg(places::root().join("e2e/bench/fan-out.mjs"))
        .arg("--eye")
        .arg(places::root().join("e2e/bench/eye.mjs"))
        .args(["--tickets", &args.tickets.to_string(), "--seconds", &args.seconds.to_string()])
        .current_dir(places::root());
    if args.postgres {
        command.args(["--postgres", "--scale", &args.scale]);
    }
    if !args.only.is_empty() {
        command.args(["--only", &args.only.join(",")]);
    }
    if let Some(out) = &args.out {
        command.arg("--out").arg(out);
    }
    process::run(&mut command, stop)
}
