//! `compose.yaml` where no container engine runs: its services as plain processes, with the commands, the
//! environment and the order that are written there. What this shows is the wiring. What it cannot show is what an
//! engine does: images, users, read-only roots, networks of their own.

pub(crate) mod file;
mod forward;
pub(crate) mod image;
mod services;
mod wiring;

use crate::n8n::install::Install;
use crate::process::Service;
use crate::stop::Stop;
use crate::{console, places};
use anyhow::{Context, Result, bail};
use file::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wiring::Wiring;

/// How long a service may take to become healthy.
const HEALTHY_WITHIN: Duration = Duration::from_secs(180);
/// How long a service may take to end. PostgreSQL and n8n finish what they are at.
const GRACE: Duration = Duration::from_secs(30);

/// What stands for the programs in the images.
pub(crate) struct Programs {
    pub(crate) flowbit: PathBuf,
    pub(crate) connect: PathBuf,
    pub(crate) n8n: Install,
    /// A build of the support-tickets screen.
    pub(crate) screen: PathBuf,
}

/// Running services.
pub(crate) struct Stack {
    file: File,
    wiring: Wiring,
    programs: Programs,
    folder: PathBuf,
    /// In the order of their start.
    running: Vec<(String, Service)>,
}

impl Stack {
    /// Starts all services, with the secrets of the file `env`; what is written goes into `folder`.
    pub(crate) fn start(env: &Path, folder: &Path, programs: Programs, stop: &Stop) -> Result<Self> {
        let file = file::read(env, &[], stop)?;
        let wiring = Wiring::new(&file, folder)?;
        let mut stack = Self { file, wiring, programs, folder: folder.to_owned(), running: Vec::new() };
        match stack.start_all(stop) {
            Ok(()) => Ok(stack),
            Err(error) => {
                stack.stop(stop);
                Err(error)
            }
        }
    }

    fn start_all(&mut self, stop: &Stop) -> Result<()> {
        let order: Vec<String> = self.file.order()?.into_iter().map(str::to_owned).collect();
        for name in &order {
            self.prepare(name)?;
        }
        for name in &order {
            let awaited = self.file.services.values().any(|service| {
                let dependency = service.depends_on.get(name);
                dependency.is_some_and(|it| it.condition == "service_completed_successfully")
            });
            if awaited {
                self.run_to_its_end(name, stop)?;
            } else {
                self.start_one(name, stop)?;
            }
            for (from, to) in self.wiring.forwards(name, self.service(name)?)? {
                forward::publish(from, to)?;
            }
        }
        Ok(())
    }

    fn service(&self, name: &str) -> Result<&file::Service> {
        self.file.services.get(name).with_context(|| format!("there is no service {name}"))
    }

    fn run_to_its_end(&self, name: &str, stop: &Stop) -> Result<()> {
        console::say(format!("{name}: running"));
        let log = self.folder.join(format!("{name}.log"));
        let mut command = self.command(name, stop)?;
        crate::process::run_logged(&mut command, &log, stop, |_| {})
            .with_context(|| format!("{name}:\n{}", crate::process::tail(&log, 15)))
    }

    fn start_one(&mut self, name: &str, stop: &Stop) -> Result<()> {
        console::say(format!("{name}: starting"));
        let mut command = self.command(name, stop)?;
        let mut service = Service::start(name, &mut command, &self.folder)?;
        let healthy = self.wait_until_healthy(name, &mut service, stop);
        self.running.push((name.to_owned(), service));
        healthy
    }

    fn wait_until_healthy(&self, name: &str, service: &mut Service, stop: &Stop) -> Result<()> {
        let check = self.healthcheck(name, stop)?;
        let healthy = stop.wait_for(HEALTHY_WITHIN, || {
            service.check()?;
            Ok(check.passes().then_some(()))
        })?;
        healthy.with_context(|| format!("{name} was not healthy within {}", console::took(HEALTHY_WITHIN)))
    }

    /// Replaces one service by itself, as a new image does: the others go on and are told nothing.
    pub(crate) fn replace_screen(&mut self, name: &str, screen: PathBuf, stop: &Stop) -> Result<()> {
        let Some(at) = self.running.iter().position(|(other, _)| other == name) else {
            bail!("{name} does not run");
        };
        let (_, old) = self.running.remove(at);
        old.stop(GRACE, stop);
        self.programs.screen = screen;
        self.start_one(name, stop)
    }

    /// Where a published port is reached here.
    pub(crate) fn address(&self, published: u16) -> Result<String> {
        Ok(format!("http://localhost:{}", self.wiring.published(published)?))
    }

    /// `Err` once a service has died.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.running.iter_mut().try_for_each(|(_, service)| service.check())
    }

    /// Stops all, the last ones first.
    pub(crate) fn stop(self, stop: &Stop) {
        for (_, service) in self.running.into_iter().rev() {
            service.stop(GRACE, stop);
        }
    }

    /// Makes the folder of everything that a service finds mounted.
    fn prepare(&mut self, name: &str) -> Result<()> {
        let service = self.file.services.get(name).with_context(|| format!("there is no service {name}"))?;
        for value in service.environment.values().flatten() {
            // Ports that are open on the stack's own networks alone.
            if let Some(port) = value.strip_prefix("0.0.0.0:").and_then(|port| port.parse().ok()) {
                self.wiring.inner(name, port)?;
            }
        }
        self.wiring.mount(name, service)?;
        for volume in service.volumes.iter().filter(|volume| volume.kind == "bind") {
            let copy = self.wiring.source(volume);
            for entry in std::fs::read_dir(&volume.source).with_context(|| volume.source.clone())? {
                let path = entry?.path();
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let text = self.wiring.translate(name, service, &text);
                places::write_private(&copy.join(path.file_name().unwrap_or_default()), text.as_bytes())?;
            }
        }
        Ok(())
    }
}
