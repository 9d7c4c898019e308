//! Forgetting a person: who they were is taken out of everything that the company has, the ledger included, and the
//! chain still verifies.
//!
//! What stays is what others need to understand their tickets: that somebody raised them, wrote there and when. The
//! person's id stays as well, and is nobody's name any more.

use serde_json::json;

use crate::{
    attachment,
    error::{Error, Result},
    event::{Action, Audience, ERASED, ERASED_BY, ErasedEvents, EventDraft, erased_data},
    id::UserId,
    ledger,
    principal::{Origin, Role},
    tx::{Command, TenantTx, Value},
    user::{Authority, User, folded, keep_an_admin, load},
};

/// The address of a person who was erased ends so; nobody can have one like it (RFC 2606).
const NOWHERE: &str = "@erased.invalid";

/// Forgets a person.
#[derive(Debug, Clone)]
pub struct EraseUser {
    /// Who asks.
    pub by: Authority,
    /// From where.
    pub origin: Origin,
    /// Whom.
    pub id: UserId,
    /// Whether what they wrote goes as well: their messages, and the titles, descriptions and custom fields of the
    /// tickets that they raised.
    pub texts: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct ErasedUser {
    /// The address by which they signed in, which is good for nobody any more.
    pub email: String,
    /// Of how many events the personal part was taken out.
    pub events: i64,
}

impl User {
    /// Whether they have been erased.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        is_nowhere(&self.email)
    }
}

/// Whether this is the address of somebody who was erased.
pub(crate) fn is_nowhere(email: &str) -> bool {
    email.ends_with(NOWHERE)
}

/// The events that say something of a person: what they did, and what names them. With their texts also those about
/// their tickets, which have the titles in them. Erasures say nothing, and prove themselves.
macro_rules! of_person {
    ($begin:literal) => {
        concat!(
            $begin,
            " WHERE action <> 'user.erased' AND substr(data, 1, 13) <> $1 AND (actor_id = $2 \
             OR replace(data, $3, '') <> data OR replace(data, $4, '') <> data OR (requester_id = $2 AND $5))"
        )
    };
}

impl Command for EraseUser {
    type Output = ErasedUser;

    async fn run(self, tx: &mut impl TenantTx) -> Result<ErasedUser> {
        const FIND: &str = of_person!("SELECT seq FROM events");
        const TAKE_OUT: &str = of_person!("UPDATE events SET data = $6, ip = NULL, actor_name = $7");
        let Self { by, origin, id, texts } = self;
        by.require_admin()?;
        let user = load(tx, id).await?.ok_or(Error::NotFound)?;
        check(&by, &user)?;
        if user.active && user.role == Role::Admin {
            keep_an_admin(tx, id).await?;
        }
        let mut about: Vec<Value> = vec![
            ERASED_BY.into(),
            id.into(),
            id.to_string().into(),
            // As a whole value: another address may end in the same way.
            json!(user.email).to_string().into(),
            texts.into(),
        ];
        let mut found = tx.query(FIND, &about, |row| row.int(0)).await?;
        found.sort_unstable();
        let mut events = ErasedEvents::default();
        found.iter().for_each(|seq| events.add(*seq));
        let statement = events.statement();
        let draft = EventDraft {
            action: Action::UserErased,
            audience: Audience::Admins,
            origin: without_name(origin),
            ticket: None,
            requester: None,
            data: json!({ "userId": id, "texts": texts, "events": statement }).to_string(),
        };
        let event = ledger::record(tx, draft).await?;
        about.extend([erased_data(event).into(), ERASED.into()]);
        tx.execute(TAKE_OUT, &about).await?;
        take_out_identity(tx, id).await?;
        if texts {
            take_out_texts(tx, id).await?;
        }
        Ok(ErasedUser { email: user.email, events: statement.count })
    }
}

fn check(by: &Authority, user: &User) -> Result<()> {
    let refuse = |code, detail: &str| Err(Error::Conflict { code, detail: detail.into() });
    if user.is_erased() {
        return refuse("already_erased", "this person has been erased already");
    }
    match by {
        Authority::Person(principal) if principal.user == user.id => {
            refuse("own_account", "nobody can erase themselves: ask another admin")
        }
        _ => Ok(()),
    }
}

/// An erasure's event is never erased itself, so it must not say more than who did it.
fn without_name(mut origin: Origin) -> Origin {
    origin.ip = None;
    if origin.actor.kind == crate::ActorKind::User {
        origin.actor.name = "admin".to_owned();
    }
    origin
}

