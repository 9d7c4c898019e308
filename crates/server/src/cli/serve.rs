//! `flowbit serve`: waits for its database, starts, waits for the signal to stop, stops.

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Outcome, door};
use crate::{
    config::{Config, MetricsListener},
    demo, http, telemetry,
};

pub(super) async fn run(config: Config) -> Outcome {
    let traces = telemetry::init(&config).map_err(Failure::new)?;
    let served = Box::pin(serve(config)).await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    served
}

async fn serve(config: Config) -> Outcome {
    // Before anything else, so that a signal during the start is not lost.
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::new)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::new)?;
    let mut told = async || {
        tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        }
    };
    let bound = crate::serve::bind(config).await?;
    let (config, waited) = (bound.config(), bound.wait_for_database());
    tokio::select! {
        waited = waited => waited?,
        signal = told() => {
            tracing::info!(signal, "stopped while waiting for the database");
            return Ok(());
        }
    }
    let metrics = if config.metrics == MetricsListener::Off { None } else { telemetry::metrics::init() };
    if config.demo {
        for company in demo::make_companies(config).await? {
            tracing::info!(tenant = company.slug, tickets = company.tickets, "made a demo company");
        }
    }
    let running = bound.start().await?;
    if let Some(handle) = metrics
        && let Err(error) = http::operation::serve_metrics(&running.app, handle).await
    {
        running.stop().await;
        return Err(Failure::new(format!("metrics_listen: {error}")));
    }
    if running.app.config.database.is_none() {
        // A database lets commands in beside any number of servers.
        running.app.tasks.spawn(door::keep(running.app.clone()));
    }
    let signal = told().await;
    tracing::info!(signal, "stopping");
    // Whoever says it twice does not want to wait.
    tokio::select! {
        () = running.leave() => {}
        _ = told() => {}
    }
    running.stop().await;
    Ok(())
}
