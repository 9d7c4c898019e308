//! A company with its people, on a store in a folder of its own.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use flowbit_domain::{
    Error, Principal, Result, Role, SessionId, TenantCtx, Timestamp,
    archive::ReadArchive,
    cursor::Page,
    event::{ChainVerifier, StoredEvent},
    feed::TailEvents,
    id::{MacroId, TicketId},
    json::AsJson,
    macros::{ApplyMacro, MacroUse},
    message::{CreateMessage, ListMessages, Message, NewMessage},
    notice::{ListNotices, NoticeKind},
    principal::{Actor, Origin},
    ticket::{
        Cards, CreateTicket, DeleteTicket, GetTicket, ListTickets, NewSnooze, NewTicket, Status, Ticket,
        TicketFilter, TicketPatch, TicketSort, UpdateTicket, WriteTickets,
    },
    time::{Clock, Randomness},
    user::{Authority, CreateUser, NewUser, UpdateUser, UserPatch},
};
use flowbit_store::{NewTenant, Store, StoreOptions, Unheard};
use uuid::Uuid;

use crate::engines::{self, Engine, Place};

/// Goes on by a second each time it is asked, so that no two changes are at one time, until it is stopped.
pub(crate) struct Ticking {
    now: AtomicI64,
    step: AtomicI64,
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(self.step.load(Ordering::Relaxed), Ordering::Relaxed))
    }
}

/// Counts: ids need not be unguessable here, only different.
#[derive(Default)]
struct Counting(AtomicU64);

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// When tests begin. Stores that share it make different ids.
pub(crate) fn start() -> Arc<Ticking> {
    Arc::new(Ticking { now: AtomicI64::new(1_769_847_300_000), step: AtomicI64::new(1000) })
}

/// How a place is opened, by a clock that may be shared.
pub(crate) fn options_at(place: &Place, clock: &Arc<Ticking>) -> StoreOptions {
    let mut options = StoreOptions::new("", clock.clone(), Arc::new(Counting::default()), Arc::new(Unheard));
    place.locate(&mut options);
    options
}

/// Opens a place.
pub(crate) async fn open_at(place: &Place, clock: &Arc<Ticking>) -> Store {
    engines::open(place, options_at(place, clock)).await
}

/// A store, one company, and one person of each role and a second requester.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) tenant: TenantCtx,
    clock: Arc<Ticking>,
    cards: Arc<Cards>,
    pub(crate) admin: Principal,
    pub(crate) agent: Principal,
    pub(crate) user: Principal,
    pub(crate) other: Principal,
    pub(crate) _place: Place,
}

impl Desk {
    pub(crate) async fn new(engine: Engine) -> Self {
        let place = Place::new(engine).await;
        let clock = start();
        let store = open_at(&place, &clock).await;
        let new = NewTenant {
            slug: "acme".into(),
            name: "Acme".into(),
            locale: "en".into(),
            accent_color: "#1f6feb".into(),
        };
        let id = store.control().create_tenant(new).await.unwrap().id;
        #[expect(clippy::disallowed_methods, reason = "the tests are the operator")]
        let tenant = TenantCtx::for_operator(id);
        let admin = person(&store, &tenant, "Ada Admin", Role::Admin).await;
        let agent = person(&store, &tenant, "Greta Agent", Role::Agent).await;
        let user = person(&store, &tenant, "Uwe User", Role::User).await;
        let other = person(&store, &tenant, "Olga Other", Role::User).await;
        Self { store, tenant, clock, cards: Arc::default(), admin, agent, user, other, _place: place }
    }

