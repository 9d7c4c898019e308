//! Companies that come and go, by the real binary: archives, imports that break off, erasures.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::program::{
    PASSWORD, Place, Served, ask, assert_refused, code, read_lines, sign_in, stderr, stdout,
};

#[track_caller]
fn run_well(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// A file of an archive.
fn entry(archive: &Path, name: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let mut content = Vec::new();
    zip.by_name(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn manifest(archive: &Path) -> Value {
    serde_json::from_slice(&entry(archive, "manifest.json")).unwrap()
}

/// What is in an archive, apart from when it was made and signed.
fn contents(archive: &Path) -> Value {
    let mut manifest = manifest(archive);
    let manifest = manifest.as_object_mut().unwrap();
    manifest.remove("exportedAt");
    let entries = manifest["entries"].as_array_mut().unwrap();
    entries.retain(|entry| entry["path"] != "checkpoint.json");
    json!(manifest)
}

/// The archive with some of its files changed.
fn rewrite(from: &Path, to: &Path, mut change: impl FnMut(&str, Vec<u8>) -> Vec<u8>) {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(from).unwrap()).unwrap();
    let mut out = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        out.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&change(&name, content)).unwrap();
    }
    out.finish().unwrap();
}

/// A company with people, tickets, conversations and an endpoint. Answers its server and the admin's token.
async fn furnish(place: &Place, slug: &str, tickets: usize) {
    place.found(slug);
    let served = Served::start(place, &[]);
    let admin = format!("admin@{slug}.example");
    let token = sign_in(&served, &admin, PASSWORD).await;
    let person = json!({ "email": format!("zoe@{slug}.example"), "name": "Zoë Ünal", "role": "user", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/admin/users", Some(&token), Some(person)).await.0, 201);
    let hook = json!({ "url": "https://desk.example/hook", "events": ["ticket.created"], "active": false });
    assert_eq!(ask(&served, "POST", "/api/admin/endpoints", Some(&token), Some(hook)).await.0, 201);
    let zoe = sign_in(&served, &format!("zoe@{slug}.example"), PASSWORD).await;
    for n in 0..tickets {
        let new = json!({ "title": format!("Größe {n}"), "description": "a\u{2028}b \"c\" \\ \u{1F4E6}\nd", "tags": ["x", "y"],
            "customFields": { "b": 1, "a": [true, null, 2.5] } });
        let (status, ticket) = ask(&served, "POST", "/api/tickets", Some(&zoe), Some(new)).await;
        assert_eq!(status, 201, "{ticket}");
        let path = format!("/api/tickets/{}/messages", ticket["id"].as_str().unwrap());
        assert_eq!(ask(&served, "POST", &path, Some(&zoe), Some(json!({ "body": "hello" }))).await.0, 201);
    }
}

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
async fn is_delivered_where_it_came_to(from: &Place, to: &Place) {
    let receiver = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hook = format!("http://{}/hook", receiver.local_addr().unwrap());
    from.found("acme");
    crate::program::leave_undelivered(from, &hook).await;
    run_well(from, &["tenant", "suspend", "acme"]);
    run_well(from, &["tenant", "export", "acme", "--out", "acme.zip"]);
    to.found("other");
    let mut serve = to.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("FLOWBIT_WEBHOOK_ALLOW", "127.0.0.0/8");
    let _served = Served::run(serve);
    run_well(to, &["tenant", "import", from.path("acme.zip").to_str().unwrap()]);
    run_well(to, &["tenant", "resume", "acme"]);
    let arrived = tokio::time::timeout(std::time::Duration::from_secs(30), receiver.accept()).await;
    arrived.expect("it is delivered").unwrap();
}

#[tokio::test]
async fn what_waited_is_delivered_by_a_server_on_files() {
    is_delivered_where_it_came_to(&Place::of_database(), &Place::of_files()).await;
}

#[tokio::test]
async fn what_waited_is_delivered_by_a_server_on_a_database() {
    is_delivered_where_it_came_to(&Place::of_files(), &Place::of_database()).await;
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

/// A command that can make no file larger than so many blocks of 512 bytes, as on a disk that is full.
fn run_in_little_room(place: &Place, blocks: u32, arguments: &[&str]) -> Output {
    let program = place.command(arguments);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    command.arg(program.get_program()).args(program.get_args()).current_dir(place.path(""));
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.output().unwrap()
}

#[test]
fn where_there_is_no_room_it_says_so_and_nothing_is_left() {
    let place = Place::of_files();
    place.found("other");
    run_well(&place, &["demo", "--tickets", "1500", "--tenant", "logisticsco"]);
    let export = ["tenant", "export", "logisticsco", "--out", "a.zip"];
    assert_refused(&run_in_little_room(&place, 64, &export), 1, &["a.zip", "File too large"]);
    assert!(!place.path("a.zip").exists());
    run_well(&place, &export);
    let archive = place.path("a.zip");

    let target = Place::of_files();
    target.found("other");
    let import = ["tenant", "import", archive.to_str().unwrap()];
    let refused = run_in_little_room(&target, 1_024, &import);
    assert_refused(&refused, 1, &["a.zip", "lines"]);
    let left = std::fs::read_dir(target.path("data/tenants")).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left.len(), 1, "only the other company's: {left:?}");
    assert!(!run_well(&target, &["tenant", "list"]).contains("logisticsco"));
    run_well(&target, &import);
    assert!(run_well(&target, &["doctor"]).contains("logisticsco: its data is sound"));

    let refused = run_in_little_room(&target, 1_024, &["backup", "--to", "backups"]);
    assert_eq!(code(&refused), 1, "{}", stderr(&refused));
    assert_eq!(std::fs::read_dir(target.path("backups")).unwrap().count(), 0);
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
    refused(&["tables/tickets.ndjson", "2 lines", "says 3"]);
    with("ledger.ndjson", &|text| text.replacen("Größe 1", "Grösse 1", 1));
    refused(&["ledger.ndjson, line", "its data was changed"]);
    with("checkpoint.json", &|text| text.replacen("\"size\":", "\"size\": 1", 1));
    refused(&["checkpoint.json"]);
    // One bit in the middle of what is packed.
    let mut flipped = whole.clone();
    let middle = flipped.len() / 3;
    flipped[middle] ^= 0x10;
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

/// Begins an import and kills it as soon as something of it can be seen from outside.
fn kill_an_import(target: &Place, archive: &str) {
    let mut child = target.command(&["tenant", "import", archive]).spawn().unwrap();
    let begun = || match target.address() {
        None => {
            let files = std::fs::read_dir(target.path("data/tenants")).into_iter().flatten().flatten();
            files.into_iter().any(|file| {
                file.file_name().to_string_lossy().contains(".import.")
                    && file.metadata().is_ok_and(|file| file.len() > 1 << 20)
            })
        }
        Some(address) => psql(&address, "SELECT count(*) FROM flowbit_control.imports") == "1",
    };
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "it was over before it could be killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn psql(address: &str, sql: &str) -> String {
    let output = Command::new("psql").args([address, "-XAtqc", sql]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn an_import_that_was_killed_leaves_nothing_and_is_run_again() {
    let (place, target) = (Place::new(), Place::new());
    // With a company of the operator's comes the key that checkpoints are signed with.
    place.found("other");
    run_well(&place, &["demo", "--tickets", "3000", "--tenant", "logisticsco"]);
    run_well(&place, &["tenant", "export", "logisticsco", "--out", "a.zip"]);
    let archive = place.path("a.zip");
    let archive = archive.to_str().unwrap();
    target.found("other");
    for _ in 0..2 {
        kill_an_import(&target, archive);
        let listed = run_well(&target, &["tenant", "list"]);
        assert!(listed.contains("other") && !listed.contains("logisticsco"), "{listed}");
    }
    // Beside a running server, which on files does it itself.
    let served = Served::start(&target, &[]);
    let said = run_well(&target, &["tenant", "import", archive]);
    assert!(said.contains("brought in logisticsco"), "{said}");
    sign_in(&served, "admin@other.example", PASSWORD).await;
    run_well(&target, &["tenant", "export", "logisticsco", "--out", "b.zip"]);
    assert_eq!(contents(&target.path("b.zip")), contents(Path::new(archive)));
}

#[tokio::test]
async fn an_erased_company_leaves_a_proof_that_fits_its_archive() {
    let place = Place::new();
    furnish(&place, "acme", 2).await;
    run_well(&place, &["tenant", "export", "acme", "--out", "acme.zip"]);
    let archived = manifest(&place.path("acme.zip"));
    let said = run_well(&place, &["tenant", "erase", "acme", "--yes"]);
    assert!(said.contains(archived["ledger"]["head"].as_str().unwrap()), "{said}");
    let proof: Value = serde_json::from_str(&run_well(&place, &["tenant", "erasures", "--json"])).unwrap();
    let proof = &proof[0];
    assert_eq!(proof["slug"], "acme");
    assert_eq!(proof["id"], archived["tenant"]["id"]);
    assert_eq!((&proof["size"], &proof["head"]), (&archived["ledger"]["size"], &archived["ledger"]["head"]));
    assert_eq!((&proof["counts"]["tickets"], &proof["counts"]["users"]), (&json!(2), &json!(2)));
    assert!(proof["finishedAt"].is_string());
    assert!(run_well(&place, &["tenant", "erasures"]).contains("acme"));
    // Signed: the ledger that was exported before is the one that was erased.
    std::fs::write(place.path("l.ndjson"), entry(&place.path("acme.zip"), "ledger.ndjson")).unwrap();
    std::fs::write(place.path("p.json"), proof["checkpoint"].to_string()).unwrap();
    run_well(&place, &["audit", "verify", "l.ndjson", "--checkpoint", "p.json"]);
}

#[tokio::test]
async fn a_person_is_forgotten_by_the_operator_and_by_an_admin() {
    let place = Place::new();
    furnish(&place, "acme", 2).await;
    let served = Served::start(&place, &[]);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let zoe = sign_in(&served, "zoe@acme.example", PASSWORD).await;
    let erase = ["user", "erase", "--tenant", "acme", "--email", "Zoe@acme.example"];
    assert_eq!(code(&place.run(&erase)), 2, "it wants a yes");
    let said = run_well(&place, &[&erase[..], &["--yes"]].concat());
    assert!(said.contains("zoe@acme.example is erased"), "{said}");
    assert_refused(&place.run(&[&erase[..], &["--yes"]].concat()), 1, &["there is no zoe@acme.example"]);
    // Ended by a command that on PostgreSQL is another process: known here within a second.
    let ended = async {
        while ask(&served, "GET", "/api/me", Some(&zoe), None).await.0 != 401 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), ended).await.unwrap();
    let credentials = json!({ "email": "zoe@acme.example", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/auth/login", None, Some(credentials)).await.0, 401);
    let (_, verified) = ask(&served, "GET", "/api/admin/audit/verify", Some(&admin), None).await;
    assert_eq!(verified["ok"], true, "{verified}");
    let (_, tickets) = ask(&served, "GET", "/api/tickets", Some(&admin), None).await;
    assert_eq!(tickets["items"][0]["requester"]["name"], "(erased)");
    let (_, people) = ask(&served, "GET", "/api/admin/users", Some(&admin), None).await;
    assert!(!people.to_string().to_lowercase().contains("zo"), "{people}");

    // Another of the same address, who is erased by the admin, with all that they wrote.
    let person = json!({ "email": "zoe@acme.example", "name": "Zoë", "role": "agent", "password": PASSWORD });
    let (_, person) = ask(&served, "POST", "/api/admin/users", Some(&admin), Some(person)).await;
    let path = format!("/api/admin/users/{}/erase", person["id"].as_str().unwrap());
    let zoe = sign_in(&served, "zoe@acme.example", PASSWORD).await;
    let (status, erased) = ask(&served, "POST", &path, Some(&admin), Some(json!({ "texts": true }))).await;
    assert_eq!(status, 200, "{erased}");
    assert!(erased["events"].as_u64().unwrap() >= 2, "{erased}");
    assert_eq!(ask(&served, "GET", "/api/me", Some(&zoe), None).await.0, 401);
    let (status, again) = ask(&served, "POST", &path, Some(&admin), Some(json!({}))).await;
    assert_eq!((status, &again["code"]), (409, &json!("already_erased")));
    drop(served);
    // The export of the ledger verifies offline, and by a checkpoint that is older than the erasures' events.
    run_well(&place, &["audit", "export", "--tenant", "acme", "--out", "l.ndjson"]);
    let verify = ["audit", "verify", "l.ndjson", "--checkpoint", "l.ndjson.checkpoint.json"];
    run_well(&place, &verify);
    let lines = read_lines(&place.path("l.ndjson"));
    assert!(!lines.iter().any(|line| line.to_string().contains("zoe@")));
    // What nobody has said is found: an erasure's event cut out of the end shows nothing else.
    let cut: Vec<String> =
        lines.iter().take_while(|line| line["action"] != "user.erased").map(Value::to_string).collect();
    let text = std::fs::read_to_string(place.path("l.ndjson")).unwrap();
    let cut: String = text.lines().take(cut.len()).map(|line| format!("{line}\n")).collect();
    std::fs::write(place.path("cut.ndjson"), cut).unwrap();
    let refused: Output = place.run(&["audit", "verify", "cut.ndjson"]);
    assert_refused(&refused, 1, &["broken at seq", "no event says so"]);
}
