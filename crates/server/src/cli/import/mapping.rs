//! What the operator says about the source's names and words (`--map`, `--time-zone`).

use std::collections::HashMap;

use flowbit_domain::{
    Role, Timestamp,
    import::Remark,
    ticket::{Priority, Status},
};
use jiff::tz::TimeZone;

use super::{
    value::{Document, Value, fold},
    words,
};
use crate::cli::{Failure, Outcome};

/// What a document can have, and what that is usually called (folded).
type Names = &'static [(&'static str, &'static [&'static str])];

const CREATED: &[&str] = &["createdat", "created", "createdon", "datecreated", "createddate", "creationdate"];

pub(super) const USER: Names = &[
    ("id", &["id", "userid"]),
    ("email", &["email", "mail", "emailaddress"]),
    ("name", &["name", "fullname", "displayname", "username"]),
    ("role", &["role", "userrole"]),
    ("active", &["active", "isactive", "enabled", "isenabled"]),
    (
        "inactive",
        &[
            "suspended",
            "disabled",
            "isdisabled",
            "blocked",
            "isblocked",
            "banned",
            "deleted",
            "isdeleted",
            "deletedat",
        ],
    ),
    ("status", &["status", "accountstatus"]),
    ("password", &["passwordhash", "password", "hashedpassword", "encryptedpassword"]),
    ("createdAt", CREATED),
];

pub(super) const TICKET: Names = &[
    ("id", &["id", "ticketid"]),
    ("number", &["number", "ticketnumber", "ticketno", "ticketid", "no"]),
    ("title", &["title", "subject"]),
    ("description", &["description", "body", "content", "details", "text"]),
    ("status", &["status", "state"]),
    ("priority", &["priority"]),
    (
        "requester",
        &[
            "requester",
            "requesterid",
            "requesteremail",
            "createdby",
            "userid",
            "user",
            "author",
            "reporter",
            "reportedby",
            "owner",
        ],
    ),
    (
        "assignee",
        &["assignee", "assigneeid", "assignedto", "assigneeemail", "agent", "agentid", "assignedagent"],
    ),
    ("tags", &["tags", "labels"]),
    ("createdAt", CREATED),
    ("updatedAt", &["updatedat", "updated", "modifiedat", "lastmodified", "updatedon"]),
    ("resolvedAt", &["resolvedat", "closedat", "solvedat", "completedat"]),
    ("messages", &["comments", "messages", "replies", "conversation"]),
    ("notes", &["internalnotes", "notes"]),
    ("deleted", &["deleted", "isdeleted", "deletedat"]),
];

pub(super) const MESSAGE: Names = &[
    ("id", &["id", "commentid", "messageid"]),
    ("ticket", &["ticketid", "ticket"]),
    ("author", &["author", "authorid", "user", "userid", "createdby", "sender", "senderid", "by", "from"]),
    ("authorName", &["authorname", "username", "sendername"]),
    ("body", &["body", "text", "message", "content", "comment", "note"]),
    ("internal", &["internal", "isinternal", "private", "isprivate"]),
    ("public", &["public", "ispublic"]),
    ("createdAt", &["createdat", "created", "date", "timestamp", "at", "sentat"]),
];

pub(super) const ENTRY: Names = &[
    ("id", &["id"]),
    ("action", &["action", "event", "eventtype", "type", "activity"]),
    ("at", &["timestamp", "createdat", "at", "date", "time"]),
    ("actor", &["userid", "user", "actor", "actorid", "performedby", "changedby", "createdby"]),
    ("actorName", &["username", "actorname"]),
    ("ticket", &["ticketid", "ticket"]),
];

/// What documents are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Collection {
    User,
    Ticket,
    Message,
    Entry,
}

impl Collection {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Ticket => "ticket",
            Self::Message => "message",
            Self::Entry => "entry",
        }
    }

    fn names(self) -> Names {
        match self {
            Self::User => USER,
            Self::Ticket => TICKET,
            Self::Message => MESSAGE,
            Self::Entry => ENTRY,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::User, Self::Ticket, Self::Message, Self::Entry].into_iter().find(|c| c.name() == name)
    }
}

/// The operator's word on names and words.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    fields: HashMap<(Collection, &'static str), String>,
    custom: Vec<(String, String)>,
    roles: HashMap<String, Role>,
    states: HashMap<String, Status>,
    priorities: HashMap<String, Priority>,
    pub(super) zone: Option<TimeZone>,
}

impl Mapping {
    /// Reads `--map` and `--time-zone`.
    ///
    /// # Errors
    /// Wrong usage, with what is allowed.
    pub(super) fn new(maps: &[String], zone: Option<&str>) -> Outcome<Self> {
        let mut mapping = Self::default();
        for map in maps {
            mapping.add(map).map_err(|why| Failure::usage(format!("--map {map:?}: {why}")))?;
        }
        if let Some(name) = zone {
            let zone =
                TimeZone::get(name).map_err(|e| Failure::usage(format!("--time-zone {name:?}: {e}")))?;
            mapping.zone = Some(zone);
        }
        Ok(mapping)
    }

