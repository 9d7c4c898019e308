//! A use-case on its way through a queue, with the caller that waits for its answer.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::{Context, Poll, Waker},
};

use flowbit_domain::{Command, Error, Query, Result, StoreError};
use tokio::sync::oneshot;

use super::transaction::{ReadTx, WriteTx};
use crate::call::{Call, panicked};
use crate::journey::{Journey, Timings};

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

/// A command, whichever it is, and its way.
pub(crate) struct WriteJob {
    call: Box<dyn for<'t> Job<WriteTx<'t>>>,
    journey: Journey,
}

impl WriteJob {
    /// Nobody waits for it any more.
    pub(crate) fn abandoned(&self) -> bool {
        self.call.abandoned()
    }

    /// Runs it; `true` if it succeeded. Whatever came of it is kept until [`Self::answer`].
    pub(crate) fn run(&mut self, tx: &mut WriteTx<'_>, timings: &Timings) -> bool {
        self.journey.take_turn(timings);
        tx.trace_parent = self.journey.parent();
        self.journey.span().in_scope(|| self.call.run(tx))
    }

    /// Its commit begins, with so many others.
    pub(crate) fn commit(&mut self, batch: usize) {
        self.journey.commit(batch);
    }

    /// Replaces what came of it by a failure of the store.
    pub(crate) fn fail(&mut self, why: StoreError) {
        self.call.fail(why);
    }

    /// Tells the caller what came of it.
    pub(crate) fn answer(self) {
        self.call.answer();
    }
}

/// A query, whichever it is.
pub(crate) type ReadJob = Box<dyn for<'t> Job<ReadTx<'t>>>;

/// A command and where its answer will come.
pub(crate) fn write_job<C: Command>(
    command: C,
    journey: Journey,
) -> (WriteJob, oneshot::Receiver<Result<C::Output>>) {
    let (call, answer) = Call::new(command);
    (WriteJob { call: Box::new(call), journey }, answer)
}

/// A query and where its answer will come.
pub(crate) fn read_job<Q: Query>(query: Q) -> (ReadJob, oneshot::Receiver<Result<Q::Output>>) {
    let (call, answer) = Call::new(query);
    (Box::new(QueryCall(call)), answer)
}

fn run_with<U, T, F>(call: &mut Call<U, T>, run: impl FnOnce(U) -> F) -> bool
where
    F: Future<Output = Result<T>>,
{
    match call.begin() {
        Some(use_case) => call.end(complete(|| run(use_case))),
        None => false,
    }
}

impl<C: Command> Job<WriteTx<'_>> for Call<C, C::Output> {
    fn abandoned(&self) -> bool {
        Call::abandoned(self)
    }

    fn run(&mut self, tx: &mut WriteTx<'_>) -> bool {
        run_with(self, |command| command.run(tx))
    }

    fn fail(&mut self, why: StoreError) {
        Call::fail(self, why);
    }

    fn answer(self: Box<Self>) {
        self.send();
    }
}

/// A type of its own: a value may be both a command and a query.
struct QueryCall<Q, T>(Call<Q, T>);

impl<Q: Query> Job<ReadTx<'_>> for QueryCall<Q, Q::Output> {
    fn abandoned(&self) -> bool {
        self.0.abandoned()
    }

    fn run(&mut self, tx: &mut ReadTx<'_>) -> bool {
        run_with(&mut self.0, |query| query.run(tx))
    }

    fn fail(&mut self, why: StoreError) {
        self.0.fail(why);
    }

    fn answer(self: Box<Self>) {
        self.0.send();
    }
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
        Err(panic) => Err(panicked(panic.as_ref())),
    }
}
