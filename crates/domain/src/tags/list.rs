//! Which tags a company has.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{PENDING, read_pending};
use crate::{
    error::Result,
    json::JsonQuery,
    policy::{self, Deed, Subject},
    principal::Principal,
    tx::{Query, TenantRead},
};

/// A tag.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// What it is called.
    pub name: String,
    /// The name of its colour.
    #[schema(required)]
    pub color: Option<String>,
    /// How many tickets have it.
    pub tickets: i64,
    /// Whether its tickets are being given another tag, or lose it.
    pub moving: bool,
}

/// Tags by name: the 1,000 that most tickets have, and those that have a colour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TagList {
    /// They.
    pub items: Vec<Tag>,
}

/// Lists the tags of a company.
#[derive(Debug)]
pub struct ListTags {
    /// Who asks.
    pub principal: Principal,
}

impl JsonQuery for ListTags {}

impl Query for ListTags {
    type Output = TagList;

    async fn run(self, tx: &mut impl TenantRead) -> Result<TagList> {
        const USED: &str = "SELECT tag, tickets FROM tag_counts ORDER BY tickets DESC, tag LIMIT 1000";
        const COLORED: &str = "SELECT t.name, t.color, coalesce(c.tickets, 0) FROM tags t
            LEFT JOIN tag_counts c ON c.tag = t.name";
        policy::require(&self.principal, Deed::UseTags, Subject::Company)?;
        tx.ask_ahead(COLORED, &[]);
        tx.ask_ahead(PENDING, &[]);
        let tag = |name: &str, color, tickets| Tag { name: name.to_owned(), color, tickets, moving: false };
        let used = tx.query(USED, &[], |row| Ok(tag(row.text(0)?, None, row.int(1)?))).await?;
        let colored = tx
            .query(COLORED, &[], |row| Ok(tag(row.text(0)?, Some(row.text(1)?.to_owned()), row.int(2)?)))
            .await?;
        let mut all: BTreeMap<String, Tag> =
            used.into_iter().chain(colored).map(|tag| (tag.name.clone(), tag)).collect();
        for pending in tx.query(PENDING, &[], read_pending).await? {
            if let Some(tag) = all.get_mut(&pending.from) {
                tag.moving = true;
            }
        }
        Ok(TagList { items: all.into_values().collect() })
    }
}
