//! One connection: what is kept prepared on it, and flights, in which statements travel together.

use std::{
    borrow::Cow,
    collections::HashMap,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use flowbit_domain::{StoreError, Value};
use futures_util::TryStreamExt;
use tokio_postgres::{Client, RowStream, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    address::DatabaseAddress,
    statement::{Bound, describe, failure, is_broken, localize, may_pass},
};
use crate::{
    counters::{Counters, count},
    options::OpenError,
};

/// The database may take so much longer than it allows itself before the link counts as dead.
const GRACE: Duration = Duration::from_secs(5);

/// How connections are made.
pub(crate) struct Connector {
    pub(crate) address: DatabaseAddress,
    pub(crate) tls: MakeRustlsConnect,
    /// Whether statements are kept prepared under names, which poolers of an older kind can't follow.
    pub(crate) prepares: bool,
    /// How long a statement may take; `None`: as long as it likes.
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) counters: Arc<Counters>,
}

/// A connection with what is kept prepared on it.
pub(crate) struct Link {
    client: Client,
    prepared: Option<HashMap<Box<str>, Statement>>,
    patience: Option<Duration>,
    counters: Arc<Counters>,
    /// When it was made.
    pub(crate) since: Instant,
    /// Not to be used again.
    pub(crate) broken: bool,
}

/// What one flight carries.
pub(crate) enum Step<'s> {
    /// One of the engine's own, without values and without rows, such as `COMMIT`.
    Plain(Cow<'static, str>),
    /// A statement with its values.
    Asked(Cow<'s, str>, Cow<'s, [Value]>),
}

/// What came of a step.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<tokio_postgres::Row>,
    /// How many rows it touched.
    pub(crate) touched: u64,
}

/// Why a flight did not arrive whole.
#[derive(Debug)]
pub(crate) struct Lost {
    /// Which step failed first. The database has undone the transaction, or will.
    pub(crate) at: usize,
    pub(crate) why: StoreError,
    /// Whether it is known that the last step has had no effect.
    pub(crate) is_certain: bool,
}

/// Who is handed the rows of a flight's last step.
pub(crate) type Each<'e> = Option<&'e mut (dyn FnMut(&tokio_postgres::Row) -> Result<(), StoreError> + Send)>;

type Sending<'c> =
    Pin<Box<dyn Future<Output = Result<Option<RowStream>, tokio_postgres::Error>> + Send + 'c>>;

/// A step on its way.
enum Sent<'c> {
    Waiting(Sending<'c>),
    Answered(Result<Option<RowStream>, tokio_postgres::Error>),
}

impl Connector {
    /// Makes a connection.
    pub(crate) async fn connect(&self) -> Result<Link, StoreError> {
        self.try_connect().await.map_err(|e| {
            StoreError::Unavailable(format!("{} can't be reached: {}", self.address, describe(&e)))
        })
    }

    /// Makes the first one, of which it is told whether it may come by itself.
    pub(crate) async fn connect_first(&self) -> Result<Link, OpenError> {
        self.try_connect().await.map_err(|e| {
            let (address, cause) = (self.address.to_string(), describe(&e));
            if may_pass(&e) {
                OpenError::Unreachable { address, cause }
            } else {
                OpenError::Engine { what: format!("connecting to {address}"), cause }
            }
        })
    }

    /// The task that serves the connection ends with it.
    async fn try_connect(&self) -> Result<Link, tokio_postgres::Error> {
        let (client, connection) = self.address.config().connect(self.tls.clone()).await?;
        tokio::spawn(async move {
            if let Err(e) = connection.await {
                tracing::debug!(error = describe(&e), "a connection to the database ended");
            }
        });
        Ok(Link {
            client,
            prepared: self.prepares.then(HashMap::new),
            patience: self.statement_timeout.map(|timeout| timeout + GRACE),
            counters: Arc::clone(&self.counters),
            since: Instant::now(),
            broken: false,
        })
    }
}

impl Link {
    /// Whether it can be used.
    pub(crate) fn is_good(&self) -> bool {
        !self.broken && !self.client.is_closed()
    }

