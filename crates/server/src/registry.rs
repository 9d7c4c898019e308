//! The registry of screens: a file of the operator's that says which screens each company has and
//! from where their programs are loaded.
//!
//! It is read and validated at start (an invalid one keeps the server from starting) and read again
//! when the file changes; then an invalid version is logged and the old one stays in force.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use flowbit_domain::{FieldError, screens::DeclaredScreen};
use tokio_util::sync::CancellationToken;

mod validate;

#[cfg(test)]
mod tests;

/// What is in force when no file is given: the screens of the demo companies and of everyone else.
const BUILT_IN: &str = include_str!("../../../registry.json");

/// How often the file is looked at.
const POLL: Duration = Duration::from_secs(1);

/// The largest file that is read: a registry of thousands of screens is far below.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// A valid registry.
#[derive(Debug, PartialEq)]
pub(crate) struct Registry {
    tenants: HashMap<String, Arc<[DeclaredScreen]>>,
    default: Arc<[DeclaredScreen]>,
    remote_origins: Vec<String>,
}

/// Why a registry is not usable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegistryError {
    /// The file can't be read.
    #[error("{path}: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// It is not JSON, or says what can't be.
    #[error("{path} is not a valid registry:{}", list(.errors))]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong, each with its JSON path and what is allowed.
        errors: Vec<FieldError>,
    },
}

fn list(errors: &[FieldError]) -> String {
    errors.iter().map(|e| format!("\n  {}: {}", e.path, e.message)).collect()
}

impl Registry {
    /// Reads the text of a registry.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<FieldError>> {
        validate::parse(text)
    }

    fn new(tenants: HashMap<String, Arc<[DeclaredScreen]>>, default: Arc<[DeclaredScreen]>) -> Self {
        let remote_origins: BTreeSet<String> = tenants
            .values()
            .chain([&default])
            .flat_map(|screens| screens.iter())
            .filter_map(|declared| validate::foreign_origin(&declared.screen.remote.entry))
            .collect();
        Self { tenants, default, remote_origins: remote_origins.into_iter().collect() }
    }

    /// What is declared for the company of that slug.
    pub(crate) fn screens_of(&self, slug: &str) -> Arc<[DeclaredScreen]> {
        Arc::clone(self.tenants.get(slug).unwrap_or(&self.default))
    }

    /// Origins other than our own from which programs are loaded, for the content security policy.
    pub(crate) fn remote_origins(&self) -> &[String] {
        &self.remote_origins
    }
}

/// The registry in force. Cheap to clone; all clones see a newer version at once.
#[derive(Clone)]
pub(crate) struct RegistryHandle {
    path: Option<PathBuf>,
    current: Arc<RwLock<Arc<Registry>>>,
}

impl RegistryHandle {
    /// Reads the registry of that file, or the built-in one.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, RegistryError> {
        let registry = match path {
            Some(path) => read(path)?,
            None => Registry::parse(BUILT_IN)
                .map_err(|errors| RegistryError::Invalid { path: "the built-in registry".into(), errors })?,
        };
        Ok(Self { path: path.map(Path::to_owned), current: Arc::new(RwLock::new(Arc::new(registry))) })
    }

    /// The version in force.
    pub(crate) fn current(&self) -> Arc<Registry> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Follows the file until `stop`. Ends at once when the registry is the built-in one.
    pub(crate) async fn follow(self, stop: CancellationToken) {
        let Some(path) = self.path.clone() else { return };
        let mut seen = fingerprint(&path);
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            let now = fingerprint(&path);
            if now != seen {
                seen = now;
                self.reload(&path);
            }
        }
    }

    fn reload(&self, path: &Path) {
        match read(path) {
            Ok(registry) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                if **current != registry {
                    *current = Arc::new(registry);
                    tracing::info!(registry = %path.display(), "the registry of screens has changed");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the new registry of screens is refused; the one before stays in force");
            }
        }
    }
}

/// When a file was written and how long it is: what changes when it does.
type Fingerprint = Option<(std::time::SystemTime, u64)>;

fn fingerprint(path: &Path) -> Fingerprint {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn read(path: &Path) -> Result<Registry, RegistryError> {
    let name = path.display().to_string();
    let unreadable = |cause| RegistryError::Unreadable { path: name.clone(), cause };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MAX_FILE_BYTES {
        return Err(unreadable(std::io::Error::other(format!(
            "it has {length} bytes; at most {MAX_FILE_BYTES} are read"
        ))));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Registry::parse(&text).map_err(|errors| RegistryError::Invalid { path: name.clone(), errors })
}
