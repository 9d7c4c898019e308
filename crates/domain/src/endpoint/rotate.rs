//! New secrets for an endpoint; the old ones stay good for a day, so that both sides can change over.

use serde_json::json;

use super::{EndpointWithSecrets, OLD_SECRETS_MS, Secrets, load, record};
use crate::{
    error::{Error, Result},
    event::Action,
    id::EndpointId,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Gives an endpoint new secrets. The server tells the directory of the new one before.
#[derive(Debug)]
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
        const UPDATE: &str = "UPDATE endpoints SET old_secret = secret, old_shared_secret = shared_secret,
            old_secrets_until = $4, secret = $2, shared_secret = $3, updated_at = $5 WHERE id = $1";
        let Self { principal, origin, id, secrets } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let mut endpoint = load(tx, id).await?.ok_or(Error::NotFound)?;
        let now = tx.now();
        let until = now.plus_ms(OLD_SECRETS_MS);
        let (signing, shared) = (secrets.signing.as_str(), secrets.shared.as_str());
        tx.put(UPDATE, vec![id.into(), signing.into(), shared.into(), until.into(), now.into()]);
        endpoint.updated_at = now;
        let data = json!({ "endpointId": id, "url": endpoint.url, "oldSecretsUntil": until });
        record(tx, Action::EndpointSecretRotated, origin, data).await?;
        Ok(EndpointWithSecrets::new(endpoint, secrets))
    }
}
