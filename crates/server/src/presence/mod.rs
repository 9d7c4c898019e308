//! Who looks at which ticket, and who writes: in memory, for a while, and told at once to those who are there.
//!
//! A browser says what its person does ([`Presence::hear`]) and says it again before [`STAYS`] is over; who says
//! nothing more is gone. What changes is handed to the sockets of those who are there ([`crate::realtime`]), and on a
//! database to the other nodes, each of which keeps its own picture. A word that is lost on the way is put right by the
//! next one, or when it is over.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use flowbit_domain::{
    event::StoredEvent,
    id::{SessionId, TenantId, TicketId, UserId},
    presence::{Activity, NewPresence, Present, TicketPresence},
    time::{Clock, Timestamp},
};
use flowbit_store::{CommitListener, Store};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// How long a word holds, in milliseconds: browsers say it again every fifteen seconds.
const STAYS: i64 = 40_000;
/// So many windows are remembered at one ticket; of more, the ones heard of longest ago are forgotten.
const WINDOWS: usize = 100;

/// What one window said last.
struct Window {
    session: SessionId,
    count: i64,
    /// `None`: it has left, which is remembered so that a word overtaken by it is not taken for a new one.
    activity: Option<Activity>,
    until: Timestamp,
}

/// A ticket's windows, by whose they are and their ids.
type Windows = HashMap<(UserId, Uuid), Window>;

/// Of which ticket.
type Key = (TenantId, TicketId);

#[derive(Default)]
struct State {
    windows: HashMap<Key, Windows>,
    /// Tickets at which somebody has come, gone, begun or stopped since this was last asked, with those who are to be
    /// told of it: who is there, and who was.
    changed: BTreeMap<Key, BTreeSet<UserId>>,
}

/// All companies' presence, as far as this node knows.
pub(crate) struct Presence {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Something is to be told.
    pub(crate) news: Notify,
}

/// What is to be told.
pub(crate) struct News {
    /// To whom: those who are there, and those who were. They may have become requesters meanwhile.
    pub(crate) to: BTreeSet<UserId>,
    /// Who is there now.
    pub(crate) there: TicketPresence,
}

/// What one of a person's windows says, as it goes from node to node.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Word {
    pub(crate) tenant: TenantId,
    pub(crate) ticket: TicketId,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) said: NewPresence,
}

impl Word {
    /// Tells it to the other nodes.
    pub(crate) fn pass_on(&self, store: &Store) {
        match serde_json::to_string(self) {
            Ok(word) => store.tell_nodes(word),
            Err(error) => tracing::error!(%error, "who is at a ticket can't be told to other nodes"),
        }
    }
}

fn people(windows: &Windows, now: Timestamp) -> Vec<Present> {
    let mut people: BTreeMap<UserId, Activity> = BTreeMap::new();
    for ((user, _), window) in windows.iter().filter(|(_, window)| window.until > now) {
        if let Some(activity) = window.activity {
            let most = people.entry(*user).or_insert(activity);
            *most = activity.max(*most);
        }
    }
    people.into_iter().map(|(user_id, activity)| Present { user_id, activity }).collect()
}

impl Presence {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Mutex::default(), news: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what a window of a person says, who may be at the ticket. Answers who is there.
    pub(crate) fn hear(&self, word: Word) -> TicketPresence {
        let Word { tenant, ticket, user, session, said: NewPresence { activity, tab, count } } = word;
        let now = self.clock.now();
        let mut state = self.state();
        let State { windows: all, changed } = &mut *state;
        let windows = all.entry((tenant, ticket)).or_default();
        let before = people(windows, now);
        let is_overtaken = windows.get(&(user, tab)).is_some_and(|known| known.count >= count);
        if !is_overtaken {
            windows.insert((user, tab), Window { session, count, activity, until: Timestamp(now.0 + STAYS) });
            if windows.len() > WINDOWS {
                let oldest = windows.iter().min_by_key(|(_, window)| window.until).map(|(of, _)| *of);
                oldest.map(|of| windows.remove(&of));
            }
        }
        let after = people(windows, now);
        if after != before {
            let to = before.iter().chain(&after).map(|present| present.user_id);
            changed.entry((tenant, ticket)).or_default().extend(to);
            self.news.notify_one();
        }
        TicketPresence { ticket_id: ticket, people: after }
    }

    /// A session has ended: whoever was there by it has left. Answers what the other nodes must hear.
    pub(crate) fn end(&self, tenant: TenantId, session: SessionId) -> Vec<Word> {
        let mut words = Vec::new();
        for ((of, ticket), windows) in &self.state().windows {
            let theirs = windows.iter().filter(|(_, window)| *of == tenant && window.session == session);
            words.extend(theirs.map(|((user, tab), window)| {
                let said = NewPresence { activity: None, tab: *tab, count: window.count.saturating_add(1) };
                Word { tenant, ticket: *ticket, user: *user, session, said }
            }));
        }
        words.iter().for_each(|word| drop(self.hear(*word)));
        words
    }

    /// Forgets those who have said nothing for too long.
    pub(crate) fn expire(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let State { windows: all, changed } = &mut *state;
        all.retain(|key, windows| {
            let is_over = |window: &Window| window.until <= now;
            if windows.values().any(|window| is_over(window) && window.activity.is_some()) {
                let there = windows.iter().filter(|(_, window)| window.activity.is_some());
                changed.entry(*key).or_default().extend(there.map(|((user, _), _)| *user));
            }
            windows.retain(|_, window| !is_over(window));
            !windows.is_empty()
        });
        if !changed.is_empty() {
            self.news.notify_one();
        }
    }

    /// Where something has changed since this was last asked, as it is now.
    pub(crate) fn take_news(&self) -> Vec<(TenantId, News)> {
        let now = self.clock.now();
        let mut state = self.state();
        let changed = std::mem::take(&mut state.changed);
        let none = Windows::new();
        let now_there = |(key, to): (Key, BTreeSet<UserId>)| {
            let windows = state.windows.get(&key).unwrap_or(&none);
            (key.0, News { to, there: TicketPresence { ticket_id: key.1, people: people(windows, now) } })
        };
        changed.into_iter().map(now_there).collect()
    }
}

impl CommitListener for Presence {
    fn committed(&self, _: TenantId, _: i64, _: &[StoredEvent]) {}

    fn told(&self, word: &str) {
        match serde_json::from_str::<Word>(word) {
            Ok(word) => drop(self.hear(word)),
            // Of another version, during an upgrade.
            Err(error) => tracing::debug!(%error, "a word of another node is not understood"),
        }
    }
}
