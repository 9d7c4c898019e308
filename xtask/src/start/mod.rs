//! `cargo xtask start`: builds Flowbit, starts it with the demo companies and the real n8n, connects them, and
//! stops all of it with one Ctrl-C. `--postgres` starts a private PostgreSQL, several nodes and a proxy instead
//! of one process with files of its own.

mod automation;
pub(crate) mod flowbit;
pub(crate) mod postgres;
mod proxy;
mod stack;

use crate::http::check_port_is_free;
use crate::n8n::instance;
use crate::stop::{Stop, Stopped};
use crate::{console, places, web};
use anyhow::{Context, Result, bail};
use automation::{Automation, Wanted};
use flowbit_connect::endpoint::{ADMINS, Admin, Connector, PASSWORD};
use serde_json::json;
use stack::Stack;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Flowbit's port on the loopback interface
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Folder for everything that is kept: tickets, keys, logs, n8n's state [default: data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep the data in a private PostgreSQL, with several nodes and HAProxy before them
    #[arg(long)]
    postgres: bool,
    /// How many nodes
    #[arg(long, value_name = "N", default_value_t = 3, requires = "postgres",
        value_parser = clap::value_parser!(u16).range(1..=i64::from(stack::NODES_MAX)))]
    nodes: u16,
    /// Start without n8n: deliveries of earlier runs wait
    #[arg(long)]
    no_n8n: bool,
    /// n8n's port on the loopback interface; the next one is taken for its task runner
    #[arg(long, default_value_t = 5678, value_name = "PORT")]
    n8n_port: u16,
    /// Use what was built last; for tests that start it often
    #[arg(long)]
    no_build: bool,
    /// Write addresses and process numbers to this file (JSON) once everything is up, n8n included
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Runs until Ctrl-C or until Flowbit dies.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    let data = args.data.clone().unwrap_or_else(|| places::root().join("data"));
    let folder = data.join("start");
    places::private_folder(&folder)?;
    places::hide_from_git(&data)?;
    let data = data.canonicalize().with_context(|| format!("cannot find {}", data.display()))?;
    let folder = data.join("start");
    let Some(_lock) = places::lock(&folder.join("lock"))? else {
        bail!(
            "another `cargo xtask start` uses {}; stop it or choose another folder with --data",
            data.display()
        );
    };
    stack::end_leftovers(&folder)?;
    let claim = if args.no_n8n { None } else { Some(instance::claim(&data.join("n8n"))?) };
    check_port_is_free(args.port, "Flowbit", "--port")?;
    if !args.no_n8n {
        check_port_is_free(args.n8n_port, "n8n", "--n8n-port")?;
        check_port_is_free(instance::broker_port(args.n8n_port), "n8n's task runner", "--n8n-port")?;
    }
    if let Some(file) = &args.ready_file {
        // One of an earlier run must not be taken for this run's.
        let _ = std::fs::remove_file(file);
    }

    let automation = claim.map(|claim| Automation::begin(claim, args.n8n_port, stop.clone()));
    let done = serve(args, &data, &folder, automation.as_ref(), stop);
    // Whatever ended it ends n8n too.
    stop.request();
    let n8n = automation.map_or(Ok(()), Automation::join);
    match done {
        Err(error) if !error.is::<Stopped>() => Err(error),
        _ => n8n,
    }
}

fn serve(
    args: &Args,
    data: &Path,
    folder: &Path,
    automation: Option<&Automation>,
    stop: &Stop,
) -> Result<()> {
    let binary = if args.no_build { places::target()?.join("release/flowbit") } else { build(stop)? };
    let mut stack = Stack::default();
    let started = if args.postgres {
        stack.start_nodes(&binary, data, args.port, args.nodes, folder, stop)
    } else {
        stack.start_alone(&binary, data, args.port, folder, stop)
    };
    let done = started.and_then(|()| attend(args, &mut stack, folder, automation, stop));
    if done.as_ref().is_err_and(|error| error.is::<Stopped>()) {
        console::say("\nStopping.");
    }
    stack.stop(stop);
    done
}

/// The web side and then the server, which embeds it. Without Node or its packages the server is built alone.
fn build(stop: &Stop) -> Result<PathBuf> {
    if let Some(missing) = build_pages(web::install(stop), web::is_built(), || web::build(stop))? {
        console::warn(missing);
    }
    flowbit::build(stop)
}

/// Builds the web side with what was installed. Where that failed, what is missing then, for Flowbit works without.
fn build_pages(
    installed: Result<()>,
    is_built: bool,
    build: impl FnOnce() -> Result<()>,
) -> Result<Option<String>> {
    match installed {
        Ok(()) => build().map(|()| None),
        Err(error) if error.is::<Stopped>() => Err(error),
        Err(error) if is_built => {
            Ok(Some(format!("The web side is not built anew: {error:#}. The one built last is used.")))
        }
        Err(error) => {
            Ok(Some(format!("The web side is not built: {error:#}. Flowbit starts with its API alone.")))
        }
    }
}

