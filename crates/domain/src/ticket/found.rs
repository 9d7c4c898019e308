//! Where in tickets that a search has found the words stand, for a page to show: asked apart from the list, whose
//! tickets are the same whatever is searched for.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    attachment::file_names,
    error::Result,
    id::{MessageId, TicketId},
    policy::{self, Deed, Subject, TicketScope, Verdict},
    principal::Principal,
    ticket::Conditions,
    tx::{Query, TenantRead},
    words::{Hits, Sought},
};

/// Of so many tickets it is asked at once, at most.
pub const MATCHES_MAX: usize = 100;
/// So many messages are looked through, at most.
const MESSAGES_MAX: usize = 1000;

/// In what of a ticket words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// Its title.
    Title,
    /// Its description.
    Description,
    /// A message that its requester may read.
    Message,
    /// An internal note.
    Note,
    /// The name of a file that came with its description or a message.
    Attachment,
    /// Its requester's name or address; for who works on tickets alone.
    Requester,
}

/// What of a ticket matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Match {
    /// Where it stands.
    #[serde(rename = "where")]
    pub place: Place,
    /// The text around the first word that was found, at most 160 characters on one line. An ellipsis stands where
    /// it was cut.
    pub text: String,
    /// The words in `text`, each from its first UTF-16 code unit to that after its last, as JavaScript slices
    /// strings.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub ranges: Vec<[u32; 2]>,
    /// The message, if it is one, or came with one.
    #[schema(required)]
    pub message_id: Option<MessageId>,
}

/// One ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketMatch {
    /// Which.
    pub ticket_id: TicketId,
    /// What of it matches; null when nothing does, or only in the last of very many messages.
    #[serde(rename = "match")]
    #[schema(required)]
    pub found: Option<Match>,
}

/// What of some tickets matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketMatches {
    /// Those that the person may see, in the order in which they were asked for.
    pub items: Vec<TicketMatch>,
}

/// Finds where words stand in some tickets.
#[derive(Debug)]
pub struct FindMatches {
    /// Who asks.
    pub principal: Principal,
    /// What was searched for.
    pub text: String,
    /// In which tickets: [`MATCHES_MAX`] at most.
    pub ids: Vec<TicketId>,
}

impl Query for FindMatches {
    type Output = TicketMatches;

    async fn run(self, tx: &mut impl TenantRead) -> Result<TicketMatches> {
        let Self { principal, text, mut ids } = self;
        ids.truncate(MATCHES_MAX);
        if ids.is_empty() {
            return Ok(TicketMatches { items: Vec::new() });
        }
        let scope = policy::ticket_scope(&principal);
        let internal = policy::may(&principal, Deed::UseInternalNotes, Subject::Company) == Verdict::Allowed;
        let sought = Sought::read(&text);
        let mut items = find_in_tickets(tx, scope, sought.as_ref(), &ids).await?;
        if let Some(sought) = &sought {
            find_in_messages(tx, internal, sought, &mut items).await?;
        }
        let place = |item: &TicketMatch| ids.iter().position(|id| *id == item.ticket_id);
        items.sort_by_key(place);
        Ok(TicketMatches { items })
    }
}

/// Those of the tickets that are within the scope, with what of their own text matches.
async fn find_in_tickets(
    tx: &mut impl TenantRead,
    scope: TicketScope,
    sought: Option<&Sought>,
    ids: &[TicketId],
) -> Result<Vec<TicketMatch>> {
    let of_people = sought.filter(|_| scope == TicketScope::All).map(Sought::of_people);
    let mut c = Conditions::default();
    let of_these = one_of(&mut c, "t.id", ids);
    c.and(&of_these);
    if let TicketScope::RaisedBy(user) = scope {
        c.and_equals("t.requester_id", user);
    }
    const FIND: &str = concat!(
        "SELECT t.id, t.title, t.description, r.name, r.email, ",
        file_names!("t.id", "0"),
        " FROM tickets t LEFT JOIN users r ON r.id = t.requester_id"
    );
    let sql = format!("{FIND}{}", c.sql);
    let found = tx
        .query(&sql, &c.params, |row| {
            let texts = [row.text(1)?, row.text(2)?, row.text(5)?];
            let requester = [row.opt_text(3)?.unwrap_or_default(), row.opt_text(4)?.unwrap_or_default()];
            let own = sought.and_then(|sought| {
                let places = [Place::Title, Place::Description, Place::Attachment];
                find_in(sought, [0, 1, 2].map(|at| (places[at], texts[at])))
            });
            let found =
                own.or_else(|| find_in(of_people.as_ref()?, requester.map(|text| (Place::Requester, text))));
            Ok(TicketMatch { ticket_id: TicketId(row.uuid(0)?), found })
        })
        .await?;
    Ok(found)
}

/// The oldest message that matches, of those tickets in which nothing else does.
async fn find_in_messages(
    tx: &mut impl TenantRead,
    internal: bool,
    sought: &Sought,
    items: &mut [TicketMatch],
) -> Result<()> {
    let mut rest: Vec<&mut TicketMatch> = items.iter_mut().filter(|item| item.found.is_none()).collect();
    if rest.is_empty() {
        return Ok(());
    }
    let ids: Vec<TicketId> = rest.iter().map(|item| item.ticket_id).collect();
    let mut c = Conditions::default();
    let of_these = one_of(&mut c, "m.ticket_id", &ids);
    c.and(&of_these);
    if internal {
        // Of each as many as of the others, so that a long one hides none.
        let each = i64::try_from(MESSAGES_MAX / ids.len()).unwrap_or(i64::MAX);
        c.and(&format!("m.ordinal <= {each}"));
    } else {
        // Notes count as well in what a message's place is, and how many there are is the staff's.
        c.and("NOT m.internal");
    }
    const FIND: &str = concat!(
        "SELECT m.ticket_id, m.id, m.internal, m.body, ",
        file_names!("m.ticket_id", "m.ordinal"),
        " FROM messages m"
    );
    let sql = format!("{FIND}{} ORDER BY m.ticket_id, m.ordinal LIMIT {MESSAGES_MAX}", c.sql);
    tx.ask_last();
    tx.query(&sql, &c.params, |row| {
        let ticket = TicketId(row.uuid(0)?);
        let item = rest.iter_mut().find(|item| item.ticket_id == ticket && item.found.is_none());
        if let Some(item) = item {
            let place = if row.bool(2)? { Place::Note } else { Place::Message };
            let message_id = Some(MessageId(row.uuid(1)?));
            let texts = [(place, row.text(3)?), (Place::Attachment, row.text(4)?)];
            item.found = find_in(sought, texts).map(|found| Match { message_id, ..found });
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// What matches in texts that are searched as one: of that which has most of the words.
fn find_in<const N: usize>(sought: &Sought, texts: [(Place, &str); N]) -> Option<Match> {
    let hits: [Hits; N] = texts.map(|(_, text)| sought.find(text));
    if !sought.are_in(&hits) {
        return None;
    }
    // The first of several that have as many.
    let (hits, (place, text)) = hits.iter().zip(texts).rev().max_by_key(|(hits, _)| hits.count())?;
    let excerpt = hits.excerpt(text)?;
    Some(Match { place, text: excerpt.text, ranges: excerpt.ranges, message_id: None })
}

fn one_of(c: &mut Conditions, column: &str, ids: &[TicketId]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| c.bind(*id)).collect();
    format!("{column} IN ({})", ids.join(", "))
}
