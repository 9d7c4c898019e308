//! Who is connected, and how an event reaches them.
//!
//! Each company with a connected socket has a [`Desk`]: its sockets and the place in the ledger up to
//! which they have been served. Joining and delivering take turns on one lock, so that a socket gets
//! every event after the place that its `hello` named, in order, and none before.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};

use flowbit_domain::{Principal, TenantCtx, TenantId, Timestamp, UserId, event::StoredEvent};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use socketioxide::{BroadcastError, SendError, SocketError, SocketIo, extract::SocketRef, socket::Sid};
use tokio::sync::Notify;

use super::rooms::{Room, rooms_for, rooms_of};
use crate::presence::News;

/// Why a socket is cut off, as its `goodbye` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Farewell {
    /// Its token has run out: connect again with a fresh one.
    Expired,
    /// Its session has ended, or its person's role has changed.
    Revoked,
    /// It did not read fast enough: connect again and read what was missed.
    Lagging,
    /// The server stops: connect again.
    Shutdown,
}

impl Farewell {
    fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Lagging => "lagging",
            Self::Shutdown => "shutdown",
        }
    }
}

/// What `hello` carries: up to here the client can read over HTTP, from here on the socket tells.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hello {
    last_seq: i64,
}

#[derive(Serialize)]
struct Goodbye {
    reason: Farewell,
}

/// A connected socket.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) socket: SocketRef,
    pub(super) principal: Arc<Principal>,
    /// When its token runs out.
    pub(super) expires_at: Timestamp,
}

/// One company's sockets.
pub(super) struct Desk {
    pub(super) ctx: TenantCtx,
    /// Told of commits, of joins and of the end.
    pub(super) wake: Notify,
    seats: Mutex<Seats>,
}

#[derive(Default)]
struct Seats {
    /// Nobody is left and nobody can join any more.
    closed: bool,
    /// Up to where the ledger has been served; unknown until the first joins.
    position: Option<i64>,
    members: HashMap<Sid, Member>,
    /// How many sockets are in each room: an event for empty rooms need not be encoded.
    sizes: HashMap<Room, u64>,
}

/// Whose sessions events may have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suspects {
    /// Anybody's.
    All,
    /// One person's.
    User(UserId),
}

/// Whose sessions an event may have ended: of the person whom its data names.
fn suspects_of(event: &StoredEvent) -> Option<Suspects> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Concerned {
        user_id: UserId,
    }
    if !event.touches_identity() {
        return None;
    }
    let concerned = serde_json::from_str::<Concerned>(&event.data).ok();
    Some(concerned.map_or(Suspects::All, |c| Suspects::User(c.user_id)))
}