/// Connects, says what there is, and watches until something ends.
fn attend(
    args: &Args,
    stack: &mut Stack,
    folder: &Path,
    automation: Option<&Automation>,
    stop: &Stop,
) -> Result<()> {
    if let Some(automation) = automation {
        connect(args, folder, automation)?;
    }
    summary(args, stack, folder, automation.is_some());
    let mut waiting = args.ready_file.as_deref();
    loop {
        stack.check()?;
        if let Some(automation) = automation {
            if waiting.is_some() && automation.ready.try_recv().is_ok() {
                write_ready(args, waiting.take(), stack, automation.pid.load(Ordering::SeqCst))?;
            }
        } else {
            write_ready(args, waiting.take(), stack, 0)?;
        }
        stop.sleep(Duration::from_millis(200))?;
    }
}

/// Makes the endpoints. A company whose admin cannot sign in, because somebody changed the password, has none;
/// the others are connected all the same.
fn connect(args: &Args, folder: &Path, automation: &Automation) -> Result<()> {
    let connector = Connector::new(&flowbit::address(args.port), &instance::address(args.n8n_port), folder);
    let mut companies = Vec::new();
    for (company, admin) in ADMINS {
        match connector.connect(Admin::of_demo(admin)) {
            Ok(connected) => companies.push(connected),
            Err(error) => console::warn(format!("{company} is not connected with n8n: {error:#}")),
        }
    }
    automation.connect(Wanted { connector, companies });
    Ok(())
}

/// Builds the server for release; for the tests that start it.
pub(crate) fn build_server(stop: &Stop) -> Result<PathBuf> {
    flowbit::build(stop)
}

/// Builds what connects it with n8n in containers.
pub(crate) fn build_connect(stop: &Stop) -> Result<PathBuf> {
    let mut command = places::cargo();
    command.args(["build", "--release", "--package", "flowbit-connect"]);
    crate::process::run(&mut command, stop).context("flowbit-connect does not build")?;
    Ok(places::target()?.join("release/flowbit-connect"))
}

fn summary(args: &Args, stack: &Stack, folder: &Path, n8n: bool) {
    let accounts: String =
        ADMINS.map(|(company, admin)| format!("  {company:<14}{admin:<28}{PASSWORD}\n")).concat();
    let nodes = if args.postgres {
        let all: Vec<String> = stack.describe().iter().map(describe).collect();
        format!("  {:<14}{}\n", "Nodes", all.join("\n                "))
    } else {
        String::new()
    };
    let pages = if web::is_built() { "" } else { "  (API only: the web side is not built)" };
    let n8n = if n8n {
        "coming up; what is created meanwhile is delivered when it is there"
    } else {
        "left out (--no-n8n)"
    };
    console::say(format!(
        "\n{} {}{pages}\n\n{accounts}\n{nodes}  {:<14}{}/api/openapi.json\n  {:<14}{n8n}\n  {:<14}{}\n\nCtrl-C stops everything.\n",
        console::bold("Flowbit is ready:"),
        console::bold(&flowbit::address(args.port)),
        "API",
        flowbit::address(args.port),
        "n8n",
        "Logs",
        folder.display(),
    ));
}

fn describe(node: &serde_json::Value) -> String {
    format!("{} (process {})", node["url"].as_str().unwrap_or_default(), node["pid"])
}

fn write_ready(args: &Args, file: Option<&Path>, stack: &Stack, n8n_pid: u32) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    let n8n = (n8n_pid > 0).then(|| json!({"url": instance::address(args.n8n_port), "pid": n8n_pid}));
    let nodes = stack.describe();
    let ready = json!({
        "flowbit": {"url": flowbit::address(args.port), "pid": nodes.first().map(|node| &node["pid"])},
        "nodes": nodes,
        "n8n": n8n,
        "accounts": ADMINS.map(|(company, admin)| json!({"company": company, "email": admin, "password": PASSWORD})),
    });
    places::write_private(file, &serde_json::to_vec_pretty(&ready)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    fn never() -> Result<()> {
        panic!("nothing was installed to build it with")
    }

    #[test]
    fn without_npm_it_starts_and_says_what_is_missing() {
        let absent = || Err(anyhow!("npm is not installed"));
        let said = build_pages(absent(), false, never).unwrap().unwrap();
        assert!(said.contains("npm is not installed") && said.contains("API alone"), "{said}");
        let said = build_pages(absent(), true, never).unwrap().unwrap();
        assert!(said.contains("npm is not installed") && said.contains("built last"), "{said}");
    }

    #[test]
    fn what_is_wrong_with_the_pages_themselves_or_a_stop_ends_it() {
        assert_eq!(build_pages(Ok(()), false, || Ok(())).unwrap(), None);
        assert!(build_pages(Ok(()), true, || Err(anyhow!("no such module"))).is_err());
        assert!(build_pages(Err(Stopped.into()), true, never).unwrap_err().is::<Stopped>());
    }
}