    fn add(&mut self, map: &str) -> Result<(), String> {
        const SHAPE: &str = "it must be like ticket.title=subject or status:blocked=waiting";
        // A word may have a = in it, a name of ours never has.
        let (left, right) = map.rsplit_once('=').ok_or(SHAPE)?;
        if let Some((kind, word)) = left.split_once(':') {
            let (word, all) =
                (fold(word), |names: Vec<&str>| format!("it must be one of {}", names.join(", ")));
            match kind {
                "role" => {
                    let role = Role::parse(right).ok_or_else(|| all(vec!["user", "agent", "admin"]))?;
                    self.roles.insert(word, role);
                }
                "status" => {
                    let names = || all(Status::ALL.iter().map(|s| s.as_str()).collect());
                    self.states.insert(word, Status::parse(right).ok_or_else(names)?);
                }
                "priority" => {
                    let names = || all(Priority::ALL.iter().map(|p| p.as_str()).collect());
                    self.priorities.insert(word, Priority::parse(right).ok_or_else(names)?);
                }
                _ => return Err("only words of role, status and priority can be mapped".to_owned()),
            }
            return Ok(());
        }
        let (collection, field) = left.split_once('.').ok_or(SHAPE)?;
        let collection =
            Collection::parse(collection).ok_or("it must begin with user, ticket, message or entry")?;
        if let (Collection::Ticket, Some(name)) = (collection, field.strip_prefix("custom.")) {
            self.custom.push((name.to_owned(), right.to_owned()));
            return Ok(());
        }
        let known = collection.names().iter().find(|(name, _)| *name == field);
        let Some((name, _)) = known else {
            let names: Vec<&str> = collection.names().iter().map(|(name, _)| *name).collect();
            return Err(format!("a {} has {}", collection.name(), names.join(", ")));
        };
        self.fields.insert((collection, name), right.to_owned());
        Ok(())
    }

    /// Takes a field of a document: the one that the operator has named, or one that is usually called so.
    pub(super) fn take(
        &self,
        document: &mut Document,
        collection: Collection,
        field: &'static str,
    ) -> Option<(String, Value)> {
        match self.fields.get(&(collection, field)) {
            Some(path) => document.fields.take_path(path),
            None => {
                let (_, names) = collection.names().iter().find(|(name, _)| *name == field)?;
                document.fields.take(names)
            }
        }
    }

    /// Takes the fields that are to become custom fields.
    pub(super) fn take_custom(&self, document: &mut Document) -> serde_json::Map<String, serde_json::Value> {
        let take = |(name, path): &(String, String)| {
            let (_, value) = document.fields.take_path(path)?;
            Some((name.clone(), value.to_json()))
        };
        self.custom.iter().filter_map(take).collect()
    }

    /// Takes a moment. One that can't be read is left out.
    pub(super) fn take_moment(
        &self,
        document: &mut Document,
        collection: Collection,
        field: &'static str,
    ) -> Option<Timestamp> {
        let (name, value) = self.take(document, collection, field)?;
        if value.is_empty() {
            return None;
        }
        match value.moment(self.zone.as_ref()) {
            Ok(at) => Some(at),
            Err(why) => {
                document.remarks.push(Remark::left_out(name, why));
                None
            }
        }
    }

    /// The role of a word.
    pub(super) fn role(&self, word: &str) -> Option<Role> {
        let word = fold(word);
        self.roles.get(&word).copied().or_else(|| words::role(&word))
    }

    /// The state of a word.
    pub(super) fn status(&self, word: &str) -> Option<Status> {
        let word = fold(word);
        self.states.get(&word).copied().or_else(|| words::status(&word))
    }

    /// The priority of a word.
    pub(super) fn priority(&self, word: &str) -> Option<Priority> {
        let word = fold(word);
        self.priorities.get(&word).copied().or_else(|| words::priority(&word))
    }

    /// Whether the operator names this field of a source, for whatever.
    pub(super) fn names(&self, field: &str) -> bool {
        let mut all = self.fields.values().chain(self.custom.iter().map(|(_, path)| path));
        all.any(|path| path == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operators_word_comes_first_and_wrong_ones_say_what_is_allowed() {
        let map = |map: &str| Mapping::new(&[map.to_owned()], None);
        assert_eq!(map("status:On Hold=open").unwrap().status("on-hold"), Some(Status::Open));
        assert_eq!(Mapping::default().status("On hold"), Some(Status::Waiting));
        assert_eq!(Mapping::default().status("blocked"), None);
        assert_eq!(Mapping::default().role("superadmin"), None, "nobody becomes an admin by resemblance");
        for (wrong, told) in [
            ("title", "ticket.title=subject"),
            ("status:x=gone", "in_progress"),
            ("colour:x=red", "role, status and priority"),
            ("ticket.colour=x", "description"),
            ("desk.title=x", "user, ticket"),
        ] {
            let failure = map(wrong).unwrap_err();
            assert!(failure.code == 2 && failure.line.contains(told), "{wrong}: {}", failure.line);
        }
        assert!(Mapping::new(&[], Some("Mars/Olympus")).is_err());
    }
}
