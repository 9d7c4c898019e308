//! The server: built and started again when its sources change. One that does not build leaves the one that runs.

use super::registry;
use super::web::Programs;
use crate::process::{self, Service};
use crate::start::flowbit;
use crate::stop::{Stop, Stopped};
use crate::{console, places};
use anyhow::{Context, Result};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What its record and log are called.
const NAME: &str = "server";
/// Changes that come within so long of each other are one: an editor saves several files, git a whole tree.
const BURST: Duration = Duration::from_millis(200);
/// Longer than that a developer does not wait for sockets to say goodbye.
const GRACE: Duration = Duration::from_secs(5);
/// The folder of what the server is made from, and the files beside it that count as well.
const SOURCES: &str = "crates";
const MANIFESTS: [&str; 2] = ["Cargo.toml", "Cargo.lock"];
/// The server's own folder, in which everything is its own.
const DESK: &str = "desk";
/// What is read by the server while it runs.
const REGISTRY: &str = "registry.json";

/// What has been changed.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    /// The program.
    Program,
    /// The registry of screens alone, which the server reads again by itself.
    Registry,
}

pub(super) struct Server {
    data: PathBuf,
    api_port: u16,
    port: u16,
    origins: BTreeMap<String, String>,
    running: Option<Service>,
    changes: mpsc::Receiver<Change>,
    /// Watches for as long as it lives.
    _watcher: RecommendedWatcher,
}

/// Ends what a killed run left behind.
pub(super) fn end_leftover(data: &Path) -> Result<()> {
    process::end_leftover(NAME, data)
}

impl Server {
    /// Watches from now on; nothing is built yet.
    pub(super) fn new(data: &Path, api_port: u16, port: u16, programs: &Programs) -> Result<Self> {
        let (tell, changes) = mpsc::channel();
        let root = places::root();
        let own = root.clone();
        let mut watcher =
            notify::recommended_watcher(move |result: notify::Result<notify::Event>| match result {
                Ok(event) if is_change(event.kind) => {
                    for change in what_changed(event.paths.iter().map(PathBuf::as_path), &own) {
                        // Nobody listens any more: everything is about to end.
                        let _ = tell.send(change);
                    }
                }
                Ok(_) => {}
                Err(error) => console::warn(format!("changes may be missed: {error}")),
            })
            .context("changes cannot be watched")?;
        // Folders, not files: an editor puts a new file in the old one's place.
        let watched =
            [(root.join(SOURCES), RecursiveMode::Recursive), (root.clone(), RecursiveMode::NonRecursive)];
        for (path, mode) in watched {
            let failed = || format!("changes of {} cannot be watched", path.display());
            watcher.watch(&path, mode).with_context(failed)?;
        }
        let origins = programs.origins();
        Ok(Self { data: data.to_owned(), api_port, port, origins, running: None, changes, _watcher: watcher })
    }

    /// Builds it, and puts it in the place of the one that runs.
    pub(super) fn build_and_start(&mut self, stop: &Stop) -> Result<()> {
        let mut build = places::cargo();
        build.args(["build", "--quiet", "--package", "flowbit-server", "--bin", "flowbit"]);
        self.replace(&mut build, stop)
    }

    /// Puts what `build` makes in the place of the one that runs. If it makes nothing, that goes on.
    fn replace(&mut self, build: &mut Command, stop: &Stop) -> Result<()> {
        let begun = Instant::now();
        if let Err(error) = process::run(build, stop) {
            if error.is::<Stopped>() {
                return Err(error);
            }
            let goes_on = if self.running.is_some() { "; the one before goes on" } else { "" };
            console::warn(format!("The server does not build{goes_on}."));
            return Ok(());
        }
        self.write_registry()?;
        if let Some(old) = self.running.take() {
            old.stop(GRACE, stop);
        }
        let public = flowbit::address(self.port);
        let binary = places::target()?.join("debug/flowbit");
        let mut command = flowbit::command(&binary, &["serve", "--demo"], &self.data.join(DESK), &public);
        command
            .env("FLOWBIT_LISTEN", format!("127.0.0.1:{}", self.api_port))
            .env("FLOWBIT_REGISTRY", self.data.join(REGISTRY));
        let service = Service::start(NAME, &mut command, &self.data)?;
        match flowbit::wait_until_ready(service, &flowbit::address(self.api_port), stop) {
            Ok(service) => {
                self.running = Some(service);
                console::say(format!(
                    "The server is built and started in {}.",
                    console::took(begun.elapsed())
                ));
            }
            Err(error) if error.is::<Stopped>() => return Err(error),
            Err(error) => console::warn(format!("The server does not start: {error:#}")),
        }
        Ok(())
    }

