use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// By a session that has the window's number.
fn word(tenant: TenantId, ticket: TicketId, user: UserId, said: NewPresence) -> Word {
    Word { tenant, ticket, user, session: SessionId(said.tab), said }
}

struct Desk {
    hand: Arc<Hand>,
    presence: Presence,
}

const ONE: TenantId = TenantId(Uuid::from_u128(1));
const ANOTHER: TenantId = TenantId(Uuid::from_u128(2));
const TICKET: TicketId = TicketId(Uuid::from_u128(3));
const ANNA: UserId = UserId(Uuid::from_u128(4));
const BEN: UserId = UserId(Uuid::from_u128(5));
use Activity::{Viewing, Writing};

fn said(tab: u128, count: i64, activity: Option<Activity>) -> NewPresence {
    NewPresence { activity, tab: Uuid::from_u128(tab), count }
}

fn present(people: &[(UserId, Activity)]) -> Vec<Present> {
    people.iter().map(|(user_id, activity)| Present { user_id: *user_id, activity: *activity }).collect()
}

impl Desk {
    fn new() -> Self {
        let hand = Arc::new(Hand(AtomicI64::new(1_000)));
        Self { presence: Presence::new(hand.clone()), hand }
    }

    fn hear(&self, user: UserId, said: NewPresence) -> Vec<Present> {
        self.presence.hear(word(ONE, TICKET, user, said)).people
    }

    fn pass(&self, ms: i64) {
        self.hand.0.fetch_add(ms, Ordering::Relaxed);
        self.presence.expire();
    }

    fn news(&self) -> Option<Vec<Present>> {
        self.told().map(|(_, there)| there)
    }

    /// Who is told, and who is there.
    fn told(&self) -> Option<(Vec<UserId>, Vec<Present>)> {
        let mut news = self.presence.take_news();
        let here = |(tenant, news): &(TenantId, News)| (*tenant, news.there.ticket_id) == (ONE, TICKET);
        assert!(news.len() <= 1 && news.iter().all(here));
        news.pop().map(|(_, news)| (news.to.into_iter().collect(), news.there.people))
    }
}

#[test]
fn who_comes_writes_and_goes_is_news_and_who_says_it_again_is_none() {
    let desk = Desk::new();
    assert_eq!(desk.hear(ANNA, said(1, 1, Some(Viewing))), present(&[(ANNA, Viewing)]));
    assert_eq!(desk.news(), Some(present(&[(ANNA, Viewing)])));
    assert_eq!(desk.hear(BEN, said(2, 1, Some(Viewing))), present(&[(ANNA, Viewing), (BEN, Viewing)]));
    desk.hear(ANNA, said(1, 2, Some(Viewing)));
    assert_eq!(desk.news(), Some(present(&[(ANNA, Viewing), (BEN, Viewing)])));
    desk.hear(ANNA, said(1, 3, Some(Viewing)));
    assert_eq!(desk.news(), None);
    desk.hear(BEN, said(2, 2, Some(Writing)));
    assert_eq!(desk.news(), Some(present(&[(ANNA, Viewing), (BEN, Writing)])));
    desk.hear(BEN, said(2, 3, None));
    assert_eq!(desk.news(), Some(present(&[(ANNA, Viewing)])));
}

#[test]
fn whoever_says_nothing_more_is_gone_after_a_while() {
    let desk = Desk::new();
    desk.hear(ANNA, said(1, 1, Some(Viewing)));
    desk.pass(STAYS - 1);
    desk.hear(BEN, said(2, 1, Some(Viewing)));
    assert_eq!(desk.news(), Some(present(&[(ANNA, Viewing), (BEN, Viewing)])));
    desk.pass(1);
    assert_eq!(desk.news(), Some(present(&[(BEN, Viewing)])));
    desk.pass(STAYS);
    assert_eq!(desk.news(), Some(Vec::new()));
    assert!(desk.presence.state().windows.is_empty(), "nothing is kept of it");
}

#[test]
fn a_word_that_was_overtaken_is_not_heard() {
    let desk = Desk::new();
    desk.hear(ANNA, said(1, 2, None));
    assert_eq!(desk.hear(ANNA, said(1, 1, Some(Writing))), []);
    assert_eq!(desk.hear(ANNA, said(1, 2, Some(Writing))), []);
    assert_eq!(desk.hear(ANNA, said(1, 3, Some(Viewing))), present(&[(ANNA, Viewing)]));
    // Nor does anybody speak for another's window; one that two people use one after the other is each one's own.
    assert_eq!(desk.hear(BEN, said(1, 9, None)), present(&[(ANNA, Viewing)]));
    assert_eq!(desk.hear(BEN, said(1, 10, Some(Viewing))), present(&[(ANNA, Viewing), (BEN, Viewing)]));
}