    /// Puts a step on its way without waiting for what comes of it. What is sent later is done later.
    pub(crate) fn send_unheard(&self, sql: &'static str) {
        let mut sending: Sending<'_> = Box::pin(async move {
            self.client.batch_execute(sql).await?;
            Ok(None)
        });
        // Polled once it is in the connection's queue; its answer is read and dropped there.
        let _ = sending.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    }

    /// Ends whatever transaction is under way.
    pub(crate) async fn roll_back(&self) -> Result<(), StoreError> {
        self.client.batch_execute("ROLLBACK").await.map_err(|e| failure(&e))
    }

    /// The process of the database that serves this connection at the moment, asked without a name.
    pub(crate) async fn process(&mut self) -> Result<i32, StoreError> {
        let asked = in_time(self.patience, self.client.query_typed("SELECT pg_backend_pid()", &[])).await;
        match asked {
            Ok(rows) => match rows.first().map(|row| row.try_get(0)) {
                Some(Ok(process)) => Ok(process),
                _ => Err(StoreError::Failed("the database does not say which process serves".to_owned())),
            },
            Err(fault) => Err(self.report(&[], fault, 0).why),
        }
    }

    /// Sends all steps at once and collects what comes of them, in order. The rows of the last one are
    /// handed to `each` as they arrive, if there is one; all others are kept.
    ///
    /// A statement that was not run on this connection before must be prepared, which takes a journey of
    /// its own: then the steps are taken one by one, so that it fails where it stands.
    pub(crate) async fn fly(&mut self, steps: &[Step<'_>], each: Each<'_>) -> Result<Vec<Answer>, Lost> {
        self.fly_and_end(steps, each, None).await
    }

    /// As [`Self::fly`]; behind the steps travels the `end` of their transaction, of which nobody waits to hear.
    pub(crate) async fn fly_and_end(
        &mut self,
        steps: &[Step<'_>],
        each: Each<'_>,
        end: Option<&'static str>,
    ) -> Result<Vec<Answer>, Lost> {
        let flown = if steps.iter().any(|step| self.is_new(step)) {
            // Rare and large: what is read every day need not carry it about.
            let walked = Box::pin(self.walk(steps, each)).await;
            if let Some(end) = end {
                self.send_unheard(end);
            }
            walked
        } else {
            let mut sent = Vec::with_capacity(steps.len());
            for step in steps {
                let mut sending = self.send(step);
                // The first poll puts it into the connection's queue.
                sent.push(match poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await {
                    Poll::Ready(answered) => Sent::Answered(answered),
                    Poll::Pending => Sent::Waiting(sending),
                });
            }
            if let Some(end) = end {
                self.send_unheard(end);
            }
            collect(sent, self.patience, each).await
        };
        flown.map_err(|(fault, at)| self.report(steps, fault, at))
    }

    async fn walk(&mut self, steps: &[Step<'_>], mut each: Each<'_>) -> Result<Vec<Answer>, (Fault, usize)> {
        let mut answers = Vec::with_capacity(steps.len());
        for (at, step) in steps.iter().enumerate() {
            if let Step::Asked(sql, _) = step
                && self.is_new(step)
            {
                let sql = localize(sql);
                let statement = in_time(self.patience, self.client.prepare(&sql)).await;
                let statement = statement.map_err(|fault| (fault, at))?;
                count(&self.counters.prepared);
                if let Some(kept) = &mut self.prepared {
                    kept.insert(sql.into(), statement);
                }
            }
            let each = if at + 1 == steps.len() { each.take() } else { None };
            let sent = vec![Sent::Waiting(self.send(step))];
            let answer = collect(sent, self.patience, each).await.map_err(|(fault, _)| (fault, at))?;
            answers.extend(answer);
        }
        Ok(answers)
    }

    fn is_new(&self, step: &Step<'_>) -> bool {
        match (step, &self.prepared) {
            (Step::Asked(sql, _), Some(kept)) => !kept.contains_key(&*localize(sql)),
            _ => false,
        }
    }

    fn send<'c>(&'c self, step: &'c Step<'_>) -> Sending<'c> {
        match step {
            Step::Plain(sql) => Box::pin(async move {
                self.client.batch_execute(sql).await?;
                Ok(None)
            }),
            Step::Asked(sql, values) => {
                let sql = localize(sql);
                match self.prepared.as_ref().and_then(|kept| kept.get(&*sql)) {
                    Some(statement) => Box::pin(async move {
                        self.client.query_raw(statement, values.iter().map(Bound)).await.map(Some)
                    }),
                    None => Box::pin(async move {
                        let typed = values.iter().map(|value| (Bound(value), Bound(value).declared()));
                        self.client.query_typed_raw(&sql, typed).await.map(Some)
                    }),
                }
            }
        }
    }

    fn report(&mut self, steps: &[Step<'_>], fault: Fault, at: usize) -> Lost {
        let (why, is_certain) = match fault {
            Fault::Engine(e) => {
                self.broken |= is_broken(&e);
                let is_certain = e.as_db_error().is_some() || !is_broken(&e);
                (failure(&e), is_certain)
            }
            Fault::TimedOut => {
                self.broken = true;
                (StoreError::Unavailable("the database does not answer".to_owned()), false)
            }
            Fault::Said(why) => (why, true),
        };
        let why = match (why, steps.get(at)) {
            (StoreError::Failed(text), Some(Step::Asked(sql, _))) => {
                StoreError::Failed(format!("{text} in {sql:?}"))
            }
            (why, _) => why,
        };
        Lost { at, why, is_certain }
    }
}

enum Fault {
    Engine(tokio_postgres::Error),
    Said(StoreError),
    TimedOut,
}

async fn in_time<T>(
    patience: Option<Duration>,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Fault> {
    let outcome = match patience {
        None => work.await,
        Some(patience) => tokio::time::timeout(patience, work).await.map_err(|_| Fault::TimedOut)?,
    };
    outcome.map_err(Fault::Engine)
}

/// Waits for the steps in the order in which they were sent.
async fn collect(
    sent: Vec<Sent<'_>>,
    patience: Option<Duration>,
    mut each: Each<'_>,
) -> Result<Vec<Answer>, (Fault, usize)> {
    let mut answers = Vec::with_capacity(sent.len());
    let last = sent.len().saturating_sub(1);
    for (at, step) in sent.into_iter().enumerate() {
        let failed = |fault| (fault, at);
        let streaming = match step {
            Sent::Answered(answered) => answered.map_err(Fault::Engine),
            Sent::Waiting(sending) => in_time(patience, sending).await,
        };
        let mut each = if at == last { each.take() } else { None };
        let mut answer = Answer::default();
        if let Some(stream) = streaming.map_err(failed)? {
            let mut stream = std::pin::pin!(stream);
            while let Some(row) = in_time(patience, stream.try_next()).await.map_err(failed)? {
                match &mut each {
                    Some(each) => each(&row).map_err(Fault::Said).map_err(failed)?,
                    None => answer.rows.push(row),
                }
            }
            answer.touched = stream.rows_affected().unwrap_or(0);
        }
        answers.push(answer);
    }
    Ok(answers)
}
