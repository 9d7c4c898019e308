//! Companies and people that are erased: they are gone, and the proof is kept.

use std::process::Output;

use serde_json::{Value, json};

use crate::{
    archive::{entry, furnish, manifest, run_well},
    program::{PASSWORD, Place, Served, ask, assert_refused, code, read_lines, sign_in},
};

#[tokio::test]
async fn an_erased_company_leaves_a_proof_that_fits_its_archive() {
    let place = Place::new();
    furnish(&place, "acme", 2).await;
    run_well(&place, &["tenant", "export", "acme", "--out", "acme.zip"]);
    let archived = manifest(&place.path("acme.zip"));
    let files = place.path("data/contents").join(archived["tenant"]["id"].as_str().unwrap());
    assert_eq!(std::fs::read_dir(&files).unwrap().count(), 1);
    let said = run_well(&place, &["tenant", "erase", "acme", "--yes"]);
    assert!(!files.exists(), "what was attached is gone as well");
    assert!(said.contains(archived["ledger"]["head"].as_str().unwrap()), "{said}");
    let proof: Value = serde_json::from_str(&run_well(&place, &["tenant", "erasures", "--json"])).unwrap();
    let proof = &proof[0];
    assert_eq!(proof["slug"], "acme");
    assert_eq!(proof["id"], archived["tenant"]["id"]);
    assert_eq!((&proof["size"], &proof["head"]), (&archived["ledger"]["size"], &archived["ledger"]["head"]));
    assert_eq!((&proof["counts"]["tickets"], &proof["counts"]["users"]), (&json!(3), &json!(2)));
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
