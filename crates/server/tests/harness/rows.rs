//! The table: for each operation of the OpenAPI document, how it is asked and what each role gets.

use serde_json::{Value as Json, json};

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    Ticket,
    User,
    Endpoint,
    Delivery,
    /// One that was deleted today.
    DeletedTicket,
    /// One that is shared.
    View,
    /// One that all of the company share.
    Macro,
    /// One of the agent's own.
    OwnMacro,
    Field,
    Team,
    /// The newest public message of the user's ticket.
    Message,
    /// A file of a public message of the user's.
    Attachment,
}

/// Where in the request the id stands that varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Nowhere,
    Path,
    Query(&'static str),
    Body(&'static str),
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody, whatever token they send. The status is that of the row's body.
    Open(u16),
    /// People who signed in.
    SignedIn,
}

/// One operation, or one more place of an id in it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) operation: &'static str,
    pub(crate) access: Access,
    pub(crate) place: Place,
    pub(crate) thing: Option<Thing>,
    pub(crate) body: Option<Json>,
    /// What a user, an agent and an admin get with an id of their own (a user's own ticket).
    pub(crate) own: [u16; 3],
    /// What they get with an id of another company, and with one that does not exist.
    pub(crate) elsewhere: [u16; 3],
}

fn row(operation: &'static str, own: [u16; 3]) -> Row {
    Row {
        operation,
        access: Access::SignedIn,
        place: Place::Nowhere,
        thing: None,
        body: None,
        own,
        elsewhere: own,
    }
}

fn open(operation: &'static str, status: u16) -> Row {
    Row { access: Access::Open(status), ..row(operation, [status; 3]) }
}

impl Row {
    fn at(self, place: Place, thing: Thing, elsewhere: [u16; 3]) -> Self {
        Self { place, thing: Some(thing), elsewhere, ..self }
    }

    fn path(self, thing: Thing, elsewhere: [u16; 3]) -> Self {
        self.at(Place::Path, thing, elsewhere)
    }

