//! A node's own connection to the database, for what lives as long as a connection does: hearing what others
//! notify, and the lock that one node holds which does what one alone should do.
//!
//! Notifications are sent after the commits that they tell of, many with one, and never with them: a
//! transaction that notifies makes all others that do wait until it is on disk. A pooler that hands connections
//! from one transaction to the next can give no such connection, so each first has to hear what this node
//! notifies by another.

use std::{
    future::poll_fn,
    sync::{Arc, Weak},
    time::Duration,
};

use flowbit_domain::StoreError;
use tokio::{sync::Notify, time::MissedTickBehavior};
use tokio_postgres::{AsyncMessage, Client, types::Type};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    NOBODY, Shared, address::DatabaseAddress, connection::Step, nodes::Nodes, statement::describe, tls,
};
use crate::{call::panic_text, options::OpenError};

/// By which the database shows it, apart from those of the pool.
const NAME: &str = "flowbit-nodes";
const LISTEN: &str = "LISTEN flowbit_commits; LISTEN flowbit_words";
const UNLISTEN: &str = "UNLISTEN *";
const TELL: &str = "SELECT pg_notify('flowbit_commits', $1)";
/// Where words go that are said in passing.
const WORDS: &str = "flowbit_words";
const SAY: &str = "SELECT pg_notify('flowbit_words', $1)";
/// The one who holds it leads. Another database has another of the same number.
const TRY_TO_LEAD: &str = "SELECT pg_try_advisory_lock(4779183641523302005)";
/// How the database notices that a node's machine is gone, and gives the lock to another.
const KEEP_ALIVE: &str =
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";
const STILL_THERE: &str = "SELECT 1";

/// How often it is tried to lead, or whether the connection is still there.
const BEAT: Duration = Duration::from_millis(500);
/// How long an answer is waited for, and a node's own notification.
const ANSWER: Duration = Duration::from_secs(3);
/// How long nobody may be known to lead before this node does so without knowing. All that a leader does may
/// be done by two: it is only a waste.
const LEADERLESS: Duration = Duration::from_secs(5);
/// Before the next attempt to connect.
const PAUSE: Duration = Duration::from_millis(500);
/// The same where there is a pooler, as somebody may put right.
const LONG_PAUSE: Duration = Duration::from_secs(60);

/// Why a connection is of no use.
enum End {
    /// It can't be made, or has broken.
    Lost(String),
    /// It is not one connection, but whichever a pooler has.
    Pooled,
}

/// Begins to keep such a connection, by this address or none.
pub(crate) fn keep(shared: &Arc<Shared>, address: Option<DatabaseAddress>) -> Result<(), OpenError> {
    let Some(address) = address else {
        shared.nodes.leads.send_replace(true);
        return Ok(());
    };
    let connector = tls::connector(&address)
        .map_err(|cause| OpenError::Engine { what: format!("using TLS to {address}"), cause })?;
    let keeping = tokio::spawn(go_on(Arc::downgrade(shared), address, connector));
    shared.nodes.keep(&keeping);
    Ok(())
}

async fn go_on(shared: Weak<Shared>, address: DatabaseAddress, connector: MakeRustlsConnect) {
    let mut lost_at = tokio::time::Instant::now();
    let mut is_said = false;
    loop {
        let Some(shared) = shared.upgrade() else { return };
        let nodes = &shared.nodes;
        let mut had_one = false;
        let end = attend(&shared, &address, connector.clone(), &mut had_one).await;
        // What was missed meanwhile is looked up.
        nodes.told.notify_one();
        if had_one {
            (lost_at, is_said) = (tokio::time::Instant::now(), false);
            nodes.leads.send_replace(false);
        }
        let pause = match end {
            End::Lost(why) => {
                if !is_said {
                    tracing::warn!(%address, why, "no notifications: commits of other nodes are looked up twice a second");
                }
                PAUSE
            }
            End::Pooled => {
                if !is_said {
                    tracing::warn!(
                        %address,
                        "no notifications: this seems to be a pooler; set FLOWBIT_DATABASE_DIRECT_URL to the database's own address, or to off"
                    );
                }
                LONG_PAUSE
            }
        };
        is_said = true;
        if lost_at.elapsed() >= LEADERLESS || pause == LONG_PAUSE {
            nodes.leads.send_if_modified(|leads| !std::mem::replace(leads, true));
        }
        drop(shared);
        tokio::time::sleep(pause).await;
    }
}

