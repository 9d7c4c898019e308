//! Random histories of two companies, run on the real store, beside a model of who may see what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    sync::Arc,
};

use flowbit_domain::{
    Command, Principal, Query, Result, Role, TenantCtx,
    delivery::Claimed,
    id::{EndpointId, SessionId, TenantId, TicketId},
    principal::{Actor, Origin},
    user::{Authority, CreateUser, NewUser},
};
use flowbit_store::{NewTenant, Store, StoreOptions, Unheard};
use proptest::prelude::*;
use uuid::Uuid;

use crate::harness::{
    beside::{Ambient, ctx},
    place::Place,
};

/// The names of the two companies, which stand in every word that either ever writes.
pub(crate) const NAMES: [&str; 2] = ["zorba", "quentin"];

/// One step of a history. Numbers choose among what there is at that moment.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Hire(Role),
    Raise {
        by: u8,
    },
    Write {
        by: u8,
        ticket: u8,
        internal: bool,
    },
    Change {
        by: u8,
        ticket: u8,
        status: u8,
    },
    Remove {
        by: u8,
        ticket: u8,
    },
    Connect {
        by: u8,
    },
    Rotate {
        by: u8,
        endpoint: u8,
    },
    Disconnect {
        by: u8,
        endpoint: u8,
    },
    Deliver {
        accepted: bool,
    },
    CallBack {
        delivery: u8,
        again: bool,
    },
    /// Tries everything above on what is the other company's.
    Trespass {
        by: u8,
        pick: u8,
    },
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let roles = prop_oneof![3 => Just(Role::User), 2 => Just(Role::Agent), 1 => Just(Role::Admin)];
    let n = || any::<u8>();
    prop_oneof![
        2 => roles.prop_map(Step::Hire),
        5 => n().prop_map(|by| Step::Raise { by }),
        8 => (n(), n(), any::<bool>()).prop_map(|(by, ticket, internal)| Step::Write { by, ticket, internal }),
        3 => (n(), n(), n()).prop_map(|(by, ticket, status)| Step::Change { by, ticket, status }),
        1 => (n(), n()).prop_map(|(by, ticket)| Step::Remove { by, ticket }),
        1 => n().prop_map(|by| Step::Connect { by }),
        1 => (n(), n()).prop_map(|(by, endpoint)| Step::Rotate { by, endpoint }),
        1 => (n(), n()).prop_map(|(by, endpoint)| Step::Disconnect { by, endpoint }),
        3 => any::<bool>().prop_map(|accepted| Step::Deliver { accepted }),
        3 => (n(), any::<bool>()).prop_map(|(delivery, again)| Step::CallBack { delivery, again }),
        2 => (n(), n()).prop_map(|(by, pick)| Step::Trespass { by, pick }),
    ]
}

/// A history: whose turn it is and what they do.
pub(crate) fn history(steps: usize) -> impl Strategy<Value = Vec<(bool, Step)>> {
    proptest::collection::vec((any::<bool>(), step()), steps / 2..steps)
}

/// A ticket as the model knows it.
pub(crate) struct KnownTicket {
    pub(crate) id: TicketId,
    pub(crate) requester: usize,
    pub(crate) public: i64,
    pub(crate) notes: i64,
    /// Every word of its text and public messages, then those of its notes.
    pub(crate) words: Vec<String>,
    pub(crate) secrets: Vec<String>,
    pub(crate) alive: bool,
}

pub(crate) struct KnownEndpoint {
    pub(crate) id: EndpointId,
    pub(crate) shared: String,
    pub(crate) alive: bool,
}

/// One company and what the model knows of it.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    pub(crate) tenant: TenantId,
    pub(crate) ctx: TenantCtx,
    pub(crate) people: Vec<Principal>,
    pub(crate) tickets: Vec<KnownTicket>,
    pub(crate) endpoints: Vec<KnownEndpoint>,
    pub(crate) claimed: Vec<Claimed>,
    pub(crate) applied: BTreeMap<Uuid, usize>,
    /// Every UUID that any answer to this company has held.
    pub(crate) ids: BTreeSet<String>,
    /// Those of the other company that this one's trespassers named themselves in refused callbacks.
    pub(crate) named: BTreeSet<String>,
    written: usize,
}

/// Both companies on one store.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) sides: [Side; 2],
}

pub(crate) fn pick<T>(of: &[T], n: u8) -> Option<usize> {
    (!of.is_empty()).then(|| usize::from(n) % of.len())
}

