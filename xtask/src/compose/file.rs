//! `compose.yaml`, as Docker Compose itself reads it: variables filled in, defaults applied, paths made absolute.

use crate::stop::Stop;
use crate::{pip, places, process};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is said of the services.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    pub(crate) services: BTreeMap<String, Service>,
    networks: BTreeMap<String, Network>,
}

/// One service, as far as it can be run without an engine.
#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    pub(crate) image: String,
    pub(crate) build: Option<Build>,
    pub(crate) entrypoint: Option<Vec<String>>,
    pub(crate) command: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, Option<String>>,
    #[serde(default)]
    pub(crate) depends_on: BTreeMap<String, Dependency>,
    #[serde(default)]
    pub(crate) ports: Vec<Port>,
    #[serde(default)]
    pub(crate) volumes: Vec<Volume>,
    #[serde(default)]
    pub(crate) tmpfs: Vec<String>,
    pub(crate) healthcheck: Option<Healthcheck>,
    pub(crate) user: Option<String>,
    #[serde(default)]
    pub(crate) read_only: bool,
    #[serde(default)]
    pub(crate) cap_drop: Vec<String>,
    #[serde(default)]
    pub(crate) security_opt: Vec<String>,
    pub(crate) network_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Build {
    pub(crate) dockerfile: String,
    #[serde(default)]
    pub(crate) args: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) condition: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Port {
    pub(crate) target: u16,
    pub(crate) published: String,
    pub(crate) host_ip: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Volume {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) source: String,
    pub(crate) target: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Healthcheck {
    #[serde(default)]
    pub(crate) test: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Network {
    #[serde(default)]
    ipam: Ipam,
}

#[derive(Debug, Default, Deserialize)]
struct Ipam {
    #[serde(default)]
    config: Vec<Pool>,
}

#[derive(Debug, Deserialize)]
struct Pool {
    subnet: String,
}

/// Reads it with the secrets of `env`, and with the services of these profiles beside the usual ones.
pub(crate) fn read(env: &Path, profiles: &[&str], stop: &Stop) -> Result<File> {
    let mut command = program(stop)?;
    command.arg("--env-file").arg(env);
    for profile in profiles {
        command.args(["--profile", profile]);
    }
    let text = process::output(command.args(["config", "--format", "json"]).current_dir(places::root()))
        .context("docker compose refuses compose.yaml")?;
    serde_json::from_str(&text).context("docker compose config prints something unexpected")
}

/// Docker Compose, with no variable of ours in its environment: they would win over those of the file.
fn program(stop: &Stop) -> Result<Command> {
    let program: PathBuf = pip::ensure("compose", stop)?.join("bin/docker-compose");
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["FLOWBIT_", "N8N_", "POSTGRES_", "NGROK_", "COMPOSE_"].iter().any(|ours| text.starts_with(ours)) {
            command.env_remove(&name);
        }
    }
    Ok(command)
}

impl Service {
    /// Paths at which it gets a file system in memory.
    pub(crate) fn tmpfs(&self) -> impl Iterator<Item = &str> {
        self.tmpfs.iter().filter_map(|text| text.split(':').next())
    }

    /// Paths at which anything is mounted.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        self.volumes.iter().map(|volume| volume.target.as_str()).chain(self.tmpfs())
    }
}

impl File {
    /// The services in an order in which each comes after those that it depends on.
    pub(crate) fn order(&self) -> Result<Vec<&str>> {
        let mut order: Vec<&str> = Vec::new();
        while order.len() < self.services.len() {
            let next = self.services.iter().find(|(name, service)| {
                !order.contains(&name.as_str())
                    && service.depends_on.keys().all(|other| order.contains(&other.as_str()))
            });
            let Some((name, _)) = next else { bail!("the services depend on each other in a circle") };
            order.push(name);
        }
        Ok(order)
    }

    /// All subnets that networks were given.
    pub(crate) fn subnets(&self) -> impl Iterator<Item = &str> {
        self.networks.values().flat_map(|network| &network.ipam.config).map(|pool| pool.subnet.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(depends: &str) -> File {
        let text = format!(
            r#"{{"networks": {{"n": {{"ipam": {{"config": [{{"subnet": "10.0.0.0/28"}}]}}}}}},
                "services": {{"a": {{"image": "a", "depends_on": {{"b": {{"condition": "service_healthy"}}}}}},
                              "b": {{"image": "b", "depends_on": {depends}}}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn services_come_after_those_they_depend_on() {
        assert_eq!(file("{}").order().unwrap(), ["b", "a"]);
        assert!(file(r#"{"a": {"condition": "service_started"}}"#).order().is_err());
        assert_eq!(file("{}").subnets().collect::<Vec<_>>(), ["10.0.0.0/28"]);
    }
}
