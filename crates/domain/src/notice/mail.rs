//! Notices by e-mail: when which person is due, what is in it, and how one is rid of them.
//!
//! An e-mail has what the notices have, as the bell lists them: who did what to which ticket. It is of what the
//! person has not read and may still see, of the last three days, and each notice is in one alone.

use super::{MailFrequency, Notice, settings};
use crate::{
    error::Result,
    id::{EventId, UserId},
    principal::{Actor, Origin, Role},
    ticket::damaged,
    time::Timestamp,
    tx::{Command, Query, TenantRead, TenantTx, Value},
    user,
};

/// What is older is in no e-mail any more: it would be no news.
const RECENT_MS: i64 = 3 * 24 * 60 * 60 * 1000;
/// So many notices are listed in one; of the others it says how many they are.
const LISTED: usize = 50;
/// More unread ones nobody keeps.
const MOST: i64 = 1000;
/// So many are marked with one statement.
const MARKED: usize = 50;

/// What waits to be mailed: unread, young enough (`$1`), wanted, and still for that person to see, as
/// [`super::ListNotices`] has it.
macro_rules! waiting {
    () => {
        "FROM notices n JOIN users u ON u.id = n.user_id JOIN tickets t ON t.id = n.ticket_id \
         LEFT JOIN notice_settings s ON s.user_id = n.user_id \
         WHERE n.mailed_at IS NULL AND n.read_at IS NULL AND n.at >= $1 AND u.active \
         AND (s.email IS NULL OR s.email <> 'off') \
         AND (u.role IN ('agent', 'admin') OR (n.audience = 2 AND t.requester_id = n.user_id))"
    };
}

/// When each person is due: some time (`$2`) after the oldest of what waits, and not before their next e-mail may
/// come.
macro_rules! due {
    ($begin:literal, $end:literal) => {
        concat!(
            $begin,
            " FROM (SELECT user_id, CASE WHEN rested > ripe THEN rested ELSE ripe END AS due FROM \
             (SELECT n.user_id, min(n.at) + $2 AS ripe, coalesce(max(s.email_at) + max(CASE s.email \
             WHEN 'hourly' THEN 3600000 WHEN 'daily' THEN 86400000 ELSE 0 END), 0) AS rested ",
            waiting!(),
            " GROUP BY n.user_id) w) d",
            $end
        )
    };
}

fn recent(tx: &impl TenantRead) -> Timestamp {
    tx.now().plus_ms(-RECENT_MS)
}

/// When the next e-mail is due, of those that are not due already (`after`); `None`: nothing waits.
#[derive(Debug)]
pub struct NextMail {
    /// Later than this.
    pub after: Timestamp,
    /// How long a notice waits for being read, in milliseconds.
    pub delay_ms: i64,
}

impl Query for NextMail {
    type Output = Option<Timestamp>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Option<Timestamp>> {
        const NEXT: &str = due!("SELECT min(d.due)", " WHERE d.due > $3");
        let values = [recent(tx).into(), self.delay_ms.into(), self.after.into()];
        Ok(tx.query_one(NEXT, &values, |row| row.opt_time(0)).await?.flatten())
    }
}

/// Who is due now, those first who have been for the longest.
#[derive(Debug)]
pub struct ListDueMail {
    /// How long a notice waits for being read, in milliseconds.
    pub delay_ms: i64,
    /// At most so many people.
    pub limit: i64,
}

impl Query for ListDueMail {
    type Output = Vec<UserId>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<UserId>> {
        const LIST: &str = due!("SELECT d.user_id", " WHERE d.due <= $3 ORDER BY d.due, d.user_id LIMIT $4");
        let values = [recent(tx).into(), self.delay_ms.into(), tx.now().into(), self.limit.into()];
        Ok(tx.query(LIST, &values, |row| Ok(UserId(row.uuid(0)?))).await?)
    }
}