    fn body(self, body: Json) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// Everybody who signed in.
const ALL: [u16; 3] = [200; 3];
/// Only admins: others learn nothing, not even whether the id is one.
const ADMIN: [u16; 3] = [403, 403, 200];
/// Only who works on tickets.
const STAFF: [u16; 3] = [403, 200, 200];
const ADMIN_ELSEWHERE: [u16; 3] = [403, 403, 404];
const HIDDEN: [u16; 3] = [404; 3];

/// An id of the right form that is nobody's.
const NOBODYS: &str = "0198c0de-5678-7abc-8def-0123456789ab";

/// The table.
pub(crate) fn rows() -> Vec<Row> {
    use Place::{Body, Query};
    use Thing::{
        Attachment, DeletedTicket, Delivery, Endpoint, Field, Macro, Message, OwnMacro, Team, Ticket, User,
        View,
    };
    let admin = |status| [403, 403, status];
    let patch = || json!({ "title": "Changed" });
    let bulk = || json!({ "ids": ["0198c0de-1234-7abc-8def-0123456789ab"], "priority": "high" });
    vec![
        // Session
        open("login", 401)
            .body(json!({ "email": "nobody@nowhere.example", "password": "wrong wrong wrong" })),
        open("refresh_session", 401),
        open("logout", 204),
        open("accept_invitation", 401).body(json!({ "token": "x", "password": "correct horse battery" })),
        open("get_signing_keys", 200),
        row("get_me", ALL),
        row("list_my_screens", ALL),
        // The current password is wrong on purpose: nobody is to change theirs here.
        row("change_password", [422; 3])
            .body(json!({ "currentPassword": "wrong wrong wrong", "newPassword": "correct horse battery" })),
        // Tickets
        row("list_tickets", ALL),
        row("list_tickets", ALL).at(Query("assigneeId"), User, ALL),
        row("list_tickets", ALL).at(Query("requesterId"), User, ALL),
        row("list_tickets", ALL).at(Query("teamId"), Team, ALL),
        row("find_matches", ALL),
        row("find_matches", ALL).at(Query("ids"), Ticket, ALL),
        row("count_tickets", ALL),
        row("create_ticket", [201; 3]).body(json!({ "title": "New" })),
        row("create_ticket", [403, 201, 201]).body(json!({ "title": "New" })).at(
            Body("assigneeId"),
            User,
            [403, 422, 422],
        ),
        row("create_ticket", [403, 201, 201]).body(json!({ "title": "New" })).at(
            Body("teamId"),
            Team,
            [403, 422, 422],
        ),
        row("get_ticket", ALL).path(Ticket, HIDDEN),
        row("update_ticket", [403, 200, 200]).path(Ticket, HIDDEN).body(patch()),
        row("update_ticket", [403, 200, 200]).body(patch()).at(Body("assigneeId"), User, [403, 422, 422]),
        row("update_ticket", [403, 200, 200]).body(patch()).at(Body("teamId"), Team, [403, 422, 422]),
        row("delete_ticket", [403, 403, 204]).path(Ticket, HIDDEN),
        row("restore_ticket", ADMIN).path(DeletedTicket, ADMIN_ELSEWHERE),
        row("change_tickets", STAFF).body(bulk()),
        row("split_ticket", [403, 422, 422])
            .path(Ticket, HIDDEN)
            .body(json!({ "messageId": NOBODYS, "title": "Apart" })),
        row("split_ticket", [403, 201, 201]).body(json!({ "title": "Apart" })).at(
            Body("messageId"),
            Message,
            [403, 422, 422],
        ),
        // Merged with itself, as another could only be merged once.
        row("merge_ticket", [403, 422, 422]).path(Ticket, HIDDEN).body(json!({ "intoId": NOBODYS })),
        row("merge_ticket", [403, 422, 422]).body(json!({})).at(Body("intoId"), Ticket, [403, 422, 422]),
        row("unmerge_ticket", [403, 409, 409]).path(Ticket, HIDDEN),
        row("list_links", STAFF).path(Ticket, HIDDEN),
        row("link_tickets", [403, 422, 422]).path(Ticket, HIDDEN).body(json!({ "ticketId": NOBODYS })),
        row("link_tickets", [403, 422, 422]).body(json!({})).at(Body("ticketId"), Ticket, [403, 422, 422]),
        row("list_drafts", ALL).path(Ticket, HIDDEN),
        row("save_draft", ALL).path(Ticket, HIDDEN).body(json!({ "kind": "reply", "body": "Dear" })),
        row("save_draft", STAFF).path(Ticket, HIDDEN).body(json!({ "kind": "note", "body": "Between us" })),
        row("change_tickets", STAFF).body(bulk()).at(Body("assigneeId"), User, [403, 422, 422]),
        row("change_tickets", STAFF).body(bulk()).at(Body("teamId"), Team, [403, 422, 422]),
        // Teams
        row("list_teams", STAFF),
        row("create_team", admin(201)).body(json!({ "name": "New" })),
        row("update_team", ADMIN).path(Team, ADMIN_ELSEWHERE).body(json!({ "assignment": "by_load" })),
        row("delete_team", admin(204)).path(Team, ADMIN_ELSEWHERE),
        row("set_own_availability", STAFF).body(json!({ "outOfOffice": false })),
        row("set_availability", ADMIN).path(User, ADMIN_ELSEWHERE).body(json!({ "outOfOffice": true })),
        // Views
        row("list_views", STAFF),
        row("count_views", ALL),
        row("create_view", [403, 201, 201]).body(json!({ "name": "New", "filter": { "all": [] } })),
        row("update_view", STAFF).path(View, [403, 404, 404]).body(json!({ "name": "Renamed" })),
        row("delete_view", [403, 204, 204]).path(View, [403, 404, 404]),
        row("list_messages", ALL).path(Ticket, HIDDEN),
        row("create_message", [201; 3]).path(Ticket, HIDDEN).body(json!({ "body": "Hello" })),
        row("create_message", [403, 201, 201])
            .path(Ticket, HIDDEN)
            .body(json!({ "body": "Between us", "internal": true })),
        // Who knows another company's message has read none of this one's.
        row("create_message", [201; 3]).body(json!({ "body": "Hello" })).at(
            Body("lastMessageId"),
            Message,
            [409; 3],
        ),
        // Files: one of another company, and one that was not sent, are in a test of their own.
        row("get_upload_limits", ALL),
        row("upload_attachment", [422; 3]),
        row("list_attachments", ALL).path(Ticket, HIDDEN),
        row("get_attachment", ALL).path(Attachment, HIDDEN),
        row("delete_attachment", [403, 403, 204]).path(Attachment, HIDDEN),
        row("list_assignees", [403, 200, 200]),
        // Notices: everybody's own.
        row("list_notices", ALL),
        row("read_notices", ALL).body(json!({ "upTo": NOBODYS })),
        row("read_notices", ALL).body(json!({})).at(Body("ticketId"), Ticket, [422; 3]),
        row("get_notice_settings", ALL),
        row("update_notice_settings", ALL).body(json!({ "muted": ["noted"] })),
        // Without the token of an e-mail.
        open("show_unsubscribe", 404),
        open("unsubscribe", 404),
        row("list_watchers", STAFF).path(Ticket, HIDDEN),
        row("set_presence", STAFF).path(Ticket, HIDDEN).body(json!({ "tab": NOBODYS, "count": 1 })),
        row("watch_ticket", [403, 204, 204]).path(Ticket, HIDDEN),
        row("unwatch_ticket", [403, 204, 204]).path(Ticket, HIDDEN),
        // Macros: a personal one is there for its owner alone.
        row("list_macros", [403, 200, 200]),
        row("list_macros", [403, 200, 200]).at(Query("ticketId"), Ticket, [403, 404, 404]),
        row("create_macro", [403, 201, 201]).body(json!({ "name": "Mine", "body": "Hello" })),
        row("create_macro", admin(201)).body(json!({ "name": "Ours", "body": "Hello", "shared": true })),
        row("update_macro", ADMIN).path(Macro, [403, 404, 404]).body(json!({ "name": "Renamed" })),
        row("update_macro", [403, 200, 404])
            .path(OwnMacro, [403, 404, 404])
            .body(json!({ "name": "Renamed" })),
        row("delete_macro", admin(204)).path(Macro, [403, 404, 404]),
        row("delete_macro", [403, 204, 404]).path(OwnMacro, [403, 404, 404]),
        row("apply_macro", [403, 422, 422]).path(Ticket, HIDDEN).body(json!({ "macroId": NOBODYS })),
        row("apply_macro", [403, 422, 422]).body(json!({ "macroId": NOBODYS })).at(
            Body("lastMessageId"),
            Message,
            [403, 422, 422],
        ),
        row("apply_macro", [403, 200, 200]).body(json!({})).at(Body("macroId"), Macro, [403, 422, 422]),
        row("apply_macro", [403, 200, 422]).body(json!({})).at(Body("macroId"), OwnMacro, [403, 422, 422]),
        row("list_events", ALL),
        row("list_events", ALL).at(Query("ticketId"), Ticket, HIDDEN),
        // Fields
        row("list_fields", ALL),
        row("create_field", admin(201)).body(json!({ "key": "made", "label": "Made", "kind": "text" })),
        row("update_field", ADMIN).path(Field, ADMIN_ELSEWHERE).body(json!({ "label": "Renamed" })),
        // Tags
        row("list_tags", [403, 200, 200]),
        row("color_tag", admin(204)).body(json!({ "name": "urgent", "color": "red" })),
        row("move_tag", admin(422)).body(json!({ "from": "nowhere", "to": "elsewhere" })),
        // Administration: people
        row("list_users", ADMIN),
        row("create_user", admin(201))
            .body(json!({ "email": "new@person.example", "name": "New", "role": "user" })),
        row("update_user", ADMIN).path(User, ADMIN_ELSEWHERE).body(json!({ "name": "Renamed" })),
        row("invite_user", admin(201)).path(User, ADMIN_ELSEWHERE),
        row("erase_user", ADMIN).path(User, ADMIN_ELSEWHERE).body(json!({})),
        // Administration: the audit trail
        row("list_audit", ADMIN),
        row("list_audit", ADMIN).at(Query("userId"), User, ADMIN),
        row("list_audit", ADMIN).at(Query("ticketId"), Ticket, ADMIN),
        row("verify_audit", ADMIN),
        row("get_checkpoint", ADMIN),
        // Administration: workflows
        row("list_endpoints", ADMIN),
        row("create_endpoint", admin(201))
            .body(json!({ "url": "http://127.0.0.1:9/hook", "events": ["ticket.deleted"], "active": false })),
        row("update_endpoint", ADMIN)
            .path(Endpoint, ADMIN_ELSEWHERE)
            .body(json!({ "description": "Renamed" })),
        row("delete_endpoint", admin(204)).path(Endpoint, ADMIN_ELSEWHERE),
        row("rotate_secret", ADMIN).path(Endpoint, ADMIN_ELSEWHERE),
        row("test_endpoint", admin(202)).path(Endpoint, ADMIN_ELSEWHERE),
        row("list_deliveries", ADMIN),
        row("list_deliveries", ADMIN).at(Query("endpointId"), Endpoint, ADMIN),
        row("list_deliveries", ADMIN).at(Query("ticketId"), Ticket, ADMIN),
        row("get_delivery", ADMIN).path(Delivery, ADMIN_ELSEWHERE),
        row("replay_delivery", admin(202)).path(Delivery, ADMIN_ELSEWHERE),
        // Administration: screens
        row("list_screen_settings", ADMIN),
        row("update_screens", ADMIN).body(json!({ "screens": [] })),
        row("get_settings", ADMIN),
        row("update_settings", ADMIN).body(json!({ "reopenDays": 365 })),
        // Workflows prove who they are by a secret and a token of their own; here both are wrong.
        open("apply_callback", 401).body(json!({ "callbackToken": "wrong" })).at(
            Body("ticketId"),
            Ticket,
            [401; 3],
        ),
        // Operation
        open("check_health", 200),
        open("check_readiness", 200),
        open("get_openapi", 200),
    ]
}
