//! Starting and stopping the server: what is opened in which order, and how it ends.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use flowbit_domain::time::{Clock, Randomness};
use flowbit_store::Store;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    ambient::{SystemClock, SystemRandomness},
    app::App,
    automation,
    config::Config,
    http,
    identity::keys::KeyError,
    mail,
    realtime::{self, Realtime},
    registry::RegistryError,
    waiting,
};

/// How long requests under way may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(20);
/// How often keys are looked at.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Why the server does not start, in one line for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The data can't be used.
    #[error(transparent)]
    Store(#[from] flowbit_store::OpenError),
    /// The address can't be listened on.
    #[error("can't listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// Something else that the text says.
    #[error("{0}")]
    Other(String),
}

impl From<KeyError> for StartError {
    fn from(e: KeyError) -> Self {
        Self::Other(e.to_string())
    }
}

impl From<RegistryError> for StartError {
    fn from(e: RegistryError) -> Self {
        Self::Other(e.to_string())
    }
}

/// A running server.
pub struct Running {
    address: SocketAddr,
    pub(crate) app: App,
    realtime: Realtime,
    listening: JoinHandle<()>,
}

/// A server that has its address, and nothing else yet.
pub struct Bound {
    listener: TcpListener,
    config: Config,
}

/// Takes the address that the server listens on.
///
/// # Errors
/// [`StartError::Listen`].
pub async fn bind(config: Config) -> Result<Bound, StartError> {
    let listen = |cause| StartError::Listen { address: config.listen, cause };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    Ok(Bound { listener, config })
}

impl Bound {
    /// What the operator told it.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Waits until its database can be reached, if it has one; answers meanwhile that it can't serve.
    ///
    /// # Errors
    /// [`StartError`], at once, for what waiting does not help.
    pub async fn wait_for_database(&self) -> Result<(), StartError> {
        match &self.config.database {
            Some(database) => waiting::wait(&self.listener, database, &self.config).await,
            None => Ok(()),
        }
    }

    /// Starts it with the system's clock and randomness.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(self) -> Result<Running, StartError> {
        self.start_with(Arc::new(SystemClock), Arc::new(SystemRandomness::default())).await
    }

    /// Starts it.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start_with(
        self,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Running, StartError> {
        let Self { listener, config } = self;
        run(listener, config, clock, randomness).await
    }
}

/// Starts a server whose database is there.
///
/// # Errors
/// [`StartError`].
pub async fn start_with(
    config: Config,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> Result<Running, StartError> {
    bind(config).await?.start_with(clock, randomness).await
}

async fn run(
    listener: TcpListener,
    mut config: Config,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
) -> Result<Running, StartError> {
    let listen = |cause| StartError::Listen { address: config.listen, cause };
    let address = listener.local_addr().map_err(listen)?;
    if config.public_url.port() == Some(0) {
        // Whatever port the system gave, for tests.
        let _ = config.public_url.set_port(Some(address.port()));
    }
    if !config.rate_limits {
        tracing::warn!("request limits are off (FLOWBIT_RATE_LIMITS=off): for measurements only");
    }
    for name in &config.unknown {
        tracing::warn!(name, "this variable means nothing to this version");
    }
    // Boxed: it is large, and its place would be kept for as long as the server runs.
    let app = Box::pin(App::open(config, clock, randomness)).await?;
    let (sockets, realtime) = realtime::start(&app);
    automation::start(&app).map_err(|e| StartError::Other(format!("deliveries can't be made: {e}")))?;
    mail::start(&app).map_err(StartError::Other)?;
    app.hooks.seal();
    // Before anybody is served: what is remembered from here on is forgotten in time.
    app.store.follow().await?;
    app.tasks.spawn(app.registry.clone().follow(app.stop.clone()));
    app.tasks.spawn(rotate_keys(app.clone()));

    let router = http::router(&app, sockets);
    let serving = http::listen::serve(
        listener,
        router,
        http::shortcut::Kept(app.clone()),
        app.config.max_connections,
        app.stop.clone(),
        FAREWELL,
    );
    let listening = tokio::spawn(serving);
    tracing::info!(%address, url = app.config.origin(), "Flowbit is ready");
    Ok(Running { address, app, realtime, listening })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The store, for tests that prepare or look at data.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.app.store
    }

    /// Says that it is about to stop, and goes on serving for as long as it was told to.
    pub async fn leave(&self) {
        self.app.leaving.cancel();
        tokio::time::sleep(self.app.config.shutdown_delay).await;
    }

    /// Stops gracefully: takes no more requests, finishes those under way, says goodbye to sockets,
    /// returns leases, and closes the store.
    pub async fn stop(self) {
        let Self { app, realtime, listening, .. } = self;
        app.leaving.cancel();
        app.stop.cancel();
        // Sockets are connections too: the listener waits for both.
        realtime.close(FAREWELL).await;
        if let Err(error) = listening.await {
            tracing::error!(%error, "the listener failed");
        }
        app.tasks.close();
        if tokio::time::timeout(FAREWELL, app.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time and are dropped");
        }
        app.store.close().await;
        tracing::info!("Flowbit has stopped");
    }
}

async fn rotate_keys(app: App) {
    let mut days = tokio::time::interval(DAY);
    days.tick().await;
    while app.stop.run_until_cancelled(days.tick()).await.is_some() {
        if let Err(error) = app.keys.rotate().await {
            tracing::error!(%error, "the signing keys could not be rotated; the one before goes on signing");
        }
    }
}
