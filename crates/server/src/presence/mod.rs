//! Who looks at which ticket, and who writes: in memory, for a while, and told to the company's agents at once.
//!
//! A browser says what its person does ([`Presence::hear`]) and says it again before [`STAYS`] is over; who says
//! nothing more is gone. What changes is handed to the sockets ([`crate::realtime`]), and on a database to the other
//! nodes, each of which keeps its own picture. A word that is lost on the way is put right by the next one.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use flowbit_domain::{
    event::StoredEvent,
    id::{TenantId, TicketId, UserId},
    presence::{Activity, NewPresence, Present, TicketPresence},
    time::{Clock, Timestamp},
};
use flowbit_store::CommitListener;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
    user: UserId,
    count: i64,
    /// `None`: it has left, which is remembered so that a word overtaken by it is not taken for a new one.
    activity: Option<Activity>,
    until: Timestamp,
}

/// A ticket's windows by their ids.
type Windows = HashMap<Uuid, Window>;

/// Of which ticket.
type Key = (TenantId, TicketId);

#[derive(Default)]
struct State {
    windows: HashMap<Key, Windows>,
    /// Tickets at which somebody has come, gone, begun or stopped since this was last asked.
    changed: BTreeSet<Key>,
}

/// All companies' presence, as far as this node knows.
pub(crate) struct Presence {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Something is to be told.
    pub(crate) news: Notify,
}

/// A word that goes from node to node.
#[derive(Serialize, Deserialize)]
struct Word {
    tenant: TenantId,
    ticket: TicketId,
    user: UserId,
    said: NewPresence,
}

fn people(windows: &Windows, now: Timestamp) -> Vec<Present> {
    let mut people: BTreeMap<UserId, Activity> = BTreeMap::new();
    for window in windows.values().filter(|window| window.until > now) {
        if let Some(activity) = window.activity {
            let most = people.entry(window.user).or_insert(activity);
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
    pub(crate) fn hear(
        &self,
        tenant: TenantId,
        ticket: TicketId,
        user: UserId,
        said: NewPresence,
    ) -> TicketPresence {
        let now = self.clock.now();
        let mut state = self.state();
        let State { windows: all, changed } = &mut *state;
        let windows = all.entry((tenant, ticket)).or_default();
        let before = people(windows, now);
        let NewPresence { activity, tab, count } = said;
        let is_overtaken = windows.get(&tab).is_some_and(|known| known.user != user || known.count >= count);
        if !is_overtaken {
            windows.insert(tab, Window { user, count, activity, until: Timestamp(now.0 + STAYS) });
            if windows.len() > WINDOWS {
                let oldest = windows.iter().min_by_key(|(_, window)| window.until).map(|(tab, _)| *tab);
                oldest.map(|tab| windows.remove(&tab));
            }
        }
        let after = people(windows, now);
        if after != before {
            changed.insert((tenant, ticket));
            self.news.notify_one();
        }
        TicketPresence { ticket_id: ticket, people: after }
    }

    /// As a word for the other nodes.
    pub(crate) fn word(
        tenant: TenantId,
        ticket: TicketId,
        user: UserId,
        said: NewPresence,
    ) -> Option<String> {
        serde_json::to_string(&Word { tenant, ticket, user, said }).ok()
    }

    /// Forgets those who have said nothing for too long.
    pub(crate) fn expire(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let State { windows: all, changed } = &mut *state;
        all.retain(|key, windows| {
            let mut is_news = false;
            windows.retain(|_, window| {
                let stays = window.until > now;
                is_news |= !stays && window.activity.is_some();
                stays
            });
            if is_news {
                changed.insert(*key);
            }
            !windows.is_empty()
        });
        if !changed.is_empty() {
            self.news.notify_one();
        }
    }

    /// Where something has changed since this was last asked, as it is now.
    pub(crate) fn take_news(&self) -> Vec<(TenantId, TicketPresence)> {
        let now = self.clock.now();
        let mut state = self.state();
        let changed = std::mem::take(&mut state.changed);
        let none = Windows::new();
        let now_there = |key: (TenantId, TicketId)| {
            let windows = state.windows.get(&key).unwrap_or(&none);
            (key.0, TicketPresence { ticket_id: key.1, people: people(windows, now) })
        };
        changed.into_iter().map(now_there).collect()
    }
}

impl CommitListener for Presence {
    fn committed(&self, _: TenantId, _: i64, _: &[StoredEvent]) {}

    fn told(&self, word: &str) {
        match serde_json::from_str::<Word>(word) {
            Ok(Word { tenant, ticket, user, said }) => drop(self.hear(tenant, ticket, user, said)),
            // Of another version, during an upgrade.
            Err(error) => tracing::debug!(%error, "a word of another node is not understood"),
        }
    }
}
