//! What whoever sits at a terminal sees while an import runs.

use std::process::Command;

use serde_json::json;

use crate::{harness::Server, sources::Import};

/// Quotes a word for a shell.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A bar on a terminal, for the rehearsal as for the import; elsewhere nothing but what came of it.
#[test]
fn it_shows_how_far_it_is_on_a_terminal_alone() {
    let server = Server::new();
    server.create_company("acme");
    let users: Vec<_> = (1..=700)
        .map(|n| json!({ "id": n, "name": format!("P{n}"), "email": format!("p{n}@acme.example"), "role": "end-user" }))
        .collect();
    let path = server.folder().join("users.json");
    std::fs::write(&path, json!({ "users": users }).to_string()).unwrap();
    let arguments = ["zendesk", "--tenant", "acme", path.to_str().unwrap()];

    let piped = Import::run(&server, &[&arguments[..], &["--dry-run"]].concat()).expect(0);
    assert_eq!(piped.said, "", "nothing that is not a result");

    for (more, doing) in [(&["--dry-run"][..], "Rehearsing"), (&[], "Importing")] {
        let program = server.command(&[&["import"], &arguments[..], more].concat());
        let words = std::iter::once(program.get_program()).chain(program.get_args());
        let line: Vec<String> = words.map(|word| quote(word.to_str().unwrap())).collect();
        // Gives it a terminal.
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
        command.current_dir(server.folder()).env("TERM", "xterm").env("COLUMNS", "120");
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let output = command.stdin(std::process::Stdio::null()).output().unwrap();
        let seen = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{seen}");
        assert!(seen.contains("Reading") && seen.contains(doing) && seen.contains(" of 700"), "{seen:?}");
        assert!(seen.contains("700 people"), "{seen:?}");
    }
}
