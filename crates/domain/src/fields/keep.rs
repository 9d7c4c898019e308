//! Defining fields and changing their definitions.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use super::{Definitions, FIELDS_MAX, Field, FieldKind, Required};
use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::FieldId,
    ledger, patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    tx::{Command, TenantTx, Value},
};

/// Longest key, and longest label and option, in characters.
const KEY_MAX: usize = 40;
const LABEL_MAX: usize = 80;
/// The most options of one field.
const OPTIONS_MAX: usize = 100;
/// The highest position.
const POSITION_MAX: i64 = 10_000;

/// What a new field is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewField {
    /// Under which name its value stands in `customFields`: a letter, then letters, digits and `_`, at most 40.
    #[schema(max_length = 40, min_length = 1, example = "orderNumber")]
    pub key: String,
    /// What people call it: one line, 1 to 80 characters.
    #[schema(max_length = 80, min_length = 1)]
    pub label: String,
    /// What its values are.
    pub kind: FieldKind,
    /// What can be chosen: 1 to 100 of 1 to 80 characters, for a choice alone.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<String>>)]
    pub options: Vec<String>,
    /// When it must have a value; `never` when absent.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Required>)]
    pub required: Required,
    /// Whether who raises tickets sees it and may set it.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub shown_to_requesters: bool,
}

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldPatch {
    /// One line, 1 to 80 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 80, min_length = 1)]
    pub label: Option<String>,
    /// All that can be chosen. Tickets keep what was chosen before.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<String>, required = false)]
    pub options: Option<Vec<String>>,
    /// When it must have a value.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Required, required = false)]
    pub required: Option<Required>,
    /// Whether who raises tickets sees it and may set it.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub shown_to_requesters: Option<bool>,
    /// Where it stands among the others, from 0.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false, minimum = 0, maximum = 10000)]
    pub position: Option<i64>,
    /// Whether it is in use.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = bool, required = false)]
    pub active: Option<bool>,
    /// The version that the change was made from: another one now is a 409.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false)]
    pub version: Option<i64>,
}

/// Defines a field. Event: `field.created`.
#[derive(Debug, Clone)]
pub struct CreateField {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What it is.
    pub input: NewField,
}

/// Changes a field's definition. Event: `field.updated`, when anything changed.
#[derive(Debug, Clone)]
pub struct UpdateField {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: FieldId,
    /// What is to change.
    pub patch: FieldPatch,
}

fn check_label(checks: &mut Checks, label: &str) -> String {
    checks.line("label", label, LABEL_MAX)
}

fn check_options(checks: &mut Checks, kind: FieldKind, options: &[String]) -> Vec<String> {
    if !kind.has_options() {
        if !options.is_empty() {
            checks.fail("options", "are for choices alone");
        }
        return Vec::new();
    }
    if options.is_empty() || options.len() > OPTIONS_MAX {
        checks.fail("options", format!("must be 1 to {OPTIONS_MAX}, are {}", options.len()));
    }
    let mut kept: Vec<String> = Vec::with_capacity(options.len());
    for (i, option) in options.iter().enumerate() {
        let option = checks.line(&format!("options[{i}]"), option, LABEL_MAX);
        if kept.contains(&option) {
            checks.fail(format!("options[{i}]"), "is there twice");
        }
        kept.push(option);
    }
    kept
}

fn check_key(checks: &mut Checks, key: &str) {
    let sound = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && key.len() <= KEY_MAX;
    if !sound {
        checks.fail("key", format!("must be a letter, then letters, digits and _, at most {KEY_MAX}"));
    }
}

