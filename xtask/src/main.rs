//! What a person types to build, start, test and measure Flowbit: `cargo xtask --help`.

mod bench;
mod compose;
mod console;
mod debian;
mod dev;
mod http;
mod load;
mod n8n;
mod pip;
mod places;
mod process;
mod release;
mod stamp;
mod start;
mod stop;
mod test;
mod web;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Build, start, test and measure Flowbit")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and start Flowbit with its demo companies and n8n; Ctrl-C stops everything
    Start(start::Args),
    /// Work on Flowbit: the server is built and started again on each change, the web side changes in open pages
    Dev(dev::Args),
    /// Install and start n8n, the real one, alone
    N8n(n8n::Args),
    /// Run everything that must hold, in stages
    Test(test::Args),
    /// Make a release: version, changelog, programs, images, commit and tag
    Release(release::Args),
    /// Measure, each figure as a ratio within one run
    Bench(bench::Args),
    /// Play load with many companies; reports with charts, and an exit code that says whether all held
    Load(load::Args),
    /// Write docs/openapi.json and the TypeScript client from the code
    Openapi,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = stop::Stop::listen().and_then(|stop| match &cli.task {
        Task::Start(args) => start::run(args, &stop),
        Task::Dev(args) => dev::run(args, &stop),
        Task::N8n(args) => n8n::run(args, &stop),
        Task::Test(args) => test::run(args, &stop),
        Task::Release(args) => release::run(args, &stop),
        Task::Bench(args) => bench::run(args, &stop),
        Task::Load(args) => load::run(args, &stop),
        Task::Openapi => test::write_openapi(&stop),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<stop::Stopped>() => ExitCode::from(130),
        Err(error) => {
            console::warn(format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
