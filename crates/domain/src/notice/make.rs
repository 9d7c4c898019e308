//! Making notices: for whom an event is news, decided from the event alone.
//!
//! What is made travels with the event; nobody waits for it. For one event a person is told once, of what concerns
//! them most: what is made first stays.

use serde::{Deserialize, de::IgnoredAny};

use super::NoticeKind;
use crate::{
    event::{Action, Audience, EventDraft},
    id::{EventId, TicketId, UserId},
    principal::ActorKind,
    ticket::Status,
    tx::{TenantTx, Value},
};

/// What an event says that somebody may want to hear of.
pub(crate) struct Cause {
    action: Action,
    audience: Audience,
    ticket: TicketId,
    requester: Option<UserId>,
    actor: Option<UserId>,
    /// Whether nobody did it: its time had come.
    is_systems: bool,
    actor_name: String,
    said: Said,
}

#[derive(Deserialize)]
struct Said {
    /// Of a message: whom it names.
    #[serde(default)]
    mentions: Vec<UserId>,
    /// Of a new ticket.
    #[serde(default)]
    assignee: Option<Whom>,
    #[serde(default)]
    changes: Changes,
}

#[derive(Default, Deserialize)]
struct Changes {
    status: Option<To<Status>>,
    assignee: Option<To<Option<Whom>>>,
    snooze: Option<To<Option<IgnoredAny>>>,
}

#[derive(Deserialize)]
struct To<T> {
    to: T,
}

#[derive(Deserialize)]
struct Whom {
    id: UserId,
}

impl Cause {
    /// What is news in an event; most are none.
    pub(crate) fn of(draft: &EventDraft) -> Option<Self> {
        let ticket = draft.ticket?;
        if !matches!(draft.action, Action::TicketCreated | Action::TicketUpdated | Action::MessageCreated) {
            return None;
        }
        let actor = &draft.origin.actor;
        Some(Self {
            action: draft.action,
            audience: draft.audience,
            ticket,
            requester: draft.requester,
            actor: actor.id.filter(|_| actor.kind == ActorKind::User).map(UserId),
            is_systems: actor.kind == ActorKind::System,
            actor_name: actor.name.clone(),
            said: serde_json::from_str(&draft.data).ok()?,
        })
    }

    fn is_requesters(&self) -> bool {
        self.actor.is_some() && self.actor == self.requester
    }
}

/// A statement that tells some people of an event. Values: `$1` the ticket, `$2` the event, `$3` the kind, `$4` the
/// audience, `$5` who did it, `$6` their name, `$7` the time, `$8` the kind as a list of the muted has it. What is
/// not to be mailed counts as mailed, so that the index of what is has nothing else.
macro_rules! tell {
    ($whom:literal) => {
        concat!(
            "INSERT INTO notices (user_id, event_id, ticket_id, kind, audience, actor_id, actor_name, at, mailed_at) \
             SELECT u.id, $2, $1, $3, $4, $5, $6, $7, CASE WHEN EXISTS (SELECT 1 FROM notice_settings o \
             WHERE o.user_id = u.id AND o.email = 'off') THEN CAST($7 AS bigint) END FROM ",
            $whom,
            " AND u.active AND (u.id <> $5 OR $5 IS NULL) AND NOT EXISTS (SELECT 1 FROM notice_settings s \
             WHERE s.user_id = u.id AND replace(s.muted, $8, '') <> s.muted) \
             ON CONFLICT (user_id, event_id) DO NOTHING"
        )
    };
}

/// Who works on the ticket or watches it, while they work for the company.
const TELL_WATCHERS: &str = tell!(
    "(SELECT user_id FROM ticket_watchers WHERE ticket_id = $1 \
     UNION SELECT assignee_id FROM tickets WHERE id = $1 AND assignee_id IS NOT NULL) w \
     JOIN users u ON u.id = w.user_id WHERE u.role IN ('agent', 'admin')"
);
/// Who raised it, of what they can see.
const TELL_REQUESTER: &str =
    tell!("tickets t JOIN users u ON u.id = t.requester_id WHERE t.id = $1 AND $4 = CAST(2 AS bigint)");
