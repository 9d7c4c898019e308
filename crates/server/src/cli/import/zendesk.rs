//! Zendesk's export: files of JSON objects, one a line, as its data export has them, or pages as its API
//! answers them (`{"tickets": […]}`). Comments stand in their tickets, or in files of their own with the
//! ticket's id in each or as the file's name.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    sync::Arc,
};

use flowbit_domain::import::{IncomingTicket, Remark};
use serde_json::{Deserializer, Value as Json};

use super::{
    mapping::{Collection, Mapping},
    said::read_loose_message,
    shapes::{read_person, read_ticket},
    source::{Item, Items, Piece, Source, name_of, open, told},
    value::{Document, Value},
};
use crate::cli::{Failure, Outcome};

/// What Zendesk's objects have beside what is read (folded). The manual lists them.
const QUIET: &[&str] = &[
    "url",
    "externalid",
    "rawsubject",
    "type",
    "via",
    "submitterid",
    "submitter",
    "recipient",
    "organizationid",
    "organization",
    "groupid",
    "group",
    "collaboratorids",
    "collaborators",
    "followerids",
    "emailccids",
    "forumtopicid",
    "problemid",
    "hasincidents",
    "ispublic",
    "dueat",
    "satisfactionrating",
    "sharingagreementids",
    "fields",
    "followupids",
    "ticketformid",
    "brandid",
    "allowchannelback",
    "allowattachments",
    "frommessagingchannel",
    "generatedtimestamp",
    "updatedstamp",
    "metricset",
    "metricsets",
    "metrics",
    "dates",
    "resulttype",
    "supporttype",
    "commentcount",
    "slas",
    "customstatusid",
    "encodedid",
    "lookupids",
    "audits",
    // Of people.
    "timezone",
    "ianatimezone",
    "locale",
    "localeid",
    "phone",
    "sharedphonenumber",
    "photo",
    "verified",
    "tags",
    "alias",
    "customroleid",
    "moderator",
    "notes",
    "details",
    "onlyprivatecomments",
    "restrictedagent",
    "signature",
    "shared",
    "sharedagent",
    "lastloginat",
    "lastactive",
    "twofactorauthenabled",
    "userfields",
    "reportcsv",
    "ticketrestriction",
    "roletype",
    "defaultgroupid",
    "permanentlydeleted",
    "chatonly",
    // Of comments.
    "htmlbody",
    "plainbody",
    "auditid",
    "metadata",
    "authorname",
];

/// An export.
pub(super) struct Export {
    company: String,
    files: Vec<(Collection, PathBuf)>,
    others: Vec<String>,
    mapping: Mapping,
}

impl Export {
    /// Finds the files of an export: a folder, or single files.
    ///
    /// # Errors
    /// When there are none, or one can't be read.
    pub(super) fn find(company: &str, paths: &[PathBuf], mapping: Mapping) -> Outcome<Self> {
        let (mut files, mut others) = (Vec::new(), Vec::new());
        for path in paths {
            if path.is_dir() {
                collect(path, &mut files, &mut others)?;
            } else {
                let collection = collection_of(path)?;
                let named = || {
                    told(
                        path,
                        "neither its name nor its first object says what it has: users, tickets or comments",
                    )
                };
                files.push((collection.ok_or_else(named)?, path.clone()));
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(Failure::new("there is no file of users, tickets or comments"));
        }
        Ok(Self { company: company.to_owned(), files, others, mapping })
    }
}

/// The files in a folder and those in it.
fn collect(folder: &Path, files: &mut Vec<(Collection, PathBuf)>, others: &mut Vec<String>) -> Outcome {
    let entries = std::fs::read_dir(folder).map_err(|e| told(folder, e))?;
    for entry in entries {
        let path = entry.map_err(|e| told(folder, e))?.path();
        if path.is_dir() {
            collect(&path, files, others)?;
            continue;
        }
        let name = name_of(&path);
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let is_json = [".json", ".ndjson", ".jsonl"].iter().any(|ext| plain.ends_with(ext));
        match if is_json { collection_of(&path)? } else { None } {
            Some(collection) => files.push((collection, path)),
            None => others.push(name.to_string()),
        }
    }
    others.sort();
    Ok(())
}

/// What a file has: by the pages in it, or by its name or its folder's.
fn collection_of(path: &Path) -> Outcome<Option<Collection>> {
    let first = Deserializer::from_reader(open_text(path)?).into_iter::<Json>().next();
    let Some(first) = first else { return Ok(by_name(path)) };
    let first = first.map_err(|e| told(path, e))?;
    let page =
        [("users", Collection::User), ("tickets", Collection::Ticket), ("comments", Collection::Message)];
    // A ticket may have comments in it: a page has no id.
    let of_page = page.into_iter().find(|(key, _)| first[*key].is_array() && first["id"].is_null());
    Ok(of_page.map(|(_, collection)| collection).or_else(|| by_name(path)))
}

/// By the words of a name, without numbers and dates: `tickets-2024-01.json`, or `comments/35436.json`.
fn by_name(path: &Path) -> Option<Collection> {
    let of_words = |name: &str| {
        let lower = name.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| {
                !["", "json", "ndjson", "jsonl", "gz", "zendesk", "export", "page", "part"].contains(word)
            })
            .collect();
        match words[..] {
            ["users" | "user"] => Some(Collection::User),
            ["tickets" | "ticket"] => Some(Collection::Ticket),
            ["comments" | "comment"] | ["ticket" | "tickets", "comments" | "comment"] => {
                Some(Collection::Message)
            }
            _ => None,
        }
    };
    let of_numbers =
        |name: &str| name.split('.').next().is_some_and(|stem| stem.bytes().all(|b| b.is_ascii_digit()));
    let name = name_of(path);
    let folder = path.parent().map(name_of).filter(|_| of_numbers(&name));
    of_words(&name).or_else(|| of_words(&folder?))
}

