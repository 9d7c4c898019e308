//! The stage `compose`: what the file says is what it should say, and its services, run as processes, are the full
//! stack. A browser loads a screen from an origin of its own, and gets another build of it at the next load once
//! that service alone has been replaced.

use crate::compose::{Programs, Stack, file, image};
use crate::n8n::install;
use crate::stop::Stop;
use crate::{console, places, process, start, web};
use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The service that is replaced.
const SCREEN: &str = "support-tickets";
/// What another build of the screen says instead of `New ticket`.
const CHANGE: (&str, &str) = ("create: 'New ticket'", "create: 'Raise a ticket'");

/// A folder with programs that were built before, such as those of a release: tried instead of new ones.
const RELEASE: &str = "FLOWBIT_RELEASE";

/// Ports that are open on the host, with the tunnel.
const PORTS: [u16; 5] = [3000, 3001, 3002, 4040, 5678];

/// The stage.
pub(super) fn run(stop: &Stop) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("flowbit-compose-{}", std::process::id()));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    // PostgreSQL and nginx may be other users, who must come through to what is theirs.
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o711))?;
    let done = check(&folder, stop).and_then(|env| try_out(&env, &folder, stop));
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        console::warn(format!("{} is left behind: {error}", folder.display()));
    }
    done
}

/// What can be seen without running anything. Gives the file of secrets.
fn check(folder: &Path, stop: &Stop) -> Result<PathBuf> {
    let env = folder.join("env");
    std::fs::write(&env, "")?;
    let without = file::read(&env, &[], stop).err().map(|error| format!("{error:#}")).unwrap_or_default();
    ensure!(without.contains("run deploy/make-env"), "without secrets it does not say what to do: {without}");
    std::fs::remove_file(&env)?;

    let make_env = || {
        let mut command = Command::new(places::root().join("deploy/make-env"));
        process::output(command.arg(&env))
    };
    make_env()?;
    let made = std::fs::read_to_string(&env)?;
    ensure!(make_env().is_err(), "deploy/make-env overwrites a file that is there");
    ensure!(std::fs::read_to_string(&env)? == made, "deploy/make-env has changed a file that was there");
    let mode = std::fs::metadata(&env)?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "deploy/make-env lets others read the secrets ({mode:o})");

    let file = file::read(&env, &["tunnel"], stop)?;
    for (name, service) in &file.services {
        check_service(service).with_context(|| format!("compose.yaml: {name}"))?;
    }
    for (name, mode) in [("postgres", "none"), ("migrate", "none")] {
        let found = file.services.get(name).and_then(|service| service.network_mode.as_deref());
        ensure!(found == Some(mode), "compose.yaml: {name} is on a network");
    }
    let remote = file.services.get(SCREEN).and_then(|service| service.build.as_ref());
    let built = remote.and_then(|build| build.args.get("REMOTE")).map(String::as_str);
    ensure!(built == Some(SCREEN), "compose.yaml: {SCREEN} is built from {built:?}");
    let ports: BTreeSet<u16> = file
        .services
        .values()
        .flat_map(|service| &service.ports)
        .map(|port| port.published.parse().context("a published port is no number"))
        .collect::<Result<_>>()?;
    ensure!(ports == BTreeSet::from(PORTS), "compose.yaml publishes {ports:?}");
    Ok(env)
}

fn check_service(service: &file::Service) -> Result<()> {
    ensure!(service.read_only, "its root can be written to");
    ensure!(service.cap_drop == ["ALL"], "it keeps capabilities");
    ensure!(service.security_opt.iter().any(|it| it == "no-new-privileges:true"), "it may gain privileges");
    let local = |port: &file::Port| port.host_ip.as_deref() == Some("127.0.0.1");
    ensure!(service.ports.iter().all(local), "a port is open to more than this machine");
    let dockerfile = service.build.as_ref().map(|build| build.dockerfile.as_str());
    let dockerfile =
        dockerfile.or_else(|| service.image.starts_with("flowbit:").then_some("deploy/flowbit.Dockerfile"));
    let user = match (&service.user, dockerfile) {
        (Some(user), _) => user.clone(),
        (None, Some(dockerfile)) => image::read(dockerfile)?.user,
        (None, None) => String::new(),
    };
    ensure!(
        !["", "root", "0", "0:0"].contains(&user.as_str()),
        "it runs as root, or as whoever its image says"
    );
    if dockerfile.is_none() {
        let tag = service.image.rsplit_once(':').map(|(_, tag)| tag).unwrap_or_default();
        ensure!(
            tag.matches('.').count() >= 1 && tag.starts_with(|c: char| c.is_ascii_digit()),
            "{} is not pinned to a version",
            service.image
        );
    }
    Ok(())
}

fn try_out(env: &Path, folder: &Path, stop: &Stop) -> Result<()> {
    web::install(stop)?;
    let (flowbit, connect) = match std::env::var_os(RELEASE).map(PathBuf::from) {
        Some(folder) => (folder.join("flowbit"), folder.join("flowbit-connect")),
        None => {
            web::build(stop)?;
            (start::build_server(stop)?, start::build_connect(stop)?)
        }
    };
    let n8n = install::ensure(stop)?;
    console::say("Building the screen twice, each time by itself …");
    let source = Source::lay(folder)?;
    let first = source.build("first", stop)?;
    source.change()?;
    let second = source.build("second", stop)?;

    let programs = Programs { flowbit, connect, n8n, screen: first };
    let mut stack = Stack::start(env, folder, programs, stop)?;
    let done = browse(&mut stack, env, folder, &second, stop);
    if done.is_err() {
        for name in ["flowbit", "n8n", SCREEN] {
            let log = folder.join(format!("{name}.log"));
            console::say(format!("The end of {name}'s log:\n{}", process::tail(&log, 15)));
        }
    }
    stack.stop(stop);
    done
}

