//! The same over HTTP, where answers are kept, compressed and tagged, people sign in, and deliveries
//! really arrive somewhere.

use std::{
    collections::HashMap,
    io::Read,
    sync::{Arc, Mutex},
};

use flowbit_domain::Role;
use reqwest::Method;
use serde_json::{Value as Json, json};

use super::{history::NAMES, sight::check_sight};
use crate::harness::{
    Answer, Dice, Person, Server,
    beside::{Beside, assert_whole, tenant_file},
    client::until,
    receiver::Receiver,
    socket::Socket,
};

/// How many things are done, each followed by somebody's look at something.
const STEPS: usize = 220;

/// One company as the test knows it.
struct Company {
    side: usize,
    people: Vec<(Role, Person)>,
    /// Tickets and who raised them.
    tickets: Vec<(String, usize)>,
    /// Words of tickets and public messages, and whose ticket it is.
    owners: HashMap<String, usize>,
    written: usize,
    endpoint: String,
}

impl Company {
    async fn found(server: &Server, side: usize, hook: &str) -> Self {
        let name = NAMES[side];
        let admin = server.web().sign_in(&format!("admin@{name}.example")).await;
        let endpoint = json!({
            "url": hook, "events": ["ticket.created", "ticket.updated", "ticket.deleted", "message.created"],
            "description": format!("{name}person"),
        });
        let endpoint = admin.post("/api/admin/endpoints", &endpoint).await.expect(201);
        let mut people = Vec::new();
        for (number, role) in [Role::User, Role::User, Role::Agent].into_iter().enumerate() {
            people.push((
                role,
                admin.add(&format!("{name}person{number}@{name}.example"), role.as_str()).await,
            ));
        }
        people.push((Role::Admin, admin));
        let endpoint = endpoint["id"].as_str().unwrap().to_owned();
        Self { side, people, tickets: Vec::new(), owners: HashMap::new(), written: 0, endpoint }
    }

    fn word(&mut self, kind: &str) -> String {
        self.written += 1;
        format!("{}{kind}{:05}", NAMES[self.side], self.written)
    }

    /// Checks an answer to one of its people.
    fn check(&self, viewer: usize, answer: &Answer) {
        let text = match answer.header("content-encoding") {
            Some("gzip") => {
                let mut text = String::new();
                flate2::read::GzDecoder::new(&*answer.body).read_to_string(&mut text).unwrap();
                text
            }
            _ => answer.text(),
        };
        let own = |word: &str| self.owners.get(word) == Some(&viewer);
        check_sight(self.side, Some(self.people[viewer].0), &text, own);
    }

    /// Does something, as somebody.
    async fn act(&mut self, dice: &mut Dice) {
        let by = dice.below(self.people.len());
        let (role, person) = self.people[by].clone();
        let target = dice.pick(&self.tickets).cloned();
        let choice = if target.is_none() { 0 } else { dice.below(10) };
        let (ticket, requester) = target.unwrap_or_default();
        let may = role.is_staff() || requester == by;
        let path = format!("/api/tickets/{ticket}");
        let answer = match choice {
            0..=2 => {
                let (title, text) = (self.word("public"), self.word("public"));
                let answer =
                    person.post("/api/tickets", &json!({ "title": title, "description": text })).await;
                self.tickets.push((answer.expect(201)["id"].as_str().unwrap().to_owned(), by));
                self.owners.extend([(title, by), (text, by)]);
                answer
            }
            3..=5 => {
                let word = self.word("public");
                let answer = person.post(&format!("{path}/messages"), &json!({ "body": word })).await;
                assert_eq!(answer.status, if may { 201 } else { 404 }, "{answer:?}");
                self.owners.extend(may.then_some((word, requester)));
                answer
            }
            6..=7 => {
                let note = json!({ "body": self.word("secret"), "internal": true });
                let answer = person.post(&format!("{path}/messages"), &note).await;
                let expected = if role.is_staff() {
                    201
                } else if may {
                    403
                } else {
                    404
                };
                assert_eq!(answer.status, expected, "{answer:?}");
                answer
            }
            8 => {
                let word = self.word("public");
                let answer = person.patch(&path, &json!({ "title": word })).await;
                self.owners.extend((answer.status == 200).then_some((word, requester)));
                answer
            }
            _ => {
                let answer = person.delete(&path).await;
                if answer.status == 204 {
                    self.tickets.retain(|(id, _)| *id != ticket);
                }
                answer
            }
        };
        self.check(by, &answer);
    }

