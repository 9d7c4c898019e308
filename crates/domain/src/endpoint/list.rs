//! Reading endpoints.

use uuid::Uuid;

use super::{Endpoint, endpoint_from_row, load, select_endpoint};
use crate::{
    cursor::{self, Page},
    error::{Error, Result},
    id::EndpointId,
    policy::{self, Deed, Subject},
    principal::Principal,
    tx::{Query, TenantRead, Value},
};

/// Lists the company's endpoints, oldest first.
#[derive(Debug)]
pub struct ListEndpoints {
    /// Who asks.
    pub principal: Principal,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Query for ListEndpoints {
    type Output = Page<Endpoint>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<Endpoint>> {
        const FIRST: &str = select_endpoint!(" ORDER BY id LIMIT $1");
        const NEXT: &str = select_endpoint!(" AND id > $2 ORDER BY id LIMIT $1");
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let fetched = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut params: Vec<Value> = vec![fetched.into()];
        let sql = if let Some(cursor) = &self.cursor {
            params.push(cursor::decode::<Uuid>(cursor)?.into());
            NEXT
        } else {
            FIRST
        };
        let now = tx.now();
        let rows = tx.query(sql, &params, |row| Ok(endpoint_from_row(row)?.seen_at(now))).await?;
        Ok(Page::from_rows(rows, self.limit, |endpoint| endpoint.id))
    }
}

/// Reads one endpoint; also how the server asks, before it prepares anything for a change, whether
/// this person may make it.
#[derive(Debug)]
pub struct GetEndpoint {
    /// Who asks.
    pub principal: Principal,
    /// Which one.
    pub id: EndpointId,
}

impl Query for GetEndpoint {
    type Output = Endpoint;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Endpoint> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        load(tx, self.id).await?.ok_or(Error::NotFound)
    }
}
