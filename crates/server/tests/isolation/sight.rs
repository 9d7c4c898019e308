//! What may be seen: nothing of the other company by anybody, no internal note by a requester, and by
//! a requester nothing of anybody else's tickets.

use flowbit_domain::{
    Error, Principal, Role,
    assignee::ListAssignees,
    audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
    callback::{ApplyCallback, CallbackClaim, CallbackOutcome},
    delivery::{DeliveryFilter, GetDelivery, ListDeliveries, ReplayDelivery},
    endpoint::{DeleteEndpoint, ListEndpoints, hash_secret},
    feed::ListEvents,
    id::UserId,
    message::{CreateMessage, ListMessages, NewMessage},
    principal::{Actor, Origin},
    ticket::{
        AssigneeFilter, CountTickets, CreateTicket, DeleteTicket, GetTicket, ListTickets, NewTicket,
        TicketFilter, TicketPatch, TicketSort, UpdateTicket,
    },
    user::{Authority, ListUsers, UpdateUser, UserPatch},
};

use super::history::{NAMES, World, pick};
use crate::harness::beside::assert_whole;

/// All words of this company in a text.
fn words<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let ends =
        |at: usize| text[at..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(text.len(), |n| at + n);
    text.match_indices(name).map(|(at, _)| &text[at..ends(at)]).collect()
}

/// What a person of this role, or an endpoint of the company, may be shown: nothing of the other company;
/// addresses of endpoints only as an admin; internal notes, even that there are any, only as staff; and of
/// tickets, as a requester, only those words that `is_own` knows.
pub(crate) fn check_sight(side: usize, viewer: Option<Role>, text: &str, is_own: impl Fn(&str) -> bool) {
    let (name, other) = (NAMES[side], NAMES[1 - side]);
    assert!(!text.contains(other), "{name} was shown something of {other}: {text}");
    let Some(role) = viewer else { return };
    // Not even that there is one.
    assert!(role.is_staff() || !text.contains(r#""internal":true"#), "a requester was shown a note: {text}");
    for word in words(text, name) {
        let kind = word[name.len()..].trim_end_matches(|c: char| c.is_ascii_digit());
        let allowed = match kind {
            "hook" => role == Role::Admin,
            "secret" => role.is_staff(),
            "public" => role.is_staff() || is_own(word),
            _ => true,
        };
        assert!(allowed, "a {} was shown {word}: {text}", role.as_str());
    }
}

/// All UUIDs in a text.
pub(crate) fn uuids(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, 'a'..='f' | '-')));
    parts.filter(|part| part.len() == 36 && part.bytes().filter(|b| *b == b'-').count() == 4)
}

impl World {
    /// Checks a text that `viewer` was shown; `None`: an endpoint of the company.
    pub(crate) fn look_at(&mut self, side: usize, viewer: Option<&Principal>, text: &str) {
        self.sides[side].ids.extend(uuids(text).map(str::to_owned));
        let known = &self.sides[side];
        let is_own = |word: &str| {
            let mut own = known
                .tickets
                .iter()
                .filter(|t| Some(known.people[t.requester].user) == viewer.map(|v| v.user));
            own.any(|t| t.words.iter().any(|w| w == word))
        };
        check_sight(side, viewer.map(|v| v.role), text, is_own);
    }

