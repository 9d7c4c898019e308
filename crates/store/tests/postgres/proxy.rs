//! A link to the database that counts journeys, and that can be cut or stopped.
//!
//! It understands as much of the protocol as tells when the server has answered everything that it was sent:
//! the client marks the end of each request (`Sync`, or a simple `Query`), and the server answers each with
//! `ReadyForQuery`. A journey is what goes there until all of it has been answered; the answer is held back
//! until it is let through.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use flowbit_cluster::Database;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::{Notify, Semaphore, watch},
};

/// How the link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// As it should be.
    Whole,
    /// Nothing gets through, and nobody is told.
    Silent,
    /// Connections are cut, and new ones refused.
    Cut,
    /// The same, and what was on its way is thrown away (RST).
    Reset,
    /// The database's side is gone and the client is not told: half-open.
    HalfOpen,
    /// Everything takes this long.
    Slow(Duration),
}

pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

struct State {
    socket: PathBuf,
    /// Answers are held back until they are let through.
    holds: AtomicBool,
    let_through: Semaphore,
    held: Notify,
    link: watch::Sender<Link>,
    /// Everything has been answered, and no transaction is under way.
    idle: watch::Sender<bool>,
}

impl Proxy {
    pub(crate) async fn before(database: &Database) -> Self {
        let cluster = database.cluster();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            socket: cluster.folder().join(format!(".s.PGSQL.{}", cluster.port())),
            holds: AtomicBool::new(false),
            let_through: Semaphore::new(0),
            held: Notify::new(),
            link: watch::Sender::new(Link::Whole),
            idle: watch::Sender::new(true),
        });
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !matches!(*serving.link.borrow(), Link::Cut | Link::Reset) {
                    tokio::spawn(serve(client, Arc::clone(&serving)));
                }
            }
        });
        Self { port, state }
    }

    pub(crate) fn address(&self, role: &str, database: &Database) -> String {
        format!("postgresql://{role}@127.0.0.1:{}/{}", self.port, database.name())
    }

    pub(crate) fn set(&self, link: Link) {
        self.state.link.send_replace(link);
    }

    /// Does `work` until its nth answer from the database, which is lost together with the link.
    pub(crate) async fn lose_answer<T>(&self, nth: usize, work: impl Future<Output = T>) -> T {
        self.state.holds.store(true, Ordering::SeqCst);
        let mut work = std::pin::pin!(work);
        let mut journeys = 0;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.state.held.notified() => {
                    journeys += 1;
                    if journeys == nth {
                        self.state.holds.store(false, Ordering::SeqCst);
                        self.set(Link::Cut);
                    }
                    self.state.let_through.add_permits(1);
                }
            }
        }
    }

    /// Counts the answers that `work` has to wait for.
    pub(crate) async fn count<T>(&self, work: impl Future<Output = T>) -> (T, usize) {
        self.state.holds.store(true, Ordering::SeqCst);
        let mut work = std::pin::pin!(work);
        let mut journeys = 0;
        let done = loop {
            tokio::select! {
                biased;
                done = &mut work => break done,
                () = self.state.held.notified() => {
                    journeys += 1;
                    self.state.let_through.add_permits(1);
                }
            }
        };
        // What nobody waits for, such as the end of a read's transaction, is let through uncounted.
        let mut idle = self.state.idle.subscribe();
        while !*idle.borrow_and_update() {
            tokio::select! {
                changed = idle.changed() => changed.unwrap(),
                () = self.state.held.notified() => self.state.let_through.add_permits(1),
            }
        }
        self.state.holds.store(false, Ordering::SeqCst);
        (done, journeys)
    }
}

/// Takes whole messages from the front of what was read: how many of them end a request or its answer, as
/// `is_end` says, and the first byte of the last of those.
fn take_ends(read: &mut Vec<u8>, first_has_no_kind: &mut bool, is_end: fn(u8) -> bool) -> (usize, u8) {
    let (mut ends, mut byte) = (0, 0);
    let mut at = 0;
    loop {
        let rest = &read[at..];
        let header = if *first_has_no_kind { 4 } else { 5 };
        if rest.len() < header {
            break;
        }
        let length = u32::from_be_bytes(rest[header - 4..header].try_into().unwrap()) as usize;
        let whole = length + header - 4;
        if rest.len() < whole {
            break;
        }
        if !*first_has_no_kind && is_end(rest[0]) {
            ends += 1;
            byte = *rest[..whole].get(header).unwrap_or(&0);
        }
        *first_has_no_kind = false;
        at += whole;
    }
    read.drain(..at);
    (ends, byte)
}

async fn serve(client: TcpStream, state: Arc<State>) {
    client.set_nodelay(true).unwrap();
    let Ok(server) = UnixStream::connect(&state.socket).await else { return };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut link = state.link.subscribe();
    // The requests on their way; what the server says before the first is the greeting.
    let (mut asked, mut answered) = (0, 0);
    let (mut sent, mut said) = (Vec::new(), Vec::new());
    let (mut no_kind, mut never) = (true, false);
    let mut held = Vec::new();
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let now = *link.borrow_and_update();
        match now {
            Link::Cut => return,
            Link::Reset => {
                to_client.as_ref().set_zero_linger().unwrap();
                return;
            }
            Link::HalfOpen => {
                // For as long as the client holds on to it.
                drop((from_server, to_server));
                while matches!(from_client.read(&mut up).await, Ok(1..)) {}
                return;
            }
            Link::Slow(time) => tokio::time::sleep(time).await,
            Link::Silent => {
                if link.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Link::Whole => {}
        }
        tokio::select! {
            changed = link.changed() => if changed.is_err() { return },
            read = from_client.read(&mut up) => match read {
                Ok(0) | Err(_) => return,
                Ok(n) => {
                    sent.extend_from_slice(&up[..n]);
                    let (ends, _) = take_ends(&mut sent, &mut no_kind, |kind| kind == b'S' || kind == b'Q');
                    asked += ends;
                    state.idle.send_replace(false);
                    if to_server.write_all(&up[..n]).await.is_err() {
                        return;
                    }
                }
            },
            read = from_server.read(&mut down) => match read {
                Ok(0) | Err(_) => return,
                Ok(n) => {
                    said.extend_from_slice(&down[..n]);
                    let (ends, status) = take_ends(&mut said, &mut never, |kind| kind == b'Z');
                    answered += ends;
                    held.extend_from_slice(&down[..n]);
                    // The first ReadyForQuery ends the greeting.
                    if answered > asked {
                        if state.holds.load(Ordering::SeqCst) && asked > 0 {
                            state.held.notify_one();
                            state.let_through.acquire().await.unwrap().forget();
                            if *state.link.borrow() == Link::Cut {
                                return;
                            }
                        }
                        if to_client.write_all(&held).await.is_err() {
                            return;
                        }
                        held.clear();
                        state.idle.send_replace(status == b'I');
                    } else if asked == 0 {
                        // Still greeting.
                        if to_client.write_all(&held).await.is_err() {
                            return;
                        }
                        held.clear();
                    }
                }
            },
        }
    }
}
