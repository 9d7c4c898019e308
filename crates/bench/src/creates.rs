//! Durable creates: callers that share commits against one commit for each write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use flowbit_domain::{
    Principal, Role, SessionId, TenantCtx, Timestamp,
    principal::{Actor, Origin},
    ticket::{CreateTicket, NewTicket},
    time::{Clock, Randomness},
    user::{Authority, CreateUser, NewUser},
};
use flowbit_store::{NewTenant, Stats, Store, StoreOptions, Unheard};
use hdrhistogram::Histogram;

use crate::{
    http::{Load, median, summary},
    report::Report,
};

struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "measurements run in real time")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Randomness for System {
    #[expect(clippy::expect_used, reason = "without randomness nothing can be measured")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("randomness");
    }
}

struct Desk {
    ctx: TenantCtx,
    principal: Principal,
}

async fn open(
    folder: &std::path::Path,
    tenants: usize,
    batch_max: usize,
    fsync_delay: Option<Duration>,
) -> Result<(Store, Arc<Vec<Desk>>)> {
    let mut options = StoreOptions::new(folder, Arc::new(System), Arc::new(System), Arc::new(Unheard));
    options.batch_max = batch_max;
    options.fsync_delay = fsync_delay;
    let store = Store::open(options).await?;
    let mut desks = Vec::new();
    for n in 0..tenants {
        let new = NewTenant {
            slug: format!("t{n}"),
            name: format!("Tenant {n}"),
            locale: "en".into(),
            accent_color: "#1f6feb".into(),
        };
        let tenant = store.control().create_tenant(new).await?;
        #[expect(clippy::disallowed_methods, reason = "measurements are the operator's")]
        let ctx = TenantCtx::for_operator(tenant.id);
        let command = CreateUser {
            by: Authority::Operator,
            origin: Origin { actor: Actor::operator(), ip: None, request_id: None },
            user: NewUser {
                email: "agent@bench.example".into(),
                name: "Agent".into(),
                role: Role::Agent,
                password_hash: Some("unusable".into()),
            },
        };
        let user = store.write(&ctx, command).await.map_err(|e| anyhow::anyhow!("{e}"))?.user;
        let principal = Principal {
            tenant: tenant.id,
            user: user.id,
            name: user.name,
            role: Role::Agent,
            session: SessionId(user.id.0),
        };
        desks.push(Desk { ctx, principal });
    }
    Ok((store, Arc::new(desks)))
}

async fn load(store: &Store, desks: &Arc<Vec<Desk>>, callers: usize, seconds: u64) -> Result<Load> {
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
                let command = CreateTicket {
                    principal: desk.principal.clone(),
                    origin: Origin { actor: (&desk.principal).into(), ip: None, request_id: None },
                    input: NewTicket {
                        title: format!("Pallet {n} is late"),
                        description: "It should have been here on Monday. Where is it now?".into(),
                        tags: vec!["delay".into()],
                        ..NewTicket::default()
                    },
                    idempotency: None,
                };
                let asked = Instant::now();
                store.write(&desk.ctx, command).await.map_err(|e| anyhow::anyhow!("{e}"))?;
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
async fn once(
    tenants: usize,
    batch_max: usize,
    delay: Option<Duration>,
    callers: usize,
    seconds: u64,
) -> Result<(Load, Stats)> {
    let folder = tempfile::tempdir()?;
    let (store, desks) = open(folder.path(), tenants, batch_max, delay).await?;
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

const SHARED: usize = 128;
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
