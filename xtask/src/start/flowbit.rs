//! Flowbit itself: its build and its process.

use crate::http::Client;
use crate::process::{self, Service};
use crate::stop::Stop;
use crate::{console, places};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What its record and log are called.
pub(crate) const NAME: &str = "flowbit";

/// A new data folder with the demo's tickets takes some seconds; a large old one its migrations.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// Builds the server and gives the binary.
pub(crate) fn build(stop: &Stop) -> Result<PathBuf> {
    console::say("Building the server (cargo build --release) …");
    let begun = Instant::now();
    let mut command = places::cargo();
    command.args(["build", "--release", "--package", "flowbit-server", "--bin", "flowbit"]);
    process::run(&mut command, stop).context("the server does not build")?;
    console::say(format!("Built in {}.", console::took(begun.elapsed())));
    Ok(places::target()?.join("release/flowbit"))
}

/// Its command, with all that is the same wherever its data is: `args`, and the address that people use.
pub(crate) fn command(binary: &Path, args: &[&str], data: &Path, public: &str) -> Command {
    let mut command = Command::new(binary);
    command
        .args(args)
        .current_dir(places::root())
        .env("FLOWBIT_DATA", data)
        .env("FLOWBIT_PUBLIC_URL", public)
        .env("FLOWBIT_REGISTRY", places::root().join("registry.json"))
        // Only this machine, where n8n is: every other private address stays refused.
        .env("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.1/32")
        .env_remove("FLOWBIT_DATABASE_URL");
    command
}

/// Starts it on the loopback interface with the demo companies and waits until it is ready.
pub(crate) fn start(binary: &Path, data: &Path, port: u16, folder: &Path, stop: &Stop) -> Result<Service> {
    let address = address(port);
    let mut command = command(binary, &["serve", "--demo"], data, &address);
    command.env("FLOWBIT_LISTEN", format!("127.0.0.1:{port}"));
    let service = Service::start(NAME, &mut command, folder)?;
    wait_until_ready(service, &address, stop)
}

/// Waits until it is ready at this address; if it is not in time, it is stopped.
pub(crate) fn wait_until_ready(mut service: Service, address: &str, stop: &Stop) -> Result<Service> {
    let client = Client::new(address);
    let ready = stop.wait_for(READY_WITHIN, || {
        service.check()?;
        Ok((client.status("/readyz") == Some(200)).then_some(()))
    });
    match ready {
        Ok(Some(())) => Ok(service),
        Ok(None) => {
            service.stop(GRACE, stop);
            anyhow::bail!("Flowbit was not ready within {}", console::took(READY_WITHIN))
        }
        Err(error) => {
            service.stop(GRACE, stop);
            Err(error)
        }
    }
}

/// How long it may take to finish requests and say goodbye to sockets.
pub(crate) const GRACE: Duration = Duration::from_secs(30);

/// Where a person finds it.
pub(crate) fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}
