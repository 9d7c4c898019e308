//! What files hold, once for each company. The bytes are outside of the store: a row is made before they are kept, and
//! goes after they have been removed, so that none is ever without a row.

use super::Reserved;
use crate::{
    error::{Error, Result},
    id::ContentId,
    tx::{Command, Query, TenantRead, TenantTx, Value},
};

/// A content that nobody has come to refer to is removed after so long: whoever reserved it has given up.
const WAITING_MS: i64 = 24 * 60 * 60 * 1000;

/// Finds or makes the content of this hash.
pub(super) async fn reserve(
    tx: &mut impl TenantTx,
    sha256: [u8; 32],
    size: i64,
    quota: i64,
) -> Result<Reserved> {
    // Two may do so at once.
    const INSERT: &str = "INSERT INTO contents (id, sha256, size, loose_at, condemned)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    const FIND: &str = "SELECT id, loose_at FROM contents WHERE sha256 = $1 AND NOT condemned";
    // Whoever comes back for it has a day from now.
    const WAIT: &str = "UPDATE contents SET loose_at = $2 WHERE id = $1 AND loose_at IS NOT NULL";
    // What nobody refers to any more takes no room, although its bytes go with the next clean-up.
    const USED: &str = "SELECT u.bytes - COALESCE((SELECT CAST(SUM(c.size) AS bigint) FROM contents c
        WHERE c.loose_at IS NOT NULL AND (c.loose_at = 0 OR c.condemned)
            AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.content_id = c.id)), 0) FROM content_usage u";
    let hash = || Value::from(sha256.to_vec());
    let now = tx.now();
    let new = ContentId(tx.new_id());
    let values = [new.into(), hash(), size.into(), now.into(), false.into()];
    if tx.execute(INSERT, &values).await? == 0 {
        let found =
            tx.query_one(FIND, &[hash()], |row| Ok((ContentId(row.uuid(0)?), row.opt_time(1)?))).await?;
        // Condemned between the two: whoever asks again makes a new one.
        let gone = || Error::Unavailable("the file is being removed at this moment".to_owned());
        let (content, loose_at) = found.ok_or_else(gone)?;
        tx.execute(WAIT, &[content.into(), now.into()]).await?;
        return Ok(Reserved { content, is_kept: loose_at.is_none() });
    }
    let used = tx.query_one(USED, &[], |row| row.int(0)).await?.unwrap_or(0);
    if used > quota {
        let detail = format!(
            "your company's files would take {used} bytes, and may take {quota}: delete some, or ask for more room"
        );
        return Err(Error::Conflict { code: "quota_exceeded", detail });
    }
    Ok(Reserved { content: new, is_kept: false })
}

/// Says that somebody refers to it from now on. `false`: it is being removed.
pub(super) async fn hold(tx: &mut impl TenantTx, content: ContentId) -> Result<bool> {
    const HOLD: &str = "UPDATE contents SET loose_at = NULL WHERE id = $1 AND NOT condemned";
    Ok(tx.execute(HOLD, &[content.into()]).await? > 0)
}

/// Whether there are contents that nobody refers to.
#[derive(Debug)]
pub struct HasLoose;

impl Query for HasLoose {
    type Output = bool;

    async fn run(self, tx: &mut impl TenantRead) -> Result<bool> {
        const LOOSE: &str =
            "SELECT loose_at FROM contents WHERE loose_at IS NOT NULL AND loose_at < $1 LIMIT 1";
        let before = tx.now().plus_ms(-WAITING_MS);
        Ok(tx.query_one(LOOSE, &[before.into()], |row| row.int(0)).await?.is_some())
    }
}

/// Condemns contents that nobody refers to any more, and answers all that are condemned, at most so many: their bytes
/// can be removed, and then the rows by [`ForgetContents`].
#[derive(Debug, Clone)]
pub struct CondemnContents {
    /// At most how many.
    pub limit: i64,
}

impl Command for CondemnContents {
    type Output = Vec<ContentId>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Vec<ContentId>> {
        // Another file may hold the same.
        const HELD: &str = "UPDATE contents SET loose_at = NULL WHERE id IN (SELECT c.id FROM contents c
            WHERE c.loose_at IS NOT NULL AND c.loose_at < $1 AND NOT c.condemned
                AND EXISTS (SELECT 1 FROM attachments a WHERE a.content_id = c.id) LIMIT $2)";
        // The outer condition is asked again where somebody has come to refer to it in between.
        const CONDEMN: &str = "UPDATE contents SET condemned = $3 WHERE id IN (SELECT c.id FROM contents c
            WHERE c.loose_at IS NOT NULL AND c.loose_at < $1 AND NOT c.condemned
                AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.content_id = c.id) LIMIT $2)
            AND loose_at IS NOT NULL AND loose_at < $1 AND NOT condemned";
        const CONDEMNED: &str = "SELECT id FROM contents WHERE loose_at IS NOT NULL AND condemned LIMIT $1";
        let before = tx.now().plus_ms(-WAITING_MS);
        tx.execute(HELD, &[before.into(), self.limit.into()]).await?;
        tx.execute(CONDEMN, &[before.into(), self.limit.into(), true.into()]).await?;
        Ok(tx.query(CONDEMNED, &[self.limit.into()], |row| Ok(ContentId(row.uuid(0)?))).await?)
    }
}

/// Forgets condemned contents whose bytes have been removed.
#[derive(Debug, Clone)]
pub struct ForgetContents {
    /// Which ones.
    pub contents: Vec<ContentId>,
}

impl Command for ForgetContents {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const FORGET: &str = "DELETE FROM contents WHERE id = $1 AND condemned";
        for content in self.contents {
            tx.put(FORGET, vec![content.into()]);
        }
        Ok(())
    }
}
