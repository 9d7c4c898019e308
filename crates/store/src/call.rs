//! A use-case that was asked for, and the caller that waits for its answer.

use std::any::Any;

use flowbit_domain::{Error, Result, StoreError};
use tokio::sync::oneshot;

/// One call. What comes of it is kept until it is told, so that nobody hears of what is not on disk.
pub(crate) struct Call<U, T> {
    use_case: Option<U>,
    outcome: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

impl<U, T> Call<U, T> {
    /// The call, and where its answer will come.
    pub(crate) fn new(use_case: U) -> (Self, oneshot::Receiver<Result<T>>) {
        let (caller, answer) = oneshot::channel();
        (Self { use_case: Some(use_case), outcome: None, caller }, answer)
    }

    /// Nobody waits for it any more.
    pub(crate) fn abandoned(&self) -> bool {
        self.caller.is_closed()
    }

    /// The use-case, the first time.
    pub(crate) fn begin(&mut self) -> Option<U> {
        self.use_case.take()
    }

    /// The use-case, which may be run again.
    pub(crate) fn begin_repeatable(&self) -> Option<U>
    where
        U: Clone,
    {
        self.use_case.clone()
    }

    /// Keeps what came of it; `true` if it succeeded.
    pub(crate) fn end(&mut self, outcome: Result<T>) -> bool {
        let succeeded = outcome.is_ok();
        self.outcome = Some(outcome);
        succeeded
    }

    /// Replaces what came of it by a failure of the store.
    pub(crate) fn fail(&mut self, why: StoreError) {
        self.outcome = Some(Err(why.into()));
    }

    /// Tells the caller what came of it.
    pub(crate) fn send(self) {
        let outcome = self.outcome.unwrap_or_else(|| Err(unanswered()));
        // The caller may have gone; then the answer is unheard.
        let _ = self.caller.send(outcome);
    }
}

/// What a caller is told whose call was dropped without an answer.
pub(crate) fn unanswered() -> Error {
    Error::Unavailable("the store closed before it could answer".to_owned())
}

/// What a caller is told whose use-case panicked.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    Error::Internal(format!("a use-case panicked: {}", panic_text(panic)))
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}
