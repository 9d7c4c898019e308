//! Saving a view.

use serde::Deserialize;
use serde_json::{Map, json};
use utoipa::ToSchema;

use crate::{
    error::Result,
    event::Action,
    id::ViewId,
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    ticket::{Expression, TicketSort},
    tx::{Command, TenantTx},
    view::{
        POSITION_MAX, View, ViewColumn, check_columns, check_name, check_position, check_room, json_text,
        record,
    },
};

/// A view to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewView {
    /// Its name, 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// Whether all who work on tickets have it.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub shared: bool,
    /// Which tickets.
    pub filter: Expression,
    /// In which order; last changed first when left out.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<TicketSort>)]
    pub sort: TicketSort,
    /// The list's columns; the usual ones when left out.
    #[serde(default)]
    pub columns: Option<Vec<ViewColumn>>,
    /// Where it stands among the others; last when left out.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub position: Option<i64>,
}

/// Saves a view.
#[derive(Debug, Clone)]
pub struct CreateView {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// The view.
    pub input: NewView,
}

impl Command for CreateView {
    type Output = View;

    async fn run(self, tx: &mut impl TenantTx) -> Result<View> {
        const LAST: &str =
            "SELECT coalesce(max(position), 0) FROM views WHERE owner_id = $1 OR owner_id IS NULL";
        const INSERT: &str = "INSERT INTO views (id, owner_id, name, filter, sort, columns, position,
            created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
        let Self { principal, origin, input } = self;
        let owner = Some(principal.user).filter(|_| !input.shared);
        policy::require(&principal, Deed::UseViews, Subject::ViewOf(owner))?;
        let mut checks = Checks::default();
        let name = check_name(&mut checks, &input.name);
        check_columns(&mut checks, input.columns.as_deref());
        check_position(&mut checks, input.position.unwrap_or_default());
        checks.finish()?;
        input.filter.check("filter")?;
        check_room(tx, owner).await?;
        let position = match input.position {
            Some(position) => position,
            None => {
                let last = tx.query_one(LAST, &[principal.user.into()], |row| row.int(0)).await?.unwrap_or(0);
                last.saturating_add(1).min(POSITION_MAX)
            }
        };
        let now = tx.now();
        let view = View {
            id: ViewId(tx.new_id()),
            name,
            shared: owner.is_none(),
            filter: input.filter,
            sort: input.sort,
            columns: input.columns,
            position,
            created_at: now,
            updated_at: now,
            owner,
        };
        tx.put(
            INSERT,
            vec![
                view.id.into(),
                owner.into(),
                view.name.as_str().into(),
                json_text(&view.filter)?.into(),
                view.sort.as_str().into(),
                json_text(&view.columns)?.into(),
                view.position.into(),
                now.into(),
            ],
        );
        let mut data = Map::new();
        data.insert("filter".into(), json!(view.filter));
        data.insert("sort".into(), json!(view.sort));
        data.insert("columns".into(), json!(view.columns));
        data.insert("position".into(), json!(view.position));
        record(tx, origin, Action::ViewCreated, owner, data, &view).await?;
        Ok(view)
    }
}
