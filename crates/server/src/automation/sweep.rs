//! Forgets what is over, once a day, a little at a time, on the node that leads.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use flowbit_content::Contents;
use flowbit_domain::{
    Error, TenantCtx, TenantId,
    attachment::content::{CondemnContents, ForgetContents, HasLoose},
    retention::{HasExpired, RemoveExpired},
    time::Clock,
};
use flowbit_store::Store;
use tokio_util::sync::CancellationToken;

use crate::checkpoint::remove_erased;

/// The first time some minutes after the start, when there is less to do.
const FIRST_AFTER: Duration = Duration::from_secs(5 * 60);
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// So many rows in one commit: nobody waits long behind it.
const ROWS_AT_ONCE: i64 = 500;

pub(super) async fn run(store: Store, contents: Contents, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let leadership = store.leadership();
    let mut wait = FIRST_AFTER;
    while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
        if !*leadership.borrow() {
            // Should it lead the next time, it is soon enough.
            continue;
        }
        wait = EVERY;
        if stop.run_until_cancelled(sweep(&store, &contents, &*clock)).await.is_none() {
            return;
        }
    }
}

/// Looks at every tenant and removes what is over.
pub(super) async fn sweep(store: &Store, contents: &Contents, clock: &dyn Clock) {
    if let Err(error) = store.control().forget_attempts(clock.now()).await {
        tracing::warn!(%error, "old attempts to sign in could not be forgotten");
    }
    let found = match store.scan_tenants(|_| HasExpired).await {
        Ok(found) => found,
        Err(error) => return tracing::warn!(%error, "nothing could be cleaned up"),
    };
    for (tenant, expired) in found {
        let mut more = match expired {
            Ok(expired) => expired,
            Err(error) => {
                tracing::warn!(customerId = %tenant.id, %error, "a tenant could not be cleaned up");
                continue;
            }
        };
        #[expect(clippy::disallowed_methods, reason = "the system's own work")]
        let ctx = TenantCtx::for_operator(tenant.id);
        while more {
            more = match store.write(&ctx, RemoveExpired { limit: ROWS_AT_ONCE }).await {
                Ok(more) => more,
                Err(error) => {
                    tracing::warn!(customerId = %tenant.id, %error, "a tenant could not be cleaned up");
                    false
                }
            };
        }
    }
    sweep_contents(store, contents).await;
}

/// Removes what files held that are no more, and what is left of companies that are gone.
async fn sweep_contents(store: &Store, contents: &Contents) {
    if let Err(error) = sweep_companies(store, contents).await {
        tracing::warn!(error, "files of companies that are gone could not be cleaned up");
    }
    let found = match store.scan_tenants(|_| HasLoose).await {
        Ok(found) => found,
        Err(error) => return tracing::warn!(%error, "files could not be cleaned up"),
    };
    for (tenant, loose) in found {
        #[expect(clippy::disallowed_methods, reason = "the system's own work")]
        let ctx = TenantCtx::for_operator(tenant.id);
        let swept = match loose {
            Ok(false) => continue,
            Ok(true) => remove_loose(store, contents, &ctx).await,
            Err(error) => Err(error),
        };
        if let Err(error) = swept {
            tracing::warn!(customerId = %tenant.id, %error, "a company's files could not be cleaned up");
        }
    }
}

/// Removes what an upload has left that came after its company was erased, and an import that was killed. Of these two
/// it is known whose they are: a company that is merely not known here may be another installation's, or this one's
/// whose database is not the right one.
async fn sweep_companies(store: &Store, contents: &Contents) -> Result<(), String> {
    let erased = store.control().erasures().await.map_err(|e| e.to_string())?;
    let erased: BTreeSet<TenantId> = erased.into_iter().map(|erasure| erasure.tenant).collect();
    let mut left = Vec::new();
    if !erased.is_empty() {
        let there = contents.tenants().await.map_err(|e| e.to_string())?;
        left.extend(there.into_iter().filter(|tenant| erased.contains(tenant)));
    }
    let broken_off = contents.broken_off().map_err(|e| e.to_string())?;
    for tenant in left.into_iter().chain(broken_off) {
        let removed = remove_erased(store, contents, tenant).await;
        let settled = removed.and_then(|()| contents.has_come(tenant).map_err(|e| e.to_string()));
        if let Err(error) = settled {
            tracing::warn!(customerId = %tenant, error, "a company's files could not be cleaned up");
        }
    }
    Ok(())
}

async fn remove_loose(store: &Store, contents: &Contents, ctx: &TenantCtx) -> Result<(), Error> {
    loop {
        let condemned = store.write(ctx, CondemnContents { limit: ROWS_AT_ONCE }).await?;
        let mut removed = Vec::with_capacity(condemned.len());
        for content in condemned {
            match contents.remove(ctx.tenant(), content).await {
                Ok(()) => removed.push(content),
                // It is tried again the next time, and the others go.
                Err(error) => {
                    tracing::warn!(customerId = %ctx.tenant(), %error, "what a file held could not be removed");
                }
            }
        }
        if removed.is_empty() {
            return Ok(());
        }
        store.write(ctx, ForgetContents { contents: removed }).await?;
    }
}
