//! Bringing a company in: in pieces, and there when all of it is.

use std::{path::Path, sync::Arc};

use flowbit_content::Contents;
use flowbit_domain::{
    StoreError, TenantCtx, Value,
    archive::{INDEXED_AT_ONCE, IndexPage, Indexed, read_messages, read_tickets, set_head},
    control::Tenant,
    endpoint::hash_secret,
    id::{EndpointId, TenantId},
    tx::{Row, SearchDialect},
};
use flowbit_store::{Hints, Import, NewTenant, Store};
use tokio::sync::mpsc;

use super::{
    CHECKPOINT, MANIFEST, Manifest, fault,
    read::{Archive, Piece},
};
/// Reads an archive to its end and checks all of it, without a store. Answers whose it is, and how many records.
///
/// # Errors
/// One line that says what is wrong, with the file and the line.
pub(crate) fn check(path: &Path) -> Result<(Tenant, u64), String> {
    let archive = Archive::open(path, None)?;
    let tenant: Tenant = archive.manifest.tenant.clone().into();
    NewTenant::from(&tenant).check().map_err(|e| fault(path, format!("{MANIFEST}: {e}")))?;
    let records = count(&archive.manifest);
    archive.read(&mut |_| Ok(()))?;
    Ok((tenant, records))
}

fn count(manifest: &Manifest) -> u64 {
    manifest.entries.iter().filter(|entry| entry.path != CHECKPOINT).map(|entry| entry.records).sum()
}

/// Brings a company in. Answers it, and how many records it has. If it fails, nothing is left of it.
///
/// # Errors
/// One line that says why, with the file and the line if it is the archive's.
pub(crate) async fn bring_in(
    (store, contents): (&Store, &Contents),
    path: &Path,
    key: impl FnOnce(&Tenant) -> TenantCtx,
) -> Result<(Arc<Tenant>, u64), String> {
    let opened = {
        let (path, aside) = (path.to_owned(), contents.aside().to_owned());
        tokio::task::spawn_blocking(move || Archive::open(&path, Some(&aside))).await
    };
    let archive = opened.map_err(|e| e.to_string())??;
    let records = count(&archive.manifest);
    let tenant: Tenant = archive.manifest.tenant.clone().into();
    NewTenant::from(&tenant).check().map_err(|e| fault(path, format!("{MANIFEST}: {e}")))?;
    let (slug, id) = (tenant.slug.clone(), tenant.id);
    let key = key(&tenant);
    let _coming = contents.bring_in(id).map_err(|e| format!("{slug}: {e}"))?;
    let mut import = store.begin_import(&key, tenant).await.map_err(|e| format!("{slug}: {e}"))?;
    let brought = match load(&mut import, (contents, id), archive).await {
        Ok(hints) => import.finish(hints).await.map_err(|e| format!("{slug}: {e}")),
        Err(why) => match import.abandon().await {
            Ok(()) => Err(why),
            Err(e) => Err(format!("{why}; and what was brought in could not be removed: {e}")),
        },
    };
    let settled = match &brought {
        Ok(_) => Ok(()),
        Err(_) => remove_contents(store, contents, id).await,
    };
    // If it is not, the next clean-up does it.
    let settled = settled.and_then(|()| contents.has_come(id).map_err(|e| e.to_string()));
    match (brought, settled) {
        (Ok(tenant), settled) => {
            if let Err(error) = settled {
                tracing::warn!(customerId = %id, error, "left to the clean-up");
            }
            Ok((tenant, records))
        }
        (Err(why), Ok(())) => Err(why),
        (Err(why), Err(e)) => Err(format!("{why}; and its files are removed by the next clean-up: {e}")),
    }
}

/// Removes what was brought in of a company's files, unless there is such a company after all.
async fn remove_contents(store: &Store, contents: &Contents, id: TenantId) -> Result<(), String> {
    if store.control().tenant(id).await.map_err(|e| e.to_string())?.is_none() {
        contents.remove_all(id).await.map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Loads all of it. The archive is read and unpacked on a thread of its own, a few pieces ahead.
async fn load(
    import: &mut Import,
    (contents, tenant): (&Contents, TenantId),
    archive: Archive,
) -> Result<Hints, String> {
    let (sender, mut pieces) = mpsc::channel(2);
    let last_number = archive.manifest.last_number;
    let reading = tokio::task::spawn_blocking(move || {
        archive
            .read(&mut |piece| sender.blocking_send(piece).map_err(|_| "the store takes no more".to_owned()))
    });
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Rows { statements, place } => {
                import.load(statements).await.map_err(|e| format!("{place}: {e}"))?;
            }
            Piece::Content { id, mut arrived, place } => {
                contents.put(tenant, id, &mut arrived).await.map_err(|e| format!("{place}: {e}"))?;
            }
        }
    }
    let head = reading.await.map_err(|e| e.to_string())??;
    let told = |e: StoreError| e.to_string();
    import.load(vec![set_head(head, last_number)]).await.map_err(told)?;
    index(import, read_tickets, SearchDialect::index_ticket).await.map_err(told)?;
    index(import, read_messages, SearchDialect::index_message).await.map_err(told)?;
    find_hints(import).await.map_err(told)
}

/// Makes the search index of all documents of a kind, page by page.
async fn index(
    import: &mut Import,
    page: fn(Option<Vec<Value>>) -> IndexPage,
    document: fn(&SearchDialect, &dyn Row) -> Result<Indexed, StoreError>,
) -> Result<(), StoreError> {
    let dialect = import.search();
    let mut after = None;
    loop {
        let (sql, values) = page(after.take());
        let found = import.query(sql, values, move |row| document(dialect, row)).await?;
        let is_last = i64::try_from(found.len()).unwrap_or(i64::MAX) < INDEXED_AT_ONCE;
        let (places, statements): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        after = places.into_iter().next_back();
        if !statements.is_empty() {
            import.load(statements).await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

async fn find_hints(import: &mut Import) -> Result<Hints, StoreError> {
    const EMAILS: &str = "SELECT email FROM users";
    const SECRETS: &str =
        "SELECT id, shared_secret, old_shared_secret FROM endpoints WHERE deleted_at IS NULL";
    let emails = import.query(EMAILS, vec![], |row| Ok(row.text(0)?.to_owned())).await?;
    let secrets = import.query(SECRETS, vec![], |row| {
        let id = EndpointId(row.uuid(0)?);
        let shared = [Some(row.text(1)?), row.opt_text(2)?];
        Ok(shared.into_iter().flatten().map(|secret| (hash_secret(secret), id)).collect::<Vec<_>>())
    });
    Ok(Hints { emails, secrets: secrets.await?.into_iter().flatten().collect() })
}
