//! Commands beside a running server, which does what they ask.

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::{
    expiry::Poller,
    program::{PASSWORD, Place, Served, ask, assert_refused, code, sign_in, stderr, stdout},
};

async fn is_signed_in(served: &Served, token: &str) -> bool {
    match ask(served, "GET", "/api/me", Some(token), None).await.0 {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

async fn may_sign_in(served: &Served, email: &str, password: &str) -> bool {
    let credentials = json!({ "email": email, "password": password });
    ask(served, "POST", "/api/auth/login", None, Some(credentials)).await.0 == 200
}

#[tokio::test]
async fn companies_are_made_suspended_and_erased() {
    let place = Place::new();
    place.found("acme");
    let served = Served::start(&place, &[]);
    let acme = sign_in(&served, "admin@acme.example", PASSWORD).await;
    place.found("globex");
    let globex = sign_in(&served, "admin@globex.example", PASSWORD).await;
    let again = ["tenant", "create", "--slug", "globex", "--name", "G", "--admin-email", "g@globex.example"];
    let again = place.run_with(&[&again[..], &["--admin-password-stdin"]].concat(), PASSWORD);
    assert_refused(&again, 1, &["already a tenant \"globex\""]);

    let socket = Poller::connect(&served.url, &globex).await;
    socket.read_until("42[\"hello\"").await;
    let suspended = place.run(&["tenant", "suspend", "globex"]);
    assert_eq!(stdout(&suspended), "globex is suspended\n", "{}", stderr(&suspended));
    assert!(!is_signed_in(&served, &globex).await);
    let said = socket.read_until("42[\"goodbye\"").await;
    assert!(said.iter().any(|packet| packet.contains("revoked")), "{said:?}");
    assert_eq!(code(&place.run(&["tenant", "resume", "globex"])), 0);
    assert!(is_signed_in(&served, &globex).await);

    assert_eq!(code(&place.run(&["tenant", "erase", "globex", "--yes"])), 0);
    assert!(!is_signed_in(&served, &globex).await);
    assert!(!may_sign_in(&served, "admin@globex.example", PASSWORD).await);
    assert_refused(&place.run(&["tenant", "suspend", "globex"]), 1, &["no tenant \"globex\""]);
    assert!(is_signed_in(&served, &acme).await);
}

#[tokio::test]
async fn people_are_added_and_their_passwords_set() {
    let place = Place::new();
    place.found("acme");
    let served = Served::start(&place, &[]);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let bea = ["user", "create", "--tenant", "acme", "--email", "bea@acme.example", "--name", "Bea"];
    let added = stdout(&place.run(&bea));
    let token = added.trim_end().split_once("/invite#").unwrap().1.to_owned();
    let body = json!({ "token": token, "password": "chosen by Bea herself" });
    let (status, session) = ask(&served, "POST", "/api/auth/accept-invitation", None, Some(body)).await;
    assert_eq!((status, &session["user"]["role"]), (200, &json!("user")), "{session}");
    assert_refused(&place.run(&bea), 1, &["already has this address"]);

    let reset = ["user", "reset-password", "--tenant", "acme", "--email", "admin@acme.example"];
    let reset = place.run_with(&[&reset[..], &["--password-stdin"]].concat(), "the operator has set this");
    assert_eq!(code(&reset), 0, "{}", stderr(&reset));
    assert!(!is_signed_in(&served, &admin).await);
    assert!(!may_sign_in(&served, "admin@acme.example", PASSWORD).await);
    assert!(may_sign_in(&served, "admin@acme.example", "the operator has set this").await);

    let (status, log) = served.terminate();
    assert_eq!(status.code(), Some(0), "{log}");
    for secret in ["the operator has set this", &token] {
        assert!(!log.contains(secret), "{log}");
    }
    let recorded = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(recorded.into_iter().any(|l| l["action"] == "auth.passwordChanged" && l["actor"] == "system"));
}

#[tokio::test]
async fn the_door_is_the_owners_and_one_left_behind_leads_nowhere() {
    let place = Place::new();
    place.found("acme");
    let door = place.path("data").join("operator.sock");
    let served = Served::start(&place, &[]);
    let folder = std::fs::metadata(place.path("data")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700, "others can't even see the door");
    assert_eq!(code(&place.run(&["tenant", "suspend", "acme"])), 0);
    // Killed: the door stays.
    drop(served);
    assert!(door.exists());
    assert_eq!(code(&place.run(&["tenant", "resume", "acme"])), 0, "nobody is behind it: done here");
    let served = Served::start(&place, &[]);
    assert_eq!(code(&place.run(&["tenant", "suspend", "acme"])), 0);
    // Nonsense is no errand and does no harm.
    let mut stranger = std::os::unix::net::UnixStream::connect(&door).unwrap();
    std::io::Write::write_all(&mut stranger, b"{\"erase\": \"everything\"}\n").unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stranger, &mut answer).unwrap();
    assert_eq!(answer, "");
    assert_eq!(code(&place.run(&["tenant", "resume", "acme"])), 0);
    assert_eq!(served.terminate().0.code(), Some(0));
    assert!(!door.exists());
}
