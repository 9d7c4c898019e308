//! Reading tickets: one, or a page of those that match a filter.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    cursor::{self, Page},
    error::{Error, Result},
    fields,
    id::{TicketId, UserId},
    json::JsonQuery,
    policy::{self, TicketScope},
    principal::Principal,
    text,
    ticket::{
        Choice, Conditions, Expression, Priority, Reading, Status, Ticket, TicketRow, WhichTeam,
        WorkflowState, fold_tag, load_as,
        row::{COLUMNS, ticket_columns, ticket_tables},
        words,
    },
    time::Timestamp,
    tx::{Query, Row, StoreError, TenantRead, Value},
};

/// Loads one ticket that the person may see.
#[derive(Debug)]
pub struct GetTicket {
    /// Who asks.
    pub principal: Principal,
    /// Which ticket.
    pub id: TicketId,
}

impl Query for GetTicket {
    type Output = Ticket;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Ticket> {
        let scope = policy::ticket_scope(&self.principal);
        tx.ask_only();
        load_as(tx, self.id, scope).await?.ok_or(Error::NotFound)
    }
}

impl JsonQuery for GetTicket {}

/// Whose tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssigneeFilter {
    /// Those of one person.
    Is(UserId),
    /// Those of nobody.
    Nobody,
}

/// Which tickets; what is absent does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TicketFilter {
    /// Any of these statuses.
    pub status: Vec<Status>,
    /// This priority.
    pub priority: Option<Priority>,
    /// This assignee.
    pub assignee: Option<AssigneeFilter>,
    /// This team, the person's own ones, or none.
    pub team: Option<WhichTeam>,
    /// This requester.
    pub requester: Option<UserId>,
    /// This tag.
    pub tag: Option<String>,
    /// This state of the workflow.
    pub workflow: Option<WorkflowState>,
    /// Words in title, description, the messages that the person may read or, for the staff, beginnings of words of the
    /// requester's; or `#` and a number.
    pub text: Option<String>,
    /// Conditions in groups.
    pub expression: Option<Expression>,
}

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum TicketSort {
    /// Last changed first.
    #[default]
    #[serde(rename = "-updatedAt")]
    UpdatedDesc,
    /// Last changed last.
    #[serde(rename = "updatedAt")]
    UpdatedAsc,
    /// Newest first.
    #[serde(rename = "-createdAt")]
    CreatedDesc,
    /// Oldest first.
    #[serde(rename = "createdAt")]
    CreatedAsc,
    /// Highest number first.
    #[serde(rename = "-number")]
    NumberDesc,
    /// Lowest number first.
    #[serde(rename = "number")]
    NumberAsc,
    /// Most urgent first, among these last changed first.
    #[serde(rename = "-priority")]
    PriorityDesc,
    /// Only those that are resolved or closed, the last first.
    #[serde(rename = "-resolvedAt")]
    ResolvedDesc,
}

impl TicketSort {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::UpdatedDesc, "-updatedAt"),
        (Self::UpdatedAsc, "updatedAt"),
        (Self::CreatedDesc, "-createdAt"),
        (Self::CreatedAsc, "createdAt"),
        (Self::NumberDesc, "-number"),
        (Self::NumberAsc, "number"),
        (Self::PriorityDesc, "-priority"),
        (Self::ResolvedDesc, "-resolvedAt"),
    ];

    /// The name as in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(sort, _)| *sort == self).map_or("-updatedAt", |(_, name)| name)
    }

    /// The one of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, its)| *its == name).map(|(sort, _)| *sort)
    }

    /// The columns of the order, the operator that leads on, and the direction.
    fn shape(self) -> (&'static [&'static str], &'static str, &'static str) {
        const UPDATED: &[&str] = &["t.updated_at", "t.number"];
        const CREATED: &[&str] = &["t.created_at", "t.number"];
        const NUMBER: &[&str] = &["t.number"];
        const PRIORITY: &[&str] = &["t.priority", "t.updated_at", "t.number"];
        const RESOLVED: &[&str] = &["t.resolved_at", "t.number"];
        match self {
            Self::UpdatedDesc => (UPDATED, "<", "DESC"),
            Self::UpdatedAsc => (UPDATED, ">", "ASC"),
            Self::CreatedDesc => (CREATED, "<", "DESC"),
            Self::CreatedAsc => (CREATED, ">", "ASC"),
            Self::NumberDesc => (NUMBER, "<", "DESC"),
            Self::NumberAsc => (NUMBER, ">", "ASC"),
            Self::PriorityDesc => (PRIORITY, "<", "DESC"),
            Self::ResolvedDesc => (RESOLVED, "<", "DESC"),
        }
    }

    /// The values of these columns, which stand in a row from this one on.
    fn key(self, row: &dyn Row, from: usize) -> std::result::Result<Vec<i64>, StoreError> {
        let (columns, ..) = self.shape();
        (from..from + columns.len()).map(|column| row.int(column)).collect()
    }
}

