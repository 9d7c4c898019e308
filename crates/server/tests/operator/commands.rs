//! Commands and their exit codes.

use flowbit_cluster::Cluster;
use serde_json::{Value, json};

use crate::program::{
    PASSWORD, Place, Served, ask, assert_refused, code, feed, read_lines, sign_in, stderr, stdout,
};

#[test]
fn help_and_version_are_worth_reading() {
    let place = Place::new();
    for arguments in [
        &["--help"][..],
        &["serve", "--help"],
        &["tenant", "create", "--help"],
        &["audit", "verify", "--help"],
    ] {
        let output = place.run(arguments);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).len() > 300, "{}", stdout(&output));
    }
    assert!(stdout(&place.run(&["serve", "--help"])).contains("FLOWBIT_WEBHOOK_ALLOW"));
    assert!(stdout(&place.run(&["--version"])).starts_with("flowbit "));
}

#[test]
fn wrong_usage_is_2() {
    let place = Place::new();
    for arguments in [
        &[][..],
        &["fly"],
        &["serve", "--fly"],
        &["tenant", "erase", "acme"],
        &["tenant", "create", "--slug", "acme"],
        &["user", "create", "--tenant", "a", "--email", "b", "--name", "c", "--role", "boss"],
        &["audit", "verify"],
        &["migrate", "--admin-url", "mysql://a:secret@b/c", "--database-url", "postgres://a:secret@b/d"],
    ] {
        let output = place.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("secret"), "{}", stderr(&output));
    }
}

#[test]
fn a_database_that_is_away_is_named_without_its_password() {
    let place = Place::new();
    let (admin, database) = ("postgres://a:secret@127.0.0.1:1/c", "postgres://a:secret@127.0.0.1:1/d");
    // A server waits for it: see the tests of nodes.
    for arguments in [
        &["migrate", "--database-url", database][..],
        &["migrate", "--admin-url", admin, "--database-url", database],
    ] {
        let output = place.run(arguments);
        assert_refused(&output, 1, &["127.0.0.1", "onnection refused"]);
        assert!(!stderr(&output).contains("secret"), "{}", stderr(&output));
    }
}

#[test]
fn wrong_settings_are_refused_by_key_value_and_what_is_allowed() {
    let place = Place::new();
    let refused = |key: &str, value: &str| place.command(&["serve"]).env(key, value).output().unwrap();
    assert_refused(&refused("FLOWBIT_LISTEN", "here"), 1, &["FLOWBIT_LISTEN", "\"here\"", "127.0.0.1:3000"]);
    assert_refused(
        &refused("FLOWBIT_PUBLIC_URL", "desk"),
        1,
        &["FLOWBIT_PUBLIC_URL", "\"desk\"", "https://"],
    );
    assert_refused(&refused("FLOWBIT_WEBHOOK_ALLOW", "all"), 1, &["FLOWBIT_WEBHOOK_ALLOW", "10.0.0.0/8"]);
    let secret = refused("FLOWBIT_DATABASE_URL", "mysql://root:hunter2@db");
    assert_refused(&secret, 1, &["FLOWBIT_DATABASE_URL", "postgresql://"]);
    assert!(!stderr(&secret).contains("hunter2"));

    std::fs::write(place.path("flowbit.toml"), "listne = \"127.0.0.1:1\"\n").unwrap();
    assert_refused(
        &place.run(&["serve", "--config", "flowbit.toml"]),
        1,
        &["`listne` is not a key", "listen"],
    );
    assert_refused(&place.run(&["serve", "--listen", "nowhere"]), 1, &["--listen", "\"nowhere\""]);
}

#[test]
fn an_invalid_registry_keeps_the_server_from_starting() {
    let place = Place::new();
    std::fs::write(
        place.path("registry.json"),
        r#"{"default": {"screens": [{"id": "a", "title": "A", "path": "nowhere", "icon": "a", "roles": ["boss"],
            "remote": {"name": "a", "entry": "/a/mf.json", "module": "./A"}}]}}"#,
    )
    .unwrap();
    let output = place.run(&["serve", "--listen", "127.0.0.1:0", "--registry", "registry.json"]);
    assert_refused(
        &output,
        1,
        &["registry.json", "default.screens[0].path", "/tickets", "roles[0]", "agent"],
    );
    let output = place.run(&["serve", "--listen", "127.0.0.1:0", "--registry", "missing.json"]);
    assert_refused(&output, 1, &["missing.json"]);
}

