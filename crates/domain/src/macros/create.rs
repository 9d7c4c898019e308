//! Making a macro.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{Macro, MacroActions, PERSONAL_MAX, SHARED_MAX, check, describe, record, require_keeper};
use crate::{
    error::{Error, Result},
    event::Action,
    id::MacroId,
    patch,
    principal::{Origin, Principal},
    tx::{Command, TenantTx, Value},
};

/// What a new macro is.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMacro {
    /// What it is called: one line, 1 to 80 characters.
    #[schema(max_length = 80, min_length = 1)]
    pub name: String,
    /// The answer, at most 20,000 characters, with placeholders; empty: it only changes the ticket.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub body: String,
    /// Whether the answer is a note that the requester never sees.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub internal: bool,
    /// Whether it is for everybody who works on tickets (admins only); else it is yours alone.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub shared: bool,
    /// What it does besides.
    #[serde(default, deserialize_with = "patch::usual_object")]
    #[schema(value_type = Option<MacroActions>)]
    pub actions: MacroActions,
}

/// Makes a macro. Event: `macro.created`.
#[derive(Debug, Clone)]
pub struct CreateMacro {
    /// Who asks; owns it unless it is shared.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What it is.
    pub input: NewMacro,
}

impl Command for CreateMacro {
    type Output = Macro;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Macro> {
        const COUNT_SHARED: &str = "SELECT count(*) FROM macros WHERE owner_id IS NULL";
        const COUNT_OWN: &str = "SELECT count(*) FROM macros WHERE owner_id = $1";
        const INSERT: &str = "INSERT INTO macros (id, owner_id, name, body, internal, actions, usage_count,
            version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 0, 1, $7, $7)";
        let Self { principal, origin, input } = self;
        require_keeper(&principal, input.shared)?;
        let (name, body, actions) = check(tx, &input.name, &input.body, &input.actions).await?;
        let owner = (!input.shared).then_some(principal.user);
        let (sql, params, most) = match owner {
            None => (COUNT_SHARED, Vec::new(), SHARED_MAX),
            Some(owner) => (COUNT_OWN, vec![Value::from(owner)], PERSONAL_MAX),
        };
        let there = tx.query_one(sql, &params, |row| row.int(0)).await?.unwrap_or(0);
        if there >= most {
            return Err(Error::Conflict {
                code: "too_many",
                detail: format!("there are {there} macros of this kind; at most {most} can be kept"),
            });
        }
        let id = MacroId(tx.new_id());
        let now = tx.now();
        let made = Macro {
            id,
            name,
            body,
            internal: input.internal,
            shared: input.shared,
            actions,
            usage_count: 0,
            last_used_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let actions = serde_json::to_string(&made.actions).map_err(|e| Error::Internal(e.to_string()))?;
        let values = vec![
            id.into(),
            owner.into(),
            made.name.as_str().into(),
            made.body.as_str().into(),
            made.internal.into(),
            actions.into(),
            now.into(),
        ];
        tx.put(INSERT, values);
        let mut data = serde_json::Map::from_iter([("macroId".to_owned(), json!(id))]);
        if made.shared {
            data.extend(describe(&made));
        }
        record(tx, Action::MacroCreated, origin, (!made.shared).then_some(principal.user), data).await?;
        Ok(made)
    }
}
