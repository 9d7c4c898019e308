//! Changing a macro.

use serde::Deserialize;
use serde_json::{Map, json};
use utoipa::ToSchema;

use super::{Macro, MacroActions, check, describe, find, record, require_keeper};
use crate::{
    error::{Error, Result},
    event::Action,
    id::MacroId,
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// What is to change; what is absent stays. Whether it is shared is decided when it is made.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MacroPatch {
    /// One line, 1 to 80 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 80, min_length = 1)]
    pub name: Option<String>,
    /// The answer, at most 20,000 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 20000)]
    pub body: Option<String>,
    /// Whether the answer is a note that the requester never sees.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub internal: Option<bool>,
    /// All that it does besides.
    #[serde(default, deserialize_with = "patch::present_object")]
    #[schema(value_type = MacroActions, required = false)]
    pub actions: Option<MacroActions>,
    /// The version that the change was made from: another one now is a 409.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false)]
    pub version: Option<i64>,
}

/// Changes a macro. Event: `macro.updated`, when anything changed.
#[derive(Debug, Clone)]
pub struct UpdateMacro {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: MacroId,
    /// What is to change.
    pub patch: MacroPatch,
}

impl Command for UpdateMacro {
    type Output = Macro;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Macro> {
        const UPDATE: &str =
            "UPDATE macros SET name = $2, body = $3, internal = $4, actions = $5, version = $6,
            updated_at = $7 WHERE id = $1";
        let Self { principal, origin, id, patch } = self;
        policy::require(&principal, Deed::UseMacros, Subject::Company)?;
        let before = find(tx, &principal, id).await?.ok_or(Error::NotFound)?;
        require_keeper(&principal, before.shared)?;
        if patch.version.is_some_and(|version| version != before.version) {
            return Err(Error::stale(before.version));
        }
        let mut after = before.clone();
        let name = patch.name.unwrap_or_else(|| before.name.clone());
        let body = patch.body.unwrap_or_else(|| before.body.clone());
        let actions = patch.actions.unwrap_or_else(|| before.actions.clone());
        (after.name, after.body, after.actions) = check(tx, &name, &body, &actions).await?;
        after.internal = patch.internal.unwrap_or(before.internal);
        let (old, new) = (describe(&before), describe(&after));
        let differs: Map<_, _> = new
            .iter()
            .filter(|(field, to)| old.get(*field) != Some(*to))
            .map(|(field, to)| (field.clone(), json!({ "from": old.get(field), "to": to })))
            .collect();
        if differs.is_empty() {
            return Ok(before);
        }
        after.version += 1;
        after.updated_at = tx.now();
        let kept = serde_json::to_string(&after.actions).map_err(|e| Error::Internal(e.to_string()))?;
        tx.put(
            UPDATE,
            vec![
                id.into(),
                after.name.as_str().into(),
                after.body.as_str().into(),
                after.internal.into(),
                kept.into(),
                after.version.into(),
                after.updated_at.into(),
            ],
        );
        let mut data = Map::from_iter([("macroId".to_owned(), json!(id))]);
        if after.shared {
            data.insert("name".into(), json!(after.name));
            data.insert("changes".into(), json!(differs));
        } else {
            data.insert("fields".into(), json!(differs.keys().collect::<Vec<_>>()));
        }
        record(tx, Action::MacroUpdated, origin, (!after.shared).then_some(principal.user), data).await?;
        Ok(after)
    }
}
