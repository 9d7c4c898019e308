//! Every use-case once, with values by which it does something: one text for all tests that go through all of
//! them. [`every_query`] and [`every_command`] hand each to a macro of the test's own, as `run!(Name, value)`.

use std::sync::Arc;

use flowbit_domain::{
    Actor, Principal, Role, TenantCtx, Timestamp,
    delivery::{ClaimDeliveries, Lease},
    endpoint::{CreateEndpoint, NewEndpoint, Secrets},
    id::{DeliveryId, EndpointId, SessionId, TicketId, UserId},
    idempotency::IdempotencyKey,
    message::{CreateMessage, NewMessage},
    principal::Origin,
    screens::{DeclaredScreen, Remote, Screen},
    session::StartSession,
    ticket::{CreateTicket, NewTicket},
    user::{Authority, CreateUser, Invitation, InviteUser, NewUser},
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
    /// To be deleted.
    pub(crate) doomed: TicketId,
    pub(crate) colleague: UserId,
    pub(crate) invitation: Invitation,
    pub(crate) session: SessionId,
    pub(crate) refresh: Uuid,
    pub(crate) endpoint: EndpointId,
    pub(crate) doomed_endpoint: EndpointId,
    /// Of deliveries that are being made.
    pub(crate) leases: Vec<Lease>,
    pub(crate) delivery: DeliveryId,
    pub(crate) claimed_at: Timestamp,
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
        invitation,
        session: session.session,
        refresh: session.refresh_id,
        endpoint: EndpointId(nothing),
        doomed_endpoint: EndpointId(nothing),
        leases: Vec::new(),
        delivery: DeliveryId(nothing),
        claimed_at: Timestamp(0),
    };
    known.endpoint = store.write(ctx, known.new_endpoint(1)).await.unwrap().endpoint.id;
    known.doomed_endpoint = store.write(ctx, known.new_endpoint(2)).await.unwrap().endpoint.id;
    known.ticket = store.write(ctx, known.new_ticket("Secret")).await.unwrap().ticket.id;
    known.doomed = store.write(ctx, known.new_ticket("Doomed")).await.unwrap().ticket.id;
    let message = CreateMessage {
        principal: known.admin.clone(),
        origin: known.origin(),
        ticket: known.ticket,
        input: NewMessage { body: format!("Between us of {slug}"), internal: true },
        idempotency: None,
    };
    store.write(ctx, message).await.unwrap();
    let claim = ClaimDeliveries { limit: 3, per_endpoint: 8, lease_ms: 60_000 };
    let claimed = store.write(ctx, claim).await.unwrap().deliveries;
    assert_eq!(claimed.len(), 3, "deliveries wait");
    known.claimed_at = claimed[0].claimed_at;
    known.delivery = claimed[0].id;
    known.leases =
        claimed.iter().map(|claimed| Lease { delivery: claimed.id, attempt: claimed.attempt }).collect();
    known
}

