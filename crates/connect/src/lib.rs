//! Connects companies with an n8n. For each it makes the endpoint in Flowbit, by its HTTP interface and as one of
//! its admins, and renders the company's copy of the workflow in `workflows/` with the two credentials that it
//! uses. `cargo xtask start` does so in its own process, the containers by the program `flowbit-connect`.

pub mod endpoint;
pub mod http;
pub mod private;
pub mod workflow;
