//! Whose turn it is: the decision is a pure function of who is there and what they have.

use super::{Assignment, TeamName};
use crate::{
    error::{Error, Result},
    id::{TeamId, UserId},
    ticket::{Person, Status, Ticket, damaged},
    tx::{TenantRead, TenantTx},
};

/// A member who can be picked.
#[derive(Debug, Clone)]
struct Candidate {
    person: Person,
    /// When they were picked last: the number of that pick, 0 for never.
    picked: i64,
    /// How many tickets they have to do; counted only where the rule asks.
    load: i64,
}

/// A team and who of it can be picked now.
#[derive(Debug, Clone)]
pub(crate) struct Rota {
    pub(crate) team: TeamName,
    pub(crate) assignment: Assignment,
    /// The number of the last pick.
    picks: i64,
    candidates: Vec<Candidate>,
}

/// What a ticket gets from its new team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Giving {
    /// By which rule.
    pub(crate) rule: Assignment,
    /// To whom; nobody when nobody is there.
    pub(crate) to: Option<Person>,
}

/// The team and its members in one question; nothing is counted but for the rule that asks. Who has a thousand
/// tickets has as many as anybody needs to know.
const ROTA: &str = "SELECT w.name, w.assignment, w.picks, u.id, u.name, m.picked,
    CASE WHEN w.assignment = 'by_load' AND u.id IS NOT NULL THEN (SELECT count(*) FROM (SELECT 1 AS one
        FROM tickets t WHERE t.assignee_id = u.id AND t.status IN ('open', 'in_progress', 'waiting')
        LIMIT 1000) l) ELSE 0 END
    FROM teams w
    LEFT JOIN team_members m ON m.team_id = w.id AND w.assignment <> 'manual'
    LEFT JOIN users u ON u.id = m.user_id AND u.active AND u.role IN ('agent', 'admin')
        AND (NOT u.out_of_office OR u.out_of_office_until <= $2)
    WHERE w.id = $1 AND w.deleted_at IS NULL ORDER BY u.name, u.id";

impl Rota {
    /// Says that [`Self::load`] will be called.
    pub(crate) fn ask_ahead(tx: &mut impl TenantRead, id: TeamId) {
        let now = tx.now();
        tx.ask_ahead(ROTA, &[id.into(), now.into()]);
    }

    /// Loads the team that a request names.
    ///
    /// # Errors
    /// [`Error::Validation`] when there is none; else when the store fails.
    pub(crate) async fn load(tx: &mut impl TenantRead, id: TeamId) -> Result<Self> {
        let now = tx.now();
        let mut rota: Option<Self> = None;
        tx.query(ROTA, &[id.into(), now.into()], |row| {
            if rota.is_none() {
                let assignment = Assignment::parse(row.text(1)?).ok_or_else(|| damaged("rule of a team"))?;
                let team = TeamName { id, name: row.text(0)?.to_owned() };
                rota = Some(Self { team, assignment, picks: row.int(2)?, candidates: Vec::new() });
            }
            if let (Some(rota), Some(user)) = (&mut rota, row.opt_uuid(3)?) {
                rota.candidates.push(Candidate {
                    person: Person { id: UserId(user), name: row.text(4)?.to_owned() },
                    picked: row.int(5)?,
                    load: row.int(6)?,
                });
            }
            Ok(())
        })
        .await?;
        rota.ok_or_else(|| Error::invalid("teamId", "is no team of your company"))
    }

    /// Whose turn it is, among those of equal right the first by name.
    fn next(&self) -> Option<usize> {
        let by_load = self.assignment == Assignment::ByLoad;
        let key = |at: &usize| {
            let candidate = &self.candidates[*at];
            (if by_load { candidate.load } else { 0 }, candidate.picked)
        };
        (0..self.candidates.len()).min_by_key(key)
    }

    /// Gives a new ticket to whoever's turn it is. `None`: the team's tickets are taken, not given.
    pub(crate) fn give(&mut self, tx: &mut impl TenantTx) -> Option<Giving> {
        const PICKED: &str = "UPDATE team_members SET picked = $3 WHERE team_id = $1 AND user_id = $2";
        const PICKS: &str = "UPDATE teams SET picks = $2 WHERE id = $1";
        if self.assignment == Assignment::Manual {
            return None;
        }
        let picked = self.next();
        if let Some(at) = picked {
            self.picks += 1;
            let picks = self.picks;
            let candidate = &mut self.candidates[at];
            (candidate.picked, candidate.load) = (picks, candidate.load + 1);
            tx.put(PICKED, vec![self.team.id.into(), candidate.person.id.into(), picks.into()]);
            tx.put(PICKS, vec![self.team.id.into(), picks.into()]);
        }
        let to = picked.map(|at| self.candidates[at].person.clone());
        Some(Giving { rule: self.assignment, to })
    }

    /// Gives a ticket that comes to the team, and is to have this status then. `None`: it keeps whom it has, since
    /// the team's tickets are not given, or nothing is to be done, or it is the team's already and somebody has it.
    pub(crate) fn give_again(
        &mut self,
        tx: &mut impl TenantTx,
        ticket: &Ticket,
        status: Option<Status>,
    ) -> Option<Giving> {
        let is_theirs = ticket.team.as_ref().is_some_and(|team| team.id == self.team.id);
        if !status.unwrap_or(ticket.status).is_live() || (is_theirs && ticket.assignee.is_some()) {
            return None;
        }
        let given = self.give(tx)?;
        // It leaves whoever had it.
        let had = ticket.assignee.as_ref().filter(|_| ticket.status.is_live());
        if let Some(had) = had.and_then(|had| self.candidates.iter_mut().find(|c| c.person.id == had.id)) {
            had.load -= 1;
        }
        Some(given)
    }
}

/// The team of that id, if there is one.
///
/// # Errors
/// When the store fails.
pub(crate) async fn find_team(tx: &mut impl TenantRead, id: TeamId) -> Result<Option<TeamName>> {
    const NAME: &str = "SELECT name FROM teams WHERE id = $1 AND deleted_at IS NULL";
    let name = tx.query_one(NAME, &[id.into()], |row| Ok(row.text(0)?.to_owned())).await?;
    Ok(name.map(|name| TeamName { id, name }))
}
