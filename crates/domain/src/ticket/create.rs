//! Raising a ticket.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json, value::to_raw_value};
use utoipa::ToSchema;

use crate::{
    attachment::{self, Attachment, Target},
    error::Result,
    event::{Action, Audience, EventDraft},
    fields::{self, Definitions, Hidden},
    id::{AttachmentId, MessageId, TeamId, TicketId, UserId},
    idempotency::{self, Answered, IdempotencyKey},
    ledger, patch,
    policy::{self, Deed, Subject, TicketScope},
    principal::{Origin, Principal, Role},
    settings::ReopenWindow,
    team::{Giving, Rota, TeamName},
    text::Checks,
    ticket::{
        Person, Priority, Status, TEXT_MAX, TITLE_MAX, Ticket, Workflow, WorkflowState, ask_assignee_ahead,
        change::{Ownership, record_team},
        check_tags,
    },
    tx::{Command, TenantTx},
};

/// What a new ticket says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTicket {
    /// What it is about: one line, 1 to 200 characters.
    #[schema(max_length = 200, min_length = 1)]
    pub title: String,
    /// The whole of it, at most 20,000 characters.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub description: String,
    /// How much it hurries; `normal` when absent.
    #[serde(default)]
    pub priority: Option<Priority>,
    /// At most 20 words of at most 40 characters.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Vec<String>,
    /// Who is to work on it (staff only).
    #[serde(default)]
    pub assignee_id: Option<UserId>,
    /// Which team's it is (staff only). Without `assigneeId` the team's rule gives it to somebody.
    #[serde(default)]
    pub team_id: Option<TeamId>,
    /// Values of the company's own fields, by their keys: at most 16 kB of JSON. Keys that no field has are kept
    /// as well.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub custom_fields: Option<serde_json::Map<String, serde_json::Value>>,
    /// Files that go with its description, at most 20: your own uploads that were not sent yet.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<AttachmentId>>, max_items = 20)]
    pub attachments: Vec<AttachmentId>,
}

/// Raises a ticket.
#[derive(Debug, Clone)]
pub struct CreateTicket {
    /// Who asks; becomes the requester.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What it says.
    pub input: NewTicket,
    /// The client's key, if the request may be repeated.
    pub idempotency: Option<IdempotencyKey>,
}

pub(super) struct Checked {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) priority: Priority,
    pub(super) tags: Vec<String>,
    pub(super) custom_fields: Map<String, Json>,
    pub(super) files: Files,
}

/// The files of a new ticket.
pub(super) enum Files {
    /// Its requester's uploads.
    Sent(Vec<AttachmentId>),
    /// Those of a message that it is made from.
    Of(TicketId, MessageId),
}

fn check(input: &NewTicket, by: Role, fields: &Definitions) -> Result<Checked> {
    let mut checks = Checks::default();
    let title = checks.line("title", &input.title, TITLE_MAX);
    let description = checks.body("description", &input.description, TEXT_MAX);
    let tags = check_tags(&mut checks, "tags", &input.tags);
    attachment::check_count(&mut checks, &input.attachments);
    let none = serde_json::Map::new();
    let values = fields.check_new(&mut checks, by, input.custom_fields.as_ref().unwrap_or(&none));
    checks.finish()?;
    Ok(Checked {
        title,
        description,
        priority: input.priority.unwrap_or(Priority::Normal),
        tags,
        custom_fields: values,
        files: Files::Sent(input.attachments.clone()),
    })
}

const NAME: &str = "SELECT name FROM users WHERE id = $1";
const INSERT: &str =
    "INSERT INTO tickets (number, id, title, description, status, priority, tags, custom_fields,
    requester_id, assignee_id, message_count, public_count, version, created_at, updated_at, team_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 1, $11, $11, $12)";
pub(super) const INSERT_TAG: &str = "INSERT INTO ticket_tags (tag, ticket_id) VALUES ($1, $2)";

