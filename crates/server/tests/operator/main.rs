//! The operator's side, by the real binary: command line, exit codes, files, start and stop.

#![cfg(test)]

mod archive;
mod archives;
mod beside;
mod commands;
mod demo;
mod erasures;
mod expiry;
mod forged;
mod interrupted;
mod killed;
mod killed_beside_locks;
mod moment;
#[path = "../harness/place.rs"]
mod place;
mod program;
mod screens;
mod serving;
mod steps;
mod wellbeing;
