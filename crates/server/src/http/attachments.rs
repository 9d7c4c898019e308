//! Files: taken in, listed, handed out, removed.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use flowbit_content::{Arrived, ContentError};
use flowbit_domain::{
    attachment::{
        Attachment, CheckUpload, DeleteAttachment, KeepUpload, ListAttachments, NewUpload, OpenAttachment,
        Opened, ReserveContent, check_name,
    },
    cursor::Page,
    id::{AttachmentId, TicketId},
};
use http_body_util::BodyExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, Path, announces_more_than, parse_query, throw_away},
    no_query, page_limit,
    problem::Problem,
    surround::Uncompressed,
};
use crate::{app::App, checkpoint::remove_erased, identity::caller::Caller};

/// Where files are taken in.
pub(super) const PATH: &str = "/api/attachments";
/// The next piece of an upload must come within so long.
const PIECE_WITHIN: Duration = Duration::from_secs(30);
/// How often a content that is being removed in that moment is asked for anew.
const ATTEMPTS: usize = 3;
/// What may stand in a name in a header as it is (RFC 8187, `attr-char`).
const NOT_IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_upload_limits, upload_attachment))
        .routes(routes!(get_attachment, delete_attachment))
        .routes(routes!(list_attachments))
}

/// What a file is called.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// Its name: 1 to 255 characters, no path.
    #[param(min_length = 1, max_length = 255)]
    name: String,
}

/// What is taken in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UploadLimits {
    /// The largest file, in bytes.
    largest: u64,
}

/// Says how large a file may be, for whoever would rather know before sending it.
#[utoipa::path(get, path = "/api/attachments", operation_id = "get_upload_limits", tag = "tickets",
    responses((status = 200, description = "What is taken in", body = UploadLimits)))]
async fn get_upload_limits(
    State(app): State<App>,
    _caller: Caller,
    uri: Uri,
) -> Result<Json<UploadLimits>, Problem> {
    no_query(&uri)?;
    Ok(Json(UploadLimits { largest: app.config.files.largest }))
}

/// Takes in a file, which is yours alone until a message or a new ticket takes it along; after a week it is removed.
/// What it is, is found from its content.
#[utoipa::path(post, path = "/api/attachments", operation_id = "upload_attachment", tag = "tickets",
    params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file as it is"),
    responses((status = 201, description = "Taken in", body = Attachment)))]
async fn upload_attachment(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    request: Request,
) -> Result<(StatusCode, Json<Attachment>), Problem> {
    let UploadQuery { name } = parse_query(uri.query().unwrap_or_default())?;
    // Before all of it has come.
    let name = check_name(&name)?;
    app.store.read(&caller.ctx, CheckUpload { principal: caller.principal() }).await?;
    let _turn = app.uploads.begin(caller.ctx.tenant(), caller.principal.user)?;
    let mut arrived = take_in(&app, request).await?;
    let upload = NewUpload {
        name,
        media_type: arrived.media_type.to_owned(),
        sha256: arrived.sha256,
        size: i64::try_from(arrived.size).unwrap_or(i64::MAX),
    };
    for _ in 0..ATTEMPTS {
        let reserve = ReserveContent {
            principal: caller.principal(),
            upload: upload.clone(),
            quota: app.config.files.quota,
        };
        let reserved = app.store.write(&caller.ctx, reserve).await?;
        if !reserved.is_kept {
            app.contents.put(caller.ctx.tenant(), reserved.content, &mut arrived).await.map_err(fault)?;
        }
        let keep =
            KeepUpload { principal: caller.principal(), upload: upload.clone(), content: reserved.content };
        match app.store.write(&caller.ctx, keep).await {
            Ok(Some(attachment)) => return Ok((StatusCode::CREATED, Json(attachment))),
            // Condemned in between.
            Ok(None) => {}
            Err(error) => {
                // The company may have been erased meanwhile: nothing of it is to stay.
                if let Err(why) = remove_erased(&app.store, &app.contents, caller.ctx.tenant()).await {
                    tracing::warn!(customerId = %caller.ctx.tenant(), error = why, "left to the clean-up");
                }
                return Err(error.into());
            }
        }
    }
    Err(flowbit_domain::Error::Unavailable("the same file is being removed".to_owned()).into())
}

