//! Attempts to sign in, over all nodes: first by this node's own limits, which cost nothing, then by those in
//! the database. Whoever this node refuses has spent there what the others would count as well.

use std::net::IpAddr;

use flowbit_domain::Error;
use flowbit_store::Attempt as Shared;
use uuid::Uuid;

use super::limits::{self, Account, Attempt};
use crate::{app::App, http::problem::Problem};

/// One more attempt to sign in as this account. `device` is one on which it has signed in before.
pub(crate) async fn begin(
    app: &App,
    ip: IpAddr,
    account: Account,
    device: Option<Uuid>,
) -> Result<Attempt, Problem> {
    let attempt = app.limits.begin_sign_in(ip, account, device)?;
    // One after another: whoever is refused for the address must not use up what the account has left.
    for shared in attempt.shared() {
        let taken = app.store.control().take_attempt(&shared, app.clock.now()).await;
        match taken {
            Ok(Ok(())) => {}
            Ok(Err(wait_ms)) => {
                return Err(limits::refuse("sign_in", u64::try_from(wait_ms).unwrap_or(1).div_ceil(1000)));
            }
            Err(error) => {
                app.limits.give_back(&attempt);
                return Err(Error::from(error).into());
            }
        }
    }
    Ok(attempt)
}

/// The password was right, or could not be looked at: the attempt does not count.
pub(crate) async fn give_back(app: &App, attempt: &Attempt) {
    app.limits.give_back(attempt);
    let shared: Vec<Shared> = attempt.shared().collect();
    if !shared.is_empty()
        && let Err(error) = app.store.control().give_back(&shared).await
    {
        tracing::warn!(%error, "a right password counts as an attempt, since that could not be taken back");
    }
}
