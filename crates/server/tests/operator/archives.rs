//! Companies that come and go, by the real binary and in archives.

use serde_json::json;

use crate::{
    archive::{ATTACHED, attached, contents, entry, furnish, manifest, middle_of, rewrite, run_well},
    program::{PASSWORD, Place, Served, ask, assert_refused, sign_in},
};

/// Out of one place, into another, and out of that again: the same.
async fn moves(from: &Place, to: &Place) {
    let served = Served::start(from, &[]);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    drop(served);
    run_well(from, &["tenant", "suspend", "acme"]);
    run_well(from, &["tenant", "export", "acme", "--out", "acme.zip"]);
    let archive = from.path("acme.zip");
    let path = archive.to_str().unwrap();
    assert!(run_well(to, &["tenant", "import", path, "--check"]).starts_with("whole: "));
    let said = run_well(to, &["tenant", "import", path]);
    assert!(said.contains("brought in acme") && said.contains("tenant resume acme"), "{said}");
    run_well(to, &["tenant", "export", "acme", "--out", "again.zip"]);
    assert_eq!(contents(&to.path("again.zip")), contents(&archive));
    let files = attached(&archive);
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].1, ATTACHED.as_bytes());
    assert_eq!(attached(&to.path("again.zip")), files);
    run_well(to, &["tenant", "resume", "acme"]);

    let served = Served::start(to, &[]);
    // The session was good at the other place alone; the password is good here.
    assert_eq!(ask(&served, "GET", "/api/me", Some(&admin), None).await.0, 401);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let zoe = sign_in(&served, "zoe@acme.example", PASSWORD).await;
    let (_, found) = ask(&served, "GET", "/api/tickets?q=gr%C3%B6sse&limit=100", Some(&zoe), None).await;
    let (_, all) = ask(&served, "GET", "/api/tickets?q=gr%C3%B6%C3%9Fe&limit=100", Some(&zoe), None).await;
    let last = manifest(&archive)["lastNumber"].as_u64().unwrap();
    assert_eq!(all["items"].as_array().unwrap().len() as u64, last, "{all} {found}");
    let (_, verified) = ask(&served, "GET", "/api/admin/audit/verify", Some(&admin), None).await;
    assert_eq!(verified["ok"], true, "{verified}");
    let (_, next) =
        ask(&served, "POST", "/api/tickets", Some(&zoe), Some(json!({ "title": "Größe next" }))).await;
    assert_eq!(next["number"].as_u64().unwrap(), last + 1);
    let (_, file) = ask(&served, "GET", "/api/tickets?q=zebra", Some(&zoe), None).await;
    let path = format!("/api/tickets/{}/attachments", file["items"][0]["id"].as_str().unwrap());
    let (_, file) = ask(&served, "GET", &path, Some(&zoe), None).await;
    let path = format!("/api/attachments/{}", file["items"][0]["id"].as_str().unwrap());
    let (status, held) = ask(&served, "GET", &path, Some(&zoe), None).await;
    assert_eq!((status, held.to_string().as_str()), (200, ATTACHED));
    drop(served);
    // Its ledger goes on from where it was.
    run_well(to, &["audit", "export", "--tenant", "acme", "--out", "ledger.ndjson"]);
    std::fs::write(to.path("checkpoint.json"), entry(&archive, "checkpoint.json")).unwrap();
    run_well(to, &["audit", "verify", "ledger.ndjson", "--checkpoint", "checkpoint.json"]);
    std::fs::remove_file(to.path("ledger.ndjson")).unwrap();
    std::fs::remove_file(to.path("ledger.ndjson.checkpoint.json")).unwrap();
}

#[tokio::test]
async fn a_company_moves_between_engines_and_its_people_with_it() {
    let (files, database, back) = (Place::of_files(), Place::of_database(), Place::of_files());
    furnish(&files, "acme", 3).await;
    moves(&files, &database).await;
    moves(&database, &back).await;
}

/// What a company had not delivered when it left is delivered where it came to, by a server that runs there already.
async fn is_delivered_where_it_came_to(from: &Place, to: &Place, is_suspended: bool) {
    let receiver = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook", receiver.local_addr().unwrap());
    from.found("acme");
    crate::program::leave_undelivered(from, &hook).await;
    if is_suspended {
        run_well(from, &["tenant", "suspend", "acme"]);
    }
    run_well(from, &["tenant", "export", "acme", "--out", "acme.zip"]);
    to.found("other");
    let mut serve = to.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8");
    let _served = Served::run(serve);
    run_well(to, &["tenant", "import", from.path("acme.zip").to_str().unwrap()]);
    if is_suspended {
        run_well(to, &["tenant", "resume", "acme"]);
    }
    let arrived = tokio::time::timeout(std::time::Duration::from_secs(30), receiver.accept()).await;
    arrived.expect("it is delivered").unwrap();
}

