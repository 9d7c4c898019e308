//! Two companies with one of everything, to ask about.

use flowbit_domain::id::TenantId;
use serde_json::json;

use crate::harness::{
    Person, Server,
    beside::{Beside, digest},
    client::until,
    receiver::Receiver,
    rows::Thing,
};

/// One company.
pub(crate) struct Company {
    pub(crate) slug: &'static str,
    pub(crate) user: Person,
    pub(crate) agent: Person,
    pub(crate) admin: Person,
    /// A ticket of the user, and one of somebody else.
    pub(crate) ticket: String,
    pub(crate) colleagues_ticket: String,
    pub(crate) endpoint: String,
    pub(crate) delivery: String,
    pub(crate) deleted_ticket: String,
    pub(crate) view: String,
    pub(crate) shared_macro: String,
    pub(crate) own_macro: String,
    pub(crate) field: String,
    pub(crate) team: String,
    message: String,
    attachment: String,
    hook: String,
}

/// A server with two companies.
pub(crate) struct Desk {
    pub(crate) server: Server,
    pub(crate) ours: Company,
    pub(crate) theirs: Company,
    tenants: [TenantId; 2],
}

fn id_of(answer: &serde_json::Value) -> String {
    answer["id"].as_str().expect("an id").to_owned()
}

impl Company {
    async fn found(server: &Server, slug: &'static str, hook: String) -> Self {
        let admin = server.web().sign_in(&format!("admin@{slug}.example")).await;
        let agent = admin.add(&format!("agent@{slug}.example"), "agent").await;
        let user = admin.add(&format!("user@{slug}.example"), "user").await;
        let colleague = admin.add(&format!("colleague@{slug}.example"), "user").await;
        let ticket = json!({ "title": format!("Of {slug}'s user") });
        let ticket = id_of(&user.post("/api/tickets", &ticket).await.expect(201));
        let colleagues_ticket = json!({ "title": format!("Of {slug}'s colleague") });
        let colleagues_ticket = id_of(&colleague.post("/api/tickets", &colleagues_ticket).await.expect(201));
        let mut company = Self {
            slug,
            user,
            agent,
            admin,
            ticket,
            colleagues_ticket,
            endpoint: String::new(),
            delivery: String::new(),
            deleted_ticket: String::new(),
            view: String::new(),
            shared_macro: String::new(),
            own_macro: String::new(),
            field: String::new(),
            team: String::new(),
            message: String::new(),
            attachment: String::new(),
            hook,
        };
        company.endpoint = company.make(Thing::Endpoint).await;
        company.delivery = company.make(Thing::Delivery).await;
        company.deleted_ticket = company.make(Thing::DeletedTicket).await;
        company.view = company.make(Thing::View).await;
        company.shared_macro = company.make(Thing::Macro).await;
        company.own_macro = company.make(Thing::OwnMacro).await;
        company.field = company.make(Thing::Field).await;
        company.team = company.make(Thing::Team).await;
        // Both have said something, so that each has somebody else's to read.
        company.attachment = company.make(Thing::Attachment).await;
        company.message = company.make(Thing::Message).await;
        let path = format!("/api/tickets/{}/messages", company.ticket);
        company.admin.post(&path, &json!({ "body": "Hello" })).await.expect(201);
        company
    }

