//! Placeholders in an answer: `{{` a name `}}`, each name from a fixed list. There is nothing to compute, so no
//! template language is needed, and what is put in is never looked through for placeholders again.

use crate::{principal::Principal, text::Checks, ticket::Ticket};

/// All names.
pub const PLACEHOLDERS: [&str; 6] = [
    "requester.name",
    "requester.firstName",
    "ticket.number",
    "ticket.title",
    "agent.name",
    "agent.firstName",
];

/// A piece of a text.
enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
    /// `{{` without `}}`.
    Open(&'t str),
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(after) = rest.strip_prefix("{{") else {
            let (piece, left) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
            rest = left;
            return Some(Piece::Text(piece));
        };
        Some(match after.split_once("}}") {
            Some((name, left)) => {
                rest = left;
                Piece::Name(name.trim())
            }
            None => Piece::Open(std::mem::take(&mut rest)),
        })
    })
}

/// Notes each placeholder that does not exist, by its name.
pub(super) fn check(checks: &mut Checks, path: &str, text: &str) {
    for piece in pieces(text) {
        match piece {
            Piece::Name(name) if !PLACEHOLDERS.contains(&name) => {
                let known = PLACEHOLDERS.join("}}, {{");
                checks.fail(path, format!("{{{{{name}}}}} is no placeholder; there are {{{{{known}}}}}"));
            }
            Piece::Open(_) => checks.fail(path, "has {{ without }}"),
            Piece::Name(_) | Piece::Text(_) => {}
        }
    }
}

/// The text with its placeholders filled in for this ticket and this agent.
pub(super) fn render(text: &str, ticket: &Ticket, agent: &Principal) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) | Piece::Open(text) => out.push_str(text),
            Piece::Name(name) => match value(name, ticket, agent) {
                Some(value) => out.push_str(&value),
                // None could be saved; one that a later version knows stays to be seen.
                None => out.extend(["{{", name, "}}"]),
            },
        }
    }
    out
}

fn value(name: &str, ticket: &Ticket, agent: &Principal) -> Option<String> {
    let first = |name: &str| name.split_whitespace().next().unwrap_or_default().to_owned();
    Some(match name {
        "requester.name" => ticket.requester.name.clone(),
        "requester.firstName" => first(&ticket.requester.name),
        "ticket.number" => ticket.number.to_string(),
        "ticket.title" => ticket.title.clone(),
        "agent.name" => agent.name.clone(),
        "agent.firstName" => first(&agent.name),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, Role,
        id::{SessionId, TenantId, TicketId, UserId},
        settings::ReopenWindow,
        ticket::{Person, Priority, Status},
        time::Timestamp,
    };
    use proptest::prelude::*;
    use serde_json::value::RawValue;
    use uuid::Uuid;

    fn example() -> (Ticket, Principal) {
        let nil = Uuid::nil();
        let ticket = Ticket {
            id: TicketId(nil),
            number: 42,
            customer_id: TenantId(nil),
            title: "About {{agent.name}}".into(),
            description: String::new(),
            status: Status::Open,
            priority: Priority::Normal,
            tags: Vec::new(),
            custom_fields: RawValue::NULL.to_owned(),
            requester: Person { id: UserId(nil), name: "Uwe Maria User".into() },
            assignee: None,
            team: None,
            workflow: None,
            message_count: 0,
            version: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            resolved_at: None,
            reopen_until: None,
            reopen_window: ReopenWindow::default(),
            snooze: None,
            merged_into: None,
        };
        let agent = Principal {
            tenant: TenantId(nil),
            user: UserId(nil),
            name: "Greta Agent".into(),
            role: Role::Agent,
            session: SessionId(nil),
        };
        (ticket, agent)
    }

    fn errors(text: &str) -> Vec<String> {
        let mut checks = Checks::default();
        check(&mut checks, "body", text);
        match checks.finish() {
            Ok(()) => Vec::new(),
            Err(Error::Validation(errors)) => errors.into_iter().map(|error| error.message).collect(),
            Err(other) => vec![other.to_string()],
        }
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        let (ticket, agent) = example();
        let text = "Hello {{ requester.firstName }}, #{{ticket.number}} ({{ticket.title}}): {{agent.name}}";
        assert_eq!(
            render(text, &ticket, &agent),
            "Hello Uwe, #42 (About {{agent.name}}): Greta Agent",
            "what a title says is no placeholder"
        );
        for name in PLACEHOLDERS {
            assert!(value(name, &ticket, &agent).is_some(), "{name} has no value");
            assert!(errors(&format!("{{{{{name}}}}}")).is_empty(), "{name} is refused");
        }
    }

    #[test]
    fn an_unknown_placeholder_is_named() {
        let found = errors("{{requester.password}} and {{ticket}} and {single} and {{");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("{{requester.password}} is no placeholder; there are {{requester.name}}")
        );
        assert!(found[1].starts_with("{{ticket}} is no placeholder"));
        assert_eq!(found[2], "has {{ without }}");
    }

    proptest! {
        #[test]
        fn a_text_without_placeholders_stays_as_it_is(text in "[^{]*") {
            let (ticket, agent) = example();
            prop_assert_eq!(render(&text, &ticket, &agent), text);
        }

        #[test]
        fn any_text_can_be_looked_through(text in "[{}a.]*") {
            let (ticket, agent) = example();
            render(&text, &ticket, &agent);
            errors(&text);
        }
    }
}
