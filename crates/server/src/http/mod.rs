//! HTTP: routes, what surrounds every request, and how bad input is answered.
//!
//! Each module has `pub(crate) fn routes() -> OpenApiRouter<App>`; they are joined here.

pub(crate) mod extract;
pub(crate) mod problem;
