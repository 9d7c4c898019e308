//! Waiting for the database at the start. Whoever starts a machine's services, or all machines after an outage, does
//! so in any order; a server that gave up would have to be started again by somebody. What does not pass by itself,
//! such as a wrong password, still ends the start at once.

use std::{io, time::Duration};

use flowbit_store::{DatabaseOptions, OpenError, reach};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    ambient::SystemRandomness,
    config::Config,
    http::{context::RequestIds, listen, operation},
    serve::StartError,
};

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);
/// How long answers under way may take once the database is there.
const FAREWELL: Duration = Duration::from_secs(1);

/// Waits until the database can be reached, and answers on `listener` meanwhile that the server can't serve.
pub(crate) async fn wait(
    listener: &TcpListener,
    database: &DatabaseOptions,
    config: &Config,
) -> Result<(), StartError> {
    let Some(why) = try_to_reach(database).await? else { return Ok(()) };
    tracing::warn!(why, "waiting for the database");
    let ids = RequestIds::new(&SystemRandomness::default());
    let router = operation::waiting_router(&why, ids);
    let listener = share(listener).map_err(|cause| StartError::Listen { address: config.listen, cause })?;
    let stop = CancellationToken::new();
    // However this is left.
    let _stops = stop.clone().drop_guard();
    let most = config.max_connections;
    let answering =
        tokio::spawn(listen::serve(listener, router, listen::NoShortcut, most, stop.clone(), FAREWELL));
    while try_to_reach(database).await?.is_some() {
        tokio::time::sleep(PAUSE).await;
    }
    tracing::info!("the database can be reached");
    stop.cancel();
    answering.await.map_err(|e| StartError::Other(e.to_string()))
}

/// `None`: it can be. Else why not, if that may pass.
async fn try_to_reach(database: &DatabaseOptions) -> Result<Option<String>, OpenError> {
    match reach(database).await {
        Ok(()) => Ok(None),
        Err(passing @ OpenError::Unreachable { .. }) => Ok(Some(passing.to_string())),
        Err(lasting) => Err(lasting),
    }
}

/// Another handle on the same socket, so that no connection is refused between the waiting and the serving.
fn share(listener: &TcpListener) -> io::Result<TcpListener> {
    use std::os::fd::AsFd;
    let shared = std::net::TcpListener::from(listener.as_fd().try_clone_to_owned()?);
    TcpListener::from_std(shared)
}
