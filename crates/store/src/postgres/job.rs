//! A use-case on its way, whichever it is.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::Poll,
};

use flowbit_domain::{Command, Result, StoreError};
use tokio::sync::oneshot;
use tracing::Instrument;

use super::writing::WriteTx;
use crate::{
    call::{Call, panicked},
    journey::{Journey, Timings},
};

/// A command that waits for its turn.
pub(crate) trait Job: Send {
    /// Nobody waits for it any more.
    fn abandoned(&self) -> bool;
    /// Runs it; `true` if it succeeded. Whatever came of it is kept until [`Self::answer`].
    fn run<'r, 't: 'r>(
        &'r mut self,
        tx: &'r mut WriteTx<'t>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'r>>;
    /// Replaces what came of it by a failure of the store.
    fn fail(&mut self, why: StoreError);
    /// Tells the caller what came of it.
    fn answer(self: Box<Self>);
}

/// A command, whichever it is, and its way.
pub(crate) struct WriteJob {
    call: Box<dyn Job>,
    journey: Journey,
}

impl WriteJob {
    /// Nobody waits for it any more.
    pub(crate) fn abandoned(&self) -> bool {
        self.call.abandoned()
    }

    /// Runs it; `true` if it succeeded. Whatever came of it is kept until [`Self::answer`].
    pub(crate) async fn run(&mut self, tx: &mut WriteTx<'_>, timings: &Timings) -> bool {
        self.journey.take_turn(timings);
        tx.trace_parent = self.journey.parent();
        let span = self.journey.span();
        self.call.run(tx).instrument(span).await
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

/// A command and where its answer will come.
pub(crate) fn write_job<C: Command>(
    command: C,
    journey: Journey,
) -> (WriteJob, oneshot::Receiver<Result<C::Output>>) {
    let (call, answer) = Call::new(command);
    (WriteJob { call: Box::new(call), journey }, answer)
}

impl<C: Command> Job for Call<C, C::Output> {
    fn abandoned(&self) -> bool {
        Call::abandoned(self)
    }

    fn run<'r, 't: 'r>(
        &'r mut self,
        tx: &'r mut WriteTx<'t>,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + 'r>> {
        Box::pin(async move {
            let command = if tx.may_be_repeated() { self.begin_repeatable() } else { self.begin() };
            match command {
                Some(command) => {
                    let outcome = complete(command.run(tx)).await;
                    self.end(outcome)
                }
                None => false,
            }
        })
    }

    fn fail(&mut self, why: StoreError) {
        Call::fail(self, why);
    }

    fn answer(self: Box<Self>) {
        self.send();
    }
}

/// Runs a use-case whose panic must cost its own caller alone.
pub(crate) async fn complete<T>(running: impl Future<Output = Result<T>>) -> Result<T> {
    let mut running = pin!(running);
    poll_fn(|cx| {
        catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(panic.as_ref()))))
    })
    .await
}
