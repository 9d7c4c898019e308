//! Where documents go: whether a company was made by an import, and whether that has come to its end.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    import::{Kind, people::remember},
    ledger,
    principal::Origin,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// How a company belongs to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Belonging {
    /// It has nothing yet, not even its founding.
    Empty,
    /// It was made by an import of this customer, which has not come to its end.
    Unfinished,
    /// It was made by an import of this customer, or took one in, to its end.
    Finished,
    /// It has to do with neither.
    Foreign,
}

const STANDS: &str =
    "SELECT kind FROM imported WHERE source = $1 AND source_id = $2 AND kind IN ('company', 'end')";

async fn belonging(tx: &mut impl TenantRead, source: &str, customer: &str) -> Result<Belonging> {
    let kinds =
        tx.query(STANDS, &[source.into(), customer.into()], |row| Ok(row.text(0)?.to_owned())).await?;
    if kinds.iter().any(|kind| kind == Kind::End.as_str()) {
        return Ok(Belonging::Finished);
    }
    if kinds.iter().any(|kind| kind == Kind::Company.as_str()) {
        return Ok(Belonging::Unfinished);
    }
    const FIRST: &str = "SELECT seq FROM events ORDER BY seq LIMIT 1";
    let first = tx.query_one(FIRST, &[], |row| row.int(0)).await?;
    Ok(if first.is_none() { Belonging::Empty } else { Belonging::Foreign })
}

/// Asks how a company belongs to a source.
#[derive(Debug)]
pub struct FindBelonging {
    /// The name of the source.
    pub source: String,
    /// The customer's id there.
    pub customer: String,
}

impl Query for FindBelonging {
    type Output = Belonging;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Belonging> {
        belonging(tx, &self.source, &self.customer).await
    }
}

/// Notes in a company that has nothing yet that it is made from a customer of a source. Event:
/// `tenant.created`.
#[derive(Debug, Clone)]
pub struct AdoptCompany {
    /// Who imports.
    pub origin: Origin,
    /// The name of the source.
    pub source: String,
    /// The customer's id there.
    pub customer: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl Command for AdoptCompany {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { origin, source, customer, slug, name } = self;
        if belonging(tx, &source, &customer).await? != Belonging::Empty {
            return Err(Error::Conflict {
                code: "company_in_use",
                detail: format!("the company {slug} has been used by now"),
            });
        }
        let tenant = tx.tenant();
        remember(tx, &source, Kind::Company, &customer, tenant.0);
        let data = json!({ "slug": slug, "name": name, "source": source, "sourceId": customer });
        let draft = EventDraft {
            action: Action::TenantCreated,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}

/// How many documents of a company were taken, and what of them was not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// People.
    pub people: u64,
    /// Tickets.
    pub tickets: u64,
    /// Their messages.
    pub messages: u64,
    /// How many of those are internal notes.
    pub internal: u64,
    /// Entries of the history.
    pub entries: u64,
    /// What had been taken before.
    pub known: u64,
    /// Documents that were not taken.
    pub refused: u64,
    /// Fields without which documents were taken.
    pub left_out: u64,
}

impl Tally {
    /// Whether anything was taken.
    #[must_use]
    pub fn is_something(&self) -> bool {
        self.people + self.tickets + self.messages + self.entries > 0
    }
}

/// Notes that an import has come to its end. Event: `import.finished`, unless there was nothing to take and
/// it had ended before.
#[derive(Debug, Clone)]
pub struct FinishImport {
    /// Who imports.
    pub origin: Origin,
    /// The name of the source.
    pub source: String,
    /// The customer's id there.
    pub customer: String,
    /// What was taken.
    pub tally: Tally,
}

impl Command for FinishImport {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { origin, source, customer, tally } = self;
        let ended = belonging(tx, &source, &customer).await? == Belonging::Finished;
        if ended && !tally.is_something() {
            return Ok(());
        }
        let data = json!({ "source": source, "sourceId": customer, "taken": tally });
        let draft = EventDraft {
            action: Action::ImportFinished,
            audience: Audience::Admins,
            origin,
            ticket: None,
            requester: None,
            data: data.to_string(),
        };
        let event = ledger::record(tx, draft).await?;
        if !ended {
            remember(tx, &source, Kind::End, &customer, event.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_of_what_was_known_is_nothing() {
        assert!(!Tally { known: 3, refused: 1, left_out: 2, ..Tally::default() }.is_something());
        assert!(Tally { entries: 1, ..Tally::default() }.is_something());
    }
}