fn open_text(path: &Path) -> Outcome<Box<dyn BufRead>> {
    let mut reader = open(path)?;
    let start = reader.fill_buf().map_err(|e| told(path, e))?;
    if start.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(reader)
}

impl Source for Export {
    fn items(&self) -> Items<'_> {
        Box::new(self.files.iter().flat_map(move |(collection, path)| {
            let reader = match open_text(path) {
                Ok(reader) => reader,
                Err(failure) => return Box::new(std::iter::once(Err(failure))) as Items<'_>,
            };
            let file = name_of(path);
            let mut at = 0;
            let values = Deserializer::from_reader(reader).into_iter::<Json>();
            Box::new(values.flat_map(move |value| {
                match value {
                    Err(e) => vec![Err(told(path, format!("it is no JSON: {e}")))],
                    Ok(value) => objects_of(value, *collection)
                        .into_iter()
                        .map(|object| {
                            at += 1;
                            Ok(self.understand(path, &file, at, *collection, object))
                        })
                        .collect(),
                }
            }))
        }))
    }

    fn passed_over(&self) -> Vec<(String, String)> {
        let why = "is a file of neither users nor tickets nor comments";
        self.others.iter().map(|name| (name.clone(), why.to_owned())).collect()
    }
}

/// The objects of a page, of a list, or the one that it is.
fn objects_of(value: Json, collection: Collection) -> Vec<Json> {
    let key = match collection {
        Collection::User => "users",
        Collection::Ticket => "tickets",
        Collection::Message | Collection::Entry => "comments",
    };
    match value {
        Json::Array(list) => list,
        Json::Object(mut page) if page.get("id").is_none_or(Json::is_null) => match page.remove(key) {
            Some(Json::Array(list)) => list,
            _ => vec![Json::Object(page)],
        },
        one => vec![one],
    }
}

impl Export {
    fn understand(
        &self,
        path: &Path,
        file: &Arc<str>,
        at: u64,
        collection: Collection,
        object: Json,
    ) -> Item {
        let of = |id: String| (self.company.clone(), collection, id);
        let Value::Map(fields) = Value::from(object) else {
            let why = Remark::refused("", "it is no object");
            return Item::new((file, at), of(String::new()), Err(why), Vec::new());
        };
        let mut document = Document::new(fields);
        let id = document.fields.clone().take(&["id"]).and_then(|(_, value)| value.id()).unwrap_or_default();
        let read = match collection {
            Collection::User => self.read_user(&mut document).map(Piece::Person),
            Collection::Ticket => self.read_ticket(&mut document).map(Piece::Ticket),
            Collection::Message | Collection::Entry => {
                if document.fields.clone().take(&["ticketid"]).is_none() {
                    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                    let digits: String = stem.chars().filter(char::is_ascii_digit).collect();
                    if !digits.is_empty() {
                        document.fields.0.push(("ticket_id".to_owned(), Value::Text(digits)));
                    }
                }
                leave_attachments(&mut document);
                read_loose_message(&self.mapping, &mut document, QUIET).map(Piece::Message)
            }
        };
        Item::new((file, at), of(id), read, document.remarks)
    }

    fn read_user(&self, document: &mut Document) -> Result<flowbit_domain::import::IncomingPerson, Remark> {
        // Who was suspended is still "active" there: both are looked at.
        read_person(&self.mapping, document, |_| None, QUIET)
    }

    fn read_ticket(&self, document: &mut Document) -> Result<IncomingTicket, Remark> {
        if let Some((_, Value::Text(status))) = document.fields.clone().take(&["status"])
            && status == "deleted"
        {
            return Err(Remark::refused("status", "it has been deleted there"));
        }
        // The values of fields that the company has made; those that are empty say nothing.
        let custom = document.fields.take(&["customfields"]);
        let mut ticket = read_ticket(&self.mapping, document, QUIET)?;
        ticket.number = Some(ticket.source_id.clone());
        if let Some((_, Value::List(list))) = custom {
            for value in list {
                let Value::Map(mut field) = value else { continue };
                let id = field.take(&["id"]).and_then(|(_, id)| id.id());
                if let (Some(id), Some((_, value))) = (id, field.take(&["value"]))
                    && !value.is_empty()
                {
                    ticket.custom_fields.insert(id, value.to_json());
                }
            }
        }
        // Zendesk keeps a ticket's text as its first comment as well.
        if ticket.messages.first().is_some_and(|m| !m.internal && m.body.trim() == ticket.description.trim())
        {
            ticket.messages.remove(0);
        }
        Ok(ticket)
    }
}

/// Files are not taken, which is told for each.
fn leave_attachments(document: &mut Document) {
    if let Some((name, value)) = document.fields.take(&["attachments"])
        && !value.is_empty()
    {
        document.remarks.push(Remark::left_out(name, "files are not taken"));
    }
}
