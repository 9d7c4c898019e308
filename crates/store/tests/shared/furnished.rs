//! A company with one of everything, for use-cases to work on.

use std::sync::Arc;

use flowbit_domain::{
    Actor, Principal, Role, TenantCtx, Timestamp,
    attachment::{KeepUpload, NewUpload, ReserveContent},
    delivery::{ClaimDeliveries, Lease},
    endpoint::{CreateEndpoint, NewEndpoint, Secrets},
    fields::{CreateField, FieldKind, NewField, Required},
    id::{
        AttachmentId, ContentId, DeliveryId, EndpointId, FieldId, MacroId, MessageId, SessionId, TeamId,
        TicketId, UserId, ViewId,
    },
    idempotency::IdempotencyKey,
    macros::{CreateMacro, NewMacro},
    message::{CreateMessage, NewMessage},
    principal::Origin,
    screens::{DeclaredScreen, Remote, Screen},
    session::StartSession,
    team::{Assignment, CreateTeam, NewTeam},
    ticket::{Choice, CreateTicket, Expression, NewTicket, TicketSort},
    user::{Authority, CreateUser, Invitation, InviteUser, NewUser},
    view::{CreateView, NewView},
};
use flowbit_store::Store;
use uuid::Uuid;

/// What there is in one company for its use-cases to work on.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) ctx: TenantCtx,
    pub(crate) admin: Principal,
    /// In every text of the company, and in no other's.
    pub(crate) slug: String,
    /// With a message and a delivery.
    pub(crate) ticket: TicketId,
    /// A public one of that ticket.
    pub(crate) answer: MessageId,
    /// A file of that message, one that the admin has not sent, and what both hold.
    pub(crate) attachment: AttachmentId,
    pub(crate) upload: AttachmentId,
    pub(crate) content: ContentId,
    /// To be deleted.
    pub(crate) doomed: TicketId,
    pub(crate) colleague: UserId,
    /// To be erased.
    pub(crate) leaver: UserId,
    /// Of the admin, and a shared one.
    pub(crate) view: ViewId,
    pub(crate) shared_view: ViewId,
    pub(crate) invitation: Invitation,
    pub(crate) session: SessionId,
    pub(crate) refresh: Uuid,
    pub(crate) endpoint: EndpointId,
    pub(crate) doomed_endpoint: EndpointId,
    /// Of deliveries that are being made.
    pub(crate) leases: Vec<Lease>,
    pub(crate) delivery: DeliveryId,
    pub(crate) claimed_at: Timestamp,
    pub(crate) field: FieldId,
    pub(crate) team: TeamId,
    /// To be removed.
    pub(crate) doomed_team: TeamId,
    pub(crate) shared_macro: MacroId,
    /// To be removed.
    pub(crate) doomed_macro: MacroId,
}

/// The hash of everybody's password: hashes are only compared here.
pub(crate) fn hash_of(slug: &str) -> String {
    format!("hash of {slug}")
}

/// A pair of secrets that is a company's own.
pub(crate) fn secrets_of(slug: &str) -> Secrets {
    Secrets { signing: format!("whsec_{slug}"), shared: format!("fbs_{slug}") }
}

