//! What a support desk is: its types, roles and policy, its use-cases, and the interface of the
//! transaction they run in.
//!
//! Invariants: no I/O crate is named here; no statement names a tenant; the time and randomness
//! come from the transaction; each change is recorded as an event through [`ledger::record`].

pub mod archive;
pub mod assignee;
pub mod attachment;
pub mod audit;
pub mod callback;
pub mod company;
pub mod control;
pub mod cursor;
pub mod delivery;
pub mod draft;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod feed;
pub mod fields;
pub mod id;
pub mod idempotency;
pub mod import;
pub mod json;
pub mod ledger;
pub mod macros;
pub mod message;
pub mod notice;
pub mod patch;
pub mod policy;
pub mod presence;
pub mod principal;
pub mod retention;
pub mod rich;
pub mod screens;
pub mod session;
pub mod settings;
pub mod tags;
pub mod team;
pub mod tenant;
pub mod text;
pub mod ticket;
pub mod time;
pub mod tx;
pub mod user;
pub mod view;
pub mod watch;
pub mod words;

pub use error::{Error, FieldError, Result};
pub use id::*;
pub use principal::{Actor, ActorKind, Principal, Role};
pub use tenant::TenantCtx;
pub use time::Timestamp;
pub use tx::{Command, Query, Row, StoreError, TenantRead, TenantTx, Value};
