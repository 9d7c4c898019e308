//! The operator's door: a socket in the data folder, by which a command hands its errand to the server
//! that holds the folder, since on the embedded engine one process alone writes.
//!
//! Who may open it may write to the folder: nothing else is asked. One line of JSON goes in, an
//! [`Errand`], and one comes out, a [`Report`].

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use flowbit_store::{Mode, OpenError};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
};

use super::{
    Failure, Outcome,
    errand::{Errand, Means},
    say, try_open_store,
};
use crate::{ambient::SystemRandomness, app::App, config::Config, identity::password::Passwords};

/// Neither an errand nor a report is longer, in bytes: a step of an import takes some thousand documents along.
const LONGEST: u64 = 128 * 1024 * 1024;
/// A command has its errand ready when it knocks.
const ASKED_WITHIN: Duration = Duration::from_secs(5);
/// A server that has just begun opens its door within this time; one that is about to end is gone.
const OPENS_WITHIN: Duration = Duration::from_secs(2);
/// So often it is tried whether it has.
const KNOCKS_EVERY: Duration = Duration::from_millis(20);
/// What came of an errand.
#[derive(Serialize, Deserialize)]
enum Report {
    /// To be printed.
    Done(Vec<String>),
    /// The exit code, and why.
    Refused(u8, String),
}

/// Where the door of a data folder's server is.
pub(super) fn path(data: &Path) -> PathBuf {
    data.join("operator.sock")
}

/// Does an errand here, or lets the server do it that holds the data folder; prints what came of it.
pub(super) async fn perform(config: &Config, errand: Errand) -> Outcome {
    let begun = Instant::now();
    let lines = loop {
        match try_perform(config, &errand).await {
            Err(OpenError::InUse { .. }) if begun.elapsed() < OPENS_WITHIN => {
                tokio::time::sleep(KNOCKS_EVERY).await;
            }
            outcome => break outcome??,
        }
    };
    lines.into_iter().try_for_each(say)
}

/// The same, unless the data is held by a process that has no door, or none yet.
async fn try_perform(config: &Config, errand: &Errand) -> Result<Outcome<Vec<String>>, OpenError> {
    match try_open_store(config, Mode::Exclusive).await {
        Ok(store) => {
            let passwords = Passwords::new(Arc::new(SystemRandomness::default()));
            let contents = config.files.open();
            let done = match contents {
                Ok(contents) => {
                    let origin = config.origin();
                    let means = Means { store: &store, contents: &contents, passwords: &passwords, origin };
                    errand.clone().run(&means).await
                }
                Err(e) => Err(Failure::new(format!("attached files can't be kept: {e}"))),
            };
            store.close().await;
            Ok(done)
        }
        Err(in_use @ OpenError::InUse { .. }) => match UnixStream::connect(path(&config.data)).await {
            Ok(server) => Ok(hand_over(server, errand).await),
            Err(_) => Err(in_use),
        },
        Err(error) => Err(error),
    }
}

/// Hands an errand over to the server behind a door.
pub(super) async fn knock(path: &Path, errand: &Errand) -> Outcome<Vec<String>> {
    let gone = |e: io::Error| Failure::new(format!("the server that holds the data folder is gone: {e}"));
    hand_over(UnixStream::connect(path).await.map_err(gone)?, errand).await
}

async fn hand_over(mut server: UnixStream, errand: &Errand) -> Outcome<Vec<String>> {
    let failed = |e: io::Error| Failure::new(format!("the server that runs here did not answer: {e}"));
    let mut line = serde_json::to_vec(errand).map_err(Failure::new)?;
    line.push(b'\n');
    server.write_all(&line).await.map_err(failed)?;
    let mut answer = Vec::new();
    let mut server = server.take(LONGEST);
    let read = tokio::time::timeout(errand.patience(), server.read_to_end(&mut answer)).await;
    read.unwrap_or_else(|late| Err(late.into())).map_err(failed)?;
    match serde_json::from_slice(&answer).map_err(|e| failed(e.into()))? {
        Report::Done(lines) => Ok(lines),
        Report::Refused(code, line) => Err(Failure { code, line }),
    }
}

/// Serves the door until the server stops.
pub(super) async fn keep(app: App) {
    if app.config.database.is_some() {
        // Commands open the database themselves.
        return;
    }
    let path = path(&app.config.data);
    // One that a killed server left: nobody else serves this folder, so it is nobody's.
    let listener = match tokio::fs::remove_file(&path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => UnixListener::bind(&path),
    };
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "commands that write have to wait until the server stops");
            return;
        }
    };
    while let Some(accepted) = app.stop.run_until_cancelled(listener.accept()).await {
        // One after another: errands are few, and an operator's do not race.
        let served = match accepted {
            Ok((command, _)) => serve(&app, command).await,
            Err(error) => Err(error),
        };
        if let Err(error) = served {
            tracing::warn!(%error, "an operator's command broke off");
        }
    }
    if let Err(error) = tokio::fs::remove_file(&path).await {
        tracing::warn!(%error, "the operator's door was left behind");
    }
}

async fn serve(app: &App, command: UnixStream) -> io::Result<()> {
    let (reading, mut writing) = command.into_split();
    let mut line = String::new();
    let mut reading = BufReader::new(reading.take(LONGEST));
    tokio::time::timeout(ASKED_WITHIN, reading.read_line(&mut line)).await??;
    let errand: Errand = serde_json::from_str(&line)?;
    let means = Means {
        store: &app.store,
        contents: &app.contents,
        passwords: &app.passwords,
        origin: app.config.origin(),
    };
    // What is brought in may take longer than a server that is told to stop waits, and can be given up at any point.
    let can_be_given_up = matches!(errand, Errand::BringIn { .. });
    let running = errand.run(&means);
    let done = if can_be_given_up {
        let stops = || Err(Failure::new("the server is stopping: run it again"));
        app.stop.run_until_cancelled(running).await.unwrap_or_else(stops)
    } else {
        running.await
    };
    let report = match done {
        Ok(lines) => Report::Done(lines),
        Err(Failure { code, line }) => Report::Refused(code, line),
    };
    writing.write_all(&serde_json::to_vec(&report)?).await
}