impl Known {
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            actor: (&self.admin).into(),
            ip: Some("192.0.2.1".into()),
            request_id: Some(self.slug.clone()),
        }
    }

    pub(crate) fn new_ticket(&self, title: &str) -> CreateTicket {
        CreateTicket {
            principal: self.admin.clone(),
            origin: self.origin(),
            input: NewTicket {
                title: format!("{title} of {}", self.slug),
                description: format!("Said by {}", self.slug),
                tags: vec![format!("tag-{}", self.slug)],
                assignee_id: Some(self.colleague),
                ..NewTicket::default()
            },
            idempotency: Some(
                IdempotencyKey::new(&format!("{title}-{}", self.slug).replace(' ', "-"), [7; 32]).unwrap(),
            ),
        }
    }

    pub(crate) fn new_view(&self, name: &str, shared: bool) -> CreateView {
        CreateView {
            principal: self.admin.clone(),
            origin: self.origin(),
            input: NewView {
                name: format!("{name} of {}", self.slug),
                shared,
                filter: Expression::Tag(Choice::Is(vec![format!("tag-{}", self.slug)])),
                sort: TicketSort::PriorityDesc,
                columns: None,
                position: None,
            },
        }
    }

    pub(crate) fn new_user(&self, name: &str) -> CreateUser {
        CreateUser {
            by: Authority::Person(self.admin.clone()),
            origin: self.origin(),
            user: NewUser {
                email: format!("{name}@{}.example", self.slug),
                name: format!("{name} of {}", self.slug),
                role: Role::Agent,
                password_hash: Some(hash_of(&self.slug)),
            },
        }
    }

    pub(crate) fn new_endpoint(&self, id: u128) -> CreateEndpoint {
        CreateEndpoint {
            principal: self.admin.clone(),
            origin: self.origin(),
            id: EndpointId(self.own_id(id)),
            secrets: secrets_of(&self.slug),
            input: NewEndpoint {
                url: format!("https://{}.example/hook", self.slug),
                events: vec!["ticket.created".into(), "message.created".into()],
                active: true,
                description: format!("Workflow of {}", self.slug),
                deadline_seconds: Some(60),
            },
        }
    }

    pub(crate) fn new_macro(&self, name: &str) -> CreateMacro {
        CreateMacro {
            principal: self.admin.clone(),
            origin: self.origin(),
            input: NewMacro {
                name: format!("{name} of {}", self.slug),
                body: format!("{{{{requester.name}}}}, {} says", self.slug),
                shared: true,
                ..NewMacro::default()
            },
        }
    }

    pub(crate) fn new_team(&self, name: &str) -> CreateTeam {
        CreateTeam {
            principal: self.admin.clone(),
            origin: self.origin(),
            input: NewTeam {
                name: format!("{name} of {}", self.slug),
                assignment: Assignment::ByLoad,
                member_ids: vec![self.admin.user, self.colleague],
            },
        }
    }

    pub(crate) fn new_field(&self, key: &str) -> CreateField {
        CreateField {
            principal: self.admin.clone(),
            origin: self.origin(),
            input: NewField {
                key: key.to_owned(),
                label: format!("{key} of {}", self.slug),
                kind: FieldKind::Choice,
                options: vec![self.slug.clone()],
                required: Required::Never,
                shown_to_requesters: false,
            },
        }
    }

    /// An id that no other company's is.
    fn own_id(&self, n: u128) -> Uuid {
        Uuid::from_u128(self.ctx.tenant().0.as_u128().rotate_left(17) ^ n)
    }

    pub(crate) fn screens(&self) -> Arc<[DeclaredScreen]> {
        let text = |text: &str| text.to_owned();
        let remote =
            Remote { name: text("tickets"), entry: text("/x.json"), module: text("./X"), integrity: None };
        let screen = Screen {
            id: text("tickets"),
            title: text("Tickets"),
            path: text("/tickets"),
            icon: text("ticket"),
            remote,
        };
        Arc::from([DeclaredScreen { screen, roles: vec![Role::Agent, Role::Admin] }])
    }
}

