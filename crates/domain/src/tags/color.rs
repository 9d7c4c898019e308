//! What colour a tag has.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{check_name, record};
use crate::{
    error::{Error, Result},
    event::Action,
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    tx::{Command, TenantTx},
};

/// The most tags that have a colour.
const COLORED_MAX: i64 = 1000;

/// The names of the colours. What each looks like, in light and in dark, is the screens' business.
const COLORS: [&str; 6] = ["gray", "blue", "green", "amber", "red", "violet"];

/// What colour a tag gets.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TagColor {
    /// The tag: 1 to 40 characters.
    #[schema(max_length = 40, min_length = 1)]
    pub name: String,
    /// `gray`, `blue`, `green`, `amber`, `red` or `violet`; null for none.
    #[serde(deserialize_with = "patch::nullable", default)]
    #[schema(value_type = Option<String>)]
    pub color: Option<Option<String>>,
}

/// Gives a tag a colour. Event: `tag.updated`, when it had another.
#[derive(Debug, Clone)]
pub struct ColorTag {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which tag and colour.
    pub input: TagColor,
}

impl Command for ColorTag {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const FIND: &str = "SELECT color FROM tags WHERE name = $1";
        const COUNT: &str = "SELECT count(*) FROM tags";
        const SET: &str = "INSERT INTO tags (name, color) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET color = excluded.color";
        const UNSET: &str = "DELETE FROM tags WHERE name = $1";
        let Self { principal, origin, input } = self;
        policy::require(&principal, Deed::Administer, Subject::Company)?;
        let mut checks = Checks::default();
        let name = check_name(&mut checks, "name", &input.name);
        let color = input.color.flatten();
        if color.as_deref().is_some_and(|color| !COLORS.contains(&color)) {
            checks.fail("color", format!("must be one of {}, or null", COLORS.join(", ")));
        }
        checks.finish()?;
        let before = tx.query_one(FIND, &[name.as_str().into()], |row| Ok(row.text(0)?.to_owned())).await?;
        if before == color {
            return Ok(());
        }
        match &color {
            Some(color) => {
                let there = tx.query_one(COUNT, &[], |row| row.int(0)).await?.unwrap_or(0);
                if before.is_none() && there >= COLORED_MAX {
                    let detail = format!("{there} tags have a colour, and more can't be kept");
                    return Err(Error::Conflict { code: "too_many", detail });
                }
                tx.put(SET, vec![name.as_str().into(), color.as_str().into()]);
            }
            None => tx.put(UNSET, vec![name.as_str().into()]),
        }
        let data = json!({ "name": name, "changes": { "color": { "from": before, "to": color } } });
        record(tx, Action::TagUpdated, origin, data).await
    }
}
