//! The desk's use-cases on a real store: tickets, conversations, search, the feed, the audit trail.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there")]

mod archives;
mod attachments;
mod bulk;
mod conformance;
mod contents;
mod conversation;
mod drafts;
#[path = "../shared/engines.rs"]
mod engines;
mod erasure;
mod feed;
mod fields;
mod filters;
mod imports;
mod lists;
mod macros;
mod mail;
mod notices;
mod relations;
mod reopening;
mod routing;
mod search;
mod settings;
mod snooze;
mod support;
mod tags;
mod teams;
mod tickets;
#[path = "../shared/use_cases.rs"]
mod use_cases;
mod views;