    /// Someone of this company tries to get at what is the other's, by every id there is.
    pub(crate) async fn trespass(&mut self, side: usize, by: u8, n: u8) {
        let principal = self.sides[side].person(by);
        let origin = Origin { actor: Actor::from(&principal), ip: None, request_id: None };
        let other = &self.sides[1 - side];
        let stranger = other.person(n).user;
        let admin = principal.role == Role::Admin;
        let refused = |e: Error| match e {
            Error::NotFound => {}
            Error::Forbidden(_) if !admin => {}
            e => panic!("{e:?}"),
        };
        if let Some(at) = pick(&other.tickets, n) {
            let id = other.tickets[at].id;
            let own = || principal.clone();
            let at = || origin.clone();
            let input = NewMessage { body: "Hello".into(), internal: false, ..NewMessage::default() };
            let message =
                CreateMessage { principal: own(), origin: at(), ticket: id, input, idempotency: None };
            let list = ListMessages { principal: own(), ticket: id, limit: 10, cursor: None };
            let events = ListEvents { principal: own(), after: 0, limit: 10, ticket: Some(id) };
            let patch = TicketPatch::default();
            for error in [
                self.read(side, GetTicket { principal: own(), id }).await.err(),
                self.read(side, list).await.err(),
                self.read(side, events).await.err(),
                self.write(side, message).await.err(),
                self.write(side, UpdateTicket { principal: own(), origin: at(), id, patch }).await.err(),
                self.write(side, DeleteTicket { principal: own(), origin: at(), id }).await.err(),
            ] {
                assert!(matches!(error, Some(Error::NotFound)), "another company's ticket: {error:?}");
            }
        }
        let input = NewTicket { title: "T".into(), assignee_id: Some(stranger), ..NewTicket::default() };
        let create =
            CreateTicket { principal: principal.clone(), origin: origin.clone(), input, idempotency: None };
        let error = self.write(side, create).await.err();
        let expected = if principal.role.is_staff() {
            matches!(error, Some(Error::Validation(_)))
        } else {
            matches!(error, Some(Error::Forbidden(_)))
        };
        assert!(expected, "assigned to a stranger: {error:?}");
        let by = Authority::Person(principal.clone());
        let patch = UserPatch { active: Some(false), ..UserPatch::default() };
        refused(
            self.write(side, UpdateUser { by, origin: origin.clone(), id: stranger, patch })
                .await
                .unwrap_err(),
        );
        let other = &self.sides[1 - side];
        if let Some(at) = pick(&other.endpoints, n) {
            let id = other.endpoints[at].id;
            let delete = DeleteEndpoint { principal: principal.clone(), origin: origin.clone(), id };
            refused(self.write(side, delete).await.unwrap_err());
        }
        self.trespass_by_delivery(side, &principal, n).await;
    }

    /// The same with a delivery of the other company and with its callback.
    async fn trespass_by_delivery(&mut self, side: usize, principal: &Principal, n: u8) {
        let other = &self.sides[1 - side];
        let Some(at) = pick(&other.claimed, n) else { return };
        let stolen = other.claimed[at].clone();
        let secret = other.endpoints.iter().find(|e| e.id == stolen.endpoint).map(|e| hash_secret(&e.shared));
        let id = stolen.id;
        let show = GetDelivery { principal: principal.clone(), id, callback_url: String::new() };
        let replay = ReplayDelivery { principal: principal.clone(), origin: Origin::system(), id };
        for error in [self.read(side, show).await.err(), self.write(side, replay).await.err()] {
            let hidden = matches!(error, Some(Error::NotFound));
            let forbidden = principal.role != Role::Admin && matches!(error, Some(Error::Forbidden(_)));
            assert!(hidden || forbidden, "another company's delivery: {error:?}");
        }
        // The other's delivery in this company's store, and the other's secret for an own delivery.
        let mut claims = Vec::new();
        if let Some(ticket) = stolen.envelope.data.ticket_id {
            let named = [ticket.to_string(), stolen.id.to_string(), stolen.endpoint.to_string()];
            self.sides[side].named.extend(named);
            claims.push(CallbackClaim { ticket, delivery: stolen.id, endpoint: stolen.endpoint });
        }
        if let Some(own) = pick(&self.sides[side].claimed, n) {
            let own = &self.sides[side].claimed[own];
            if let Some(ticket) = own.envelope.data.ticket_id {
                claims.push(CallbackClaim { ticket, delivery: own.id, endpoint: own.endpoint });
            }
        }
        for claim in claims {
            let apply = ApplyCallback {
                origin: Origin::system(),
                claim,
                secret: secret.unwrap_or_default(),
                status: None,
                message: Some("Trespass".into()),
                custom_fields: None,
                data: None,
            };
            let outcome = self.write(side, apply).await.expect("a callback is answered");
            assert_eq!(outcome, CallbackOutcome::Refused);
        }
    }

