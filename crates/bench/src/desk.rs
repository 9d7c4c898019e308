//! A company that is measured, and what its agent asks of the store.

use std::{path::Path, sync::Arc};

use anyhow::{Result, ensure};
use flowbit_domain::{
    Principal, Role, SessionId, TenantCtx, TenantId, Timestamp, UserId,
    id::TicketId,
    principal::{Actor, Origin},
    ticket::{CreateTicket, GetTicket, ListTickets, NewTicket, Ticket, TicketFilter, TicketSort},
    time::{Clock, Randomness},
    user::{Authority, CreateUser, NewUser},
};
use flowbit_store::{NewTenant, Store, StoreOptions, Unheard};

/// The real clock and the real randomness.
pub(crate) struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "measurements run in real time")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Randomness for System {
    #[expect(clippy::expect_used, reason = "without randomness nothing can be measured")]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("randomness");
    }
}

/// The usual options of a store.
pub(crate) fn options(data: &Path) -> StoreOptions {
    StoreOptions::new(data, Arc::new(System), Arc::new(System), Arc::new(Unheard))
}

/// One company and an agent of it.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) ctx: TenantCtx,
    pub(crate) principal: Principal,
}

impl Desk {
    /// One that is there.
    pub(crate) fn of(tenant: TenantId, agent: UserId, name: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "measurements are the operator's")]
        let ctx = TenantCtx::for_operator(tenant);
        let session = SessionId(agent.0);
        let principal = Principal { tenant, user: agent, name: name.to_owned(), role: Role::Agent, session };
        Self { ctx, principal }
    }

    /// Makes one.
    pub(crate) async fn make(store: &Store, slug: String) -> Result<Self> {
        let name = format!("Company {slug}");
        let new = NewTenant { slug, name, locale: "en".into(), accent_color: "#1f6feb".into() };
        let tenant = store.control().create_tenant(new).await?;
        #[expect(clippy::disallowed_methods, reason = "measurements are the operator's")]
        let ctx = TenantCtx::for_operator(tenant.id);
        let command = CreateUser {
            by: Authority::Operator,
            origin: Origin { actor: Actor::operator(), ip: None, request_id: None },
            user: NewUser {
                email: "agent@bench.example".into(),
                name: "Agent".into(),
                role: Role::Agent,
                password_hash: Some("unusable".into()),
            },
        };
        let user = store.write(&ctx, command).await.map_err(refused)?.user;
        Ok(Self::of(tenant.id, user.id, &user.name))
    }

    /// Raises a ticket.
    pub(crate) async fn create(&self, store: &Store, n: usize) -> Result<()> {
        let command = CreateTicket {
            principal: self.principal.clone(),
            origin: Origin { actor: (&self.principal).into(), ip: None, request_id: None },
            input: NewTicket {
                title: format!("Pallet {n} is late"),
                description: "It should have been here on Monday. Where is it now?".into(),
                tags: vec!["delay".into()],
                ..NewTicket::default()
            },
            idempotency: None,
        };
        store.write(&self.ctx, command).await.map_err(refused)?;
        Ok(())
    }

    /// Reads the first page of all tickets, or of those that a text finds.
    pub(crate) async fn list(&self, store: &Store, text: Option<String>) -> Result<Vec<Ticket>> {
        let query = ListTickets {
            principal: self.principal.clone(),
            filter: TicketFilter { text, ..TicketFilter::default() },
            sort: TicketSort::default(),
            limit: 25,
            cursor: None,
        };
        Ok(store.read(&self.ctx, query).await.map_err(refused)?.items)
    }

    /// Reads one ticket.
    pub(crate) async fn get(&self, store: &Store, id: TicketId) -> Result<()> {
        let query = GetTicket { principal: self.principal.clone(), id };
        let ticket = store.read(&self.ctx, query).await.map_err(refused)?;
        ensure!(ticket.id == id, "another ticket was answered");
        Ok(())
    }
}

/// The domain's errors know nothing of `std::error::Error`'s callers here.
pub(crate) fn refused(error: flowbit_domain::Error) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
