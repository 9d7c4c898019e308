//! Moving in from elsewhere: the program on dumps, tables and exports that the tests write, and the desk that
//! people find afterwards.

#![cfg(test)]

mod bad_rows;
mod breaking;
#[path = "../harness/mod.rs"]
mod harness;
mod mongodump;
mod odd;
mod sources;
mod table;
mod terminal;
mod zendesk;