#[test]
fn of_several_windows_the_one_counts_in_which_most_is_done() {
    let desk = Desk::new();
    desk.hear(ANNA, said(1, 1, Some(Writing)));
    assert_eq!(desk.hear(ANNA, said(2, 1, Some(Viewing))), present(&[(ANNA, Writing)]));
    assert_eq!(desk.hear(ANNA, said(1, 2, None)), present(&[(ANNA, Viewing)]));
    assert_eq!(desk.hear(ANNA, said(2, 2, None)), []);
}

#[test]
fn companies_and_tickets_are_apart() {
    let desk = Desk::new();
    desk.hear(ANNA, said(1, 1, Some(Viewing)));
    let other = desk.presence.hear(word(ANOTHER, TICKET, BEN, said(2, 1, Some(Viewing))));
    assert_eq!(other.people, present(&[(BEN, Viewing)]));
    let elsewhere = TicketId(Uuid::from_u128(7));
    assert_eq!(desk.presence.hear(word(ONE, elsewhere, BEN, said(2, 1, None))).people, []);
    let told: Vec<_> =
        desk.presence.take_news().into_iter().map(|(of, news)| (of, news.there.people)).collect();
    assert_eq!(told, [(ONE, present(&[(ANNA, Viewing)])), (ANOTHER, present(&[(BEN, Viewing)]))]);
}

#[test]
fn those_who_are_there_are_told_and_those_who_were() {
    let desk = Desk::new();
    desk.hear(ANNA, said(1, 1, Some(Viewing)));
    assert_eq!(desk.told(), Some((vec![ANNA], present(&[(ANNA, Viewing)]))));
    desk.hear(BEN, said(2, 1, None));
    assert_eq!(desk.told(), None);
    desk.hear(BEN, said(2, 2, Some(Viewing)));
    desk.hear(BEN, said(2, 3, None));
    assert_eq!(desk.told(), Some((vec![ANNA, BEN], present(&[(ANNA, Viewing)]))));
    desk.pass(STAYS);
    assert_eq!(desk.told(), Some((vec![ANNA], Vec::new())));
}

#[test]
fn with_a_session_its_windows_go_and_no_other() {
    let desk = Desk::new();
    desk.hear(ANNA, said(1, 5, Some(Writing)));
    desk.hear(ANNA, said(2, 5, Some(Viewing)));
    desk.hear(BEN, said(3, 5, Some(Viewing)));
    desk.news();
    assert!(desk.presence.end(ANOTHER, SessionId(Uuid::from_u128(1))).is_empty());
    let words = desk.presence.end(ONE, SessionId(Uuid::from_u128(1)));
    assert_eq!(desk.news(), Some(present(&[(ANNA, Viewing), (BEN, Viewing)])));
    // Another node that hears it has the same picture.
    let there = Desk::new();
    there.hear(ANNA, said(1, 5, Some(Writing)));
    there.hear(BEN, said(3, 5, Some(Viewing)));
    for word in words {
        there.presence.told(&serde_json::to_string(&word).unwrap());
    }
    assert_eq!(there.news(), Some(present(&[(BEN, Viewing)])));
}

#[test]
fn so_many_windows_are_remembered_and_no_more() {
    let desk = Desk::new();
    for tab in 0..=WINDOWS {
        desk.hand.0.fetch_add(1, Ordering::Relaxed);
        desk.hear(UserId(Uuid::from_u128(tab as u128)), said(tab as u128, 1, Some(Viewing)));
    }
    let there = desk.news().unwrap();
    assert_eq!(
        (there.len(), there[0].user_id),
        (WINDOWS, UserId(Uuid::from_u128(1))),
        "the oldest is forgotten"
    );
}

#[test]
fn another_nodes_word_is_heard_like_ones_own_and_an_odd_one_is_not() {
    let desk = Desk::new();
    let word = word(ONE, TICKET, ANNA, said(1, 1, Some(Writing)));
    let word = serde_json::to_string(&word).unwrap();
    assert!(word.len() < flowbit_store::WORD_MAX);
    desk.presence.told(&word);
    assert_eq!(desk.news(), Some(present(&[(ANNA, Writing)])));
    for odd in ["", "{}", "null", &word.replace("writing", "dancing")] {
        desk.presence.told(odd);
    }
    assert_eq!(desk.news(), None);
}
