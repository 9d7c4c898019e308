//! What was acknowledged stays, whatever kills the server, and what happens happens once.
//!
//! A client writes and keeps book of what it was told; a workflow takes deliveries and calls back; the
//! server is killed with `kill -9` over and over, while it starts, while it writes, while it delivers.
//! `FLOWBIT_CRASH_ROUNDS` asks for more rounds, `FLOWBIT_CRASH_SEED` for the choices of a run before.

#![cfg(test)]

#[path = "crash/book.rs"]
mod book;
#[path = "crash/full.rs"]
mod full;
mod harness;
#[path = "crash/workflow.rs"]
mod workflow;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use book::Book;
use harness::{
    Dice, PATIENCE, Person, Server, Web,
    beside::{Beside, assert_sound, assert_whole, open_file, tenant_file},
    client::until,
    gate::Gate,
    receiver::Receiver,
};
use serde_json::json;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

/// How many times the server is killed, unless `FLOWBIT_CRASH_ROUNDS` says otherwise.
const ROUNDS: usize = 100;
/// How many write at once.
const WRITERS: usize = 8;
/// A token is good for 15 minutes; so many rounds never take that long.
const ROUNDS_PER_SIGN_IN: usize = 50;

fn rounds() -> usize {
    let asked = std::env::var("FLOWBIT_CRASH_ROUNDS").ok();
    asked.map_or(ROUNDS, |text| text.parse().expect("FLOWBIT_CRASH_ROUNDS is a number"))
}

/// Writes until the server is gone.
async fn write(web: Web, token: String, book: Arc<Mutex<Book>>, told: mpsc::UnboundedSender<()>) {
    loop {
        let (at, wish) = book.lock().unwrap().next();
        match web.try_send(&wish.request(&token)).await {
            Ok(answer) if answer.status == 503 => book.lock().unwrap().lost(at),
            Ok(answer) => {
                book.lock().unwrap().acknowledged(at, &answer);
                // Whoever counts may have seen enough.
                let _ = told.send(());
            }
            Err(_) => return book.lock().unwrap().lost(at),
        }
    }
}

