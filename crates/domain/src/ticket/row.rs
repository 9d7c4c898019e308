//! A row of [`select_ticket!`] as it lies in the store: nothing of it is copied until somebody keeps it.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value as Json, value::RawValue};
use uuid::Uuid;

use crate::{
    id::{DeliveryId, TeamId, TenantId, TicketId, UserId},
    policy::TicketScope,
    settings::ReopenWindow,
    team::TeamName,
    ticket::{MergedInto, Person, Priority, Snooze, Status, Ticket, Workflow, WorkflowState, damaged},
    time::Timestamp,
    tx::{Row, StoreError},
};

/// The columns that [`TicketRow::read`] reads.
macro_rules! ticket_columns {
    () => {
        concat!(
            "SELECT t.id, t.number, t.title, t.description, t.status, t.priority, t.tags, t.custom_fields, \
    t.requester_id, r.name, t.assignee_id, a.name, t.workflow_state, t.workflow_at, t.workflow_delivery_id, \
    t.message_count, t.public_count, t.version, t.created_at, t.updated_at, t.resolved_at, t.team_id, w.name, \
    t.snoozed_at, t.snoozed_until, t.merged_into_id, t.merged_into_number, ",
            $crate::settings::reopen_days!()
        )
    };
}
pub(crate) use ticket_columns;

/// Their tables `t`, `r` (requester), `a` (assignee), `w` (team). Every ticket has a requester; joined so, a planner that knows
/// little of one company among many can't begin with its people and sort all that they have raised.
macro_rules! ticket_tables {
    () => {
        " FROM tickets t LEFT JOIN users r ON r.id = t.requester_id LEFT JOIN users a ON a.id = t.assignee_id \
         LEFT JOIN teams w ON w.id = t.team_id"
    };
}
pub(crate) use ticket_tables;

/// All columns of the tickets that match.
macro_rules! select_ticket {
    ($rest:literal) => {
        concat!($crate::ticket::row::ticket_columns!(), $crate::ticket::row::ticket_tables!(), $rest)
    };
}
pub(crate) use select_ticket;

/// A row whose columns came as one JSON array, without names, and those names.
pub(crate) struct Packed {
    columns: Vec<Json>,
    /// The requester's, the assignee's and the team's.
    pub(crate) names: [Option<Arc<str>>; 3],
}

impl Packed {
    /// Where the ids stand, and the names.
    pub(crate) const NAMED: [(usize, usize); 3] = [(8, 9), (10, 11), (21, 22)];

    /// Reads all of [`ticket_columns!`].
    ///
    /// # Errors
    /// When they are not there.
    pub(crate) fn read(json: &str) -> Result<Self, StoreError> {
        let columns = serde_json::from_str::<Vec<Json>>(json).map_err(|_| damaged("row"))?;
        if columns.len() != COLUMNS {
            return Err(damaged("row"));
        }
        Ok(Self { columns, names: [const { None }; 3] })
    }

    fn one<'r, T>(
        &'r self,
        column: usize,
        as_one: impl FnOnce(&'r Json) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match &self.columns[column] {
            Json::Null => Ok(None),
            value => as_one(value).map(Some).ok_or_else(|| damaged("column")),
        }
    }
}

/// How many columns [`ticket_columns!`] are.
pub(crate) const COLUMNS: usize = 28;

impl Row for Packed {
    fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or_else(|| damaged("column"))
    }

    fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match Self::NAMED.iter().position(|(_, name)| *name == column) {
            Some(at) => Ok(self.names[at].as_deref()),
            None => self.one(column, Json::as_str),
        }
    }

    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| damaged("column"))
    }

    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.one(column, Json::as_i64)
    }

    fn bool(&self, column: usize) -> Result<bool, StoreError> {
        self.one(column, Json::as_bool)?.ok_or_else(|| damaged("column"))
    }

    fn uuid(&self, column: usize) -> Result<Uuid, StoreError> {
        self.opt_uuid(column)?.ok_or_else(|| damaged("column"))
    }

    fn opt_uuid(&self, column: usize) -> Result<Option<Uuid>, StoreError> {
        self.one(column, |value| value.as_str()?.parse().ok())
    }

    fn bytes(&self, _: usize) -> Result<&[u8], StoreError> {
        Err(damaged("column"))
    }
}

/// [`Person`] in place.
#[derive(Serialize)]
struct PersonRow<'r> {
    id: UserId,
    name: &'r str,
}

impl PersonRow<'_> {
    fn into_person(self) -> Person {
        Person { id: self.id, name: self.name.to_owned() }
    }
}

/// [`TeamName`] in place.
#[derive(Serialize)]
struct TeamRow<'r> {
    id: TeamId,
    name: &'r str,
}