    /// Addresses to look at: the same for both companies where they can be, so that what is kept for one
    /// could be served to the other.
    fn address(&self, other: &Company, dice: &mut Dice) -> String {
        let word = |of: &Company, kind: &str, dice: &mut Dice| {
            format!("{}{kind}{:05}", NAMES[of.side], dice.below(of.written.max(1)) + 1)
        };
        let ticket =
            |of: &Company, dice: &mut Dice| dice.pick(&of.tickets).map_or_else(String::new, |t| t.0.clone());
        match dice.below(16) {
            0 => "/api/tickets".to_owned(),
            1 => "/api/tickets?limit=3&sort=createdAt".to_owned(),
            2 => "/api/tickets?status=open&assigneeId=none".to_owned(),
            3 => "/api/tickets?assigneeId=me".to_owned(),
            4 => "/api/tickets?requesterId=me&sort=-number".to_owned(),
            5 => format!("/api/tickets?q={}", word(self, "secret", dice)),
            6 => format!("/api/tickets?q={}", word(other, "public", dice)),
            7 => "/api/tickets/counts".to_owned(),
            8 => "/api/events?after=0&limit=500".to_owned(),
            9 => format!("/api/events?ticketId={}", ticket(self, dice)),
            10 => format!("/api/tickets/{}/messages?limit=100", ticket(self, dice)),
            11 => format!("/api/tickets/{}", ticket(if dice.one_in(2) { self } else { other }, dice)),
            12 => "/api/assignees".to_owned(),
            13 => "/api/me".to_owned(),
            14 => "/api/admin/audit?limit=100".to_owned(),
            _ => format!(
                "/api/admin/deliveries?endpointId={}",
                if dice.one_in(2) { &self.endpoint } else { &other.endpoint }
            ),
        }
    }

    /// Somebody looks at something, perhaps with a tag that somebody else was given for it.
    async fn look(
        &self,
        other: &Company,
        tags: &mut HashMap<String, Vec<(String, usize, usize)>>,
        dice: &mut Dice,
    ) {
        let address = self.address(other, dice);
        let by = dice.below(self.people.len());
        let mut request = self.people[by].1.request(Method::GET, &address);
        if dice.one_in(2) {
            request = request.header("accept-encoding", "gzip");
        }
        let known = tags.get(&address).and_then(|tags| dice.pick(tags).cloned()).filter(|_| dice.one_in(2));
        if let Some((tag, ..)) = &known {
            request = request.header("if-none-match", tag);
        }
        let answer = self.people[by].1.web.send(&request).await;
        self.check(by, &answer);
        if answer.status == 304 {
            let (_, side, viewer) = known.expect("a tag was sent");
            let same_sight =
                viewer == by || self.people[viewer].0 == self.people[by].0 && self.people[by].0.is_staff();
            assert!(side == self.side && same_sight, "{address} is the same for somebody else");
        }
        if let Some(tag) = answer.header("etag") {
            tags.entry(address).or_default().push((tag.to_owned(), self.side, by));
        }
    }

    /// What came over a socket is what the feed has for this person, in order and none twice.
    async fn check_socket(&self, viewer: usize, socket: &Socket) {
        let person = &self.people[viewer].1;
        let feed = person.get(&format!("/api/events?after={}&limit=500", socket.from)).await.expect(200);
        let feed = feed["items"].as_array().unwrap().clone();
        let last = feed.last().map_or(0, |event| event["seq"].as_i64().unwrap());
        let mut heard = socket.events(last).await;
        // What happens meanwhile may have come already.
        heard.retain(|event| event["seq"].as_i64() <= Some(last));
        let own = |word: &str| self.owners.get(word) == Some(&viewer);
        check_sight(self.side, Some(self.people[viewer].0), &json!(heard).to_string(), own);
        assert_eq!(heard, feed, "{}'s socket and feed differ", person.email);
    }