/// Lists tickets that the person may see.
#[derive(Debug, Clone)]
pub struct ListTickets {
    /// Who asks.
    pub principal: Principal,
    /// Which ones.
    pub filter: TicketFilter,
    /// In which order.
    pub sort: TicketSort,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The number that someone who types `#1042` means.
fn numbered(text: &str) -> Option<i64> {
    text.trim().strip_prefix('#')?.parse().ok()
}

/// What a list asks of each ticket.
#[derive(Clone, Copy)]
pub(super) struct Columns<'s> {
    /// `SELECT` and the columns.
    pub(super) select: &'s str,
    /// How many they are. Behind them stand those of the order.
    pub(super) count: usize,
    /// `FROM tickets t`, and what is joined.
    pub(super) from: &'static str,
    /// What stands for `$SINCE` in `select`.
    pub(super) since: Option<Timestamp>,
}

/// All of it, for [`TicketRow::read`].
pub(super) const WHOLE: Columns<'static> =
    Columns { select: ticket_columns!(), count: COLUMNS, from: ticket_tables!(), since: None };

/// A list's statement.
struct Statement {
    sql: String,
    params: Vec<Value>,
    scope: TicketScope,
}

impl ListTickets {
    /// The statement that answers one row more than the page has, if there are more. `None`: no ticket can
    /// match.
    fn statement(&self, tx: &impl TenantRead, asked: Columns<'_>) -> Result<Option<Statement>> {
        let Self { principal, filter, sort, limit, cursor } = self;
        let sort = *sort;
        let scope = policy::ticket_scope(principal);
        let (columns, operator, direction) = sort.shape();
        let mut c = Conditions::default();
        if let TicketScope::RaisedBy(user) = scope {
            c.and_equals("t.requester_id", user);
        }
        if let Some(number) = filter.text.as_deref().and_then(numbered) {
            c.and_equals("t.number", number);
        } else if let Some(text) = filter.text.as_deref().filter(|t| !text::is_blank(t)) {
            let Some(found) = words::finds(&mut c, tx.search(), scope, text) else {
                return Ok(None);
            };
            c.and(&found);
        }
        match filter.status.as_slice() {
            [] => {}
            [one] => c.and_equals("t.status", one.as_str()),
            several => {
                let values: Vec<String> = several.iter().map(|s| c.bind(s.as_str())).collect();
                // Behind `coalesce` the index by status is not used: it would sort all that matches,
                // while the index of the order finds a page of several statuses at once.
                c.and(&format!("coalesce(t.status, '') IN ({})", values.join(", ")));
            }
        }
        if let Some(priority) = filter.priority {
            c.and_equals("t.priority", priority.code());
        }
        match filter.assignee {
            Some(AssigneeFilter::Is(user)) => c.and_equals("t.assignee_id", user),
            Some(AssigneeFilter::Nobody) => c.and("t.assignee_id IS NULL"),
            None => {}
        }
        if let Some(user) = filter.requester {
            c.and_equals("t.requester_id", user);
        }
        if let Some(team) = filter.team {
            let team = Expression::Team(Choice::Is(vec![team]));
            Reading::new(tx, principal.user, scope, columns[0]).and_all(&mut c, &team);
        }
        if let Some(state) = filter.workflow {
            c.and_equals("t.workflow_state", state.as_str());
        }
        if let Some(tag) = &filter.tag {
            let value = c.bind(fold_tag(tag));
            c.and(&format!("t.id IN (SELECT g.ticket_id FROM ticket_tags g WHERE g.tag = {value})"));
        }
        if sort == TicketSort::ResolvedDesc {
            c.and("t.resolved_at IS NOT NULL");
        }
        if let Some(expression) = &filter.expression {
            Reading::new(tx, principal.user, scope, columns[0]).and_all(&mut c, expression);
        }
        if let Some(cursor) = cursor {
            let (of, key): (TicketSort, Vec<i64>) = cursor::decode(cursor)?;
            if of != sort || key.len() != columns.len() {
                return Err(Error::invalid("cursor", "not a cursor of this order"));
            }
            let values: Vec<String> = key.into_iter().map(|k| c.bind(k)).collect();
            c.and(&format!("({}) {operator} ({})", columns.join(", "), values.join(", ")));
        }
        let fetched = limit.saturating_add(1);
        let order: Vec<String> = columns.iter().map(|column| format!("{column} {direction}")).collect();
        let order = order.join(", ");
        // The limit is part of the text: a plan that is kept must know that it is a page.
        let Columns { select, from, since, .. } = asked;
        let select =
            since.map_or(Cow::Borrowed(select), |since| select.replace("$SINCE", &c.bind(since)).into());
        let key = columns.join(", ");
        let sql = format!("{select}, {key}{from}{} ORDER BY {order} LIMIT {fetched}", c.sql);
        Ok(Some(Statement { sql, params: c.params, scope }))
    }

