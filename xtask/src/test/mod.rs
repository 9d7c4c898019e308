//! `cargo xtask test`: everything that must hold, as stages in the order in which they are cheap. What it runs
//! is what `.ci/run` runs.

mod alerts;
mod compose;
mod stages;
mod workflow;

pub(crate) use stages::tool;

use crate::stop::{Stop, Stopped};
use crate::{console, places, process};
use anyhow::{Context, Result, bail};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run this stage alone; may be given several times
    #[arg(long, value_name = "STAGE", value_parser = stages::names())]
    only: Vec<String>,
    /// Leave out what takes minutes: dependencies, the release build, browsers
    #[arg(long)]
    quick: bool,
    /// Go on after a stage failed
    #[arg(long)]
    keep_going: bool,
}

/// What a stage came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed(Duration),
    Failed(Duration),
    /// Behind a failed one.
    NotRun,
}

/// How many of the last lines of a failed stage the summary repeats: enough for what failed in several tests.
const LAST_WORDS: usize = 40;

/// Where what the stages say is kept, so that the summary can repeat it: nobody scrolls in a log of CI. `None`
/// on a terminal, where commands show their progress and the person sees what failed.
fn records() -> Result<Option<PathBuf>> {
    if std::io::stdout().is_terminal() {
        return Ok(None);
    }
    let folder = places::target()?.join("xtask/stages");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(Some(folder))
}

fn record(folder: &Path, stage: &stages::Stage) -> PathBuf {
    folder.join(stage.name).with_extension("log")
}

/// Runs the chosen stages. The last line says `N passed, N failed`.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    let chosen: Vec<&stages::Stage> = stages::ALL.iter().filter(|stage| is_chosen(args, stage)).collect();
    let records = records()?;
    let mut outcomes = Vec::new();
    for stage in &chosen {
        let broken = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_)));
        if broken && !args.keep_going {
            outcomes.push(Outcome::NotRun);
            continue;
        }
        console::heading(&format!("{}: {}", stage.name, stage.what));
        let begun = Instant::now();
        let ended = match &records {
            Some(folder) => process::recording(&record(folder, stage), || (stage.run)(stop))?,
            None => (stage.run)(stop),
        };
        match ended {
            Ok(()) => outcomes.push(Outcome::Passed(begun.elapsed())),
            Err(error) if error.is::<Stopped>() => return Err(error),
            Err(error) => {
                console::say(console::red(&format!("{}: {error:#}", stage.name)));
                outcomes.push(Outcome::Failed(begun.elapsed()));
            }
        }
    }
    console::heading("summary");
    for (stage, outcome) in chosen.iter().zip(&outcomes) {
        console::say(line(stage.name, *outcome));
        if let (Some(folder), Outcome::Failed(_)) = (&records, outcome) {
            console::say(process::tail(&record(folder, stage), LAST_WORDS).trim_end());
        }
    }
    console::say(closing(&outcomes));
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
        bail!("not everything holds");
    }
    Ok(())
}

fn is_chosen(args: &Args, stage: &stages::Stage) -> bool {
    if args.only.is_empty() {
        !(args.quick && stage.slow)
    } else {
        args.only.iter().any(|name| name == stage.name)
    }
}

fn line(name: &str, outcome: Outcome) -> String {
    match outcome {
        Outcome::Passed(time) => {
            format!("  {} {name:<10} {}", console::green("passed "), console::took(time))
        }
        Outcome::Failed(time) => format!("  {} {name:<10} {}", console::red("FAILED "), console::took(time)),
        Outcome::NotRun => format!("  not run {name}"),
    }
}

/// The line that CI reads.
fn closing(outcomes: &[Outcome]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    let passed = count(|outcome| matches!(outcome, Outcome::Passed(_)));
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    match count(|outcome| matches!(outcome, Outcome::NotRun)) {
        0 => format!("{passed} passed, {failed} failed"),
        skipped => format!("{passed} passed, {failed} failed, {skipped} skipped"),
    }
}

/// `cargo xtask openapi`: writes `docs/openapi.json` and the TypeScript client made from it.
pub(crate) fn write_openapi(stop: &Stop) -> Result<()> {
    let document = stages::openapi_document()?;
    std::fs::write(places::root().join(stages::DOCUMENT), document)?;
    console::say(format!("{} is written.", stages::DOCUMENT));
    stages::generate_client(&places::root().join(stages::CLIENT), stop)?;
    console::say(format!("{} is written.", stages::CLIENT));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(only: &[&str], quick: bool) -> Args {
        Args { only: only.iter().map(|&name| name.to_owned()).collect(), quick, keep_going: false }
    }

    fn chosen(args: &Args) -> Vec<&'static str> {
        stages::ALL.iter().filter(|stage| is_chosen(args, stage)).map(|stage| stage.name).collect()
    }

    #[test]
    fn stages_are_chosen_by_name_or_by_cost() {
        assert_eq!(chosen(&args(&[], false)).len(), stages::ALL.len());
        assert_eq!(chosen(&args(&["e2e", "fmt"], true)), ["fmt", "e2e"], "a name wins over --quick");
        let quick = chosen(&args(&[], true));
        assert!(quick.contains(&"rust") && !quick.contains(&"e2e"));
    }

    #[test]
    fn the_closing_line_is_the_one_that_ci_reads() {
        let second = Duration::from_secs(1);
        assert_eq!(closing(&[Outcome::Passed(second), Outcome::Passed(second)]), "2 passed, 0 failed");
        let all = [Outcome::Passed(second), Outcome::Failed(second), Outcome::NotRun];
        assert_eq!(closing(&all), "1 passed, 1 failed, 1 skipped");
    }
}
