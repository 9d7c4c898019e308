//! The table of what a registry may not say, and the reload.

use serde_json::{Value, json};

use super::*;

fn sample() -> Value {
    json!({
        "tenants": { "acme": { "screens": [screen("tickets", "/tickets"), screen("audit", "/audit")] } },
        "default": { "screens": [screen("tickets", "/tickets")] }
    })
}

fn screen(id: &str, path: &str) -> Value {
    json!({
        "id": id, "title": "A title", "path": path, "icon": "ticket", "roles": ["agent", "admin"],
        "remote": { "name": "some_remote", "entry": "/remotes/some/mf-manifest.json", "module": "./Thing" }
    })
}

/// The sample with one value replaced (or, when `to` is null, removed), given by its JSON pointer.
fn altered(pointer: &str, to: Value) -> String {
    let mut file = sample();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = file.pointer_mut(parent).unwrap();
    match parent {
        Value::Object(map) if to.is_null() => drop(map.remove(key)),
        Value::Object(map) => drop(map.insert(key.to_owned(), to)),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = to,
        _ => unreachable!(),
    }
    file.to_string()
}

#[test]
fn the_built_in_registry_is_valid() {
    let registry = RegistryHandle::open(None).unwrap().current();
    let titles = |slug: &str| -> Vec<String> {
        registry.screens_of(slug).iter().map(|d| d.screen.title.clone()).collect()
    };
    assert_eq!(
        titles("logisticsco"),
        [
            "Support tickets",
            "My requests",
            "Workflows",
            "Users",
            "Screens",
            "Audit trail",
            "Macros and fields"
        ]
    );
    assert_eq!(
        titles("retailgmbh"),
        ["Kundenanfragen", "Meine Anfragen", "Benutzer", "Protokoll", "Automatisierung", "Makros und Felder"]
    );
    assert_eq!(
        titles("someone-else"),
        ["Tickets", "My requests", "Workflows", "Users", "Screens", "Audit trail", "Macros and fields"]
    );
    assert!(registry.remote_origins().is_empty());
}

#[test]
fn what_is_wrong_is_named_with_its_path_and_what_is_allowed() {
    const FIRST: &str = "/tenants/acme/screens/0";
    let table: &[(&str, Value, &str, &str)] = &[
        ("/id", json!("Tickets"), "id", "a-z"),
        ("/id", json!("audit"), "screens[1].id", "no other screen"),
        ("/id", json!(7), "id", "expected a string"),
        ("/id", Value::Null, "screens[0]", "missing field `id`"),
        ("/title", json!("\u{200b}"), "title", "visible"),
        ("/title", json!("two\nlines"), "title", "one line"),
        ("/title", json!("x".repeat(61)), "title", "1 to 60"),
        ("/path", json!("tickets"), "path", "/ and segments"),
        ("/path", json!("/Tickets"), "path", "a-z"),
        ("/path", json!("/tickets/"), "path", "segments"),
        ("/path", json!("/../etc"), "path", "segments"),
        ("/path", json!("/api"), "path", "other than api"),
        ("/path", json!("/remotes/x"), "path", "other than api"),
        ("/path", json!("/audit"), "screens[1].path", "a path of its own"),
        ("/path", json!("/audit/log"), "screens[1].path", "a path of its own"),
        ("/icon", json!("<svg>"), "icon", "name of an icon"),
        ("/roles", json!([]), "roles", "one or more of user, agent, admin"),
        ("/roles", json!(["boss"]), "roles[0]", "one or more of user, agent, admin"),
        ("/roles", json!(["admin", "admin"]), "roles[1]", "each once"),
        ("/colour", json!("red"), "colour", "unknown field `colour`"),
        ("/remote/name", json!("some-remote"), "remote.name", "JavaScript identifier"),
        ("/remote/name", json!("1st"), "remote.name", "JavaScript identifier"),
        ("/remote/entry", json!("http://cdn.example/mf.json"), "remote.entry", "https"),
        ("/remote/entry", json!("//cdn.example/mf.json"), "remote.entry", "a path of this server"),
        ("/remote/entry", json!("/remotes/../secret"), "remote.entry", "a path of this server"),
        ("/remote/entry", json!("javascript:alert(1)"), "remote.entry", "https"),
        ("/remote/entry", json!("https://user:pw@cdn.example/mf.json"), "remote.entry", "https"),
        ("/remote/entry", json!("/remotes/other/mf.json"), "screens[1].remote.entry", "has above"),
        ("/remote/module", json!("Thing"), "remote.module", "./ and a name"),
        ("/remote/module", json!("./../x"), "remote.module", "./ and a name"),
        ("/remote/integrity", json!("md5-abc"), "remote.integrity", "sha256-"),
        ("/remote/integrity", json!("sha256-c2hvcnQ="), "remote.integrity", "sha256-"),
    ];
    for (field, value, path, message) in table {
        let errors = Registry::parse(&altered(&format!("{FIRST}{field}"), value.clone()))
            .expect_err(&format!("{field} = {value} was accepted"));
        let found = errors.iter().any(|e| {
            e.path.starts_with("tenants.acme.screens[")
                && e.path.ends_with(path)
                && e.message.contains(message)
        });
        assert!(found, "{field} = {value}: {errors:?}");
    }
}

