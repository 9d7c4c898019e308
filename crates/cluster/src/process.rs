//! The server process.

use std::{
    ffi::OsStr,
    fs,
    io::{self, BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak, mpsc},
    thread::JoinHandle,
};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

use crate::VARIABLE;

/// Whether what it has acknowledged outlasts a crash of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production.
    Full,
    /// Not at all: nothing is waited for. For tests of something else.
    None,
}

/// A running PostgreSQL. If it was started by this process, it ends when this is dropped.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    /// `None`: somebody else's.
    own: Option<Own>,
}

struct Own {
    running: Mutex<Option<(Pid, JoinHandle<()>)>>,
    folder: Option<TempDir>,
    durability: Durability,
    settings: Vec<String>,
}

static RUNNING: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

/// Where Debian keeps the server's programs, the newest version first; elsewhere they are in PATH.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> =
        versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.is_file()).collect();
    versions.sort();
    versions.pop().unwrap_or_else(|| name.into())
}

/// The ids of the user that runs the server, if it can't be this one.
fn other_user() -> io::Result<Option<(u32, u32)>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    });
    ids.map(Some).ok_or_else(|| io::Error::other("there is no user postgres to run PostgreSQL as"))
}

/// A command that is run as the other user, and killed when the thread that started it ends.
fn command(program: &Path, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new("setpriv");
    if let Some((uid, gid)) = user {
        command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
    }
    command.args(["--pdeathsig", "QUIT", "--"]).arg(program).env_clear().env("LC_ALL", "C.UTF-8");
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

impl Cluster {
    /// The one that `FLOWBIT_TEST_POSTGRES` names; else one of this process, shared by all its tests that
    /// run at the same time.
    ///
    /// # Errors
    /// When none can be started.
    pub fn for_tests() -> io::Result<Arc<Self>> {
        if let Some(named) = std::env::var_os(VARIABLE) {
            return Self::named(&named).map(Arc::new);
        }
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = running.upgrade() {
            return Ok(cluster);
        }
        let cluster = Arc::new(Self::start(Durability::None)?);
        *running = Arc::downgrade(&cluster);
        Ok(cluster)
    }

    fn named(text: &OsStr) -> io::Result<Self> {
        let text = text.to_string_lossy();
        let parts =
            text.rsplit_once(':').and_then(|(folder, port)| Some((folder.into(), port.parse().ok()?)));
        let (folder, port) =
            parts.ok_or_else(|| io::Error::other(format!("{VARIABLE} must be folder:port")))?;
        Ok(Self { folder, port, own: None })
    }

    /// Makes and starts a new one.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(durability: Durability) -> io::Result<Self> {
        Self::start_with(durability, &[])
    }

    /// The same with settings of the caller's, each as `name=value`, which win over its own.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start_with(durability: Durability, settings: &[&str]) -> io::Result<Self> {
        Self::start_on(durability, settings, |folder| {
            let mut initdb = command(&program("initdb"), other_user()?);
            initdb
                .arg("--pgdata")
                .arg(folder.join("data"))
                .args(["--username=postgres", "--auth-local=trust", "--auth-host=scram-sha-256"])
                .args(["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"])
                .current_dir(folder);
            run_to_its_end("initdb", initdb)
        })
    }

    /// Starts one on a copy of another's data, with what its recovery needs as settings.
    ///
    /// # Errors
    /// When it can't be copied, or PostgreSQL does not start on it.
    pub fn recover(base: &Path, settings: &[&str]) -> io::Result<Self> {
        Self::start_on(Durability::None, settings, |folder| {
            let data = folder.join("data");
            let mut copy = Command::new("cp");
            copy.arg("--archive").arg(base).arg(&data);
            run_to_its_end("cp", copy)?;
            let signal = data.join("recovery.signal");
            fs::write(&signal, "")?;
            other_user()?.map_or(Ok(()), |(uid, gid)| chown(signal, Some(uid), Some(gid)))
        })
    }

    /// Copies all of its data while it runs, into a new folder within [`Cluster::folder`].
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn back_up(&self, name: &str) -> io::Result<PathBuf> {
        let to = self.folder.join(name);
        let mut backup = command(&program("pg_basebackup"), other_user()?);
        backup.arg("--pgdata").arg(&to).args([
            "--checkpoint=fast",
            "--no-sync",
            "--username=postgres",
            "--host",
        ]);
        backup.arg(&self.folder).args(["--port", &self.port.to_string()]).current_dir(&self.folder);
        run_to_its_end("pg_basebackup", backup)?;
        Ok(to)
    }

    /// A new folder within [`Cluster::folder`], the server's own.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn make_folder(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(name);
        fs::create_dir(&path)?;
        if let Some((uid, gid)) = other_user()? {
            chown(&path, Some(uid), Some(gid))?;
        }
        Ok(path)
    }

    fn start_on(
        durability: Durability,
        settings: &[&str],
        make: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<Self> {
        let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
        let user = other_user()?;
        let folder = tempfile::Builder::new().prefix("flowbit-postgres-").tempdir()?;
        if let Some((uid, gid)) = user {
            chown(folder.path(), Some(uid), Some(gid))?;
        }
        let data = folder.path().join("data");
        make(folder.path())?;
        // Another process may take the port between the look and the start.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            if let Some(running) = run(&data, folder.path(), port, durability, &settings, user)? {
                let path = folder.path().to_owned();
                let own =
                    Own { running: Mutex::new(Some(running)), folder: Some(folder), durability, settings };
                return Ok(Self { folder: path, port, own: Some(own) });
            }
        }
        Err(io::Error::other("PostgreSQL did not start"))
    }

    /// The folder of its socket.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its port, on 127.0.0.1 as well as in the name of its socket.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database for a role, by the socket.
    #[must_use]
    pub fn address(&self, role: &str, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgresql://{role}@{folder}:{}/{database}", self.port)
    }

    /// As [`VARIABLE`] wants it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.folder.display(), self.port)
    }

    /// Crashes it and starts it again on what it had.
    ///
    /// # Errors
    /// When it is somebody else's, or does not start again.
    pub fn restart(&self) -> io::Result<()> {
        let own = self.own.as_ref().ok_or_else(|| io::Error::other("the cluster is somebody else's"))?;
        let mut running = own.running.lock().unwrap_or_else(PoisonError::into_inner);
        end(running.take());
        let data = self.folder.join("data");
        *running = run(&data, &self.folder, self.port, own.durability, &own.settings, other_user()?)?;
        running.as_ref().map(|_| ()).ok_or_else(|| io::Error::other("PostgreSQL did not start again"))
    }
}

