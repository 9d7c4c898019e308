//! The server that is asked: the real binary on a data folder of its own.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "StrongDemo@2025!";

/// A running server; it is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    metrics: String,
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// `flowbit` with its data there.
fn command(flowbit: &Path, data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(flowbit);
    command.args(args).env("FLOWBIT_DATA", data).env_remove("FLOWBIT_DATABASE_URL").kill_on_drop(true);
    command
}

/// Makes a company by the command line; its admin has [`PASSWORD`].
pub(crate) async fn make_company(flowbit: &Path, data: &Path, slug: &str, admin: &str) -> Result<()> {
    let args = ["tenant", "create", "--name", "A company", "--admin-password-stdin", "--slug", slug];
    let mut child = command(flowbit, data, &args)
        .args(["--admin-email", admin])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {}", flowbit.display()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
    }
    if !child.wait().await?.success() {
        bail!("the company {slug} could not be made");
    }
    Ok(())
}

impl Server {
    /// Starts it with its usual limits. Whoever asks says by `X-Forwarded-For` from where, as behind a proxy.
    pub(crate) async fn start(flowbit: &Path, data: &Path) -> Result<Self> {
        let (address, metrics) = (free_address()?, free_address()?);
        let child = command(flowbit, data, &["serve"])
            .env("FLOWBIT_LISTEN", address.to_string())
            .env("FLOWBIT_METRICS_LISTEN", metrics.to_string())
            .env("FLOWBIT_TRUSTED_PROXIES", "127.0.0.1")
            .env("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8")
            .env("FLOWBIT_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut server = Self {
            child,
            url: format!("http://{address}"),
            address,
            metrics: format!("http://{metrics}/metrics"),
        };
        loop {
            let ready = reqwest::get(format!("{}/readyz", server.url)).await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("flowbit ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The sum of a metric's series whose line has this text.
    pub(crate) async fn metric(&self, name: &str, having: &str) -> Result<f64> {
        let text = reqwest::get(&self.metrics).await?.text().await?;
        let lines = text.lines().filter(|line| {
            line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])) && line.contains(having)
        });
        Ok(lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum())
    }

    /// Resident memory in megabytes.
    pub(crate) async fn memory(&self) -> Result<f64> {
        Ok(self.metric("process_resident_memory_bytes", "").await? / 1e6)
    }

    pub(crate) async fn stop(mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }
}
