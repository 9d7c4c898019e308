//! The one error of the desk. Codes are stable and public; how an error is rendered is the server's.

use crate::tx::StoreError;

/// What a use-case answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use-case did not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values that are not acceptable, each with where it stands.
    #[error("{}", describe(.0))]
    Validation(Vec<FieldError>),
    /// It does not exist, or this person may not know that it does.
    #[error("not found")]
    NotFound,
    /// The person is known and may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Who is asking could not be established. `code` is stable, such as `invalid_credentials`.
    #[error("{code}")]
    Unauthorized {
        /// The stable code.
        code: &'static str,
    },
    /// The state is not what the caller assumed. `code` is stable, such as `conflict`.
    #[error("{detail}")]
    Conflict {
        /// The stable code.
        code: &'static str,
        /// What collided, in a sentence.
        detail: String,
    },
    /// Too often; worth trying again after so many seconds.
    #[error("too many requests")]
    RateLimited {
        /// Seconds until it is worth trying again.
        retry_after: u64,
    },
    /// The store can't take it at the moment; nothing was changed.
    #[error("temporarily unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours. Never shown to clients.
    #[error("internal: {0}")]
    Internal(String),
}

/// One unacceptable value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where: a JSON path such as `tags[2]`, or the name of a query parameter.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Error {
    /// One unacceptable value at `path`.
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Validation(vec![FieldError { path: path.into(), message: message.into() }])
    }

    /// The version that the caller saw is not the current one.
    #[must_use]
    pub fn stale(current: i64) -> Self {
        Self::Conflict {
            code: "conflict",
            detail: format!("it was changed meanwhile; the current version is {current}"),
        }
    }
}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Unavailable(why) => Self::Unavailable(why),
            StoreError::Failed(why) => Self::Internal(why),
        }
    }
}

fn describe(errors: &[FieldError]) -> String {
    errors.iter().map(|e| format!("{}: {}", e.path, e.message)).collect::<Vec<_>>().join("; ")
}
