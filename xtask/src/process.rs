//! Child processes: each in a process group of its own, so that it ends with all its children, and each
//! long-running one on record, so that the next run finds what a kill -9 of this one left behind.

use crate::console;
use crate::stop::{Stop, Stopped};
use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a step that is given up may take to end by itself.
const STEP_GRACE: Duration = Duration::from_secs(5);

/// Runs a command to its end, with its output on this terminal. It fails when the command fails and is ended
/// with all its children when somebody asks to stop.
pub(crate) fn run(command: &mut Command, stop: &Stop) -> Result<()> {
    match RECORD.with_borrow(Clone::clone) {
        Some(record) => run_recorded(command, &record, stop),
        None => watch(command, stop, |_| Ok(())),
    }
}

thread_local! {
    /// Where [`run`] keeps what its commands say, if somebody wants it: see [`recording`].
    static RECORD: RefCell<Option<PathBuf>> = const { RefCell::new(None) };
}

/// Calls `work`. What the commands say that it runs by [`run`] is in the file `record` afterwards, and was
/// shown all the same.
pub(crate) fn recording<T>(record: &Path, work: impl FnOnce() -> T) -> Result<T> {
    File::create(record).with_context(|| format!("cannot write {}", record.display()))?;
    let before = RECORD.replace(Some(record.to_owned()));
    let result = work();
    RECORD.set(before);
    Ok(result)
}

/// As [`run`], with the output at the end of a file, from where it is shown.
fn run_recorded(command: &mut Command, record: &Path, stop: &Stop) -> Result<()> {
    let reading = || format!("cannot read {}", record.display());
    let file = File::options().append(true).open(record).with_context(reading)?;
    let errors = file.try_clone().context("cannot share the record")?;
    let mut shown = File::open(record).with_context(reading)?;
    shown.seek(SeekFrom::End(0)).with_context(reading)?;
    let ended = watch(command.stdout(file).stderr(errors), stop, |_| Ok(console::copy(&mut shown)?));
    console::copy(&mut shown)?;
    ended
}

/// As [`run`]; `look` is called while it runs, and an error of its ends the command.
pub(crate) fn run_watched(
    command: &mut Command,
    stop: &Stop,
    mut look: impl FnMut() -> Result<()>,
) -> Result<()> {
    watch(command, stop, |_| look())
}

/// As [`run`], with the command's output in a file, from its beginning; `look` is called while it runs with
/// the time since it began.
pub(crate) fn run_logged(
    command: &mut Command,
    log: &Path,
    stop: &Stop,
    mut look: impl FnMut(Duration),
) -> Result<()> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = file.try_clone().context("cannot share the log")?;
    watch(command.stdout(file).stderr(errors), stop, |passed| {
        look(passed);
        Ok(())
    })
}

fn watch(command: &mut Command, stop: &Stop, mut look: impl FnMut(Duration) -> Result<()>) -> Result<()> {
    let mut group = Group::spawn(command)?;
    let begun = Instant::now();
    loop {
        if let Some(status) = group.ended()? {
            return if status.success() { Ok(()) } else { Err(anyhow!("{} {}", group.what, why(status))) };
        }
        if stop.requested() {
            group.end(STEP_GRACE, stop);
            return Err(Stopped.into());
        }
        // Dropped, the group is ended.
        look(begun.elapsed())?;
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// How a child ended, in words.
pub(crate) fn why(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

/// Whether a program can be started at all.
pub(crate) fn is_there(program: &str) -> bool {
    output(Command::new(program).arg("--version")).is_ok()
}

/// What a quick command prints, trimmed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {name}"))?;
    if !out.status.success() {
        bail!("{name} {}: {}", why(out.status), String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// The last lines of a log: what a person needs to see why something died.
pub(crate) fn tail(log: &Path, lines: usize) -> String {
    let text =
        std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].iter().map(|line| format!("  | {line}\n")).collect()
}

/// A child and its group.
struct Group {
    what: String,
    child: Child,
    pid: Pid,
    over: Option<ExitStatus>,
}

impl Group {
    fn spawn(command: &mut Command) -> Result<Self> {
        let what = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).process_group(0).spawn().map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                anyhow!("{what} is not installed or not in PATH")
            } else {
                anyhow!("cannot start {what}: {error}")
            }
        })?;
        let pid =
            i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("a child without a number")?;
        Ok(Self { what, child, pid, over: None })
    }

    fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.over.is_none() {
            self.over = self.child.try_wait().with_context(|| format!("cannot wait for {}", self.what))?;
        }
        Ok(self.over)
    }

    /// SIGTERM, and SIGKILL to the whole group when `grace` is over or the person insists.
    fn end(&mut self, grace: Duration, stop: &Stop) {
        let until = Instant::now() + grace;
        if self.over.is_none() {
            let _ = kill_process_group(self.pid, Signal::TERM);
        }
        while matches!(self.ended(), Ok(None)) && Instant::now() < until && !stop.insisted() {
            std::thread::sleep(Duration::from_millis(20));
        }
        // Also when the child itself has ended: its own children must not stay behind.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let _ = self.child.wait();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.over.is_none() {
            self.end(STEP_GRACE, &Stop::default());
        }
    }
}

/// A long-running child: its output goes to a log, its number to a record.
pub(crate) struct Service {
    name: String,
    group: Group,
    log: PathBuf,
    record: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Record {
    pid: i32,
    /// When that process began, as the system counts it: numbers are used again, beginnings are not.
    began: String,
}

impl Service {
    /// Starts it. `folder` holds `<name>.log` and `<name>.pid`.
    pub(crate) fn start(name: &str, command: &mut Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let record = folder.join(format!("{name}.pid"));
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let errors = file.try_clone().context("cannot share the log")?;
        let group = Group::spawn(command.stdout(file).stderr(errors))?;
        let pid = group.pid.as_raw_nonzero().get();
        let entry = Record { pid, began: began(pid).unwrap_or_default() };
        std::fs::write(&record, serde_json::to_vec(&entry)?)
            .with_context(|| format!("cannot write {}", record.display()))?;
        Ok(Self { name: name.to_owned(), group, log, record })
    }

