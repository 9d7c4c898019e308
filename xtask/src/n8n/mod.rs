//! The real n8n: installed into the cache, run on the loopback interface, nothing clicked.

pub(crate) mod install;
pub(crate) mod instance;

use crate::http::check_port_is_free;
use crate::stop::{Stop, Stopped};
use crate::{console, places};
use anyhow::Result;
use instance::Instance;
use std::path::PathBuf;
use std::time::Duration;

/// n8n finishes what it runs before it ends; its workflows here take less than a second.
pub(crate) const GRACE: Duration = Duration::from_secs(20);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Port on the loopback interface
    #[arg(long, default_value_t = 5678)]
    port: u16,
    #[arg(long, value_name = "DIR", help = "Folder for n8n's database, key and log [default: data/n8n]")]
    state: Option<PathBuf>,
    /// Install it into the cache and stop there
    #[arg(long)]
    install_only: bool,
}

/// `cargo xtask n8n`: n8n alone, with whatever its state folder holds, until Ctrl-C.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    let install = install::ensure(stop)?;
    if args.install_only {
        console::say(format!("n8n {} is installed.", install.version));
        return Ok(());
    }
    let state = args.state.clone().unwrap_or_else(|| places::root().join("data/n8n"));
    let claim = instance::claim(&state)?;
    check_port_is_free(args.port, "n8n", "--port")?;
    check_port_is_free(instance::broker_port(args.port), "n8n's task broker", "--port")?;
    let n8n = Instance::open(install, claim, args.port)?;
    console::say("n8n: starting");
    let mut service = n8n.start()?;
    let ready = n8n.wait(&mut service, &[], stop).and_then(|()| n8n.ensure_owner());
    let done = ready.and_then(|login| {
        console::say(format!(
            "\nn8n   {}   (its account: {})\nCtrl-C stops it.",
            n8n.address(),
            login.display()
        ));
        loop {
            service.check()?;
            stop.sleep(Duration::from_millis(500))?;
        }
    });
    service.stop(GRACE, stop);
    match done {
        Err(error) if error.is::<Stopped>() => Ok(()),
        other => other,
    }
}
