//! Performs a company's script: its people, then every deed at its moment.

use std::collections::HashMap;

use flowbit_domain::{
    Actor, Principal, Role, SessionId, TenantCtx, TicketId, UserId,
    message::{CreateMessage, NewMessage},
    principal::Origin,
    ticket::{CreateTicket, NewTicket, TicketPatch, UpdateTicket},
    user::Authority,
};
use uuid::Uuid;

use super::{
    DemoError, PASSWORD, Stage,
    script::{Deed, Moment, Script},
};
use crate::identity::people::{NewPerson, add_person};

/// The company's people, by the names that the script has for them.
pub(super) type Cast = HashMap<String, Principal>;

pub(super) async fn perform(stage: &Stage, ctx: &TenantCtx, script: &Script) -> Result<(), DemoError> {
    let cast = hire(stage, ctx, script).await?;
    let mut tickets: HashMap<usize, TicketId> = HashMap::new();
    for moment in script.timeline()? {
        stage.clock.set(stage.now.plus_ms(moment.offset_ms));
        perform_deed(stage, ctx, script, &cast, &mut tickets, moment).await?;
    }
    stage.clock.set(stage.now);
    Ok(())
}

/// Adds the company's people.
async fn hire(stage: &Stage, ctx: &TenantCtx, script: &Script) -> Result<Cast, DemoError> {
    let mut cast = Cast::new();
    for person in &script.company.people {
        let new = NewPerson {
            email: person.email.clone(),
            name: person.name.clone(),
            role: person.role,
            password: Some(PASSWORD.to_owned()),
        };
        let origin = Origin { actor: Actor::operator(), ip: None, request_id: None };
        let added = add_person(&stage.store, &stage.passwords, ctx, Authority::Operator, origin, new).await?;
        cast.insert(person.key.clone(), principal(ctx, added.user.id, &person.name, person.role));
    }
    Ok(cast)
}

/// A person of the company, as if they had signed in.
pub(super) fn principal(ctx: &TenantCtx, user: UserId, name: &str, role: Role) -> Principal {
    Principal { tenant: ctx.tenant(), user, name: name.to_owned(), role, session: SessionId(Uuid::nil()) }
}

pub(super) fn origin(principal: &Principal) -> Origin {
    Origin { actor: Actor::from(principal), ip: None, request_id: None }
}

async fn perform_deed(
    stage: &Stage,
    ctx: &TenantCtx,
    script: &Script,
    cast: &Cast,
    tickets: &mut HashMap<usize, TicketId>,
    moment: Moment,
) -> Result<(), DemoError> {
    let Moment { ticket: index, by, deed, .. } = moment;
    let wrong = |what: String| DemoError::Script(format!("{:?}: {what}", script.tickets[index].title));
    let find = |key: &str| cast.get(key).ok_or_else(|| wrong(format!("there is no {key:?}")));
    let principal = find(&by)?.clone();
    let origin = origin(&principal);
    if deed == Deed::Raise {
        let text = &script.tickets[index];
        let input = NewTicket {
            title: text.title.clone(),
            description: text.text.trim().to_owned(),
            priority: Some(text.priority),
            tags: text.tags.clone(),
            ..NewTicket::default()
        };
        let command = CreateTicket { principal, origin, input, idempotency: None };
        let created = stage.store.write(ctx, command).await?;
        tickets.insert(index, created.answer.id);
        return Ok(());
    }
    let id = *tickets.get(&index).ok_or_else(|| wrong("a step before the ticket".to_owned()))?;
    let mut patch = TicketPatch::default();
    match deed {
        Deed::Raise => {}
        Deed::Reply(body) => return say(stage, ctx, principal, origin, id, body, false).await,
        Deed::Note(body) => return say(stage, ctx, principal, origin, id, body, true).await,
        Deed::SetStatus(status) => patch.status = Some(status),
        Deed::SetPriority(priority) => patch.priority = Some(priority),
        Deed::Assign(to) => {
            let assignee: UserId = find(&to)?.user;
            patch.assignee_id = Some(Some(assignee));
        }
    }
    stage.store.write(ctx, UpdateTicket { principal, origin, id, patch }).await?;
    Ok(())
}

async fn say(
    stage: &Stage,
    ctx: &TenantCtx,
    principal: Principal,
    origin: Origin,
    ticket: TicketId,
    body: String,
    internal: bool,
) -> Result<(), DemoError> {
    let input = NewMessage { body, internal, ..NewMessage::default() };
    let command = CreateMessage { principal, origin, ticket, input, idempotency: None };
    stage.store.write(ctx, command).await?;
    Ok(())
}