#[test]
fn where_there_is_nothing_it_says_so() {
    let place = Place::of_files();
    assert_refused(&place.run(&["tenant", "list"]), 1, &["no Flowbit data"]);
    let migrate = place.run(&["migrate", "--admin-url", "postgres://a:secret@127.0.0.1:1/c"]);
    assert_refused(&migrate, 2, &["--database-url"]);
    assert!(!stderr(&migrate).contains("secret"));
}

#[tokio::test]
async fn companies_from_their_making_to_their_end() {
    let place = Place::new();
    place.found("acme");
    place.found("globex");

    let again = [
        "tenant",
        "create",
        "--slug",
        "acme",
        "--name",
        "A",
        "--admin-email",
        "a@b.example",
        "--admin-password-stdin",
    ];
    assert_refused(&place.run_with(&again, PASSWORD), 1, &["acme"]);
    let weak = [
        "tenant",
        "create",
        "--slug",
        "weak",
        "--name",
        "W",
        "--admin-email",
        "a@b.example",
        "--admin-password-stdin",
    ];
    assert_refused(&place.run_with(&weak, "short"), 1, &["at least 12 characters"]);
    let wrong = [
        "tenant",
        "create",
        "--slug",
        "wrong",
        "--name",
        "W",
        "--admin-email",
        "nobody",
        "--admin-password-stdin",
    ];
    assert_refused(&place.run_with(&wrong, PASSWORD), 1, &["e-mail address"]);

    let listed: Value = serde_json::from_str(&stdout(&place.run(&["tenant", "list", "--json"]))).unwrap();
    let slugs: Vec<&str> = listed.as_array().unwrap().iter().map(|t| t["slug"].as_str().unwrap()).collect();
    assert_eq!(slugs, ["acme", "globex"], "nothing of a refused company is left");
    assert_eq!(listed[0]["state"], "active");

    assert_eq!(code(&place.run(&["tenant", "suspend", "acme"])), 0);
    assert!(stdout(&place.run(&["tenant", "list"])).contains("suspended"));
    let served = Served::start(&place, &[]);
    let credentials = json!({ "email": "admin@acme.example", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/auth/login", None, Some(credentials)).await.0, 401);
    sign_in(&served, "admin@globex.example", PASSWORD).await;
    assert_eq!(code(&place.run(&["tenant", "list"])), 0, "reading goes on beside it");
    drop(served);

    assert_eq!(code(&place.run(&["tenant", "resume", "acme"])), 0);
    assert_eq!(code(&place.run(&["tenant", "erase", "globex", "--yes"])), 0);
    // Again it gives the proof once more, as after a kill.
    assert_eq!(code(&place.run(&["tenant", "erase", "globex", "--yes"])), 0);
    assert_refused(&place.run(&["tenant", "erase", "nobody", "--yes"]), 1, &["no tenant \"nobody\""]);
    let served = Served::start(&place, &[]);
    sign_in(&served, "admin@acme.example", PASSWORD).await;
}

#[tokio::test]
async fn files_are_migrated_when_no_server_holds_them() {
    let place = Place::of_files();
    place.found("acme");
    let served = Served::start(&place, &[]);
    // It does errands for the operator; this is none.
    assert_refused(&place.run(&["migrate"]), 1, &["in use", &served.id().to_string()]);
    drop(served);
    let migrated = place.run(&["migrate"]);
    assert_eq!(stdout(&migrated), "1 of 1 companies have this version's schema\n", "{}", stderr(&migrated));
}

/// With everything made by the program itself: database, roles, schema, a company, and people who sign in.
#[tokio::test]
async fn a_database_is_made_by_migrate_and_served() {
    let cluster = Cluster::for_tests().unwrap();
    let name = format!("made_{}", std::process::id());
    let place = Place::of_files();
    let (admin, address) = (cluster.address("postgres", "postgres"), cluster.address("flowbit", &name));
    let run = |arguments: &[&str], line: &str| {
        let mut command = place.command(arguments);
        command.env("FLOWBIT_DATABASE_URL", &address);
        feed(command, line)
    };
    let before = run(&["tenant", "list"], "");
    assert_refused(&before, 1, &[&name]);
    let script = stdout(&run(&["migrate", "--print-sql"], ""));
    assert!(script.contains("CREATE TABLE flowbit.tickets") && !script.contains("postgresql://"));
    for _ in 0..2 {
        let made = run(&["migrate", "--admin-url", &admin], "");
        assert!(stdout(&made).contains("has this version's schema"), "{}", stderr(&made));
    }
    let acme = ["tenant", "create", "--slug", "acme", "--name", "A", "--admin-email", "admin@acme.example"];
    let made = run(&[&acme[..], &["--admin-password-stdin"]].concat(), PASSWORD);
    assert_eq!(code(&made), 0, "{}", stderr(&made));
    let served = Served::start(&place, &["--database-url", &address]);
    sign_in(&served, "admin@acme.example", PASSWORD).await;
    // Commands beside it open the database themselves.
    assert!(!place.path("data").join("operator.sock").exists());
    assert_eq!(stdout(&run(&["tenant", "suspend", "acme"], "")), "acme is suspended\n");
    assert_eq!(stdout(&run(&["tenant", "resume", "acme"], "")), "acme is in use again\n");
    drop(served);
    let client = tokio_postgres::connect(&admin, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(client.1);
    client.0.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
}

#[tokio::test]
async fn people_are_added_and_let_in_again() {
    let place = Place::new();
    place.found("acme");
    let create = [
        "user",
        "create",
        "--tenant",
        "acme",
        "--email",
        "Bea@acme.example",
        "--name",
        "Bea",
        "--role",
        "agent",
    ];
    let output = place.run(&create);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let link = stdout(&output).lines().last().unwrap().to_owned();
    let token = link.split_once("/invite#").unwrap().1.to_owned();
    assert_refused(&place.run(&create), 1, &["already has this address"]);

    let reset =
        ["user", "reset-password", "--tenant", "acme", "--email", "admin@acme.example", "--password-stdin"];
    let output = place.run_with(&reset, "another password for tests");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(!stdout(&output).contains("another password"));
    let unknown =
        ["user", "reset-password", "--tenant", "acme", "--email", "x@acme.example", "--password-stdin"];
    assert_refused(&place.run_with(&unknown, PASSWORD), 1, &["x@acme.example"]);

    let served = Served::start(&place, &[]);
    let accept = json!({ "token": token, "password": PASSWORD });
    let (status, body) = ask(&served, "POST", "/api/auth/accept-invitation", None, Some(accept)).await;
    assert_eq!((status, &body["user"]["role"]), (200, &json!("agent")), "{body}");
    sign_in(&served, "admin@acme.example", "another password for tests").await;
    let old = json!({ "email": "admin@acme.example", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/auth/login", None, Some(old)).await.0, 401);
}

#[tokio::test]
async fn exports_are_whole_and_say_so() {
    let place = Place::new();
    place.found("acme");
    let served = Served::start(&place, &[]);
    let token = sign_in(&served, "admin@acme.example", PASSWORD).await;
    for title in ["One", "Two"] {
        let (status, ticket) =
            ask(&served, "POST", "/api/tickets", Some(&token), Some(json!({ "title": title }))).await;
        assert_eq!(status, 201);
        let path = format!("/api/tickets/{}/messages", ticket["id"].as_str().unwrap());
        assert_eq!(ask(&served, "POST", &path, Some(&token), Some(json!({ "body": "hello" }))).await.0, 201);
    }

    // Beside a running server.
    let output = place.run(&["audit", "export", "--tenant", "acme", "--out", "ledger.ndjson"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let lines = read_lines(&place.path("ledger.ndjson"));
    assert_eq!(lines[0]["action"], "tenant.created");
    let verify = ["audit", "verify", "ledger.ndjson", "--checkpoint", "ledger.ndjson.checkpoint.json"];
    let output = place.run(&verify);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).starts_with(&format!("whole: {} events", lines.len())), "{}", stdout(&output));
    let twice = place.run(&["audit", "export", "--tenant", "acme", "--out", "ledger.ndjson"]);
    assert_refused(&twice, 1, &["ledger.ndjson", "exists"]);

    let text = std::fs::read_to_string(place.path("ledger.ndjson")).unwrap();
    std::fs::write(place.path("ledger.ndjson"), text.replacen("\"One\"", "\"0ne\"", 1)).unwrap();
    assert_refused(&place.run(&verify), 1, &["broken at seq 4:"]);
    let cut: String = text.lines().take(3).map(|line| format!("{line}\n")).collect();
    std::fs::write(place.path("ledger.ndjson"), cut).unwrap();
    assert_refused(&place.run(&verify), 1, &["broken at seq 4:", "cut off"]);
    assert_eq!(code(&place.run(&["audit", "verify", "nothing.ndjson"])), 2);
}

#[test]
fn the_openapi_document_is_printed() {
    let output = Place::new().run(&["openapi"]);
    assert_eq!(code(&output), 0);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    for path in ["/api/tickets", "/api/me/screens", "/api/admin/screens", "/healthz", "/readyz"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}
