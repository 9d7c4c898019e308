//! A filter as a part of a statement: what stands in it comes from here, what people typed is bound.
//!
//! Which index a statement walks is decided by how a condition is written. The order's index finds a page at once
//! whatever the filter, so that conditions are hidden behind `coalesce` unless an index has both them and the order:
//! without that the engine would sort all that matches.

use crate::{
    id::UserId,
    policy::TicketScope,
    ticket::{
        Priority, Status, WhichTeam, Who, WorkflowState,
        filter::{Choice, CustomField, Expression, Moment, Scalar, fold_tag, is_searchable},
        words::finds,
    },
    time::Timestamp,
    tx::{SearchDialect, TenantRead, Value},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A statement in the making: conditions, and the values that they name by number.
#[derive(Default)]
pub(crate) struct Conditions {
    pub(crate) sql: String,
    pub(crate) params: Vec<Value>,
}

impl Conditions {
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    pub(crate) fn and(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    pub(crate) fn and_equals(&mut self, column: &str, value: impl Into<Value>) {
        let value = self.bind(value);
        self.and(&format!("{column} = {value}"));
    }

    /// The number that this value is bound to, or is bound to now.
    fn bind_all<V: Into<Value>>(&mut self, values: impl IntoIterator<Item = V>) -> String {
        let bound: Vec<String> = values.into_iter().map(|value| self.bind(value)).collect();
        bound.join(", ")
    }
}

/// For whom, when and on which engine a filter is read.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    me: UserId,
    scope: TicketScope,
    now: Timestamp,
    search: &'static SearchDialect,
    /// The first column of the order.
    order: &'static str,
}

impl Reading {
    pub(crate) fn new(tx: &impl TenantRead, me: UserId, scope: TicketScope, order: &'static str) -> Self {
        Self { me, scope, now: tx.now(), search: tx.search(), order }
    }

    /// Adds the conditions of a filter over `t` (a row of `tickets`).
    pub(crate) fn and_all(&self, c: &mut Conditions, filter: &Expression) {
        match filter {
            Expression::All(parts) => parts.iter().for_each(|part| self.and_all(c, part)),
            condition => {
                let sql = self.leading(c, condition);
                c.and(&sql);
            }
        }
    }

    /// The whole filter as one condition, for tickets that were found in another way.
    pub(crate) fn whole(&self, c: &mut Conditions, filter: &Expression) -> String {
        let condition = self.inner(c, filter);
        format!("coalesce({condition}, false)")
    }

    /// `FROM` and `WHERE` of the tickets that an index leads to, among which are all that the filter finds that
    /// the person may see. One index alone: the engine goes through no more than what is asked of it.
    pub(crate) fn candidates(&self, c: &mut Conditions, filter: &Expression) -> String {
        let alone = [filter];
        let parts: Vec<&Expression> = match filter {
            Expression::All(parts) => parts.iter().collect(),
            _ => alone.to_vec(),
        };
        let find = |is_so: &dyn Fn(&Expression) -> bool| parts.iter().copied().find(|part| is_so(part));
        if let TicketScope::RaisedBy(user) = self.scope {
            return format!("FROM tickets t WHERE t.requester_id = {}", c.bind(user));
        }
        let tag = find(&|part| matches!(part, Expression::Tag(Choice::Is(tags)) if tags.len() == 1));
        if let Some(Expression::Tag(choice)) = tag {
            let tag = c.bind(fold_tag(&choice.values()[0]));
            return format!("FROM ticket_tags g JOIN tickets t ON t.id = g.ticket_id WHERE g.tag = {tag}");
        }
        if find(&|part| matches!(part, Expression::Snoozed(true))).is_some() {
            return "FROM tickets t WHERE t.snoozed_at IS NOT NULL".to_owned();
        }
        // As the index of what is left to do says it.
        let is_live = |part: &Expression| match part {
            Expression::Status(Choice::Is(statuses)) => statuses.iter().all(|status| status.is_live()),
            _ => false,
        };
        let live = find(&is_live).map(|_| "t.status IN ('open', 'in_progress', 'waiting')");
        let assignee = find(&|part| matches!(part, Expression::Assignee(Choice::Is(who)) if who.len() == 1));
        if let Some(assignee) = assignee {
            let assignee = self.leading(c, assignee);
            let live = live.map(|live| format!(" AND {live}")).unwrap_or_default();
            return format!("FROM tickets t WHERE {assignee}{live}");
        }
        let live_too = live.map(|live| format!(" AND {live}")).unwrap_or_default();
        let team = find(&|part| matches!(part, Expression::Team(Choice::Is(teams)) if teams.len() == 1));
        match team {
            Some(Expression::Team(Choice::Is(teams))) if teams[0] == WhichTeam::Mine => {
                let me = c.bind(self.me);
                return format!(
                    "FROM team_members m JOIN tickets t ON t.team_id = m.team_id WHERE m.user_id = {me}{live_too}"
                );
            }
            Some(team @ Expression::Team(Choice::Is(teams))) if matches!(teams[0], WhichTeam::Is(_)) => {
                return format!("FROM tickets t WHERE {}{live_too}", self.leading(c, team));
            }
            _ => {}
        }
        let equal = |part: &Expression| match part {
            Expression::Requester(Choice::Is(who)) | Expression::Mentioned(Choice::Is(who)) => who.len() == 1,
            Expression::Workflow(Choice::Is(states)) => states.len() == 1,
            _ => false,
        };
        if let Some(equal) = find(&equal) {
            return format!("FROM tickets t WHERE {}", self.leading(c, equal));
        }
        if let Some(live) = live {
            return format!("FROM tickets t WHERE {live}");
        }
        let since = |part: &Expression| match part {
            Expression::CreatedAt(moment)
            | Expression::UpdatedAt(moment)
            | Expression::ResolvedAt(moment) => {
                matches!(moment, Moment::After(_) | Moment::WithinDays(_))
            }
            _ => false,
        };
        let status =
            |part: &Expression| matches!(part, Expression::Status(Choice::Is(one)) if one.len() == 1);
        if let Some(since) = find(&since) {
            return format!("FROM tickets t WHERE {}", self.inner(c, since));
        }
        if let Some(status) = find(&status) {
            return format!("FROM tickets t WHERE {}", self.leading(c, status));
        }
        "FROM tickets t ORDER BY t.updated_at DESC, t.number DESC".to_owned()
    }

    /// A condition that all rows meet: as bare as lets the planner use an index that has the order as well.
    fn leading(&self, c: &mut Conditions, condition: &Expression) -> String {
        match condition {
            Expression::Status(Choice::Is(one)) if one.len() == 1 => {
                format!("t.status = {}", c.bind(one[0].as_str()))
            }
            Expression::Priority(Choice::Is(one)) if one.len() == 1 => {
                format!("t.priority = {}", c.bind(one[0].code()))
            }
            Expression::Workflow(Choice::Is(one)) if one.len() == 1 => {
                format!("t.workflow_state = {}", c.bind(one[0].as_str()))
            }
            Expression::Assignee(Choice::Is(one)) if one.len() == 1 => {
                self.person(c, "t.assignee_id", one[0])
            }
            Expression::Team(Choice::Is(one)) if matches!(one[..], [WhichTeam::Is(_)]) => self.teams(c, one),
            Expression::Requester(Choice::Is(one)) if one.len() == 1 => {
                self.person(c, "t.requester_id", one[0])
            }
            Expression::Tag(Choice::Is(tags)) => tagged(c, tags),
            Expression::Mentioned(Choice::Is(people)) => self.mentioned(c, people),
            Expression::Text(_) | Expression::Snoozed(_) => self.inner(c, condition),
            Expression::CreatedAt(moment) if self.order == "t.created_at" => {
                self.moment(c, "t.created_at", *moment)
            }
            Expression::UpdatedAt(moment) if self.order == "t.updated_at" => {
                self.moment(c, "t.updated_at", *moment)
            }
            Expression::ResolvedAt(moment) if self.order == "t.resolved_at" => {
                self.moment(c, "t.resolved_at", *moment)
            }
            other => format!("coalesce({}, false)", self.inner(c, other)),
        }
    }

    /// A condition anywhere: true, false or NULL for unknown.
    fn inner(&self, c: &mut Conditions, filter: &Expression) -> String {
        match filter {
            Expression::All(parts) if parts.is_empty() => "(1 = 1)".to_owned(),
            Expression::All(parts) => self.group(c, parts, " AND "),
            Expression::Any(parts) => self.group(c, parts, " OR "),
            Expression::Status(choice) => one_of(c, choice, |c, values: &[Status]| {
                format!("t.status IN ({})", c.bind_all(values.iter().map(|v| v.as_str())))
            }),
            Expression::Priority(choice) => one_of(c, choice, |c, values: &[Priority]| {
                format!("t.priority IN ({})", c.bind_all(values.iter().map(|v| v.code())))
            }),
            Expression::Workflow(choice) => one_of(c, choice, |c, values: &[WorkflowState]| {
                format!("t.workflow_state IN ({})", c.bind_all(values.iter().map(|v| v.as_str())))
            }),
            Expression::Assignee(choice) => {
                one_of(c, choice, |c, people| self.people(c, "t.assignee_id", people))
            }
            Expression::Team(choice) => one_of(c, choice, |c, teams| self.teams(c, teams)),
            Expression::Requester(choice) => {
                one_of(c, choice, |c, people| self.people(c, "t.requester_id", people))
            }
            Expression::Mentioned(choice) => one_of(c, choice, |c, people| self.mentioned(c, people)),
            Expression::Tag(choice) => one_of(c, choice, |c, tags: &[String]| {
                let tags = c.bind_all(tags.iter().map(|tag| fold_tag(tag)));
                format!("EXISTS (SELECT 1 FROM ticket_tags g WHERE g.ticket_id = t.id AND g.tag IN ({tags}))")
            }),
            // To who raised it nothing is put aside.
            Expression::Snoozed(is_snoozed) => match (self.scope == TicketScope::All, is_snoozed) {
                (true, true) => "t.snoozed_at IS NOT NULL".to_owned(),
                (true, false) => "t.snoozed_at IS NULL".to_owned(),
                (false, true) => "(1 = 0)".to_owned(),
                (false, false) => "(1 = 1)".to_owned(),
            },
            Expression::CustomField(field) => self.custom_field(c, field),
            Expression::Text(words) => {
                let typed = Some(&words.contains).filter(|words| is_searchable(words));
                // Nothing in it is a word.
                typed
                    .and_then(|text| finds(c, self.search, self.scope, text))
                    .unwrap_or_else(|| "(1 = 0)".to_owned())
            }
            Expression::CreatedAt(moment) => self.moment(c, "t.created_at", *moment),
            Expression::UpdatedAt(moment) => self.moment(c, "t.updated_at", *moment),
            Expression::ResolvedAt(moment) => self.moment(c, "t.resolved_at", *moment),
        }
    }

    fn group(&self, c: &mut Conditions, parts: &[Expression], operator: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.inner(c, part)).collect();
        format!("({})", parts.join(operator))
    }

    fn person(&self, c: &mut Conditions, column: &str, who: Who) -> String {
        match who {
            Who::Nobody => format!("{column} IS NULL"),
            Who::Me => format!("{column} = {}", c.bind(self.me)),
            Who::Person(id) => format!("{column} = {}", c.bind(id)),
        }
    }

    fn people(&self, c: &mut Conditions, column: &str, people: &[Who]) -> String {
        let people: Vec<String> = people.iter().map(|who| self.person(c, column, *who)).collect();
        format!("({})", people.join(" OR "))
    }

    /// By the index of those who are named. Whom a note names is told to nobody who may not read it.
    fn mentioned(&self, c: &mut Conditions, people: &[Who]) -> String {
        let people = self.people(c, "m.user_id", people);
        let public = if self.scope == TicketScope::All { "" } else { " AND NOT m.internal" };
        format!("t.id IN (SELECT m.ticket_id FROM message_mentions m WHERE {people}{public})")
    }

    /// Who raises tickets sees none of a team, so for them no ticket has one.
    fn teams(&self, c: &mut Conditions, teams: &[WhichTeam]) -> String {
        let sees = self.scope == TicketScope::All;
        let teams: Vec<String> = teams
            .iter()
            .map(|team| match team {
                WhichTeam::Nobodys if sees => "t.team_id IS NULL".to_owned(),
                WhichTeam::Nobodys => "(1 = 1)".to_owned(),
                _ if !sees => "(1 = 0)".to_owned(),
                WhichTeam::Is(id) => format!("t.team_id = {}", c.bind(*id)),
                WhichTeam::Mine => {
                    let me = c.bind(self.me);
                    format!("t.team_id IN (SELECT m.team_id FROM team_members m WHERE m.user_id = {me})")
                }
            })
            .collect();
        format!("({})", teams.join(" OR "))
    }

    fn custom_field(&self, c: &mut Conditions, field: &CustomField) -> String {
        let (values, wanted) = match (&field.is, &field.is_not) {
            (Some(values), _) => (values, true),
            (None, values) => (values.as_ref().unwrap_or(const { &Vec::new() }), false),
        };
        let key = c.bind(field.key.trim());
        let holds: Vec<String> = values
            .iter()
            .map(|value| {
                let value = c.bind(json_of(value));
                self.search.custom_field.replace("$K", &key).replace("$V", &value)
            })
            .collect();
        let mut holds = format!("({})", holds.join(" OR "));
        if self.scope != TicketScope::All {
            // Whoever may not see a value must not find it either, however its key is spelt.
            let shown = format!("SELECT 1 FROM fields f WHERE f.key = {key} AND f.shown_to_requesters");
            holds = format!("({holds} AND EXISTS ({shown}))");
        }
        if wanted { holds } else { format!("(NOT coalesce({holds}, false))") }
    }

    fn moment(&self, c: &mut Conditions, column: &str, moment: Moment) -> String {
        let ago = |days: u32| self.now.plus_ms(-i64::from(days) * DAY_MS);
        let (operator, time) = match moment {
            Moment::After(time) => (">=", time),
            Moment::Before(time) => ("<", time),
            Moment::WithinDays(days) => (">=", ago(days)),
            Moment::OlderThanDays(days) => ("<", ago(days)),
        };
        format!("{column} {operator} {}", c.bind(time))
    }
}

/// What is wanted, or its opposite: that is also true of what is unknown.
fn one_of<T>(
    c: &mut Conditions,
    choice: &Choice<T>,
    wanted: impl FnOnce(&mut Conditions, &[T]) -> String,
) -> String {
    let condition = wanted(c, choice.values());
    match choice {
        Choice::Is(_) => condition,
        Choice::IsNot(_) => format!("(NOT coalesce({condition}, false))"),
    }
}

fn tagged(c: &mut Conditions, tags: &[String]) -> String {
    let tags = c.bind_all(tags.iter().map(|tag| fold_tag(tag)));
    format!("t.id IN (SELECT g.ticket_id FROM ticket_tags g WHERE g.tag IN ({tags}))")
}

fn json_of(value: &Scalar) -> String {
    match value {
        Scalar::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Truth(truth) => truth.to_string(),
    }
}
