//! What the client wanted written, and what it was told of it. The book outlives every crash.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Dice, client::Request};

/// Something to be written. Its text is nobody else's.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// Its key: the same in each attempt.
    key: String,
    /// The ticket that it is a message to; none: it is a ticket.
    ticket: Option<String>,
    text: String,
}

impl Wish {
    pub(crate) fn request(&self, token: &str) -> Request {
        let request = match &self.ticket {
            None => Request::new(Method::POST, "/api/tickets").json(&json!({ "title": self.text })),
            Some(ticket) => Request::new(Method::POST, &format!("/api/tickets/{ticket}/messages"))
                .json(&json!({ "body": self.text })),
        };
        request.bearer(token).header("idempotency-key", &self.key)
    }
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Sent, and no answer: it may be there, once.
    Unsure,
    /// Answered with 201 and this id: it must be there, once, whatever happens later.
    Acknowledged(String),
}

/// The book.
pub(crate) struct Book {
    dice: Dice,
    wishes: Vec<(Wish, Fate)>,
    /// Those that are being sent now.
    under_way: Vec<usize>,
    tickets: Vec<String>,
}

impl Book {
    pub(crate) fn new(dice: Dice) -> Self {
        Self { dice, wishes: Vec::new(), under_way: Vec::new(), tickets: Vec::new() }
    }

    /// What to send next: something new, or something whose answer was lost, or, to be sure that it is
    /// not done twice, something that was answered.
    pub(crate) fn next(&mut self) -> (usize, Wish) {
        let repeated = if self.dice.one_in(4) { self.pick_known() } else { None };
        let at = repeated.unwrap_or_else(|| self.wish_anew());
        self.under_way.push(at);
        (at, self.wishes[at].0.clone())
    }

    fn pick_known(&mut self) -> Option<usize> {
        let wanted_unsure = !self.dice.one_in(4);
        let is_wanted = |fate: &Fate| (*fate == Fate::Unsure) == wanted_unsure;
        let known: Vec<usize> = (0..self.wishes.len())
            .filter(|at| is_wanted(&self.wishes[*at].1) && !self.under_way.contains(at))
            .collect();
        self.dice.pick(&known).copied()
    }

    fn wish_anew(&mut self) -> usize {
        let ticket = if self.dice.one_in(2) { self.dice.pick(&self.tickets).cloned() } else { None };
        let at = self.wishes.len();
        let key = format!("wish-{at}");
        let text = format!("Wish {at} of {:016x}", self.dice.next());
        // Until it is answered nobody knows.
        self.wishes.push((Wish { key, ticket, text }, Fate::Unsure));
        at
    }

    /// No answer came.
    pub(crate) fn lost(&mut self, at: usize) {
        self.under_way.retain(|one| *one != at);
    }

    /// It was answered with 201: for the first time, or with what was answered then.
    pub(crate) fn acknowledged(&mut self, at: usize, answer: &Answer) {
        self.under_way.retain(|one| *one != at);
        let json = answer.expect(201);
        let (wish, fate) = &mut self.wishes[at];
        let text = if wish.ticket.is_none() { &json["title"] } else { &json["body"] };
        assert_eq!(*text, wish.text, "another answer than the one to {wish:?}");
        let id = json["id"].as_str().expect("an id").to_owned();
        match fate {
            Fate::Acknowledged(known) => assert_eq!(*known, id, "done twice: {wish:?}"),
            Fate::Unsure => {
                if wish.ticket.is_none() {
                    self.tickets.push(id.clone());
                }
                *fate = Fate::Acknowledged(id);
            }
        }
    }

    /// How many have been acknowledged.
    pub(crate) fn count(&self) -> usize {
        self.wishes.iter().filter(|(_, fate)| *fate != Fate::Unsure).count()
    }

    /// Those whose answers were lost.
    pub(crate) fn unsure(&self) -> Vec<(usize, Wish)> {
        let unsure = self.wishes.iter().enumerate().filter(|(_, (_, fate))| *fate == Fate::Unsure);
        unsure.map(|(at, (wish, _))| (at, wish.clone())).collect()
    }

    /// Compares with what is there, as `(id, text)` of all tickets and of all messages of people.
    pub(crate) fn compare(&self, tickets: &[(String, String)], messages: &[(String, String)]) {
        let mut there: HashMap<&str, Vec<&str>> = HashMap::new();
        for (id, text) in tickets.iter().chain(messages) {
            there.entry(text).or_default().push(id);
        }
        for (wish, fate) in &self.wishes {
            let found = there.remove(wish.text.as_str()).unwrap_or_default();
            match fate {
                Fate::Acknowledged(id) => {
                    assert!(!found.is_empty(), "acknowledged and lost: {wish:?}");
                    assert_eq!(found, [id.as_str()], "acknowledged and not there once: {wish:?}");
                }
                Fate::Unsure => assert!(found.len() <= 1, "there {} times: {wish:?}", found.len()),
            }
        }
        assert!(there.is_empty(), "nobody wanted {there:?}");
    }
}
