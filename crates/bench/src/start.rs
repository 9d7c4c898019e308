//! Start with many tenants, and memory.

use std::path::Path;

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::{report::Report, server::Server};

const TENANTS: usize = 1000;

pub(crate) async fn measure(report: &mut Report, flowbit: &Path) -> Result<()> {
    report.head(&format!("Start with {TENANTS} tenants"));
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    for n in 0..TENANTS {
        make(flowbit, &data, n).await?;
    }
    let mut times = Vec::new();
    for _ in 0..5 {
        let server = Server::flowbit(flowbit, &data, false).await?;
        times.push(server.took.as_secs_f64());
        server.stop().await?;
    }
    times.sort_by(f64::total_cmp);
    report.note(&format!(
        "From the process's start to the first 200 of `/readyz`, 5 times after a kill: {times:.3?} s."
    ));
    report.hold("Start, the slowest", times[4], " s", None, Some(1.0));
    Ok(())
}

async fn make(flowbit: &Path, data: &Path, n: usize) -> Result<()> {
    use tokio::io::AsyncWriteExt;
    let mut child = Command::new(flowbit)
        .args(["tenant", "create", "--name", "A company", "--admin-password-stdin", "--slug"])
        .arg(format!("company-{n}"))
        .arg("--admin-email")
        .arg(format!("admin{n}@bench.example"))
        .env("FLOWBIT_DATA", data)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(b"a password for measurements\n").await?;
    }
    ensure!(child.wait().await?.success(), "the company could not be made");
    Ok(())
}
