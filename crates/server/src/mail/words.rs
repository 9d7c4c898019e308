//! What e-mails and the page that ends them say, in the company's language.

use flowbit_domain::notice::NoticeKind;

/// A language that they are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    En,
    De,
}

impl Language {
    /// That of a company, or of a browser's `Accept-Language`.
    pub(crate) fn of(locale: &str) -> Self {
        if locale.starts_with("de") { Self::De } else { Self::En }
    }

    /// As HTML's `lang` has it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    fn pick<T>(self, en: T, de: T) -> T {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// Who did what.
    pub(super) fn deed(self, kind: NoticeKind, who: &str) -> String {
        let (en, de) = match kind {
            NoticeKind::Assigned => ("assigned the ticket to you", "hat Ihnen das Ticket zugewiesen"),
            NoticeKind::Mentioned => ("mentioned you", "hat Sie erwähnt"),
            NoticeKind::Replied => ("replied", "hat geantwortet"),
            NoticeKind::Noted => ("left an internal note", "hat eine interne Notiz angelegt"),
            NoticeKind::StatusChanged => ("changed the status", "hat den Status geändert"),
            NoticeKind::Answered => ("answered", "hat Ihnen geantwortet"),
            NoticeKind::Resolved => ("resolved your ticket", "hat Ihr Ticket gelöst"),
            // Nobody did it.
            NoticeKind::Woken => {
                let back = ("It is no longer put aside", "Es ist nicht mehr zurückgestellt");
                return self.pick(back.0, back.1).to_owned();
            }
        };
        format!("{who} {}", self.pick(en, de))
    }

    /// Several pieces of news of one ticket.
    pub(super) fn updates(self, count: usize) -> String {
        format!("{count} {}", self.pick("updates", "Neuigkeiten"))
    }

    /// News of several tickets.
    pub(super) fn updates_on(self, count: usize, tickets: usize) -> String {
        match self {
            Self::En => format!("{count} updates on {tickets} tickets"),
            Self::De => format!("{count} Neuigkeiten zu {tickets} Tickets"),
        }
    }

    pub(super) fn greeting(self, name: &str) -> String {
        format!("{} {name},", self.pick("Hello", "Guten Tag"))
    }

    /// How much is not listed.
    pub(super) fn more(self, count: usize) -> String {
        match self {
            Self::En => format!("And {count} more, which you find at:"),
            Self::De => format!("Und {count} weitere, zu finden unter:"),
        }
    }

    /// Why there is an e-mail at all, and what is not in it.
    pub(super) fn reason(self, company: &str) -> String {
        match self {
            Self::En => format!(
                "You get this e-mail because you have not yet read this in the support desk of {company}. What was \
                 written is to be read there alone. How often you get e-mails is up to you, in the settings there."
            ),
            Self::De => format!(
                "Sie erhalten diese E-Mail, weil Sie dies im Support-Desk von {company} noch nicht gelesen haben. Was \
                 geschrieben wurde, lesen Sie nur dort. Wie oft Sie E-Mails erhalten, bestimmen Sie dort in den \
                 Einstellungen."
            ),
        }
    }

    pub(super) fn stop(self) -> &'static str {
        self.pick("Get no more of these e-mails", "Keine solchen E-Mails mehr erhalten")
    }

    pub(super) fn asks(self, company: &str) -> String {
        match self {
            Self::En => format!("Do you want no more e-mails from the support desk of {company}?"),
            Self::De => format!("Möchten Sie keine E-Mails vom Support-Desk von {company} mehr erhalten?"),
        }
    }

    pub(super) fn stopped(self, company: &str) -> String {
        match self {
            Self::En => format!(
                "You get no more e-mails from the support desk of {company}. In the settings there you can have them \
                 again."
            ),
            Self::De => format!(
                "Sie erhalten keine E-Mails vom Support-Desk von {company} mehr. In den Einstellungen dort können Sie \
                 das wieder ändern."
            ),
        }
    }

    pub(super) fn no_longer_good(self) -> &'static str {
        self.pick(
            "This link is not good, or not any more. Sign in to change in the settings how often you get e-mails.",
            "Dieser Link ist nicht oder nicht mehr gültig. Melden Sie sich an, um in den Einstellungen zu ändern, wie \
             oft Sie E-Mails erhalten.",
        )
    }
}
