//! What breaks off in its midst: by a full disk, by `kill -9`. It leaves nothing by half, and is run again.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{
    archive::{contents, entry, furnish, manifest, run_well},
    program::{PASSWORD, Place, Served, ask, assert_refused, code, sign_in, stderr},
};

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
    let left = std::fs::read_dir(target.path("backups")).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left, [".lock"]);
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

/// What an erasure writes before it removes anything, and nothing more: as when it is killed right behind that.
fn begin_to_erase(place: &Place, slug: &str) {
    let (schema, id) =
        if place.address().is_some() { ("flowbit_control.", "tenant") } else { ("", "tenant_id") };
    let sql = format!(
        "BEGIN; INSERT INTO {schema}erasures ({id}, begun_at, slug, counts) \
         SELECT id, 1769847300000, slug, '{{\"tickets\":2}}' FROM {schema}tenants WHERE slug = '{slug}'; \
         UPDATE {schema}tenants SET state = 'erasing' WHERE slug = '{slug}'; COMMIT"
    );
    match place.address() {
        Some(address) => drop(psql(&address, &sql)),
        None => {
            rusqlite::Connection::open(place.path("data/control.db")).unwrap().execute_batch(&sql).unwrap()
        }
    }
}

/// All that an erasure that was not interrupted leaves: that it is gone, how its ledger ended, and the signature.
#[tokio::test]
async fn an_erasure_that_was_killed_is_finished_and_proved_at_the_next_start() {
    let place = Place::new();
    furnish(&place, "acme", 2).await;
    place.found("other");
    run_well(&place, &["tenant", "export", "acme", "--out", "acme.zip"]);
    let archived = manifest(&place.path("acme.zip"));
    begin_to_erase(&place, "acme");
    let served = Served::start(&place, &[]);
    sign_in(&served, "admin@other.example", PASSWORD).await;
    let credentials = json!({ "email": "admin@acme.example", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/auth/login", None, Some(credentials)).await.0, 401);
    drop(served);
    assert!(!run_well(&place, &["tenant", "list"]).contains("acme"));
    let proofs: Value = serde_json::from_str(&run_well(&place, &["tenant", "erasures", "--json"])).unwrap();
    let proof = &proofs[0];
    assert_eq!((&proof["id"], &proof["slug"]), (&archived["tenant"]["id"], &json!("acme")));
    assert_eq!((&proof["size"], &proof["head"]), (&archived["ledger"]["size"], &archived["ledger"]["head"]));
    assert!(proof["finishedAt"].is_string() && proof["counts"]["tickets"] == 2, "{proof}");
    std::fs::write(place.path("l.ndjson"), entry(&place.path("acme.zip"), "ledger.ndjson")).unwrap();
    std::fs::write(place.path("p.json"), proof["checkpoint"].to_string()).unwrap();
    run_well(&place, &["audit", "verify", "l.ndjson", "--checkpoint", "p.json"]);
    // Its archive is good for as long as anybody has it.
    run_well(&place, &["tenant", "import", "acme.zip"]);
}

/// Begins to write an archive and kills the command as soon as anything of it is there.
#[test]
fn an_archive_has_its_name_only_when_it_is_whole() {
    let place = Place::new();
    place.found("other");
    run_well(&place, &["demo", "--tickets", "3000", "--tenant", "logisticsco"]);
    let export = ["tenant", "export", "logisticsco", "--out", "a.zip"];
    let mut child = place.command(&export).spawn().unwrap();
    let begun = || {
        let files = std::fs::read_dir(place.path("")).unwrap().map(|file| file.unwrap());
        files.into_iter().any(|file| {
            let name = file.file_name().into_string().unwrap();
            let size = file.metadata().map_or(0, |file| file.len());
            (name == "a.zip" || name.ends_with(".unfinished")) && size > 1 << 16
        })
    };
    while !begun() {
        assert!(child.try_wait().unwrap().is_none(), "it was over before it could be killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!place.path("a.zip").exists());
    run_well(&place, &export);
    run_well(&place, &["tenant", "import", "a.zip", "--check"]);
}
