//! `cargo xtask load`: builds everything for release and plays the scenarios of `crates/load`.

use crate::stop::Stop;
use crate::{console, places, process, start};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

#[path = "../../crates/load/src/options.rs"]
mod options;

use options::Options;

/// The scenarios, in the order in which they are played.
const SCENARIOS: [&str; 4] = ["steady", "flood", "slow-n8n", "many"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these
    #[arg(value_name = "SCENARIO", value_parser = SCENARIOS)]
    only: Vec<String>,
    #[command(flatten)]
    options: Options,
    /// Where the reports (HTML) go [default: load in cargo's target folder]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Fails when something that must hold did not.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    let flowbit = start::build_server(stop)?;
    let mut build = places::cargo();
    build.args(["build", "--release", "--package", "flowbit-load"]);
    process::run(&mut build, stop).context("the load does not build")?;
    let out = match &args.out {
        Some(out) => out.clone(),
        None => places::target()?.join("load"),
    };
    let mut missed = Vec::new();
    for scenario in SCENARIOS {
        if !args.only.is_empty() && !args.only.iter().any(|name| name == scenario) {
            continue;
        }
        let mut command = Command::new(places::target()?.join("release/flowbit-load"));
        let Options { seconds, users, companies, largest } = args.options;
        command.arg("--flowbit").arg(&flowbit).arg("--out").arg(&out);
        command.arg(format!("--seconds={seconds}")).arg(format!("--largest={largest}"));
        command.args(users.map(|users| format!("--users={users}")));
        command.args(companies.map(|companies| format!("--companies={companies}")));
        command.arg(scenario);
        if let Err(error) = process::run(&mut command, stop) {
            if stop.requested() {
                return Err(error);
            }
            console::warn(format!("{scenario}: {error:#}"));
            missed.push(scenario);
        }
    }
    if !missed.is_empty() {
        bail!("not everything held: {}", missed.join(", "));
    }
    Ok(())
}
