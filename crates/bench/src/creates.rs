//! Durable creates: callers that share commits against one commit for each write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use flowbit_store::{Stats, Store, StoreOptions};
use hdrhistogram::Histogram;

use crate::{
    desk::{self, Desk},
    http::{Load, median, summary},
    report::Report,
};

/// Opens a store and makes companies in it.
pub(crate) async fn open(options: StoreOptions, tenants: usize) -> Result<(Store, Arc<Vec<Desk>>)> {
    let store = Store::open(options).await?;
    let mut desks = Vec::new();
    for n in 0..tenants {
        desks.push(Desk::make(&store, format!("t{n}")).await?);
    }
    Ok((store, Arc::new(desks)))
}

/// So many callers write to the companies in turns, each as soon as it is answered.
pub(crate) async fn load(
    store: &Store,
    desks: &Arc<Vec<Desk>>,
    callers: usize,
    seconds: u64,
) -> Result<Load> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = Vec::new();
    let began = Instant::now();
    for caller in 0..callers {
        let (store, desks, stop) = (store.clone(), Arc::clone(desks), Arc::clone(&stop));
        tasks.push(tokio::spawn(async move {
            let mut times = Histogram::<u64>::new(3)?;
            let mut n = caller;
            while !stop.load(Ordering::Relaxed) {
                let desk = &desks[n % desks.len()];
                let asked = Instant::now();
                desk.create(&store, n).await?;
                times.record(u64::try_from(asked.elapsed().as_micros())?.max(1))?;
                n += callers;
            }
            anyhow::Ok(times)
        }));
    }
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    let mut all = Histogram::<u64>::new(3)?;
    for task in tasks {
        all.add(task.await??)?;
    }
    Ok(summary(&all, began.elapsed()))
}

/// One load on a fresh store.
pub(crate) async fn once(
    tenants: usize,
    batch_max: usize,
    delay: Option<Duration>,
    callers: usize,
    seconds: u64,
) -> Result<(Load, Stats)> {
    let folder = tempfile::tempdir()?;
    let mut options = desk::options(folder.path());
    options.batch_max = batch_max;
    options.fsync_delay = delay;
    let (store, desks) = open(options, tenants).await?;
    let load = load(&store, &desks, callers, seconds).await?;
    let stats = store.stats();
    store.close().await;
    Ok((load, stats))
}

/// One load with shared commits, said in a line.
#[expect(clippy::print_stdout, reason = "its answer")]
pub(crate) async fn alone(tenants: usize, callers: usize, seconds: u64) -> Result<()> {
    let (Load { per_second, p99_ms }, stats) = once(tenants, SHARED, None, callers, seconds).await?;
    println!("{tenants} tenants, {callers} callers: {per_second:.0}/s, p99 {p99_ms:.1} ms; {stats:?}");
    Ok(())
}

pub(crate) const SHARED: usize = 128;
const SLOW: Option<Duration> = Some(Duration::from_millis(2));
/// Many tenants and one are measured so often, in turns; the medians count.
const ROUNDS: usize = 5;

/// Many tenants against one, 64 callers: both answers a second, and the first's p99.
async fn compare_tenants(tenants: usize, seconds: u64) -> Result<(Load, Load, u64)> {
    let (mut many, mut one, mut reprepared) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        for (tenants, loads) in [(tenants, &mut many), (1, &mut one)] {
            let (load, stats) = once(tenants, SHARED, None, 64, seconds).await?;
            loads.push(load);
            reprepared += stats.reprepared;
        }
    }
    Ok((median(many)?, median(one)?, reprepared))
}

pub(crate) async fn measure(report: &mut Report, seconds: u64) -> Result<()> {
    report.head("Durable creates: commits that are shared against one for each write");
    report.table(&["tenants", "callers", "fsync", "one each /s", "shared /s", "p99 ms", "ratio"]);
    let mut ratios = Vec::new();
    let mut reprepared = 0;
    for (delay, name) in [(None, "as it is"), (SLOW, "2 ms slower")] {
        for callers in [1, 16, 64, 256] {
            let (naive, a) = once(1, 1, delay, callers, seconds).await?;
            let (shared, b) = once(1, SHARED, delay, callers, seconds).await?;
            reprepared += a.reprepared + b.reprepared;
            let ratio = shared.per_second / naive.per_second;
            report.row(&[
                "1".to_owned(),
                callers.to_string(),
                name.to_owned(),
                format!("{:.0}", naive.per_second),
                format!("{:.0}", shared.per_second),
                format!("{:.1}", shared.p99_ms),
                format!("{ratio:.1}"),
            ]);
            if callers == 64 {
                ratios.push(ratio);
            }
        }
    }
    let (hundred, one, c) = compare_tenants(100, seconds).await?;
    reprepared += c;
    for (tenants, load) in [(100, &hundred), (1, &one)] {
        report.row(&[
            tenants.to_string(),
            "64".to_owned(),
            format!("as it is, median of {ROUNDS}"),
            String::new(),
            format!("{:.0}", load.per_second),
            format!("{:.1}", load.p99_ms),
            String::new(),
        ]);
    }
    let ratio = hundred.per_second / one.per_second;
    report.hold("Shared commits against one each, 64 callers", ratios[0], "×", Some(3.0), None);
    report.hold("The same with 2 ms added to each fsync", ratios[1], "×", Some(10.0), None);
    report.hold("100 tenants against one, 64 callers", ratio, "", Some(0.7), None);
    #[expect(clippy::cast_precision_loss, reason = "a count, hoped to be 0")]
    report.hold("Statements prepared again", reprepared as f64, "", None, Some(0.0));
    Ok(())
}