    /// Everybody looks at everything.
    pub(crate) async fn sweep(&mut self) {
        for side in [0, 1] {
            for viewer in self.sides[side].people.clone() {
                self.sweep_tickets(side, &viewer).await;
                self.sweep_events(side, &viewer).await;
                self.sweep_administration(side, &viewer).await;
            }
            self.sweep_ledger(side).await;
        }
        let [a, b] = &self.sides;
        let known = |id: &&String| !a.named.contains(*id) && !b.named.contains(*id);
        let common: Vec<_> = a.ids.intersection(&b.ids).filter(known).collect();
        assert!(common.is_empty(), "both companies were shown {common:?}");
    }

    async fn sweep_tickets(&mut self, side: usize, viewer: &Principal) {
        let own = || viewer.clone();
        let mut visible: Vec<_> = self.sides[side]
            .tickets
            .iter()
            .filter(|t| self.sides[side].may_read(viewer, t))
            .map(|t| t.id)
            .collect();
        visible.sort();
        for sort in [
            TicketSort::UpdatedDesc,
            TicketSort::CreatedAsc,
            TicketSort::NumberDesc,
            TicketSort::PriorityDesc,
        ] {
            let (mut listed, mut cursor) = (Vec::new(), None);
            loop {
                let filter = TicketFilter::default();
                let page = self
                    .read(side, ListTickets { principal: own(), filter, sort, limit: 4, cursor })
                    .await
                    .unwrap();
                self.show(side, viewer, &page);
                listed.extend(page.items.iter().map(|t| t.id));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            listed.sort();
            assert_eq!(listed, visible, "{sort:?} for a {:?}", viewer.role);
        }
        let counts = self.read(side, CountTickets { principal: own() }).await.unwrap();
        assert_eq!(counts.all, i64::try_from(visible.len()).unwrap());
        for at in 0..self.sides[side].tickets.len() {
            let known = &self.sides[side].tickets[at];
            let (id, readable) = (known.id, self.sides[side].may_read(viewer, known));
            let expected = if viewer.role.is_staff() { known.public + known.notes } else { known.public };
            let ticket = self.read(side, GetTicket { principal: own(), id }).await;
            let messages = ListMessages { principal: own(), ticket: id, limit: 100, cursor: None };
            let messages = self.read(side, messages).await;
            if readable {
                let (ticket, messages) = (ticket.unwrap(), messages.unwrap());
                assert_eq!(ticket.message_count, expected);
                assert_eq!(messages.items.len(), usize::try_from(expected.min(100)).unwrap());
                self.show(side, viewer, &ticket);
                self.show(side, viewer, &messages);
            } else {
                assert!(matches!(ticket, Err(Error::NotFound)) && matches!(messages, Err(Error::NotFound)));
            }
            self.sweep_search(side, viewer, at).await;
        }
    }

    /// The last words written about a ticket find it for those who may read them, and for nobody else.
    async fn sweep_search(&mut self, side: usize, viewer: &Principal, at: usize) {
        let known = &self.sides[side].tickets[at];
        let readable = self.sides[side].may_read(viewer, known);
        let (id, words) = (known.id, [known.words.last().cloned(), known.secrets.last().cloned()]);
        for (word, may) in words.into_iter().zip([readable, readable && viewer.role.is_staff()]) {
            let Some(word) = word else { continue };
            for (side, may) in [(side, may), (1 - side, false)] {
                let viewer = if self.sides[side].tenant == viewer.tenant {
                    viewer
                } else {
                    &self.sides[side].people[0]
                };
                let filter = TicketFilter { text: Some(word.clone()), ..TicketFilter::default() };
                let list = ListTickets {
                    principal: viewer.clone(),
                    filter,
                    sort: TicketSort::default(),
                    limit: 10,
                    cursor: None,
                };
                let found = self.read(side, list).await.unwrap();
                let ids: Vec<_> = found.items.iter().map(|t| t.id).collect();
                assert_eq!(ids, if may { vec![id] } else { vec![] }, "{:?} searching {word}", viewer.role);
            }
        }
    }

    async fn sweep_events(&mut self, side: usize, viewer: &Principal) {
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let page = ListEvents { principal: viewer.clone(), after, limit: 7, ticket: None };
            let page = self.read(side, page).await.unwrap();
            self.show(side, viewer, &page);
            seen.extend(page.items.iter().map(|e| e.seq));
            if page.last_seq == after {
                break;
            }
            after = page.last_seq;
        }
        assert!(seen.is_sorted_by(|a, b| a < b), "events out of order or twice: {seen:?}");
        if viewer.role == Role::Admin {
            assert_eq!(seen, (1..=i64::try_from(seen.len()).unwrap()).collect::<Vec<_>>());
        }
    }

