//! `flowbit backup` and `flowbit restore`: the data folder, as it was at a moment.

use std::path::Path;

use flowbit_content::Place;
use flowbit_domain::Timestamp;
use flowbit_store::Mode;

use super::{Failure, Outcome, open_store, say};
use crate::{backup, config::Config};

const DATABASE: &str =
    "the data is in PostgreSQL: its own tools back it up and restore it, see docs/OPERATIONS.md";

pub(super) async fn make(config: &Config, to: &Path) -> Outcome {
    if config.database.is_some() {
        return Err(Failure::new(DATABASE));
    }
    let store = open_store(config, Mode::ReadOnly).await?;
    let usual = config.data.join(backup::CONTENTS);
    let made = match &config.files.place {
        Place::Folder(folder) if *folder == usual => backup::make(&store, Some(folder), to).await,
        _ => backup::make(&store, None, to).await,
    };
    store.close().await;
    let made = made.map_err(Failure::new)?;
    if made.removed > 0 {
        say(format!("removed {} that had broken off", made.removed))?;
    }
    if config.files.place != Place::Folder(usual) {
        say("attached files are kept elsewhere (FLOWBIT_FILES) and are not in it")?;
    }
    say(format!(
        "{} companies as they were at {} in {}",
        made.companies,
        made.begun_at,
        made.folder.display()
    ))
}

pub(super) fn restore(config: &Config, from: &Path, at: Option<&str>) -> Outcome {
    if config.database.is_some() {
        return Err(Failure::new(DATABASE));
    }
    let at = at.map(|text| Timestamp::parse(text).ok_or(text)).transpose();
    let at =
        at.map_err(|text| Failure::usage(format!("--at: {text:?} is no time such as 2026-01-31T08:15:00Z")))?;
    let found = if from.join("backup.json").is_file() && at.is_none() {
        Ok(from.to_owned())
    } else {
        backup::find(from, at)
    };
    let put = found.and_then(|found| backup::restore(&found, &config.data)).map_err(Failure::new)?;
    say(format!(
        "{} is as it was at {}, with {} companies; look at it: flowbit doctor",
        config.data.display(),
        put.begun_at,
        put.companies
    ))
}
