//! The web side: its packages and its build, both only when something changed.

use crate::stop::{Stop, Stopped};
use crate::{console, places, process, stamp};
use anyhow::{Context, Result, anyhow, bail};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What the web side is made from.
const SOURCES: [&str; 5] =
    ["web", "package.json", "package-lock.json", "tsconfig.base.json", "docs/openapi.json"];

/// What is made of it.
const MADE: &str = "web/dist";

/// The oldest Node that the build tools take.
const NODE: (u32, u32) = (20, 19);

/// `Err` with a sentence for a person when Node or npm is missing or too old.
pub(crate) fn check_node() -> Result<()> {
    let Ok(version) = process::output(Command::new("node").arg("--version")) else {
        bail!(
            "Node.js is not installed (node {}.{} or newer, with npm, from nodejs.org or your distribution)",
            NODE.0,
            NODE.1
        );
    };
    if parse_version(&version).is_none_or(|found| found < NODE) {
        bail!("Node.js {version} is too old; {}.{} or newer is needed", NODE.0, NODE.1);
    }
    if !process::is_there("npm") {
        bail!("Node.js is there, but npm is not");
    }
    Ok(())
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs the packages when `package-lock.json` is newer than what npm installed last.
pub(crate) fn install(stop: &Stop) -> Result<()> {
    check_node()?;
    let root = places::root();
    if is_newer(&root.join("node_modules/.package-lock.json"), &root.join("package-lock.json")) {
        return Ok(());
    }
    check_registry(stop)?;
    // Not `npm ci`: it refuses a lock without the packages of other systems, which a registry that does
    // not carry them makes. This takes what is locked just the same, and writes nothing back.
    console::say("Installing the web side's packages (npm install) …");
    let mut command = Command::new("npm");
    command.args(["install", "--no-save", "--no-audit", "--no-fund"]).current_dir(&root);
    process::run(&mut command, stop).context("npm install failed")
}

/// `Err` at once when the npm registry cannot be reached. npm itself would try each of its packages again and
/// again, for many minutes.
pub(crate) fn check_registry(stop: &Stop) -> Result<()> {
    let log = places::target()?.join("xtask/registry.log");
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut command = Command::new("npm");
    // Any small package will do, but from the registry, not from npm's cache.
    command.args([
        "view",
        "ms",
        "version",
        "--fetch-retries=1",
        "--fetch-retry-mintimeout=1000",
        "--fetch-timeout=15000",
    ]);
    command.arg("--prefer-online").current_dir(places::root());
    process::run_logged(&mut command, &log, stop, |_| {}).map_err(|error| {
        if error.is::<Stopped>() {
            return error;
        }
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let code = text.lines().find_map(|line| line.strip_prefix("npm error code ")).unwrap_or("no answer");
        anyhow!("the npm registry, where the packages come from, cannot be reached ({code})")
    })
}

/// Whether `made` exists and was written after `source`.
fn is_newer(made: &Path, source: &Path) -> bool {
    let time = |path: &Path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    matches!((time(made), time(source)), (Some(made), Some(source)) if made >= source)
}

/// Builds the shell and the remotes into `web/dist`, unless the sources are those of the last build.
pub(crate) fn build(stop: &Stop) -> Result<()> {
    install(stop)?;
    let root = places::root();
    let file = places::target()?.join("xtask/web.stamp");
    let sources = stamp::digest(&root, &SOURCES)?;
    if stamp::is_current(&file, &stamp_of(&root, &sources)?) && is_built() {
        console::say("The web side is built and unchanged.");
        return Ok(());
    }
    console::say("Building the web side (npm run build) …");
    let begun = Instant::now();
    process::run(Command::new("npm").args(["run", "--silent", "build"]).current_dir(&root), stop)
        .context("the web side does not build")?;
    console::say(format!("Built in {}.", console::took(begun.elapsed())));
    stamp::write(&file, &stamp_of(&root, &sources)?)
}

/// What was made stands in it beside what it was made from: cargo's output, where the stamp is, may serve several
/// checkouts, and `npm run build` writes no stamp.
fn stamp_of(root: &Path, sources: &str) -> Result<String> {
    Ok(format!("{sources} {}", stamp::digest(root, &[MADE])?))
}

/// Whether there is a web side to serve, perhaps an older one.
pub(crate) fn is_built() -> bool {
    places::root().join("web/dist/shell/index.html").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_of_what_stands_there() {
        let root = std::env::temp_dir().join(format!("flowbit-web-stamp-{}", std::process::id()));
        let page = root.join("web/dist/shell/index.html");
        std::fs::create_dir_all(page.parent().unwrap()).unwrap();
        std::fs::write(&page, "of these sources").unwrap();
        let file = root.join("stamp");
        stamp::write(&file, &stamp_of(&root, "sources").unwrap()).unwrap();
        let is_current = |sources: &str| stamp::is_current(&file, &stamp_of(&root, sources).unwrap());
        assert!(is_current("sources") && !is_current("others"));

        std::fs::write(&page, "of another checkout, or of an hour ago").unwrap();
        assert!(!is_current("sources"), "the same sources, but this was made from others");
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn versions_of_node_compare_as_numbers() {
        assert_eq!(parse_version("v20.19.5\n"), Some((20, 19)));
        assert!(parse_version("v9.11.2") < Some(NODE));
        assert!(parse_version("v24.0.0") > Some(NODE));
        assert_eq!(parse_version("none"), None);
    }
}
