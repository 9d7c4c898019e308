//! Programs that Debian has as packages: found, or installed first if that can be done without asking anybody.

use crate::stop::Stop;
use crate::{console, process};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian keeps PostgreSQL's own programs, each version in a folder.
const POSTGRESQL: &str = "/usr/lib/postgresql";

/// The program of that name, from `package`, which is installed if it is missing.
pub(crate) fn ensure(program: &str, package: &str, stop: &Stop) -> Result<PathBuf> {
    if let Some(found) = find(program) {
        return Ok(found);
    }
    if !process::is_there("apt-get") {
        bail!(
            "{program} is not installed and this is no Debian: install it (there it is in the package {package})"
        );
    }
    console::say(format!("Installing Debian's package {package} …"));
    for arguments in [&["update", "-q"][..], &["install", "-q", "-y", "--no-install-recommends", package]] {
        let mut command = as_root("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command, stop)
            .with_context(|| format!("{program} is missing, and {package} cannot be installed"))?;
    }
    find(program).with_context(|| format!("{package} is installed, but {program} is not to be found"))
}

fn as_root(program: &str) -> Command {
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["--non-interactive", program]);
    command
}

/// In PATH, where administrators have theirs, or among PostgreSQL's, the newest version first.
fn find(program: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir(POSTGRESQL).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .chain(versions.into_iter().rev().map(|(_, folder)| folder));
    folders.map(|folder| folder.join(program)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
    }
}
