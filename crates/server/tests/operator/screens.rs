//! Screens: what each role has, and what admins may make of it.

use serde_json::{Value, json};

use crate::program::{PASSWORD, Place, Served, ask, sign_in};

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|screen| screen["id"].as_str().unwrap()).collect()
}

async fn mine(served: &Served, token: &str) -> Vec<String> {
    let (status, body) = ask(served, "GET", "/api/me/screens", Some(token), None).await;
    assert_eq!(status, 200, "{body}");
    ids(&body["screens"]).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn admins_switch_order_and_narrow_them() {
    let place = Place::new();
    place.found("acme");
    let served = Served::start(&place, &[]);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let new = json!({ "email": "bea@acme.example", "name": "Bea", "role": "agent", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/admin/users", Some(&admin), Some(new)).await.0, 201);
    let agent = sign_in(&served, "bea@acme.example", PASSWORD).await;
    let new = json!({ "email": "ulf@acme.example", "name": "Ulf", "role": "user", "password": PASSWORD });
    assert_eq!(ask(&served, "POST", "/api/admin/users", Some(&admin), Some(new)).await.0, 201);
    let user = sign_in(&served, "ulf@acme.example", PASSWORD).await;
    let all = ["tickets", "requests", "workflows", "users", "screens", "audit", "desk"];
    // Who raises tickets has a screen of their own, and nobody else has it.
    assert_eq!(mine(&served, &user).await, ["requests"]);
    assert_eq!(mine(&served, &admin).await, ["tickets", "workflows", "users", "screens", "audit", "desk"]);
    assert_eq!(mine(&served, &agent).await, ["tickets", "desk"]);
    for method in ["GET", "PATCH"] {
        let body = (method == "PATCH").then(|| json!({ "screens": [] }));
        assert_eq!(ask(&served, method, "/api/admin/screens", Some(&agent), body).await.0, 403);
    }

    let change = async |screens: Value| {
        ask(&served, "PATCH", "/api/admin/screens", Some(&admin), Some(json!({ "screens": screens }))).await
    };
    let (status, body) = change(json!([
        { "id": "audit" },
        { "id": "tickets", "roles": ["admin"] },
        { "id": "workflows", "enabled": false },
    ]))
    .await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        ids(&body["items"]),
        ["audit", "tickets", "workflows", "requests", "users", "screens", "desk"]
    );
    assert_eq!(ask(&served, "GET", "/api/admin/screens", Some(&admin), None).await, (200, body));
    assert_eq!(mine(&served, &admin).await, ["audit", "tickets", "users", "screens", "desk"]);
    assert_eq!(mine(&served, &agent).await, ["desk"]);

    let (_, audit) = ask(&served, "GET", "/api/admin/audit?action=screens.updated", Some(&admin), None).await;
    let data = &audit["items"][0]["data"];
    assert_eq!(data["changes"]["workflows"]["enabled"], json!({ "from": true, "to": false }));
    assert_eq!(data["changes"]["tickets"]["roles"]["to"], json!(["admin"]));
    assert_eq!(data["order"]["from"], json!(all));

    // The same again is no change, and no event.
    assert_eq!(change(json!([{ "id": "audit" }, { "id": "tickets" }])).await.0, 200);
    let (_, again) = ask(&served, "GET", "/api/admin/audit?action=screens.updated", Some(&admin), None).await;
    assert_eq!(again["items"].as_array().unwrap().len(), 1);

    for locked in [json!([{ "id": "screens", "enabled": false }])] {
        let (status, body) = change(locked).await;
        assert_eq!((status, &body["code"]), (409, &json!("screen_required")), "{body}");
    }
    for (wrong, path) in [
        (json!([{ "id": "nothing" }]), "screens[0].id"),
        (json!([{ "id": "users" }, { "id": "users" }]), "screens[1].id"),
        (json!([{ "id": "users", "roles": ["user"] }]), "screens[0].roles"),
        (json!([{ "id": "users", "roles": [] }]), "screens[0].roles"),
        (json!([{ "id": "users", "title": "X" }]), "screens[0].title"),
        (json!([{ "id": "users", "roles": ["boss"] }]), "screens[0].roles[0]"),
    ] {
        let (status, body) = change(wrong).await;
        assert_eq!((status, &body["errors"][0]["path"]), (422, &json!(path)), "{body}");
    }
}

#[tokio::test]
async fn a_changed_registry_counts_without_a_restart() {
    let place = Place::new();
    place.found("acme");
    let registry = |title: &str| {
        json!({ "default": { "screens": [{
            "id": "tickets", "title": title, "path": "/tickets", "icon": "ticket", "roles": ["admin"],
            "remote": { "name": "r", "entry": "https://cdn.example/mf-manifest.json", "module": "./T" },
        }] } })
        .to_string()
    };
    std::fs::write(place.path("registry.json"), registry("Before")).unwrap();
    let served = Served::start(&place, &["--registry", "registry.json"]);
    let admin = sign_in(&served, "admin@acme.example", PASSWORD).await;
    let title = async || {
        let (_, body) = ask(&served, "GET", "/api/me/screens", Some(&admin), None).await;
        body["screens"][0]["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(title().await, "Before");
    let page = reqwest::get(&served.url).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("https://cdn.example"), "{policy}");
    std::fs::write(place.path("registry.json"), registry("Afterwards")).unwrap();
    let begun = std::time::Instant::now();
    while title().await != "Afterwards" {
        assert!(begun.elapsed().as_secs() < 60, "the new version did not come into force");
    }
}
