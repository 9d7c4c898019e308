//! What each step of a history does on the store, and what the model expects of it: allowed, forbidden
//! or hidden, by role and ticket.

use flowbit_domain::{
    Error, Role,
    callback::{ApplyCallback, CallbackClaim, CallbackOutcome},
    delivery::{ClaimDeliveries, FinishAttempt, Lease, Outcome},
    endpoint::{CreateEndpoint, DeleteEndpoint, NewEndpoint, RotateSecret, Secrets, hash_secret},
    id::EndpointId,
    message::{CreateMessage, NewMessage},
    principal::Origin,
    ticket::{CreateTicket, DeleteTicket, NewTicket, Status, TicketPatch, UpdateTicket},
};

use super::history::{KnownEndpoint, KnownTicket, NAMES, Side, World, pick};
use crate::harness::beside::Ambient;

impl World {
    pub(crate) async fn raise(&mut self, side: usize, by: u8) {
        let principal = self.sides[side].person(by);
        let words: Vec<String> = (0..3).map(|_| self.sides[side].word("public")).collect();
        let input = NewTicket {
            title: format!("About {}", words[0]),
            description: format!("It says {} here", words[2]),
            // Found by its tag, not by searching; so it is not the last word.
            tags: vec![words[1].clone()],
            ..NewTicket::default()
        };
        let origin = Side::origin(&principal);
        let requester =
            self.sides[side].people.iter().position(|p| p.user == principal.user).expect("a person");
        let command = CreateTicket { principal: principal.clone(), origin, input, idempotency: None };
        let made = self.write(side, command).await.expect("anybody may raise a ticket").answer;
        let known = KnownTicket {
            id: made.id,
            requester,
            public: 0,
            notes: 0,
            words,
            secrets: Vec::new(),
            alive: true,
        };
        self.sides[side].tickets.push(known);
        self.show(side, &principal, &made);
    }

    pub(crate) async fn write_message(&mut self, side: usize, by: u8, ticket: u8, internal: bool) {
        let Some(at) = pick(&self.sides[side].tickets, ticket) else { return };
        let principal = self.sides[side].person(by);
        let word = self.sides[side].word(if internal { "secret" } else { "public" });
        let ticket = &self.sides[side].tickets[at];
        let (id, readable) = (ticket.id, self.sides[side].may_read(&principal, ticket));
        let input = NewMessage { body: format!("Well, {word}!"), internal, ..NewMessage::default() };
        let origin = Side::origin(&principal);
        let command =
            CreateMessage { principal: principal.clone(), origin, ticket: id, input, idempotency: None };
        let outcome = self.write(side, command).await;
        match (readable, internal && !principal.role.is_staff(), outcome) {
            (false, _, Err(Error::NotFound)) | (true, true, Err(Error::Forbidden(_))) => {}
            (true, false, Ok(message)) => {
                let known = &mut self.sides[side].tickets[at];
                if internal {
                    known.notes += 1;
                    known.secrets.push(word);
                } else {
                    known.public += 1;
                    known.words.push(word);
                }
                self.show(side, &principal, &message.answer);
            }
            (_, _, outcome) => panic!("{:?} writing (internal: {internal}): {outcome:?}", principal.role),
        }
    }

    pub(crate) async fn change(&mut self, side: usize, by: u8, ticket: u8, status: u8) {
        let Some(at) = pick(&self.sides[side].tickets, ticket) else { return };
        let principal = self.sides[side].person(by);
        let word = self.sides[side].word("public");
        let known = &self.sides[side].tickets[at];
        let (id, readable) = (known.id, self.sides[side].may_read(&principal, known));
        let patch = TicketPatch {
            title: Some(format!("Now about {word}")),
            status: Some(Status::ALL[usize::from(status) % Status::ALL.len()]),
            ..TicketPatch::default()
        };
        let origin = Side::origin(&principal);
        let outcome =
            self.write(side, UpdateTicket { principal: principal.clone(), origin, id, patch }).await;
        match (readable, principal.role.is_staff(), outcome) {
            (false, _, Err(Error::NotFound)) | (true, false, Err(Error::Forbidden(_))) => {}
            (true, true, Ok(ticket)) => {
                self.sides[side].tickets[at].words.push(word);
                self.show(side, &principal, &ticket);
            }
            (_, _, outcome) => panic!("{:?} changing: {outcome:?}", principal.role),
        }
    }

    pub(crate) async fn remove(&mut self, side: usize, by: u8, ticket: u8) {
        let Some(at) = pick(&self.sides[side].tickets, ticket) else { return };
        let principal = self.sides[side].person(by);
        let known = &self.sides[side].tickets[at];
        let (id, readable) = (known.id, self.sides[side].may_read(&principal, known));
        let origin = Side::origin(&principal);
        let outcome = self.write(side, DeleteTicket { principal: principal.clone(), origin, id }).await;
        match (readable, principal.role, outcome) {
            (false, _, Err(Error::NotFound)) => {}
            (true, Role::Admin, Ok(())) => self.sides[side].tickets[at].alive = false,
            (true, Role::User | Role::Agent, Err(Error::Forbidden(_))) => {}
            (_, role, outcome) => panic!("{role:?} removing: {outcome:?}"),
        }
    }

