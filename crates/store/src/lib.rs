//! The engines that keep tenants apart, and their migrations.
//!
//! [`Store::read`] and [`Store::write`] are the only doors to a tenant's data, and only a
//! [`TenantCtx`](flowbit_domain::TenantCtx) opens them. A use-case is handed over as a value and runs
//! in one transaction inside that tenant's store; it can name no other. [`Control`] holds the little
//! that belongs to no tenant.
//!
//! Invariants: a caller is answered only after the commit that holds its change is on disk; an error
//! means that nothing was changed; whatever is wrong with one tenant's file costs that tenant alone.

mod call;
mod control;
mod counters;
mod embedded;
mod erasure;
mod ids;
mod import;
mod journey;
mod ledger;
mod options;
mod postgres;
mod store;
mod tenants;
mod turns;

pub use control::{Attempt, Control, ControlError, NewTenant};
pub use erasure::Erasure;
pub use import::{Hints, Import};
pub use journey::TRACE_TARGET;
pub use options::{CommitListener, DatabaseOptions, Mode, OpenError, Stats, StoreOptions, Unheard};
pub use postgres::{AddressError, DatabaseAddress, Tls, WORD_MAX, migrate, reach, script};
pub use store::Store;