fn run_to_its_end(name: &str, mut command: Command) -> io::Result<()> {
    let done = command.output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{name}: {}", String::from_utf8_lossy(&done.stderr))))
}

/// Immediately, as a crash does: nobody is told, nothing is written.
fn end(running: Option<(Pid, JoinHandle<()>)>) {
    if let Some((pid, waiting)) = running {
        let _ = kill_process(pid, Signal::QUIT);
        let _ = waiting.join();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(own) = &mut self.own {
            end(own.running.get_mut().unwrap_or_else(PoisonError::into_inner).take());
            own.folder.take();
        }
    }
}

/// Runs the server until it is ready. `None`: it ended before, since its port was taken.
fn run(
    data: &Path,
    folder: &Path,
    port: u16,
    durability: Durability,
    settings: &[String],
    user: Option<(u32, u32)>,
) -> io::Result<Option<(Pid, JoinHandle<()>)>> {
    let mut postgres = command(&program("postgres"), user);
    postgres.arg("-D").arg(data).arg("-k").arg(folder).args(["-p", &port.to_string()]);
    for setting in
        ["listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=32MB", "logging_collector=off"]
    {
        postgres.args(["-c", setting]);
    }
    if durability == Durability::None {
        for setting in ["fsync=off", "full_page_writes=off", "synchronous_commit=off"] {
            postgres.args(["-c", setting]);
        }
    }
    // The last one of a name counts.
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    postgres.current_dir(folder).stderr(Stdio::piped());
    let (sender, started) = mpsc::channel();
    // The server is told to end when the thread that started it does: this one waits for it.
    let waiting = std::thread::Builder::new().name("postgres".to_owned()).spawn(move || {
        let mut child = match postgres.spawn() {
            Ok(child) => child,
            Err(e) => return drop(sender.send(Err(e))),
        };
        let is_ready = wait_until_ready(&mut child);
        let pid = is_ready.then(|| Pid::from_child(&child));
        let _ = sender.send(Ok(pid));
        let _ = child.wait();
    })?;
    match started.recv().map_err(io::Error::other)?? {
        Some(pid) => Ok(Some((pid, waiting))),
        None => Ok(waiting.join().ok().and(None)),
    }
}

/// Reads its log until it says so; what it says after is read and dropped, so that it never waits for us.
fn wait_until_ready(child: &mut Child) -> bool {
    let Some(log) = child.stderr.take() else { return false };
    let mut log = BufReader::new(log);
    let mut line = String::new();
    loop {
        line.clear();
        match log.read_line(&mut line) {
            Ok(0) | Err(_) => return false,
            Ok(_) if line.contains("ready to accept connections") => break,
            Ok(_) => {}
        }
    }
    std::thread::spawn(move || io::copy(&mut log, &mut io::sink()));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_listens_and_leaves_nothing() {
        let cluster = Cluster::start(Durability::None).unwrap();
        let pid = cluster.own.as_ref().unwrap().running.lock().unwrap().as_ref().unwrap().0;
        std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, cluster.port())).unwrap();
        let folder = cluster.folder().to_owned();
        assert!(folder.join("data/postmaster.pid").exists());
        drop(cluster);
        assert!(!folder.exists());
        assert!(kill_process(pid, Signal::INT).is_err(), "it is still there");
    }
}
