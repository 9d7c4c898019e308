//! The real binary on a data folder, a port and an environment of its own.

use std::{
    fs::OpenOptions,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread::JoinHandle,
    time::Instant,
};

use super::{Dice, PASSWORD, PATIENCE, Web, beside, place::Place};

/// A Flowbit on data of its own. Dropping it kills the process as `kill -9` does; a test that fails
/// shows the end of its log.
pub(crate) struct Server {
    place: Place,
    port: u16,
    variables: Vec<(String, String)>,
    child: Option<Child>,
}

/// A port that nothing listens on now. Below the range from which the system gives ports to outgoing
/// connections, so that it is still free after a restart.
pub(crate) fn free_port() -> u16 {
    // A test may want several in one moment.
    static ASKED: AtomicU64 = AtomicU64::new(0);
    let moment = u64::try_from(beside::now().0).unwrap_or(0) + (ASKED.fetch_add(1, Ordering::Relaxed) << 48);
    let mut dice = Dice::new(moment ^ (u64::from(std::process::id()) << 32));
    for _ in 0..1000 {
        let port = 11_000 + u16::try_from(dice.below(21_000)).unwrap_or(0);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

fn read_aside(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

impl Server {
    /// An empty data folder or database and no process yet. Request limits are off and metrics are nowhere.
    pub(crate) fn new() -> Self {
        let (place, port) = (Place::new(), free_port());
        let mut server = Self { place, port, variables: Vec::new(), child: None };
        server.set("FLOWBIT_LISTEN", &format!("127.0.0.1:{port}"));
        server.set("FLOWBIT_DATA", &server.data().display().to_string());
        if let Some(address) = server.place.address() {
            server.set("FLOWBIT_DATABASE_URL", &address);
            server.set("FLOWBIT_DATABASE_CONNECTIONS", "8");
        }
        server.set("FLOWBIT_LOG_FORMAT", "text");
        server.set("FLOWBIT_RATE_LIMITS", "off");
        server.set("FLOWBIT_METRICS_LISTEN", "off");
        server.set("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8");
        server
    }

    /// With these companies, each with the admin `admin@SLUG.example`, running and ready.
    pub(crate) async fn with_companies(slugs: &[&str]) -> Self {
        let mut server = Self::new();
        for slug in slugs {
            server.create_company(slug);
        }
        server.start().await;
        server
    }

    /// Sets a variable for processes started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.place.path().join("data")
    }

    /// A folder for what a test writes, gone with the server.
    pub(crate) fn folder(&self) -> &Path {
        self.place.path()
    }

    /// Where its data is.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn web(&self) -> Web {
        Web::new(&self.url())
    }

    /// The program with these arguments, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flowbit"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("FLOWBIT_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).envs(self.variables.iter().cloned()).current_dir(self.place.path());
        command
    }

    /// Runs the program with these arguments to its end.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // It may end without reading.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        let (printed, said) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        let (printed, said) = (read_aside(printed), read_aside(said));
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().expect("the program can be asked") {
                Some(status) => break Some(status),
                None if begun.elapsed() > PATIENCE => break None,
                None => std::thread::sleep(super::client::A_MOMENT),
            }
        };
        // One that goes on for ever, such as a server that should have refused to start.
        let _ = child.kill();
        let (stdout, stderr) = (printed.join().expect("output"), said.join().expect("output"));
        let text = String::from_utf8_lossy(&stderr);
        let status = status.unwrap_or_else(|| panic!("flowbit {arguments:?} did not end: {text}"));
        Output { status, stdout, stderr }
    }

    /// The same, and it must succeed; answers what it printed.
    pub(crate) fn run_well(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, input);
        let (printed, said) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "flowbit {arguments:?}: {}\n{printed}\n{said}", output.status);
        printed.into_owned()
    }

    /// Makes a company with the admin `admin@SLUG.example`.
    pub(crate) fn create_company(&self, slug: &str) {
        let (name, email) = (format!("{slug} company"), format!("admin@{slug}.example"));
        self.run_well(
            &[
                "tenant",
                "create",
                "--slug",
                slug,
                "--name",
                &name,
                "--admin-email",
                &email,
                "--admin-password-stdin",
            ],
            &format!("{PASSWORD}\n"),
        );
    }

    /// Starts the process without waiting for it.
    pub(crate) fn spawn(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a log file");
        let child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("the program starts"));
    }

    /// Starts the process and waits until it serves.
    pub(crate) async fn start(&mut self) {
        self.spawn();
        self.until_ready().await;
    }

    /// Waits until `/readyz` answers 200.
    pub(crate) async fn until_ready(&mut self) {
        let web = self.web();
        let begun = Instant::now();
        loop {
            let child = self.child.as_mut().expect("a process");
            if let Some(status) = child.try_wait().expect("the process can be asked") {
                self.child = None;
                panic!("flowbit serve ended before it was ready: {status}");
            }
            if let Ok(answer) = web.try_send(&web.get_request("/readyz")).await
                && answer.status == 200
            {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "not ready after {PATIENCE:?}");
            super::client::a_moment().await;
        }
    }

    /// `kill -9`, and waits until the process is gone.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a process can be killed");
            child.wait().expect("a killed process ends");
        }
    }

    /// Tells it to stop as an operator does, and waits until it has; it must end well.
    pub(crate) async fn terminate(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        assert!(told.expect("kill runs").success());
        let ended =
            super::client::until("its end", async || child.try_wait().expect("it can be asked")).await;
        assert!(ended.success(), "it ended with {ended}: {}", self.log());
    }

    /// Whether the process is still there.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    fn log_path(&self) -> PathBuf {
        self.place.path().join("server.log")
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        let bytes = std::fs::read(self.log_path()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let shown = lines.len().saturating_sub(30);
            println!("--- the end of the server's log ---\n{}", lines[shown..].join("\n"));
        }
    }
}
