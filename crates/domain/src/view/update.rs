//! Changing a saved view, and who has it.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use crate::{
    error::Result,
    event::Action,
    id::ViewId,
    patch,
    principal::{Origin, Principal},
    text::Checks,
    ticket::{Expression, TicketSort},
    tx::{Command, TenantTx},
    view::{
        View, ViewColumn, check_columns, check_name, check_position, check_room, json_text, load, record,
    },
};

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewPatch {
    /// Its name, 1 to 80 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 80)]
    pub name: Option<String>,
    /// Whether all who work on tickets have it. One that is shared no longer becomes the own of whoever says so.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub shared: Option<bool>,
    /// Which tickets.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Expression, required = false)]
    pub filter: Option<Expression>,
    /// In which order.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = TicketSort, required = false)]
    pub sort: Option<TicketSort>,
    /// The list's columns; null for the usual ones.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<Vec<ViewColumn>>)]
    pub columns: Option<Option<Vec<ViewColumn>>>,
    /// Where it stands among the others.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 1_000_000)]
    pub position: Option<i64>,
}

/// Changes a view.
#[derive(Debug, Clone)]
pub struct UpdateView {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which view.
    pub id: ViewId,
    /// What is to change.
    pub patch: ViewPatch,
}

impl Command for UpdateView {
    type Output = View;

    async fn run(self, tx: &mut impl TenantTx) -> Result<View> {
        const UPDATE: &str =
            "UPDATE views SET owner_id = $2, name = $3, filter = $4, sort = $5, columns = $6,
            position = $7, updated_at = $8 WHERE id = $1";
        let Self { principal, origin, id, patch } = self;
        let before = load(tx, &principal, id).await?;
        let mut checks = Checks::default();
        let mut view = before.clone();
        if let Some(name) = &patch.name {
            view.name = check_name(&mut checks, name);
        }
        if let Some(columns) = patch.columns {
            check_columns(&mut checks, columns.as_deref());
            view.columns = columns;
        }
        if let Some(position) = patch.position {
            check_position(&mut checks, position);
            view.position = position;
        }
        checks.finish()?;
        if let Some(filter) = patch.filter {
            filter.check("filter")?;
            view.filter = filter;
        }
        view.sort = patch.sort.unwrap_or(view.sort);
        view.shared = patch.shared.unwrap_or(view.shared);
        if view.shared != before.shared {
            view.owner = Some(principal.user).filter(|_| !view.shared);
            check_room(tx, view.owner).await?;
        }
        let mut changes = Map::new();
        let mut note = |field: &str, from: serde_json::Value, to: serde_json::Value| {
            if from != to {
                changes.insert(field.to_owned(), json!({ "from": from, "to": to }));
            }
        };
        note("name", json!(before.name), json!(view.name));
        note("shared", json!(before.shared), json!(view.shared));
        note("filter", json!(before.filter), json!(view.filter));
        note("sort", json!(before.sort), json!(view.sort));
        note("columns", json!(before.columns), json!(view.columns));
        note("position", json!(before.position), json!(view.position));
        if changes.is_empty() {
            return Ok(before);
        }
        view.updated_at = tx.now();
        tx.put(
            UPDATE,
            vec![
                id.into(),
                view.owner.into(),
                view.name.as_str().into(),
                json_text(&view.filter)?.into(),
                view.sort.as_str().into(),
                json_text(&view.columns)?.into(),
                view.position.into(),
                view.updated_at.into(),
            ],
        );
        record_changes(tx, origin, &before, &view, changes).await?;
        Ok(view)
    }
}

/// One event, or two when others begin or cease to have it: what it is while it is a person's own is told to them
/// alone, that it came or went to all.
async fn record_changes(
    tx: &mut impl TenantTx,
    origin: Origin,
    before: &View,
    after: &View,
    mut changes: Map<String, Json>,
) -> Result<()> {
    let event = |changes: Map<String, Json>| Map::from_iter([("changes".to_owned(), Json::Object(changes))]);
    let owner = before.owner.or(after.owner);
    let Some(shared) = changes.remove("shared") else {
        return record(tx, origin, Action::ViewUpdated, owner, event(changes), after).await;
    };
    let came_or_went = Map::from_iter([("shared".to_owned(), shared)]);
    let (told, name) = if after.shared { (after, &after.name) } else { (before, &before.name) };
    let told = View { shared: after.shared, name: name.clone(), ..told.clone() };
    // First what happens to it while all see the same of it.
    if after.shared && !changes.is_empty() {
        let own = View { shared: false, ..after.clone() };
        record(tx, origin.clone(), Action::ViewUpdated, owner, event(changes.clone()), &own).await?;
    }
    record(tx, origin.clone(), Action::ViewUpdated, None, event(came_or_went), &told).await?;
    if !after.shared && !changes.is_empty() {
        record(tx, origin, Action::ViewUpdated, owner, event(changes), after).await?;
    }
    Ok(())
}
