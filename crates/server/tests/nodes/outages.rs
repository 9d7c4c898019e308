//! Nodes are killed and restarted while clients write: nothing that was acknowledged is lost, nothing is done
//! twice, and of a restart nobody notices anything.
//!
//! `FLOWBIT_NODE_KILLS` asks for more kills, `FLOWBIT_NODE_SEED` for the choices of a run before.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use serde_json::Value as Json;
use tokio::task::JoinSet;

use crate::{
    book::Book,
    gateway::Gateway,
    harness::{Dice, Person, Server, beside::now, client::until},
    nodes::Nodes,
};

/// How many times a node is killed, unless `FLOWBIT_NODE_KILLS` says otherwise.
const KILLS: usize = 30;
/// How many write at once.
const WRITERS: usize = 6;
/// So many writes are acknowledged between two outages at least.
const BETWEEN: usize = 15;
/// A token is good for 15 minutes.
const SIGN_IN_EVERY_MS: i64 = 10 * 60 * 1000;

fn kills() -> usize {
    let asked = std::env::var("FLOWBIT_NODE_KILLS").ok();
    asked.map_or(KILLS, |text| text.parse().expect("FLOWBIT_NODE_KILLS is a number"))
}

/// Clients that write through the gateway until they are told to stop.
struct Load {
    gateway: Arc<Gateway>,
    book: Arc<Mutex<Book>>,
    token: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
    /// Broken connections, and requests that no node took.
    noticed: Arc<AtomicUsize>,
    writers: JoinSet<()>,
}

impl Load {
    fn begin(gateway: Arc<Gateway>, token: String, dice: Dice) -> Self {
        let mut load = Self {
            gateway,
            book: Arc::new(Mutex::new(Book::new(dice))),
            token: Arc::new(Mutex::new(token)),
            stop: Arc::default(),
            noticed: Arc::default(),
            writers: JoinSet::new(),
        };
        for _ in 0..WRITERS {
            let (gateway, book, token) = (load.gateway.clone(), load.book.clone(), load.token.clone());
            let (stop, noticed) = (load.stop.clone(), load.noticed.clone());
            load.writers.spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let (at, wish) = book.lock().unwrap().next();
                    let request = wish.request(&token.lock().unwrap());
                    let answer = gateway.send_patiently(&request, &noticed).await;
                    book.lock().unwrap().acknowledged(at, &answer);
                }
            });
        }
        load
    }

    fn acknowledged(&self) -> usize {
        self.book.lock().unwrap().count()
    }

    /// Lets them write on for a while.
    async fn go_on(&mut self) {
        let wanted = self.acknowledged() + BETWEEN;
        until("more writes", async || {
            if let Some(ended) = self.writers.try_join_next() {
                ended.expect("a writer was told something wrong");
            }
            (self.acknowledged() >= wanted).then_some(())
        })
        .await;
    }

    async fn end(mut self) -> (Book, usize) {
        self.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.writers.join_next().await {
            ended.expect("a writer was told something wrong");
        }
        let book = Arc::into_inner(self.book).expect("the writers are gone").into_inner().unwrap();
        (book, self.noticed.load(Ordering::SeqCst))
    }
}

async fn sign_in(server: &Server) -> String {
    server.web().sign_in("admin@alpha.example").await.token
}

