//! The programs that are measured: Flowbit on data of its own, or another server.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use crate::http;

/// The password of the demo's people.
pub(crate) const PASSWORD: &str = "StrongDemo@2025!";
/// The demo's admin.
pub(crate) const ADMIN: &str = "admin@logisticsco.com";

/// Where the data of a Flowbit is.
#[derive(Clone)]
pub(crate) struct Site {
    data: PathBuf,
    database: Option<String>,
}

impl Site {
    /// The embedded engine, in a folder.
    pub(crate) fn folder(data: PathBuf) -> Self {
        Self { data, database: None }
    }

    /// A PostgreSQL database, by its address; the folder is for what does not belong there.
    pub(crate) fn database(address: String, data: PathBuf) -> Self {
        Self { data, database: Some(address) }
    }

    /// `flowbit` with its data there.
    pub(crate) fn command(&self, binary: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(binary);
        command.args(args).env("FLOWBIT_DATA", &self.data).env_remove("FLOWBIT_DATABASE_URL");
        if let Some(address) = &self.database {
            // One node takes another's tokens only under the same public address.
            command.env("FLOWBIT_DATABASE_URL", address).env("FLOWBIT_PUBLIC_URL", "http://desk.example");
            // As OPERATIONS.md advises for a database with few cores, which this one has: those of this machine.
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            command.env("FLOWBIT_DATABASE_CONNECTIONS", (2 * cores).to_string());
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, binary: &Path, args: &[&str]) -> Result<()> {
        let done = self.command(binary, args).stdin(Stdio::null()).output().await?;
        if !done.status.success() {
            bail!("flowbit {args:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(())
    }

    /// Makes a company; its first admin has [`PASSWORD`].
    pub(crate) async fn make_company(&self, binary: &Path, slug: &str, admin: &str) -> Result<()> {
        let args = ["tenant", "create", "--name", "A company", "--admin-password-stdin", "--slug", slug];
        let mut child = self
            .command(binary, &args)
            .args(["--admin-email", admin])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
        }
        if !child.wait().await?.success() {
            bail!("the company {slug} could not be made");
        }
        Ok(())
    }
}

/// A running program; it is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From its start to its first good answer.
    pub(crate) took: Duration,
}

/// A port that is free now.
pub(crate) async fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?)
}

impl Server {
    /// Starts Flowbit on its data and waits until it is ready.
    pub(crate) async fn flowbit(binary: &Path, site: &Site, demo: bool) -> Result<Self> {
        let address = free_address().await?;
        let mut command = site.command(binary, &["serve"]);
        command
            .args(demo.then_some("--demo"))
            .env("FLOWBIT_LISTEN", address.to_string())
            .env("FLOWBIT_METRICS_LISTEN", "off")
            .env("FLOWBIT_RATE_LIMITS", "off")
            .env("FLOWBIT_LOG", "warn");
        Self::start(command, address, "/readyz").await
    }

    /// Starts a program that will answer 200 at `path`.
    pub(crate) async fn start(mut command: Command, address: SocketAddr, path: &str) -> Result<Self> {
        let began = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {:?}", command.as_std().get_program()))?;
        let mut server = Self { child, address, took: Duration::ZERO };
        loop {
            if TcpStream::connect(address).await.is_ok()
                && http::Connection::open(address).await?.get(path, &[]).await.is_ok_and(|a| a.status == 200)
            {
                server.took = began.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("{:?} ended with {status}", command.as_std().get_program());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Resident memory in bytes.
    pub(crate) fn memory(&self) -> Result<f64> {
        let pid = self.child.id().context("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024.0)
    }

    /// User and system time so far, in seconds (at the kernel's usual 100 ticks a second).
    pub(crate) fn cpu(&self) -> Result<f64> {
        let pid = self.child.id().context("it has ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let after = stat.rsplit_once(')').context("no stat")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).context("no times");
        Ok((ticks(11)? + ticks(12)?) / 100.0)
    }

    /// Ends it.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}

/// Signs in and answers the access token.
pub(crate) async fn sign_in(address: SocketAddr, email: &str) -> Result<String> {
    let body = serde_json::json!({ "email": email, "password": PASSWORD }).to_string();
    let mut connection = http::Connection::open(address).await?;
    let answer = connection.post("/api/auth/login", None, body).await?;
    let json: serde_json::Value = serde_json::from_slice(&answer.body)?;
    Ok(json["accessToken"].as_str().context("no access token: sign-in failed")?.to_owned())
}