impl Desk {
    fn new(tenant: TenantId) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the company of a verified principal, whose ledger is read for the sockets of its people"
        )]
        let ctx = TenantCtx::for_operator(tenant);
        Self { ctx, wake: Notify::new(), seats: Mutex::default() }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seats a socket: it joins its rooms, hears `hello` and from then on every event. `seq` is a
    /// place that the ledger had reached after this desk was open for commits. `false`: the desk
    /// was closed meanwhile.
    pub(super) fn seat(&self, member: &Member, seq: i64) -> bool {
        {
            let mut seats = self.seats();
            if seats.closed {
                return false;
            }
            let last_seq = *seats.position.get_or_insert(seq);
            let rooms = rooms_of(&member.principal);
            member.socket.join(names(&rooms, self.ctx.tenant()));
            for room in rooms {
                *seats.sizes.entry(room).or_default() += 1;
            }
            // A new socket's queue is empty; if it is gone already, the next lines find out.
            let _ = member.socket.emit("hello", &Hello { last_seq });
            seats.members.insert(member.socket.id, member.clone());
        }
        if !member.socket.connected() {
            self.unseat(member.socket.id);
        }
        // Also for what was committed between the reading of `seq` and now.
        self.wake.notify_one();
        true
    }

    /// Forgets a socket that is gone.
    pub(super) fn unseat(&self, sid: Sid) {
        self.seats().remove(sid);
    }

    /// Up to where the ledger has been served. `None`: the desk is closed, or nobody has joined yet.
    pub(super) fn position(&self) -> Option<i64> {
        let seats = self.seats();
        seats.position.filter(|_| !seats.closed)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.seats().closed
    }

    /// Sends events, oldest first, to the rooms that may see them. Answers the sockets that could
    /// not take one: they are in no room any more and are to be cut.
    pub(super) fn deliver(&self, io: &SocketIo, events: &[StoredEvent], now: Timestamp) -> Vec<Member> {
        let tenant = self.ctx.tenant();
        let mut lagging = Vec::new();
        let mut delivered = 0;
        let mut seats = self.seats();
        for event in events {
            if seats.position.is_some_and(|position| event.seq <= position) {
                continue;
            }
            seats.position = Some(event.seq);
            let rooms = rooms_for(event.audience, event.requester);
            let listeners: u64 = rooms.iter().filter_map(|room| seats.sizes.get(room)).sum();
            if listeners == 0 {
                continue;
            }
            delivered += listeners;
            #[expect(clippy::cast_precision_loss, reason = "lags are far below 2^52 ms")]
            metrics::histogram!("flowbit_socket_lag_seconds")
                .record((now.0 - event.at.0).max(0) as f64 / 1000.0);
            // Encoded once for all. The local adapter is done at the first poll.
            let sent = io.to(names(&rooms, tenant)).emit("event", &event.publish(tenant)).now_or_never();
            if let Some(Err(BroadcastError::Socket(errors))) = sent
                && errors.iter().any(|e| matches!(e, SocketError::InternalChannelFull))
            {
                lagging.append(&mut seats.part_from_lagging(&rooms, event.seq));
            }
        }
        metrics::counter!("flowbit_socket_deliveries_total").increment(delivered);
        lagging
    }

    /// Tells those who are at a ticket, or were, who is. A socket whose queue is full is not told: its browser asks
    /// again every few seconds.
    pub(super) fn tell_presence(&self, news: &News) {
        let seats = self.seats();
        // Somebody may have been there as an agent and be a requester now.
        let is_told = |m: &&Member| m.principal.role.is_staff() && news.to.contains(&m.principal.user);
        for member in seats.members.values().filter(is_told) {
            let _ = member.socket.emit("presence", &news.there);
        }
    }

    /// Takes out those whose token ran out before `now`.
    pub(super) fn take_expired(&self, now: Timestamp) -> Vec<Member> {
        let mut seats = self.seats();
        let expired: Vec<Sid> =
            seats.members.iter().filter(|(_, m)| m.expires_at <= now).map(|(sid, _)| *sid).collect();
        expired.into_iter().filter_map(|sid| seats.remove(sid)).collect()
    }

    /// Takes out everyone and lets nobody in.
    pub(super) fn close(&self) -> Vec<Member> {
        let mut seats = self.seats();
        seats.closed = true;
        seats.sizes.clear();
        let members: Vec<Member> = seats.members.drain().map(|(_, member)| member).collect();
        // Whoever comes later has rooms of the same names: nobody who was here may still be in them.
        members.iter().for_each(|member| member.socket.leave_all());
        self.wake.notify_one();
        members
    }

    /// The sockets whose sessions these events may have ended, each once.
    pub(super) fn suspects_of(&self, events: &[StoredEvent]) -> Vec<Member> {
        let suspects: Vec<Suspects> = events.iter().filter_map(suspects_of).collect();
        if suspects.is_empty() {
            return Vec::new();
        }
        let is_suspect = |m: &&Member| {
            suspects.iter().any(|s| match s {
                Suspects::All => true,
                Suspects::User(user) => m.principal.user == *user,
            })
        };
        self.seats().members.values().filter(is_suspect).cloned().collect()
    }

    fn len(&self) -> usize {
        self.seats().members.len()
    }
}

impl Seats {
    fn remove(&mut self, sid: Sid) -> Option<Member> {
        let member = self.members.remove(&sid)?;
        for room in rooms_of(&member.principal) {
            if let Some(size) = self.sizes.get_mut(&room) {
                *size -= 1;
                if *size == 0 {
                    self.sizes.remove(&room);
                }
            }
        }
        member.socket.leave_all();
        Some(member)
    }

