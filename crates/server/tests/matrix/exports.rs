//! Exports and signing out: what the table's rows don't reach.

use reqwest::Method;

use crate::{MISSING, company::Desk, harness::client::Request};

#[tokio::test]
async fn an_export_is_for_admins_and_holds_nothing_of_another_company() {
    let desk = Desk::open().await;
    let (ours, theirs) = (&desk.ours, &desk.theirs);
    for format in ["ndjson", "csv"] {
        let path = |query: &str| format!("/api/admin/audit?format={format}{query}");
        ours.admin.web.get(&path("")).await.expect_problem(401, "unauthenticated");
        for person in [&ours.user, &ours.agent] {
            person.get(&path("")).await.expect_problem(403, "forbidden");
        }
        let all = ours.admin.get(&path("")).await;
        assert_eq!(all.status, 200, "{all:?}");
        let text = all.text();
        assert!(text.contains(&ours.ticket) && text.contains(&ours.user.id), "{format} is of the company");
        for foreign in [&theirs.user.company, &theirs.ticket, &theirs.user.id, &theirs.admin.id] {
            assert!(!text.contains(foreign.as_str()), "{format} has {foreign}");
        }
        // Another's ticket or person is as good as none.
        for (name, foreign) in [("ticketId", &theirs.ticket), ("userId", &theirs.agent.id)] {
            let found = ours.admin.get(&path(&format!("&{name}={foreign}"))).await;
            let missing = ours.admin.get(&path(&format!("&{name}={MISSING}"))).await;
            assert_eq!((found.status, &found.body), (200, &missing.body), "{format} by {name}");
        }
    }
}

#[tokio::test]
async fn signing_out_ends_nobody_elses_session() {
    let desk = Desk::open().await;
    let (ours, theirs) = (&desk.ours, &desk.theirs);
    let [head, _, tail] = [0, 1, 2].map(|part| ours.user.refresh.split('.').nth(part).unwrap_or_default());
    let middle = theirs.user.refresh.split('.').nth(1).unwrap_or_default();
    // Somebody else's claims under one's own signature.
    let spliced = format!("{head}.{middle}.{tail}");
    let logout = |cookie: &str| {
        let request = Request::new(Method::POST, "/api/auth/logout");
        request.header("cookie", &format!("flowbit_refresh={cookie}"))
    };
    let web = &ours.user.web;
    web.send(&logout(&spliced)).await.expect_empty(204);
    web.send(&logout(&spliced).bearer(&ours.user.token)).await.expect_empty(204);
    ours.user.get("/api/me").await.expect_problem(401, "unauthenticated");
    for person in [&ours.agent, &ours.admin, &theirs.user, &theirs.agent, &theirs.admin] {
        person.get("/api/me").await.expect(200);
    }
}
