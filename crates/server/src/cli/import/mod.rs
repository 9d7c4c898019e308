//! `flowbit import …`: moving in from elsewhere.
//!
//! A source is understood document by document ([`shapes`], [`said`]), and taken in batches by the use-case
//! [`flowbit_domain::import::ImportBatch`], which remembers each. What is not taken, and why, is the report's.

use std::path::PathBuf;

use flowbit_domain::{
    import::{Rules, Tally, is_source_name},
    text::fold_email,
    time::Clock,
};
use flowbit_store::Mode;

use super::{Failure, Outcome, say};
use crate::{ambient::SystemClock, config::Config};

mod args;
mod companies;
mod desk;
mod mapping;
mod mongodump;
mod progress;
mod report;
mod run;
mod said;
mod shapes;
mod source;
mod table;
mod value;
mod words;
mod zendesk;

pub(super) use args::ImportCommand;
pub(super) use desk::Step;

use args::{CommonArgs, MongodumpArgs};
use companies::Company;
use desk::Desk;
use mapping::Mapping;
use report::Report;
use run::{Plan, Run, survey};
use source::Source;

/// Some of it was not taken.
const INCOMPLETE: u8 = 3;

/// Which companies it is about.
enum Whose<'a> {
    /// One, by its slug.
    One(&'a str),
    /// One for each customer.
    All(&'a MongodumpArgs),
}

pub(super) async fn run(config: &Config, command: &ImportCommand) -> Outcome {
    match command {
        ImportCommand::Mongodump(args) => {
            let source = mongodump::Dump::find(&args.dir, mapping(&args.common)?)?;
            import(config, &args.common, "mongodump", &source, Whose::All(args)).await
        }
        ImportCommand::Csv(args) => {
            let (people, tickets) = (args.people.as_deref(), args.tickets.as_deref());
            let mapping = mapping(&args.common)?;
            let source = table::Tables::find(&args.tenant, people, tickets, args.delimiter, mapping)?;
            import(config, &args.common, "csv", &source, Whose::One(&args.tenant)).await
        }
        ImportCommand::Zendesk(args) => {
            let source = zendesk::Export::find(&args.tenant, &args.paths, mapping(&args.common)?)?;
            import(config, &args.common, "zendesk", &source, Whose::One(&args.tenant)).await
        }
    }
}

fn mapping(args: &CommonArgs) -> Outcome<Mapping> {
    Mapping::new(&args.maps, args.time_zone.as_deref())
}

async fn import(
    config: &Config,
    args: &CommonArgs,
    usual_name: &str,
    source: &dyn Source,
    whose: Whose<'_>,
) -> Outcome {
    let name = args.source.clone().unwrap_or_else(|| usual_name.to_owned());
    if !is_source_name(&name) {
        return Err(Failure::usage(format!("--source {name:?}: it must be 1 to 40 of a-z, 0-9, -, _ and .")));
    }
    let rules = Rules {
        source: name,
        merge_people: args.same_address == "merge",
        fallback_requester: args.fallback_requester.as_deref().map(fold_email),
        highest_number: 0,
    };
    let plan = Plan { rules, is_rehearsal: args.dry_run };
    // A rehearsal reads, which it may beside a server.
    let mode = if args.dry_run { Mode::ReadOnly } else { Mode::Exclusive };
    let desk = Desk::open(config, mode).await?;
    let outcome = import_into(&desk, args, &plan, source, whose).await;
    desk.close().await;
    outcome
}

async fn import_into(
    desk: &Desk,
    args: &CommonArgs,
    plan: &Plan,
    source: &dyn Source,
    whose: Whose<'_>,
) -> Outcome {
    let surveyed = survey(source)?;
    let mut companies = match whose {
        Whose::One(slug) => companies::find_one(desk, slug, &plan.rules.source, &surveyed).await?,
        Whose::All(args) => companies::find_all(desk, args, &plan.rules.source, &surveyed).await?,
    };
    let path = args.report.clone().unwrap_or_else(usual_report);
    let mut report = Report::create(&path)?;
    let passed_over = source.passed_over();
    for (what, why) in &passed_over {
        report.pass_over(what, why)?;
    }
    let mut run = Run::new(plan, desk, &mut report, &mut companies);
    run.take_all(source, surveyed.documents).await?;
    run.finish().await?;
    let total = run.total();
    report.flush()?;
    summarize(plan, companies.values())?;
    let lines = report.lines;
    if lines == 0 {
        drop(report);
        std::fs::remove_file(&path).map_err(|e| source::told(&path, e))?;
    } else {
        say(format!("what there is to say of single documents: {lines} lines in {}", path.display()))?;
    }
    judge(&total, passed_over.len(), &path)
}

/// `import-2026-01-31T08-15-00Z.ndjson`, here.
fn usual_report() -> PathBuf {
    let now = SystemClock.now().to_string().replace(':', "-");
    PathBuf::from(format!("import-{now}.ndjson"))
}

/// One line for each company.
fn summarize<'c>(plan: &Plan, companies: impl Iterator<Item = &'c Company>) -> Outcome {
    let verb = if plan.is_rehearsal { "would take" } else { "took" };
    for company in companies {
        let Tally { people, tickets, messages, internal, entries, known, refused, left_out } = company.tally;
        let notes = if internal > 0 { format!(" ({internal} of them internal)") } else { String::new() };
        let new = if company.is_new() { " (new)" } else { "" };
        say(format!(
            "{}{new}: {verb} {people} people, {tickets} tickets, {messages} messages{notes}, {entries} entries of history; \
             {known} were there; {refused} documents and {left_out} fields were not taken",
            company.slug
        ))?;
    }
    if plan.is_rehearsal { say("nothing was written") } else { Ok(()) }
}

fn judge(total: &Tally, passed_over: usize, report: &std::path::Path) -> Outcome {
    if total.refused + total.left_out == 0 && passed_over == 0 {
        return Ok(());
    }
    let line = format!(
        "{} documents and {} fields were not taken, {passed_over} parts of the source were passed over: see {}",
        total.refused,
        total.left_out,
        report.display()
    );
    Err(Failure { code: INCOMPLETE, line })
}