/// Hands every query to `$run!(Name, value)`: asked by the company `$me` about what is `$of`'s, which may be the
/// same or another.
macro_rules! every_query {
    ($me:expr, $of:expr, $run:ident) => {{
        use flowbit_domain::{
            archive::ReadArchive,
            assignee::ListAssignees,
            audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
            delivery::{DeliveryFilter, GetBacklog, GetDelivery, ListDeliveries, NextDue},
            endpoint::{GetEndpoint, ListEndpoints},
            feed::{ListEvents, TailEvents},
            message::ListMessages,
            retention::HasExpired,
            screens::{ListMyScreens, ListScreenSettings},
            session::{CheckSession, FindLogin},
            ticket::{CountTickets, GetTicket, ListTickets, TicketFilter, TicketSort},
            user::{FindPassword, GetProfile, ListUsers},
        };
        let (me, of): (&$crate::use_cases::Known, &$crate::use_cases::Known) = ($me, $of);
        let principal = || me.admin.clone();
        let list = |filter: TicketFilter, sort| ListTickets {
            principal: principal(),
            filter,
            sort,
            limit: 50,
            cursor: None,
        };
        $run!(GetTicket, GetTicket { principal: principal(), id: of.ticket });
        $run!(ListTickets, list(TicketFilter::default(), TicketSort::NumberAsc));
        let filter = || TicketFilter { text: Some(format!("secret {}", of.slug)), ..TicketFilter::default() };
        $run!(ListTickets, list(filter(), TicketSort::UpdatedDesc));
        let filter = || TicketFilter {
            tag: Some(format!("tag-{}", of.slug)),
            requester: Some(of.admin.user),
            ..TicketFilter::default()
        };
        $run!(ListTickets, list(filter(), TicketSort::PriorityDesc));
        $run!(CountTickets, CountTickets { principal: principal() });
        $run!(
            ListMessages,
            ListMessages { principal: principal(), ticket: of.ticket, limit: 50, cursor: None }
        );
        $run!(ListEvents, ListEvents { principal: principal(), after: 0, limit: 50, ticket: None });
        $run!(
            ListEvents,
            ListEvents { principal: principal(), after: 0, limit: 50, ticket: Some(of.ticket) }
        );
        $run!(TailEvents, TailEvents { after: 0, limit: 500 });
        let filter = || AuditFilter { user: Some(of.admin.user), ..AuditFilter::default() };
        $run!(ListAudit, ListAudit { principal: principal(), filter: filter(), limit: 50, cursor: None });
        $run!(ReadLedger, ReadLedger { after: 0, limit: 500 });
        $run!(GetHead, GetHead);
        let text = || Some(format!("admin of {}", of.slug));
        $run!(ListUsers, ListUsers { principal: principal(), text: text(), limit: 50, cursor: None });
        $run!(
            GetProfile,
            GetProfile { principal: flowbit_domain::Principal { user: of.admin.user, ..principal() } }
        );
        $run!(ListAssignees, ListAssignees { principal: principal() });
        $run!(FindLogin, FindLogin { email: format!("admin@{}.example", of.slug) });
        $run!(FindPassword, FindPassword { user: of.admin.user });
        $run!(CheckSession, CheckSession { session: of.session, user: of.admin.user });
        $run!(ListEndpoints, ListEndpoints { principal: principal(), limit: 50, cursor: None });
        $run!(GetEndpoint, GetEndpoint { principal: principal(), id: of.endpoint });
        let filter = || DeliveryFilter { state: None, endpoint: Some(of.endpoint), ticket: Some(of.ticket) };
        $run!(
            ListDeliveries,
            ListDeliveries { principal: principal(), filter: filter(), limit: 50, cursor: None }
        );
        let callback_url = || "https://desk.example/callback".to_owned();
        $run!(
            GetDelivery,
            GetDelivery { principal: principal(), id: of.delivery, callback_url: callback_url() }
        );
        $run!(NextDue, NextDue { per_endpoint: 4 });
        $run!(GetBacklog, GetBacklog { per_endpoint: 4 });
        $run!(HasExpired, HasExpired);
        $run!(ListMyScreens, ListMyScreens { principal: principal(), declared: of.screens() });
        $run!(ListScreenSettings, ListScreenSettings { principal: principal(), declared: of.screens() });
        $run!(ReadArchive, ReadArchive { sink: Box::new(|_| Ok(())) });
    }};
}
pub(crate) use every_query;