/// Lets the client write until it was told often enough, or until deliveries are on their way, then
/// kills the server under its hands.
async fn write_and_kill(
    server: &mut Server,
    token: &str,
    book: &Arc<Mutex<Book>>,
    log: &workflow::Log,
    dice: &mut Dice,
) {
    let (told, mut hears) = mpsc::unbounded_channel();
    let mut writers = JoinSet::new();
    // New connections: those of before the last crash are dead.
    let web = server.web();
    for _ in 0..WRITERS {
        writers.spawn(write(web.clone(), token.to_owned(), book.clone(), told.clone()));
    }
    drop(told);
    if dice.one_in(3) {
        log.lose(true);
        let arrived = log.arrived(1 + dice.below(4));
        tokio::time::timeout(PATIENCE, arrived).await.expect("new tickets are delivered");
    } else {
        for _ in 0..=dice.below(30) {
            if hears.recv().await.is_none() {
                break;
            }
        }
    }
    // Somewhere between this answer and the next.
    for _ in 0..dice.below(50) {
        tokio::task::yield_now().await;
    }
    server.kill();
    log.lose(false);
    while let Some(ended) = writers.join_next().await {
        ended.expect("a writer was told something wrong");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_and_takes_effect_once() {
    let mut dice = Dice::from_variable("FLOWBIT_CRASH_SEED");
    let (receiver, deliveries) = Receiver::start().await;
    let mut server = Server::with_companies(&["crash"]).await;
    let admin = server.web().sign_in("admin@crash.example").await;
    let endpoint = json!({ "url": receiver.url("/"), "events": ["ticket.created"] });
    admin.post("/api/admin/endpoints", &endpoint).await.expect(201);
    let mut token = admin.token;
    let (starts, up) = watch::channel(0_u64);
    let log = Arc::new(workflow::Log::default());
    let other_side = Dice::new(dice.next());
    tokio::spawn(workflow::work(server.url(), deliveries, up, log.clone(), other_side));

    let book = Arc::new(Mutex::new(Book::new(Dice::new(dice.next()))));
    let rounds = rounds();
    for round in 0..rounds {
        write_and_kill(&mut server, &token, &book, &log, &mut dice).await;
        if dice.one_in(8) {
            // Killed while it starts: at once, or as soon as it listens.
            server.spawn();
            if dice.one_in(2) {
                server.until_ready().await;
            }
            server.kill();
        }
        server.start().await;
        starts.send_modify(|n| *n += 1);
        if round % ROUNDS_PER_SIGN_IN == ROUNDS_PER_SIGN_IN - 1 {
            token = server.web().sign_in("admin@crash.example").await.token;
        }
    }
    let acknowledged = book.lock().unwrap().count();
    let unsure = book.lock().unwrap().unsure();
    println!("{rounds} rounds, {acknowledged} writes acknowledged, {} lost their answer", unsure.len());
    assert!(acknowledged > rounds, "hardly anything was written");

    // Half of what lost its answer is asked for again and must be done, once; the rest stays unsure.
    let web = server.web();
    for (at, wish) in unsure.into_iter().step_by(2) {
        let answer = web.send(&wish.request(&token)).await;
        book.lock().unwrap().acknowledged(at, &answer);
    }
    let admin = Person { token, ..web.sign_in("admin@crash.example").await };
    // One after another, so that the time does not depend on how many there are.
    let tickets = admin.get("/api/tickets/counts").await.expect(200)["all"].as_u64().unwrap();
    for n in 1..=usize::try_from(tickets).unwrap() {
        until("one more callback", async || (log.answered() >= n).then_some(())).await;
    }
    until("the end of all deliveries", async || {
        let states =
            ["pending", "sending"].map(|state| format!("/api/admin/deliveries?limit=1&state={state}"));
        for path in states {
            if admin.get(&path).await.expect(200)["items"] != json!([]) {
                return None;
            }
        }
        Some(())
    })
    .await;
    // Once more: also what came last is there.
    server.kill();
    examine(&server, &book, &log).await;
}

/// Looks at what is on the disk.
async fn examine(server: &Server, book: &Mutex<Book>, log: &workflow::Log) {
    let beside = Beside::open(server).await;
    let tenant = beside.tenant("crash").await;
    let path = tenant_file(&server.data(), tenant);
    assert_sound(&server.data().join("control.db"));
    assert_sound(&path);
    let events = beside.ledger(tenant).await;
    assert_whole(&events);

    let file = open_file(&path);
    let pairs = |sql: &str| -> Vec<(String, String)> {
        let mut statement = file.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            let id: [u8; 16] = row.get(0)?;
            Ok((uuid::Uuid::from_bytes(id).to_string(), row.get(1)?))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    };
    let tickets = pairs("SELECT id, title FROM tickets");
    let messages = pairs("SELECT id, body FROM messages WHERE author_kind = 'user'");
    book.lock().unwrap().compare(&tickets, &messages);
    let count = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let all = i64::try_from(tickets.len()).unwrap();
    assert_eq!(count("SELECT max(number) FROM tickets"), all, "a number was lost or given twice");
    assert_eq!(count("SELECT count(*) FROM search WHERE search MATCH 'ticket_text: wish'"), all);

    // Each ticket: one event, one delivery that arrived, one effect.
    let created: Vec<String> = events
        .iter()
        .filter(|e| e.action == "ticket.created")
        .filter_map(|e| Some(e.ticket?.to_string()))
        .collect();
    assert_eq!(created.len(), tickets.len());
    assert_eq!(created.iter().collect::<HashSet<_>>(), tickets.iter().map(|(id, _)| id).collect());
    let mut arrived: HashMap<String, usize> = HashMap::new();
    for (id, seen) in log.all() {
        *arrived.entry(seen.ticket.clone()).or_default() += 1;
        assert!(seen.arrivals >= 1 && seen.answered >= 1 && seen.applied <= 1, "{id}: {seen:?}");
    }
    let mut effects: HashMap<String, usize> = HashMap::new();
    for event in events.iter().filter(|e| e.action == "workflow.callback") {
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap();
        if data["applied"] == true {
            *effects.entry(event.ticket.unwrap().to_string()).or_default() += 1;
        }
    }
    let mut answers: HashMap<String, usize> = HashMap::new();
    for (ticket, _) in pairs("SELECT ticket_id, body FROM messages WHERE author_kind = 'workflow'") {
        *answers.entry(ticket).or_default() += 1;
    }
    for (id, title) in &tickets {
        assert_eq!(arrived.get(id), Some(&1), "{title}: so many deliveries arrived");
        assert_eq!(effects.get(id), Some(&1), "{title}: so many callbacks took effect");
        assert_eq!(answers.get(id), Some(&1), "{title}: so many messages of the workflow");
    }
    assert_eq!(
        count("SELECT count(*) FROM tickets WHERE status <> 'in_progress' OR workflow_state <> 'done'"),
        0
    );
    assert_eq!(count("SELECT count(*) FROM deliveries WHERE state <> 'delivered'"), 0);
    // Those that the workflow had and the server forgot.
    let again: usize = log.all().values().map(|seen| seen.arrivals - 1).sum();
    println!("{} tickets, {} events, {again} deliveries made again", tickets.len(), events.len());
    assert!(again > 0, "no delivery was ever cut off: this has tried less than it says");
}

/// `kill -9` leaves what the system has in memory; a power cut does not. So nothing may be answered
/// before its fsync has come back, nor be seen by anybody.
#[tokio::test]
async fn nothing_is_acknowledged_or_seen_before_it_is_on_the_disk() {
    let mut server = Server::new();
    server.create_company("gate");
    let gate = Gate::before(&mut server);
    server.start().await;
    let admin = server.web().sign_in("admin@gate.example").await;
    assert!(gate.knocks() > 0, "signing in writes, and what is written is synced");

    gate.close();
    let before = gate.knocks();
    let request = admin
        .request(reqwest::Method::POST, "/api/tickets")
        .json(&json!({ "title": "Not yet" }))
        .header("idempotency-key", "once");
    let (web, sent) = (admin.web.clone(), request.clone());
    let mut answer = tokio::spawn(async move { web.try_send(&sent).await });
    tokio::select! {
        answer = &mut answer => panic!("answered without an fsync: {answer:?}"),
        () = gate.until_knocked(before) => {}
    }
    // Reading goes on, and shows nothing that a power cut would take back.
    for path in ["/api/tickets", "/api/tickets?q=yet", "/api/events?after=0&limit=500", "/api/tickets/counts"]
    {
        for _ in 0..5 {
            let seen = admin.get(path).await;
            assert!(!seen.text().contains("Not yet") && seen.status == 200, "{path}: {seen:?}");
        }
    }
    let counts = admin.get("/api/tickets/counts").await.expect(200);
    assert_eq!(counts["all"], 0);
    assert!(!answer.is_finished(), "answered before the fsync came back");
    gate.open();
    let answer = answer.await.unwrap().expect("an answer").expect(201);
    assert_eq!(answer["title"], "Not yet");

    // Killed while it waits for the disk: nobody was told, and asking again does it once.
    gate.close();
    let before = gate.knocks();
    let request = request.json(&json!({ "title": "Killed" })).header("idempotency-key", "killed");
    let (web, sent) = (admin.web.clone(), request.clone());
    let answer = tokio::spawn(async move { web.try_send(&sent).await });
    gate.until_knocked(before).await;
    server.kill();
    assert!(answer.await.unwrap().is_err());
    gate.open();
    server.start().await;
    let web = server.web();
    let first = web.send(&request).await.expect(201);
    assert_eq!(web.send(&request).await.expect(201)["id"], first["id"]);
    let admin = Person { web, ..admin };
    assert_eq!(admin.get("/api/tickets/counts").await.expect(200)["all"], 2);
}
