//! Data that is not as it was left: what is wrong with one company's file costs that company alone,
//! and what nobody can serve is said in one line at the start.

use std::{fs, path::Path};

use serde_json::json;

use crate::harness::{
    Person, Server,
    beside::{Beside, tenant_file},
};

fn remove_log(path: &Path) {
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", path.display()));
    }
}

/// Has the log copied back into its file, so that there is one file to damage or to keep.
fn settle(path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// A way to damage a file, and what to call it.
type Damage = (&'static str, fn(&Path));

fn damages() -> [Damage; 6] {
    [
        ("empty", |path| fs::write(path, b"").unwrap()),
        ("noise", |path| fs::write(path, b"This is not a database. ".repeat(4_000)).unwrap()),
        ("cut off", |path| {
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(fs::metadata(path).unwrap().len() / 3).unwrap();
        }),
        ("overwritten inside", |path| {
            let mut bytes = fs::read(path).unwrap();
            for page in bytes.chunks_mut(4096).skip(1) {
                page.fill(0x5a);
            }
            fs::write(path, bytes).unwrap();
        }),
        ("missing", |path| fs::remove_file(path).unwrap()),
        ("another kind of database", |path| {
            fs::remove_file(path).unwrap();
            let other = rusqlite::Connection::open(path).unwrap();
            other.execute_batch("CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1);").unwrap();
        }),
    ]
}

#[tokio::test]
async fn a_damaged_file_costs_its_company_alone() {
    let mut server = Server::with_companies(&["whole", "damaged"]).await;
    let sign_in = async |slug: &str| server.web().sign_in(&format!("admin@{slug}.example")).await;
    let (whole, damaged) = (sign_in("whole").await, sign_in("damaged").await);
    for admin in [&whole, &damaged] {
        admin.post("/api/tickets", &json!({ "title": "Before" })).await.expect(201);
    }
    let beside = Beside::open(&server).await;
    let path = tenant_file(&server.data(), beside.tenant("damaged").await);
    beside.store.close().await;
    server.kill();
    settle(&path);
    let backup = fs::read(&path).unwrap();

    for (kind, damage) in damages() {
        remove_log(&path);
        damage(&path);
        server.start().await;
        let web = server.web();
        let (whole, damaged) =
            (Person { web: web.clone(), ..whole.clone() }, Person { web: web.clone(), ..damaged.clone() });
        for path in ["/api/me", "/api/tickets", "/api/events", "/api/admin/audit/verify"] {
            let answer = damaged.get(path).await;
            answer.expect_problem(503, "unavailable");
            assert!(!answer.text().contains(".db"), "{kind}: says too much: {answer:?}");
        }
        let answer = damaged.post("/api/tickets", &json!({ "title": "Lost" })).await;
        answer.expect_problem(503, "unavailable");
        // The other company goes on as if nothing were.
        let listed = whole.get("/api/tickets").await.expect(200);
        assert_eq!(listed["items"][0]["title"], "Before", "{kind}");
        let made = whole.post("/api/tickets", &json!({ "title": kind })).await.expect(201);
        whole.delete(&format!("/api/tickets/{}", made["id"].as_str().unwrap())).await.expect_empty(204);
        assert_eq!(whole.get("/api/admin/audit/verify").await.expect(200)["ok"], true, "{kind}");
        server.web().sign_in("admin@whole.example").await;
        web.get("/readyz").await.expect(200);
        server.kill();
        assert!(server.log().contains("can't be used"), "{kind}: the log does not say so");
        remove_log(&path);
        fs::write(&path, &backup).unwrap();
    }
    // With its backup the company is back.
    server.start().await;
    let damaged = Person { web: server.web(), ..damaged };
    assert_eq!(damaged.get("/api/tickets").await.expect(200)["items"][0]["title"], "Before");
}

/// Whoever has the only file of a sign-in damaged is told to come back later, not that their password
/// is wrong.
#[tokio::test]
async fn signing_in_to_a_damaged_company_is_a_fault_of_ours() {
    let mut server = Server::new();
    for slug in ["whole", "damaged"] {
        server.create_company(slug);
    }
    let beside = Beside::open(&server).await;
    let path = tenant_file(&server.data(), beside.tenant("damaged").await);
    beside.store.close().await;
    fs::write(&path, b"gone").unwrap();
    remove_log(&path);
    server.start().await;
    server.web().sign_in("admin@whole.example").await;
    let login = json!({ "email": "admin@damaged.example", "password": crate::harness::PASSWORD });
    let request = crate::harness::client::Request::new(reqwest::Method::POST, "/api/auth/login").json(&login);
    server.web().send(&request).await.expect_problem(503, "unavailable");
}

/// One line on standard error, and exit code 1.
fn refuses(server: &Server, says: &[&str]) {
    let output = server.run(&["serve"], "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let last = said.lines().last().unwrap_or_default();
    for word in says {
        assert!(last.contains(word), "{last:?} does not say {word:?}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn data_that_nobody_can_serve_is_refused_at_the_start() {
    let mut server = Server::with_companies(&["ours"]).await;
    // Two at once would damage it.
    let second = {
        let mut second = Server::new();
        second.set("FLOWBIT_DATA", &server.data().display().to_string());
        second
    };
    refuses(&second, &["in use by process"]);
    // Its address is taken.
    let mut third = Server::new();
    third.set("FLOWBIT_LISTEN", &format!("127.0.0.1:{}", server.port()));
    refuses(&third, &["can't listen on", &server.port().to_string()]);
    server.kill();
    let control = server.data().join("control.db");
    settle(&control);
    let backup = fs::read(&control).unwrap();
    // Also one that is gone or empty is refused, as long as there are companies that it should know:
    // otherwise all of them would be gone without a word.
    let damages: [&[u8]; 3] =
        [b"noise, not a database, and long enough to be taken for one ..........", b"x", b""];
    for damage in damages {
        remove_log(&control);
        fs::write(&control, damage).unwrap();
        refuses(&server, &["control.db"]);
    }
    remove_log(&control);
    fs::remove_file(&control).unwrap();
    refuses(&server, &["control.db"]);
    // Written by a later version.
    remove_log(&control);
    fs::write(&control, &backup).unwrap();
    let file = rusqlite::Connection::open(&control).unwrap();
    file.execute("INSERT INTO migrations SELECT 99, name, checksum, applied_at FROM migrations LIMIT 1", [])
        .unwrap();
    drop(file);
    refuses(&server, &["control.db", "a newer Flowbit"]);
    remove_log(&control);
    fs::write(&control, &backup).unwrap();
    server.start().await;
    server.web().sign_in("admin@ours.example").await;
    // A file where the folder should be.
    let mut other = Server::new();
    fs::write(other.data(), b"a file").unwrap();
    refuses(&other, &["data"]);
    other.set("FLOWBIT_DATA", "/proc/flowbit");
    refuses(&other, &["/proc/flowbit"]);
}
