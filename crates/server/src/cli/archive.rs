//! `flowbit tenant export` and `import`: a company's archive, out of one installation and into another.

use std::path::Path;

use flowbit_store::{Mode, Store};

use super::{Failure, Outcome, context, door, errand::Errand, find_tenant, open_store, say};
use crate::{archive, config::Config};

pub(super) async fn export(config: &Config, slug: &str, out: &Path) -> Outcome {
    let store = open_store(config, Mode::ReadOnly).await?;
    let outcome = write_archive(config, &store, slug, out).await;
    store.close().await;
    outcome
}

async fn write_archive(config: &Config, store: &Store, slug: &str, out: &Path) -> Outcome {
    let tenant = find_tenant(store, slug).await?;
    let contents = config.files.open().map_err(Failure::new)?;
    let records = archive::write_archive((store, &contents), &tenant, &context(&tenant), out)
        .await
        .map_err(Failure::new)?;
    say(format!("{records} records of {slug} in {}; it holds secrets: keep it safe", out.display()))
}

pub(super) async fn import(config: &Config, file: &Path, is_check: bool) -> Outcome {
    if is_check {
        let (tenant, records) = archive::check(file).map_err(Failure::new)?;
        return say(format!("whole: {records} records of {}", tenant.slug));
    }
    // Whoever does the errand may be in another folder.
    let file = std::path::absolute(file).map_err(|e| Failure::new(format!("{}: {e}", file.display())))?;
    door::perform(config, Errand::BringIn { file }).await
}