    /// After a packet that some sockets of these rooms could not take: a broadcast does not say which.
    /// Each is sent a `hello`; whoever has no place for it is taken out. Whoever has read on in between
    /// learns from it that it may have missed something.
    fn part_from_lagging(&mut self, rooms: &[Room], last_seq: i64) -> Vec<Member> {
        let full: Vec<Sid> = self
            .members
            .values()
            .filter(|m| rooms_of(&m.principal).iter().any(|room| rooms.contains(room)))
            .filter(|m| {
                let sent = m.socket.emit("hello", &Hello { last_seq });
                matches!(sent, Err(SendError::Socket(SocketError::InternalChannelFull)))
            })
            .map(|m| m.socket.id)
            .collect();
        full.into_iter().filter_map(|sid| self.remove(sid)).collect()
    }
}

fn names(rooms: &[Room], tenant: TenantId) -> Vec<String> {
    rooms.iter().map(|room| room.name(tenant)).collect()
}

/// All companies' desks.
#[derive(Default)]
pub(super) struct Hub {
    desks: RwLock<HashMap<TenantId, Arc<Desk>>>,
    /// Sockets that were told to go and had no place in their queue to be told.
    leaving: Mutex<Vec<SocketRef>>,
}

impl Hub {
    /// The desk of a company, if any of its people is connected.
    pub(super) fn desk(&self, tenant: TenantId) -> Option<Arc<Desk>> {
        self.desks.read().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    /// The desk of a company; `true`: it is new, and its ledger is to be followed.
    pub(super) fn open_desk(&self, tenant: TenantId) -> (Arc<Desk>, bool) {
        if let Some(desk) = self.desk(tenant) {
            return (desk, false);
        }
        let mut desks = self.desks.write().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = false;
        let desk = desks.entry(tenant).or_insert_with(|| {
            fresh = true;
            Arc::new(Desk::new(tenant))
        });
        (Arc::clone(desk), fresh)
    }

    pub(super) fn desks(&self) -> Vec<Arc<Desk>> {
        self.desks.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Closes the desks at which nobody sits.
    pub(super) fn close_empty(&self) {
        let mut desks = self.desks.write().unwrap_or_else(PoisonError::into_inner);
        desks.retain(|_, desk| {
            let mut seats = desk.seats();
            // A desk without a position is one that somebody is about to join.
            seats.closed = seats.closed || (seats.members.is_empty() && seats.position.is_some());
            if seats.closed {
                desk.wake.notify_one();
            }
            !seats.closed
        });
    }

    /// How many sockets are connected.
    pub(super) fn len(&self) -> usize {
        self.desks().iter().map(|desk| desk.len()).sum()
    }

    /// Says why they are cut. A socket with a full queue can't be told.
    pub(super) fn bid_farewell(&self, members: &[Member], reason: Farewell) {
        for member in members {
            metrics::counter!("flowbit_sockets_cut_total", "reason" => reason.as_str()).increment(1);
            tracing::debug!(userId = %member.principal.user, customerId = %member.principal.tenant, ?reason, "socket cut");
            let _ = member.socket.emit("goodbye", &Goodbye { reason });
        }
    }

    /// Says why and cuts. Never while a desk is locked: cutting calls back.
    pub(super) fn cut(&self, members: Vec<Member>, reason: Farewell) {
        self.bid_farewell(&members, reason);
        for member in members {
            if member.socket.clone().disconnect().is_err() {
                self.leaving.lock().unwrap_or_else(PoisonError::into_inner).push(member.socket);
            }
        }
    }

    /// Tries again to disconnect those whose queue was full. A client that never reads again fails the
    /// socket server's next ping, which closes its connection.
    pub(super) fn retry_leaving(&self) {
        let leaving = std::mem::take(&mut *self.leaving.lock().unwrap_or_else(PoisonError::into_inner));
        let still: Vec<SocketRef> = leaving
            .into_iter()
            .filter(|socket| socket.connected() && socket.clone().disconnect().is_err())
            .collect();
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).extend(still);
    }
}
