//! What is made by `migrate`, and what a server refuses to work on.

use std::sync::Arc;

use flowbit_cluster::{Cluster, Database, Durability};
use flowbit_store::{DatabaseAddress, OpenError, migrate, script};
use tokio_postgres::Client;

use crate::support::{APP, database, found, open, open_at};

/// A cluster of this test's own: roles belong to all databases of one.
async fn migrated() -> (Arc<Cluster>, Database) {
    let cluster = Arc::new(Cluster::start(Durability::None).unwrap());
    let database = Database::make(Arc::clone(&cluster), &script(APP).unwrap()).await.unwrap();
    (cluster, database)
}

async fn refused(database: &Database) -> Option<String> {
    match open_at(&database.address(APP), |o| o.connections = 1).await {
        Ok(store) => {
            store.close().await;
            None
        }
        Err(OpenError::Unprotected(why) | OpenError::Schema(why)) => Some(why),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_role_or_a_table_that_would_let_tenants_see_each_other_is_refused() {
    let (_cluster, database) = migrated().await;
    let admin = database.connect("postgres").await.unwrap();
    assert_eq!(refused(&database).await, None, "as it was made it is fine");
    for (harm, undo, says) in [
        ("ALTER ROLE flowbit SUPERUSER", "ALTER ROLE flowbit NOSUPERUSER", "is a superuser"),
        ("ALTER ROLE flowbit BYPASSRLS", "ALTER ROLE flowbit NOBYPASSRLS", "bypasses row level security"),
        ("ALTER ROLE flowbit CREATEROLE", "ALTER ROLE flowbit NOCREATEROLE", "may make roles"),
        ("ALTER ROLE flowbit CREATEDB", "ALTER ROLE flowbit NOCREATEDB", "may make databases"),
        ("ALTER ROLE flowbit REPLICATION", "ALTER ROLE flowbit NOREPLICATION", "replica"),
        ("GRANT flowbit_owner TO flowbit", "REVOKE flowbit_owner FROM flowbit", "flowbit_owner, which owns something"),
        ("GRANT flowbit_search TO flowbit", "REVOKE flowbit_search FROM flowbit", "flowbit_search, which owns something"),
        ("GRANT pg_read_all_data TO flowbit", "REVOKE pg_read_all_data FROM flowbit", "pg_read_all_data, which"),
        (
            "CREATE ROLE between NOINHERIT; GRANT flowbit_owner TO between; GRANT between TO flowbit",
            "DROP ROLE between",
            "flowbit_owner, which owns something",
        ),
        ("ALTER TABLE flowbit.tickets OWNER TO flowbit", "ALTER TABLE flowbit.tickets OWNER TO flowbit_owner", "it owns something"),
        ("GRANT CREATE ON SCHEMA flowbit TO flowbit", "REVOKE CREATE ON SCHEMA flowbit FROM flowbit", "may make things"),
        ("GRANT TEMPORARY ON DATABASE {db} TO flowbit", "REVOKE TEMPORARY ON DATABASE {db} FROM flowbit", "may make TEMPORARY things"),
        ("GRANT CREATE ON DATABASE {db} TO PUBLIC", "REVOKE CREATE ON DATABASE {db} FROM PUBLIC", "may make schemas"),
        ("GRANT DELETE ON flowbit.events TO flowbit", "REVOKE DELETE ON flowbit.events FROM flowbit", "may DELETE events"),
        ("GRANT TRUNCATE ON flowbit.events TO flowbit", "REVOKE TRUNCATE ON flowbit.events FROM flowbit", "may TRUNCATE events"),
        ("GRANT UPDATE ON flowbit.events TO flowbit", "REVOKE UPDATE ON flowbit.events FROM flowbit", "may UPDATE events"),
        ("ALTER ROLE flowbit SET search_path = public", "ALTER ROLE flowbit SET search_path = flowbit, pg_temp", "looks for names in public"),
        ("ALTER TABLE flowbit.users NO FORCE ROW LEVEL SECURITY", "ALTER TABLE flowbit.users FORCE ROW LEVEL SECURITY", "flowbit.users has no forced"),
        ("ALTER TABLE flowbit.users DISABLE ROW LEVEL SECURITY", "ALTER TABLE flowbit.users ENABLE ROW LEVEL SECURITY", "flowbit.users has no forced"),
        ("CREATE TABLE flowbit.bare (id int)", "DROP TABLE flowbit.bare", "flowbit.bare has no tenant_id"),
        ("CREATE TABLE public.bare (tenant_id uuid NOT NULL)", "DROP TABLE public.bare", "public.bare has no forced"),
        ("CREATE POLICY more ON flowbit.users USING (true)", "DROP POLICY more ON flowbit.users", "flowbit.users has other policies"),
        ("CREATE POLICY more ON flowbit.users TO flowbit USING (true)", "DROP POLICY more ON flowbit.users", "it has a policy of its own"),
        (
            "DROP POLICY tenant ON flowbit.users",
            "CREATE POLICY tenant ON flowbit.users USING (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))
             WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))",
            "flowbit.users has other policies",
        ),
        ("ALTER POLICY tenant ON flowbit.users WITH CHECK (true)",
         "ALTER POLICY tenant ON flowbit.users WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant', true), '')::uuid))",
         "flowbit.users has other policies"),
        ("CREATE VIEW flowbit.everything AS SELECT * FROM flowbit.tickets", "DROP VIEW flowbit.everything", "is a view"),
        (
            "CREATE FUNCTION public.leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM flowbit.tickets'",
            "DROP FUNCTION public.leak()",
            "leak() runs with another's rights",
        ),
        (
            "DELETE FROM flowbit_control.migrations",
            "INSERT INTO flowbit_control.migrations SELECT * FROM kept",
            "has number 0, this program needs",
        ),
        (
            "INSERT INTO flowbit_control.migrations (number, name, checksum, contracts) VALUES (99, '', '', true)",
            "DELETE FROM flowbit_control.migrations WHERE number = 99",
            "has number 99, this program knows up to",
        ),
        (
            "UPDATE flowbit_control.migrations SET checksum = 'x'",
            "UPDATE flowbit_control.migrations m SET checksum = kept.checksum FROM kept WHERE kept.number = m.number",
            "is not this program's",
        ),
    ] {
        admin.batch_execute("CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT * FROM flowbit_control.migrations").await.unwrap();
        let named = |sql: &str| sql.replace("{db}", database.name());
        let (harm, undo) = (named(harm), named(undo));
        admin.batch_execute(&harm).await.unwrap();
        let why = refused(&database).await.unwrap_or_else(|| panic!("{harm}: it was taken"));
        assert!(why.contains(says), "{harm}: {why}");
        admin.batch_execute(&undo).await.unwrap();
        assert_eq!(refused(&database).await, None, "{undo}");
    }
    // The owner itself, and an admin, are no roles to serve with.
    for role in ["postgres"] {
        let opened = open_at(&database.address(role), |_| {}).await;
        assert!(
            matches!(&opened, Err(OpenError::Unprotected(why)) if why.contains("superuser")),
            "{opened:?}"
        );
    }
}

