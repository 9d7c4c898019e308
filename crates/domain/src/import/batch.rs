//! Some documents of one kind, in one transaction, or as if.

use crate::{
    error::Result,
    import::{Facts, Incoming, Outcome, Rules, entries, messages, people, tickets},
    principal::Origin,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// Takes documents. Their fates come in their order.
#[derive(Debug, Clone)]
pub struct ImportBatch {
    /// Who imports.
    pub origin: Origin,
    /// What applies to all.
    pub rules: Rules,
    /// The documents.
    pub documents: Incoming,
}

impl Command for ImportBatch {
    type Output = Vec<Outcome>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Vec<Outcome>> {
        let Self { origin, rules, documents } = self;
        let mut facts = Facts::default();
        match documents {
            Incoming::People(documents) => {
                facts.load(tx, &rules.source, people::wanted(&documents)).await?;
                let now = tx.now();
                let mut outcomes = Vec::with_capacity(documents.len());
                for document in documents {
                    let id = tx.new_id();
                    let (outcome, new) = people::decide(&mut facts, &rules, document, id, now);
                    people::write(tx, &origin, &rules, new).await?;
                    outcomes.push(outcome);
                }
                Ok(outcomes)
            }
            Incoming::Tickets(documents) => {
                facts.load(tx, &rules.source, tickets::wanted(&documents, &rules)).await?;
                let now = tx.now();
                tx.skip_numbers(rules.highest_number).await?;
                let mut outcomes = Vec::with_capacity(documents.len());
                for document in documents {
                    let id = tx.new_id();
                    let (outcome, new) = tickets::decide(&mut facts, &rules, document, id, now);
                    if let Some(new) = new {
                        tickets::write(tx, &origin, &rules, *new).await?;
                    }
                    outcomes.push(outcome);
                }
                Ok(outcomes)
            }
            Incoming::Messages(documents) => {
                facts.load(tx, &rules.source, messages::wanted(&documents)).await?;
                let now = tx.now();
                let mut outcomes = Vec::with_capacity(documents.len());
                let mut all = Vec::new();
                for document in documents {
                    let (outcome, new) = messages::decide(&mut facts, document, now);
                    all.extend(new);
                    outcomes.push(outcome);
                }
                messages::write(tx, &origin, &rules, &facts, all).await?;
                Ok(outcomes)
            }
            Incoming::Entries(documents) => {
                facts.load(tx, &rules.source, entries::wanted(&documents)).await?;
                let mut outcomes = Vec::with_capacity(documents.len());
                for document in documents {
                    let (outcome, new) = entries::decide(&mut facts, document);
                    if let Some(new) = new {
                        entries::write(tx, &origin, &rules, new).await?;
                    }
                    outcomes.push(outcome);
                }
                Ok(outcomes)
            }
        }
    }
}

/// Decides what [`ImportBatch`] would do with documents, and changes nothing. Answers their fates and what
/// the next batch must know.
#[derive(Debug)]
pub struct RehearseBatch {
    /// What applies to all.
    pub rules: Rules,
    /// The documents.
    pub documents: Incoming,
    /// What the batches before would have written.
    pub facts: Facts,
}

impl Query for RehearseBatch {
    type Output = (Vec<Outcome>, Facts);

    async fn run(self, tx: &mut impl TenantRead) -> Result<(Vec<Outcome>, Facts)> {
        let Self { rules, documents, facts: rehearsed } = self;
        let wanted = match &documents {
            Incoming::People(documents) => people::wanted(documents),
            Incoming::Tickets(documents) => tickets::wanted(documents, &rules),
            Incoming::Messages(documents) => messages::wanted(documents),
            Incoming::Entries(documents) => entries::wanted(documents),
        };
        let mut facts = rehearsed;
        facts.load(tx, &rules.source, wanted).await?;
        let now = tx.now();
        let outcomes = rehearse(&mut facts, &rules, documents, now);
        Ok((outcomes, facts))
    }
}

/// The decisions alone, on what is known.
pub(super) fn rehearse(
    facts: &mut Facts,
    rules: &Rules,
    documents: Incoming,
    now: crate::time::Timestamp,
) -> Vec<Outcome> {
    // Whoever would come has an id of no meaning.
    let nobody = uuid::Uuid::nil();
    match documents {
        Incoming::People(documents) => {
            documents.into_iter().map(|d| people::decide(facts, rules, d, nobody, now).0).collect()
        }
        Incoming::Tickets(documents) => {
            documents.into_iter().map(|d| tickets::decide(facts, rules, d, nobody, now).0).collect()
        }
        Incoming::Messages(documents) => {
            documents.into_iter().map(|d| messages::decide(facts, d, now).0).collect()
        }
        Incoming::Entries(documents) => documents.into_iter().map(|d| entries::decide(facts, d).0).collect(),
    }
}

/// What a company that is yet to be made would answer to [`RehearseBatch`].
impl RehearseBatch {
    /// The same on a company of which nothing is there.
    #[must_use]
    pub fn on_nothing(self, now: crate::time::Timestamp) -> (Vec<Outcome>, Facts) {
        let Self { rules, documents, mut facts } = self;
        let outcomes = rehearse(&mut facts, &rules, documents, now);
        (outcomes, facts)
    }
}
