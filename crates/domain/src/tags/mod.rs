//! Tags: what colour one has, how often it is used, and moving all its tickets to another.
//!
//! How many tickets have a tag is counted by the engine as tickets get and lose it (table `tag_counts`), so that
//! nobody counts rows. A tag of very many tickets is moved in steps: the first in the transaction that asks for it,
//! the others behind it, each short, so that nobody waits long. What is left to do stands in `tag_moves`.

mod advance;
mod color;
mod list;
mod shift;

use serde_json::{Value as Json, json};

pub use advance::{ContinueTagMoves, HasTagMoves};
pub use color::{ColorTag, TagColor};
pub use list::{ListTags, Tag, TagList};
pub(crate) use shift::tags_of_today;
pub use shift::{MoveTag, TagMove, TagMoved};

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    ledger,
    principal::Origin,
    text::Checks,
    ticket::check_tags,
    tx::{Row, StoreError, TenantRead, TenantTx},
};

/// So many tickets get another tag in one transaction: nobody waits long behind it.
pub const STEP: i64 = 500;

/// A tag as it is kept.
fn check_name(checks: &mut Checks, path: &str, name: &str) -> String {
    // One of a list of one: the path names the field alone.
    let mut inner = Checks::default();
    let kept = check_tags(&mut inner, path, std::slice::from_ref(&name.to_owned()));
    if let Err(crate::Error::Validation(errors)) = inner.finish() {
        errors.into_iter().for_each(|error| checks.fail(path, error.message));
    }
    kept.into_iter().next().unwrap_or_default()
}

/// A move that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pending {
    from: String,
    to: Option<String>,
}

const PENDING: &str = "SELECT from_tag, to_tag FROM tag_moves ORDER BY started_at, from_tag";

fn read_pending(row: &dyn Row) -> Result<Pending, StoreError> {
    Ok(Pending { from: row.text(0)?.to_owned(), to: row.opt_text(1)?.map(str::to_owned) })
}

/// How many tickets have this tag.
async fn count(tx: &mut impl TenantRead, tag: &str) -> Result<i64> {
    const SQL: &str = "SELECT tickets FROM tag_counts WHERE tag = $1";
    Ok(tx.query_one(SQL, &[tag.into()], |row| row.int(0)).await?.unwrap_or(0))
}

async fn record(tx: &mut impl TenantTx, action: Action, origin: Origin, data: Json) -> Result<()> {
    let draft = EventDraft {
        action,
        audience: Audience::Staff,
        origin,
        ticket: None,
        requester: None,
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}

/// Gives at most so many tickets the new tag, and forgets the move when none is left. Answers how many got it, and how
/// many are left.
async fn step(tx: &mut impl TenantTx, pending: &Pending, limit: i64) -> Result<(i64, i64)> {
    const TICKETS: &str = "SELECT t.id, t.tags FROM ticket_tags g JOIN tickets t ON t.id = g.ticket_id
        WHERE g.tag = $1 ORDER BY g.ticket_id LIMIT $2";
    const UPDATE: &str = "UPDATE tickets SET tags = $2, version = version + 1 WHERE id = $1";
    const INSERT: &str = "INSERT INTO ticket_tags (tag, ticket_id) VALUES ($1, $2)
        ON CONFLICT (tag, ticket_id) DO NOTHING";
    const DELETE: &str = "DELETE FROM ticket_tags WHERE tag = $1 AND ticket_id = $2";
    const DONE: &str = "DELETE FROM tag_moves WHERE from_tag = $1";
    let found = tx
        .query(TICKETS, &[pending.from.as_str().into(), limit.into()], |row| {
            let tags: Vec<String> =
                serde_json::from_str(row.text(1)?).map_err(|_| crate::ticket::damaged("list of tags"))?;
            Ok((row.uuid(0)?, tags))
        })
        .await?;
    let moved = i64::try_from(found.len()).unwrap_or(i64::MAX);
    for (id, tags) in found {
        let tags = replace(tags, pending);
        tx.put(UPDATE, vec![id.into(), json!(tags).to_string().into()]);
        if let Some(to) = &pending.to {
            tx.put(INSERT, vec![to.as_str().into(), id.into()]);
        }
        tx.put(DELETE, vec![pending.from.as_str().into(), id.into()]);
    }
    let left = count(tx, &pending.from).await?;
    if left == 0 {
        tx.put(DONE, vec![pending.from.as_str().into()]);
    }
    Ok((moved, left))
}

/// The tags with one in place of another, sorted, each once.
fn replace(tags: Vec<String>, pending: &Pending) -> Vec<String> {
    let mut tags: Vec<String> = tags.into_iter().filter(|tag| *tag != pending.from).collect();
    tags.extend(pending.to.clone());
    tags.sort();
    tags.dedup();
    tags
}