/// One person (`$9`), who works for the company or raised it and can see it.
const TELL_PERSON: &str = tell!(
    "users u JOIN tickets t ON t.id = $1 WHERE u.id = $9 \
     AND (u.role IN ('agent', 'admin') OR (t.requester_id = u.id AND $4 = CAST(2 AS bigint)))"
);

/// At most fifty who work for the company watch one ticket.
const WATCH: &str = "INSERT INTO ticket_watchers (ticket_id, user_id, since)
    SELECT $1, u.id, $3 FROM users u WHERE u.id = $2 AND u.active AND u.role IN ('agent', 'admin')
    AND (SELECT count(*) FROM ticket_watchers w JOIN users v ON v.id = w.user_id
        WHERE w.ticket_id = $1 AND v.active AND v.role IN ('agent', 'admin')) < 50
    ON CONFLICT (ticket_id, user_id) DO NOTHING";

/// Makes a person a watcher, if they work for the company and there is room.
pub(crate) fn watch(tx: &mut impl TenantTx, ticket: TicketId, user: UserId) {
    let now = tx.now();
    tx.put(WATCH, vec![ticket.into(), user.into(), now.into()]);
}

struct Telling<'a> {
    event: EventId,
    cause: &'a Cause,
}

impl Telling<'_> {
    fn values(&self, tx: &impl TenantTx, kind: NoticeKind) -> Vec<Value> {
        let Self { event, cause } = self;
        vec![
            cause.ticket.into(),
            (*event).into(),
            kind.as_str().into(),
            cause.audience.code().into(),
            cause.actor.into(),
            cause.actor_name.as_str().into(),
            tx.now().into(),
            format!("\"{}\"", kind.as_str()).into(),
        ]
    }

    fn tell(&self, tx: &mut impl TenantTx, sql: &'static str, kind: NoticeKind) {
        let values = self.values(tx, kind);
        tx.put(sql, values);
    }

    fn tell_person(&self, tx: &mut impl TenantTx, user: UserId, kind: NoticeKind) {
        if self.cause.actor != Some(user) {
            let mut values = self.values(tx, kind);
            values.push(user.into());
            tx.put(TELL_PERSON, values);
        }
        watch(tx, self.cause.ticket, user);
    }
}

/// Tells whoever an event is news for.
pub(crate) fn make(tx: &mut impl TenantTx, event: EventId, cause: &Cause) {
    let telling = Telling { event, cause };
    match cause.action {
        Action::MessageCreated => {
            for user in &cause.said.mentions {
                telling.tell_person(tx, *user, NoticeKind::Mentioned);
            }
            if cause.audience == Audience::Requester {
                if !cause.is_requesters() {
                    telling.tell(tx, TELL_REQUESTER, NoticeKind::Answered);
                }
                telling.tell(tx, TELL_WATCHERS, NoticeKind::Replied);
            } else {
                telling.tell(tx, TELL_WATCHERS, NoticeKind::Noted);
            }
            if let Some(actor) = cause.actor {
                watch(tx, cause.ticket, actor);
            }
        }
        Action::TicketCreated => {
            if let Some(assignee) = &cause.said.assignee {
                telling.tell_person(tx, assignee.id, NoticeKind::Assigned);
            }
        }
        _ => {
            let Changes { status, assignee, snooze } = &cause.said.changes;
            match (snooze, cause.actor) {
                // Who puts a ticket aside wants to know when it is back.
                (Some(To { to: Some(_) }), Some(actor)) => watch(tx, cause.ticket, actor),
                // By its time: what a person or a workflow has done is told by itself.
                (Some(To { to: None }), None) if cause.is_systems => {
                    telling.tell(tx, TELL_WATCHERS, NoticeKind::Woken);
                }
                _ => {}
            }
            if let Some(To { to: Some(assignee) }) = assignee {
                telling.tell_person(tx, assignee.id, NoticeKind::Assigned);
            }
            if let Some(To { to }) = status {
                if *to == Status::Resolved {
                    telling.tell(tx, TELL_REQUESTER, NoticeKind::Resolved);
                }
                // That the requester's reply opens a ticket again is told by the reply.
                if !(cause.is_requesters() && *to == Status::Open) {
                    telling.tell(tx, TELL_WATCHERS, NoticeKind::StatusChanged);
                }
            }
        }
    }
}
