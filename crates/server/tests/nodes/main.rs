//! Several nodes on one PostgreSQL: the real binary, several times, on a cluster of the test's own.
//!
//! What is done on one node is there on all. Where it must be there within a second the test measures it; all
//! else waits until it is so.

#![cfg(test)]

#[path = "../harness/mod.rs"]
mod harness;

#[path = "../crash/book.rs"]
#[expect(dead_code, reason = "what lost its answer is asked for again at once")]
mod book;
mod deliveries;
mod following;
mod gateway;
mod limits;
mod nodes;
mod outages;
mod poolers;
mod revocation;
mod sharing;
mod waiting;
