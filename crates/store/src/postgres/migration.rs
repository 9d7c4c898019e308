//! Migrations: forward only, numbered, never edited once they have landed. They are one script, made here,
//! which `flowbit migrate` runs and `flowbit migrate --print-sql` prints: roles and schemas, the migrations
//! that are missing, and the protection of every table. It can be run again and again, and takes effect
//! whole or not at all.
//!
//! Nodes of the release before still serve while a migration is applied and after it. So it may only add; what
//! is not needed any more goes a release later, in a migration that says so in a line of its own that begins
//! with [`CONTRACT`]. Nodes that do not know that one are then not ready any more. A linter goes through all of
//! them in the tests.

use sha2::{Digest, Sha256};

use super::address::DatabaseAddress;
use crate::options::OpenError;

/// One step of the schema.
struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        &[$(Migration { name: $name, sql: include_str!(concat!("../../migrations/postgres/", $name, ".sql")) }),+]
    };
}

/// The first is number 1, and so on.
static MIGRATIONS: &[Migration] = migrations!(
    "0001_desk",
    "0002_nodes",
    "0003_changes",
    "0004_traces",
    "0005_imported",
    "0006_coming_and_going",
    "0007_views",
    "0008_macros",
    "0009_fields",
    "0010_tags",
    "0011_search_pending",
    "0012_teams",
    "0013_notices",
    "0014_names",
    "0015_aside",
    "0016_mail",
    "0017_attachments",
    "0018_settings",
    "0019_html"
);
const ROLES: &str = include_str!("../../migrations/postgres/roles.sql");
const PROTECTION: &str = include_str!("../../migrations/postgres/protection.sql");

/// The role that owns everything and that nobody signs in as.
pub(crate) const OWNER: &str = "flowbit_owner";
/// The role as which words are looked up.
pub(crate) const SEARCH: &str = "flowbit_search";

/// Begins the line by which a migration says that programs which do not know it can't work after it, and why
/// that is no matter.
pub(crate) const CONTRACT: &str = "-- contract:";

/// How many migrations this program knows.
pub(crate) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

