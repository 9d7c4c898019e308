//! Backups while a server runs, putting them back, and the look through the whole installation.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place, Served, ask, assert_refused, code, sign_in, stderr, stdout};

#[track_caller]
fn run_well(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert_eq!(code(&output), 0, "{arguments:?}: {}\n{}", stderr(&output), stdout(&output));
    stdout(&output)
}

/// What a look finds, as grade and text.
fn examine(place: &Place) -> (i32, Vec<(String, String)>) {
    let output = place.run(&["doctor", "--json"]);
    let lines = stdout(&output);
    let findings = lines.lines().map(|line| {
        let finding: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        (text("grade"), format!("{}: {}", text("subject"), text("text")))
    });
    (code(&output), findings.collect())
}

#[track_caller]
fn assert_found(place: &Place, grade: &str, words: &[&str]) {
    let (code, findings) = examine(place);
    let found = findings.iter().any(|(g, text)| g == grade && words.iter().all(|word| text.contains(word)));
    assert!(found, "no {grade} finding with {words:?}: {findings:#?}");
    assert_eq!(code, i32::from(grade == "wrong"), "{findings:#?}");
}

async fn raise(served: &Served, token: &str, title: &str) {
    let (status, ticket) =
        ask(served, "POST", "/api/tickets", Some(token), Some(json!({ "title": title }))).await;
    assert_eq!(status, 201, "{ticket}");
}

async fn titles(place: &Place) -> Vec<String> {
    let served = Served::start(place, &[]);
    let token = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let (_, tickets) = ask(&served, "GET", "/api/tickets?sort=number&limit=100", Some(&token), None).await;
    tickets["items"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_backup_is_taken_beside_the_server_and_put_back_as_of_a_moment() {
    let place = Place::of_files();
    place.found("acme");
    place.found("globex");
    let served = Served::start(&place, &[]);
    let token = sign_in(&served, "admin@acme.example", PASSWORD).await;
    raise(&served, &token, "First").await;
    let said = run_well(&place, &["backup", "--to", "backups"]);
    assert!(said.starts_with("2 companies as they were at "), "{said}");
    let first = said.split(' ').nth(6).unwrap().to_owned();
    raise(&served, &token, "Second").await;
    place.found("late");
    run_well(&place, &["backup", "--to", "backups"]);
    raise(&served, &token, "Third").await;
    drop(served);
    let backups = fs::read_dir(place.path("backups")).unwrap().map(|e| e.unwrap().path());
    let backups: Vec<PathBuf> = backups.filter(|path| path.is_dir()).collect();
    assert_eq!(backups.len(), 2);
    let private = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0;
    assert!(backups.iter().all(|b| private(b) && private(&b.join("control.db"))));

    assert_refused(&place.run(&["restore", "--from", "backups"]), 1, &["data", "something already"]);
    for (at, expected) in [(Some(first.as_str()), vec!["First"]), (None, vec!["First", "Second"])] {
        fs::remove_dir_all(place.path("data")).unwrap();
        let restore = ["restore", "--from", "backups"];
        let at: Vec<&str> = at.into_iter().flat_map(|at| ["--at", at]).collect();
        run_well(&place, &[&restore[..], &at].concat());
        assert!(run_well(&place, &["doctor"]).contains("all is well"));
        let mut found = titles(&place).await;
        found.sort();
        assert_eq!(found, expected);
    }
    assert!(run_well(&place, &["tenant", "list"]).contains("late"));
    // Elsewhere, by a name that a shell has completed.
    let elsewhere = format!("{}/", place.path("elsewhere").display());
    run_well(&place, &["restore", "--from", "backups/", "--data", &elsewhere]);
    assert!(run_well(&place, &["tenant", "list", "--data", &elsewhere]).contains("late"));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count(), 1);
    let early = ["restore", "--from", "backups", "--at", "2020-01-01T00:00:00Z"];
    assert_refused(&place.run(&early), 1, &["no backup of 2020"]);
    assert_refused(&place.run(&["restore", "--from", "backups", "--at", "noon"]), 2, &["--at", "noon"]);

    // A damaged one is refused, and leaves nothing.
    fs::remove_dir_all(place.path("data")).unwrap();
    let damaged = backups.iter().max().unwrap().join("control.db");
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[5_000] ^= 1;
    fs::write(&damaged, bytes).unwrap();
    assert_refused(&place.run(&["restore", "--from", "backups"]), 1, &["control.db", "checksum"]);
    let left = fs::read_dir(place.path(".")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.starts_with("data")));
}