    /// Everybody looks at all there is.
    async fn look_at_everything(&self, other: &Company) {
        for (viewer, (role, person)) in self.people.iter().enumerate() {
            let mut addresses =
                vec!["/api/tickets?limit=100".to_owned(), "/api/events?after=0&limit=500".to_owned()];
            for (ticket, _) in self.tickets.iter().chain(&other.tickets) {
                addresses.extend([
                    format!("/api/tickets/{ticket}"),
                    format!("/api/tickets/{ticket}/messages?limit=100"),
                ]);
            }
            for kind in [
                "audit?format=ndjson",
                "audit?format=csv",
                "audit?limit=100",
                "users",
                "endpoints",
                "deliveries",
            ] {
                addresses.push(format!("/api/admin/{kind}"));
            }
            for address in addresses {
                let answer = person.get(&address).await;
                self.check(viewer, &answer);
                let strange = other.tickets.iter().any(|(ticket, _)| address.contains(ticket.as_str()));
                let forbidden = address.starts_with("/api/admin") && *role != Role::Admin;
                assert!(!strange || answer.status == 404, "{address}: {answer:?}");
                assert!(!forbidden || answer.status == 403, "{address}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn nothing_of_one_company_reaches_the_other_over_http() {
    let mut dice = Dice::from_variable("FLOWBIT_HISTORY_SEED");
    let (receiver, mut deliveries) = Receiver::start().await;
    let arrived: Arc<Mutex<Vec<(String, Json)>>> = Arc::default();
    let noted = arrived.clone();
    tokio::spawn(async move {
        while let Some(delivered) = deliveries.recv().await {
            noted.lock().unwrap().push((delivered.path.clone(), delivered.json()));
            let _ = delivered.answer.send(204);
        }
    });
    let server = Server::with_companies(&NAMES).await;
    let mut companies = Vec::new();
    for (side, name) in NAMES.iter().enumerate() {
        companies.push(Company::found(&server, side, &receiver.url(&format!("/{name}hook"))).await);
    }
    let mut sockets = Vec::new();
    for company in &companies {
        for (viewer, (_, person)) in company.people.iter().enumerate() {
            sockets.push((company.side, viewer, Socket::open(&person.web, &person.token).await));
        }
    }
    let mut tags = HashMap::new();
    for _ in 0..STEPS {
        let side = dice.below(2);
        companies[side].act(&mut dice).await;
        for _ in 0..4 {
            let side = dice.below(2);
            companies[side].look(&companies[1 - side], &mut tags, &mut dice).await;
        }
    }
    for side in [0, 1] {
        companies[side].look_at_everything(&companies[1 - side]).await;
        let admin = &companies[side].people[3].1;
        until("the end of deliveries", async || {
            let pending = admin.get("/api/admin/deliveries?state=pending&limit=1").await.expect(200);
            (pending["items"] == json!([])).then_some(())
        })
        .await;
    }
    for (side, viewer, socket) in &sockets {
        companies[*side].check_socket(*viewer, socket).await;
    }
    let arrived = std::mem::take(&mut *arrived.lock().unwrap());
    assert!(arrived.len() > STEPS / 4, "hardly anything was delivered");
    for (path, body) in &arrived {
        let side = NAMES.iter().position(|name| path.contains(name)).unwrap();
        check_sight(side, None, &body.to_string(), |_| true);
        assert_eq!(body["data"]["customerId"], companies[side].people[0].1.company);
    }
    exports_hold_their_own(&server).await;
}

/// Answers are kept by the number of the company's last event, and two companies may well have the same.
#[tokio::test]
async fn companies_at_the_same_point_share_no_answer() {
    let server = Server::with_companies(&NAMES).await;
    let mut people = Vec::new();
    for name in NAMES {
        let admin = server.web().sign_in(&format!("admin@{name}.example")).await;
        let agent = admin.add(&format!("agent@{name}.example"), "agent").await;
        people.push([(Role::Admin, admin), (Role::Agent, agent)]);
    }
    for round in 0..5 {
        let mut seqs = Vec::new();
        for (side, name) in NAMES.iter().enumerate() {
            let ticket = json!({ "title": format!("{name}public{round}"), "tags": ["same"] });
            people[side][0].1.post("/api/tickets", &ticket).await.expect(201);
            seqs.push(people[side][0].1.get("/api/events?limit=500").await.expect(200)["lastSeq"].clone());
        }
        assert_eq!(seqs[0], seqs[1], "they are to be at the same point");
        let addresses = [
            "/api/tickets",
            "/api/tickets?tag=same",
            "/api/tickets/counts",
            "/api/assignees",
            "/api/events",
            "/api/me",
        ];
        for address in addresses {
            // Twice, so that the second time it is kept.
            for (side, at) in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 0), (1, 0), (1, 1), (0, 1)] {
                let (role, person) = &people[side][at];
                let answer = person.get(address).await;
                answer.expect(200);
                check_sight(side, Some(*role), &answer.text(), |_| true);
                let own = answer.text().contains(NAMES[side]) || address.ends_with("counts");
                assert!(own, "{address}: {answer:?}");
            }
        }
    }
}

/// All that stands in an archive.
fn unpack(path: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut text = String::new();
    for entry in 0..archive.len() {
        archive.by_index(entry).unwrap().read_to_string(&mut text).unwrap();
    }
    text
}

/// What the operator takes out of the data is one company's alone, and whole.
async fn exports_hold_their_own(server: &Server) {
    let beside = Beside::open(server).await;
    for (side, name) in NAMES.iter().enumerate() {
        let out = |kind: &str| server.folder().join(format!("{name}.{kind}")).display().to_string();
        let (ledger, archive) = (out("ledger"), out("archive"));
        server.run_well(&["audit", "export", "--tenant", name, "--out", &ledger], "");
        server.run_well(&["tenant", "export", name, "--out", &archive], "");
        for text in [std::fs::read_to_string(&ledger).unwrap(), unpack(&archive)] {
            check_sight(side, Some(Role::Admin), &text, |_| true);
            assert!(text.contains(name));
        }
        let checkpoint = format!("{ledger}.checkpoint.json");
        server.run_well(&["audit", "verify", &ledger, "--checkpoint", &checkpoint], "");
        assert_whole(&beside.ledger(beside.tenant(name).await).await);
    }
}

/// The server, asked to verify, and an export of what was changed in the file under it both say where.
#[tokio::test]
async fn a_changed_ledger_is_found_by_the_server_and_in_exports() {
    let mut server = Server::with_companies(&["zorba"]).await;
    let admin = server.web().sign_in("admin@zorba.example").await;
    for number in 0..10 {
        admin.post("/api/tickets", &json!({ "title": format!("Ticket {number}") })).await.expect(201);
    }
    let verified = admin.get("/api/admin/audit/verify").await.expect(200);
    assert_eq!((&verified["ok"], &verified["firstBad"]), (&json!(true), &Json::Null));
    let checkpoint = admin.get("/api/admin/audit/checkpoint").await.expect(200);
    let kept = server.folder().join("checkpoint.json");
    std::fs::write(&kept, checkpoint.to_string()).unwrap();
    let path = tenant_file(&server.data(), Beside::open(&server).await.tenant("zorba").await);
    // Each on top of the one before, from the end to the beginning.
    let changes: [(&str, Option<u64>); 4] = [
        ("UPDATE events SET at = at + 1 WHERE seq = 9", Some(9)),
        ("UPDATE events SET actor_name = 'Nobody' WHERE seq = 8", Some(8)),
        ("UPDATE events SET data = '{}' WHERE seq = 6", Some(6)),
        ("UPDATE events SET audience = (audience + 1) % 3 WHERE seq = 4", Some(4)),
    ];
    for (number, (change, first_bad)) in changes.into_iter().enumerate() {
        server.kill();
        let file = rusqlite::Connection::open(&path).unwrap();
        file.execute_batch("DROP TRIGGER IF EXISTS events_no_update").unwrap();
        file.execute(change, []).unwrap();
        drop(file);
        server.start().await;
        let admin = Person { web: server.web(), ..admin.clone() };
        let found = admin.get("/api/admin/audit/verify").await.expect(200);
        assert_eq!((found["ok"].as_bool(), found["firstBad"].as_u64()), (Some(false), first_bad), "{change}");
        let out = server.folder().join(format!("{number}.ndjson")).display().to_string();
        server.run_well(&["audit", "export", "--tenant", "zorba", "--out", &out], "");
        let verdict = server.run(&["audit", "verify", &out, "--checkpoint", &kept.display().to_string()], "");
        let said = String::from_utf8_lossy(&verdict.stderr).into_owned();
        assert_eq!(verdict.status.code(), Some(1), "{said}");
        let place = format!("broken at seq {}:", first_bad.unwrap_or_default());
        assert!(said.contains(&place), "{said}");
    }
}
