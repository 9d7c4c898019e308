//! The other nodes: what they commit.
//!
//! Each commit notes how far its tenant's ledger is and by which transaction (`flowbit_control.ledgers`). A
//! node asks there twice a second what has moved since it last asked: one question, whatever the number of
//! tenants. A notification ([`super::session`]) only makes it ask sooner, so one that is lost costs half a
//! second. What it finds it tells the listener of commits, which reads the ledger itself if it must know more.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use flowbit_domain::{StoreError, event::StoredEvent, id::TenantId, time::Randomness, tx::Row};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use super::{NOBODY, Shared, connection::Step, control::PostgresControl, statement::RowInPlace};
use crate::call::panic_text;

/// How often it is asked at least. Two of it, and what asking takes, are less than [`CURRENT`].
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// How often at most, however many notifications come; and it rests for as long as it looked.
const LOOK_PAUSE: Duration = Duration::from_millis(5);
/// How long an answer is waited for.
const LOOK_WITHIN: Duration = Duration::from_secs(2);
/// What was committed so long ago is known here, or it is said that it may not be.
const CURRENT: Duration = Duration::from_millis(950);
/// A word is at most so long, in bytes.
pub const WORD_MAX: usize = 2_000;
/// So many words wait at most, while the connection is away, say.
const WORDS: usize = 1_000;
/// A notification carries less than 8,000 bytes (PostgreSQL's manual, NOTIFY).
const PAYLOAD_MAX: usize = 7_900;
/// So many tenants are remembered. Of one that is not, all is taken for new.
const REMEMBERED: usize = 100_000;

/// What has moved since a moment, which is the number of the oldest transaction that was under way then: of
/// older ones everything had been seen. Numbers that are still to come stand there after a restored backup.
const LOOK: &str = "SELECT pg_snapshot_xmin(s.now)::text::int8, r.number, l.tenant, l.seq, l.identity_seq \
    FROM (SELECT pg_current_snapshot() AS now) s CROSS JOIN flowbit_control.revision r \
    LEFT JOIN flowbit_control.ledgers l ON l.moved >= $1::int8::text::xid8 AND (l.moved < pg_snapshot_xmax(s.now) OR $1 = 0)";

/// Where a tenant's ledger was when it was last looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    seq: i64,
    identity_seq: i64,
}

/// A ledger that has moved.
struct Moved {
    tenant: TenantId,
    place: Place,
}

/// An answer.
struct Found {
    /// From where to ask the next time.
    next: i64,
    /// Of the tenants themselves.
    revision: i64,
    moved: Vec<Moved>,
}

/// What this node knows of the others.
pub(crate) struct Nodes {
    /// This one's name, by which it knows its own notifications.
    pub(super) name: String,
    places: Mutex<HashMap<TenantId, Place>>,
    /// When the last answer that came was asked for.
    asked_at: Mutex<Option<Instant>>,
    /// Something was committed here that the others have not been told of.
    pub(super) untold: Notify,
    /// What is to be said to the others in passing; `None` while there is no way to.
    words: Mutex<Option<VecDeque<String>>>,
    /// There is such a word.
    pub(super) unsaid: Notify,
    /// The others may have committed something.
    pub(super) told: Notify,
    /// Whether this node does what one alone should do.
    pub(super) leads: watch::Sender<bool>,
    tasks: Mutex<Vec<tokio::task::AbortHandle>>,
}

impl Nodes {
    pub(crate) fn new(randomness: &dyn Randomness) -> Self {
        let mut name = [0; 16];
        randomness.fill(&mut name);
        Self {
            name: Uuid::from_bytes(name).simple().to_string(),
            places: Mutex::default(),
            asked_at: Mutex::default(),
            untold: Notify::new(),
            words: Mutex::default(),
            unsaid: Notify::new(),
            told: Notify::new(),
            // Until it is known that another does.
            leads: watch::Sender::new(false),
            tasks: Mutex::default(),
        }
    }

    fn places(&self) -> MutexGuard<'_, HashMap<TenantId, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a commit of this node, of which the listener has been told, and lets the others know.
    pub(crate) fn committed(&self, tenant: TenantId, events: &[StoredEvent]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        if let Some(place) = self.places().get_mut(&tenant)
            && place.seq + 1 == first.seq
        {
            place.seq = last.seq;
            if events.iter().any(StoredEvent::touches_identity) {
                place.identity_seq = last.seq;
            }
        }
        self.untold.notify_one();
    }

    fn words(&self) -> MutexGuard<'_, Option<VecDeque<String>>> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether words can be said from now on. What was left before is not: it would be heard as if it were new.
    pub(super) fn let_speak(&self, can: bool) {
        *self.words() = can.then(VecDeque::new);
    }

