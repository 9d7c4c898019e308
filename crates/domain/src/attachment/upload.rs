//! Taking a file in, in two steps: its bytes are kept between them, outside of the store. Whatever breaks off leaves a
//! content that nobody refers to, which the clean-up finds.

use super::{Attachment, content};
use crate::{
    error::{Error, Result},
    id::{AttachmentId, ContentId},
    policy::{self, Deed, Subject},
    principal::Principal,
    text::{Checks, is_invisible},
    ticket::Person,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// The longest name, in characters.
const NAME_MAX: usize = 255;

/// So many files that were not sent may one person have.
const UNSENT_MAX: i64 = 50;

/// What is known of a file when all of it has arrived.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Its name: one line, 1 to 255 characters, no path.
    pub name: String,
    /// What it is, found from its content.
    pub media_type: String,
    /// The hash of its content.
    pub sha256: [u8; 32],
    /// How large it is, in bytes.
    pub size: i64,
}

/// The name as it is kept.
///
/// # Errors
/// When it is none.
pub fn check_name(name: &str) -> Result<String> {
    let mut checks = Checks::default();
    let name = checks.line("name", name, NAME_MAX);
    if name.contains(['/', '\\']) {
        checks.fail("name", "must be a file's name without a path");
    } else if name.chars().any(is_invisible) {
        // They make a name look as if it ended otherwise.
        checks.fail("name", "must not have invisible characters in it");
    }
    checks.finish()?;
    Ok(name)
}

async fn require_room(tx: &mut impl TenantRead, principal: &Principal) -> Result<()> {
    const UNSENT: &str = "SELECT count(*) FROM attachments WHERE uploader_id = $1 AND ticket_id IS NULL";
    policy::require(principal, Deed::UploadFiles, Subject::Company)?;
    let unsent = tx.query_one(UNSENT, &[principal.user.into()], |row| row.int(0)).await?.unwrap_or(0);
    if unsent < UNSENT_MAX {
        return Ok(());
    }
    let detail = format!("you have {unsent} files that were not sent: send or remove some first");
    Err(Error::Conflict { code: "too_many_uploads", detail })
}

/// Asks whether somebody may upload a file, before it comes.
#[derive(Debug)]
pub struct CheckUpload {
    /// Who asks.
    pub principal: Principal,
}

impl Query for CheckUpload {
    type Output = ();

    async fn run(self, tx: &mut impl TenantRead) -> Result<()> {
        require_room(tx, &self.principal).await
    }
}

/// Makes sure that there is a content of this hash, and room for it.
#[derive(Debug, Clone)]
pub struct ReserveContent {
    /// Who asks.
    pub principal: Principal,
    /// What has arrived.
    pub upload: NewUpload,
    /// How much the company may keep, in bytes.
    pub quota: i64,
}

/// Where the bytes belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// Under this id.
    pub content: ContentId,
    /// Whether they are there already.
    pub is_kept: bool,
}

impl Command for ReserveContent {
    type Output = Reserved;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Reserved> {
        let Self { principal, upload, quota } = self;
        check_name(&upload.name)?;
        require_room(tx, &principal).await?;
        content::reserve(tx, upload.sha256, upload.size, quota).await
    }
}

/// Takes in a file whose bytes are kept.
#[derive(Debug, Clone)]
pub struct KeepUpload {
    /// Who asks, and whose it is until it is sent.
    pub principal: Principal,
    /// What has arrived.
    pub upload: NewUpload,
    /// Where its bytes are.
    pub content: ContentId,
}

impl Command for KeepUpload {
    /// `None`: the content is being removed; reserve it anew.
    type Output = Option<Attachment>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Option<Attachment>> {
        const NAME: &str = "SELECT name FROM users WHERE id = $1";
        const INSERT: &str = "INSERT INTO attachments (id, content_id, uploader_id, uploader_name, name, media_type,
            size, ticket_id, ordinal, internal, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8, $9)";
        let Self { principal, upload, content } = self;
        let name = check_name(&upload.name)?;
        require_room(tx, &principal).await?;
        if !content::hold(tx, content).await? {
            return Ok(None);
        }
        let uploader =
            tx.query_one(NAME, &[principal.user.into()], |row| Ok(row.text(0)?.to_owned())).await?;
        let uploader = Person { id: principal.user, name: uploader.ok_or(Error::NotFound)? };
        let (id, now) = (AttachmentId(tx.new_id()), tx.now());
        tx.put(
            INSERT,
            vec![
                id.into(),
                content.into(),
                uploader.id.into(),
                uploader.name.as_str().into(),
                name.as_str().into(),
                upload.media_type.as_str().into(),
                upload.size.into(),
                false.into(),
                now.into(),
            ],
        );
        Ok(Some(Attachment {
            id,
            name,
            media_type: upload.media_type,
            size: upload.size,
            uploader,
            ticket_id: None,
            message_id: None,
            created_at: now,
        }))
    }
}
