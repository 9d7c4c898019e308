//! Renaming a tag, merging it into another, deleting it: its tickets move.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{PENDING, Pending, check_name, count, read_pending, record, replace, step};
use crate::{
    error::{Error, Result},
    event::Action,
    id::TicketId,
    macros::MacroActions,
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    ticket::{Expression, damaged},
    tx::{Command, TenantTx},
};

/// Which tag becomes what.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TagMove {
    /// The tag.
    #[schema(max_length = 40, min_length = 1)]
    pub from: String,
    /// What its tickets have instead: 1 to 40 characters; null: nothing, the tag is deleted.
    #[serde(default)]
    #[schema(max_length = 40, min_length = 1)]
    pub to: Option<String>,
    /// Whether it may be a tag that is there already: then the two become one.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub merge: bool,
}

/// What came of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagMoved {
    /// The tag that was.
    pub from: String,
    /// What its tickets have instead.
    #[schema(required)]
    pub to: Option<String>,
    /// How many tickets had it.
    pub tickets: i64,
    /// How many have it still: they follow at once, in the background.
    pub left: i64,
}

/// Moves all tickets of a tag to another, or takes it from them. Event: `tag.renamed`, `tag.merged` or
/// `tag.deleted`; behind it `tag.moved` for each further [`STEP`](super::STEP) tickets.
#[derive(Debug, Clone)]
pub struct MoveTag {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What becomes what.
    pub input: TagMove,
    /// At most how many tickets at once: [`STEP`](super::STEP).
    pub limit: i64,
}

impl Command for MoveTag {
    type Output = TagMoved;

    async fn run(self, tx: &mut impl TenantTx) -> Result<TagMoved> {
        const IS_COLORED: &str = "SELECT color FROM tags WHERE name = $1";
        const REMEMBER: &str = "INSERT INTO tag_moves (from_tag, to_tag, started_at) VALUES ($1, $2, $3)";
        let Self { principal, origin, input, limit } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let mut checks = Checks::default();
        let mut from = check_name(&mut checks, "from", &input.from);
        let to = input.to.map(|to| check_name(&mut checks, "to", &to));
        if to.as_ref() == Some(&from) {
            checks.fail("to", "is the same tag");
        }
        checks.finish()?;
        let color = async |tx: &mut _, name: &str| -> Result<Option<String>> {
            Ok(color_of(tx, IS_COLORED, name).await?)
        };
        let (mut tickets, mut old_color) = (count(tx, &from).await?, color(tx, &from).await?);
        if tickets == 0 && old_color.is_none() {
            // One from before each letter had one form is named as it stands.
            from = input.from.trim().to_lowercase();
            (tickets, old_color) = (count(tx, &from).await?, color(tx, &from).await?);
        }
        if tickets == 0 && old_color.is_none() {
            return Err(Error::invalid("from", "is no tag of your company"));
        }
        let mut is_there = false;
        let mut new_color = None;
        if let Some(to) = &to {
            new_color = color(tx, to).await?;
            is_there = new_color.is_some() || count(tx, to).await? > 0;
            if is_there && !input.merge {
                let detail = format!("there is a tag {to:?} already: say `merge` to make the two one");
                return Err(Error::Conflict { code: "tag_exists", detail });
            }
        }
        let touched = |tag: &str| tag == from || Some(tag) == to.as_deref();
        for other in tx.query(PENDING, &[], read_pending).await? {
            if touched(&other.from) || other.to.as_deref().is_some_and(touched) {
                let detail = format!("{:?} is still being moved: try again in a moment", other.from);
                return Err(Error::Conflict { code: "tag_moving", detail });
            }
        }
        let pending = Pending { from, to };
        put_color(tx, &pending, old_color, new_color);
        change_macros(tx, &pending).await?;
        let views = change_views(tx, &pending).await?;
        let started = [pending.from.as_str().into(), pending.to.as_deref().into(), tx.now().into()];
        tx.execute(REMEMBER, &started).await?;
        let (_, left) = step(tx, &pending, limit).await?;
        let action = match (&pending.to, is_there) {
            (None, _) => Action::TagDeleted,
            (Some(_), true) => Action::TagMerged,
            (Some(_), false) => Action::TagRenamed,
        };
        let Pending { from, to } = pending;
        let data = json!({ "from": from, "to": to, "tickets": tickets, "left": left, "views": views });
        record(tx, action, origin, data).await?;
        Ok(TagMoved { from, to, tickets, left })
    }
}

