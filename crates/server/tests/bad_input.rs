//! Whatever arrives that should not, or is not as it was left: a clear error each time, nothing
//! changed, and nobody else the worse for it.
//!
//! What can be wrong with a request is taken from the OpenAPI document, so that a new operation or field
//! is tried without a line here.

#![cfg(test)]

#[path = "bad_input/addresses.rs"]
mod addresses;
#[path = "bad_input/bodies.rs"]
mod bodies;
#[path = "bad_input/certificates.rs"]
mod certificates;
#[path = "bad_input/connections.rs"]
mod connections;
#[path = "bad_input/damage.rs"]
mod damage;
mod harness;
#[path = "bad_input/log.rs"]
mod log;

use harness::{
    Person, Server, Web,
    beside::{Beside, digest},
    document::{Document, Operation},
    rows::{self, Row, Thing},
};
use serde_json::json;

/// An id of the right form that is nobody's.
const MISSING: &str = "0198c0de-1234-7abc-8def-0123456789ab";

/// A server with one company and one of each thing.
struct Desk {
    server: Server,
    admin: Person,
    document: Document,
    ticket: String,
    endpoint: String,
    view: String,
    shared_macro: String,
    field: String,
    team: String,
}

impl Desk {
    async fn open() -> Self {
        let server = Server::with_companies(&["ours"]).await;
        let admin = server.web().sign_in("admin@ours.example").await;
        let document = Document::parse(&server.web().get("/api/openapi.json").await.text());
        let id = |made: serde_json::Value| made["id"].as_str().unwrap().to_owned();
        let ticket = id(admin.post("/api/tickets", &json!({ "title": "Good" })).await.expect(201));
        let endpoint = json!({ "url": "http://127.0.0.1:9/", "events": ["ticket.deleted"], "active": false });
        let endpoint = id(admin.post("/api/admin/endpoints", &endpoint).await.expect(201));
        let view = json!({ "name": "Good", "filter": { "all": [] } });
        let view = id(admin.post("/api/views", &view).await.expect(201));
        let shared = json!({ "name": "Good", "body": "Hello", "shared": true });
        let shared_macro = id(admin.post("/api/macros", &shared).await.expect(201));
        let field = json!({ "key": "good", "label": "Good", "kind": "text" });
        let field = id(admin.post("/api/admin/fields", &field).await.expect(201));
        let team = id(admin.post("/api/admin/teams", &json!({ "name": "Good" })).await.expect(201));
        Self { server, admin, document, ticket, endpoint, view, shared_macro, field, team }
    }

    fn web(&self) -> Web {
        self.admin.web.clone()
    }

    /// The operations of the document, each with the first row of the table about it.
    fn operations(&self) -> Vec<(Operation, Row)> {
        let rows = rows::rows();
        let row = |operation: &Operation| rows.iter().find(|row| row.operation == operation.id).cloned();
        self.document.operations().into_iter().filter_map(|o| row(&o).map(|row| (o, row))).collect()
    }

    /// What goes into the path of an operation.
    fn id_for(&self, row: &Row) -> String {
        match row.thing {
            Some(Thing::User) => self.admin.id.clone(),
            Some(Thing::Endpoint) => self.endpoint.clone(),
            Some(Thing::View) => self.view.clone(),
            Some(Thing::Macro | Thing::OwnMacro) => self.shared_macro.clone(),
            Some(Thing::Field) => self.field.clone(),
            Some(Thing::Team) => self.team.clone(),
            Some(Thing::Delivery | Thing::DeletedTicket | Thing::Attachment) => MISSING.to_owned(),
            // A message stands in a body, its ticket in the path.
            Some(Thing::Ticket | Thing::Message) | None => self.ticket.clone(),
        }
    }

    /// Differs when anything has changed.
    async fn state(&self) -> String {
        let beside = Beside::open(&self.server).await;
        digest(&self.server, beside.tenant("ours").await).await
    }
}