#[test]
fn a_database_is_backed_up_by_its_own_tools() {
    let place = Place::new();
    if place.address().is_some() {
        assert_refused(&place.run(&["backup", "--to", "b"]), 1, &["PostgreSQL", "OPERATIONS.md"]);
        assert_refused(&place.run(&["restore", "--from", "b"]), 1, &["PostgreSQL", "OPERATIONS.md"]);
    }
}

#[tokio::test]
async fn a_sound_installation_is_found_well_beside_a_server_and_without() {
    let place = Place::new();
    if place.address().is_none() {
        assert_found(&place, "wrong", &["data"]);
    }
    place.found("acme");
    let served = Served::start(&place, &[]);
    let token = sign_in(&served, "admin@acme.example", PASSWORD).await;
    raise(&served, &token, "One").await;
    for _ in 0..2 {
        let (code, findings) = examine(&place);
        assert_eq!(code, 0, "{findings:#?}");
        assert!(findings.iter().all(|(grade, _)| grade != "wrong"));
        let all = format!("{findings:?}");
        for word in
            ["acme: its data is sound and its ledger of", "keys: the newest", "registry", "files can be open"]
        {
            assert!(all.contains(word), "{word}: {findings:#?}");
        }
        let engine = if place.address().is_some() { "row level security" } else { "its owner's alone" };
        assert!(all.contains(engine), "{findings:#?}");
    }
    drop(served);
    assert!(run_well(&place, &["doctor"]).ends_with("worth a look\n"));
}

fn tenant_file(place: &Place) -> PathBuf {
    let mut files = fs::read_dir(place.path("data/tenants")).unwrap().map(|e| e.unwrap().path());
    files.find(|path| path.extension().is_some_and(|ending| ending == "db")).unwrap()
}

#[test]
fn what_is_wrong_with_files_is_found() {
    let place = Place::of_files();
    place.found("acme");
    assert_eq!(examine(&place).0, 0);
    let file = tenant_file(&place);
    // Others may read it.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_found(&place, "wrong", &["folder", "mode 644"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    // An address that control has forgotten: nobody could sign in by it.
    let control = rusqlite::Connection::open(place.path("data/control.db")).unwrap();
    control.execute("DELETE FROM directory", []).unwrap();
    assert_found(&place, "wrong", &["acme", "admin@acme.example", "directory"]);
    control.execute("INSERT INTO directory SELECT 'admin@acme.example', id FROM tenants", []).unwrap();
    assert_eq!(examine(&place).0, 0);
    // A delivery that nobody has sent.
    let desk = rusqlite::Connection::open(&file).unwrap();
    desk.execute_batch(
        "INSERT INTO endpoints VALUES (x'00000000000000000000000000000001', 'https://x.example', '', '[]', 1, NULL,
           's', 's', NULL, NULL, NULL, 0, NULL, NULL, NULL, 0, 0, NULL);
         INSERT INTO deliveries VALUES (x'00000000000000000000000000000002', x'00000000000000000000000000000001',
           x'00000000000000000000000000000003', 'ticket.created', NULL, 'pending', 0, 0, 1000, NULL, NULL, NULL, NULL,
           NULL, NULL, NULL, 0, 0, NULL);",
    )
    .unwrap();
    assert_found(&place, "wrong", &["acme", "1 deliveries have been due"]);
    desk.execute_batch("UPDATE endpoints SET active = 0; UPDATE deliveries SET state = 'dead'").unwrap();
    assert_eq!(examine(&place).0, 0);
    // An event that was changed behind the engine's back.
    desk.execute_batch("DROP TRIGGER events_no_update; UPDATE events SET data = '{}' WHERE seq = 2").unwrap();
    assert_found(&place, "wrong", &["acme", "broken at seq 2", "data was changed"]);
    drop((desk, control));
    // A file that is damaged, and one that is gone.
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8_192].fill(0xa5);
    fs::write(&file, bytes).unwrap();
    assert_found(&place, "wrong", &["acme"]);
    fs::remove_file(&file).unwrap();
    assert_found(&place, "wrong", &["acme", "missing"]);
}