#[tokio::test]
async fn what_waited_is_delivered_by_a_server_on_files() {
    for is_suspended in [true, false] {
        is_delivered_where_it_came_to(&Place::of_database(), &Place::of_files(), is_suspended).await;
    }
}

#[tokio::test]
async fn what_waited_is_delivered_by_a_server_on_a_database() {
    for is_suspended in [true, false] {
        is_delivered_where_it_came_to(&Place::of_files(), &Place::of_database(), is_suspended).await;
    }
}

/// How many tickets the large company has. Its movers' memory is looked at, which does not grow with it.
const TICKETS: &str = "FLOWBIT_TEST_TICKETS";
/// What a command may take at most while it moves a company, however large that is.
const MEMORY_MAX_KB: u64 = 192 * 1024;

/// Runs a command; answers how many seconds it took and, in kB, the most memory that it had.
fn measure(place: &Place, arguments: &[&str]) -> (f64, u64) {
    let began = tokio::time::Instant::now();
    let mut child = place.command(arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = kb.unwrap_or(0).max(peak);
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::park_timeout(std::time::Duration::from_millis(5)),
        }
    };
    assert!(ended.success(), "{arguments:?}");
    (began.elapsed().as_secs_f64(), peak)
}

#[test]
fn a_large_company_moves_there_and_back_and_loses_nothing() {
    let tickets = std::env::var(TICKETS).unwrap_or_else(|_| "2000".to_owned());
    let (files, database, back) = (Place::of_files(), Place::of_database(), Place::of_files());
    files.found("other");
    run_well(&files, &["demo", "--tickets", &tickets, "--tenant", "logisticsco"]);
    let mut source = &files;
    let mut first = None;
    for target in [&database, &back] {
        let exported = measure(source, &["tenant", "export", "logisticsco", "--out", "a.zip"]);
        let archive = source.path("a.zip");
        let imported = measure(target, &["tenant", "import", archive.to_str().unwrap()]);
        let size = std::fs::metadata(&archive).unwrap().len() >> 10;
        for (what, (seconds, kb)) in [("export", exported), ("import", imported)] {
            println!("{what} of {tickets} tickets, {size} kB: {seconds:.1} s, {kb} kB of memory");
            assert!(kb < MEMORY_MAX_KB, "{what} took {kb} kB of memory");
        }
        assert_eq!(first.get_or_insert_with(|| contents(&archive)), &contents(&archive));
        source = target;
    }
    let listed = &first.unwrap()["entries"];
    let rows =
        listed.as_array().unwrap().iter().find(|entry| entry["path"] == "tables/tickets.ndjson").unwrap();
    assert!(rows["records"].as_u64().unwrap() >= tickets.parse().unwrap(), "{rows}");
    run_well(&back, &["tenant", "export", "logisticsco", "--out", "a.zip"]);
    assert_eq!(contents(&back.path("a.zip")), contents(&files.path("a.zip")));
    assert!(run_well(&database, &["doctor"]).contains("logisticsco: its data is sound"));
    assert!(run_well(&back, &["doctor"]).contains("logisticsco: its data is sound"));
}

#[tokio::test]
async fn an_archive_is_private_and_verifiable_without_flowbit() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    furnish(&place, "acme", 2).await;
    run_well(&place, &["tenant", "export", "acme", "--out", "acme.zip"]);
    let archive = place.path("acme.zip");
    assert_eq!(std::fs::metadata(&archive).unwrap().permissions().mode() & 0o777, 0o600);
    let manifest = manifest(&archive);
    assert_eq!((&manifest["format"], &manifest["version"]), (&json!("flowbit-tenant-archive"), &json!(2)));
    for listed in manifest["entries"].as_array().unwrap() {
        let content = entry(&archive, listed["path"].as_str().unwrap());
        use sha2::Digest;
        assert_eq!(listed["sha256"], hex::encode(sha2::Sha256::digest(&content)), "{listed}");
        assert_eq!(listed["bytes"], content.len() as u64, "{listed}");
    }
    for (name, to) in [("ledger.ndjson", "l.ndjson"), ("checkpoint.json", "c.json")] {
        std::fs::write(place.path(to), entry(&archive, name)).unwrap();
    }
    let said = run_well(&place, &["audit", "verify", "l.ndjson", "--checkpoint", "c.json"]);
    assert!(said.starts_with(&format!("whole: {} events", manifest["ledger"]["size"])), "{said}");
    let twice = place.run(&["tenant", "export", "acme", "--out", "acme.zip"]);
    assert_refused(&twice, 1, &["acme.zip", "exists"]);
    assert!(archive.exists(), "what was there is still there");
    let unknown = place.run(&["tenant", "export", "nobody", "--out", "nobody.zip"]);
    assert_refused(&unknown, 1, &["nobody"]);
    assert!(!place.path("nobody.zip").exists());
}