impl Side {
    /// A word that nobody else ever writes. `kind`: public, secret, person or hook.
    pub(crate) fn word(&mut self, kind: &str) -> String {
        self.written += 1;
        format!("{}{kind}{:05}", self.name, self.written)
    }

    pub(crate) fn person(&self, n: u8) -> Principal {
        self.people[usize::from(n) % self.people.len()].clone()
    }

    pub(crate) fn origin(by: &Principal) -> Origin {
        Origin { actor: Actor::from(by), ip: Some("192.0.2.1".into()), request_id: Some("test".into()) }
    }

    pub(crate) fn may_read(&self, who: &Principal, ticket: &KnownTicket) -> bool {
        ticket.alive && (who.role.is_staff() || self.people[ticket.requester].user == who.user)
    }
}

impl World {
    pub(crate) async fn new(place: &Place) -> Self {
        let options = StoreOptions {
            writers: 2,
            readers: 2,
            ..place.options(Arc::new(Ambient), Arc::new(Ambient), Arc::new(Unheard))
        };
        let store = Store::open(options).await.expect("a store");
        let first = Self::found(&store, NAMES[0]).await;
        let second = Self::found(&store, NAMES[1]).await;
        let mut world = Self { store, sides: [first, second] };
        for side in [0, 1] {
            for role in [Role::Admin, Role::Agent, Role::User, Role::User] {
                world.hire(side, role).await;
            }
            world.run(side, Step::Connect { by: 0 }).await;
        }
        world
    }

    async fn found(store: &Store, name: &'static str) -> Side {
        let new = NewTenant {
            slug: name.into(),
            name: name.into(),
            locale: "en".into(),
            accent_color: "#123456".into(),
        };
        let tenant = store.control().create_tenant(new).await.expect("a tenant").id;
        Side {
            name,
            tenant,
            ctx: ctx(tenant),
            people: Vec::new(),
            tickets: Vec::new(),
            endpoints: Vec::new(),
            claimed: Vec::new(),
            applied: BTreeMap::new(),
            ids: BTreeSet::new(),
            named: BTreeSet::new(),
            written: 0,
        }
    }

    pub(crate) async fn write<C: Command>(&self, side: usize, command: C) -> Result<C::Output> {
        self.store.write(&self.sides[side].ctx, command).await
    }

    pub(crate) async fn read<Q: Query>(&self, side: usize, query: Q) -> Result<Q::Output> {
        self.store.read(&self.sides[side].ctx, query).await
    }

    async fn hire(&mut self, side: usize, role: Role) {
        let word = self.sides[side].word("person");
        let user = NewUser {
            email: format!("{word}@example.com"),
            name: word,
            role,
            password_hash: Some("x".into()),
        };
        let by = Authority::Operator;
        let made =
            self.write(side, CreateUser { by, origin: Origin::system(), user }).await.expect("a person").user;
        let tenant = self.sides[side].tenant;
        let session = SessionId(Uuid::nil());
        self.sides[side].people.push(Principal { tenant, user: made.id, name: made.name, role, session });
    }

    /// Does one step and checks that it is allowed or refused as the model says.
    pub(crate) async fn run(&mut self, side: usize, step: Step) {
        match step {
            Step::Hire(role) => self.hire(side, role).await,
            Step::Raise { by } => self.raise(side, by).await,
            Step::Write { by, ticket, internal } => self.write_message(side, by, ticket, internal).await,
            Step::Change { by, ticket, status } => self.change(side, by, ticket, status).await,
            Step::Remove { by, ticket } => self.remove(side, by, ticket).await,
            Step::Connect { by } => self.connect(side, by).await,
            Step::Rotate { by, endpoint } => self.rotate(side, by, endpoint).await,
            Step::Disconnect { by, endpoint } => self.disconnect(side, by, endpoint).await,
            Step::Deliver { accepted } => self.deliver(side, accepted).await,
            Step::CallBack { delivery, again } => self.call_back(side, delivery, again).await,
            Step::Trespass { by, pick } => self.trespass(side, by, pick).await,
        }
    }

    /// What somebody is shown must be theirs to see.
    pub(crate) fn show(&mut self, side: usize, viewer: &Principal, shown: &(impl serde::Serialize + Debug)) {
        let text = serde_json::to_string(shown).expect("answers are JSON");
        self.look_at(side, Some(viewer), &text);
    }

    /// What an endpoint of the company is sent.
    pub(crate) fn show_anyone(&mut self, side: usize, shown: &impl serde::Serialize) {
        let text = serde_json::to_string(shown).expect("answers are JSON");
        self.look_at(side, None, &text);
    }
}
