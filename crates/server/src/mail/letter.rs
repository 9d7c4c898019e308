//! One e-mail: its headers, and what it says as text and as HTML.
//!
//! Who did what to which ticket, by its number and title, and a link. Nothing of what was written.

use std::{
    fmt::Write,
    time::{Duration, SystemTime},
};

use flowbit_domain::{
    control::Tenant,
    id::{TicketId, UserId},
    notice::{Mail, Notice},
    principal::Role,
    screens::DeclaredScreen,
    time::Timestamp,
};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use super::{
    page::{Escaped, document},
    words::Language,
};

/// A title is cut to so many characters in a subject.
const TITLE_MAX: usize = 100;

/// Modules that show the same tickets under the same paths: whoever has not the one may have another.
const ALIKE: [&str; 2] = ["./Tickets", "./Portal"];

/// The path of the screen to which a link leads somebody of this role; `None`: they have none.
pub(super) fn screen_for<'a>(screens: &'a [DeclaredScreen], module: &str, role: Role) -> Option<&'a str> {
    let alike = ALIKE.into_iter().filter(|_| ALIKE.contains(&module));
    let found = std::iter::once(module).chain(alike).find_map(|wanted| {
        screens.iter().find(|one| one.screen.remote.module == wanted && one.roles.contains(&role))
    })?;
    Some(&found.screen.path)
}

/// What an e-mail is made of.
pub(super) struct Letter<'a> {
    pub(super) company: &'a Tenant,
    pub(super) user: UserId,
    pub(super) mail: &'a Mail,
    pub(super) from: &'a Mailbox,
    /// Where the desk is, without a slash at the end.
    pub(super) origin: &'a str,
    /// Where in it the screen of tickets is that this person has; `None`: they have none.
    pub(super) screen: Option<&'a str>,
    /// The address by which one is rid of e-mails.
    pub(super) unsubscribe: &'a str,
    pub(super) now: Timestamp,
}

/// Why there can be no such e-mail: its address is none that mail can be sent to.
#[derive(Debug, thiserror::Error)]
#[error("the address is none that mail can be sent to")]
pub(super) struct Unsendable;

/// The news of one ticket.
struct Ticket<'a> {
    id: TicketId,
    heading: String,
    deeds: Vec<&'a Notice>,
}

/// Without what would break a line, or out of it.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn by_ticket(notices: &[Notice]) -> Vec<Ticket<'_>> {
    let mut tickets: Vec<Ticket<'_>> = Vec::new();
    for notice in notices {
        let known = tickets.iter_mut().find(|ticket| ticket.id == notice.ticket_id);
        match known {
            Some(ticket) => ticket.deeds.push(notice),
            None => {
                let heading = format!("[#{}] {}", notice.number, plain(&notice.title));
                tickets.push(Ticket { id: notice.ticket_id, heading, deeds: vec![notice] });
            }
        }
    }
    tickets
}