/// [`Ticket`] in place. Its JSON is the ticket's, byte for byte.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketRow<'r> {
    id: TicketId,
    number: i64,
    customer_id: TenantId,
    title: &'r str,
    description: &'r str,
    status: Status,
    priority: Priority,
    tags: &'r RawValue,
    custom_fields: &'r RawValue,
    requester: PersonRow<'r>,
    assignee: Option<PersonRow<'r>>,
    team: Option<TeamRow<'r>>,
    workflow: Option<Workflow>,
    message_count: i64,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    resolved_at: Option<Timestamp>,
    reopen_until: Option<Timestamp>,
    #[serde(skip)]
    reopen_window: ReopenWindow,
    snooze: Option<Snooze>,
    merged_into: Option<MergedInto>,
}

impl<'r> TicketRow<'r> {
    /// Reads a row, as someone with this scope may see it.
    ///
    /// # Errors
    /// When a column holds what it can't.
    pub(crate) fn read(tenant: TenantId, scope: TicketScope, row: &'r dyn Row) -> Result<Self, StoreError> {
        let assignee = match row.opt_uuid(10)? {
            Some(id) => row.opt_text(11)?.map(|name| PersonRow { id: UserId(id), name }),
            None => None,
        };
        // Who raised it does not learn how the company is divided.
        let team = match row.opt_uuid(21)?.filter(|_| scope == TicketScope::All) {
            Some(id) => row.opt_text(22)?.map(|name| TeamRow { id: TeamId(id), name }),
            None => None,
        };
        // What the staff has put aside is still open to who raised it.
        let snooze = match row.opt_time(23)?.filter(|_| scope == TicketScope::All) {
            Some(since) => Some(Snooze { since, until: row.opt_time(24)? }),
            None => None,
        };
        let merged_into = match row.opt_uuid(25)? {
            Some(id) => Some(MergedInto { id: TicketId(id), number: row.int(26)? }),
            None => None,
        };
        let resolved_at = row.opt_time(20)?;
        let reopen_window = ReopenWindow::of_days(row.int(27)?);
        let reopen_until = match resolved_at.filter(|_| merged_into.is_none()) {
            Some(at) => reopen_window.until(at),
            None => None,
        };
        Ok(Self {
            id: TicketId(row.uuid(0)?),
            number: row.int(1)?,
            customer_id: tenant,
            title: row.text(2)?,
            description: row.text(3)?,
            status: Status::parse(row.text(4)?).ok_or_else(|| damaged("status"))?,
            priority: Priority::from_code(row.int(5)?).ok_or_else(|| damaged("priority"))?,
            tags: serde_json::from_str(row.text(6)?).map_err(|_| damaged("list of tags"))?,
            custom_fields: serde_json::from_str(row.text(7)?).map_err(|_| damaged("custom field"))?,
            requester: PersonRow { id: UserId(row.uuid(8)?), name: row.text(9)? },
            assignee,
            team,
            workflow: read_workflow(row, 12)?,
            // A requester must not even learn how many internal notes there are.
            message_count: row.int(if scope == TicketScope::All { 15 } else { 16 })?,
            version: row.int(17)?,
            created_at: row.time(18)?,
            updated_at: row.time(19)?,
            resolved_at,
            reopen_until,
            reopen_window,
            snooze,
            merged_into,
        })
    }

    /// The ticket, to keep.
    ///
    /// # Errors
    /// When the tags are not a list of texts.
    pub(crate) fn into_ticket(self) -> Result<Ticket, StoreError> {
        Ok(Ticket {
            id: self.id,
            number: self.number,
            customer_id: self.customer_id,
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            status: self.status,
            priority: self.priority,
            tags: serde_json::from_str(self.tags.get()).map_err(|_| damaged("list of tags"))?,
            custom_fields: self.custom_fields.to_owned(),
            requester: self.requester.into_person(),
            assignee: self.assignee.map(PersonRow::into_person),
            team: self.team.map(|team| TeamName { id: team.id, name: team.name.to_owned() }),
            workflow: self.workflow,
            message_count: self.message_count,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            resolved_at: self.resolved_at,
            reopen_until: self.reopen_until,
            reopen_window: self.reopen_window,
            snooze: self.snooze,
            merged_into: self.merged_into,
        })
    }
}

/// Where the workflow is: three columns of a row, from this one on.
///
/// # Errors
/// When a column holds what it can't.
pub(super) fn read_workflow(row: &dyn Row, from: usize) -> Result<Option<Workflow>, StoreError> {
    let Some(state) = row.opt_text(from)? else { return Ok(None) };
    Ok(Some(Workflow {
        state: WorkflowState::parse(state).ok_or_else(|| damaged("workflow state"))?,
        updated_at: row.time(from + 1)?,
        delivery_id: row.opt_uuid(from + 2)?.map(DeliveryId),
    }))
}
