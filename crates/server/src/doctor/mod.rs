//! `flowbit doctor`: looks through a whole installation and says what it finds, without changing anything.
//!
//! It runs beside a server, or without one. What it finds is of three kinds: fine; worth knowing; wrong. Only the
//! last makes it fail.

use std::{path::Path, sync::Arc, time::Duration};

use flowbit_domain::time::Clock;
use flowbit_store::{Mode, Store, Unheard};

use crate::{
    ambient::{SystemClock, SystemRandomness},
    config::Config,
};

mod backups;
mod companies;
mod installation;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Grade {
    /// As it should be.
    Fine,
    /// It works; somebody should look at it.
    Notable,
    /// It does not work, or will not for long, or can't be relied upon.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Finding {
    pub(crate) grade: Grade,
    /// What was looked at.
    pub(crate) subject: String,
    /// What was found.
    pub(crate) text: String,
}

/// Takes findings as they come, since a look through many companies takes its time.
pub(crate) struct Findings<'t> {
    tell: &'t mut dyn FnMut(Finding),
}

impl Findings<'_> {
    fn add(&mut self, grade: Grade, subject: &str, text: impl std::fmt::Display) {
        (self.tell)(Finding { grade, subject: subject.to_owned(), text: text.to_string() });
    }

    fn fine(&mut self, subject: &str, text: impl std::fmt::Display) {
        self.add(Grade::Fine, subject, text);
    }

    fn notable(&mut self, subject: &str, text: impl std::fmt::Display) {
        self.add(Grade::Notable, subject, text);
    }

    fn wrong(&mut self, subject: &str, text: impl std::fmt::Display) {
        self.add(Grade::Wrong, subject, text);
    }
}

/// Looks through everything, and tells of each thing as it has been looked at.
pub(crate) async fn examine(config: &Config, backups: Option<&Path>, tell: &mut dyn FnMut(Finding)) {
    let mut findings = Findings { tell };
    installation::examine_settings(config, &mut findings);
    installation::examine_limits(&mut findings);
    if config.database.is_none() {
        installation::examine_folder(&config.data, &mut findings);
        backups::examine_restore(&config.data, &mut findings);
    }
    if let Some(mail) = &config.mail {
        installation::examine_mail(mail, &config.public_url, &mut findings).await;
    }
    if let Some(folder) = backups {
        backups::examine(folder, &mut findings);
    }
    let mut options =
        config.store_options(Arc::new(SystemClock), Arc::new(SystemRandomness::default()), Arc::new(Unheard));
    options.mode = Mode::ReadOnly;
    if let Some(database) = &mut options.database {
        database.statement_timeout = None;
        database.connections = 2;
    }
    // On PostgreSQL this is where roles, row level security, policies and the schema are looked at.
    let what = if config.database.is_some() { "database" } else { "data" };
    match Store::open(options).await {
        Err(error) => findings.wrong(what, error),
        Ok(store) => {
            findings.fine(what, opened(config));
            installation::examine_control(&store, &mut findings).await;
            companies::examine(&store, SystemClock.now(), &mut findings).await;
            store.close().await;
        }
    }
}

fn opened(config: &Config) -> String {
    match &config.database {
        Some(database) => format!(
            "{}: it answers, has this version's schema, and keeps the companies apart (role, row level security, policies)",
            database.address
        ),
        None => format!("{}: it can be read, and has this version's schema", config.data.display()),
    }
}

/// What is due is tried within this time, or something is stuck.
const STUCK_AFTER: Duration = Duration::from_secs(10 * 60);