    async fn sweep_administration(&mut self, side: usize, viewer: &Principal) {
        let own = || viewer.clone();
        let filter = AuditFilter::default;
        let users =
            self.read(side, ListUsers { principal: own(), text: None, limit: 100, cursor: None }).await;
        let audit =
            self.read(side, ListAudit { principal: own(), filter: filter(), limit: 100, cursor: None }).await;
        let endpoints = self.read(side, ListEndpoints { principal: own(), limit: 100, cursor: None }).await;
        let filter = DeliveryFilter::default();
        let deliveries =
            self.read(side, ListDeliveries { principal: own(), filter, limit: 100, cursor: None }).await;
        let assignees = self.read(side, ListAssignees { principal: own() }).await;
        assert_eq!(assignees.is_ok(), viewer.role.is_staff());
        if let Ok(assignees) = assignees {
            self.show(side, viewer, &assignees);
        }
        let allowed = [users.is_ok(), audit.is_ok(), endpoints.is_ok(), deliveries.is_ok()];
        assert_eq!(allowed, [viewer.role == Role::Admin; 4]);
        let (Ok(users), Ok(audit), Ok(endpoints), Ok(deliveries)) = (users, audit, endpoints, deliveries)
        else {
            return;
        };
        self.show(side, viewer, &(users, audit, endpoints));
        for delivery in deliveries.items {
            let detail = GetDelivery { principal: own(), id: delivery.id, callback_url: "here".into() };
            let detail = self.read(side, detail).await.unwrap();
            self.show(side, viewer, &detail);
        }
        // Filters that name someone of the other company find nothing.
        let stranger: UserId = self.sides[1 - side].people[0].user;
        let by = |requester, assignee| TicketFilter { requester, assignee, ..TicketFilter::default() };
        for filter in [by(Some(stranger), None), by(None, Some(AssigneeFilter::Is(stranger)))] {
            let sort = TicketSort::default();
            let list = ListTickets { principal: own(), filter, sort, limit: 10, cursor: None };
            assert!(self.read(side, list).await.unwrap().items.is_empty());
        }
    }

    /// The ledger has no gap, its chain holds, and its head is where it says.
    async fn sweep_ledger(&mut self, side: usize) {
        let events = self.read(side, ReadLedger { after: 0, limit: 100_000 }).await.unwrap();
        assert_whole(&events);
        let head = self.read(side, GetHead).await.unwrap();
        assert_eq!(Some((head.size, head.hash)), events.last().map(|e| (e.seq, e.hash)));
        let tenant = self.sides[side].tenant;
        for event in &events {
            self.show_anyone(side, &event.publish(tenant));
        }
        let count = |action: &str| events.iter().filter(|e| e.action == action).count();
        let known = &self.sides[side];
        assert_eq!(count("ticket.created"), known.tickets.len());
        assert_eq!(count("ticket.deleted"), known.tickets.iter().filter(|t| !t.alive).count());
        let written: i64 = known.tickets.iter().map(|t| t.public + t.notes).sum();
        assert_eq!(count("message.created"), usize::try_from(written).unwrap());
        let called_back: usize = known.applied.values().sum();
        assert!(count("workflow.callback") <= called_back);
    }

    /// A backup of one company's file holds not a byte of the other's words.
    pub(crate) async fn sweep_backups(&self, folder: &std::path::Path) {
        for side in [0, 1] {
            let path = folder.join(format!("{side}.db"));
            self.store.export_tenant(&self.sides[side].ctx, &path).await.unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let holds = |name: &str| bytes.windows(name.len()).any(|window| window == name.as_bytes());
            assert!(holds(NAMES[side]) && !holds(NAMES[1 - side]));
        }
    }
}