impl Command for CreateTicket {
    type Output = Answered<Ticket>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Answered<Ticket>> {
        const OPERATION: &str = "createTicket";
        let Self { principal, origin, input, idempotency } = self;
        policy::require(&principal, Deed::CreateTicket, Subject::Company)?;
        if input.assignee_id.is_some() || input.team_id.is_some() {
            policy::require(&principal, Deed::AssignTicket, Subject::Company)?;
        }
        fields::ask_ahead(tx);
        if let Some(id) = input.assignee_id {
            ask_assignee_ahead(tx, id);
        }
        if let Some(id) = input.team_id {
            Rota::ask_ahead(tx, id);
        }
        tx.ask_setting_ahead(NAME, &[principal.user.into()]);
        ledger::ask_ahead(tx, Action::TicketCreated);
        if let Some(before) = idempotency::replay(tx, principal.user, OPERATION, idempotency.as_ref()).await?
        {
            return Ok(before);
        }
        let fields = Definitions::load(tx).await?;
        let checked = check(&input, principal.role, &fields)?;
        let wanted = Ownership::find(tx, input.assignee_id.map(Some), input.team_id.map(Some)).await?;
        let name = tx.query_one(NAME, &[principal.user.into()], |row| Ok(row.text(0)?.to_owned())).await?;
        let requester = Person { id: principal.user, name: name.ok_or(crate::Error::NotFound)? };
        let owned = wanted.of_new(tx);
        let mut ticket = insert(tx, requester, origin, checked, owned).await?;
        if policy::ticket_scope(&principal) != TicketScope::All {
            Hidden::of(&fields).take_from(&mut ticket)?;
        }
        idempotency::remember(tx, principal.user, OPERATION, idempotency, &ticket)?;
        Ok(Answered::now(ticket))
    }
}

/// Writes it down and answers it as whoever reads it next will find it, without reading it: who raises many would
/// wait for each.
pub(super) async fn insert(
    tx: &mut impl TenantTx,
    requester: Person,
    origin: Origin,
    new: Checked,
    (assignee, team, given): (Option<Person>, Option<TeamName>, Option<Giving>),
) -> Result<Ticket> {
    let internal = |e: serde_json::Error| crate::Error::Internal(e.to_string());
    let number = tx.take_number().await?;
    let id = TicketId(tx.new_id());
    let now = tx.now();
    let tags = serde_json::to_string(&new.tags).map_err(internal)?;
    let custom_fields = to_raw_value(&new.custom_fields).map_err(internal)?;
    let files = match new.files {
        Files::Sent(files) => {
            let target = Target { ticket: id, ordinal: 0, message: None, internal: false };
            attachment::send(tx, requester.id, &target, &files).await?
        }
        Files::Of(ticket, message) => attachment::copy_to(tx, (ticket, message), id).await?,
    };
    let mut data = json!({
        "number": number,
        "title": new.title,
        "status": Status::Open,
        "priority": new.priority,
        "tags": new.tags,
        "assignee": assignee,
        "version": 1,
    });
    let mut text = format!("{}\n{}", new.title, new.description);
    if !files.is_empty() {
        data["attachments"] = files.iter().map(Attachment::in_event).collect();
        for file in &files {
            text.push('\n');
            text.push_str(&file.name);
        }
    }
    let search = tx.search();
    let searched = (search.document)(&text);
    tx.put(
        INSERT,
        vec![
            number.into(),
            id.into(),
            new.title.as_str().into(),
            new.description.as_str().into(),
            Status::Open.as_str().into(),
            new.priority.code().into(),
            tags.into(),
            custom_fields.get().into(),
            requester.id.into(),
            assignee.as_ref().map(|a| a.id).into(),
            now.into(),
            team.as_ref().map(|team| team.id).into(),
        ],
    );
    for tag in &new.tags {
        tx.put(INSERT_TAG, vec![tag.as_str().into(), id.into()]);
    }
    let nothing = None::<&str>;
    tx.put(search.add, vec![number.into(), 0_i64.into(), searched.into(), nothing.into(), nothing.into()]);
    let draft = EventDraft {
        action: Action::TicketCreated,
        audience: Audience::Requester,
        origin: origin.clone(),
        ticket: Some(id),
        requester: Some(requester.id),
        data: data.to_string(),
    };
    let (_, delivery) = ledger::record_to_deliver(tx, draft).await?;
    let ticket = Ticket {
        id,
        number,
        customer_id: tx.tenant(),
        title: new.title,
        description: new.description,
        status: Status::Open,
        priority: new.priority,
        tags: new.tags,
        custom_fields,
        requester,
        assignee,
        team,
        workflow: delivery.map(|id| Workflow {
            state: WorkflowState::Pending,
            updated_at: now,
            delivery_id: Some(id),
        }),
        message_count: 0,
        version: 1,
        created_at: now,
        updated_at: now,
        resolved_at: None,
        reopen_until: None,
        reopen_window: ReopenWindow::default(),
        snooze: None,
        merged_into: None,
    };
    record_team(tx, origin, &ticket, given).await?;
    Ok(ticket)
}
