//! The development servers of the shell and of each screen program.

use crate::http::Client;
use crate::process::{self, Service};
use crate::stop::Stop;
use crate::{console, places};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The program that has the page.
pub(super) const SHELL: &str = "shell";
/// The screen that has the port that is named; others come after it.
const FIRST: &str = "support-tickets";
/// A first build takes some seconds, on a busy machine more.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// They hold nothing that would have to be finished.
const GRACE: Duration = Duration::from_secs(3);

struct Program {
    name: String,
    folder: PathBuf,
    port: u16,
    running: Option<(Service, Log)>,
}

/// All of them, the shell first.
pub(super) struct Programs(Vec<Program>);

impl Programs {
    /// Finds them in a checkout and gives each its port.
    pub(super) fn find(checkout: &Path, port: u16, remote_port: u16) -> Result<Self> {
        let remotes = checkout.join("web/remotes");
        let entries =
            std::fs::read_dir(&remotes).with_context(|| format!("cannot read {}", remotes.display()))?;
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.retain(|folder| folder.join("rsbuild.config.mjs").is_file());
        folders.sort_by_key(|folder| (!folder.ends_with(FIRST), folder.clone()));
        let mut all =
            vec![Program { name: SHELL.into(), folder: checkout.join("web/shell"), port, running: None }];
        for (folder, port) in folders.into_iter().zip(remote_port..) {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            all.push(Program { name, folder, port, running: None });
        }
        Ok(Self(all))
    }

    /// Names and ports.
    pub(super) fn ports(&self) -> impl Iterator<Item = (&str, u16)> {
        self.0.iter().map(|program| (program.name.as_str(), program.port))
    }

    /// Origins of the screens, by their folder.
    pub(super) fn origins(&self) -> BTreeMap<String, String> {
        let remotes = self.ports().filter(|(name, _)| *name != SHELL);
        remotes.map(|(name, port)| (name.to_owned(), format!("http://127.0.0.1:{port}"))).collect()
    }

    /// Ends what a killed run left behind.
    pub(super) fn end_leftovers(&self, data: &Path) -> Result<()> {
        self.0.iter().try_for_each(|program| process::end_leftover(&program.name, data))
    }

    /// Starts them. Their logs are in `data`.
    pub(super) fn start(&mut self, api_port: u16, data: &Path) -> Result<()> {
        let rsbuild = places::root().join("node_modules/@rsbuild/core/bin/rsbuild.js");
        for program in &mut self.0 {
            let mut command = Command::new("node");
            command
                .arg(&rsbuild)
                .args(["dev", "--config", "rsbuild.config.mjs"])
                .current_dir(&program.folder)
                .env("NODE_ENV", "development")
                .env("FLOWBIT_DEV_PORT", program.port.to_string())
                .env("FLOWBIT_DEV_API", format!("http://127.0.0.1:{api_port}"));
            let service = Service::start(&program.name, &mut command, data)?;
            let log = Log::of(&program.name, data)?;
            program.running = Some((service, log));
        }
        Ok(())
    }

    /// Waits until each has built once.
    pub(super) fn wait(&mut self, stop: &Stop) -> Result<()> {
        for at in 0..self.0.len() {
            let (name, port) = (self.0[at].name.clone(), self.0[at].port);
            let client = Client::new(format!("http://127.0.0.1:{port}"));
            let path = if name == SHELL { "/" } else { "/mf-manifest.json" };
            let ready = stop.wait_for(READY_WITHIN, || {
                self.look()?;
                Ok((client.status(path) == Some(200)).then_some(()))
            })?;
            ready.with_context(|| format!("{name} was not built within {}", console::took(READY_WITHIN)))?;
        }
        Ok(())
    }

    /// Shows what they have said since; `Err` once one has died.
    pub(super) fn look(&mut self) -> Result<()> {
        for program in &mut self.0 {
            if let Some((service, log)) = &mut program.running {
                log.show()?;
                service.check()?;
            }
        }
        Ok(())
    }

    /// Lines for a person.
    pub(super) fn describe(&self) -> String {
        let remotes = self.ports().filter(|(name, _)| *name != SHELL);
        remotes.map(|(name, port)| format!("  {name:<14}http://127.0.0.1:{port}\n")).collect()
    }

    /// Process numbers by name.
    pub(super) fn pids(&self) -> Value {
        let one = |program: &Program| Some((program.name.clone(), json!(program.running.as_ref()?.0.pid())));
        Value::Object(self.0.iter().filter_map(one).collect())
    }

    /// Ends them.
    pub(super) fn stop(self, stop: &Stop) {
        let running: Vec<(Service, Log)> = self.0.into_iter().filter_map(|program| program.running).collect();
        running.iter().for_each(|(service, _)| service.ask_to_end());
        for (service, _) in running {
            service.stop(GRACE, stop);
        }
    }
}

/// A log that is shown as it grows, each line with its program's name.
struct Log {
    name: String,
    file: std::fs::File,
    at: u64,
    /// The beginning of a line whose end has not been written yet.
    rest: String,
}

impl Log {
    fn of(name: &str, data: &Path) -> Result<Self> {
        let path = data.join(format!("{name}.log"));
        let file = std::fs::File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { name: name.to_owned(), file, at: 0, rest: String::new() })
    }

    fn show(&mut self) -> Result<()> {
        for line in self.read().with_context(|| format!("the log of {}", self.name))? {
            console::say(format!("{:<16}| {line}", self.name));
        }
        Ok(())
    }

    fn read(&mut self) -> std::io::Result<Vec<String>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(self.at))?;
        self.at += self.file.read_to_end(&mut bytes)? as u64;
        self.rest.push_str(&String::from_utf8_lossy(&bytes));
        let Some((whole, rest)) = self.rest.rsplit_once('\n') else { return Ok(Vec::new()) };
        let lines = whole.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        self.rest = rest.to_owned();
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_log_is_shown_line_by_line() {
        let folder = std::env::temp_dir().join(format!("flowbit-dev-log-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut file = std::fs::File::create(folder.join("shell.log")).unwrap();
        let mut log = Log::of("shell", &folder).unwrap();
        file.write_all(b"one\n\ntw").unwrap();
        assert_eq!(log.read().unwrap(), ["one"]);
        file.write_all(b"o\n").unwrap();
        assert_eq!(log.read().unwrap(), ["two"]);
        assert!(log.read().unwrap().is_empty());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_tickets_screen_has_the_port_that_is_named() {
        let programs = Programs::find(&places::root(), 3000, 3002).unwrap();
        let ports: BTreeMap<&str, u16> = programs.ports().collect();
        assert_eq!((ports[SHELL], ports[FIRST]), (3000, 3002));
        assert!(ports.iter().all(|(name, port)| *name == SHELL || *port >= 3002));
        assert_eq!(programs.origins()[FIRST], "http://127.0.0.1:3002");
    }
}