/// The tests in a browser, which ask for the replacement by a file, and see it done when that is gone.
fn browse(stack: &mut Stack, env: &Path, folder: &Path, second: &Path, stop: &Stop) -> Result<()> {
    let (wish, addresses) = (folder.join("replace"), folder.join("addresses.json"));
    let secrets = std::fs::read_to_string(env)?;
    let password = secrets.lines().find_map(|line| line.strip_prefix("N8N_OWNER_PASSWORD="));
    let text = json!({
        "shell": stack.address(3000)?,
        "api": stack.address(3001)?,
        "screen": stack.address(3002)?,
        "n8n": stack.address(5678)?,
        "n8nPassword": password.context("there is no password of n8n's owner")?,
        "replace": wish,
    });
    places::write_private(&addresses, &serde_json::to_vec(&text)?)?;
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", "test:compose", "--workspace", "e2e"])
        .current_dir(places::root())
        .env("FLOWBIT_COMPOSE", &addresses);
    process::run_watched(&mut command, stop, || {
        stack.check()?;
        if wish.exists() {
            stack.replace_screen(SCREEN, second.to_owned(), stop)?;
            std::fs::remove_file(&wish).context("the wish to replace the screen")?;
        }
        Ok(())
    })
}

/// What `deploy/remote.Dockerfile` copies of the checkout, in a folder of its own.
struct Source(PathBuf);

impl Source {
    fn lay(folder: &Path) -> Result<Self> {
        let source = folder.join("source");
        let root = places::root();
        for part in [
            "package.json",
            "tsconfig.base.json",
            "docs/openapi.json",
            "web/packages",
            &format!("web/remotes/{SCREEN}"),
        ] {
            copy(&root.join(part), &source.join(part), &["-R"])?;
        }
        // As many files as a checkout has packages: links, where the file system allows it.
        let (packages, here) = (root.join("node_modules"), source.join("node_modules"));
        if copy(&packages, &here, &["-al"]).is_err() {
            copy(&packages, &here, &["-a"])?;
        }
        Ok(Self(source))
    }

    fn build(&self, name: &str, stop: &Stop) -> Result<PathBuf> {
        let mut command = Command::new("node");
        command.arg("web/packages/build/src/build-all.mjs").arg(SCREEN).current_dir(&self.0);
        process::run(&mut command, stop).context("the screen does not build by itself")?;
        let built = self.0.with_file_name(name);
        std::fs::rename(self.0.join("web/dist/remotes").join(SCREEN), &built)
            .context("no screen was built")?;
        Ok(built)
    }

    /// Changes a word that people see.
    fn change(&self) -> Result<()> {
        let file = self.0.join(format!("web/remotes/{SCREEN}/src/list/list-toolbar.tsx"));
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if text.matches(CHANGE.0).count() != 1 {
            bail!("{} does not say {:?} once", file.display(), CHANGE.0);
        }
        std::fs::write(&file, text.replace(CHANGE.0, CHANGE.1)).context("the screen's source")
    }
}

fn copy(from: &Path, to: &Path, how: &[&str]) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    process::output(Command::new("cp").args(how).arg(from).arg(to)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stack's screens are those of `registry.json`, but that one of them comes from elsewhere.
    #[test]
    fn the_stacks_registry_differs_in_one_address() {
        let read = |name: &str| std::fs::read_to_string(places::root().join(name)).unwrap();
        let own = r#""/remotes/support-tickets/mf-manifest.json""#;
        let other = r#""http://localhost:3002/mf-manifest.json""#;
        assert!(read("registry.json").contains(own));
        assert_eq!(read("registry.json").replace(own, other), read("deploy/screens/registry.json"));
    }

    /// A package that is missing in a Dockerfile would be missing in the image alone.
    #[test]
    fn dockerfiles_know_all_packages() {
        let root = places::root();
        let folders = ["web/packages", "web/remotes"].map(|parent| root.join(parent).read_dir().unwrap());
        let mut all: Vec<String> = folders
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.join("package.json").is_file())
            .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
            .collect();
        all.extend(["web/shell".to_owned(), "e2e".to_owned()]);
        for dockerfile in ["deploy/flowbit.Dockerfile", "deploy/remote.Dockerfile"] {
            let text = std::fs::read_to_string(root.join(dockerfile)).unwrap();
            for package in &all {
                let line = format!("COPY {package}/package.json {package}/\n");
                assert!(text.contains(&line), "{dockerfile} lacks {line}");
            }
        }
    }

    /// What the images are built from is what the checkout is built with.
    #[test]
    fn dockerfiles_name_the_toolchains_of_the_checkout() {
        let read = |name: &str| std::fs::read_to_string(places::root().join(name)).unwrap();
        let toolchain = read("rust-toolchain.toml");
        let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap();
        let rust = format!("=rust:{}-", channel.trim_matches('"'));
        assert!(read("deploy/flowbit.Dockerfile").contains(&rust), "{rust}");
        let node = |text: String| text.lines().find(|line| line.contains("NODE_IMAGE=")).unwrap().to_owned();
        assert_eq!(node(read("deploy/flowbit.Dockerfile")), node(read("deploy/remote.Dockerfile")));
        let n8n: serde_json::Value = serde_json::from_str(&read("xtask/n8n/package.json")).unwrap();
        let n8n = format!("/n8n:{}\n", n8n["dependencies"]["n8n"].as_str().unwrap());
        assert!(read("compose.yaml").contains(&n8n), "the tests try another n8n than the stack has: {n8n}");
    }
}
