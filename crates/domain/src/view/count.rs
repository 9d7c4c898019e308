//! How many tickets are in each view, for the numbers beside them: all in one statement unless they say very much,
//! none at the price of a scan.
//!
//! Each number costs a bounded look: a thousand are enough to be shown as "999+", and of those that an index leads
//! to no more than [`LOOKED_AT`] are looked at. A number that was not counted to its end says so.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    json::JsonQuery,
    policy::{self, Deed, Subject, Verdict},
    principal::Principal,
    ticket::{Conditions, Expression, Reading},
    tx::{Query, TenantRead},
    view::{BuiltIn, load_all},
};

/// Nobody counts further.
const COUNTED: i64 = 1_000;
/// At most so many tickets are looked at for one number.
const LOOKED_AT: i64 = 10_000;
/// A statement gets no further view once it has so many values: engines bound them, and SQLite looks each up among
/// those before it.
const VALUES_AT_ONCE: usize = 1_000;

/// How many tickets are in a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ViewCount {
    /// A saved view's id, or the name of one that everybody has (`mine`, `mentioned`, `my_teams`, `unassigned`,
    /// `open`, `snoozed`, `overdue`, `solved`, `all`).
    pub view: String,
    /// How many, at most 1,000; null when the view searches for words, whose hits are not counted.
    #[schema(required, maximum = 1000)]
    pub count: Option<i64>,
    /// Whether there may be more than `count`.
    pub or_more: bool,
}

/// The numbers beside the views.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewCounts {
    /// One for each view that the person has.
    pub items: Vec<ViewCount>,
}

/// Counts the tickets in each of a person's views. Who only raises tickets has the built-in ones, over their own.
#[derive(Debug)]
pub struct CountViews {
    /// Who asks.
    pub principal: Principal,
}

impl JsonQuery for CountViews {}

/// What is selected of a ticket to look at.
const LOOKED_AT_COLUMNS: &str = "t.id, t.number, t.status, t.priority, t.custom_fields, t.requester_id, \
    t.assignee_id, t.team_id, t.workflow_state, t.created_at, t.updated_at, t.resolved_at, t.snoozed_at";

/// The part of the statement that answers: which one, how many, how many were looked at.
fn count_one(c: &mut Conditions, reading: &Reading, place: usize, filter: &Expression) -> String {
    let candidates = reading.candidates(c, filter);
    let condition = reading.whole(c, filter);
    // The limits are part of the text: a plan that is kept must know of them.
    let looked_at = LOOKED_AT + 1;
    format!(
        "SELECT {place} AS place, (SELECT count(*) FROM (SELECT 1 AS one FROM (SELECT {LOOKED_AT_COLUMNS} \
         {candidates} LIMIT {looked_at}) t WHERE {condition} LIMIT {COUNTED}) h) AS hits, (SELECT count(*) FROM \
         (SELECT 1 AS one {candidates} LIMIT {looked_at}) l) AS looked_at"
    )
}

impl Query for CountViews {
    type Output = ViewCounts;

    async fn run(self, tx: &mut impl TenantRead) -> Result<ViewCounts> {
        let principal = &self.principal;
        let mut views: Vec<(String, Expression)> =
            BuiltIn::ALL.iter().map(|view| (view.as_str().to_owned(), view.filter())).collect();
        if policy::may(principal, Deed::UseViews, Subject::Company) == Verdict::Allowed {
            let saved = load_all(tx, principal).await?;
            views.extend(saved.into_iter().map(|view| (view.id.to_string(), view.filter)));
        }
        let scope = policy::ticket_scope(principal);
        let reading = Reading::new(tx, principal.user, scope, "");
        let mut statements = vec![(Conditions::default(), Vec::new())];
        for (place, (_, filter)) in views.iter().enumerate().filter(|(_, (_, filter))| !filter.has_words()) {
            if statements.last().is_some_and(|(c, _)| c.params.len() >= VALUES_AT_ONCE) {
                statements.push((Conditions::default(), Vec::new()));
            }
            if let Some((c, parts)) = statements.last_mut() {
                parts.push(count_one(c, &reading, place, filter));
            }
        }
        let mut items: Vec<ViewCount> =
            views.into_iter().map(|(view, _)| ViewCount { view, count: None, or_more: false }).collect();
        let mut found = Vec::with_capacity(items.len());
        for (c, parts) in statements {
            let sql = parts.join(" UNION ALL ");
            found.extend(tx.query(&sql, &c.params, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?))).await?);
        }
        for (place, hits, looked_at) in found {
            if let Some(item) = usize::try_from(place).ok().and_then(|place| items.get_mut(place)) {
                item.count = Some(hits);
                item.or_more = hits >= COUNTED || looked_at > LOOKED_AT;
            }
        }
        Ok(ViewCounts { items })
    }
}
