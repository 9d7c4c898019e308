//! What every part of the server shares, and the one listener for commits.
//!
//! Parts get the [`App`], not each other's internals. To take part in commits a part implements
//! [`CommitListener`] and joins with [`Hooks::join`] while the server starts; its long-running work
//! is spawned on [`Inner::tasks`] and ends when [`Inner::stop`] is cancelled.

use std::{
    ops::Deref,
    path::Path,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

use flowbit_content::Contents;
use flowbit_domain::{
    event::StoredEvent,
    id::TenantId,
    ticket::Cards,
    time::{Clock, Randomness},
};
use flowbit_store::{CommitListener, Store};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    automation::CallbackAddress,
    checkpoint::attest_erasures,
    config::Config,
    descriptors,
    http::{cache::ResponseCache, context::RequestIds, surround::Durations, uploads::Uploads},
    identity::{keys::Keys, limits::Limits, password::Passwords, sessions::SessionCache, tokens::TokenCache},
    journal::Journal,
    presence::Presence,
    registry::RegistryHandle,
    serve::StartError,
    telemetry::{metrics::Counts, traces},
};

/// The server, cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

/// What [`App`] shares.
pub(crate) struct Inner {
    /// What the operator told it.
    pub(crate) config: Config,
    /// The tenants' data.
    pub(crate) store: Store,
    /// What attached files hold.
    pub(crate) contents: Contents,
    /// Who is uploading some.
    pub(crate) uploads: Uploads,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Secrets' source.
    pub(crate) randomness: Arc<dyn Randomness>,
    /// What signs and verifies.
    pub(crate) keys: Keys,
    /// Access tokens verified before.
    pub(crate) tokens: TokenCache,
    /// Sessions looked at before.
    pub(crate) sessions: Arc<SessionCache>,
    /// The hashing of passwords.
    pub(crate) passwords: Passwords,
    /// How often is too often.
    pub(crate) limits: Limits,
    /// Answers that are still good.
    pub(crate) responses: ResponseCache,
    /// Tickets as JSON, for lists.
    pub(crate) cards: Arc<Cards>,
    /// Which company has which screens.
    pub(crate) registry: RegistryHandle,
    /// Where workflows call back.
    pub(crate) callback: CallbackAddress,
    /// Requests' ids.
    pub(crate) request_ids: RequestIds,
    /// Counters of what happens most often.
    pub(crate) counts: Counts,
    /// How long requests take.
    pub(crate) durations: Durations,
    /// The OpenAPI document, once somebody asked for it.
    pub(crate) openapi: OnceLock<Bytes>,
    /// Who is at which ticket.
    pub(crate) presence: Arc<Presence>,
    /// Who is told of commits.
    pub(crate) hooks: Arc<Hooks>,
    /// Work that must end before the program does.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the program is to stop soon: it serves, but should not be sent anything new.
    pub(crate) leaving: CancellationToken,
    /// Cancelled when the program is to stop.
    pub(crate) stop: CancellationToken,
}

impl App {
    /// Opens the store and what needs it. Nothing runs yet.
    pub(crate) async fn open(
        mut config: Config,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, StartError> {
        let registry = RegistryHandle::open(config.registry.as_deref().map(Path::new))?;
        let hooks = Arc::new(Hooks::default());
        let sessions = Arc::new(SessionCache::new());
        hooks.join(sessions.clone());
        hooks.join(Arc::new(Journal));
        let presence = Arc::new(Presence::new(clock.clone()));
        hooks.join(presence.clone());
        let mut options = config.store_options(clock.clone(), randomness.clone(), hooks.clone());
        options.trace_parent = traces::is_on().then_some(traces::current);
        // A connection to a database takes one descriptor rather than a file's three: the same share will do.
        let files = options.database.as_ref().map_or(options.connections, |database| database.connections);
        let shares = descriptors::share(files, config.max_connections);
        options.connections = shares.files;
        config.max_connections = shares.clients;
        let store = Store::open(options).await?;
        let contents = config
            .files
            .open()
            .map_err(|e| StartError::Other(format!("attached files can't be kept: {e}")))?;
        let keys = Keys::load(store.control().clone(), clock.clone(), config.origin()).await?;
        if let Err(error) = attest_erasures(&store, &contents).await {
            tracing::warn!(error, "the proof of an erasure could not be signed; the next start tries again");
        }
        Ok(Self(Arc::new(Inner {
            keys,
            tokens: TokenCache::new(),
            sessions,
            passwords: Passwords::new(randomness.clone()),
            limits: Limits::new(config.rate_limits, config.limits, clock.clone()),
            responses: ResponseCache::new(&*randomness, &config),
            cards: Arc::default(),
            registry,
            callback: CallbackAddress::new(&config),
            request_ids: RequestIds::new(&*randomness),
            counts: Counts::new(),
            durations: Durations::new(),
            openapi: OnceLock::new(),
            presence,
            hooks,
            tasks: TaskTracker::new(),
            leaving: CancellationToken::new(),
            stop: CancellationToken::new(),
            config,
            store,
            contents,
            uploads: Uploads::default(),
            clock,
            randomness,
        })))
    }
}

impl Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// Fans commits out. The store holds it from its opening; parts join when they exist.
///
/// Listeners are called on the writer's thread after the commit and before anybody is answered, so
/// they must not block; what they drop (a cached session, say) is gone when the answer arrives. Of what
/// other nodes commit they are told that it happened, within a second.
#[derive(Default)]
pub(crate) struct Hooks {
    /// Sealed once by [`Self::seal`]: no lock on the writers' way.
    sealed: OnceLock<Vec<Arc<dyn CommitListener>>>,
    joining: std::sync::Mutex<Vec<Arc<dyn CommitListener>>>,
}

impl Hooks {
    /// Adds a listener. Only while the server starts; later ones are not heard.
    pub(crate) fn join(&self, listener: Arc<dyn CommitListener>) {
        debug_assert!(self.sealed.get().is_none(), "listeners join before the server serves");
        self.joining.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(listener);
    }

    /// Ends the joining.
    pub(crate) fn seal(&self) {
        let mut joining = self.joining.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = self.sealed.set(std::mem::take(&mut *joining));
    }
}

impl CommitListener for Hooks {
    fn committed(&self, tenant: TenantId, last_seq: i64, events: &[StoredEvent]) {
        let Some(listeners) = self.sealed.get() else {
            // While the server starts (demo data, say) there are few and nobody is served yet.
            let joining = self.joining.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            return joining.iter().for_each(|l| l.committed(tenant, last_seq, events));
        };
        for listener in listeners {
            listener.committed(tenant, last_seq, events);
        }
    }

    fn moved(&self, tenant: TenantId, last_seq: i64, touches_identity: bool) {
        // Other nodes are followed once everybody has joined.
        for listener in self.sealed.get().into_iter().flatten() {
            listener.moved(tenant, last_seq, touches_identity);
        }
    }

    fn told(&self, word: &str) {
        self.sealed.get().into_iter().flatten().for_each(|listener| listener.told(word));
    }
}
