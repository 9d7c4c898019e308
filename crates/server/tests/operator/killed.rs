//! Erasures, backups and restores whose process is killed in their midst: what is there then is served whole or not
//! at all, the doctor says what is the matter, and the same command run again finishes it.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    archive::{contents, furnish, run_well},
    program::{PASSWORD, Place, Served, ask, assert_refused, code, read_lines, sign_in, stderr, stdout},
    steps::{Steps, put_back, some_of},
};

/// A company and another, on files, and what they are while nobody has done anything to them.
async fn prepare() -> (Place, Steps, PathBuf) {
    let place = Place::of_files();
    furnish(&place, "acme", 2).await;
    place.found("other");
    // Without its write-ahead logs being in use, so that it can be copied.
    let before = place.path("before");
    put_back(&place.path("data"), &before);
    let steps = Steps::of(&place);
    (place, steps, before)
}

/// What the doctor says; nothing of it may be bad.
#[track_caller]
pub(crate) fn examine(place: &Place) -> String {
    run_well(place, &["doctor"])
}

pub(crate) async fn may_sign_in(served: &Served, email: &str) -> bool {
    let credentials = json!({ "email": email, "password": PASSWORD });
    ask(served, "POST", "/api/auth/login", None, Some(credentials)).await.0 == 200
}

/// The company is gone for good, and the proof is whole.
pub(crate) fn assert_erased(place: &Place, slug: &str) {
    let listed = run_well(place, &["tenant", "list"]);
    assert!(listed.contains("other") && !listed.contains(slug), "{listed}");
    let proofs: Value = serde_json::from_str(&run_well(place, &["tenant", "erasures", "--json"])).unwrap();
    let proof = proofs.as_array().unwrap().iter().find(|proof| proof["slug"] == slug).unwrap();
    assert!(proof["finishedAt"].is_string() && proof["checkpoint"].is_object(), "{proof}");
    assert!(proof["size"].as_i64().unwrap() > 0, "{proof}");
    let said = examine(place);
    assert!(said.contains("other: its data is sound") && !said.contains(slug), "{said}");
}

#[tokio::test]
async fn an_erasure_killed_at_any_step_is_finished_by_the_command_or_a_start() {
    let (place, steps, before) = prepare().await;
    run_well(&place, &["tenant", "export", "acme", "--out", "before.zip"]);
    let erase = ["tenant", "erase", "acme", "--yes"];
    let all = steps.count(&place, &erase);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for (round, step) in some_of(all, 40).into_iter().enumerate() {
        put_back(&before, &place.path("data"));
        steps.kill(&place, &erase, step);
        let is_there = run_well(&place, &["tenant", "list"]).contains("acme");
        let said = examine(&place);
        let state = match (is_there, said.contains("the erasure of acme")) {
            (true, false) => "as before",
            (false, true) => "under way",
            (false, false) => "done",
            (true, true) => panic!("at step {step} of {all} it is there and is not: {said}"),
        };
        *met.entry(state).or_default() += 1;
        if is_there {
            assert!(said.contains("acme: its data is sound"), "{said}");
            run_well(&place, &["tenant", "export", "acme", "--out", "after.zip"]);
            assert_eq!(contents(&place.path("after.zip")), contents(&place.path("before.zip")));
            fs::remove_file(place.path("after.zip")).unwrap();
        }
        // In turns: by the command, or by a server that starts.
        if is_there || round % 2 == 0 {
            let said = run_well(&place, &erase);
            assert!(said.contains("acme and everything that it had is gone"), "{said}");
        } else {
            let served = Served::start(&place, &[]);
            assert!(!may_sign_in(&served, "admin@acme.example").await);
            assert!(may_sign_in(&served, "admin@other.example").await);
        }
        assert_erased(&place, "acme");
        assert_eq!(fs::read_dir(place.path("data/tenants")).unwrap().count(), 1, "at step {step} of {all}");
        // What was attached as well.
        let files = fs::read_dir(place.path("data/contents")).map_or(0, Iterator::count);
        assert_eq!(files, 0, "at step {step} of {all}");
    }
    println!("an erasure of {all} steps was killed: {met:?}");
    assert!(met["as before"] > 0 && met["under way"] > 0, "{met:?}");
}