/// Furnishes a company that has nothing yet.
pub(crate) async fn furnish(store: &Store, ctx: &TenantCtx, slug: &str) -> Known {
    let by_operator = |email: &str, name: &str, role| CreateUser {
        by: Authority::Operator,
        origin: Origin { actor: Actor::operator(), ip: None, request_id: None },
        user: NewUser {
            email: format!("{email}@{slug}.example"),
            name: format!("{name} of {slug}"),
            role,
            password_hash: Some(hash_of(slug)),
        },
    };
    let admin = store.write(ctx, by_operator("admin", "Admin", Role::Admin)).await.unwrap().user;
    let colleague = store.write(ctx, by_operator("colleague", "Colleague", Role::Agent)).await.unwrap().user;
    let leaver = store.write(ctx, by_operator("leaver", "Leaver", Role::User)).await.unwrap().user;
    let origin = Origin { actor: Actor::operator(), ip: None, request_id: Some(slug.to_owned()) };
    let session = StartSession {
        origin: origin.clone(),
        user: admin.id,
        seen_hash: hash_of(slug),
        user_agent: Some(format!("Browser of {slug}")),
    };
    let session = store.write(ctx, session).await.unwrap();
    let invite = InviteUser { by: Authority::Operator, origin, id: colleague.id };
    let invitation = store.write(ctx, invite).await.unwrap();
    let admin = Principal {
        tenant: ctx.tenant(),
        user: admin.id,
        name: admin.name,
        role: Role::Admin,
        session: session.session,
    };
    let nothing = Uuid::nil();
    let mut known = Known {
        ctx: ctx.clone(),
        admin,
        slug: slug.to_owned(),
        ticket: TicketId(nothing),
        doomed: TicketId(nothing),
        colleague: colleague.id,
        leaver: leaver.id,
        answer: MessageId(nothing),
        attachment: AttachmentId(nothing),
        upload: AttachmentId(nothing),
        content: ContentId(nothing),
        view: ViewId(nothing),
        shared_view: ViewId(nothing),
        invitation,
        session: session.session,
        refresh: session.refresh_id,
        endpoint: EndpointId(nothing),
        doomed_endpoint: EndpointId(nothing),
        leases: Vec::new(),
        delivery: DeliveryId(nothing),
        claimed_at: Timestamp(0),
        field: FieldId(nothing),
        team: TeamId(nothing),
        doomed_team: TeamId(nothing),
        shared_macro: MacroId(nothing),
        doomed_macro: MacroId(nothing),
    };
    known.field = store.write(ctx, known.new_field("order")).await.unwrap().id;
    known.team = store.write(ctx, known.new_team("Team")).await.unwrap().id;
    known.doomed_team = store.write(ctx, known.new_team("Doomed")).await.unwrap().id;
    known.shared_macro = store.write(ctx, known.new_macro("Shared")).await.unwrap().id;
    known.doomed_macro = store.write(ctx, known.new_macro("Doomed")).await.unwrap().id;
    known.endpoint = store.write(ctx, known.new_endpoint(1)).await.unwrap().endpoint.id;
    known.doomed_endpoint = store.write(ctx, known.new_endpoint(2)).await.unwrap().endpoint.id;
    known.ticket = store.write(ctx, known.new_ticket("Secret")).await.unwrap().answer.id;
    known.view = store.write(ctx, known.new_view("Own", false)).await.unwrap().id;
    known.shared_view = store.write(ctx, known.new_view("Shared", true)).await.unwrap().id;
    known.doomed = store.write(ctx, known.new_ticket("Doomed")).await.unwrap().answer.id;
    let message = |body: &str, internal| CreateMessage {
        principal: known.admin.clone(),
        origin: known.origin(),
        ticket: known.ticket,
        input: NewMessage { body: format!("{body} {slug}"), internal, ..NewMessage::default() },
        idempotency: None,
    };
    let (note, mut answer) = (message("Between us of", true), message("Answer of", false));
    store.write(ctx, note).await.unwrap();
    let upload = |name: &str| NewUpload {
        name: format!("{name} of {slug}.png"),
        media_type: "image/png".into(),
        sha256: [255; 32],
        size: 10,
    };
    let principal = || known.admin.clone();
    let reserve = ReserveContent { principal: principal(), upload: upload("File"), quota: 1 << 40 };
    let content = store.write(ctx, reserve).await.unwrap().content;
    let keep = |name: &str| KeepUpload { principal: principal(), upload: upload(name), content };
    let attachment = store.write(ctx, keep("File")).await.unwrap().unwrap().id;
    let unsent = store.write(ctx, keep("Unsent file")).await.unwrap().unwrap().id;
    answer.input.attachments = vec![attachment];
    let answer = store.write(ctx, answer).await.unwrap().answer.id;
    known = Known { answer, attachment, upload: unsent, content, ..known };
    let claim = ClaimDeliveries { limit: 3, per_endpoint: 8, lease_ms: 60_000 };
    let claimed = store.write(ctx, claim).await.unwrap().deliveries;
    assert_eq!(claimed.len(), 3, "deliveries wait");
    known.claimed_at = claimed[0].claimed_at;
    known.delivery = claimed[0].id;
    known.leases =
        claimed.iter().map(|claimed| Lease { delivery: claimed.id, attempt: claimed.attempt }).collect();
    known
}