async fn shape(client: &Client) -> Vec<String> {
    let sql = "SELECT format('%s %s %s %s', n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner)) FROM pg_class c
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname LIKE 'flowbit%'
               UNION ALL SELECT format('%s %s %s %s', polrelid::regclass, polname, polroles::regrole[], pg_get_expr(polqual, polrelid)) FROM pg_policy
               UNION ALL SELECT format('%s %s', oid::regclass, relacl) FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'flowbit%'
               UNION ALL SELECT format('%s %s %s', oid::regprocedure, pg_get_userbyid(proowner), proacl) FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'flowbit%'
               ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn migrate_makes_everything_and_again_changes_nothing() {
    let cluster = Arc::new(Cluster::start(Durability::None).unwrap());
    let admin: DatabaseAddress = cluster.address("postgres", "postgres").parse().unwrap();
    // By the port, where a password is asked for.
    let server = format!("postgresql://desk_app:s3cret-pass@127.0.0.1:{}/desk", cluster.port());
    let address: DatabaseAddress = server.parse().unwrap();
    migrate(&admin, &address).await.unwrap();
    let (client, connection) =
        tokio_postgres::connect(&cluster.address("postgres", "desk"), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let made = shape(&client).await;
    assert!(made.len() > 50);
    migrate(&admin, &address).await.unwrap();
    assert_eq!(shape(&client).await, made);

    let store = open_at(&server, |_| {}).await.unwrap();
    let (a, ticket) = found(&store, "alpha").await;
    migrate(&admin, &address).await.unwrap();
    assert!(store.write(&a.ctx, a.raise("After a migration")).await.unwrap().answer.number > ticket.number);
    let wrong = format!("postgresql://desk_app:hunter2@127.0.0.1:{}/desk", cluster.port());
    let refused = open_at(&wrong, |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains("password authentication failed") && !refused.contains("hunter2"), "{refused}");
    // The password itself never stood in a statement.
    let stored =
        client.query_one("SELECT rolpassword FROM pg_authid WHERE rolname = 'desk_app'", &[]).await.unwrap();
    assert!(stored.get::<_, String>(0).starts_with("SCRAM-SHA-256$"));
}

#[tokio::test]
async fn an_admin_who_is_no_superuser_can_migrate() {
    let cluster = Arc::new(Cluster::start(Durability::None).unwrap());
    let (client, connection) =
        tokio_postgres::connect(&cluster.address("postgres", "postgres"), tokio_postgres::NoTls)
            .await
            .unwrap();
    tokio::spawn(connection);
    client.batch_execute("CREATE ROLE operator LOGIN CREATEROLE CREATEDB").await.unwrap();
    let admin: DatabaseAddress = cluster.address("operator", "postgres").parse().unwrap();
    let address: DatabaseAddress = cluster.address(APP, "desk").parse().unwrap();
    for _ in 0..2 {
        migrate(&admin, &address).await.unwrap();
    }
    let store = open_at(&cluster.address(APP, "desk"), |_| {}).await.unwrap();
    found(&store, "alpha").await;
}

#[tokio::test]
async fn the_script_for_psql_makes_the_same() {
    let database = database().await;
    let superuser = database.connect("postgres").await.unwrap();
    let made = shape(&superuser).await;
    let by_psql = Database::make_empty(Arc::clone(database.cluster())).await.unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), script(APP).unwrap()).unwrap();
    for _ in 0..2 {
        let ran = std::process::Command::new("psql")
            .args(["--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", "--dbname"])
            .arg(by_psql.address("postgres"))
            .arg("--file")
            .arg(file.path())
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    assert_eq!(shape(&by_psql.connect("postgres").await.unwrap()).await, made);
    let store = open_at(&by_psql.address(APP), |_| {}).await.unwrap();
    found(&store, "alpha").await;
}

#[tokio::test]
async fn an_empty_database_is_refused_with_what_to_do() {
    let database = Database::make_empty(database().await.cluster().clone()).await.unwrap();
    let refused = open_at(&database.address(APP), |_| {}).await;
    assert!(
        matches!(&refused, Err(OpenError::Schema(why)) if why.contains("flowbit migrate")),
        "{refused:?}"
    );
}

/// During a rolling update the newer nodes' migration is applied under the older ones.
#[tokio::test]
async fn a_schema_that_only_grew_is_served_and_one_too_new_or_too_old_is_told() {
    let database = database().await;
    let store = open(&database, |_| {}).await;
    let (a, _) = found(&store, "alpha").await;
    let admin = database.connect("postgres").await.unwrap();
    admin
        .batch_execute(
            "ALTER TABLE flowbit.tickets ADD COLUMN mood text;
             INSERT INTO flowbit_control.migrations (number, name, checksum, contracts) VALUES (99, '', '', false)",
        )
        .await
        .unwrap();
    store.check().await.unwrap();
    store.write(&a.ctx, a.raise("On the newer schema")).await.unwrap();
    open(&database, |_| {}).await.close().await;
    admin
        .batch_execute("UPDATE flowbit_control.migrations SET contracts = true WHERE number = 99")
        .await
        .unwrap();
    let why = store.check().await.unwrap_err();
    assert!(why.contains("has number 99") && why.contains("update it"), "{why}");
    admin.batch_execute("DELETE FROM flowbit_control.migrations").await.unwrap();
    let why = store.check().await.unwrap_err();
    assert!(why.contains("has number 0") && why.contains("flowbit migrate"), "{why}");
}

#[tokio::test]
async fn tls_is_demanded_and_certificates_are_verified() {
    let cluster = Arc::new(Cluster::start(Durability::None).unwrap());
    let database = Database::make(Arc::clone(&cluster), &script(APP).unwrap()).await.unwrap();
    let admin = database.connect("postgres").await.unwrap();
    admin.batch_execute("ALTER ROLE flowbit PASSWORD 'p'").await.unwrap();
    let base = format!("postgresql://flowbit:p@localhost:{}/{}", cluster.port(), database.name());
    let open =
        async |options: &str| open_at(&format!("{base}?{options}"), |_| {}).await.map_err(|e| e.to_string());
    // A server without TLS is not spoken to.
    let refused = open("sslmode=require").await.unwrap_err();
    assert!(refused.contains("does not support TLS"), "{refused}");
    let keys = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let data = cluster.folder().join("data");
    for (name, text) in [("server.crt", keys.cert.pem()), ("server.key", keys.signing_key.serialize_pem())] {
        let sql = format!(
            "COPY (SELECT unnest(string_to_array($t${text}$t$, E'\\n'))) TO '{}'",
            data.join(name).display()
        );
        admin.batch_execute(&sql).await.unwrap();
    }
    let private = format!(
        "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; chmod 600 {}'",
        data.join("server.key").display()
    );
    admin.batch_execute(&private).await.unwrap();
    admin.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (right, other) = (folder.path().join("right.pem"), folder.path().join("other.pem"));
    std::fs::write(&right, keys.cert.pem()).unwrap();
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&other, stranger.cert.pem()).unwrap();
    // The reload takes effect when the server gets to it.
    while let Err(refused) = open("sslmode=require").await {
        assert!(refused.contains("does not support TLS"), "{refused}");
    }
    let store = open(&format!("sslmode=verify-full&sslrootcert={}", right.display())).await.unwrap();
    found(&store, "alpha").await;
    let is_encrypted = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'flowbit'";
    assert!(admin.query_one(is_encrypted, &[]).await.unwrap().get::<_, bool>(0));
    for options in
        [format!("sslmode=verify-full&sslrootcert={}", other.display()), "sslmode=verify-full".to_owned()]
    {
        let refused = open(&options).await.unwrap_err();
        assert!(refused.contains("certificate"), "{refused}");
    }
    // The right authority, but another name.
    let elsewhere = base.replace("localhost", "127.0.0.1");
    let options = format!("?sslmode=verify-full&sslrootcert={}", right.display());
    let refused = open_at(&format!("{elsewhere}{options}"), |_| {}).await.unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");
}
