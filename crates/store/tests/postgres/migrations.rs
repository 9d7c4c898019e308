//! What a migration may do to a database in use: add. Nothing that the nodes of the release before need goes, and
//! no table that people work on is rewritten or locked for long, unless the migration says why that is no matter.
//!
//! A line `-- squawk-ignore RULE -- reason` lets one statement pass; one that takes something away must also say
//! so to the nodes, by a line `-- contract: reason`.

use std::{fs, path::Path};

use squawk_linter::{Linter, Rule};
use squawk_syntax::SourceFile;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
const IGNORE: &str = "squawk-ignore";
const CONTRACT: &str = "-- contract: ";

/// Not asked for: a migration is recorded, so it need not bear to be run twice; the script that it is part of has
/// time-outs.
const WITHOUT: [Rule; 4] = [
    Rule::PreferRobustStmts,
    Rule::RequireTimeoutSettings,
    Rule::RequireLockTimeout,
    Rule::RequireStatementTimeout,
];
/// What nodes that do not know of it may stumble over.
const CONTRACTS: [Rule; 12] = [
    Rule::BanDropColumn,
    Rule::BanDropTable,
    Rule::BanDropDefault,
    Rule::BanDropFunction,
    Rule::BanDropView,
    Rule::BanDropType,
    Rule::RenamingColumn,
    Rule::RenamingTable,
    Rule::RenamingObject,
    Rule::ChangingColumnType,
    Rule::AddingRequiredField,
    Rule::AddingNotNullableField,
];

fn lint(sql: &str) -> Vec<(Rule, String)> {
    let file = SourceFile::parse(sql);
    let faults = file.errors();
    assert!(faults.is_empty(), "{faults:?}");
    let mut linter = Linter::with_rules(&CONTRACTS, &WITHOUT);
    linter.settings.assume_in_transaction = true;
    let found = linter.lint(&file, sql);
    found.into_iter().map(|v| (v.code, format!("{} at {:?}", v.message, v.text_range))).collect()
}

/// What is wrong with a migration's text.
fn check(sql: &str) -> Vec<String> {
    let mut wrong: Vec<String> =
        lint(sql).into_iter().map(|(rule, text)| format!("{rule:?}: {text}")).collect();
    let mut silenced = false;
    for line in sql.lines().filter(|line| line.contains(IGNORE)) {
        silenced = true;
        let reason = line.split_once(IGNORE).and_then(|(_, rest)| rest.split_once(" -- "));
        if reason.is_none_or(|(_, reason)| reason.trim().is_empty()) {
            wrong.push(format!("no reason: {line}"));
        }
    }
    let says_so =
        sql.lines().any(|line| line.strip_prefix(CONTRACT).is_some_and(|why| !why.trim().is_empty()));
    if silenced && !says_so {
        let all = lint(&sql.replace(IGNORE, "lint-would-say"));
        wrong.extend(
            all.into_iter()
                .filter(|(rule, _)| CONTRACTS.contains(rule))
                .map(|(rule, text)| format!("{rule:?}, and no line `{CONTRACT}`: {text}")),
        );
    }
    wrong
}

#[test]
fn migrations_only_add() {
    let mut names: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    names.sort();
    for (number, name) in (1..).zip(&names) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is not the next number");
        let wrong = check(&fs::read_to_string(Path::new(FOLDER).join(name)).unwrap());
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
    }
    // None is left out of what is applied.
    let script = flowbit_store::script("flowbit").unwrap();
    for name in &names {
        let name = name.trim_end_matches(".sql");
        assert!(script.contains(&format!("'{name}'")), "{name} is not applied");
    }
}

#[test]
fn what_takes_away_rewrites_or_locks_is_refused() {
    for (sql, rule) in [
        ("ALTER TABLE flowbit.tickets DROP COLUMN tags;", "BanDropColumn"),
        ("DROP TABLE flowbit.tickets;", "BanDropTable"),
        ("ALTER TABLE flowbit.tickets RENAME COLUMN tags TO labels;", "RenamingColumn"),
        ("ALTER TABLE flowbit.tickets RENAME TO requests;", "RenamingTable"),
        ("ALTER TABLE flowbit.tickets ALTER COLUMN number TYPE numeric;", "ChangingColumnType"),
        ("ALTER TABLE flowbit.tickets ADD COLUMN mood text NOT NULL;", "AddingRequiredField"),
        ("ALTER TABLE flowbit.tickets ALTER COLUMN tags SET NOT NULL;", "AddingNotNullableField"),
        (
            "ALTER TABLE flowbit.tickets ADD COLUMN id2 uuid DEFAULT gen_random_uuid();",
            "AddingFieldWithDefault",
        ),
        (
            "CREATE INDEX tickets_by_tag ON flowbit.tickets (tenant_id, tags);",
            "RequireConcurrentIndexCreation",
        ),
        ("ALTER TABLE flowbit.tickets ADD CONSTRAINT c CHECK (number > 0);", "ConstraintMissingNotValid"),
        (
            "ALTER TABLE flowbit.tickets ADD CONSTRAINT f FOREIGN KEY (tenant_id, id) REFERENCES flowbit.users (tenant_id, id);",
            "AddingForeignKeyConstraint",
        ),
        (
            "ALTER TABLE flowbit.tickets ADD CONSTRAINT u UNIQUE (tenant_id, title);",
            "DisallowedUniqueConstraint",
        ),
    ] {
        let wrong = check(sql);
        assert!(wrong.iter().any(|text| text.starts_with(rule)), "{sql}: {wrong:?}");
    }
    for sql in [
        "ALTER TABLE flowbit.tickets ADD COLUMN mood text;",
        "ALTER TABLE flowbit.tickets ADD COLUMN calm boolean NOT NULL DEFAULT true;",
        "CREATE TABLE flowbit.moods (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
         CREATE INDEX moods_by_id ON flowbit.moods (tenant_id, id);",
    ] {
        assert_eq!(check(sql), [""; 0], "{sql}");
    }
}

#[test]
fn an_exception_has_its_reason_and_nodes_are_told() {
    let bare = "-- squawk-ignore ban-drop-column\nALTER TABLE flowbit.tickets DROP COLUMN tags;";
    assert_eq!(check(bare).len(), 2, "{:?}", check(bare));
    let reasoned = "-- squawk-ignore ban-drop-column -- nobody has read it since 1.4\nALTER TABLE flowbit.tickets DROP COLUMN tags;";
    assert!(check(reasoned)[0].starts_with("BanDropColumn, and no line"), "{:?}", check(reasoned));
    assert_eq!(check(&format!("-- contract: 1.3 still reads it\n{reasoned}")), [""; 0]);
}