    /// Leaves a word for the others. Of more than can be sent the oldest are not.
    pub(crate) fn say(&self, word: String) {
        if word.len() > WORD_MAX || word.contains('\n') {
            tracing::warn!(length = word.len(), "a word for the other nodes is not one line, or too long");
            return;
        }
        let mut words = self.words();
        let Some(waiting) = &mut *words else { return };
        if waiting.len() == WORDS {
            waiting.pop_front();
        }
        waiting.push_back(word);
        drop(words);
        self.unsaid.notify_one();
    }

    /// What goes with the next notification: this node's name and as many words as have place, a line each. `None`
    /// when all has been said.
    pub(super) fn take_words(&self) -> Option<String> {
        let mut words = self.words();
        let waiting = words.as_mut().filter(|waiting| !waiting.is_empty())?;
        let mut lines = self.name.clone();
        while let Some(word) = waiting.pop_front_if(|word| lines.len() + word.len() < PAYLOAD_MAX) {
            lines.push('\n');
            lines.push_str(&word);
        }
        Some(lines)
    }

    /// The words in a notification, unless it is this node's own.
    pub(super) fn words_in<'p>(&self, payload: &'p str) -> impl Iterator<Item = &'p str> + use<'p> {
        let (from, words) = payload.split_once('\n').unwrap_or((payload, ""));
        let words = if from == self.name { "" } else { words };
        words.lines()
    }

    /// Whether all that was committed a second ago is known here.
    pub(crate) fn is_current(&self) -> bool {
        let asked_at = *self.asked_at.lock().unwrap_or_else(PoisonError::into_inner);
        asked_at.is_some_and(|asked_at| asked_at.elapsed() < CURRENT)
    }

    /// Remembers where a ledger is: `None` when that is no news, else whether identity was touched.
    fn take_in(&self, Moved { tenant, place }: &Moved) -> Option<bool> {
        let mut places = self.places();
        if places.len() >= REMEMBERED && !places.contains_key(tenant) {
            places.clear();
        }
        match places.get_mut(tenant) {
            Some(known) if known.seq >= place.seq => None,
            Some(known) => {
                let touches_identity = place.identity_seq > known.identity_seq;
                *known = *place;
                Some(touches_identity)
            }
            None => {
                places.insert(*tenant, *place);
                Some(true)
            }
        }
    }

    pub(super) fn keep(&self, task: &tokio::task::JoinHandle<()>) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task.abort_handle());
    }

    /// Lets go: what this node alone did, another may do.
    pub(crate) fn close(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).drain(..).for_each(|task| task.abort());
        self.leads.send_replace(false);
    }
}

/// Begins to follow: from here on nothing is missed.
pub(crate) async fn follow(shared: &Arc<Shared>, control: &Arc<PostgresControl>) -> Result<(), StoreError> {
    // From the end: there is no such number yet.
    let since = ask(shared, i64::MAX).await?.next;
    let following = tokio::spawn(go_on(Arc::downgrade(shared), Arc::downgrade(control), since));
    shared.nodes.keep(&following);
    Ok(())
}

async fn go_on(shared: Weak<Shared>, control: Weak<PostgresControl>, mut since: i64) {
    let mut is_well = true;
    loop {
        let (Some(shared), Some(control)) = (shared.upgrade(), control.upgrade()) else { return };
        // Whichever comes first.
        let _ = tokio::time::timeout(LOOK_EVERY, shared.nodes.told.notified()).await;
        let begun = Instant::now();
        match look(&shared, &control, since).await {
            Ok(next) => {
                if !is_well {
                    tracing::info!("what other nodes commit is known again");
                }
                (since, is_well) = (next, true);
            }
            Err(why) => {
                if is_well {
                    tracing::warn!(%why, "what other nodes commit is not known");
                }
                is_well = false;
            }
        }
        tokio::time::sleep(begun.elapsed().clamp(LOOK_PAUSE, LOOK_EVERY)).await;
    }
}

/// Looks once, and tells the listener what it found. Answers from where to go on.
async fn look(shared: &Shared, control: &PostgresControl, since: i64) -> Result<i64, StoreError> {
    let asked_at = Instant::now();
    let mut found = ask(shared, since).await?;
    if found.next < since {
        tracing::warn!("this is not the database of before: everything is looked at anew");
        shared.nodes.places().clear();
        found = ask(shared, 0).await?;
    }
    let Found { next, revision, moved } = found;
    control.take_in(revision).await?;
    for found in &moved {
        if let Some(touches_identity) = shared.nodes.take_in(found) {
            let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                shared.listener.moved(found.tenant, found.place.seq, touches_identity);
            }));
            if let Err(panic) = told {
                tracing::error!(panic = panic_text(panic.as_ref()), "the listener of commits panicked");
            }
        }
    }
    *shared.nodes.asked_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked_at);
    Ok(next)
}

