//! Migrations: forward only, numbered, never edited once they have landed. Each file remembers which
//! texts were applied to it, and is refused if it knows one that this program does not.

use flowbit_domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use sha2::{Digest, Sha256};

/// One step of a schema.
pub(crate) struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../../migrations/sqlite/", $folder, "/", $name, ".sql")),
        }),+]
    };
}

/// The schema of a tenant's file. The first is number 1, and so on.
pub(crate) static TENANT: &[Migration] = migrations!(
    "tenant": "0001_desk", "0002_traces", "0003_imported", "0004_erasure", "0005_names", "0006_views", "0007_macros",
    "0008_fields", "0009_tags", "0010_teams", "0011_notices",
    "0012_aside", "0013_mail", "0014_attachments", "0015_settings", "0016_html",
);
/// The schema of the control file.
pub(crate) static CONTROL: &[Migration] = migrations!("control": "0001_control", "0002_erasures");

/// Why a file was not brought to this program's schema.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MigrationError {
    /// It knows more than this program.
    #[error("its schema has number {found}, this program knows up to {known}: a newer Flowbit has used it")]
    Newer { found: i64, known: usize },
    /// A text that was applied is not this program's text of that number.
    #[error("its migration {number} is not this program's {name}: it was made by a different build")]
    Different { number: i64, name: &'static str },
    /// It is no file of this kind at all.
    #[error("it has no schema of Flowbit's: it was emptied, or is another program's")]
    Foreign,
    /// It is to be read as it is, and is behind.
    #[error(
        "its schema has number {found}, this program needs {needed}: run `flowbit migrate` or `flowbit serve`"
    )]
    Behind { found: usize, needed: usize },
    /// A reference points nowhere after the migrations.
    #[error("after migrating, the table {0} refers to rows that do not exist")]
    Dangling(String),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] rusqlite::Error),
}

/// What may be done to a file that is not at the newest schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// It may be empty: make it from nothing.
    Create,
    /// It has a schema: add what is missing.
    Upgrade,
    /// Nothing.
    Check,
}

/// Brings a file to the newest schema, in one transaction. Foreign keys must be off, so that a
/// migration can rebuild a table that others refer to; they are checked before the commit.
pub(crate) fn migrate(
    conn: &mut Connection,
    migrations: &[Migration],
    step: Step,
    now: Timestamp,
) -> Result<(), MigrationError> {
    let applied = check_applied(conn, migrations, step)?;
    if applied == migrations.len() {
        return Ok(());
    }
    if step == Step::Check {
        return Err(MigrationError::Behind { found: applied, needed: migrations.len() });
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
           number     INTEGER PRIMARY KEY,
           name       TEXT NOT NULL,
           checksum   BLOB NOT NULL,
           applied_at INTEGER NOT NULL
         ) STRICT",
    )?;
    // Again, now that no other connection can be doing the same.
    let applied = check_applied(&tx, migrations, step)?;
    for (number, migration) in (1_i64..).zip(migrations).skip(applied) {
        tx.execute_batch(migration.sql)?;
        tx.execute(
            "INSERT INTO migrations (number, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            params![number, migration.name, checksum(migration), now.0],
        )?;
    }
    let dangling: Option<String> =
        tx.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)).optional()?;
    if let Some(table) = dangling {
        return Err(MigrationError::Dangling(table));
    }
    tx.commit()?;
    Ok(())
}

/// How many migrations the file has; they must be the first ones of `migrations`.
fn check_applied(conn: &Connection, migrations: &[Migration], step: Step) -> Result<usize, MigrationError> {
    let known: bool =
        conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'migrations')", [], |r| {
            r.get(0)
        })?;
    if !known {
        return if step == Step::Create { Ok(0) } else { Err(MigrationError::Foreign) };
    }
    let mut statement = conn.prepare("SELECT number, checksum FROM migrations ORDER BY number")?;
    let mut rows = statement.query([])?;
    let mut applied = 0;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let Some(migration) = migrations.get(applied) else {
            return Err(MigrationError::Newer { found: number, known: migrations.len() });
        };
        if row.get_ref(1)?.as_blob().ok() != Some(&checksum(migration)[..]) {
            return Err(MigrationError::Different { number, name: migration.name });
        }
        applied += 1;
    }
    if applied == 0 && step != Step::Create {
        return Err(MigrationError::Foreign);
    }
    Ok(applied)
}

fn checksum(migration: &Migration) -> [u8; 32] {
    Sha256::digest(migration.sql).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration { name: "0001_a", sql: "CREATE TABLE a (id INTEGER PRIMARY KEY)" };
    const SECOND: Migration = Migration {
        name: "0002_b",
        sql: "CREATE TABLE b (a INTEGER REFERENCES a (id)); INSERT INTO a VALUES (1)",
    };
    const DANGLING: Migration = Migration { name: "0003_c", sql: "INSERT INTO b VALUES (7)" };
    const NOW: Timestamp = Timestamp(0);

    fn fresh(migrations: &[Migration]) -> Connection {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        migrate(&mut conn, migrations, Step::Create, NOW).unwrap();
        conn
    }

    #[test]
    fn missing_steps_are_applied_once() {
        let mut conn = fresh(&[FIRST]);
        for _ in 0..2 {
            migrate(&mut conn, &[FIRST, SECOND], Step::Upgrade, NOW).unwrap();
        }
        let rows: i64 = conn.query_row("SELECT count(*) FROM a", [], |r| r.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_file_of_a_newer_or_different_program_is_refused() {
        let mut conn = fresh(&[FIRST, SECOND]);
        let refused = migrate(&mut conn, &[FIRST], Step::Upgrade, NOW);
        assert!(matches!(refused, Err(MigrationError::Newer { found: 2, known: 1 })), "{refused:?}");
        let refused = migrate(&mut conn, &[SECOND, FIRST], Step::Upgrade, NOW);
        assert!(matches!(refused, Err(MigrationError::Different { number: 1, .. })), "{refused:?}");
    }

    #[test]
    fn an_emptied_file_is_not_made_anew() {
        let mut conn = Connection::open_in_memory().unwrap();
        let refused = migrate(&mut conn, &[FIRST], Step::Upgrade, NOW);
        assert!(matches!(refused, Err(MigrationError::Foreign)), "{refused:?}");
    }

    #[test]
    fn a_reader_changes_nothing() {
        let mut conn = fresh(&[FIRST]);
        let refused = migrate(&mut conn, &[FIRST, SECOND], Step::Check, NOW);
        assert!(matches!(refused, Err(MigrationError::Behind { found: 1, needed: 2 })), "{refused:?}");
    }

    #[test]
    fn a_migration_that_breaks_references_is_undone() {
        let mut conn = fresh(&[FIRST, SECOND]);
        let refused = migrate(&mut conn, &[FIRST, SECOND, DANGLING], Step::Upgrade, NOW);
        assert!(matches!(&refused, Err(MigrationError::Dangling(t)) if t == "b"), "{refused:?}");
        migrate(&mut conn, &[FIRST, SECOND], Step::Check, NOW).unwrap();
    }
}