#[test]
fn the_file_as_a_whole_is_checked() {
    for (pointer, value, path) in [
        ("/default", Value::Null, "."),
        ("/tenants/Not A Slug", json!({"screens": []}), "tenants.Not A Slug"),
        ("/extra", json!(1), "extra"),
        ("/tenants/acme/screens", json!("none"), "tenants.acme.screens"),
    ] {
        let errors = Registry::parse(&altered(pointer, value)).expect_err(pointer);
        assert_eq!(errors[0].path, path, "{errors:?}");
    }
    assert!(Registry::parse("{").is_err());
    assert!(Registry::parse(&format!("{} trailing", sample())).is_err());
    assert!(Registry::parse(&sample().to_string()).is_ok());
}

#[test]
fn origins_of_other_servers_are_listed_for_the_policy() {
    let mut file = sample();
    for (pointer, entry) in [
        ("/tenants/acme/screens/0/remote", "https://cdn.example:8443/a/mf-manifest.json"),
        ("/tenants/acme/screens/1/remote", "https://cdn.example:8443/b/mf-manifest.json"),
        ("/default/screens/0/remote", "http://127.0.0.1:4001/mf-manifest.json"),
    ] {
        let remote = file.pointer_mut(pointer).unwrap();
        remote["name"] = json!(format!("r_{}", pointer.replace('/', "_")));
        remote["entry"] = json!(entry);
    }
    let registry = Registry::parse(&file.to_string()).unwrap();
    assert_eq!(registry.remote_origins(), ["http://127.0.0.1:4001", "https://cdn.example:8443"]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_file_is_read_again_and_an_invalid_one_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.json");
    std::fs::write(&path, sample().to_string()).unwrap();
    let handle = RegistryHandle::open(Some(&path)).unwrap();
    let stop = CancellationToken::new();
    let follower = tokio::spawn(handle.clone().follow(stop.clone()));
    let titles = |n: usize| handle.current().screens_of("acme")[n].screen.title.clone();
    let turn = || async {
        tokio::time::advance(POLL).await;
        tokio::time::advance(POLL).await;
        tokio::task::yield_now().await;
    };
    turn().await;

    std::fs::write(&path, altered("/tenants/acme/screens/0/title", json!("Another title"))).unwrap();
    turn().await;
    assert_eq!(titles(0), "Another title");

    std::fs::write(&path, "{ not json").unwrap();
    turn().await;
    assert_eq!(titles(0), "Another title");

    std::fs::write(&path, altered("/tenants/acme/screens/0/title", json!("A third one"))).unwrap();
    turn().await;
    assert_eq!(titles(0), "A third one");

    stop.cancel();
    follower.await.unwrap();
}

#[test]
fn a_missing_file_says_which() {
    let error = RegistryHandle::open(Some(Path::new("/nonexistent/registry.json"))).err().unwrap();
    assert!(error.to_string().starts_with("/nonexistent/registry.json: "), "{error}");
}
