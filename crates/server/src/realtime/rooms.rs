//! Which rooms a person's sockets are in and into which an event goes: the policy's
//! [`visible`](flowbit_domain::policy::visible), turned into rooms.
//!
//! Nobody asks for a room. A person's rooms follow from their verified principal alone, and they meet
//! an event's rooms exactly when the policy lets that person see the event (proved below).

use flowbit_domain::{
    TenantId, UserId,
    event::Audience,
    principal::{Principal, Role},
};

/// A room of one company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Room {
    /// Its admins.
    Admins,
    /// Its agents and admins.
    Staff,
    /// One person who raises tickets.
    Requester(UserId),
    /// One person, whatever their role: what is theirs alone.
    Person(UserId),
}

impl Room {
    /// The room's name in the socket server; it begins with the company, so no two companies share one.
    pub(super) fn name(self, tenant: TenantId) -> String {
        match self {
            Self::Admins => format!("{tenant}/admins"),
            Self::Staff => format!("{tenant}/staff"),
            Self::Requester(user) => format!("{tenant}/requester/{user}"),
            Self::Person(user) => format!("{tenant}/person/{user}"),
        }
    }
}

/// The rooms that a person's sockets are in.
pub(super) fn rooms_of(principal: &Principal) -> Vec<Room> {
    let own = Room::Person(principal.user);
    match principal.role {
        Role::Admin => vec![own, Room::Admins, Room::Staff],
        Role::Agent => vec![own, Room::Staff],
        Role::User => vec![own, Room::Requester(principal.user)],
    }
}

/// The rooms into which an event with this audience and requester goes. No socket is in two of them. An event of
/// one person alone that does not say whose goes nowhere.
pub(super) fn rooms_for(audience: Audience, requester: Option<UserId>) -> Vec<Room> {
    match (audience, requester) {
        (Audience::Admins, _) => vec![Room::Admins],
        (Audience::Staff, _) | (Audience::Requester, None) => vec![Room::Staff],
        (Audience::Person, user) => user.map(Room::Person).into_iter().collect(),
        (Audience::Requester, Some(user)) => vec![Room::Staff, Room::Requester(user)],
    }
}

#[cfg(test)]
mod tests {
    use flowbit_domain::{SessionId, policy::visible};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    // Few people, so that requester and principal are often the same.
    fn user() -> impl Strategy<Value = UserId> {
        (0..4_u128).prop_map(|n| UserId(Uuid::from_u128(n)))
    }

    proptest! {
        #[test]
        fn rooms_meet_exactly_when_the_policy_lets_see(
            who in user(),
            role in prop_oneof![Just(Role::User), Just(Role::Agent), Just(Role::Admin)],
            audience in prop_oneof![
                Just(Audience::Admins), Just(Audience::Staff), Just(Audience::Requester), Just(Audience::Person),
            ],
            requester in proptest::option::of(user()),
        ) {
            let tenant = TenantId(Uuid::from_u128(9));
            let principal = Principal {
                tenant, user: who, name: "Anna".into(), role, session: SessionId(Uuid::nil()),
            };
            let theirs = rooms_of(&principal);
            let events = rooms_for(audience, requester);
            let shared = theirs.iter().filter(|room| events.contains(room)).count();
            prop_assert_eq!(shared > 0, visible(&principal, audience, requester));
            prop_assert!(shared <= 1, "an event would arrive twice");
        }
    }

    #[test]
    fn names_keep_companies_and_people_apart() {
        let [a, b] = [1, 2].map(|n| TenantId(Uuid::from_u128(n)));
        let [anna, bert] = [3, 4].map(|n| UserId(Uuid::from_u128(n)));
        let names: std::collections::HashSet<String> = [a, b]
            .into_iter()
            .flat_map(|tenant| {
                let both = [anna, bert].map(|user| [Room::Requester(user), Room::Person(user)]);
                let rooms = [Room::Admins, Room::Staff].into_iter().chain(both.into_iter().flatten());
                rooms.map(move |room| room.name(tenant))
            })
            .collect();
        assert_eq!(names.len(), 12);
    }
}
