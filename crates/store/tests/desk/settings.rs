//! Commands that share a transaction: what one of them changes of the company's settings, the next one goes by.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Barrier},
    task::Poll,
};

use flowbit_domain::{
    Command, Error, Result, TenantTx,
    endpoint::{CreateEndpoint, NewEndpoint, Secrets},
    fields::{CreateField, FieldKind, NewField, Required},
    id::EndpointId,
    ticket::{CreateTicket, NewTicket, Ticket, WorkflowState},
    user::{Authority, UpdateUser, UserPatch},
};
use serde_json::json;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    engines::{Engine, on_both_engines},
    support::{Desk, origin, ticket},
};

on_both_engines! {
    what_one_command_changes_the_next_one_knows,
    what_was_learned_of_what_was_undone_is_forgotten,
}

/// Keeps the company's transaction until it is let go, so that those who come meanwhile share the next one.
#[derive(Clone)]
struct Hold {
    is_held: Arc<Semaphore>,
    /// Of the command and who lets it go. An embedded command has a thread to itself, and never awaits.
    go: Arc<Barrier>,
}

impl Command for Hold {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        tx.query_one("SELECT count(*) FROM users", &[], |row| row.int(0)).await?;
        self.is_held.add_permits(1);
        self.go.wait();
        Ok(())
    }
}

/// Demands a field, and fails by raising a ticket without it: neither is there in the end.
#[derive(Clone)]
struct DemandInVain(CreateField, CreateTicket);

impl Command for DemandInVain {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        self.0.run(tx).await?;
        self.1.run(tx).await?;
        Ok(())
    }
}

/// Leaves a statement behind that the engine refuses, at the commit at the latest.
#[derive(Clone)]
struct BreakLater;

impl Command for BreakLater {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        tx.query_one("SELECT count(*) FROM users", &[], |row| row.int(0)).await?;
        tx.put("UPDATE tickets SET priority = 99", Vec::new());
        Ok(())
    }
}

fn demand(desk: &Desk, key: &str) -> CreateField {
    CreateField {
        principal: desk.admin.clone(),
        origin: origin(&desk.admin),
        input: NewField {
            key: key.into(),
            label: "Order".into(),
            kind: FieldKind::Text,
            options: Vec::new(),
            required: Required::Create,
            shown_to_requesters: true,
        },
    }
}

type Call<'d, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'd>>;

/// Queues a command: it has its place before the next one that is queued.
async fn queue<'d, T>(call: impl Future<Output = Result<T>> + Send + 'd) -> Call<'d, T> {
    let mut call: Call<'d, T> = Box::pin(call);
    std::future::poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending(), "it was answered at once");
        Poll::Ready(())
    })
    .await;
    call
}

fn create(desk: &Desk, input: NewTicket) -> CreateTicket {
    CreateTicket { principal: desk.user.clone(), origin: origin(&desk.user), input, idempotency: None }
}

async fn assert_as_read(desk: &Desk, made: &Ticket) {
    let read = desk.get(&desk.user, made.id).await.unwrap();
    assert_eq!(serde_json::to_value(made).unwrap(), serde_json::to_value(&read).unwrap());
}

async fn what_one_command_changes_the_next_one_knows(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (store, tenant) = (&desk.store, &desk.tenant);
    let (is_held, go) = (Arc::new(Semaphore::new(0)), Arc::new(Barrier::new(2)));
    let hold = queue(store.write(tenant, Hold { is_held: is_held.clone(), go: go.clone() })).await;
    is_held.acquire().await.unwrap().forget();

    let (admin, by) = (&desk.admin, Authority::Person(desk.admin.clone()));
    let plain = || create(&desk, ticket("Pallet 7"));
    let commits = store.stats().commits;

    let before = queue(store.write(tenant, plain())).await;
    let endpoint = CreateEndpoint {
        principal: admin.clone(),
        origin: origin(admin),
        id: EndpointId(Uuid::from_u128(1)),
        input: NewEndpoint {
            url: "https://workflows.example/hook".into(),
            events: vec!["ticket.created".into()],
            active: true,
            description: String::new(),
            deadline_seconds: None,
        },
        secrets: Secrets { signing: "whsec_1".into(), shared: "fbs_1".into() },
    };
    let endpoint = queue(store.write(tenant, endpoint)).await;
    let told = queue(store.write(tenant, plain())).await;
    let rename = UpdateUser {
        by,
        origin: origin(admin),
        id: desk.user.user,
        patch: UserPatch { name: Some("Uwe Umbenannt".into()), ..UserPatch::default() },
    };
    let rename = queue(store.write(tenant, rename)).await;
    let renamed = queue(store.write(tenant, plain())).await;
    let in_vain = queue(store.write(tenant, DemandInVain(demand(&desk, "vain"), plain()))).await;
    let after = queue(store.write(tenant, plain())).await;
    let field = queue(store.write(tenant, demand(&desk, "order"))).await;
    let without = queue(store.write(tenant, plain())).await;
    let values = json!({ "order": "4711" }).as_object().cloned();
    let with = NewTicket { custom_fields: values, ..ticket("Pallet 7") };
    let with = queue(store.write(tenant, create(&desk, with))).await;

    go.wait();
    hold.await.unwrap();
    let before = before.await.unwrap().answer;
    endpoint.await.unwrap();
    let told = told.await.unwrap().answer;
    rename.await.unwrap();
    let renamed = renamed.await.unwrap().answer;
    assert!(matches!(in_vain.await, Err(Error::Validation(_))));
    let after = after.await.unwrap().answer;
    field.await.unwrap();
    let without = without.await;
    let with = with.await.unwrap().answer;
    assert!(store.stats().commits - commits <= 2, "they shared nothing");

    assert!(before.workflow.is_none());
    assert_eq!(told.workflow.as_ref().map(|w| w.state), Some(WorkflowState::Pending));
    assert_eq!(
        [&before, &told, &renamed, &with].map(|t| t.requester.name.as_str()),
        ["Uwe User", "Uwe User", "Uwe Umbenannt", "Uwe Umbenannt"]
    );
    assert!(matches!(without, Err(Error::Validation(_))), "{without:?}");
    for made in [&renamed, &after, &with] {
        assert_as_read(&desk, made).await;
    }
}

/// All run again when one of them turns out at the commit to have failed; the first of them then goes by what is, not
/// by what others had changed after it.
async fn what_was_learned_of_what_was_undone_is_forgotten(engine: Engine) {
    let desk = Desk::new(engine).await;
    let (store, tenant) = (&desk.store, &desk.tenant);
    let (is_held, go) = (Arc::new(Semaphore::new(0)), Arc::new(Barrier::new(2)));
    let hold = queue(store.write(tenant, Hold { is_held: is_held.clone(), go: go.clone() })).await;
    is_held.acquire().await.unwrap().forget();

    let plain = queue(store.write(tenant, create(&desk, ticket("Without an order")))).await;
    let field = queue(store.write(tenant, demand(&desk, "order"))).await;
    let values = json!({ "order": "4711" }).as_object().cloned();
    let with = NewTicket { custom_fields: values, ..ticket("With an order") };
    let with = queue(store.write(tenant, create(&desk, with))).await;
    let broken = queue(store.write(tenant, BreakLater)).await;
    go.wait();
    hold.await.unwrap();
    // Nothing was demanded of it yet.
    let plain = plain.await.unwrap().answer;
    field.await.unwrap();
    let with = with.await.unwrap().answer;
    assert!(matches!(broken.await, Err(Error::Internal(_))));
    for made in [&plain, &with] {
        assert_as_read(&desk, made).await;
    }
}