/// Compares what was acknowledged with what is in the database, and verifies the ledger. Answers how many
/// tickets and messages there are.
async fn examine(nodes: &Nodes, book: &Book) -> (usize, usize) {
    let client = nodes.database.connect("postgres").await.expect("the superuser is let in");
    let pairs = async |sql: &str| -> Vec<(String, String)> {
        let rows = client.query(sql, &[]).await.expect("an answer");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    };
    let tickets = pairs("SELECT id::text, title FROM flowbit.tickets").await;
    let messages = pairs("SELECT id::text, body FROM flowbit.messages WHERE author_kind = 'user'").await;
    book.compare(&tickets, &messages);
    let number = nodes.count("SELECT max(number) FROM flowbit.tickets").await;
    assert_eq!(usize::try_from(number).unwrap(), tickets.len(), "a number was lost or given twice");
    let ada: Person = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    let mut created = 0;
    let (mut after, mut last) = (0, -1);
    while after != last {
        let page: Json = ada.get(&format!("/api/events?after={after}&limit=500")).await.expect(200);
        let items = page["items"].as_array().expect("events");
        for (n, event) in items.iter().enumerate() {
            assert_eq!(
                event["seq"].as_i64(),
                Some(after + 1 + i64::try_from(n).unwrap()),
                "the ledger has a gap"
            );
            created +=
                usize::from(event["action"] == "ticket.created" || event["action"] == "message.created");
        }
        (last, after) = (after, page["lastSeq"].as_i64().expect("a number"));
    }
    assert_eq!(created, tickets.len() + messages.len(), "each is told of once");
    (tickets.len(), messages.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_killed_under_load_lose_nothing_and_do_nothing_twice() {
    let mut dice = Dice::from_variable("FLOWBIT_NODE_SEED");
    let mut nodes = Nodes::start(3, &["alpha"], |_| {}).await;
    let gateway = Arc::new(Gateway::before(nodes.servers.iter().map(Server::web).collect()));
    let mut load = Load::begin(gateway, sign_in(&nodes.servers[0]).await, Dice::new(dice.next()));
    let (kills, mut killed, mut all_at_once) = (kills(), 0, 0);
    let mut signed_in = now();
    while killed < kills {
        load.go_on().await;
        if dice.one_in(5) {
            nodes.servers.iter_mut().for_each(Server::kill);
            (killed, all_at_once) = (killed + nodes.servers.len(), all_at_once + 1);
            nodes.start_all().await;
        } else {
            let at = dice.below(nodes.servers.len());
            nodes.servers[at].kill();
            killed += 1;
            if dice.one_in(2) {
                // The others go on meanwhile.
                load.go_on().await;
            }
            nodes.servers[at].start().await;
        }
        if now().0 - signed_in.0 > SIGN_IN_EVERY_MS {
            *load.token.lock().unwrap() = sign_in(&nodes.servers[0]).await;
            signed_in = now();
        }
    }
    load.go_on().await;
    let (book, noticed) = load.end().await;
    let acknowledged = book.count();
    let (tickets, messages) = examine(&nodes, &book).await;
    println!(
        "{killed} nodes killed, {all_at_once} times all at once: {acknowledged} writes acknowledged, 0 lost, 0 doubled \
         ({tickets} tickets, {messages} messages); {noticed} requests broken off and sent again"
    );
    assert!(noticed > 0, "nothing was ever cut off: this has tried less than it says");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_rolling_restarts_under_load_are_noticed_by_nobody() {
    let dice = Dice::from_variable("FLOWBIT_NODE_SEED");
    let mut nodes = Nodes::start(3, &["alpha"], |server| server.set("FLOWBIT_SHUTDOWN_DELAY", "1")).await;
    let gateway = Arc::new(Gateway::before(nodes.servers.iter().map(Server::web).collect()));
    let mut load = Load::begin(gateway, sign_in(&nodes.servers[0]).await, dice);
    let mut restarted = 0;
    for _ in 0..3 {
        for server in &mut nodes.servers {
            load.go_on().await;
            server.terminate().await;
            server.start().await;
            restarted += 1;
        }
    }
    load.go_on().await;
    let (book, noticed) = load.end().await;
    let acknowledged = book.count();
    let (tickets, messages) = examine(&nodes, &book).await;
    println!(
        "{restarted} restarts: {acknowledged} writes acknowledged, 0 lost, 0 doubled ({tickets} tickets, {messages} \
         messages); {noticed} requests that a patient client noticed"
    );
    assert_eq!(noticed, 0);
}