    /// Someone of each role, in the table's order.
    pub(crate) fn people(&self) -> [(&'static str, &Person); 3] {
        [("user", &self.user), ("agent", &self.agent), ("admin", &self.admin)]
    }

    /// The one that all may look at and nobody who may not changes.
    pub(crate) fn the(&self, thing: Thing) -> &str {
        match thing {
            Thing::Ticket => &self.ticket,
            // Someone to whom a ticket can be assigned.
            Thing::User => &self.agent.id,
            Thing::Endpoint => &self.endpoint,
            Thing::Delivery => &self.delivery,
            Thing::DeletedTicket => &self.deleted_ticket,
            Thing::View => &self.view,
            Thing::Macro => &self.shared_macro,
            Thing::OwnMacro => &self.own_macro,
            Thing::Field => &self.field,
            Thing::Team => &self.team,
            Thing::Message => &self.message,
            Thing::Attachment => &self.attachment,
        }
    }

    /// A new one, for what changes or removes it. Tickets are the user's, people are agents.
    pub(crate) async fn make(&self, thing: Thing) -> String {
        match thing {
            Thing::Ticket => {
                id_of(&self.user.post("/api/tickets", &json!({ "title": "Fresh" })).await.expect(201))
            }
            Thing::DeletedTicket => {
                let ticket = self.user.post("/api/tickets", &json!({ "title": "Deleted" })).await;
                let id = id_of(&ticket.expect(201));
                self.admin.delete(&format!("/api/tickets/{id}")).await.expect(204);
                id
            }
            Thing::View => {
                let view = json!({ "name": "Shared", "shared": true, "filter": { "all": [] } });
                id_of(&self.admin.post("/api/views", &view).await.expect(201))
            }
            Thing::User => {
                let tickets = self.admin.get("/api/admin/audit?limit=1").await.expect(200);
                let email = format!("fresh{}@{}.example", tickets["items"][0]["seq"], self.slug);
                let person = json!({ "email": email, "name": "Fresh", "role": "agent" });
                id_of(&self.admin.post("/api/admin/users", &person).await.expect(201))
            }
            Thing::Endpoint => {
                let endpoint = json!({ "url": self.hook, "events": ["ticket.deleted"] });
                id_of(&self.admin.post("/api/admin/endpoints", &endpoint).await.expect(201))
            }
            Thing::Macro => {
                let shared = json!({ "name": "Ours", "body": "Hello {{requester.name}}", "shared": true });
                id_of(&self.admin.post("/api/macros", &shared).await.expect(201))
            }
            Thing::Field => {
                let seq = self.admin.get("/api/admin/audit?limit=1").await.expect(200);
                let key = format!("field_{}", seq["items"][0]["seq"]);
                let field = json!({ "key": key, "label": "Fresh", "kind": "text" });
                id_of(&self.admin.post("/api/admin/fields", &field).await.expect(201))
            }
            Thing::Team => {
                let seq = self.admin.get("/api/admin/audit?limit=1").await.expect(200);
                let name = format!("Team {}", seq["items"][0]["seq"]);
                let team = json!({ "name": name, "memberIds": [self.agent.id] });
                id_of(&self.admin.post("/api/admin/teams", &team).await.expect(201))
            }
            Thing::Message => {
                let path = format!("/api/tickets/{}/messages", self.ticket);
                id_of(&self.user.post(&path, &json!({ "body": "Where is it?" })).await.expect(201))
            }
            Thing::Attachment => {
                let file = self.user.post("/api/attachments?name=a.txt", &json!(self.slug)).await;
                let id = id_of(&file.expect(201));
                let said = json!({ "body": "See there", "attachments": [id] });
                let path = format!("/api/tickets/{}/messages", self.ticket);
                self.user.post(&path, &said).await.expect(201);
                id
            }
            Thing::OwnMacro => {
                let own = json!({ "name": "Mine", "body": "Hello {{requester.name}}" });
                id_of(&self.agent.post("/api/macros", &own).await.expect(201))
            }
            Thing::Delivery => {
                let test = format!("/api/admin/endpoints/{}/test", self.endpoint);
                let started = self.admin.post(&test, &json!(null)).await.expect(202);
                let id = started["deliveryId"].as_str().expect("an id").to_owned();
                let path = format!("/api/admin/deliveries/{id}");
                until("a delivery", async || {
                    let delivery = self.admin.get(&path).await.expect(200);
                    (delivery["state"] == "delivered").then_some(())
                })
                .await;
                id
            }
        }
    }
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let (receiver, mut deliveries) = Receiver::start().await;
        tokio::spawn(async move {
            while let Some(delivered) = deliveries.recv().await {
                let _ = delivered.answer.send(200);
            }
        });
        let server = Server::with_companies(&["ours", "theirs"]).await;
        let ours = Company::found(&server, "ours", receiver.url("/ours")).await;
        let theirs = Company::found(&server, "theirs", receiver.url("/theirs")).await;
        let beside = Beside::open(&server).await;
        let tenants = [beside.tenant("ours").await, beside.tenant("theirs").await];
        Self { server, ours, theirs, tenants }
    }

    /// Differs when anything has changed in either company.
    pub(crate) async fn state(&self) -> [String; 2] {
        [digest(&self.server, self.tenants[0]).await, self.their_state().await]
    }

    /// Differs when anything has changed in the other company.
    pub(crate) async fn their_state(&self) -> String {
        digest(&self.server, self.tenants[1]).await
    }
}
