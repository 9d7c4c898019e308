//! What every operation answers beside its own answer: the layers around it refuse before it, and set headers.
//! Said here once, for the document. The suites compare each answer that they get with it.

use utoipa::openapi::{
    Components, Content, OpenApi as Document, Ref, RefOr, Response,
    header::HeaderBuilder,
    path::{Operation, Parameter, ParameterIn},
    schema::{ObjectBuilder, Type},
    security::SecurityRequirement,
};

/// When an operation is refused because of what there is.
const CONFLICTS: [(&str, &str); 27] = [
    ("login", "`tenant_required`: the password was right in several companies"),
    ("update_ticket", "`conflict`: someone was faster; `merged`: it was merged into another"),
    ("split_ticket", "`merged`: the ticket was merged into another"),
    ("merge_ticket", "`merged`: it was merged already"),
    ("unmerge_ticket", "`not_merged`"),
    ("link_tickets", "`too_many_links`"),
    ("watch_ticket", "`too_many_watchers`"),
    (
        "upload_attachment",
        "`quota_exceeded`: the company's files take too much; `too_many_uploads`: send some first",
    ),
    (
        "create_message",
        "`conversation_moved`: somebody else has written since `lastMessageId`; `merged`: the ticket was merged; \
         `reopen_expired`: it was solved too long ago to be opened again",
    ),
    (
        "apply_macro",
        "`conflict`: someone was faster; `conversation_moved`: they have written since `lastMessageId`; `merged`",
    ),
    ("create_macro", "`too_many`"),
    ("update_macro", "`conflict`: someone was faster"),
    ("create_view", "`too_many`"),
    ("update_view", "`too_many`"),
    ("create_field", "`too_many`"),
    ("update_field", "`conflict`: someone was faster"),
    ("color_tag", "`too_many`"),
    ("move_tag", "`tag_exists`, or `tag_moving`"),
    ("create_user", "`email_taken`"),
    ("update_user", "`last_admin`"),
    ("invite_user", "The person has accepted an invitation, or is disabled"),
    ("erase_user", "The person is active, or is you"),
    ("update_screens", "`screen_required`"),
    ("update_settings", "`conflict`: someone was faster"),
    ("create_endpoint", "`too_many_endpoints`"),
    ("test_endpoint", "`endpoint_inactive`"),
    ("replay_delivery", "`delivery_under_way`, or `endpoint_inactive`"),
];

/// Whose answers carry an `ETag` and need not be sent again while nothing has changed.
const KEPT: [&str; 12] = [
    "list_tickets",
    "count_tickets",
    "get_ticket",
    "list_messages",
    "list_attachments",
    "get_attachment",
    "list_links",
    "list_assignees",
    "list_tags",
    "list_fields",
    "list_teams",
    "list_views",
];

/// Whose query names one thing, which may not be there.
const NAMES_ONE: [&str; 2] = ["list_events", "list_macros"];

/// Who sets cookies, which no script can read.
const SETS_COOKIES: [&str; 4] = ["login", "refresh_session", "logout", "accept_invitation"];

/// Who answers 401 although no token is asked for.
const REFUSED: [(&str, &str); 4] = [
    ("login", "`invalid_credentials`: the address or the password is wrong"),
    ("refresh_session", "No refresh token, or none that is good"),
    ("accept_invitation", "`invalid_invitation`"),
    (
        "apply_callback",
        "`invalid_callback`: the secret or the token is wrong, or the ticket is another company's",
    ),
];

/// Why a request is not served, by status: what the document calls it and says of it.
const PROBLEMS: [(u16, &str, &str); 12] = [
    (400, "Malformed", "The body is not JSON, or the request is none"),
    (401, "Unauthorized", "No token, or none that is good"),
    (403, "Forbidden", "Not for this role, or sent by another site's page"),
    (404, "NotFound", "Not there, or not for you"),
    (408, "TooSlow", "The body did not arrive in time"),
    (409, "Conflict", "What there is stands against it; `code` says what"),
    (413, "TooLarge", "The body is too large"),
    (415, "NotJson", "The body does not say that it is JSON"),
    (422, "Invalid", "A value, a field or a parameter that is not acceptable, each named"),
    (429, "TooMany", "Too many requests"),
    (500, "Failed", "A fault of the server, which logs it under the request's id"),
    (503, "Unavailable", "Not at the moment"),
];

/// Headers that are sent in several places: what the document calls them, and says of them.
const HEADERS: [(&str, Type, &str); 6] = [
    ("X-Request-Id", Type::String, "The request's id, as it stands in the log"),
    ("WWW-Authenticate", Type::String, "How to sign in, where a token is asked for"),
    ("Retry-After", Type::Integer, "When to come again, in seconds"),
    ("ETag", Type::String, "What to send as `If-None-Match`"),
    ("Set-Cookie", Type::String, "The refresh token, or its end"),
    ("Idempotency-Replayed", Type::String, "`true`: this is the answer to an earlier request"),
];

