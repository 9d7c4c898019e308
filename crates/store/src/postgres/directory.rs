//! What is asked before it is known whose it is, on PostgreSQL: at which tenants an address signs in, whose a
//! secret is, and the keys that sign for all of them.

use flowbit_domain::{
    control::{SecretHash, SecretOwner, SigningKey},
    id::{EndpointId, TenantId},
};

use super::control::{Bound, PostgresControl};
use crate::control::Answer;

const ADD_EMAIL: &str =
    "INSERT INTO flowbit_control.directory (email, tenant) VALUES ($1, $2) ON CONFLICT DO NOTHING";

impl PostgresControl {
    pub(crate) async fn tenants_of_email(&self, email: &str) -> Answer<Vec<TenantId>> {
        let sql = "SELECT tenant FROM flowbit_control.directory WHERE email = $1 ORDER BY 1";
        self.rows(sql, vec![email.into()], |row| row.uuid(0).map(TenantId)).await
    }

    pub(crate) async fn emails_of_tenant(&self, tenant: TenantId) -> Answer<Vec<String>> {
        let sql = "SELECT email FROM flowbit_control.directory WHERE tenant = $1 ORDER BY 1";
        self.rows(sql, vec![tenant.0.into()], |row| row.text(0).map(str::to_owned)).await
    }

    pub(crate) async fn add_email(&self, email: &str, tenant: TenantId) -> Answer<()> {
        self.change(ADD_EMAIL, vec![email.into(), tenant.0.into()]).await.map(|_| ())
    }

    pub(crate) async fn add_emails(&self, emails: &[String], tenant: TenantId) -> Answer<()> {
        // In one order, so that two who note the same addresses do not wait for each other.
        let emails: std::collections::BTreeSet<&str> = emails.iter().map(String::as_str).collect();
        let statements: Vec<Bound<'_>> =
            emails.into_iter().map(|email| (ADD_EMAIL, vec![email.into(), tenant.0.into()])).collect();
        if statements.is_empty() {
            return Ok(());
        }
        self.run(None, &statements).await.map_err(|lost| lost.why)?;
        Ok(())
    }

    pub(crate) async fn remove_email(&self, email: &str, tenant: TenantId) -> Answer<()> {
        let sql = "DELETE FROM flowbit_control.directory WHERE email = $1 AND tenant = $2";
        self.change(sql, vec![email.into(), tenant.0.into()]).await.map(|_| ())
    }

    pub(crate) async fn add_secret(&self, secret: SecretHash, owner: SecretOwner) -> Answer<()> {
        let sql = "INSERT INTO flowbit_control.secrets (hash, tenant, endpoint) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let values = vec![secret.to_vec().into(), owner.tenant.0.into(), owner.endpoint.0.into()];
        self.change(sql, values).await.map(|_| ())
    }

    pub(crate) async fn find_secret(&self, secret: SecretHash) -> Answer<Option<SecretOwner>> {
        let sql = "SELECT tenant, endpoint FROM flowbit_control.secrets WHERE hash = $1";
        let owners = self.rows(sql, vec![secret.to_vec().into()], |row| {
            Ok(SecretOwner { tenant: TenantId(row.uuid(0)?), endpoint: EndpointId(row.uuid(1)?) })
        });
        Ok(owners.await?.pop())
    }

    pub(crate) async fn remove_secrets(&self, endpoint: EndpointId) -> Answer<()> {
        let sql = "DELETE FROM flowbit_control.secrets WHERE endpoint = $1";
        self.change(sql, vec![endpoint.0.into()]).await.map(|_| ())
    }

    pub(crate) async fn signing_keys(&self) -> Answer<Vec<SigningKey>> {
        let sql = "SELECT kid, pkcs8, public, created_at FROM flowbit_control.signing_keys ORDER BY created_at DESC, kid DESC";
        self.rows(sql, vec![], |row| {
            Ok(SigningKey {
                kid: row.text(0)?.to_owned(),
                pkcs8: row.bytes(1)?.to_vec(),
                public: row.bytes(2)?.to_vec(),
                created_at: row.time(3)?,
            })
        })
        .await
    }
}
