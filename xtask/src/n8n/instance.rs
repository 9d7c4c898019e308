//! One n8n on this machine: its state folder, its settings, its workflows, its process.

use super::install::Install;
use crate::http::Client;
use crate::process::{self, Service};
use crate::stop::Stop;
use crate::{console, places};
use anyhow::{Context, Result, bail};
use flowbit_connect::workflow::{self, Company, Secrets};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Names its log and its record.
const NAME: &str = "n8n";

/// How long n8n may take from its start to its first webhook; 11–15 s on a small machine, more on its first day.
const READY_WITHIN: Duration = Duration::from_secs(180);

/// Parts of n8n that ask its maker's servers for something, or invite a person to; none is needed here.
const WITHOUT: &str = "mcp-registry,mcp,community-packages,instance-ai,chat-hub,quick-connect";

/// A state folder that is this process's alone.
pub(crate) struct Claim {
    state: PathBuf,
    /// Held for as long as the claim lives.
    _lock: File,
}

/// Claims a state folder, made if it is missing, and ends the n8n that a killed run left running in it.
pub(crate) fn claim(state: &Path) -> Result<Claim> {
    places::private_folder(state)?;
    places::hide_from_git(state)?;
    let state = state.canonicalize().with_context(|| format!("cannot find {}", state.display()))?;
    let Some(lock) = places::lock(&state.join("lock"))? else {
        bail!("another n8n uses {}", state.display());
    };
    process::end_leftover(NAME, &state)?;
    Ok(Claim { state, _lock: lock })
}

/// An n8n that is reached on `port` of the loopback interface.
pub(crate) struct Instance {
    install: Install,
    state: PathBuf,
    _claim: Claim,
    port: u16,
    key: String,
}

impl Instance {
    /// With the state of this folder, and a new encryption key if it has none.
    pub(crate) fn open(install: Install, claim: Claim, port: u16) -> Result<Self> {
        let state = claim.state.clone();
        let file = state.join("encryption-key");
        let key = match std::fs::read_to_string(&file) {
            Ok(key) if !key.trim().is_empty() => key.trim().to_owned(),
            _ => {
                let key = random_text()?;
                places::write_private(&file, key.as_bytes())?;
                key
            }
        };
        Ok(Self { install, state, _claim: claim, port, key })
    }

    /// Where a person finds it.
    pub(crate) fn address(&self) -> String {
        address(self.port)
    }

