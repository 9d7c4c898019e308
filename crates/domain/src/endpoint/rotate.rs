//! New secrets for an endpoint; the old ones stay good for a day, so that both sides can change over.

use serde_json::json;

use super::{EndpointWithSecrets, OLD_SECRETS_MS, Secrets, aging::add_aging, load, read_aging, record};
use crate::{
    error::{Error, Result},
    event::Action,
    id::EndpointId,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Gives an endpoint new secrets. The server tells the directory of the new one before.
#[derive(Debug, Clone)]
pub struct RotateSecret {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: EndpointId,
    /// The new secrets.
    pub secrets: Secrets,
}

impl Command for RotateSecret {
    type Output = EndpointWithSecrets;

    async fn run(self, tx: &mut impl TenantTx) -> Result<EndpointWithSecrets> {
        // Reading by a change locks the row: of two at once the second finds what the first has made.
        const LOCK: &str = "UPDATE endpoints SET updated_at = $2 WHERE id = $1 AND deleted_at IS NULL
            RETURNING secret, shared_secret, old_secret, old_shared_secret, old_secrets_until";
        const REPLACE: &str = "UPDATE endpoints SET secret = $2, shared_secret = $3,
            old_secret = $4, old_shared_secret = $5, old_secrets_until = $6 WHERE id = $1";
        let Self { principal, origin, id, secrets } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let now = tx.now();
        let until = now.plus_ms(OLD_SECRETS_MS);
        let replaced = tx
            .query_one(LOCK, &[id.into(), now.into()], |row| {
                let end = row.opt_time(4)?;
                let signing = (row.text(0)?.to_owned(), read_aging(row.opt_text(2)?, end, now)?);
                let shared = (row.text(1)?.to_owned(), read_aging(row.opt_text(3)?, end, now)?);
                Ok([signing, shared])
            })
            .await?
            .ok_or(Error::NotFound)?;
        let [old_signing, old_shared] = replaced.map(|(secret, good)| add_aging(good, secret, until, now));
        tx.put(
            REPLACE,
            vec![
                id.into(),
                secrets.signing.as_str().into(),
                secrets.shared.as_str().into(),
                old_signing?.into(),
                old_shared?.into(),
                until.into(),
            ],
        );
        let endpoint = load(tx, id).await?.ok_or(Error::NotFound)?;
        let data = json!({ "endpointId": id, "url": endpoint.url, "oldSecretsUntil": until });
        record(tx, Action::EndpointSecretRotated, origin, data).await?;
        Ok(EndpointWithSecrets::new(endpoint, secrets))
    }
}
