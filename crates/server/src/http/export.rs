//! Exports of the audit trail, streamed in pieces: however long the ledger is, only one piece of it
//! is in memory.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use flowbit_domain::{
    archive::LedgerLine,
    audit::{AuditEvent, AuditFilter, GetHead, ReadLedger},
    event::StoredEvent,
    id::TenantId,
    session::RecordExport,
};

use super::problem::Problem;
use crate::{app::App, identity::caller::Caller};

/// How many events are read at once.
const PIECE: usize = 500;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Ndjson,
    Csv,
}

/// Where a stream stands.
struct Position {
    app: App,
    caller: Caller,
    filter: AuditFilter,
    shape: Shape,
    after: i64,
    until: i64,
    begun: bool,
}

/// Streams all events that match and exist now, oldest first.
pub(crate) async fn stream(
    app: &App,
    caller: &Caller,
    filter: AuditFilter,
    shape: Shape,
) -> Result<Response, Problem> {
    let record = RecordExport {
        principal: caller.principal(),
        origin: caller.origin(),
        format: match shape {
            Shape::Ndjson => "ndjson",
            Shape::Csv => "csv",
        },
    };
    app.store.write(&caller.ctx, record).await?;
    let until = app.store.read(&caller.ctx, GetHead).await?.size;
    let position =
        Position { app: app.clone(), caller: caller.clone(), filter, shape, after: 0, until, begun: false };
    let pieces = futures_util::stream::try_unfold(position, next_piece);
    let mut response = Response::new(Body::from_stream(pieces));
    let (kind, name) = match shape {
        Shape::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
        Shape::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn next_piece(mut at: Position) -> Result<Option<(Bytes, Position)>, std::io::Error> {
    if at.begun && at.after >= at.until {
        return Ok(None);
    }
    let left = usize::try_from(at.until - at.after).unwrap_or(PIECE);
    let read = ReadLedger { after: at.after, limit: left.min(PIECE) };
    let events = at.app.store.read(&at.caller.ctx, read).await.map_err(|error| {
        // The head of the answer has been sent: all that is left is to break it off, so that nobody
        // takes a part for the whole.
        tracing::error!(customerId = %at.caller.principal.tenant, %error, "an export broke off");
        std::io::Error::other("the export broke off")
    })?;
    at.after = events.last().map_or(at.until, |event| event.seq);
    let tenant = at.caller.principal.tenant;
    let matching = events.iter().filter(|event| matches(&at.filter, event));
    let bytes = match at.shape {
        Shape::Ndjson => ndjson(matching, tenant).map_err(std::io::Error::other)?,
        Shape::Csv => csv(matching, tenant, !at.begun).map_err(std::io::Error::other)?,
    };
    at.begun = true;
    Ok(Some((bytes.into(), at)))
}

/// Whether an event is among those asked for; what [`flowbit_domain::audit::ListAudit`] asks the store.
fn matches(filter: &AuditFilter, event: &StoredEvent) -> bool {
    filter.action.is_none_or(|action| action.as_str() == event.action)
        && filter.user.is_none_or(|user| event.actor.id == Some(user.0))
        && filter.ticket.is_none_or(|ticket| event.ticket == Some(ticket))
        && filter.from.is_none_or(|from| event.at >= from)
        && filter.to.is_none_or(|to| event.at < to)
}

fn ndjson<'a>(
    events: impl Iterator<Item = &'a StoredEvent>,
    tenant: TenantId,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut out = Vec::new();
    for event in events {
        serde_json::to_writer(&mut out, &LedgerLine::new(event, tenant))?;
        out.push(b'\n');
    }
    Ok(out)
}

const COLUMNS: [&str; 14] = [
    "seq",
    "timestamp",
    "action",
    "actorKind",
    "actorId",
    "actorName",
    "ticketId",
    "ip",
    "requestId",
    "id",
    "data",
    "dataHash",
    "prevHash",
    "hash",
];

fn csv<'a>(
    events: impl Iterator<Item = &'a StoredEvent>,
    tenant: TenantId,
    with_header: bool,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if with_header {
        writer.write_record(COLUMNS)?;
    }
    for stored in events {
        let AuditEvent { event, ip, request_id, data_hash, prev_hash, hash } =
            AuditEvent::new(stored, tenant);
        writer.write_record([
            event.seq.to_string(),
            event.timestamp.to_string(),
            harmless(&event.action),
            event.actor.kind.as_str().to_owned(),
            event.actor.id.map(|id| id.to_string()).unwrap_or_default(),
            harmless(&event.actor.name),
            event.ticket_id.map(|id| id.to_string()).unwrap_or_default(),
            harmless(ip.as_deref().unwrap_or_default()),
            harmless(request_id.as_deref().unwrap_or_default()),
            event.id.to_string(),
            harmless(event.data.get()),
            data_hash,
            prev_hash,
            hash,
        ])?;
    }
    writer.into_inner().map_err(|e| e.into_error().into())
}

/// Text that a spreadsheet will not take for a formula (OWASP, CSV injection): what begins like one
/// gets an apostrophe in front.
fn harmless(text: &str) -> String {
    match text.trim_start_matches(' ').chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn formulas_are_defused() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"] {
            assert!(harmless(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(harmless("{\"a\":1}"), "{\"a\":1}");
        assert_eq!(harmless("Ada = Lovelace"), "Ada = Lovelace");
    }
}
