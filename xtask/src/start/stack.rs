//! What runs: Flowbit alone on its own files, or PostgreSQL, nodes and a proxy before them. It is started from
//! the bottom up and stopped from the top down.

use super::{flowbit, postgres, proxy};
use crate::process::{self, Service};
use crate::stop::Stop;
use crate::{console, places};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::Path;

/// How long a node goes on serving after it was told to stop: the proxy looks twice a second.
const SHUTDOWN_DELAY_SECONDS: &str = "3";
/// So many nodes at most: their records have names.
pub(crate) const NODES_MAX: u16 = 16;

/// A Flowbit process.
struct Node {
    address: String,
    /// `None` once it has died.
    service: Option<Service>,
    pid: u32,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Stack {
    postgres: Option<Service>,
    nodes: Vec<Node>,
    proxy: Option<Service>,
}

fn node_name(n: usize) -> String {
    format!("flowbit-{n}")
}

/// Ends what an earlier run that was killed left behind, from the top down.
pub(crate) fn end_leftovers(folder: &Path) -> Result<()> {
    process::end_leftover(proxy::NAME, folder)?;
    process::end_leftover(flowbit::NAME, folder)?;
    for n in 1..=usize::from(NODES_MAX) {
        process::end_leftover(&node_name(n), folder)?;
    }
    process::end_leftover(postgres::NAME, folder)
}

impl Stack {
    /// Flowbit alone.
    pub(crate) fn start_alone(
        &mut self,
        binary: &Path,
        data: &Path,
        port: u16,
        folder: &Path,
        stop: &Stop,
    ) -> Result<()> {
        let service = flowbit::start(binary, data, port, folder, stop)?;
        self.add(service, flowbit::address(port));
        Ok(())
    }

    /// So many nodes, with what they need below and above.
    pub(crate) fn start_nodes(
        &mut self,
        binary: &Path,
        data: &Path,
        port: u16,
        count: u16,
        folder: &Path,
        stop: &Stop,
    ) -> Result<()> {
        let public = flowbit::address(port);
        let postgres = postgres::start(data, folder, count, stop)?;
        self.postgres = Some(postgres.service);
        let command = |args: &[&str]| {
            let mut command = flowbit::command(binary, args, data, &public);
            command.env("FLOWBIT_DATABASE_URL", &postgres.server);
            command
        };
        // Once, before there is anybody to do it at the same time.
        let log = folder.join("prepare.log");
        for args in [&["migrate"][..], &["demo"]] {
            let mut command = command(args);
            command.env("FLOWBIT_ADMIN_URL", &postgres.admin);
            process::run_logged(&mut command, &log, stop, |_| {})
                .with_context(|| format!("flowbit {}:\n{}", args.join(" "), process::tail(&log, 15)))?;
        }
        let mut started = Vec::new();
        for n in 1..=usize::from(count) {
            let at = places::free_port()?;
            let mut command = command(&["serve"]);
            command
                .env("FLOWBIT_LISTEN", format!("127.0.0.1:{at}"))
                .env("FLOWBIT_METRICS_LISTEN", "off")
                .env("FLOWBIT_TRUSTED_PROXIES", "127.0.0.1/32")
                .env("FLOWBIT_SHUTDOWN_DELAY", SHUTDOWN_DELAY_SECONDS);
            let service = Service::start(&node_name(n), &mut command, folder)?;
            self.add(service, flowbit::address(at));
            started.push(at);
        }
        for node in &mut self.nodes {
            if let Some(service) = node.service.take() {
                node.service = Some(flowbit::wait_until_ready(service, &node.address, stop)?);
            }
        }
        let service = proxy::start(port, &started, folder, stop)?;
        self.proxy = Some(flowbit::wait_until_ready(service, &public, stop)?);
        Ok(())
    }

    fn add(&mut self, service: Service, address: String) {
        self.nodes.push(Node { address, pid: service.pid(), service: Some(service) });
    }

    /// `Err` once something has died without which nothing goes on. Of several nodes one is enough.
    pub(crate) fn check(&mut self) -> Result<()> {
        for service in self.postgres.iter_mut().chain(&mut self.proxy) {
            service.check()?;
        }
        let several = self.nodes.len() > 1;
        for node in &mut self.nodes {
            let Some(service) = &mut node.service else { continue };
            match service.check() {
                Ok(()) => {}
                Err(error) if several => {
                    console::warn(format!("{error:#}\nThe other nodes go on."));
                    node.service = None;
                }
                Err(error) => return Err(error),
            }
        }
        if self.nodes.iter().all(|node| node.service.is_none()) {
            bail!("no node is left");
        }
        Ok(())
    }

    /// Stops all of it.
    pub(crate) fn stop(self, stop: &Stop) {
        if let Some(proxy) = self.proxy {
            proxy.stop(proxy::GRACE, stop);
        }
        let nodes: Vec<Service> = self.nodes.into_iter().filter_map(|node| node.service).collect();
        // All at once. Being told once more by `stop`, none goes on serving a proxy that is gone.
        nodes.iter().for_each(Service::ask_to_end);
        for node in nodes {
            node.stop(flowbit::GRACE, stop);
        }
        if let Some(postgres) = self.postgres {
            postgres.stop(postgres::GRACE, stop);
        }
    }

    /// The nodes, for those who ask which there are.
    pub(crate) fn describe(&self) -> Vec<Value> {
        self.nodes.iter().map(|node| json!({ "url": node.address, "pid": node.pid })).collect()
    }
}