/// The events of acme.
pub(crate) fn export_ledger(place: &Place) -> Vec<Value> {
    for name in ["l.ndjson", "l.ndjson.checkpoint.json"] {
        let _ = fs::remove_file(place.path(name));
    }
    run_well(place, &["audit", "export", "--tenant", "acme", "--out", "l.ndjson"]);
    read_lines(&place.path("l.ndjson"))
}

#[tokio::test]
async fn a_person_whose_erasure_is_killed_at_any_step_is_there_or_erased() {
    let (place, steps, before) = prepare().await;
    let erase = ["user", "erase", "--tenant", "acme", "--email", "zoe@acme.example", "--texts", "--yes"];
    let all = steps.count(&place, &erase);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for (round, step) in some_of(all, 30).into_iter().enumerate() {
        put_back(&before, &place.path("data"));
        steps.kill(&place, &erase, step);
        // The chain is whole at every step.
        let said = examine(&place);
        assert!(said.contains("acme: its data is sound"), "{said}");
        let is_noted = said.contains("zoe@acme.example is in the directory and nobody's");
        let ledger = export_ledger(&place);
        let is_recorded = ledger.iter().any(|line| line["action"] == "user.erased");
        let is_named = ledger.iter().any(|line| line.to_string().contains("zoe@acme.example"));
        assert_ne!(is_recorded, is_named, "at step {step} of {all}: erased by half");
        let state = match (is_recorded, is_noted) {
            (false, false) => "as before",
            (true, true) => "under way",
            (true, false) => "done",
            (false, true) => panic!("at step {step} of {all}: {said}"),
        };
        *met.entry(state).or_default() += 1;
        if round % 5 == 0 {
            let served = Served::start(&place, &[]);
            assert_eq!(may_sign_in(&served, "zoe@acme.example").await, !is_recorded, "{state}");
            let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
            let (_, tickets) = ask(&served, "GET", "/api/tickets", Some(&admin), None).await;
            assert_eq!(tickets.to_string().contains("Größe"), !is_recorded, "{tickets}");
        }
        let again = place.run(&erase);
        if state == "done" {
            assert_refused(&again, 1, &["there is no zoe@acme.example"]);
        } else {
            assert_eq!(code(&again), 0, "{state}: {}", stderr(&again));
            assert!(stdout(&again).contains("zoe@acme.example is erased"), "{}", stdout(&again));
        }
        assert!(!examine(&place).contains("zoe@"));
        let control = rusqlite::Connection::open(place.path("data/control.db")).unwrap();
        let sql = "SELECT count(*) FROM directory WHERE email = 'zoe@acme.example'";
        assert_eq!(control.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0, "{state}");
    }
    println!("an erasure of a person of {all} steps was killed: {met:?}");
    assert!(met["as before"] > 0 && met["under way"] > 0, "{met:?}");
}

/// The names in a folder, but for the lock.
fn names(folder: PathBuf) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != ".lock").collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_killed_at_any_step_is_none_and_the_next_one_removes_it() {
    let (place, steps, _) = prepare().await;
    let backup = ["backup", "--to", "backups"];
    let all = steps.count(&place, &backup);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for step in some_of(all, 30) {
        let _ = fs::remove_dir_all(place.path("backups"));
        steps.kill(&place, &backup, step);
        let left = names(place.path("backups"));
        let whole = left.iter().filter(|name| !name.starts_with('.')).count();
        let state = match (left.len(), whole) {
            (0, 0) => "nothing",
            (1, 0) => "left unfinished",
            (1, 1) => "whole",
            _ => panic!("at step {step} of {all}: {left:?}"),
        };
        *met.entry(state).or_default() += 1;
        if whole == 0 && place.path("backups").exists() {
            assert_refused(&place.run(&["restore", "--from", "backups", "--data", "new"]), 1, &["no backup"]);
            let output = place.run(&["doctor", "--backups", "backups"]);
            assert_eq!(code(&output), 1, "{}", stdout(&output));
            assert!(stdout(&output).contains("there is no whole one"), "{}", stdout(&output));
            let is_named = left.iter().all(|name| stdout(&output).contains(name));
            assert!(is_named && stdout(&output).contains("broke off") != left.is_empty(), "{left:?}");
        }
        let said = run_well(&place, &backup);
        assert_eq!(said.contains("removed 1 that had broken off"), state == "left unfinished", "{said}");
        let now = names(place.path("backups"));
        assert_eq!((now.len(), now.iter().any(|name| name.starts_with('.'))), (whole + 1, false), "{now:?}");
    }
    println!("a backup of {all} steps was killed: {met:?}");
    assert!(met["left unfinished"] > 0, "{met:?}");
    let said = run_well(&place, &["doctor", "--backups", "backups"]);
    assert!(said.contains("the newest as of") && !said.contains("broke off"), "{said}");
    run_well(&place, &["restore", "--from", "backups", "--data", "new"]);
    let said = run_well(&place, &["doctor", "--data", "new"]);
    assert!(said.contains("acme: its data is sound") && said.contains("other: its data is sound"), "{said}");
}