/// One life of the connection. `is_own`: it has been found to be one.
async fn attend(
    shared: &Shared,
    address: &DatabaseAddress,
    connector: MakeRustlsConnect,
    is_own: &mut bool,
) -> End {
    let nodes = &shared.nodes;
    let mut config = address.config().clone();
    config.application_name(NAME);
    let connecting = tokio::time::timeout(ANSWER, config.connect(connector)).await;
    let (client, mut connection) = match connecting {
        Ok(Ok(connected)) => connected,
        Ok(Err(e)) => return End::Lost(describe(&e)),
        Err(_) => return End::Lost("it does not answer".to_owned()),
    };
    let heard = Notify::new();
    let hearing = async {
        loop {
            match poll_fn(|cx| connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notification(said))) if said.channel() == WORDS => {
                    nodes.words_in(said.payload()).for_each(|word| tell_listener(shared, word));
                }
                Some(Ok(AsyncMessage::Notification(told))) if told.payload() == nodes.name => {
                    heard.notify_one();
                }
                Some(Ok(AsyncMessage::Notification(_))) => nodes.told.notify_one(),
                Some(Ok(_)) => {}
                Some(Err(e)) => return End::Lost(describe(&e)),
                None => return End::Lost("it was closed".to_owned()),
            }
        }
    };
    let speaking = async {
        if let Err(end) = prove(shared, &client, &heard).await {
            return end;
        }
        *is_own = true;
        nodes.let_speak(true);
        speak(nodes, &client).await
    };
    // Both in this task, so that the connection ends with it.
    let end = tokio::select! {
        end = hearing => end,
        end = speaking => end,
    };
    nodes.let_speak(false);
    end
}

/// A listener that panics must not take the connection with it.
fn tell_listener(shared: &Shared, word: &str) {
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| shared.listener.told(word)));
    if let Err(panic) = told {
        tracing::error!(panic = panic_text(panic.as_ref()), "the listener of other nodes' words panicked");
    }
}

/// Whether it hears what is notified by another connection while nothing is asked by it. A pooler would let it
/// hear itself.
async fn prove(shared: &Shared, client: &Client, heard: &Notify) -> Result<(), End> {
    in_time(client.batch_execute(LISTEN)).await?;
    let lost = |why: StoreError| End::Lost(why.to_string());
    {
        let mut loan = shared.pool.borrow(NOBODY).await.map_err(lost)?;
        let tell = Step::Asked(TELL.into(), vec![shared.nodes.name.as_str().into()].into());
        loan.link().map_err(lost)?.fly(&[tell], None).await.map_err(|flown| lost(flown.why))?;
    }
    if tokio::time::timeout(ANSWER, heard.notified()).await.is_err() {
        in_time(client.batch_execute(UNLISTEN)).await?;
        return Err(End::Pooled);
    }
    in_time(client.batch_execute(KEEP_ALIVE)).await
}

/// Tells the others of commits, and tries to lead, until it breaks.
async fn speak(nodes: &Nodes, client: &Client) -> End {
    // Once it has the lock it has it for as long as the connection is there.
    let mut has_lock = false;
    let mut beats = tokio::time::interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let done = tokio::select! {
            () = nodes.untold.notified() => tell(nodes, client).await,
            () = nodes.unsaid.notified() => say(nodes, client).await,
            _ = beats.tick() => match has_lock {
                true => in_time(client.query_typed(STILL_THERE, &[])).await.map(|_| ()),
                false => try_to_lead(nodes, client).await.map(|leads| has_lock = leads),
            },
        };
        if let Err(end) = done {
            return end;
        }
    }
}

async fn tell(nodes: &Nodes, client: &Client) -> Result<(), End> {
    in_time(client.query_typed(TELL, &[(&nodes.name, Type::TEXT)])).await.map(|_| ())
}

async fn say(nodes: &Nodes, client: &Client) -> Result<(), End> {
    let Some(words) = nodes.take_words() else { return Ok(()) };
    in_time(client.query_typed(SAY, &[(&words, Type::TEXT)])).await?;
    // For what is left: commits and the lock have their turns in between.
    nodes.unsaid.notify_one();
    Ok(())
}

async fn try_to_lead(nodes: &Nodes, client: &Client) -> Result<bool, End> {
    let rows = in_time(client.query_typed(TRY_TO_LEAD, &[])).await?;
    let leads = rows.first().is_some_and(|row| row.get(0));
    if leads {
        tracing::info!("this node leads: it does what one alone should do");
    }
    nodes.leads.send_if_modified(|known| std::mem::replace(known, leads) != leads);
    Ok(leads)
}

async fn in_time<T>(work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, End> {
    match tokio::time::timeout(ANSWER, work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(e)) => Err(End::Lost(describe(&e))),
        Err(_) => Err(End::Lost("it does not answer".to_owned())),
    }
}
