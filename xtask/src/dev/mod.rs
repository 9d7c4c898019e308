//! `cargo xtask dev`: Flowbit for whoever works on it. The server is built again when its sources change, and
//! started again when it builds; the shell and the screens are served by their own development servers, which put
//! each change into the pages that are open. One Ctrl-C ends all of it.
//!
//! The page comes from the shell's server, which passes on to Flowbit what is not the shell's; the screens come
//! from origins of their own, as the registry that is written here says.

mod registry;
mod server;
mod web;

use crate::http::check_port_is_free;
use crate::stop::{Stop, Stopped};
use crate::{console, places};
use anyhow::{Context, Result, bail};
use flowbit_connect::endpoint::{ADMINS, PASSWORD};
use serde_json::json;
use server::Server;
use std::path::{Path, PathBuf};
use std::time::Duration;
use web::Programs;

/// How often it is looked whether something has changed or died.
const LOOK: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The port of the page, on the loopback interface
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The server's port
    #[arg(long, default_value_t = 3001, value_name = "PORT")]
    api_port: u16,
    /// The port of the support-tickets screen; the other screens take the next ones
    #[arg(long, default_value_t = 3002, value_name = "PORT")]
    remote_port: u16,
    /// Folder for everything that is kept [default: data/dev]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The checkout whose web side is served; for tests, which change a copy
    #[arg(long, value_name = "DIR", hide = true)]
    web: Option<PathBuf>,
    /// Write addresses and process numbers to this file (JSON) each time that the server is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Runs until Ctrl-C, or until a development server dies.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    let data = args.data.clone().unwrap_or_else(|| places::root().join("data/dev"));
    places::private_folder(&data)?;
    places::hide_from_git(&data)?;
    let data = data.canonicalize().with_context(|| format!("cannot find {}", data.display()))?;
    let Some(_lock) = places::lock(&data.join("lock"))? else {
        bail!("another `cargo xtask dev` uses {}; stop it or choose another with --data", data.display());
    };
    crate::web::install(stop)?;
    let checkout = args.web.clone().unwrap_or_else(places::root);
    let mut programs = Programs::find(&checkout, args.port, args.remote_port)?;
    server::end_leftover(&data)?;
    programs.end_leftovers(&data)?;
    check_port_is_free(args.api_port, "the server", "--api-port")?;
    for (name, port) in programs.ports() {
        check_port_is_free(port, name, if name == web::SHELL { "--port" } else { "--remote-port" })?;
    }

    let mut server = Server::new(&data, args.api_port, args.port, &programs)?;
    let done = serve(args, &data, &mut programs, &mut server, stop);
    if done.as_ref().is_err_and(|error| error.is::<Stopped>()) {
        console::say("\nStopping.");
    }
    server.stop(stop);
    programs.stop(stop);
    match done {
        Err(error) if error.is::<Stopped>() => Ok(()),
        other => other,
    }
}

fn serve(args: &Args, data: &Path, programs: &mut Programs, server: &mut Server, stop: &Stop) -> Result<()> {
    programs.start(args.api_port, data)?;
    server.build_and_start(stop)?;
    programs.wait(stop)?;
    let accounts: String =
        ADMINS.map(|(company, admin)| format!("  {company:<14}{admin:<28}{PASSWORD}\n")).concat();
    console::say(format!(
        "\n{} http://127.0.0.1:{}\n\n{accounts}\n  Server        http://127.0.0.1:{}\n{}  Logs          {}\n\nCtrl-C stops everything.\n",
        console::bold("Flowbit, to be worked on:"),
        args.port,
        args.api_port,
        programs.describe(),
        data.display(),
    ));
    let mut told = None;
    loop {
        programs.look()?;
        server.look(stop)?;
        if let Some(file) = &args.ready_file
            && server.pid().is_some()
            && told != server.pid()
        {
            told = server.pid();
            let ready = json!({ "server": told, "programs": programs.pids() });
            places::write_private(file, &serde_json::to_vec(&ready)?)?;
        }
        stop.sleep(LOOK)?;
    }
}
