//! The desk's use-cases on a real store: tickets, conversations, search, the feed, the audit trail.

mod conversation;
mod feed;
mod lists;
mod support;
mod tickets;
