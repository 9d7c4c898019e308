//! The operator's side, by the real binary: command line, exit codes, files, start and stop.

#![cfg(test)]

mod beside;
mod commands;
mod demo;
mod expiry;
#[path = "../harness/place.rs"]
mod place;
mod program;
mod screens;
mod serving;
