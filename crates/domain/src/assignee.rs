//! Who tickets can be assigned to.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    id::UserId,
    json::JsonQuery,
    policy::{self, Deed, Subject},
    principal::{Principal, Role},
    ticket::damaged,
    tx::{Query, TenantRead},
    user::OutOfOffice,
};

/// Someone who works on tickets.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Assignee {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub name: String,
    /// `agent` or `admin`.
    pub role: Role,
    /// That they are out of office; null when they are not.
    #[schema(required)]
    pub out_of_office: Option<OutOfOffice>,
}

/// The active agents and admins of a company, by name; the first 1,000.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Assignees {
    /// They.
    pub items: Vec<Assignee>,
}

/// Lists who tickets can be assigned to.
#[derive(Debug)]
pub struct ListAssignees {
    /// Who asks.
    pub principal: Principal,
}

impl JsonQuery for ListAssignees {}

impl Query for ListAssignees {
    type Output = Assignees;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Assignees> {
        const SQL: &str = "SELECT id, name, role, out_of_office, out_of_office_until FROM users WHERE active AND role IN ('agent', 'admin')
            ORDER BY name, id LIMIT 1000";
        policy::require(&self.principal, Deed::ListAssignees, Subject::Company)?;
        let items = tx
            .query(SQL, &[], |row| {
                Ok(Assignee {
                    id: UserId(row.uuid(0)?),
                    name: row.text(1)?.to_owned(),
                    role: Role::parse(row.text(2)?).ok_or_else(|| damaged("role"))?,
                    out_of_office: OutOfOffice::read(row, 3)?,
                })
            })
            .await?;
        Ok(Assignees { items })
    }
}