    /// So many milliseconds go by.
    pub(crate) fn wait(&self, ms: i64) {
        self.clock.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// From now on everything happens at one moment.
    pub(crate) fn stop_clock(&self) {
        self.clock.step.store(0, Ordering::Relaxed);
    }

    pub(crate) async fn raise(&self, by: &Principal, input: NewTicket) -> Result<Ticket> {
        let command = CreateTicket { principal: by.clone(), origin: origin(by), input, idempotency: None };
        let ticket = self.store.write(&self.tenant, command).await?.answer;
        // What is answered without being read is what is read.
        let read = self.get(by, ticket.id).await?;
        assert_eq!(serde_json::to_value(&ticket).unwrap(), serde_json::to_value(&read).unwrap());
        Ok(ticket)
    }

    pub(crate) async fn update(&self, by: &Principal, id: TicketId, patch: TicketPatch) -> Result<Ticket> {
        let command = UpdateTicket { principal: by.clone(), origin: origin(by), id, patch };
        self.store.write(&self.tenant, command).await
    }

    pub(crate) async fn rename(&self, whom: &Principal, name: &str) {
        let command = UpdateUser {
            by: Authority::Person(self.admin.clone()),
            origin: origin(&self.admin),
            id: whom.user,
            patch: UserPatch { name: Some(name.to_owned()), ..UserPatch::default() },
        };
        self.store.write(&self.tenant, command).await.unwrap();
    }

    pub(crate) async fn get(&self, by: &Principal, id: TicketId) -> Result<Ticket> {
        self.store.read(&self.tenant, GetTicket { principal: by.clone(), id }).await
    }

    pub(crate) async fn say(
        &self,
        by: &Principal,
        ticket: TicketId,
        body: &str,
        internal: bool,
    ) -> Result<Message> {
        let input = NewMessage { body: body.into(), internal, ..NewMessage::default() };
        let command =
            CreateMessage { principal: by.clone(), origin: origin(by), ticket, input, idempotency: None };
        Ok(self.store.write(&self.tenant, command).await?.answer)
    }

    pub(crate) async fn conversation(&self, by: &Principal, ticket: TicketId) -> Result<Vec<String>> {
        let query = ListMessages { principal: by.clone(), ticket, limit: 100, cursor: None };
        Ok(self.store.read(&self.tenant, query).await?.items.into_iter().map(|m| m.body).collect())
    }

    /// A page, which is the same whether it is read into tickets or written from cards.
    pub(crate) async fn list(&self, query: ListTickets) -> Page<Ticket> {
        let written = WriteTickets { list: query.clone(), cards: self.cards.clone() };
        let json = self.store.read(&self.tenant, AsJson::new(written)).await.unwrap();
        let page = self.store.read(&self.tenant, query).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&json), serde_json::to_string(&page).unwrap());
        page
    }

    pub(crate) async fn titles(&self, by: &Principal, filter: TicketFilter) -> Vec<String> {
        let query = ListTickets {
            principal: by.clone(),
            filter,
            sort: TicketSort::NumberAsc,
            limit: 100,
            cursor: None,
        };
        self.list(query).await.items.into_iter().map(|t| t.title).collect()
    }

    pub(crate) async fn list_all(&self, by: &Principal) -> Vec<Ticket> {
        let query = ListTickets {
            principal: by.clone(),
            filter: TicketFilter::default(),
            sort: TicketSort::NumberAsc,
            limit: 100,
            cursor: None,
        };
        self.list(query).await.items
    }

    pub(crate) async fn delete(&self, by: &Principal, id: TicketId) -> Result<()> {
        let command = DeleteTicket { principal: by.clone(), origin: origin(by), id };
        self.store.write(&self.tenant, command).await
    }

    /// What somebody was told of, newest first.
    pub(crate) async fn told_kinds(&self, who: &Principal) -> Vec<NoticeKind> {
        let list = ListNotices { principal: who.clone(), unread: false, limit: 100, cursor: None };
        let page = self.store.read(&self.tenant, list).await.unwrap();
        page.items.into_iter().map(|notice| notice.kind).collect()
    }

    /// All that is kept of the company, as text.
    pub(crate) async fn everything(&self) -> String {
        let text = Arc::new(Mutex::new(String::new()));
        let sink = {
            let text = Arc::clone(&text);
            Box::new(move |record: flowbit_domain::archive::Record| {
                let mut text = text.lock().unwrap();
                text.push_str(record.line.get());
                text.push('\n');
                Ok(())
            })
        };
        self.store.read(&self.tenant, ReadArchive { sink }).await.unwrap();
        Arc::into_inner(text).unwrap().into_inner().unwrap()
    }

    pub(crate) async fn search(&self, by: &Principal, text: &str) -> Vec<String> {
        self.titles(by, TicketFilter { text: Some(text.into()), ..TicketFilter::default() }).await
    }

    /// The ledger, after its chain has been checked.
    pub(crate) async fn ledger(&self) -> Vec<StoredEvent> {
        let events = self.store.read(&self.tenant, TailEvents { after: 0, limit: 10_000 }).await.unwrap();
        let mut verifier = ChainVerifier::default();
        for event in &events {
            verifier.check(event).unwrap();
        }
        assert_eq!(self.store.ledger_seq(&self.tenant).await.unwrap(), verifier.size);
        events
    }

    /// The actions of the ledger from a place on.
    pub(crate) async fn actions_after(&self, seq: usize) -> Vec<String> {
        self.ledger().await.into_iter().skip(seq).map(|e| e.action).collect()
    }
}

pub(crate) fn ticket(title: &str) -> NewTicket {
    NewTicket { title: title.into(), ..NewTicket::default() }
}

pub(crate) fn origin(by: &Principal) -> Origin {
    Origin { actor: by.into(), ip: Some("192.0.2.1".into()), request_id: Some("req-1".into()) }
}

async fn person(store: &Store, tenant: &TenantCtx, name: &str, role: Role) -> Principal {
    let email = format!("{}@acme.example", name.replace(' ', "."));
    let command = CreateUser {
        by: Authority::Operator,
        origin: Origin { actor: Actor::operator(), ip: None, request_id: None },
        user: NewUser { email, name: name.into(), role, password_hash: Some("unusable".into()) },
    };
    let user = store.write(tenant, command).await.unwrap().user;
    Principal {
        tenant: tenant.tenant(),
        user: user.id,
        name: user.name,
        role,
        session: SessionId(Uuid::nil()),
    }
}

/// Applies a macro as it is, with nothing else said.
pub(crate) fn apply(by: &Principal, ticket: TicketId, macro_id: MacroId) -> ApplyMacro {
    let input = MacroUse {
        macro_id,
        body: None,
        html: None,
        mentions: Vec::new(),
        attachments: Vec::new(),
        version: None,
        last_message_id: None,
    };
    ApplyMacro { principal: by.clone(), origin: origin(by), ticket, input, idempotency: None }
}

/// Puts it aside until then.
pub(crate) fn until(until: Option<Timestamp>) -> TicketPatch {
    let until = until.map(|until| until.to_string());
    TicketPatch { snooze: Some(Some(NewSnooze { until })), ..TicketPatch::default() }
}

pub(crate) fn status(status: Status) -> TicketPatch {
    TicketPatch { status: Some(status), ..TicketPatch::default() }
}

/// Where the request was wrong.
pub(crate) fn refused_at(refused: Result<Ticket>) -> String {
    match refused {
        Err(Error::Validation(mut errors)) => errors.remove(0).path,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn is_conflict<T: std::fmt::Debug>(answer: Result<T>, expected: &str) -> bool {
    match answer {
        Err(Error::Conflict { code, .. }) => code == expected,
        other => panic!("{other:?}"),
    }
}