/// Puts aside what comes, up to what is taken.
async fn take_in(app: &App, request: Request) -> Result<Arrived, Problem> {
    let largest = app.config.files.largest;
    let too_large = || {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large")
            .with_detail(format!("a file may have at most {} MiB", largest >> 20))
    };
    if announces_more_than(request.headers(), usize::try_from(largest).unwrap_or(usize::MAX)) {
        return Err(too_large());
    }
    let mut arrival = app.contents.begin().await.map_err(fault)?;
    let mut body = request.into_body();
    loop {
        let frame = tokio::time::timeout(PIECE_WITHIN, body.frame()).await;
        let frame = match frame.map_err(|_| too_slow())? {
            None => return arrival.finish().await.map_err(fault),
            Some(frame) => frame.map_err(|_| broken_off())?,
        };
        let Ok(piece) = frame.into_data() else { continue };
        if arrival.size().saturating_add(piece.len() as u64) > largest {
            throw_away(&mut body).await;
            return Err(too_large());
        }
        arrival.add(&piece).await.map_err(fault)?;
    }
}

fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout")
        .with_detail(format!("nothing of the file has come for {} seconds", PIECE_WITHIN.as_secs()))
}

fn broken_off() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "incomplete_body")
        .with_detail("the body ended before its announced length")
}

/// The place is away or full: nothing of the file is kept, and trying later may help.
fn fault(error: ContentError) -> Problem {
    tracing::error!(%error, "a file could not be kept or read");
    flowbit_domain::Error::Unavailable("files can't be kept or read at the moment".to_owned()).into()
}

/// Hands out a file that you may see, always to be saved and never to be shown as a page.
#[utoipa::path(get, path = "/api/attachments/{id}", operation_id = "get_attachment", tag = "tickets",
    params(("id" = AttachmentId, Path, description = "The file")),
    responses((status = 200, description = "The file as it is", body = Vec<u8>, content_type = "*/*"),
        (status = 304, description = "You have it already")))]
async fn get_attachment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AttachmentId>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    no_query(&uri)?;
    let open = OpenAttachment { principal: caller.principal(), id };
    let Opened { attachment, content } = app.store.read(&caller.ctx, open).await?;
    let tag = format!("\"{content}\"");
    let has_it = cache::tags(&headers).any(|sent| sent == tag);
    let mut response = if has_it {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let size = u64::try_from(attachment.size).unwrap_or(0);
        let pieces = app.contents.get(caller.ctx.tenant(), content, size).await.map_err(fault)?;
        let mut response = Response::new(Body::from_stream(pieces));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
        response
    };
    response.extensions_mut().insert(Uncompressed);
    let name = utf8_percent_encode(&attachment.name, NOT_IN_NAMES);
    let texts = [
        (header::CONTENT_TYPE, attachment.media_type.clone()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
        (header::ETAG, tag),
    ];
    let headers = response.headers_mut();
    for (name, text) in texts {
        let value = HeaderValue::from_str(&text).map_err(|e| Problem::internal(e.to_string()))?;
        headers.insert(name, value);
    }
    // Whoever had it may have lost the right to see it: asked again each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
    );
    Ok(response)
}

/// Removes a file: your own that was not sent yet, or (as an admin) one that was.
#[utoipa::path(delete, path = "/api/attachments/{id}", operation_id = "delete_attachment", tag = "tickets",
    params(("id" = AttachmentId, Path, description = "The file")),
    responses((status = 204, description = "Removed")))]
async fn delete_attachment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<AttachmentId>,
) -> Result<StatusCode, Problem> {
    let delete = DeleteAttachment { principal: caller.principal(), origin: caller.origin(), id };
    app.store.write(&caller.ctx, delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A page of files.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AttachmentsQuery {
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Lists the files of a ticket that you may see: those of its description first, then in the order of the conversation.
#[utoipa::path(get, path = "/api/tickets/{id}/attachments", operation_id = "list_attachments", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"), AttachmentsQuery),
    responses((status = 200, description = "A page of files", body = Page<Attachment>)))]
async fn list_attachments(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        let query: AttachmentsQuery = parse_query(uri.query().unwrap_or_default())?;
        Ok(ListAttachments {
            principal: caller.principal(),
            ticket,
            limit: page_limit(query.limit)?,
            cursor: query.cursor,
        })
    })
    .await
}
