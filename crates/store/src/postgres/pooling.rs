//! Whether statements may be kept prepared under names on the way to this database.
//!
//! A pooler that hands connections from one transaction to the next must follow such names. One that does not
//! leaves them on connections that other nodes get next, and all nodes count their names from `s0` on: they would
//! run each other's statements. PgBouncer follows from 1.21 on, unless `max_prepared_statements` is 0.
//!
//! No pooler can be asked for it, so two things are looked at. *What the name has become:* whoever follows names
//! puts others in their place. *Whose the connection is:* a connection of one's own is served by one process of the
//! database, and no other connection is. A pooler hands out what came back last, or what has been back for longest;
//! so two connections of ours each take a transaction's turn and end in changing order, which makes them change
//! places, whoever else is at work there. Where the connection is one's own no round can fail.

use flowbit_domain::{StoreError, tx::Row};

use super::{
    connection::{Connector, Link, Step},
    statement::RowInPlace,
};

/// The first tell, unless others come in between.
const ROUNDS: usize = 16;
/// Answers whether it stands under a name such as the driver gives.
const PROBE: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements p \
    WHERE p.name ~ '^s[0-9]+$' AND p.statement LIKE 'SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements%')";
/// A name that is there already, and one that is not there any more.
const COLLIDED: [&str; 2] = ["(42P05)", "(26000)"];

/// Whether names are safe here. `ours` is the first connection of this connector.
pub(crate) async fn keeps_names(connector: &Connector, ours: &mut Link) -> Result<bool, StoreError> {
    // In one transaction, so that all of it happens in one place.
    let steps = [
        Step::Plain("BEGIN".into()),
        Step::Asked(PROBE.into(), (&[][..]).into()),
        Step::Plain("COMMIT".into()),
    ];
    let answers = match ours.fly(&steps, None).await.map_err(|lost| lost.why) {
        Ok(answers) => answers,
        Err(StoreError::Failed(text)) if COLLIDED.iter().any(|code| text.contains(code)) => return Ok(false),
        Err(why) => return Err(why),
    };
    let row = answers.iter().flat_map(|answer| &answer.rows).next();
    let is_as_given = row.map(|row| RowInPlace(row).bool(0)).transpose()?.unwrap_or(true);
    Ok(!is_as_given || is_own(connector, ours).await?)
}

/// Whether a connection is ours alone.
async fn is_own(connector: &Connector, ours: &mut Link) -> Result<bool, StoreError> {
    let mut other = connector.connect().await?;
    let process = ours.process().await?;
    for round in 0..ROUNDS {
        // Before both have a transaction: where the pooler has but one connection the other would wait for ours.
        if other.process().await? == process {
            return Ok(false);
        }
        for link in [&mut *ours, &mut other] {
            link.fly(&[Step::Plain("BEGIN".into())], None).await.map_err(|lost| lost.why)?;
        }
        let (served, elsewhere) = (ours.process().await?, other.process().await?);
        let mut ending = [&mut *ours, &mut other];
        ending.rotate_left(round % 2);
        for link in ending {
            link.fly(&[Step::Plain("COMMIT".into())], None).await.map_err(|lost| lost.why)?;
        }
        if served != process || elsewhere == process {
            return Ok(false);
        }
    }
    Ok(true)
}
