//! Zendesk's export, in the forms in which it comes.

use serde_json::{Value as Json, json};

use crate::{harness::Server, sources::Import};

fn lines(values: &[Json]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

#[tokio::test]
async fn an_export_moves_in_with_its_comments() {
    let server = Server::with_companies(&["acme"]).await;
    let folder = server.folder().join("export");
    std::fs::create_dir_all(folder.join("comments")).unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    write(
        "users.json",
        lines(&[
            json!({ "id": 9_001_i64, "name": "Ann", "email": "ann@acme.example", "role": "agent", "active": true,
                "suspended": false, "created_at": "2024-01-01T10:00:00Z", "time_zone": "Bern", "phone": null }),
            json!({ "id": 9_002_i64, "name": "End", "email": "end@acme.example", "role": "end-user", "suspended": true }),
            json!({ "id": 9_003_i64, "name": "Caller", "email": null, "role": "end-user", "phone": "+41" }),
        ]),
    );
    let ticket = |id: i64, requester: i64, status: &str| {
        json!({
            "id": id, "subject": format!("Ticket {id}"), "description": "First words", "status": status,
            "priority": null, "requester_id": requester, "assignee_id": 9_001_i64, "tags": ["one"],
            "created_at": "2024-02-01T10:00:00Z", "updated_at": "2024-02-03T10:00:00Z", "via": { "channel": "web" },
            "custom_fields": [{ "id": 360_001_i64, "value": "Basel" }, { "id": 360_002_i64, "value": null }],
        })
    };
    let comment = |id: i64, public: bool, body: &str| {
        json!({ "id": id, "author_id": 9_001_i64, "body": body, "html_body": "<p>", "public": public,
            "created_at": "2024-02-02T10:00:00Z", "attachments": [], "audit_id": 1 })
    };
    let mut full = ticket(35_436, 9_002, "solved");
    full["comments"] =
        json!([comment(1, true, "First words"), comment(2, true, "Second"), comment(3, false, "A note")]);
    write(
        "tickets-2024.json",
        lines(&[full, ticket(35_438, 9_003, "open"), ticket(35_439, 9_002, "deleted")]),
    );
    // Pages, as the API answers them.
    let page = json!({ "tickets": [ticket(35_437, 9_002, "hold")], "next_page": null, "count": 1 });
    write("tickets-api.json", page.to_string());
    let mut with_file = comment(8, true, "With a file");
    with_file["attachments"] = json!([{ "file_name": "a.pdf" }]);
    let page = json!({ "comments": [comment(7, true, "Asked back"), with_file], "next_page": null });
    write("comments/35437.json", page.to_string());
    write("organizations.json", json!({ "organizations": [{ "id": 1 }] }).to_string());
    let folder = folder.to_str().unwrap();

    let rehearsed = Import::run(&server, &["zendesk", "--tenant", "acme", folder, "--dry-run"]).expect(3);
    let import = Import::run(&server, &["zendesk", "--tenant", "acme", folder]).expect(3);
    assert_eq!(rehearsed.report, import.report);
    assert!(import.printed.contains("2 tickets, 4 messages (1 of them internal), "), "{}", import.printed);
    let told: Vec<_> = import
        .report
        .iter()
        .map(|l| format!("{} {} {}", l["weight"], l["id"], l["field"]).replace('"', ""))
        .collect();
    assert_eq!(
        told,
        [
            "leftOut  ",
            "refused 9003 email",
            "refused 35439 status",
            "refused 35438 requester",
            "leftOut 8 attachments"
        ],
        "{:#?}",
        import.report
    );
    let admin = server.web().sign_in("admin@acme.example").await;
    let tickets = admin.all("/api/tickets?sort=-number").await;
    let short: Vec<_> = tickets
        .iter()
        .map(|t| {
            (
                t["number"].as_i64().unwrap(),
                t["status"].as_str().unwrap(),
                t["messageCount"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(short, [(35_437, "waiting", 2), (35_436, "resolved", 2)], "its text is no comment once more");
    assert_eq!(tickets[1]["customFields"], json!({ "360001": "Basel" }));
    let notes = admin.all(&format!("/api/tickets/{}/messages", tickets[1]["id"].as_str().unwrap())).await;
    assert_eq!((&notes[1]["internal"], &notes[1]["author"]["name"]), (&json!(true), &json!("Ann")));
    let people = admin.all("/api/admin/users").await;
    let end = people.iter().find(|p| p["email"] == "end@acme.example").unwrap();
    assert_eq!((&end["active"], &end["invited"]), (&json!(false), &json!(true)));
    // Of those without a person somebody else is the requester, if the operator says so.
    let more = ["zendesk", "--tenant", "acme", folder, "--fallback-requester", "end@acme.example"];
    let more = Import::run(&server, &more).expect(3);
    assert!(more.printed.contains("took 0 people, 1 tickets, 0 messages"), "{}", more.printed);
    assert!(more.reason("35438", "requester").contains("End"));
}

#[tokio::test]
async fn what_is_no_json_is_refused_by_its_line() {
    let server = Server::new();
    server.create_company("acme");
    let path = server.folder().join("users.json");
    std::fs::write(&path, "{\"id\":1,\"email\":\"a@acme.example\",\"name\":\"A\"}\n{\"id\":2,\n").unwrap();
    let import = Import::run(&server, &["zendesk", "--tenant", "acme", path.to_str().unwrap()]).expect(1);
    assert!(import.said.contains("users.json") && import.said.contains("line 3"), "{}", import.said);
    let other = server.folder().join("things.json");
    std::fs::write(&other, "{\"id\":1}").unwrap();
    let import = Import::run(&server, &["zendesk", "--tenant", "acme", other.to_str().unwrap()]).expect(1);
    assert!(import.said.contains("users, tickets or comments"), "{}", import.said);
}