    pub(crate) async fn connect(&mut self, side: usize, by: u8) {
        let principal = self.sides[side].person(by);
        let (hook, person) = (self.sides[side].word("hook"), self.sides[side].word("person"));
        let secrets = Secrets::generate(&Ambient);
        let shared = secrets.shared.clone();
        let id = EndpointId::generate(&Ambient, &Ambient);
        let input = NewEndpoint {
            url: format!("https://{hook}.example/in"),
            events: vec!["ticket.created".into(), "message.created".into(), "ticket.deleted".into()],
            active: true,
            description: person,
            deadline_seconds: None,
        };
        let origin = Side::origin(&principal);
        let command = CreateEndpoint { principal: principal.clone(), origin, id, secrets, input };
        match (principal.role, self.write(side, command).await) {
            (Role::Admin, Ok(made)) => {
                self.sides[side].endpoints.push(KnownEndpoint { id, shared, alive: true });
                self.show(side, &principal, &made.endpoint);
            }
            (Role::User | Role::Agent, Err(Error::Forbidden(_))) => {}
            (role, outcome) => panic!("{role:?} connecting: {outcome:?}"),
        }
    }

    pub(crate) async fn rotate(&mut self, side: usize, by: u8, endpoint: u8) {
        let Some(at) = pick(&self.sides[side].endpoints, endpoint) else { return };
        let principal = self.sides[side].person(by);
        let secrets = Secrets::generate(&Ambient);
        let shared = secrets.shared.clone();
        let (id, alive) = (self.sides[side].endpoints[at].id, self.sides[side].endpoints[at].alive);
        let origin = Side::origin(&principal);
        let outcome =
            self.write(side, RotateSecret { principal: principal.clone(), origin, id, secrets }).await;
        match (principal.role, alive, outcome) {
            (Role::Admin, true, Ok(_)) => self.sides[side].endpoints[at].shared = shared,
            (Role::Admin, false, Err(Error::NotFound))
            | (Role::User | Role::Agent, _, Err(Error::Forbidden(_))) => {}
            (role, _, outcome) => panic!("{role:?} rotating: {outcome:?}"),
        }
    }

    pub(crate) async fn disconnect(&mut self, side: usize, by: u8, endpoint: u8) {
        let Some(at) = pick(&self.sides[side].endpoints, endpoint) else { return };
        let principal = self.sides[side].person(by);
        let (id, alive) = (self.sides[side].endpoints[at].id, self.sides[side].endpoints[at].alive);
        let origin = Side::origin(&principal);
        let outcome = self.write(side, DeleteEndpoint { principal: principal.clone(), origin, id }).await;
        match (principal.role, alive, outcome) {
            (Role::Admin, true, Ok(())) => self.sides[side].endpoints[at].alive = false,
            (Role::Admin, false, Err(Error::NotFound))
            | (Role::User | Role::Agent, _, Err(Error::Forbidden(_))) => {}
            (role, _, outcome) => panic!("{role:?} disconnecting: {outcome:?}"),
        }
    }

    pub(crate) async fn deliver(&mut self, side: usize, accepted: bool) {
        let claim = ClaimDeliveries { limit: 20, per_endpoint: 10, lease_ms: 60_000 };
        let claims = self.write(side, claim).await.expect("deliveries can be claimed");
        for claimed in claims.deliveries {
            self.show_anyone(side, &claimed.envelope);
            assert!(
                claimed.url.contains(self.sides[side].name),
                "{} got a delivery for {}",
                claimed.url,
                NAMES[side]
            );
            let status = if accepted { 200 } else { 500 };
            let outcome = Outcome::Answered { status, body: String::new(), retry_after_ms: None };
            let lease = Lease { delivery: claimed.id, attempt: claimed.attempt };
            let finish = FinishAttempt { lease, claimed_at: claimed.claimed_at, duration_ms: 1, outcome };
            self.write(side, finish).await.expect("an attempt can be finished");
            self.sides[side].claimed.push(claimed);
        }
    }

    pub(crate) async fn call_back(&mut self, side: usize, delivery: u8, again: bool) {
        let Some(at) = pick(&self.sides[side].claimed, delivery) else { return };
        let claimed = self.sides[side].claimed[at].clone();
        let Some(ticket) = claimed.envelope.data.ticket_id else { return };
        let Some(endpoint) = self.sides[side].endpoints.iter().find(|e| e.id == claimed.endpoint) else {
            return;
        };
        let secret = hash_secret(&endpoint.shared);
        let alive = endpoint.alive && self.sides[side].tickets.iter().any(|t| t.id == ticket && t.alive);
        // What a workflow says to one delivery is always the same, so that it counts once, however often the
        // delivery was tried.
        let first = self.sides[side].claimed.iter().position(|c| c.id == claimed.id).unwrap_or(at);
        let message = format!("Done: {}public{:05}", self.sides[side].name, 90_000 + first);
        for _ in 0..=u8::from(again) {
            let apply = ApplyCallback {
                origin: Origin::system(),
                claim: CallbackClaim { ticket, delivery: claimed.id, endpoint: claimed.endpoint },
                secret,
                status: Some(Status::InProgress),
                message: Some(message.clone()),
                custom_fields: None,
                data: None,
            };
            let outcome = self.write(side, apply).await.expect("a callback is answered");
            let before = self.sides[side].applied.get(&claimed.id.0).copied().unwrap_or(0);
            match outcome {
                CallbackOutcome::Refused => assert!(!alive, "a good callback was refused"),
                CallbackOutcome::Applied(first) => {
                    assert!(alive && first == (before == 0), "applied: {first} after {before} times");
                    *self.sides[side].applied.entry(claimed.id.0).or_default() += 1;
                    if first && let Some(known) = self.sides[side].tickets.iter_mut().find(|t| t.id == ticket)
                    {
                        known.public += 1;
                        known.words.push(message["Done: ".len()..].to_owned());
                    }
                }
            }
        }
    }
}