#[tokio::test]
async fn what_is_wrong_with_an_archive_is_said_with_its_place_and_leaves_nothing() {
    let (place, target) = (Place::new(), Place::new());
    furnish(&place, "acme", 3).await;
    run_well(&place, &["tenant", "export", "acme", "--out", "acme.zip"]);
    let archive = place.path("acme.zip");
    let spoiled = target.path("spoiled.zip");
    let refused = |words: &[&str]| {
        for check in
            [&["tenant", "import", "spoiled.zip", "--check"][..], &["tenant", "import", "spoiled.zip"]]
        {
            assert_refused(&target.run(check), 1, &[&["spoiled.zip"], words].concat());
        }
    };
    let whole = std::fs::read(&archive).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&spoiled, &whole[..length]).unwrap();
        refused(&["its end was cut off"]);
    }
    std::fs::write(&spoiled, "{\"kind\":\"archive\"}\n").unwrap();
    refused(&["no archive of a company"]);
    let with = |name: &'static str, change: &dyn Fn(String) -> String| {
        rewrite(&archive, &spoiled, |entry, content| {
            if entry == name { change(String::from_utf8(content).unwrap()).into_bytes() } else { content }
        });
    };
    with("manifest.json", &|text| text.replace("\"version\": 2", "\"version\": 3"));
    refused(&["manifest.json", "version 3", "reads version 2"]);
    with("manifest.json", &|text| text.replace("tables/users.ndjson", "tables/robots.ndjson"));
    refused(&["tables/robots.ndjson", "newer Flowbit"]);
    with("tables/tickets.ndjson", &|text| text.replacen("Größe 1", "Grösse 1", 1));
    refused(&["tables/tickets.ndjson", "checksum"]);
    with("tables/tickets.ndjson", &|text| text.replacen("\"number\":2", "\"number\":2x", 1));
    refused(&["tables/tickets.ndjson, line 2:"]);
    with("tables/tickets.ndjson", &|text| text.replacen("\"version\":", "\"edition\":", 1));
    refused(&["tables/tickets.ndjson, line 1:", "version"]);
    with("tables/tickets.ndjson", &|text| text.lines().take(2).map(|line| format!("{line}\n")).collect());
    refused(&["tables/tickets.ndjson", "2 lines", "says 4"]);
    with("ledger.ndjson", &|text| text.replacen("Größe 1", "Grösse 1", 1));
    refused(&["ledger.ndjson, line", "its data was changed"]);
    with("checkpoint.json", &|text| text.replacen("\"size\":", "\"size\": 1", 1));
    refused(&["checkpoint.json"]);
    // One bit in the middle of what is packed.
    let mut flipped = whole.clone();
    flipped[middle_of(&archive, "ledger.ndjson")] ^= 0x10;
    std::fs::write(&spoiled, &flipped).unwrap();
    refused(&[]);
    assert_refused(&target.run(&["tenant", "import", "nothing.zip"]), 1, &["nothing.zip"]);
    // Nothing of all these tries is there, and the right one can still come.
    if target.address().is_none() {
        let left: Vec<_> = std::fs::read_dir(target.path("data/tenants")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert_eq!(run_well(&target, &["tenant", "list", "--json"]).trim(), "[]");
    run_well(&target, &["tenant", "import", archive.to_str().unwrap()]);
    let again = target.run(&["tenant", "import", archive.to_str().unwrap()]);
    assert_refused(&again, 1, &["acme", "here already"]);
    run_well(&target, &["tenant", "erase", "acme", "--yes"]);
    target.found("acme");
    let taken = target.run(&["tenant", "import", archive.to_str().unwrap()]);
    assert_refused(&taken, 1, &["already a tenant \"acme\""]);
}