impl Command for CreateField {
    type Output = Field;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Field> {
        const INSERT: &str = "INSERT INTO fields (id, key, label, kind, options, required, shown_to_requesters,
            position, active, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)";
        let Self { principal, origin, input } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let there = Definitions::load(tx).await?;
        let mut checks = Checks::default();
        check_key(&mut checks, &input.key);
        let label = check_label(&mut checks, &input.label);
        let options = check_options(&mut checks, input.kind, &input.options);
        if there.find(&input.key).is_some() {
            checks.fail("key", "is another field's");
        }
        checks.finish()?;
        if there.0.len() >= FIELDS_MAX {
            let detail = format!("there are {FIELDS_MAX} fields, and more can't be kept");
            return Err(Error::Conflict { code: "too_many", detail });
        }
        let now = tx.now();
        let field = Field {
            id: FieldId(tx.new_id()),
            key: input.key,
            label,
            kind: input.kind,
            options,
            required: input.required,
            shown_to_requesters: input.shown_to_requesters,
            position: there.0.last().map_or(0, |last| last.position.saturating_add(1).min(POSITION_MAX)),
            active: true,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let values: Vec<Value> = vec![
            field.id.into(),
            field.key.as_str().into(),
            field.label.as_str().into(),
            field.kind.as_str().into(),
            json!(field.options).to_string().into(),
            field.required.as_str().into(),
            field.shown_to_requesters.into(),
            field.position.into(),
            field.active.into(),
            now.into(),
        ];
        tx.put(INSERT, values);
        let mut data = describe(&field);
        data.insert("kind".into(), json!(field.kind));
        record(tx, Action::FieldCreated, origin, &field, data).await?;
        Ok(field)
    }
}

impl Command for UpdateField {
    type Output = Field;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Field> {
        const UPDATE: &str =
            "UPDATE fields SET label = $2, options = $3, required = $4, shown_to_requesters = $5,
            position = $6, active = $7, version = $8, updated_at = $9 WHERE id = $1";
        let Self { principal, origin, id, patch } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let there = Definitions::load(tx).await?;
        let before = there.0.into_iter().find(|field| field.id == id).ok_or(Error::NotFound)?;
        if patch.version.is_some_and(|version| version != before.version) {
            return Err(Error::stale(before.version));
        }
        let mut checks = Checks::default();
        let mut after = before.clone();
        if let Some(label) = patch.label {
            after.label = check_label(&mut checks, &label);
        }
        if let Some(options) = patch.options {
            after.options = check_options(&mut checks, before.kind, &options);
        }
        after.required = patch.required.unwrap_or(before.required);
        after.shown_to_requesters = patch.shown_to_requesters.unwrap_or(before.shown_to_requesters);
        if let Some(position) = patch.position {
            if !(0..=POSITION_MAX).contains(&position) {
                checks.fail("position", format!("must be from 0 to {POSITION_MAX}"));
            }
            after.position = position;
        }
        after.active = patch.active.unwrap_or(before.active);
        checks.finish()?;
        let (old, new) = (describe(&before), describe(&after));
        let differs: Map<String, Json> = new
            .into_iter()
            .filter(|(name, to)| old.get(name) != Some(to))
            .map(|(name, to)| {
                let from = old.get(&name).cloned();
                (name, json!({ "from": from, "to": to }))
            })
            .collect();
        if differs.is_empty() {
            return Ok(before);
        }
        after.version += 1;
        after.updated_at = tx.now();
        let values: Vec<Value> = vec![
            id.into(),
            after.label.as_str().into(),
            json!(after.options).to_string().into(),
            after.required.as_str().into(),
            after.shown_to_requesters.into(),
            after.position.into(),
            after.active.into(),
            after.version.into(),
            after.updated_at.into(),
        ];
        tx.put(UPDATE, values);
        let data = Map::from_iter([
            ("label".to_owned(), json!(after.label)),
            ("changes".to_owned(), Json::Object(differs)),
        ]);
        record(tx, Action::FieldUpdated, origin, &after, data).await?;
        Ok(after)
    }
}

/// What the ledger says of a field and can change.
fn describe(field: &Field) -> Map<String, Json> {
    let all = [
        ("label", json!(field.label)),
        ("options", json!(field.options)),
        ("required", json!(field.required)),
        ("shownToRequesters", json!(field.shown_to_requesters)),
        ("position", json!(field.position)),
        ("active", json!(field.active)),
    ];
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn record(
    tx: &mut impl TenantTx,
    action: Action,
    origin: Origin,
    field: &Field,
    mut data: Map<String, Json>,
) -> Result<()> {
    data.insert("fieldId".into(), json!(field.id));
    data.insert("key".into(), json!(field.key));
    let draft = EventDraft {
        action,
        audience: Audience::Staff,
        origin,
        ticket: None,
        requester: None,
        data: Json::Object(data).to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
