//! A disk whose fsync of a tenant's log a test can hold back, to see what the server does while nothing
//! that it wrote is safe yet, and that can be full.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Server, client::until};

/// The gate, open until it is closed.
pub(crate) struct Gate {
    lock: File,
    log: PathBuf,
    full: PathBuf,
}

impl Gate {
    /// Puts a gate before the disk of processes that `server` starts from now on. The C compiler that
    /// builds the bundled SQLite builds it.
    pub(crate) fn before(server: &mut Server) -> Self {
        let at = |name: &str| server.folder().join(name);
        let (library, lock, log, full) = (at("gate.so"), at("gate.lock"), at("gate.log"), at("gate.full"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/harness/gate.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let built = Command::new(compiler)
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the gate can't be built");
        File::create(&log).expect("a file");
        let gate = Self { lock: File::create(&lock).expect("a file"), log, full };
        for (name, path) in [
            ("LD_PRELOAD", &library),
            ("GATE_LOCK", &lock),
            ("GATE_LOG", &gate.log),
            ("GATE_FULL", &gate.full),
        ] {
            server.set(name, &path.display().to_string());
        }
        gate
    }

    /// How many fsyncs have begun.
    pub(crate) fn knocks(&self) -> u64 {
        std::fs::metadata(&self.log).map_or(0, |file| file.len())
    }

    /// From now on no fsync comes back.
    pub(crate) fn close(&self) {
        self.lock.lock().expect("a lock");
    }

    /// Lets all come back.
    pub(crate) fn open(&self) {
        self.lock.unlock().expect("no lock");
    }

    /// Waits until more fsyncs than `before` have begun.
    pub(crate) async fn until_knocked(&self, before: u64) {
        until("an fsync", async || (self.knocks() > before).then_some(())).await;
    }

    /// From now on the disk has no room for what companies have.
    pub(crate) fn fill(&self) {
        File::create(&self.full).expect("a file");
    }

    /// There is room again.
    pub(crate) fn make_room(&self) {
        std::fs::remove_file(&self.full).expect("a file");
    }
}
