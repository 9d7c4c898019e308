//! Full-text search by the function that may look words up, against the same under plain row level security.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use flowbit_cluster::Cluster;
use tokio_postgres::{Client, Statement};

use super::{
    fill::{self, rare},
    place::Place,
};
use crate::report::Report;

/// Of each the median counts, taken in turns.
const ROUNDS: usize = 15;
/// What a list that searches asks, but for its columns.
const LIST: &str = "SELECT t.number FROM (SELECT t.* FROM tickets t WHERE t.number MATCHES \
    ORDER BY t.updated_at DESC, t.number DESC LIMIT 26) t JOIN users r ON r.id = t.requester_id \
    ORDER BY t.updated_at DESC, t.number DESC";
const BY_FUNCTION: &str = "= ANY (ARRAY(SELECT flowbit.search_tickets($1)))";
const PLAIN: &str = "IN (SELECT s.number FROM search s WHERE s.words @@ $1::text::tsquery)";
const SET_TENANT: &str = "SELECT set_config('app.tenant', $1, true)";

/// One search in a transaction of its tenant, in milliseconds, and how much it found.
async fn once(client: &mut Client, tenant: &str, statement: &Statement, query: &str) -> Result<(f64, usize)> {
    let transaction = client.transaction().await?;
    transaction.execute(SET_TENANT, &[&tenant]).await?;
    let began = Instant::now();
    let rows = transaction.query(statement, &[&query]).await?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    transaction.commit().await?;
    Ok((took, rows.len()))
}

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, documents: usize) -> Result<()> {
    report.head(&format!("Search: the newest 26 of {documents} tickets with a word, as Flowbit's role"));
    let place = Place::make(cluster).await?;
    let filled = fill::fill(&place.admin().await?, 1, documents).await?;
    let store = place.open().await?;
    fill::check(&store, &filled[0]).await?;
    store.close().await;
    let tenant = filled[0].desk.principal.tenant.to_string();
    let mark = &tenant[tenant.len() - 5..];
    let mut client = place.app().await?;
    let function = client.prepare(&LIST.replace("MATCHES", BY_FUNCTION)).await?;
    let plain = client.prepare(&LIST.replace("MATCHES", PLAIN)).await?;
    report.table(&["word", "found", "plain row level security, ms", "by the function, ms", "of it"]);
    let mut of_rare = f64::MAX;
    for (what, word) in
        [("in one ticket", rare(documents / 2)), ("in a good part of all tickets", "pallet".to_owned())]
    {
        let (mut by_function, mut by_policy) = (Vec::new(), Vec::new());
        let mut found = 0;
        for _ in 0..ROUNDS {
            let (plainly, a) = once(&mut client, &tenant, &plain, &format!("'{mark}{word}'")).await?;
            let (quickly, b) = once(&mut client, &tenant, &function, &format!("i'~{word}'")).await?;
            ensure!(a == b && a > 0, "they found {a} and {b}");
            by_policy.push(plainly);
            by_function.push(quickly);
            found = a;
        }
        let (plainly, quickly) = (middle(by_policy), middle(by_function));
        let ratio = quickly / plainly;
        report.row(&[
            what.to_owned(),
            if found == 26 { "26 and more".to_owned() } else { found.to_string() },
            format!("{plainly:.2}"),
            format!("{quickly:.2}"),
            format!("{ratio:.3}"),
        ]);
        of_rare = of_rare.min(if found == 1 { ratio } else { f64::MAX });
    }
    report.hold("A rare word, of the same under plain row level security", of_rare, "", None, Some(0.1));
    drop(client);
    place.remove().await
}

/// The median.
pub(super) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
