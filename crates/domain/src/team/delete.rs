//! Removing a team that has nothing left to do. Its solved tickets go on saying that they were the team's.

use super::{describe, load_all, record, take};
use crate::{
    error::{Error, Result},
    event::Action,
    id::TeamId,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Removes a team. 409 `team_has_tickets` while tickets of it are open, in progress or waiting. Event:
/// `team.deleted`.
#[derive(Debug, Clone)]
pub struct DeleteTeam {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: TeamId,
}

impl Command for DeleteTeam {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        // Further nobody needs to know it.
        const LEFT: &str = "SELECT count(*) FROM (SELECT 1 AS one FROM tickets WHERE team_id = $1
            AND status IN ('open', 'in_progress', 'waiting') LIMIT 1000) l";
        const DELETE: &str = "UPDATE teams SET deleted_at = $2 WHERE id = $1";
        const LEAVE: &str = "DELETE FROM team_members WHERE team_id = $1";
        let Self { principal, origin, id } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let gone = take(&mut load_all(tx).await?, id)?;
        let left = tx.query_one(LEFT, &[id.into()], |row| row.int(0)).await?.unwrap_or(0);
        if left > 0 {
            let many = if left >= 1000 { "or more " } else { "" };
            let detail =
                format!("{left} {many}tickets of this team are not solved: give them to others first");
            return Err(Error::Conflict { code: "team_has_tickets", detail });
        }
        let now = tx.now();
        tx.put(DELETE, vec![id.into(), now.into()]);
        tx.put(LEAVE, vec![id.into()]);
        record(tx, Action::TeamDeleted, origin, &gone, describe(&gone)).await
    }
}