fn checksum(migration: &Migration) -> String {
    use std::fmt::Write;
    Sha256::digest(migration.sql).iter().fold(String::new(), |mut text, byte| {
        // Writing into a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The checksums of the migrations, in order.
pub(crate) fn checksums() -> impl Iterator<Item = String> {
    MIGRATIONS.iter().map(checksum)
}

/// Whether a name can stand in a script as it is. Others are refused rather than quoted: they would have
/// to be typed with quotes ever after.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
    first && name.len() <= 63 && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The script for a database in which the server connects as `app`. It is to be run by an admin who may make
/// roles, connected to the database itself.
///
/// # Errors
/// When the role's name is not plain, or is that of another role.
pub fn script(app: &str) -> Result<String, OpenError> {
    if !is_plain(app) || [OWNER, SEARCH, "postgres"].contains(&app) {
        return Err(OpenError::Setting {
            key: "the user of the database's address",
            value: format!("{app:?}"),
            allowed: "a role of its own whose name has only lower-case letters, digits and _".to_owned(),
        });
    }
    let mut script = format!(
        "-- Flowbit's roles, schema and protection for PostgreSQL, made by `flowbit migrate --print-sql`.\n\
         -- Run it as an admin, in the database itself:\n\
         --   psql --single-transaction --set ON_ERROR_STOP=1 --file THIS --dbname DATABASE\n\
         -- The server signs in as {app}; if that role is new, give it a password (\\password {app}).\n\n"
    );
    script.push_str(&ROLES.replace("{app_text}", &format!("'{app}'")).replace("{app}", app));
    script.push_str("\n-- The migrations that are missing.\n\nDO $flowbit$\nBEGIN\n");
    let known = known();
    script.push_str(&format!(
        "  IF EXISTS (SELECT FROM flowbit_control.migrations m WHERE m.number > {known}) THEN\n    \
         RAISE EXCEPTION 'the schema has more migrations than this program knows ({known}): a newer Flowbit has used it';\n  \
         END IF;\n"
    ));
    for (number, migration) in (1..).zip(MIGRATIONS) {
        let (name, checksum) = (migration.name, checksum(migration));
        let contracts = migration.sql.lines().any(|line| line.starts_with(CONTRACT));
        script.push_str(&format!(
            "  IF EXISTS (SELECT FROM flowbit_control.migrations m WHERE m.number = {number} AND m.checksum <> '{checksum}') THEN\n    \
             RAISE EXCEPTION 'the migration {name} that was applied is not this program''s';\n  \
             END IF;\n  \
             IF NOT EXISTS (SELECT FROM flowbit_control.migrations m WHERE m.number = {number}) THEN\n\
             EXECUTE $flowbit_migration$\n{}$flowbit_migration$;\n    \
             INSERT INTO flowbit_control.migrations (number, name, checksum, contracts)\n      \
             VALUES ({number}, '{name}', '{checksum}', {contracts});\n  \
             END IF;\n",
            migration.sql
        ));
    }
    script.push_str("END $flowbit$;\n\n");
    script.push_str(&PROTECTION.replace("{app}", app));
    Ok(script)
}

/// Makes the database if it is missing, the roles, the schema and its protection, as an admin. What is there
/// is left as it is. The password in the server's address becomes that of its role.
///
/// # Errors
/// [`OpenError`], in words for an operator.
pub async fn migrate(admin: &DatabaseAddress, server: &DatabaseAddress) -> Result<(), OpenError> {
    let script = script(server.user())?;
    make_database(admin, server.database()).await?;
    let database = admin.with_database(server.database());
    let client = Admin::connect(&database).await?;
    // Multiple statements of one message are one transaction.
    client.run("migrating", &script).await?;
    if let Some(password) = server.config().get_password() {
        // The server of the database gets no more than what it needs to verify it, not even in its log.
        let verifier = postgres_protocol::password::scram_sha_256(password);
        let sql = format!("ALTER ROLE {} PASSWORD '{verifier}'", server.user());
        client.run("setting the password of the server's role", &sql).await?;
    }
    Ok(())
}

async fn make_database(admin: &DatabaseAddress, name: &str) -> Result<(), OpenError> {
    if admin.database() == name {
        return Ok(());
    }
    let client = Admin::connect(admin).await?;
    let found = client.client.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await;
    if found.map_err(|e| client.failed("looking for the database", &e))?.is_some() {
        return Ok(());
    }
    if !is_plain(name) {
        return Err(OpenError::Setting {
            key: "the database of the address",
            value: format!("{name:?}"),
            allowed: "one that exists, or a name of lower-case letters, digits and _".to_owned(),
        });
    }
    let sql = format!("CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0");
    client.run("making the database", &sql).await
}

struct Admin {
    client: tokio_postgres::Client,
    address: String,
}

impl Admin {
    async fn connect(address: &DatabaseAddress) -> Result<Self, OpenError> {
        let shown = address.to_string();
        let failed = |cause| OpenError::Engine { what: format!("connecting to {shown}"), cause };
        let tls = super::tls::connector(address).map_err(failed)?;
        let connected = address.config().connect(tls).await;
        let (client, connection) = connected.map_err(|e| failed(super::statement::describe(&e)))?;
        tokio::spawn(async move {
            // What ends it fails the statement that is being run.
            let _ = connection.await;
        });
        Ok(Self { client, address: shown })
    }

    fn failed(&self, what: &str, e: &tokio_postgres::Error) -> OpenError {
        OpenError::Engine {
            what: format!("{what} in {}", self.address),
            cause: super::statement::describe(e),
        }
    }

    async fn run(&self, what: &str, sql: &str) -> Result<(), OpenError> {
        self.client.batch_execute(sql).await.map_err(|e| self.failed(what, &e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_names_the_role_and_only_plain_roles_are_taken() {
        let script = script("desk_app").unwrap();
        assert!(!script.contains("{app"), "a placeholder is left");
        assert!(script.contains("GRANT EXECUTE ON FUNCTION flowbit.search_tickets(text) TO desk_app;"));
        for name in ["", "Desk", "a b", "a;--", "a'b", "flowbit_owner", "flowbit_search", "postgres", "1a"] {
            assert!(super::script(name).is_err(), "{name}");
        }
    }
}