    /// n8n with its settings and none that happen to be in the environment.
    fn command(&self) -> Result<Command> {
        let mut command = self.install.command()?;
        let foreign =
            ["N8N_", "DB_", "EXECUTIONS_", "QUEUE_", "NODES_", "CREDENTIALS_", "WEBHOOK_", "GENERIC_"];
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if foreign.iter().any(|prefix| text.starts_with(prefix)) || text == "NODE_OPTIONS" {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(&self.state)
            .env("N8N_USER_FOLDER", &self.state)
            .env("N8N_ENCRYPTION_KEY", &self.key)
            .env("N8N_LISTEN_ADDRESS", "127.0.0.1")
            .env("N8N_HOST", "127.0.0.1")
            .env("N8N_PORT", self.port.to_string())
            .env("N8N_RUNNERS_BROKER_PORT", broker_port(self.port).to_string())
            // Plain HTTP on the loopback interface: a Secure cookie would lock the person out.
            .env("N8N_SECURE_COOKIE", "false")
            .env("N8N_PYTHON_ENABLED", "false")
            .env("N8N_PUBLIC_API_DISABLED", "true")
            // Deliveries are a few kilobytes; n8n's own limit is 16 MB.
            .env("N8N_PAYLOAD_SIZE_MAX", "1")
            .env("EXECUTIONS_DATA_MAX_AGE", "168")
            // Nothing is told to anybody and nothing is asked of anybody.
            .env("N8N_DISABLED_MODULES", WITHOUT)
            .env("N8N_UNVERIFIED_PACKAGES_ENABLED", "false")
            .env("N8N_LICENSE_AUTO_RENEW_ENABLED", "false");
        for name in [
            "DIAGNOSTICS",
            "VERSION_NOTIFICATIONS",
            "VERSION_NOTIFICATIONS_WHATS_NEW",
            "TEMPLATES",
            "PERSONALIZATION",
            "DYNAMIC_BANNERS",
            "HIRING_BANNER",
        ] {
            command.env(format!("N8N_{name}_ENABLED"), "false");
        }
        Ok(command)
    }

    /// Imports and publishes the workflow of each company, unless that is what was imported last. n8n must not
    /// be running: it reads what is published when it starts.
    pub(crate) fn import(&self, companies: &[(Company, Secrets)], stop: &Stop) -> Result<()> {
        let mut workflows = Vec::new();
        let mut credentials = Vec::new();
        for (company, secrets) in companies {
            workflows.push(workflow::render(company)?);
            credentials.extend(workflow::credentials(company, secrets)?);
        }
        let workflows = serde_json::to_vec(&workflows)?;
        let credentials = serde_json::to_vec(&credentials)?;
        let digest = Sha256::new()
            .chain_update(&self.install.version)
            .chain_update(&workflows)
            .chain_update(&credentials)
            .finalize();
        let stamp = self.state.join("imported");
        if std::fs::read_to_string(&stamp).is_ok_and(|text| text == hex::encode(digest)) {
            return Ok(());
        }
        console::say("n8n: importing the workflows and their credentials");
        let _ = std::fs::remove_file(&stamp);
        self.import_file("credentials", &credentials, stop)?;
        self.import_file("workflow", &workflows, stop)?;
        for (company, _) in companies {
            let id = company.path();
            let log = self.state.join("publish.log");
            process::run_logged(
                self.command()?.arg("publish:workflow").arg(format!("--id={id}")),
                &log,
                stop,
                |_| {},
            )
            .with_context(|| format!("n8n does not publish {id}:\n{}", process::tail(&log, 10)))?;
        }
        places::write_private(&stamp, hex::encode(digest).as_bytes())
    }

    /// `n8n import:<kind>` of a file that exists only meanwhile: it holds secrets in the clear.
    fn import_file(&self, kind: &str, bytes: &[u8], stop: &Stop) -> Result<()> {
        let file = self.state.join(format!("import-{kind}.json"));
        let log = self.state.join(format!("import-{kind}.log"));
        places::write_private(&file, bytes)?;
        let mut command = self.command()?;
        command.arg(format!("import:{kind}")).arg(format!("--input={}", file.display()));
        let done = process::run_logged(&mut command, &log, stop, |_| {});
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        done.with_context(|| format!("n8n does not import the {kind}:\n{}", process::tail(&log, 10)))?;
        // n8n's importer reports its failures in words and ends with 0 all the same.
        if std::fs::read_to_string(&log).is_ok_and(|text| text.contains("Successfully imported")) {
            return Ok(());
        }
        bail!("n8n does not import the {kind}:\n{}", process::tail(&log, 10))
    }

    /// Starts it; its log and its record are in the state folder.
    pub(crate) fn start(&self) -> Result<Service> {
        Service::start(NAME, self.command()?.arg("start"), &self.state)
    }

    /// Waits until n8n is ready and then until each webhook is: `/healthz` answers long before.
    pub(crate) fn wait(&self, service: &mut Service, paths: &[String], stop: &Stop) -> Result<()> {
        let client = Client::new(self.address());
        let up = stop.wait_for(READY_WITHIN, || {
            service.check()?;
            let ready = client.status("/healthz/readiness") == Some(200)
                && paths.iter().all(|path| {
                    // Registered, it asks for its secret (403); before that it does not exist (404).
                    let answer = client.post(&format!("/webhook/{path}"), &Value::Null);
                    answer.is_ok_and(|answer| answer.status == 403)
                });
            Ok(ready.then_some(()))
        })?;
        up.with_context(|| format!("n8n was not ready within {}", console::took(READY_WITHIN)))
    }

    /// Makes n8n's own first account, so that nobody else on this machine can, and keeps it where the person
    /// who runs this can read it. Gives the file.
    pub(crate) fn ensure_owner(&self) -> Result<PathBuf> {
        let file = self.state.join("login.json");
        let client = Client::new(self.address());
        let login =
            match std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice::<Login>(&bytes).ok()) {
                Some(login) => login,
                None => Login {
                    email: "owner@flowbit.example".to_owned(),
                    password: format!("{}Aa1", random_text()?),
                },
            };
        let settings = client.get("/rest/settings")?.expect(200, "n8n's settings")?;
        if settings["data"]["userManagement"]["showSetupOnFirstLoad"] == true {
            places::write_private(&file, &serde_json::to_vec_pretty(&login)?)?;
            let owner = json!({
                "email": login.email,
                "password": login.password,
                "firstName": "Flowbit",
                "lastName": "Demo",
            });
            client.post("/rest/owner/setup", &owner)?.expect(200, "n8n's first account")?;
        }
        Ok(file)
    }
}

#[derive(Serialize, Deserialize)]
struct Login {
    email: String,
    password: String,
}

/// Where n8n is reached.
pub(crate) fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The port by which n8n talks to its own task runner.
pub(crate) fn broker_port(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(5679)
}

fn random_text() -> Result<String> {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_differ_and_satisfy_n8n() {
        let (one, two) = (random_text().unwrap(), random_text().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 48);
    }

    #[test]
    fn the_broker_is_beside_the_port() {
        assert_eq!(broker_port(5678), 5679);
        assert_eq!(broker_port(u16::MAX), 5679);
    }
}
