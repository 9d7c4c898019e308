//! What a node does with all companies: start, memory, noticing a new one, asking each what waits.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use flowbit_cluster::Cluster;
use flowbit_domain::delivery::GetBacklog;

use super::{Plan, place::Place};
use crate::{
    desk::refused,
    report::Report,
    server::{Server, Site},
};

/// Companies that have nothing but a name and an empty ledger.
const FILL: &str = "WITH made AS (
        INSERT INTO flowbit_control.tenants (id, slug, name, locale, accent_color, state, created_at)
        SELECT gen_random_uuid(), 'company-' || n, 'Company ' || n, 'en', '#1f6feb', 'active', 0
        FROM generate_series(1, $1::int8) AS n RETURNING id
    ) INSERT INTO flowbit.head (tenant_id, seq, hash, last_number) SELECT id, 0, decode(repeat('00', 32), 'hex'), 0 FROM made";

/// What a node does when a company is made, changed or removed, by whomever.
const REVISE: &str = "WITH now AS (UPDATE flowbit_control.revision SET number = number + 1 RETURNING number)
    INSERT INTO flowbit_control.changes (number, tenant) SELECT now.number, t.id FROM now, flowbit_control.tenants t LIMIT 1";

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, plan: &Plan<'_>) -> Result<()> {
    report.head("What a node does with all companies");
    report.table(&[
        "companies",
        "start until ready, s",
        "memory then, MB",
        "noticing that one was made, ms",
        "asking each what waits, s",
    ]);
    let folder = tempfile::tempdir()?;
    let mut of_thousand = None;
    for &tenants in plan.scale.start() {
        let place = Place::make(cluster).await?;
        let admin = place.admin().await?;
        admin.execute(FILL, &[&i64::try_from(tenants)?]).await?;
        admin.batch_execute("VACUUM (ANALYZE)").await?;
        let site = Site::database(place.address(), folder.path().join("beside"));
        let server = Server::flowbit(plan.flowbit, &site, false).await?;
        let (took, memory) = (server.took.as_secs_f64(), server.memory()?);
        server.stop().await?;
        if tenants == 1_000 {
            of_thousand = Some(took);
        }

        let store = place.open().await?;
        admin.batch_execute(REVISE).await?;
        let began = Instant::now();
        let all = store.control().tenants().await?.len();
        let noticed = began.elapsed().as_secs_f64() * 1e3;
        ensure!(all == tenants, "there are {all} companies");
        let began = Instant::now();
        let answers = store.scan_tenants(|_| GetBacklog { per_endpoint: 1 }).await.map_err(refused)?;
        let asked = began.elapsed().as_secs_f64();
        ensure!(answers.iter().all(|(_, answer)| answer.is_ok()), "a company did not answer");
        store.close().await;
        report.row(&[
            tenants.to_string(),
            format!("{took:.2}"),
            format!("{:.0}", memory / 1e6),
            format!("{noticed:.1}"),
            format!("{asked:.1}"),
        ]);
        drop(admin);
        place.remove().await?;
    }
    if let Some(took) = of_thousand {
        report.hold("Start with 1,000 companies", took, " s", None, Some(1.0));
    }
    Ok(())
}