/// What one e-mail says, and to whom.
#[derive(Debug)]
pub struct Mail {
    /// The person's name.
    pub name: String,
    /// Their address.
    pub address: String,
    /// Their role, which decides about the screens that they have.
    pub role: Role,
    /// What is listed, oldest first: at most 50.
    pub notices: Vec<Notice>,
    /// How many older ones are not listed.
    pub more: usize,
    /// All that it tells of, newest first.
    pub events: Vec<EventId>,
}

/// Reads what waits for one person, due or not; `None`: nothing does.
#[derive(Debug)]
pub struct ReadMail {
    /// Whom.
    pub user: UserId,
}

impl Query for ReadMail {
    type Output = Option<Mail>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Option<Mail>> {
        const READ: &str = concat!(
            "SELECT ",
            notice_columns!(),
            ", u.name, u.email, u.role ",
            waiting!(),
            " AND n.user_id = $2 ORDER BY n.event_id DESC LIMIT $3"
        );
        let mut person = None;
        let values = [recent(tx).into(), self.user.into(), MOST.into()];
        let mut notices = tx
            .query(READ, &values, |row| {
                if person.is_none() {
                    let role = Role::parse(row.text(10)?).ok_or_else(|| damaged("role"))?;
                    person = Some((row.text(8)?.to_owned(), row.text(9)?.to_owned(), role));
                }
                Notice::read(row)
            })
            .await?;
        let Some((name, address, role)) = person else { return Ok(None) };
        let events: Vec<EventId> = notices.iter().map(|notice| notice.id).collect();
        notices.truncate(LISTED);
        notices.reverse();
        let more = events.len() - notices.len();
        Ok(Some(Mail { name, address, role, notices, more, events }))
    }
}

/// Marks what an e-mail has told a person of. Nothing that anybody sees changes by it, so there is no event.
#[derive(Debug, Clone)]
pub struct MarkMailed {
    /// Whom.
    pub user: UserId,
    /// Of what.
    pub events: Vec<EventId>,
}

impl Command for MarkMailed {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const REST: &str = "INSERT INTO notice_settings (user_id, muted, updated_at, email_at)
            SELECT u.id, '[]', $2, $2 FROM users u WHERE u.id = $1 AND u.active
            ON CONFLICT (user_id) DO UPDATE SET email_at = excluded.email_at";
        let Self { user, events } = self;
        let now = tx.now();
        let places: Vec<String> = (3..MARKED + 3).map(|place| format!("${place}")).collect();
        let mark = format!(
            "UPDATE notices SET mailed_at = $2 WHERE user_id = $1 AND event_id IN ({})",
            places.join(", ")
        );
        for some in events.chunks(MARKED) {
            // One statement however many there are: the last one stands in what is left.
            let last = some.last().copied();
            let padded = some.iter().copied().chain(std::iter::repeat_n(last, MARKED - some.len()).flatten());
            let mut values: Vec<Value> = vec![user.into(), now.into()];
            values.extend(padded.map(Value::from));
            tx.execute(&mark, &values).await?;
        }
        tx.execute(REST, &[user.into(), now.into()]).await?;
        Ok(())
    }
}

/// Sees to it that a person gets no e-mails any more, by the link that stands in each. Answers whether there is such
/// a person.
#[derive(Debug, Clone)]
pub struct StopMail {
    /// From where. Its actor is replaced by the person.
    pub origin: Origin,
    /// Who, as the link says.
    pub user: UserId,
}

impl Command for StopMail {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantTx) -> Result<bool> {
        let Self { mut origin, user } = self;
        let Some(person) = user::load(tx, user).await?.filter(|person| person.active) else {
            return Ok(false);
        };
        origin.actor = Actor::user(user, &person.name);
        let before = settings::load(tx, user).await?;
        let after = settings::NoticeSettings { email: MailFrequency::Off, ..before.clone() };
        settings::save(tx, origin, user, &before, &after).await?;
        Ok(true)
    }
}
