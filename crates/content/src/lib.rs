//! What attached files hold: bytes, kept under `<company>/<content>` in a folder or in a bucket. Which contents there
//! are, and who may have them, is the desk's business; nothing here decides it.

mod arrival;
mod kind;
mod place;

pub use arrival::{Arrival, Arrived};
pub use place::{Coming, Contents, Place};

/// Why bytes could not be kept, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// The place says no, or can't be reached.
    #[error(transparent)]
    Place(#[from] object_store::Error),
    /// What has arrived could not be put aside.
    #[error(transparent)]
    Aside(#[from] std::io::Error),
    /// There is no such content, or it is not as long as it must be.
    #[error("content {0} is missing or damaged")]
    Missing(flowbit_domain::ContentId),
}
