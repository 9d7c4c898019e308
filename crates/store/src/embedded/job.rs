//! A use-case on its way through a queue, with the caller that waits for its answer.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Poll, Waker},
};

use flowbit_domain::{Command, Error, Query, Result, StoreError};
use tokio::sync::oneshot;

use super::transaction::{ReadTx, WriteTx};

/// A use-case to be run in a transaction of type `Tx`.
pub(crate) trait Job<Tx>: Send {
    /// Nobody waits for it any more.
    fn abandoned(&self) -> bool;
    /// Runs it; `true` if it succeeded. Whatever came of it is kept until [`Self::answer`].
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Replaces what came of it by a failure of the store.
    fn fail(&mut self, why: StoreError);
    /// Tells the caller what came of it.
    fn answer(self: Box<Self>);
}

/// A command, whichever it is.
pub(crate) type WriteJob = Box<dyn for<'t> Job<WriteTx<'t>>>;
/// A query, whichever it is.
pub(crate) type ReadJob = Box<dyn for<'t> Job<ReadTx<'t>>>;

struct Call<U, T> {
    use_case: Option<U>,
    outcome: Option<Result<T>>,
    caller: oneshot::Sender<Result<T>>,
}

/// A command and where its answer will come.
pub(crate) fn write_job<C: Command>(command: C) -> (WriteJob, oneshot::Receiver<Result<C::Output>>) {
    let (caller, answer) = oneshot::channel();
    (Box::new(Call { use_case: Some(command), outcome: None, caller }), answer)
}

/// A query and where its answer will come.
pub(crate) fn read_job<Q: Query>(query: Q) -> (ReadJob, oneshot::Receiver<Result<Q::Output>>) {
    let (caller, answer) = oneshot::channel();
    (Box::new(QueryCall(Call { use_case: Some(query), outcome: None, caller })), answer)
}

impl<U, T> Call<U, T> {
    fn run_with<F>(&mut self, run: impl FnOnce(U) -> F) -> bool
    where
        F: Future<Output = Result<T>>,
    {
        let outcome = self.use_case.take().map(|use_case| complete(|| run(use_case)));
        let succeeded = matches!(outcome, Some(Ok(_)));
        self.outcome = outcome;
        succeeded
    }

    fn send(self) {
        let outcome = self.outcome.unwrap_or_else(|| Err(unanswered()));
        // The caller may have gone; then the answer is unheard.
        let _ = self.caller.send(outcome);
    }
}

impl<C: Command> Job<WriteTx<'_>> for Call<C, C::Output> {
    fn abandoned(&self) -> bool {
        self.caller.is_closed()
    }

    fn run(&mut self, tx: &mut WriteTx<'_>) -> bool {
        self.run_with(|command| command.run(tx))
    }

    fn fail(&mut self, why: StoreError) {
        self.outcome = Some(Err(why.into()));
    }

    fn answer(self: Box<Self>) {
        self.send();
    }
}

/// A type of its own: a value may be both a command and a query.
struct QueryCall<Q, T>(Call<Q, T>);

impl<Q: Query> Job<ReadTx<'_>> for QueryCall<Q, Q::Output> {
    fn abandoned(&self) -> bool {
        self.0.caller.is_closed()
    }

    fn run(&mut self, tx: &mut ReadTx<'_>) -> bool {
        self.0.run_with(|query| query.run(tx))
    }

    fn fail(&mut self, why: StoreError) {
        self.0.outcome = Some(Err(why.into()));
    }

    fn answer(self: Box<Self>) {
        self.0.send();
    }
}

/// What a caller is told whose job was dropped without an answer.
pub(crate) fn unanswered() -> Error {
    Error::Unavailable("the store closed before it could answer".to_owned())
}

/// Runs a future that never really waits, since its transaction answers at once, to its end.
fn complete<T, F>(begin: impl FnOnce() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let polled = catch_unwind(AssertUnwindSafe(|| {
        pin!(begin()).as_mut().poll(&mut Context::from_waker(Waker::noop()))
    }));
    match polled {
        Ok(Poll::Ready(outcome)) => outcome,
        Ok(Poll::Pending) => {
            Err(Error::Internal("a use-case waited for something other than its transaction".to_owned()))
        }
        Err(panic) => Err(Error::Internal(format!("a use-case panicked: {}", panic_text(panic.as_ref())))),
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}