async fn take_out_identity(tx: &mut impl TenantTx, id: UserId) -> Result<()> {
    const USER: &str =
        "UPDATE users SET email = $2, name = $3, folded = $4, active = $5, password_hash = NULL,
        invitation_id = NULL, invited_until = NULL, last_login_at = NULL, out_of_office = $5,
        out_of_office_until = NULL, updated_at = $6 WHERE id = $1";
    const SESSIONS: &str = "DELETE FROM sessions WHERE user_id = $1";
    const ANSWERS: &str =
        "DELETE FROM idempotency WHERE user_id = $1 OR replace(response, $2, '') <> response";
    // They are deleted anyway, and what they wrote there can't be told from what others did.
    const DELETED: &str =
        "DELETE FROM deleted_tickets WHERE requester_id = $1 OR replace(lines, $2, '') <> lines";
    const VIEWS: &str = "DELETE FROM views WHERE owner_id = $1";
    // Nobody else could use them or would even see them.
    const MACROS: &str = "DELETE FROM macros WHERE owner_id = $1";
    const TEAMS: &str = "DELETE FROM team_members WHERE user_id = $1";
    const MESSAGES: &str =
        "UPDATE messages SET author_name = $2 WHERE author_id = $1 AND author_kind = 'user'";
    const MENTIONS: &str = "DELETE FROM message_mentions WHERE user_id = $1";
    const WATCHED: &str = "DELETE FROM ticket_watchers WHERE user_id = $1";
    const TOLD: &str = "DELETE FROM notices WHERE user_id = $1";
    const TOLD_OF: &str = "UPDATE notices SET actor_name = $2 WHERE actor_id = $1";
    const DRAFTS: &str = "DELETE FROM drafts WHERE user_id = $1";
    const WANTED: &str = "DELETE FROM notice_settings WHERE user_id = $1";
    let email = format!("{id}{NOWHERE}");
    let values = [
        id.into(),
        email.as_str().into(),
        ERASED.into(),
        folded(ERASED, &email).into(),
        false.into(),
        tx.now().into(),
    ];
    tx.execute(USER, &values).await?;
    tx.execute(SESSIONS, &[id.into()]).await?;
    tx.execute(ANSWERS, &[id.into(), id.to_string().into()]).await?;
    tx.execute(MACROS, &[id.into()]).await?;
    tx.execute(TEAMS, &[id.into()]).await?;
    tx.execute(MESSAGES, &[id.into(), ERASED.into()]).await?;
    for sql in [VIEWS, MENTIONS, WATCHED, TOLD, WANTED, DRAFTS] {
        tx.execute(sql, &[id.into()]).await?;
    }
    tx.execute(TOLD_OF, &[id.into(), ERASED.into()]).await?;
    // Before the tickets that they were at.
    attachment::erase_identity(tx, id).await?;
    tx.execute(DELETED, &[id.into(), id.to_string().into()]).await?;
    Ok(())
}

async fn take_out_texts(tx: &mut impl TenantTx, id: UserId) -> Result<()> {
    const TICKETS: &str = "UPDATE tickets SET title = $2, description = '', custom_fields = '{}',
        version = version + 1, updated_at = $3 WHERE requester_id = $1 RETURNING number";
    const MESSAGES: &str =
        "UPDATE messages SET body = $2, html = NULL WHERE author_id = $1 AND author_kind = 'user'";
    const DOCUMENTS: &str = "SELECT t.number, m.ordinal FROM messages m JOIN tickets t ON t.id = m.ticket_id
        WHERE m.author_id = $1 AND m.author_kind = 'user'";
    // What is being written to them says something of them.
    const DRAFTS: &str =
        "DELETE FROM drafts WHERE ticket_id IN (SELECT id FROM tickets WHERE requester_id = $1)";
    const ANSWERED: &str = "UPDATE delivery_attempts SET response_body = NULL WHERE delivery_id IN (
        SELECT d.id FROM deliveries d JOIN tickets t ON t.id = d.ticket_id WHERE t.requester_id = $1)";
    let numbers = tx.query(TICKETS, &[id.into(), ERASED.into(), tx.now().into()], |row| row.int(0)).await?;
    tx.execute(MESSAGES, &[id.into(), ERASED.into()]).await?;
    tx.execute(ANSWERED, &[id.into()]).await?;
    tx.execute(DRAFTS, &[id.into()]).await?;
    attachment::erase_texts(tx, id).await?;
    let documents = tx.query(DOCUMENTS, &[id.into()], |row| Ok((row.int(0)?, row.int(1)?))).await?;
    // What is left is worth no search.
    let remove = tx.search().remove;
    for (number, part) in numbers.into_iter().map(|number| (number, 0)).chain(documents) {
        tx.put(remove, vec![number.into(), part.into()]);
    }
    Ok(())
}
