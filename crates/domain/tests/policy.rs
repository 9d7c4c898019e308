//! The policy as a table: whoever changes it changes this on purpose.

use flowbit_domain::{
    Principal, Role, SessionId, TenantId, UserId,
    event::Audience,
    policy::{Deed, Subject, TicketScope, Verdict, may, ticket_scope, visible},
};
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const OTHER: UserId = UserId(Uuid::from_u128(2));

fn someone(role: Role) -> Principal {
    Principal {
        tenant: TenantId(Uuid::from_u128(9)),
        user: ME,
        name: "Me".into(),
        role,
        session: SessionId(Uuid::from_u128(8)),
    }
}

#[test]
fn who_may_do_what() {
    use Deed::*;
    use Verdict::{Allowed as A, Forbidden as F, Hidden as H};
    // deed: [user on own, user on another's, agent, admin]
    let table = [
        (ReadTicket, [A, H, A, A]),
        (WriteMessage, [A, H, A, A]),
        (UpdateTicket, [F, H, A, A]),
        (AssignTicket, [F, H, A, A]),
        (UseInternalNotes, [F, H, A, A]),
        (DeleteTicket, [F, H, F, A]),
    ];
    for (deed, expected) in table {
        let asked = [
            may(&someone(Role::User), deed, Subject::TicketOf(ME)),
            may(&someone(Role::User), deed, Subject::TicketOf(OTHER)),
            may(&someone(Role::Agent), deed, Subject::TicketOf(OTHER)),
            may(&someone(Role::Admin), deed, Subject::TicketOf(OTHER)),
        ];
        assert_eq!(asked, expected, "{deed:?}");
    }
    // deed on the company: [user, agent, admin]
    let table = [
        (CreateTicket, [A, A, A]),
        (AssignTicket, [F, A, A]),
        (ListAssignees, [F, A, A]),
        (Administer, [F, F, A]),
    ];
    for (deed, expected) in table {
        let asked = [Role::User, Role::Agent, Role::Admin].map(|r| may(&someone(r), deed, Subject::Company));
        assert_eq!(asked, expected, "{deed:?}");
    }
}

#[test]
fn who_sees_which_event() {
    use Audience::*;
    // audience, requester: [user, agent, admin]
    let table = [
        (Admins, None, [false, false, true]),
        (Admins, Some(ME), [false, false, true]),
        (Staff, Some(ME), [false, true, true]),
        (Requester, Some(ME), [true, true, true]),
        (Requester, Some(OTHER), [false, true, true]),
        (Requester, None, [false, true, true]),
    ];
    for (audience, requester, expected) in table {
        let seen = [Role::User, Role::Agent, Role::Admin].map(|r| visible(&someone(r), audience, requester));
        assert_eq!(seen, expected, "{audience:?} {requester:?}");
    }
}

#[test]
fn the_scope_of_lists_is_what_may_be_read() {
    for role in [Role::User, Role::Agent, Role::Admin] {
        for requester in [ME, OTHER] {
            let listed = match ticket_scope(&someone(role)) {
                TicketScope::All => true,
                TicketScope::RaisedBy(user) => user == requester,
            };
            let readable =
                may(&someone(role), Deed::ReadTicket, Subject::TicketOf(requester)) == Verdict::Allowed;
            assert_eq!(listed, readable, "{role:?}");
        }
    }
}