/// Hands every command to `$run!(Name, value)`: done by the company `$me` to what is `$of`'s, which may be the
/// same or another. `$round`, read anew for each, makes what must be new differ from one
/// time to the next.
macro_rules! every_command {
    ($me:expr, $of:expr, $round:expr, $run:ident) => {{
        use flowbit_domain::{
            Timestamp,
            callback::{ApplyCallback, CallbackClaim, RecordRefusedCallback, Refusal},
            company::RecordFounding,
            delivery::{
                ClaimDeliveries, FinishAttempt, MarkOverdue, Outcome, ReclaimLeases, ReplayDelivery,
                ReturnLeases,
            },
            endpoint::{
                DeleteEndpoint, EndpointPatch, RotateSecret, TestEndpoint, UpdateEndpoint, hash_secret,
            },
            message::{CreateMessage, NewMessage},
            retention::RemoveExpired,
            screens::{ScreenChange, ScreensChange, UpdateScreens},
            session::{
                EndSession, RecordDenial, RecordExport, RecordRefusal, RefreshSession, RefusalReason,
                StartSession, UpgradePasswordHash,
            },
            ticket::{DeleteTicket, Status, TicketPatch, UpdateTicket},
            user::{
                AcceptInvitation, Authority, ChangePassword, InviteUser, ResetPassword, UpdateUser, UserPatch,
            },
        };
        use $crate::use_cases::{Known, hash_of, secrets_of};
        let (me, of): (&Known, &Known) = ($me, $of);
        let round = || -> usize { $round };
        let principal = || me.admin.clone();
        let origin = || me.origin();
        let by = || Authority::Person(principal());
        let text = |text: &str| text.to_owned();
        $run!(
            RecordFounding,
            RecordFounding { origin: origin(), slug: me.slug.clone(), name: me.slug.clone() }
        );
        $run!(CreateUser, me.new_user(&format!("new-{}", round())));
        let patch = || UserPatch {
            name: Some(format!("Renamed of {} {}", me.slug, round())),
            ..UserPatch::default()
        };
        $run!(UpdateUser, UpdateUser { by: by(), origin: origin(), id: of.colleague, patch: patch() });
        $run!(
            AcceptInvitation,
            AcceptInvitation {
                origin: origin(),
                user: of.colleague,
                invitation: of.invitation.id,
                password_hash: hash_of(&me.slug),
                user_agent: None,
            }
        );
        $run!(InviteUser, InviteUser { by: by(), origin: origin(), id: of.colleague });
        let seen_hash = || hash_of(&of.slug);
        $run!(
            StartSession,
            StartSession { origin: origin(), user: of.admin.user, seen_hash: seen_hash(), user_agent: None }
        );
        $run!(
            RefreshSession,
            RefreshSession { origin: origin(), session: of.session, refresh_id: of.refresh }
        );
        $run!(
            RecordRefusal,
            RecordRefusal {
                origin: origin(),
                email: format!("admin@{}.example", me.slug),
                user: me.admin.user,
                reason: RefusalReason::WrongPassword,
            }
        );
        $run!(
            RecordDenial,
            RecordDenial { principal: principal(), origin: origin(), method: text("GET"), route: text("/x") }
        );
        $run!(RecordExport, RecordExport { principal: principal(), origin: origin(), format: "csv" });
        $run!(CreateTicket, me.new_ticket(&format!("Made {}", round())));
        let patch = || TicketPatch {
            status: Some(Status::InProgress),
            tags: Some(vec![format!("t{}-{}", round(), me.slug)]),
            ..TicketPatch::default()
        };
        $run!(
            UpdateTicket,
            UpdateTicket { principal: principal(), origin: origin(), id: of.ticket, patch: patch() }
        );
        let input = || NewMessage { body: format!("Hello {} from {}", round(), me.slug), internal: false };
        $run!(
            CreateMessage,
            CreateMessage {
                principal: principal(),
                origin: origin(),
                ticket: of.ticket,
                input: input(),
                idempotency: None
            }
        );
        $run!(DeleteTicket, DeleteTicket { principal: principal(), origin: origin(), id: of.doomed });
        $run!(CreateEndpoint, me.new_endpoint(100 + round() as u128));
        let patch = || EndpointPatch {
            description: Some(format!("Round {} of {}", round(), me.slug)),
            ..EndpointPatch::default()
        };
        $run!(
            UpdateEndpoint,
            UpdateEndpoint { principal: principal(), origin: origin(), id: of.endpoint, patch: patch() }
        );
        $run!(TestEndpoint, TestEndpoint { principal: principal(), origin: origin(), id: of.endpoint });
        $run!(
            DeleteEndpoint,
            DeleteEndpoint { principal: principal(), origin: origin(), id: of.doomed_endpoint }
        );
        $run!(ClaimDeliveries, ClaimDeliveries { limit: 2, per_endpoint: 8, lease_ms: 60_000 });
        let outcome = || Outcome::Answered { status: 200, body: text("fine"), retry_after_ms: None };
        $run!(
            FinishAttempt,
            FinishAttempt {
                lease: of.leases[0],
                claimed_at: of.claimed_at,
                duration_ms: 5,
                outcome: outcome()
            }
        );
        $run!(ReturnLeases, ReturnLeases { leases: of.leases.clone() });
        $run!(ReclaimLeases, ReclaimLeases { claimed_before: Timestamp(i64::MAX) });
        $run!(MarkOverdue, MarkOverdue { limit: 10 });
        let claim = CallbackClaim { ticket: of.ticket, delivery: of.delivery, endpoint: of.endpoint };
        $run!(
            ApplyCallback,
            ApplyCallback {
                origin: origin(),
                claim,
                secret: hash_secret(&secrets_of(&of.slug).shared),
                status: None,
                message: Some(format!("Done {} by {}", round(), me.slug)),
                data: None,
            }
        );
        $run!(
            RecordRefusedCallback,
            RecordRefusedCallback {
                origin: origin(),
                refusal: Refusal::WrongToken,
                endpoint: of.endpoint,
                delivery: Some(of.delivery),
            }
        );
        $run!(
            RotateSecret,
            RotateSecret {
                principal: principal(),
                origin: origin(),
                id: of.endpoint,
                secrets: secrets_of(&me.slug)
            }
        );
        $run!(ReplayDelivery, ReplayDelivery { principal: principal(), origin: origin(), id: of.delivery });
        let screens =
            || vec![ScreenChange { id: text("tickets"), enabled: Some(round() % 2 == 1), roles: None }];
        let change = || ScreensChange { screens: screens() };
        $run!(
            UpdateScreens,
            UpdateScreens {
                principal: principal(),
                origin: origin(),
                declared: me.screens(),
                change: change()
            }
        );
        $run!(RemoveExpired, RemoveExpired { limit: 10 });
        $run!(EndSession, EndSession { origin: origin(), session: of.session });
        // Last, since they change what others name.
        $run!(
            UpgradePasswordHash,
            UpgradePasswordHash { user: of.colleague, seen_hash: seen_hash(), new_hash: seen_hash() }
        );
        $run!(
            ResetPassword,
            ResetPassword {
                by: by(),
                origin: origin(),
                email: format!("colleague@{}.example", of.slug),
                new_hash: seen_hash(),
            }
        );
        $run!(
            ChangePassword,
            ChangePassword {
                principal: flowbit_domain::Principal { user: of.admin.user, ..principal() },
                origin: origin(),
                seen_hash: seen_hash(),
                new_hash: seen_hash(),
            }
        );
    }};
}
pub(crate) use every_command;