    /// Does what the changes since ask for. A server that has died is said once, and waits for a change.
    pub(super) fn look(&mut self, stop: &Stop) -> Result<()> {
        let mut changes: Vec<Change> = self.changes.try_iter().collect();
        while !changes.is_empty() {
            stop.sleep(BURST)?;
            let more: Vec<Change> = self.changes.try_iter().collect();
            if more.is_empty() {
                break;
            }
            changes.extend(more);
        }
        if changes.contains(&Change::Program) {
            console::say("The server's sources have changed; building …");
            return self.build_and_start(stop);
        }
        if changes.contains(&Change::Registry) {
            self.write_registry()?;
        }
        if let Some(mut service) = self.running.take() {
            match service.check() {
                Ok(()) => self.running = Some(service),
                Err(error) => console::warn(format!("{error:#}\nIt is started again at the next change.")),
            }
        }
        Ok(())
    }

    /// The process number, while it runs.
    pub(super) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(Service::pid)
    }

    /// Ends it.
    pub(super) fn stop(self, stop: &Stop) {
        if let Some(service) = self.running {
            service.stop(GRACE, stop);
        }
    }

    fn write_registry(&self) -> Result<()> {
        let path = places::root().join(REGISTRY);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        match registry::render(&text, &self.origins) {
            Ok(text) => places::write_private(&self.data.join(REGISTRY), text.as_bytes()),
            // Half-written, or wrong for a moment: the one before stays.
            Err(error) => {
                console::warn(format!("{error:#}"));
                Ok(())
            }
        }
    }
}

/// The compiler reads all sources: that is none.
fn is_change(kind: EventKind) -> bool {
    matches!(kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_))
}

/// What these paths belong to. What editors write beside the files they edit is nothing.
fn what_changed<'a>(paths: impl Iterator<Item = &'a Path>, root: &Path) -> Vec<Change> {
    let one = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        let inner = path.strip_prefix(root).ok()?;
        let hidden = |part: &std::ffi::OsStr| part.to_string_lossy().starts_with('.');
        if name.ends_with('~') || inner.iter().any(hidden) {
            return None;
        }
        if inner == Path::new(REGISTRY) {
            return Some(Change::Registry);
        }
        let written =
            ["rs", "toml", "sql", "json"].iter().any(|it| path.extension().is_some_and(|e| e == *it));
        let source = inner.starts_with(SOURCES) && written;
        (source || MANIFESTS.iter().any(|it| inner == Path::new(it))).then_some(Change::Program)
    };
    paths.filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_a_source_is_no_change() {
        use notify::event::{AccessKind, AccessMode, CreateKind, DataChange, ModifyKind};
        assert!(is_change(EventKind::Modify(ModifyKind::Data(DataChange::Any))));
        assert!(is_change(EventKind::Create(CreateKind::File)));
        assert!(!is_change(EventKind::Access(AccessKind::Open(AccessMode::Any))));
    }

    #[test]
    fn sources_count_and_what_lies_beside_them_does_not() {
        let root = Path::new("/flowbit");
        let changed = |path: &str| what_changed([Path::new(path)].into_iter(), root);
        assert_eq!(changed("/flowbit/crates/server/src/main.rs"), [Change::Program]);
        assert_eq!(
            changed("/flowbit/crates/store/migrations/sqlite/tenant/0001_desk.sql"),
            [Change::Program]
        );
        assert_eq!(changed("/flowbit/Cargo.lock"), [Change::Program]);
        assert_eq!(changed("/flowbit/registry.json"), [Change::Registry]);
        for other in [
            "crates/server/src/.main.rs.swp",
            "crates/server/src/main.rs~",
            "crates/.git/x.rs",
            "crates",
            "package.json",
        ] {
            assert_eq!(changed(&format!("/flowbit/{other}")), [], "{other}");
        }
    }

    #[test]
    fn a_server_whose_successor_does_not_build_goes_on() {
        let folder = std::env::temp_dir().join(format!("flowbit-xtask-dev-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let stop = Stop::default();
        let mut old = Command::new("sleep");
        let running = Service::start(NAME, old.arg("600"), &folder).unwrap();
        let pid = running.pid();
        let mut server = Server {
            data: folder.clone(),
            api_port: 0,
            port: 0,
            origins: BTreeMap::new(),
            running: Some(running),
            changes: mpsc::channel().1,
            _watcher: notify::recommended_watcher(|_| {}).unwrap(),
        };
        for _ in 0..2 {
            server.replace(&mut Command::new("false"), &stop).unwrap();
            server.look(&stop).unwrap();
            assert_eq!(server.pid(), Some(pid));
        }
        // And goes when it is told to.
        server.stop(&stop);
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
