//! The one place that decides who may do and see what: for HTTP, sockets, the event feed, exports.

use crate::{
    error::Error,
    event::{Audience, StoredEvent},
    id::UserId,
    principal::{Principal, Role},
};

/// What someone wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Raise a ticket.
    CreateTicket,
    /// Set the assignee of a ticket, at any time.
    AssignTicket,
    /// See a ticket and its public conversation.
    ReadTicket,
    /// Change a ticket's fields.
    UpdateTicket,
    /// Delete a ticket.
    DeleteTicket,
    /// Upload files, to send them with a message or a new ticket.
    UploadFiles,
    /// Send, see and remove a file that was uploaded and not sent.
    UseUpload,
    /// Remove a file that was sent.
    DeleteAttachment,
    /// Hear what happens to a ticket, and see who else does.
    WatchTicket,
    /// Link a ticket with others, and see with which it is.
    LinkTickets,
    /// Say that one is at a ticket, and see who else is.
    SeePresence,
    /// Add a public message.
    WriteMessage,
    /// Name people in a message, who are told of it.
    MentionPeople,
    /// Read and write internal notes.
    UseInternalNotes,
    /// See who tickets can be assigned to.
    ListAssignees,
    /// Have saved views, and use, change or remove one.
    UseViews,
    /// See all tags of the company.
    UseTags,
    /// Use macros on tickets, and keep personal ones.
    UseMacros,
    /// See all teams of the company and who belongs to each.
    UseTeams,
    /// Say that somebody is out of office, or back.
    SetAvailability,
    /// Make, change and remove the macros that all share.
    KeepSharedMacros,
    /// Everything under `/api/admin`.
    Administer,
}

/// What it is to be done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The company as a whole.
    Company,
    /// A ticket that this person raised.
    TicketOf(UserId),
    /// A saved view of this person, or one that is shared.
    ViewOf(Option<UserId>),
    /// A file that this person has uploaded and not sent.
    UploadOf(UserId),
    /// This person.
    Person(UserId),
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Go on.
    Allowed,
    /// They may know that it exists, and may not do this: 403.
    Forbidden,
    /// They may not even know that it exists: 404.
    Hidden,
}

/// Whether `principal` may do `deed` to `subject`.
#[must_use]
pub fn may(principal: &Principal, deed: Deed, subject: Subject) -> Verdict {
    if let Subject::TicketOf(requester) = subject
        && !principal.role.is_staff()
        && requester != principal.user
    {
        return Verdict::Hidden;
    }
    // What is a person's own is nobody else's business, whatever their role.
    if let Subject::ViewOf(Some(owner)) = subject
        && owner != principal.user
    {
        return Verdict::Hidden;
    }
    if let Subject::UploadOf(owner) = subject
        && owner != principal.user
    {
        return Verdict::Hidden;
    }
    let allowed = match deed {
        Deed::CreateTicket | Deed::ReadTicket | Deed::WriteMessage | Deed::UploadFiles | Deed::UseUpload => {
            true
        }
        Deed::AssignTicket
        | Deed::UpdateTicket
        | Deed::WatchTicket
        | Deed::LinkTickets
        | Deed::SeePresence
        | Deed::MentionPeople
        | Deed::UseInternalNotes
        | Deed::ListAssignees
        | Deed::UseViews
        | Deed::UseTags
        | Deed::UseMacros
        | Deed::UseTeams => principal.role.is_staff(),
        Deed::SetAvailability => match subject {
            Subject::Person(id) if id == principal.user => principal.role.is_staff(),
            _ => principal.role == Role::Admin,
        },
        Deed::DeleteTicket | Deed::DeleteAttachment | Deed::KeepSharedMacros | Deed::Administer => {
            principal.role == Role::Admin
        }
    };
    if allowed { Verdict::Allowed } else { Verdict::Forbidden }
}

/// [`may`], as an error.
///
/// # Errors
/// [`Error::NotFound`] when it is hidden, [`Error::Forbidden`] when it is not allowed.
pub fn require(principal: &Principal, deed: Deed, subject: Subject) -> Result<(), Error> {
    match may(principal, deed, subject) {
        Verdict::Allowed => Ok(()),
        Verdict::Hidden => Err(Error::NotFound),
        Verdict::Forbidden => Err(Error::Forbidden(match deed {
            Deed::Administer => "only an admin of your company may do this",
            Deed::KeepSharedMacros => "only an admin of your company may change macros that all share",
            Deed::DeleteTicket => "only an admin of your company may delete tickets",
            Deed::DeleteAttachment => "only an admin of your company may delete files that were sent",
            _ => "your role does not allow this",
        })),
    }
}

/// Whether `principal` may see an event with this audience and requester. An event of one person alone stands in
/// the audit trail, which is the admins', and reaches nobody else's browser.
#[must_use]
pub fn visible(principal: &Principal, audience: Audience, requester: Option<UserId>) -> bool {
    hears(principal.user, principal.role, audience, requester)
}

/// [`visible`], for somebody who is not signed in, such as whom a message names.
#[must_use]
pub fn hears(user: UserId, role: Role, audience: Audience, requester: Option<UserId>) -> bool {
    if audience == Audience::Person {
        return requester == Some(user);
    }
    match role {
        Role::Admin => true,
        Role::Agent => audience >= Audience::Staff,
        Role::User => audience == Audience::Requester && requester == Some(user),
    }
}

/// [`visible`], for an event of the ledger.
#[must_use]
pub fn may_see(principal: &Principal, event: &StoredEvent) -> bool {
    visible(principal, event.audience, event.requester)
}

/// What part of the tickets a person sees, for statements that filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketScope {
    /// All tickets of the company.
    All,
    /// Only those that this person raised.
    RaisedBy(UserId),
}

/// The tickets that `principal` sees: the set of those for which [`may`] allows [`Deed::ReadTicket`].
#[must_use]
pub fn ticket_scope(principal: &Principal) -> TicketScope {
    if principal.role.is_staff() { TicketScope::All } else { TicketScope::RaisedBy(principal.user) }
}
