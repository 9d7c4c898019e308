//! Killing a command at each step by which it changes files, one after another: a real SIGKILL, at a place that is
//! chosen rather than met by chance.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::program::{Place, code, stderr};

/// The signal that nothing survives.
const KILL: i32 = 9;

/// The library that counts steps and kills at one. The C compiler that builds the bundled SQLite builds it.
pub(crate) struct Steps {
    library: PathBuf,
    log: PathBuf,
}

impl Steps {
    pub(crate) fn of(place: &Place) -> Self {
        let (library, log) = (place.path("steps.so"), place.path("steps.log"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operator/steps.c");
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let built = Command::new(compiler)
            .args(["-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .status();
        assert!(built.is_ok_and(|status| status.success()), "the library can't be built");
        Self { library, log }
    }

    fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = place.command(arguments);
        command
            .env("LD_PRELOAD", &self.library)
            .env("STEPS_LOG", &self.log)
            // As the system names it, which is how open files are called.
            .env("STEPS_WITHIN", fs::canonicalize(place.path("")).unwrap());
        command
    }

    /// Runs a command to its end, which must be good; answers in how many steps it went.
    #[track_caller]
    pub(crate) fn count(&self, place: &Place, arguments: &[&str]) -> u64 {
        fs::write(&self.log, "").unwrap();
        let output = self.command(place, arguments).output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
        fs::metadata(&self.log).unwrap().len()
    }

    /// Runs a command and kills it instead of a step. Whether it was: it may have had fewer this time.
    #[track_caller]
    pub(crate) fn kill(&self, place: &Place, arguments: &[&str], step: u64) -> bool {
        let output = self.command(place, arguments).env("STEPS_KILL", step.to_string()).output().unwrap();
        match output.status.signal() {
            Some(signal) => {
                assert_eq!(signal, KILL, "{arguments:?}: {}", stderr(&output));
                true
            }
            None => {
                assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
                false
            }
        }
    }
}

/// At most so many of the steps from the first to the last, evenly spread, both ends among them.
pub(crate) fn some_of(steps: u64, most: u64) -> Vec<u64> {
    let mut chosen: Vec<u64> = (0..most).map(|n| 1 + n * (steps - 1) / (most - 1)).collect();
    chosen.dedup();
    chosen
}

/// Copies a folder with all that is in it, but for sockets.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, target) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy_folder(&entry.path(), &target);
        } else if kind.is_file() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Puts a copy of a folder in its place.
pub(crate) fn put_back(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    copy_folder(from, to);
}
