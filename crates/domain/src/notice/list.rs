//! Listing what one was told.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Notice, count_unread, is_limited};
use crate::{
    cursor::{self, Page},
    error::Result,
    principal::Principal,
    tx::{Query, TenantRead},
};

/// A page of notices, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NoticePage {
    /// They.
    pub items: Vec<Notice>,
    /// Pass it as `cursor` to go on; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// How many unread ones there are in all, counted to 1,000.
    #[schema(maximum = 1000)]
    pub unread: i64,
}

/// Lists one's own notices, newest first.
#[derive(Debug)]
pub struct ListNotices {
    /// Who asks.
    pub principal: Principal,
    /// Only those not read yet.
    pub unread: bool,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            notice_columns!(),
            " FROM notices n JOIN tickets t ON t.id = n.ticket_id WHERE n.user_id = $1 AND n.event_id < $2",
            $condition,
            " ORDER BY n.event_id DESC LIMIT $3"
        )
    };
}

const ALL: &str = select!("");
const UNREAD: &str = select!(" AND n.read_at IS NULL");
const OWN: &str = select!(" AND n.audience = 2 AND t.requester_id = $1");
const OWN_UNREAD: &str = select!(" AND n.read_at IS NULL AND n.audience = 2 AND t.requester_id = $1");

impl Query for ListNotices {
    type Output = NoticePage;

    async fn run(self, tx: &mut impl TenantRead) -> Result<NoticePage> {
        let Self { principal, unread, limit, cursor } = self;
        let before: Uuid = match &cursor {
            Some(cursor) => cursor::decode(cursor)?,
            None => Uuid::max(),
        };
        let fetched = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let sql = match (is_limited(&principal), unread) {
            (false, false) => ALL,
            (false, true) => UNREAD,
            (true, false) => OWN,
            (true, true) => OWN_UNREAD,
        };
        let rows =
            tx.query(sql, &[principal.user.into(), before.into(), fetched.into()], Notice::read).await?;
        let unread = count_unread(tx, &principal).await?;
        let page = Page::from_rows(rows, limit, |notice| notice.id.0);
        Ok(NoticePage { items: page.items, next_cursor: page.next_cursor, unread })
    }
}
