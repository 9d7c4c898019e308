//! The operator's side, by the real binary: command line, exit codes, files, start and stop.

#![cfg(test)]

mod archives;
mod beside;
mod commands;
mod demo;
mod expiry;
mod moment;
#[path = "../harness/place.rs"]
mod place;
mod program;
mod screens;
mod serving;
mod wellbeing;
