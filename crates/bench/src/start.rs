//! Start with many tenants, and memory.

use std::path::Path;

use anyhow::Result;

use crate::{
    report::Report,
    server::{Server, Site},
};

const TENANTS: usize = 1000;

pub(crate) async fn measure(report: &mut Report, flowbit: &Path) -> Result<()> {
    report.head(&format!("Start with {TENANTS} tenants"));
    let folder = tempfile::tempdir()?;
    let site = Site::folder(folder.path().join("data"));
    for n in 0..TENANTS {
        site.make_company(flowbit, &format!("company-{n}"), &format!("admin{n}@bench.example")).await?;
    }
    let mut times = Vec::new();
    for _ in 0..5 {
        let server = Server::flowbit(flowbit, &site, false).await?;
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
