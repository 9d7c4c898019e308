//! Taking files along with a message or a new ticket.

use super::{Attachment, SENT_MAX, columns, from_row};
use crate::{
    error::Result,
    id::{AttachmentId, MessageId, TicketId, UserId},
    text::Checks,
    tx::{TenantTx, Value},
};

/// Where files are sent to.
pub(crate) struct Target {
    pub(crate) ticket: TicketId,
    /// 0: the description; 1…: a message.
    pub(crate) ordinal: i64,
    pub(crate) message: Option<MessageId>,
    pub(crate) internal: bool,
}

/// Whether so many may be sent, before the store is asked.
pub(crate) fn check_count(checks: &mut Checks, files: &[AttachmentId]) {
    if files.len() > SENT_MAX {
        checks.fail("attachments", format!("must be at most {SENT_MAX}, are {}", files.len()));
    }
}

/// Sends files that this person has uploaded, each once. The number of ids is already checked.
///
/// # Errors
/// When one is not theirs or was sent already, with its place, or the store's.
pub(crate) async fn send(
    tx: &mut impl TenantTx,
    uploader: UserId,
    target: &Target,
    files: &[AttachmentId],
) -> Result<Vec<Attachment>> {
    let mut ids = files.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (5..5 + ids.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "UPDATE attachments SET ticket_id = $1, ordinal = $2, internal = $3
        WHERE uploader_id = $4 AND ticket_id IS NULL AND id IN ({}) RETURNING {}",
        places.join(", "),
        columns!(""),
    );
    let mut values: Vec<Value> =
        vec![target.ticket.into(), target.ordinal.into(), target.internal.into(), uploader.into()];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let mut sent = tx.query(&sql, &values, |row| from_row(row, target.message)).await?;
    sent.sort_unstable_by_key(|file| file.id);
    let mut checks = Checks::default();
    for (place, id) in files.iter().enumerate() {
        if !sent.iter().any(|file| file.id == *id) {
            checks.fail(
                format!("attachments[{place}]"),
                "is not a file that you have uploaded and not sent yet",
            );
        }
    }
    checks.finish()?;
    Ok(sent)
}

/// Gives a new ticket's description the files of a message that it was made from. The bytes stay where they are.
pub(crate) async fn copy_to(
    tx: &mut impl TenantTx,
    (from, message): (TicketId, MessageId),
    ticket: TicketId,
) -> Result<Vec<Attachment>> {
    const READ: &str = concat!(
        "SELECT ",
        columns!("a."),
        ", a.content_id FROM attachments a JOIN messages m ON m.ticket_id = a.ticket_id AND m.ordinal = a.ordinal
        WHERE a.ticket_id = $1 AND m.id = $2 AND NOT a.internal ORDER BY a.id"
    );
    const INSERT: &str =
        "INSERT INTO attachments (id, content_id, uploader_id, uploader_name, name, media_type, size,
        ticket_id, ordinal, internal, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)";
    let read = tx
        .query(READ, &[from.into(), message.into()], |row| Ok((from_row(row, None)?, row.uuid(8)?)))
        .await?;
    let mut copies = Vec::with_capacity(read.len());
    for (file, content) in read {
        let copy = Attachment { id: AttachmentId(tx.new_id()), ticket_id: Some(ticket), ..file };
        tx.put(
            INSERT,
            vec![
                copy.id.into(),
                content.into(),
                copy.uploader.id.into(),
                copy.uploader.name.as_str().into(),
                copy.name.as_str().into(),
                copy.media_type.as_str().into(),
                copy.size.into(),
                ticket.into(),
                false.into(),
                copy.created_at.into(),
            ],
        );
        copies.push(copy);
    }
    Ok(copies)
}