/// What somebody is at work on is left alone.
#[test]
fn a_backup_does_not_touch_one_that_is_under_way() {
    let place = Place::of_files();
    place.found("acme");
    run_well(&place, &["backup", "--to", "backups"]);
    let working = place.path("backups/.unfinished-2026-01-31T08-15-00.000Z");
    fs::create_dir_all(working.join("tenants")).unwrap();
    let lock = fs::File::options().write(true).open(place.path("backups/.lock")).unwrap();
    lock.lock().unwrap();
    assert_refused(
        &place.run(&["backup", "--to", "backups"]),
        1,
        &["backups", "another backup is under way"],
    );
    assert!(working.join("tenants").exists());
    let said = run_well(&place, &["doctor", "--backups", "backups"]);
    assert!(said.contains(".unfinished-2026-01-31T08-15-00.000Z: a backup is under way"), "{said}");
    // Its process is gone, and with it the lock.
    drop(lock);
    let said = run_well(&place, &["doctor", "--backups", "backups"]);
    assert!(said.contains(".unfinished-2026-01-31T08-15-00.000Z: a backup broke off"), "{said}");
    assert!(run_well(&place, &["backup", "--to", "backups"]).contains("removed 1 that had broken off"));
    assert!(!working.exists());
}

#[tokio::test]
async fn a_restore_killed_at_any_step_leaves_a_whole_folder_or_none() {
    let (place, steps, _) = prepare().await;
    run_well(&place, &["backup", "--to", "backups"]);
    fs::remove_dir_all(place.path("data")).unwrap();
    let restore = ["restore", "--from", "backups"];
    let all = steps.count(&place, &restore);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for step in some_of(all, 40) {
        fs::remove_dir_all(place.path("data")).unwrap();
        steps.kill(&place, &restore, step);
        let (is_there, is_aside) = (place.path("data").exists(), place.path("data.unfinished-").exists());
        let state = match (is_there, is_aside) {
            (false, false) => "nothing",
            (false, true) => "left unfinished",
            (true, false) => "whole",
            (true, true) => panic!("at step {step} of {all} both are there"),
        };
        *met.entry(state).or_default() += 1;
        if is_there {
            assert_refused(&place.run(&restore), 1, &["something already"]);
        } else {
            let output = place.run(&["doctor"]);
            assert_eq!(code(&output), 1, "there is no data: {}", stdout(&output));
            assert_eq!(
                stdout(&output).contains("data.unfinished-: a restore"),
                is_aside,
                "{}",
                stdout(&output)
            );
            run_well(&place, &restore);
        }
        assert!(!place.path("data.unfinished-").exists());
        let said = examine(&place);
        assert!(
            said.contains("acme: its data is sound") && said.contains("other: its data is sound"),
            "{said}"
        );
    }
    println!("a restore of {all} steps was killed: {met:?}");
    assert!(met["left unfinished"] > 0 && met["whole"] > 0, "{met:?}");
    let served = Served::start(&place, &[]);
    sign_in(&served, "zoe@acme.example", PASSWORD).await;
}

/// Two at once do not get into each other's way.
#[test]
fn a_restore_does_not_touch_one_that_is_under_way() {
    let place = Place::of_files();
    place.found("acme");
    run_well(&place, &["backup", "--to", "backups"]);
    let aside = place.path("new.unfinished-");
    fs::create_dir(&aside).unwrap();
    fs::write(aside.join("control.db"), "by half").unwrap();
    let lock = fs::File::open(&aside).unwrap();
    lock.lock().unwrap();
    let restore = ["restore", "--from", "backups", "--data", "new"];
    assert_refused(&place.run(&restore), 1, &["new.unfinished-", "another restore is under way"]);
    assert!(aside.join("control.db").exists() && !place.path("new").exists());
    drop(lock);
    run_well(&place, &restore);
    assert!(!aside.exists() && place.path("new/control.db").exists());
}
