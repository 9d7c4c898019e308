//! Forgets what is over, once a day, a little at a time, on the node that leads.

use std::{sync::Arc, time::Duration};

use flowbit_domain::{
    TenantCtx,
    retention::{HasExpired, RemoveExpired},
    time::Clock,
};
use flowbit_store::Store;
use tokio_util::sync::CancellationToken;

/// The first time some minutes after the start, when there is less to do.
const FIRST_AFTER: Duration = Duration::from_secs(5 * 60);
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// So many rows in one commit: nobody waits long behind it.
const ROWS_AT_ONCE: i64 = 500;

pub(super) async fn run(store: Store, clock: Arc<dyn Clock>, stop: CancellationToken) {
    let leadership = store.leadership();
    let mut wait = FIRST_AFTER;
    while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
        if !*leadership.borrow() {
            // Should it lead the next time, it is soon enough.
            continue;
        }
        wait = EVERY;
        if stop.run_until_cancelled(sweep(&store, &*clock)).await.is_none() {
            return;
        }
    }
}

/// Looks at every tenant and removes what is over.
pub(super) async fn sweep(store: &Store, clock: &dyn Clock) {
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
}