async fn color_of(
    tx: &mut impl TenantTx,
    sql: &str,
    name: &str,
) -> Result<Option<String>, crate::tx::StoreError> {
    tx.query_one(sql, &[name.into()], |row| Ok(row.text(0)?.to_owned())).await
}

/// The new tag has the old one's colour if it has none of its own.
fn put_color(tx: &mut impl TenantTx, pending: &Pending, old: Option<String>, new: Option<String>) {
    if let (Some(to), Some(color), None) = (&pending.to, &old, new) {
        let values = vec![to.as_str().into(), color.as_str().into()];
        tx.put("INSERT INTO tags (name, color) VALUES ($1, $2)", values);
    }
    if old.is_some() {
        tx.put("DELETE FROM tags WHERE name = $1", vec![pending.from.as_str().into()]);
    }
}

/// What macros add and take away follows; they are few.
async fn change_macros(tx: &mut impl TenantTx, pending: &Pending) -> Result<()> {
    const ALL: &str = "SELECT id, actions FROM macros";
    const UPDATE: &str = "UPDATE macros SET actions = $2, version = version + 1 WHERE id = $1";
    let all = tx
        .query(ALL, &[], |row| {
            let actions: MacroActions = serde_json::from_str(row.text(1)?).map_err(|_| damaged("macro"))?;
            Ok((row.uuid(0)?, actions))
        })
        .await?;
    for (id, mut actions) in all {
        let has = |tags: &[String]| tags.contains(&pending.from);
        if !has(&actions.add_tags) && !has(&actions.remove_tags) {
            continue;
        }
        if has(&actions.add_tags) {
            actions.add_tags = replace(actions.add_tags, pending);
        }
        if has(&actions.remove_tags) {
            actions.remove_tags = replace(actions.remove_tags, pending);
        }
        // What is added is not taken away.
        actions.remove_tags.retain(|tag| !actions.add_tags.contains(tag));
        tx.put(UPDATE, vec![id.into(), json!(actions).to_string().into()]);
    }
    Ok(())
}

/// Saved views follow as well, whoever they belong to. Answers how many did. One that asks for a tag that is deleted
/// stays as it is: without its condition it would find what nobody asked for.
async fn change_views(tx: &mut impl TenantTx, pending: &Pending) -> Result<usize> {
    const ALL: &str = "SELECT id, filter FROM views";
    const UPDATE: &str = "UPDATE views SET filter = $2, updated_at = $3 WHERE id = $1";
    let Some(to) = &pending.to else { return Ok(0) };
    let all = tx
        .query(ALL, &[], |row| {
            let filter: Expression = serde_json::from_str(row.text(1)?).map_err(|_| damaged("filter"))?;
            Ok((row.uuid(0)?, filter))
        })
        .await?;
    let mut changed = 0;
    for (id, mut filter) in all {
        if filter.rename_tag(&pending.from, to) {
            tx.put(UPDATE, vec![id.into(), json!(filter).to_string().into(), tx.now().into()]);
            changed += 1;
        }
    }
    Ok(changed)
}

/// What has become of the tags of a ticket that was away since it was deleted.
///
/// # Errors
/// When the store fails.
pub(crate) async fn tags_of_today(
    tx: &mut impl TenantTx,
    ticket: TicketId,
    mut tags: Vec<String>,
) -> Result<Vec<String>> {
    const MOVES: &str =
        "SELECT data FROM events WHERE action IN ('tag.renamed', 'tag.merged', 'tag.deleted') AND seq >
        (SELECT max(seq) FROM events WHERE action = 'ticket.deleted' AND ticket_id = $1) ORDER BY seq";
    /// As [`MoveTag`] records it; an erasure may have taken it out of the ledger.
    #[derive(Deserialize)]
    struct Moved {
        from: String,
        to: Option<String>,
    }
    let moves = tx.query(MOVES, &[ticket.into()], |row| Ok(serde_json::from_str(row.text(0)?).ok())).await?;
    for Moved { from, to } in moves.into_iter().flatten() {
        if tags.contains(&from) {
            tags = replace(tags, &Pending { from, to });
        }
    }
    Ok(tags)
}
