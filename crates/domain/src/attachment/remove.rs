//! Removing files: what was not sent by its uploader, what was sent by an admin, and what goes with a ticket or a
//! person. The bytes follow when nobody refers to them any more.

use serde_json::json;

use super::find;
use crate::{
    archive::index_anew,
    error::Result,
    event::{Action, Audience, ERASED, EventDraft},
    id::{AttachmentId, TicketId, UserId},
    ledger,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

const DELETE: &str = "DELETE FROM attachments WHERE id = $1";

/// Removes a file. Event, when it was sent: `attachment.deleted`.
#[derive(Debug, Clone)]
pub struct DeleteAttachment {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which file.
    pub id: AttachmentId,
}

impl Command for DeleteAttachment {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { principal, origin, id } = self;
        let found = find(tx, &principal, id).await?;
        let file = found.attachment;
        let (Some(ticket), Some(requester), Some((number, ordinal))) =
            (file.ticket_id, found.requester, found.place)
        else {
            tx.put(DELETE, vec![id.into()]);
            return Ok(());
        };
        policy::require(&principal, Deed::DeleteAttachment, Subject::TicketOf(requester))?;
        tx.execute(DELETE, &[id.into()]).await?;
        // What is found by it is made anew without it.
        tx.put(tx.search().remove, vec![number.into(), ordinal.into()]);
        index_anew(tx, ticket, Some(ordinal)).await?;
        let data = json!({
            "attachmentId": id,
            "messageId": file.message_id,
            "name": file.name,
            "size": file.size,
            "uploaderId": file.uploader.id,
            "number": number,
        });
        let draft = EventDraft {
            action: Action::AttachmentDeleted,
            audience: if found.internal { Audience::Staff } else { Audience::Requester },
            origin,
            ticket: Some(ticket),
            requester: Some(requester),
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}

/// Removes the files of a ticket that is gone for good.
pub(crate) fn forget_deleted(tx: &mut impl TenantTx, ticket: TicketId) {
    const FORGET: &str = "DELETE FROM attachments WHERE ticket_id = $1";
    tx.put(FORGET, vec![ticket.into()]);
}

/// Takes a person's name from their files; those that they did not send, and those of their deleted tickets, go.
pub(crate) async fn erase_identity(tx: &mut impl TenantTx, user: UserId) -> Result<()> {
    const NAMES: &str = "UPDATE attachments SET uploader_name = $2 WHERE uploader_id = $1";
    const UNSENT: &str = "DELETE FROM attachments WHERE uploader_id = $1 AND ticket_id IS NULL";
    // As the tickets themselves do: what they wrote there can't be told from what others did.
    const DELETED: &str = "DELETE FROM attachments WHERE ticket_id IN (SELECT id FROM deleted_tickets
        WHERE requester_id = $1 OR replace(lines, $2, '') <> lines)";
    tx.execute(UNSENT, &[user.into()]).await?;
    tx.execute(DELETED, &[user.into(), user.to_string().into()]).await?;
    tx.execute(NAMES, &[user.into(), ERASED.into()]).await?;
    Ok(())
}

/// Removes what a person has sent.
pub(crate) async fn erase_texts(tx: &mut impl TenantTx, user: UserId) -> Result<()> {
    const SENT: &str = "DELETE FROM attachments WHERE uploader_id = $1";
    tx.execute(SENT, &[user.into()]).await?;
    Ok(())
}