/// Says on every operation which problems it answers, as problem details, and with which headers; and that what
/// is not below `/api` asks for no sign-in.
pub(super) fn complete(document: &mut Document) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.patch,
            &mut item.head,
            &mut item.options,
            &mut item.trace,
        ];
        for operation in operations.into_iter().flatten() {
            if !path.starts_with("/api/") {
                operation.security = Some(vec![SecurityRequirement::default()]);
            }
            complete_operation(path, operation);
        }
    }
    add_components(document.components.get_or_insert_with(Components::new));
}

fn add_components(components: &mut Components) {
    for (name, kind, meaning) in HEADERS {
        let schema = ObjectBuilder::new().schema_type(kind);
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(meaning)).build();
        components.headers.insert(name.to_owned(), RefOr::T(header));
    }
    for (status, name, meaning) in PROBLEMS {
        let mut response = Response::new(meaning);
        let body = Content::new(Some(Ref::from_schema_name("Problem")));
        response.content.insert("application/problem+json".to_owned(), RefOr::T(body));
        add_header(&mut response, "X-Request-Id");
        match status {
            401 => {
                add_header(&mut response, "WWW-Authenticate");
                add_header(&mut response, "Set-Cookie");
            }
            429 | 503 => add_header(&mut response, "Retry-After"),
            _ => {}
        }
        components.responses.insert(name.to_owned(), RefOr::T(response));
    }
}

fn add_header(response: &mut Response, name: &str) {
    let header = Ref::new(format!("#/components/headers/{name}"));
    response.headers.entry(name.to_owned()).or_insert(RefOr::Ref(header));
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    })
}

/// How one is kept from an operation, or it fails: the statuses, and what is to be said of them here.
fn problems(path: &str, operation: &Operation) -> Vec<(u16, Option<&'static str>)> {
    let is_open = operation.security.is_some();
    let is_api = path.starts_with("/api/") && path != "/api/openapi.json";
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let named = |table: &[(&'static str, &'static str)], status| {
        let found = table.iter().find(|(operation, _)| *operation == id);
        found.map(|(_, description)| (status, Some(*description)))
    };
    let mut statuses = vec![500];
    if !is_open {
        statuses.push(401);
    }
    if is_api {
        statuses.extend([403, 422]);
    }
    if NAMES_ONE.contains(&id)
        || parameters(operation).any(|parameter| matches!(parameter.parameter_in, ParameterIn::Path))
    {
        statuses.push(404);
    }
    if operation.request_body.is_some() {
        statuses.extend([400, 408, 413, 422]);
        // A file is whatever it is.
        if path != super::attachments::PATH {
            statuses.push(415);
        }
    }
    if path == super::unsubscribe::PATH {
        statuses.extend([422, 429]);
    }
    if is_api || operation.request_body.is_some() {
        statuses.push(429);
    }
    if path != "/healthz" {
        statuses.push(503);
    }
    let all = statuses.into_iter().map(|status| (status, None));
    named(&CONFLICTS, 409).into_iter().chain(named(&REFUSED, 401)).chain(all).collect()
}

fn complete_operation(path: &str, operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let (is_kept, sets_cookies) = (KEPT.contains(&id), SETS_COOKIES.contains(&id));
    let is_repeatable = parameters(operation).any(|parameter| parameter.name == "Idempotency-Key");
    let problems = problems(path, operation);
    let responses = &mut operation.responses.responses;
    if is_kept {
        let unchanged = Response::new("What the `ETag` in `If-None-Match` stands for");
        responses.insert("304".to_owned(), RefOr::T(unchanged));
    }
    for (status, response) in responses.iter_mut() {
        let RefOr::T(response) = response else { continue };
        add_header(response, "X-Request-Id");
        if is_kept {
            add_header(response, "ETag");
        }
        if sets_cookies {
            add_header(response, "Set-Cookie");
        }
        if is_repeatable && status.starts_with('2') {
            add_header(response, "Idempotency-Replayed");
        }
    }
    for (status, meaning) in problems {
        let known = PROBLEMS.into_iter().find(|(known, ..)| *known == status);
        let Some((_, name, _)) = known else { continue };
        let mut shared = Ref::new(format!("#/components/responses/{name}"));
        shared.description = meaning.unwrap_or_default().to_owned();
        responses.entry(status.to_string()).or_insert(RefOr::Ref(shared));
    }
}
