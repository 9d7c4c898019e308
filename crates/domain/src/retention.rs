//! What is forgotten when its time is over. The ledger is not: it only ever grows.

use crate::{
    error::Result,
    idempotency::REMEMBERED_MS,
    ticket::restore::KEPT_MS,
    tx::{Command, Query, TenantRead, TenantTx},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A finished delivery is kept for so long: three months. That is longer than the token of its callback
/// is good for, so that no callback takes effect twice because the first was forgotten.
const DELIVERIES_MS: i64 = 90 * DAY_MS;

/// A session is kept for so long after its end, for whoever looks into what happened.
const SESSIONS_MS: i64 = 30 * DAY_MS;

/// A notice is kept for so long, read or not: three months.
const NOTICES_MS: i64 = 90 * DAY_MS;

/// A draft that nobody has gone on with is kept for so long: three months.
const DRAFTS_MS: i64 = 90 * DAY_MS;

/// A file that was uploaded and not sent is kept for so long: a week.
const UNSENT_MS: i64 = 7 * DAY_MS;

/// What is over, as tables, the condition on `$1` (a time) and how long ago that time is.
const OVER: [(&str, &str, i64); 10] = [
    (
        "SELECT created_at FROM deliveries WHERE state IN ('delivered', 'dead') AND created_at < $1 AND updated_at < $1 LIMIT 1",
        "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries
            WHERE state IN ('delivered', 'dead') AND created_at < $1 AND updated_at < $1 LIMIT $2)",
        DELIVERIES_MS,
    ),
    (
        "SELECT created_at FROM idempotency WHERE created_at < $1 LIMIT 1",
        "DELETE FROM idempotency WHERE (user_id, operation, key) IN (SELECT user_id, operation, key FROM idempotency
            WHERE created_at < $1 LIMIT $2)",
        REMEMBERED_MS,
    ),
    // Before the tickets that they lead to.
    (
        "SELECT l.linked_at FROM ticket_links l JOIN deleted_tickets d ON d.id IN (l.one_id, l.other_id)
            WHERE d.deleted_at < $1 LIMIT 1",
        "DELETE FROM ticket_links WHERE (one_id, other_id) IN (SELECT l.one_id, l.other_id FROM ticket_links l
            JOIN deleted_tickets d ON d.id IN (l.one_id, l.other_id) WHERE d.deleted_at < $1 LIMIT $2)",
        KEPT_MS,
    ),
    (
        "SELECT a.created_at FROM attachments a JOIN deleted_tickets d ON d.id = a.ticket_id WHERE d.deleted_at < $1 LIMIT 1",
        "DELETE FROM attachments WHERE id IN (SELECT a.id FROM attachments a
            JOIN deleted_tickets d ON d.id = a.ticket_id WHERE d.deleted_at < $1 LIMIT $2)",
        KEPT_MS,
    ),
    (
        "SELECT deleted_at FROM deleted_tickets WHERE deleted_at < $1 LIMIT 1",
        "DELETE FROM deleted_tickets WHERE id IN (SELECT id FROM deleted_tickets WHERE deleted_at < $1 AND NOT EXISTS
            (SELECT 1 FROM attachments a WHERE a.ticket_id = deleted_tickets.id) LIMIT $2)",
        KEPT_MS,
    ),
    (
        "SELECT expires_at FROM sessions WHERE expires_at < $1 LIMIT 1",
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < $1 LIMIT $2)",
        SESSIONS_MS,
    ),
    (
        "SELECT at FROM notices WHERE at < $1 LIMIT 1",
        "DELETE FROM notices WHERE (user_id, event_id) IN (SELECT user_id, event_id FROM notices WHERE at < $1 LIMIT $2)",
        NOTICES_MS,
    ),
    (
        "SELECT created_at FROM attachments WHERE ticket_id IS NULL AND created_at < $1 LIMIT 1",
        "DELETE FROM attachments WHERE id IN (SELECT id FROM attachments
            WHERE ticket_id IS NULL AND created_at < $1 LIMIT $2)",
        UNSENT_MS,
    ),
    (
        "SELECT updated_at FROM drafts WHERE updated_at < $1 LIMIT 1",
        "DELETE FROM drafts WHERE (user_id, ticket_id, internal) IN (SELECT user_id, ticket_id, internal FROM drafts
            WHERE updated_at < $1 LIMIT $2)",
        DRAFTS_MS,
    ),
    // Of the younger ones nobody keeps more than the newest.
    (
        "SELECT count(*) FROM notices WHERE at >= $1 GROUP BY user_id HAVING count(*) > 1000 LIMIT 1",
        "DELETE FROM notices WHERE (user_id, event_id) IN (SELECT user_id, event_id FROM (SELECT user_id, event_id,
            row_number() OVER (PARTITION BY user_id ORDER BY event_id DESC) AS place FROM notices WHERE at >= $1) n
            WHERE place > 1000 LIMIT $2)",
        NOTICES_MS,
    ),
];

/// Whether there is anything to forget.
#[derive(Debug)]
pub struct HasExpired;

impl Query for HasExpired {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantRead) -> Result<bool> {
        for (exists, _, age) in OVER {
            let before = tx.now().plus_ms(-age);
            if tx.query_one(exists, &[before.into()], |row| row.int(0)).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Forgets finished deliveries, remembered requests, deleted tickets and ended sessions whose time is over. Answers
/// whether there may be more.
#[derive(Debug, Clone)]
pub struct RemoveExpired {
    /// At most how many of each, so that nobody waits long behind it.
    pub limit: i64,
}

impl Command for RemoveExpired {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantTx) -> Result<bool> {
        let most = u64::try_from(self.limit).unwrap_or(0);
        let mut more = false;
        for (_, remove, age) in OVER {
            let before = tx.now().plus_ms(-age);
            more |= tx.execute(remove, &[before.into(), self.limit.into()]).await? >= most.max(1);
        }
        Ok(more)
    }
}