impl Letter<'_> {
    fn language(&self) -> Language {
        Language::of(&self.company.locale)
    }

    fn link(&self, ticket: TicketId) -> String {
        match self.screen {
            Some(screen) => format!("{}/{}/{ticket}", self.origin, screen.trim_matches('/')),
            None => format!("{}/", self.origin),
        }
    }

    /// A title may look like an encoded word (RFC 2047), and would be read as what it stands for: it is kept from
    /// being one by a space that nobody sees.
    fn subject(&self, tickets: &[Ticket<'_>]) -> String {
        self.plain_subject(tickets).replace("=?", "=\u{200B}?")
    }

    fn plain_subject(&self, tickets: &[Ticket<'_>]) -> String {
        let language = self.language();
        let count = self.mail.events.len();
        match tickets {
            [one] if self.mail.more == 0 => {
                let title = match one.heading.char_indices().nth(TITLE_MAX) {
                    Some((end, _)) => format!("{}…", &one.heading[..end]),
                    None => one.heading.clone(),
                };
                let deed = match &*one.deeds {
                    [only] => language.deed(only.kind, &plain(&only.actor_name)),
                    _ => language.updates(count),
                };
                format!("{title}: {deed}")
            }
            // Those that are not listed may be of others.
            _ if self.mail.more > 0 => language.updates(count),
            several => language.updates_on(count, several.len()),
        }
    }

    fn text(&self, tickets: &[Ticket<'_>]) -> String {
        let language = self.language();
        let mut text = language.greeting(&plain(&self.mail.name));
        text.push_str("\n\n");
        for ticket in tickets {
            text.push_str(&ticket.heading);
            text.push('\n');
            for deed in &ticket.deeds {
                text.push_str(&language.deed(deed.kind, &plain(&deed.actor_name)));
                text.push('\n');
            }
            text.push_str(&self.link(ticket.id));
            text.push_str("\n\n");
        }
        if self.mail.more > 0 {
            let _ = write!(text, "{}\n{}/\n\n", language.more(self.mail.more), self.origin);
        }
        // What follows is no part of the message (RFC 3676, 4.3).
        let reason = language.reason(&plain(&self.company.name));
        let _ = write!(text, "-- \n{reason}\n\n{}:\n{}\n", language.stop(), self.unsubscribe);
        text
    }

    fn html(&self, subject: &str, tickets: &[Ticket<'_>]) -> String {
        let language = self.language();
        let mut body = format!("<p>{}</p>\n<ul>\n", Escaped(&language.greeting(&plain(&self.mail.name))));
        for ticket in tickets {
            let _ = write!(
                body,
                "<li><a href=\"{}\">{}</a>",
                Escaped(&self.link(ticket.id)),
                Escaped(&ticket.heading)
            );
            for deed in &ticket.deeds {
                let deed = language.deed(deed.kind, &plain(&deed.actor_name));
                let _ = write!(body, "<br>{}", Escaped(&deed));
            }
            body.push_str("</li>\n");
        }
        body.push_str("</ul>\n");
        if self.mail.more > 0 {
            let origin = format!("{}/", self.origin);
            let (more, origin) = (language.more(self.mail.more), Escaped(&origin));
            let _ = writeln!(body, "<p>{} <a href=\"{origin}\">{origin}</a></p>", Escaped(&more));
        }
        let reason = language.reason(&plain(&self.company.name));
        let _ = write!(
            body,
            "<hr>\n<p><small>{}</small></p>\n<p><small><a href=\"{}\">{}</a></small></p>\n",
            Escaped(&reason),
            Escaped(self.unsubscribe),
            Escaped(language.stop())
        );
        document(language, subject, &body)
    }

    /// The same for the same person and news, so that a mailbox that gets it twice can tell.
    fn message_id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.company.id.0.as_bytes());
        hash.update(self.user.0.as_bytes());
        if let Some(newest) = self.mail.events.first() {
            hash.update(newest.0.as_bytes());
        }
        format!("<{}@{}>", hex::encode(&hash.finalize()[..16]), self.from.email.domain())
    }

    /// The e-mail.
    ///
    /// # Errors
    /// When it can't be addressed.
    pub(super) fn write(&self) -> Result<Message, Unsendable> {
        const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
        const LIST_UNSUBSCRIBE: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe");
        const ONE_CLICK: HeaderName = HeaderName::new_from_ascii_str("List-Unsubscribe-Post");
        let address = self.mail.address.parse().map_err(|_| Unsendable)?;
        let to = Mailbox::new(Some(plain(&self.mail.name)), address);
        let tickets = by_ticket(&self.mail.notices);
        let subject = self.subject(&tickets);
        let (text, html) = (self.text(&tickets), self.html(&subject, &tickets));
        let millis = u64::try_from(self.now.0).unwrap_or(0);
        // An address is one word, which must not be broken; ours is of ASCII.
        let link = format!("<{}>", self.unsubscribe);
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(self.message_id()))
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .raw_header(HeaderValue::dangerous_new_pre_encoded(LIST_UNSUBSCRIBE, link.clone(), link))
            .raw_header(HeaderValue::new(ONE_CLICK, "List-Unsubscribe=One-Click".to_owned()))
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|_| Unsendable)
    }
}

#[cfg(test)]
#[path = "letter_tests.rs"]
mod tests;