    /// The process number.
    pub(crate) fn pid(&self) -> u32 {
        self.group.child.id()
    }

    /// `Err` with the reason and the end of its log once it has died.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.group.ended()? {
            None => Ok(()),
            Some(status) => bail!(
                "{} {}. The end of {}:\n{}",
                self.name,
                why(status),
                self.log.display(),
                tail(&self.log, 15)
            ),
        }
    }

    /// Asks it to end, without waiting for it.
    pub(crate) fn ask_to_end(&self) {
        if self.group.over.is_none() {
            let _ = kill_process_group(self.group.pid, Signal::TERM);
        }
    }

    /// Asks it to end, and ends it when `grace` is over.
    pub(crate) fn stop(mut self, grace: Duration, stop: &Stop) {
        self.group.end(grace, stop);
        let _ = std::fs::remove_file(&self.record);
    }
}

/// Ends what an earlier run that was killed left behind in `folder`, if it is still the same process.
pub(crate) fn end_leftover(name: &str, folder: &Path) -> Result<()> {
    let path = folder.join(format!("{name}.pid"));
    let Ok(text) = std::fs::read(&path) else { return Ok(()) };
    if let Ok(entry) = serde_json::from_slice::<Record>(&text)
        && !entry.began.is_empty()
        && began(entry.pid).is_some_and(|now| now == entry.began)
        && let Some(pid) = Pid::from_raw(entry.pid)
    {
        console::say(format!("Ending the {name} that an earlier run left behind (process {}).", entry.pid));
        let until = Instant::now() + Duration::from_secs(15);
        let _ = kill_process_group(pid, Signal::TERM);
        while began(entry.pid).is_some_and(|now| now == entry.began) {
            if Instant::now() > until {
                let _ = kill_process_group(pid, Signal::KILL);
            }
            if Instant::now() > until + Duration::from_secs(5) {
                bail!("the {name} of an earlier run (process {}) does not end", entry.pid);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
}

/// When a process began: field 22 of `/proc/<pid>/stat` where there is one, `ps` elsewhere.
fn began(pid: i32) -> Option<String> {
    if let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        // The name stands in parentheses and may hold anything, so fields are counted behind the last one.
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        // A zombie has ended; only its parent has not looked yet.
        return if fields.next() == Some("Z") { None } else { fields.nth(18).map(str::to_owned) };
    }
    if Path::new("/proc/self/stat").exists() {
        return None;
    }
    output(Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]))
        .ok()
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_step_tells_how_it_failed() {
        let error = run(&mut shell("exit 3"), &Stop::default()).unwrap_err();
        assert_eq!(error.to_string(), "sh ended with exit code 3");
        let error = run(&mut Command::new("no-such-program"), &Stop::default()).unwrap_err();
        assert_eq!(error.to_string(), "no-such-program is not installed or not in PATH");
    }

    #[test]
    fn what_a_step_says_is_kept_for_who_asks() {
        let record = std::env::temp_dir().join(format!("flowbit-record-{}", std::process::id()));
        let stop = Stop::default();
        let ended = recording(&record, || {
            run(&mut shell("echo first; echo second >&2"), &stop)?;
            run(&mut shell("echo third; exit 1"), &stop)
        });
        ended.unwrap().unwrap_err();
        run(&mut shell("echo to nobody"), &stop).unwrap();
        assert_eq!(std::fs::read_to_string(&record).unwrap(), "first\nsecond\nthird\n");
        std::fs::remove_file(&record).unwrap();
    }

    #[test]
    fn a_step_ends_with_its_children_when_asked_to_stop() {
        let stop = Stop::default();
        stop.request();
        let begun = Instant::now();
        let error = run(&mut shell("sleep 60 & wait"), &stop).unwrap_err();
        assert!(error.is::<Stopped>());
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn what_a_killed_run_left_behind_is_ended_by_the_next() {
        let folder = std::env::temp_dir().join(format!("flowbit-xtask-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let service = Service::start("sleeper", &mut shell("sleep 60"), &folder).unwrap();
        let pid = service.group.pid.as_raw_nonzero().get();
        // Reap it as init would: the "earlier run" is this process, and a child stays a zombie until asked.
        let reaper = std::thread::spawn(move || {
            let mut service = service;
            while service.check().is_ok() {
                std::thread::sleep(Duration::from_millis(10));
            }
            service
        });
        end_leftover("sleeper", &folder).unwrap();
        assert!(began(pid).is_none());
        assert!(!folder.join("sleeper.pid").exists());
        drop(reaper.join().unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_number_that_was_used_again_is_left_alone() {
        let folder = std::env::temp_dir().join(format!("flowbit-xtask-reused-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let me = Record { pid: i32::try_from(std::process::id()).unwrap(), began: "long ago".to_owned() };
        std::fs::write(folder.join("other.pid"), serde_json::to_vec(&me).unwrap()).unwrap();
        end_leftover("other", &folder).unwrap();
        assert!(!folder.join("other.pid").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_tail_is_short_and_marked() {
        let file = std::env::temp_dir().join(format!("flowbit-tail-{}", std::process::id()));
        std::fs::write(&file, "a\nb\nc\n").unwrap();
        assert_eq!(tail(&file, 2), "  | b\n  | c\n");
        std::fs::remove_file(&file).unwrap();
    }
}