    /// Tells the engine that the page's statement is the only one.
    pub(super) fn foresee(&self, tx: &mut impl TenantRead) {
        let TicketFilter { status, priority, assignee, team, requester, tag, workflow, text, expression } =
            &self.filter;
        // A page of all of them, or of those that an index has in this order: whatever else is asked may read much
        // before it has found one.
        let is_rare = priority.is_some() || team.is_some() || tag.is_some() || workflow.is_some();
        let narrows = usize::from(!status.is_empty())
            + usize::from(assignee.is_some())
            + usize::from(requester.is_some());
        let is_indexed = match narrows {
            0 => true,
            1 => status.len() <= 1 && matches!(self.sort, TicketSort::UpdatedDesc | TicketSort::UpdatedAsc),
            _ => false,
        };
        if is_indexed && !is_rare && text.is_none() && expression.is_none() {
            tx.ask_only();
        } else {
            tx.ask_last();
        }
    }

    /// Reads the page row by row: each is given to `show`. Answers the cursor of the next page.
    pub(super) async fn read(
        &self,
        tx: &mut impl TenantRead,
        columns: Columns<'_>,
        mut show: impl FnMut(TicketScope, &dyn Row) -> std::result::Result<(), StoreError> + Send,
    ) -> Result<Option<String>> {
        let Some(Statement { sql, params, scope }) = self.statement(tx, columns)? else {
            return Ok(None);
        };
        let (mut shown, mut last, mut more) = (0, None, false);
        tx.query(&sql, &params, |row| {
            if shown == self.limit {
                more = true;
                return Ok(());
            }
            shown += 1;
            if shown == self.limit {
                last = Some(self.sort.key(row, columns.count)?);
            }
            show(scope, row)
        })
        .await?;
        Ok(last.filter(|_| more).map(|key| cursor::encode(&(self.sort, key))))
    }
}

impl Query for ListTickets {
    type Output = Page<Ticket>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<Ticket>> {
        let (tenant, mut items) = (tx.tenant(), Vec::new());
        let by_requester = policy::ticket_scope(&self.principal) != TicketScope::All;
        if by_requester {
            fields::ask_hidden_ahead(tx);
        }
        tx.ask_last();
        let next_cursor = self
            .read(tx, WHOLE, |scope, row| {
                items.push(TicketRow::read(tenant, scope, row)?.into_ticket()?);
                Ok(())
            })
            .await?;
        if by_requester {
            let hidden = fields::load_hidden(tx).await?;
            items.iter_mut().try_for_each(|ticket| hidden.take_from(ticket))?;
        }
        Ok(Page { items, next_cursor })
    }
}
