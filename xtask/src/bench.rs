//! `cargo xtask bench`: builds everything for release and runs the measurements of `crates/bench`.

use crate::stop::Stop;
use crate::{places, process, start, web};
use anyhow::{Context, Result};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these: lists, creates, sockets, start
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
    // The official Socket.IO server, to compare with, is an npm package.
    web::install(stop)?;
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
        .args(["--tickets", &args.tickets.to_string(), "--seconds", &args.seconds.to_string()])
        .current_dir(places::root());
    if !args.only.is_empty() {
        command.args(["--only", &args.only.join(",")]);
    }
    if let Some(out) = &args.out {
        command.arg("--out").arg(out);
    }
    process::run(&mut command, stop)
}