async fn ask(shared: &Shared, since: i64) -> Result<Found, StoreError> {
    let mut loan = shared.pool.borrow(NOBODY).await?;
    let link = loan.link()?;
    let steps = [Step::Asked(LOOK.into(), vec![since.into()].into())];
    let Ok(flown) = tokio::time::timeout(LOOK_WITHIN, link.fly(&steps, None)).await else {
        link.broken = true;
        return Err(StoreError::Unavailable("the database does not answer".to_owned()));
    };
    let answers = flown.map_err(|lost| lost.why)?;
    let mut found = Found { next: since, revision: 0, moved: Vec::new() };
    for row in answers.iter().flat_map(|answer| &answer.rows).map(RowInPlace) {
        (found.next, found.revision) = (row.int(0)?, row.int(1)?);
        if let Some(tenant) = row.opt_uuid(2)? {
            let place = Place { seq: row.int(3)?, identity_seq: row.int(4)? };
            found.moved.push(Moved { tenant: TenantId(tenant), place });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use flowbit_domain::{
        event::{Action, Audience, EventDraft, GENESIS},
        id::EventId,
        principal::Origin,
        time::Timestamp,
    };

    use super::*;

    struct Zeros;

    impl Randomness for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const TENANT: TenantId = TenantId(Uuid::from_u128(7));

    fn event(seq: i64, action: Action) -> StoredEvent {
        let draft = EventDraft {
            action,
            audience: Audience::Admins,
            origin: Origin::system(),
            ticket: None,
            requester: None,
            data: "{}".to_owned(),
        };
        StoredEvent::seal(draft, EventId(Uuid::nil()), seq, Timestamp(0), GENESIS)
    }

    fn look(nodes: &Nodes, seq: i64, identity_seq: i64) -> Option<bool> {
        nodes.take_in(&Moved { tenant: TENANT, place: Place { seq, identity_seq } })
    }

    #[test]
    fn what_is_not_remembered_is_taken_for_new_and_what_is_known_for_no_news() {
        let nodes = Nodes::new(&Zeros);
        assert_eq!(look(&nodes, 5, 2), Some(true));
        assert_eq!(look(&nodes, 5, 2), None, "it comes again while an older transaction is under way");
        assert_eq!(look(&nodes, 6, 2), Some(false));
        assert_eq!(look(&nodes, 7, 7), Some(true));
        assert_eq!(look(&nodes, 6, 2), None);
    }

    #[test]
    fn own_commits_are_no_news_unless_others_lie_between() {
        let nodes = Nodes::new(&Zeros);
        look(&nodes, 5, 2);
        nodes.committed(TENANT, &[event(6, Action::TicketCreated), event(7, Action::AuthLogout)]);
        assert_eq!(look(&nodes, 7, 7), None);
        // Another node's event 8 was not heard of yet.
        nodes.committed(TENANT, &[event(9, Action::TicketCreated)]);
        assert_eq!(look(&nodes, 9, 8), Some(true));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let nodes = Nodes::new(&Zeros);
        for n in 0..=REMEMBERED as u128 {
            let tenant = TenantId(Uuid::from_u128(n));
            nodes.take_in(&Moved { tenant, place: Place { seq: 1, identity_seq: 0 } });
        }
        assert!(nodes.places().len() <= REMEMBERED);
    }

    #[test]
    fn words_are_said_while_there_is_a_way_and_as_many_as_have_place() {
        let nodes = Nodes::new(&Zeros);
        nodes.say("before there is a way".to_owned());
        nodes.let_speak(true);
        assert_eq!(nodes.take_words(), None);
        let word = |n: usize| format!("{n} {}", "x".repeat(WORD_MAX - 6));
        (0..9).for_each(|n| nodes.say(word(n)));
        nodes.say("two\nlines".to_owned());
        nodes.say("x".repeat(WORD_MAX + 1));
        let mut another = Nodes::new(&Zeros);
        another.name = "another".to_owned();
        let mut heard = Vec::new();
        while let Some(said) = nodes.take_words() {
            assert!(said.len() < 8_000, "PostgreSQL takes no more");
            assert_eq!(nodes.words_in(&said).count(), 0, "what a node said itself is no news to it");
            heard.extend(another.words_in(&said).map(str::to_owned));
        }
        assert_eq!(heard, (0..9).map(word).collect::<Vec<_>>());
        // Of too many the oldest are not said, and of those from before a break none.
        (0..=WORDS).for_each(|n| nodes.say(n.to_string()));
        assert_eq!(another.words_in(&nodes.take_words().unwrap()).next(), Some("1"));
        nodes.let_speak(false);
        nodes.let_speak(true);
        assert_eq!(nodes.take_words(), None);
    }
}
