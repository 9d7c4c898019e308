//! Load with many tenants: `cargo xtask load` builds and runs it. A scenario makes its companies, starts a server
//! of its own on them, plays, writes a report with charts, and ends with exit code 1 if what it watches did not hold.

mod asked;
mod flood;
mod many;
mod options;
mod server;
mod slow;
mod sockets;
mod steady;
mod verdict;
mod watched;
mod world;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use options::Options;

#[derive(Parser)]
#[command(about = "Load with many tenants")]
struct Cli {
    /// The flowbit binary, built for release
    #[arg(long)]
    flowbit: PathBuf,
    /// Where the report goes
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    /// 200 companies of skewed size, a steady mix, their browsers' sockets open
    Steady {
        /// How many sockets are open
        #[arg(long, default_value_t = 400)]
        sockets: usize,
    },
    /// One company asks as fast as it can while another, quiet one is watched
    Flood,
    /// Workflows answer after seconds: deliveries wait, the desk does not
    SlowN8n {
        /// After how many seconds a workflow answers
        #[arg(long, default_value_t = 5)]
        delay: u64,
    },
    /// 10,000 companies with little to do
    Many,
}

/// What every scenario is told.
pub(crate) struct Plan<'a> {
    pub(crate) flowbit: &'a Path,
    pub(crate) report: PathBuf,
    pub(crate) options: Options,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    std::fs::create_dir_all(&cli.out).with_context(|| format!("cannot make {}", cli.out.display()))?;
    let name = match cli.scenario {
        Scenario::Steady { .. } => "steady",
        Scenario::Flood => "flood",
        Scenario::SlowN8n { .. } => "slow-n8n",
        Scenario::Many => "many",
    };
    let plan =
        Plan { flowbit: &cli.flowbit, report: cli.out.join(format!("{name}.html")), options: cli.options };
    let verdict = match cli.scenario {
        Scenario::Steady { sockets } => steady::play(&plan, sockets).await?,
        Scenario::Flood => flood::play(&plan).await?,
        Scenario::SlowN8n { delay } => slow::play(&plan, delay).await?,
        Scenario::Many => many::play(&plan).await?,
    };
    verdict.note(&format!("report: {}", plan.report.display()));
    Ok(if verdict.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
