//! People and tickets as tables.

use serde_json::json;

use crate::{harness::Server, sources::Import};

fn write(server: &Server, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = server.folder().join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn tables_of_a_spreadsheet_move_in() {
    let server = Server::with_companies(&["acme"]).await;
    let people = write(
        &server,
        "people.csv",
        "\u{feff}E-Mail;Name;Role;Phone\r\nanna@acme.example;\"Anna; \"\"die Erste\"\"\";agent;1\r\nbert@acme.example;Bert;;2\r\n",
    );
    let tickets = write(
        &server,
        "tickets.csv",
        "Id;Betreff;Text;Status;Requester;Assignee;Tags;Created;Kostenstelle\n\
         17;Drucker brennt;\"Zeile 1\nZeile 2 mit Größe\";in Arbeit;bert@acme.example;anna@acme.example;\"feuer, drucker\";2026-01-31 09:15;4711\n\
         18;Leer;;open;niemand@acme.example;;;2026-02-01T00:00:00Z;\n",
    );
    let arguments = [
        "csv",
        "--tenant",
        "acme",
        "--people",
        &people,
        "--tickets",
        &tickets,
        "--map",
        "ticket.title=Betreff",
        "--map",
        "ticket.custom.costCentre=Kostenstelle",
        "--map",
        "status:in Arbeit=in_progress",
        "--time-zone",
        "Europe/Berlin",
    ];
    let import = Import::run(&server, &arguments).expect(3);
    let short: Vec<_> =
        import.short().into_iter().map(|(weight, kind, _, field)| (weight, kind, field)).collect();
    let line = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(
        short,
        [
            line("leftOut", "source", ""),
            line("changed", "user", "role"),
            line("refused", "ticket", "requester")
        ],
        "{:#?}",
        import.report
    );
    assert_eq!(import.report[2]["at"], 4, "the line of a row behind one of two lines");
    let admin = server.web().sign_in("admin@acme.example").await;
    let tickets = admin.all("/api/tickets").await;
    assert_eq!(tickets.len(), 1);
    let ticket = &tickets[0];
    assert_eq!((&ticket["number"], &ticket["status"]), (&json!(17), &json!("in_progress")));
    assert_eq!(ticket["description"], "Zeile 1\nZeile 2 mit Größe");
    assert_eq!(ticket["createdAt"], "2026-01-31T08:15:00.000Z");
    assert_eq!(ticket["tags"], json!(["drucker", "feuer"]));
    assert_eq!(ticket["customFields"], json!({ "costCentre": "4711" }));
    assert_eq!(ticket["assignee"]["name"], "Anna; \"die Erste\"");
    // Again, and the missing person has come.
    let people = write(&server, "more.csv", "email,name\nniemand@acme.example,Niemand\n");
    let mut again = arguments.to_vec();
    again[4] = &people;
    let again = Import::run(&server, &again).expect(0);
    assert!(
        again.printed.contains("took 1 people, 1 tickets, 0 messages, 0 entries of history; 1 were there"),
        "{}",
        again.printed
    );
}

#[tokio::test]
async fn tables_that_are_none_are_refused_by_line_before_anything_is_written() {
    let server = Server::new();
    server.create_company("acme");
    let head = "email,name\n";
    for (bytes, told) in [
        (b"email,name\nanna@acme.example,Anna\nm\xfcller@acme.example,M\xfcller\n".to_vec(), "line 3"),
        (b"\xff\xfee\0m\0".to_vec(), "UTF-16"),
        (b"name,phone\nAnna,1\n".to_vec(), "no column is the email"),
        (b"".to_vec(), "no names of columns"),
        (b"email,email\n".to_vec(), "two columns"),
    ] {
        let people = write(&server, "people.csv", bytes);
        let import = Import::run(&server, &["csv", "--tenant", "acme", "--people", &people]).expect(1);
        assert!(import.said.contains(told) && import.said.contains("people.csv"), "{told}: {}", import.said);
    }
    let ragged = format!("{head}a@acme.example,A,too much\n\"b@acme.example,B\nc@acme.example,C\n");
    let people = write(&server, "people.csv", ragged);
    let import = Import::run(&server, &["csv", "--tenant", "acme", "--people", &people]).expect(3);
    let lines: Vec<_> = import.report.iter().map(|line| (&line["weight"], &line["at"])).collect();
    assert_eq!(
        lines,
        [(&json!("refused"), &json!(2)), (&json!("refused"), &json!(3))],
        "{:#?}",
        import.report
    );
    let csv = write(&server, "people.csv", format!("{head}=a@acme.example,A\n\n"));
    let table = ["import", "csv", "--tenant", "acme", "--people", &csv, "--report", "report.csv"];
    let output = server.run(&table, "");
    assert!(output.status.success(), "{output:?}");
    let nobody = Import::run(&server, &["csv", "--tenant", "nobody", "--people", &csv]).expect(1);
    assert!(nobody.said.contains("no tenant"), "{}", nobody.said);
    Import::run(&server, &["csv", "--tenant", "acme"]).expect(2);
    Import::run(&server, &["csv", "--tenant", "acme", "--people", &csv, "--map", "user.size=x"]).expect(2);
}

#[tokio::test]
async fn an_id_is_its_sources_own_and_a_report_its_owners() {
    let server = Server::with_companies(&["acme"]).await;
    let tickets = write(
        &server,
        "tickets.csv",
        "id,title,requester,status,created\n1,Same id,admin@acme.example,open,2026-01-01T00:00:00Z\n",
    );
    let arguments = ["csv", "--tenant", "acme", "--tickets", &tickets];
    let took = |tickets: u32, known: u32| {
        format!("took 0 people, {tickets} tickets, 0 messages, 0 entries of history; {known} were there")
    };
    for (source, expected) in [(None, took(1, 0)), (None, took(0, 1)), (Some("other"), took(1, 0))] {
        let source = source.map_or(vec![], |name| vec!["--source", name]);
        let report = server.folder().join("first.csv");
        let report = report.to_str().unwrap();
        let arguments = [&["import"], &arguments[..], &source, &["--report", report]].concat();
        let output = server.run(&arguments, "");
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(&expected), "{output:?}");
        if let Ok(text) = std::fs::read_to_string(report) {
            // The second source's number was taken by the first's.
            assert!(
                text.starts_with(
                    "weight,customer,file,at,kind,id,field,reason\nchanged,acme,tickets.csv,2,ticket,1,"
                ),
                "{text}"
            );
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(report).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    // What is there is not written over, and a name is checked.
    let report = server.folder().join("first.csv");
    let again =
        server.run(&[&["import"], &arguments[..], &["--report", report.to_str().unwrap()]].concat(), "");
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    Import::run(&server, &[&arguments[..], &["--source", "Not Good"]].concat()).expect(2);
    let admin = server.web().sign_in("admin@acme.example").await;
    let numbers: Vec<_> =
        admin.all("/api/tickets?sort=number").await.iter().map(|t| t["number"].clone()).collect();
    assert_eq!(numbers, [json!(1), json!(2)]);
}
