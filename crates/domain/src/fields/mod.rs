//! Custom fields: what a company wants to know of a ticket beyond what every desk knows.
//!
//! An admin defines a field; from then on its values are checked wherever one is set. Values under a key that no
//! definition has are kept as they come, as before there were definitions. A definition is never deleted, only
//! switched off: its values stay, and what was hidden from requesters stays hidden.

mod keep;
mod list;
mod show;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use utoipa::ToSchema;

pub use keep::{CreateField, FieldPatch, NewField, UpdateField};
pub use list::{FieldList, ListFields};
pub(crate) use show::{Hidden, ask_hidden_ahead, load_hidden};

use crate::{
    error::Result,
    id::FieldId,
    principal::Role,
    text::Checks,
    ticket::damaged,
    time::Timestamp,
    tx::{Row, StoreError, TenantRead},
};

/// The most that a ticket's custom fields take, in bytes of JSON.
pub const VALUES_MAX: usize = 16 * 1024;
/// The most fields of a company, those that are switched off among them.
const FIELDS_MAX: usize = 100;

/// What a field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// Text of at most 2,000 characters.
    Text,
    /// A number.
    Number,
    /// One of the options.
    Choice,
    /// Some of the options, as a list.
    Choices,
    /// A day, such as `2026-01-31`.
    Date,
    /// `true` or `false`.
    Boolean,
    /// An address that begins with `https://` or `http://`.
    Url,
}

/// When a field must have a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Required {
    /// Never.
    #[default]
    Never,
    /// When a ticket is raised, by whoever sees the field.
    Create,
    /// When a ticket is resolved or closed.
    Solve,
}

macro_rules! stored_names {
    ($name:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $name {
            fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            fn parse(name: &str) -> Option<Self> {
                [$(Self::$variant),+].into_iter().find(|one| one.as_str() == name)
            }
        }
    };
}
stored_names!(FieldKind {
    Text = "text",
    Number = "number",
    Choice = "choice",
    Choices = "choices",
    Date = "date",
    Boolean = "boolean",
    Url = "url",
});
stored_names!(Required { Never = "never", Create = "create", Solve = "solve" });

impl FieldKind {
    fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }
}

/// A custom field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its id.
    pub id: FieldId,
    /// Under which name its value stands in a ticket's `customFields`; never changes.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What its values are; never changes.
    pub kind: FieldKind,
    /// What can be chosen, in this order.
    pub options: Vec<String>,
    /// When it must have a value.
    pub required: Required,
    /// Whether who raises tickets sees it and may set it.
    pub shown_to_requesters: bool,
    /// Where it stands among the others.
    pub position: i64,
    /// Whether it is in use.
    pub active: bool,
    /// Grows with each change; send it with a PATCH to be told of a collision.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

const SELECT: &str =
    "SELECT id, key, label, kind, options, required, shown_to_requesters, position, active, version,
    created_at, updated_at FROM fields ORDER BY position, key";

fn read(row: &dyn Row) -> Result<Field, StoreError> {
    Ok(Field {
        id: FieldId(row.uuid(0)?),
        key: row.text(1)?.to_owned(),
        label: row.text(2)?.to_owned(),
        kind: FieldKind::parse(row.text(3)?).ok_or_else(|| damaged("field"))?,
        options: serde_json::from_str(row.text(4)?).map_err(|_| damaged("field"))?,
        required: Required::parse(row.text(5)?).ok_or_else(|| damaged("field"))?,
        shown_to_requesters: row.bool(6)?,
        position: row.int(7)?,
        active: row.bool(8)?,
        version: row.int(9)?,
        created_at: row.time(10)?,
        updated_at: row.time(11)?,
    })
}

/// All fields of a company, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definitions(Vec<Field>);

/// Says that [`Definitions::load`] will be called.
pub(crate) fn ask_ahead(tx: &mut impl TenantRead) {
    tx.ask_setting_ahead(SELECT, &[]);
}

impl Definitions {
    /// Reads them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(tx: &mut impl TenantRead) -> Result<Self, StoreError> {
        Ok(Self(tx.query(SELECT, &[], read).await?))
    }

    /// Those that someone of this role may see, filter by and set.
    pub fn visible_to(&self, role: Role) -> impl Iterator<Item = &Field> {
        self.0.iter().filter(move |field| field.active && (role.is_staff() || field.shown_to_requesters))
    }

    /// The field of that key, whether in use or not.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.key == key)
    }

    /// Whether a requester must not see the value under this key.
    #[must_use]
    pub fn hides(&self, key: &str) -> bool {
        self.find(key).is_some_and(|field| !field.shown_to_requesters)
    }

    /// The values of a new ticket as they are kept; what is wrong is noted by the field's key.
    pub(crate) fn check_new(
        &self,
        checks: &mut Checks,
        by: Role,
        given: &Map<String, Json>,
    ) -> Map<String, Json> {
        let mut values = self.check(checks, by, given);
        values.retain(|key, value| !value.is_null() || self.find(key).is_none());
        self.demand(checks, Required::Create, by, &values);
        check_size(checks, &values);
        values
    }

    /// `before` with these values set, those that are null taken away; what is wrong is noted by the field's key.
    pub(crate) fn merge(
        &self,
        checks: &mut Checks,
        by: Role,
        before: &Map<String, Json>,
        given: &Map<String, Json>,
    ) -> Map<String, Json> {
        let mut after = before.clone();
        for (key, value) in self.check(checks, by, given) {
            if value.is_null() {
                after.remove(&key);
            } else {
                after.insert(key, value);
            }
        }
        check_size(checks, &after);
        after
    }

    /// Notes each field that must have a value by now and has none.
    pub(crate) fn demand(&self, checks: &mut Checks, by: Required, role: Role, values: &Map<String, Json>) {
        for field in self.visible_to(role).filter(|field| field.required == by) {
            if values.get(&field.key).is_none_or(Json::is_null) {
                let when =
                    if by == Required::Solve { " before the ticket is resolved or closed" } else { "" };
                let message = format!("\"{}\" must have a value{when}", field.label);
                checks.fail(path(&field.key), message);
            }
        }
    }

    fn check(&self, checks: &mut Checks, by: Role, given: &Map<String, Json>) -> Map<String, Json> {
        let mut kept = Map::new();
        for (key, value) in given {
            let place = path(key);
            if key.contains('\0') || value::contains_nul(value) {
                checks.fail(place, "must not contain U+0000");
                continue;
            }
            let value = match self.find(key) {
                Some(field) if !by.is_staff() && !field.shown_to_requesters => {
                    checks.fail(place, "may not be set by your role");
                    continue;
                }
                Some(field) if field.active => match value::check(field, value) {
                    Ok(value) => value,
                    Err(why) => {
                        checks.fail(place, format!("\"{}\" {why}", field.label));
                        continue;
                    }
                },
                _ => value.clone(),
            };
            kept.insert(key.clone(), value);
        }
        kept
    }

    /// The value of an import as it is kept, or why it can't be.
    pub(crate) fn fit(&self, key: &str, value: &Json) -> Result<Json, String> {
        match self.find(key).filter(|field| field.active) {
            Some(field) => value::check(field, value),
            None => Ok(value.clone()),
        }
    }
}

fn path(key: &str) -> String {
    format!("customFields.{}", key.replace('\0', ""))
}

fn check_size(checks: &mut Checks, values: &Map<String, Json>) {
    if Json::Object(values.clone()).to_string().len() > VALUES_MAX {
        checks.fail("customFields", "must be at most 16 kB of JSON");
    }
}
