//! With the server's role in hand and any SQL, as an injection would have it: within the transaction of one
//! company the rows of another come to nothing, by every way that there is.

use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::{APP, Bench, Company, database, tenant_tables};

/// The server's role in a transaction of a company, as psql would have it.
async fn inside(bench: &Bench, company: &Company) -> Client {
    let client = bench.database.connect(APP).await.unwrap();
    client.batch_execute("BEGIN").await.unwrap();
    set_tenant(&client, &company.ctx.tenant().to_string()).await;
    client
}

async fn set_tenant(client: &Client, tenant: &str) {
    client.query_one("SELECT set_config('app.tenant', $1, true)", &[&tenant]).await.unwrap();
}

async fn count(client: &Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Runs a statement in a savepoint: how many rows it touched, or the error's code.
async fn attempt(client: &Client, sql: &str) -> Result<u64, String> {
    client.batch_execute("SAVEPOINT attempt").await.unwrap();
    match client.execute(sql, &[]).await {
        Ok(touched) => Ok(touched),
        Err(e) => {
            client.batch_execute("ROLLBACK TO SAVEPOINT attempt").await.unwrap();
            Err(e.code().unwrap().code().to_owned())
        }
    }
}

/// No privilege, or what the policy lets nobody write.
const REFUSED: &str = "42501";

/// Fills every table of a company, so that there is something to be seen.
async fn fill(bench: &Bench, company: &Company) {
    let client = inside(bench, company).await;
    for sql in [
        "INSERT INTO endpoints (id, url, description, events, active, secret, shared_secret, consecutive_failures, created_at, updated_at)
         VALUES (gen_random_uuid(), 'https://x.example', '', '[]', true, 's', 's', 0, 1, 1)",
        "INSERT INTO endpoint_events (action, endpoint_id) SELECT 'ticket.created', id FROM endpoints",
        "INSERT INTO deliveries (id, endpoint_id, event_id, event_type, state, attempt_count, cycle_attempts, created_at, updated_at)
         SELECT gen_random_uuid(), id, id, 'ticket.created', 'pending', 0, 0, 1, 1 FROM endpoints",
        "INSERT INTO delivery_attempts (delivery_id, number, at) SELECT id, 1, 1 FROM deliveries",
        "INSERT INTO callbacks (delivery_id, digest, applied_at) SELECT id, '\\x00', 1 FROM deliveries",
        "INSERT INTO sessions (id, user_id, refresh_id, created_at, used_at, expires_at) SELECT id, id, id, 1, 1, 1 FROM users",
        "INSERT INTO idempotency (user_id, operation, key, fingerprint, response, created_at) SELECT id, 'o', 'k', '\\x00', '{}', 1 FROM users",
        "INSERT INTO messages (ticket_id, ordinal, id, author_kind, author_name, body, internal, created_at)
         SELECT id, 1, id, 'user', 'x', 'x', false, 1 FROM tickets",
        "INSERT INTO message_mentions (ticket_id, ordinal, user_id, name, internal)
         SELECT id, 1, requester_id, 'x', false FROM tickets",
        "INSERT INTO ticket_watchers (ticket_id, user_id, since) SELECT id, requester_id, 1 FROM tickets",
        "INSERT INTO notices (user_id, event_id, ticket_id, kind, audience, actor_name, at)
         SELECT requester_id, id, id, 'replied', 1, 'x', 1 FROM tickets",
        "INSERT INTO notice_settings (user_id, muted, updated_at) SELECT id, '[]', 1 FROM users",
        "INSERT INTO ticket_tags (tag, ticket_id) SELECT 't', id FROM tickets",
        "INSERT INTO ticket_links (one_id, other_id, linked_at)
         SELECT '00000000-0000-0000-0000-000000000000', id, 1 FROM tickets",
        "INSERT INTO drafts (user_id, ticket_id, internal, body, updated_at)
         SELECT requester_id, id, false, 'x', 1 FROM tickets",
        "INSERT INTO contents (id, sha256, size, condemned) SELECT id, '\\x00', 1, false FROM tickets",
        "INSERT INTO attachments (id, content_id, uploader_id, uploader_name, name, media_type, size, ticket_id, ordinal,
           internal, created_at) SELECT id, id, requester_id, 'x', 'x', 'image/png', 1, id, 1, false, 1 FROM tickets",
        "INSERT INTO deleted_tickets (id, requester_id, lines, deleted_at) SELECT id, requester_id, '{}', 1 FROM tickets",
        "INSERT INTO views (id, name, filter, sort, columns, position, created_at, updated_at)
         VALUES (gen_random_uuid(), 'v', '{}', 'number', 'null', 0, 1, 1)",
        "INSERT INTO screen_settings (screen_id, position, enabled) VALUES ('tickets', 0, true)",
        "INSERT INTO settings (id, version, updated_at) VALUES (1, 1, 1)",
        "INSERT INTO macros (id, owner_id, name, body, internal, actions, usage_count, version, created_at, updated_at)
         SELECT id, id, 'x', 'x', false, '{}', 0, 1, 1, 1 FROM users",
        "INSERT INTO fields (id, key, label, kind, options, required, shown_to_requesters, position, active, version,
           created_at, updated_at) SELECT id, 'x', 'x', 'text', '[]', 'never', false, 0, true, 1, 1, 1 FROM users",
        "INSERT INTO teams (id, name, assignment, picks, version, created_at, updated_at)
         SELECT id, 'x', 'manual', 0, 1, 1, 1 FROM users",
        "INSERT INTO team_members (team_id, user_id, picked) SELECT id, id, 0 FROM users",
        "INSERT INTO tags (name, color) VALUES ('t', 'red')",
        "INSERT INTO tag_moves (from_tag, started_at) VALUES ('t', 1)",
        "INSERT INTO imported (source, kind, source_id, id) SELECT 's', 'ticket', 't', id FROM tickets",
    ] {
        client.execute(sql, &[]).await.unwrap();
    }
    client.batch_execute("COMMIT").await.unwrap();
}

async fn filled() -> Bench {
    let bench = Bench::new(|_| {}).await;
    fill(&bench, &bench.a).await;
    fill(&bench, &bench.b).await;
    bench
}

#[tokio::test]
async fn every_table_shows_a_company_its_own_rows_and_nobody_none() {
    let bench = filled().await;
    let superuser = bench.database.connect("postgres").await.unwrap();
    let tables = tenant_tables(&superuser).await;
    assert!(tables.len() >= 15, "{tables:?}");
    for company in [&bench.a, &bench.b] {
        let client = inside(&bench, company).await;
        for table in &tables {
            let own =
                format!("SELECT count(*) FROM flowbit.{table} WHERE tenant_id = '{}'", company.ctx.tenant());
            let own = count(&superuser, &own).await;
            assert!(own > 0, "{table} was not filled: the test would not notice");
            assert!(count(&superuser, &format!("SELECT count(*) FROM flowbit.{table}")).await > own);
            assert_eq!(count(&client, &format!("SELECT count(*) FROM {table}")).await, own, "{table}");
            let copied = client.copy_out(&format!("COPY (SELECT tenant_id FROM {table}) TO STDOUT")).await;
            let mut copied = std::pin::pin!(copied.unwrap());
            let mut rows = 0;
            while let Some(line) = futures_util::TryStreamExt::try_next(&mut copied).await.unwrap() {
                rows += 1;
                assert_eq!(line, format!("{}\n", company.ctx.tenant()).as_bytes(), "{table}");
            }
            assert_eq!(rows, own, "{table}");
        }
    }
    // Without a company, after one, and with what is none.
    let client = bench.database.connect(APP).await.unwrap();
    for table in &tables {
        assert_eq!(count(&client, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let client = inside(&bench, &bench.a).await;
    client.batch_execute("COMMIT").await.unwrap();
    for table in &tables {
        assert_eq!(count(&client, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let nobody = "INSERT INTO screen_settings (screen_id, position, enabled) VALUES ('x', 0, true)";
    assert!(client.execute(nobody, &[]).await.is_err(), "a row of nobody");
}

/// Checks of keys and references go past row level security: what they compare must begin with the company.
#[tokio::test]
async fn every_key_reference_and_index_begins_with_the_company() {
    let database = database().await;
    let client = database.connect("postgres").await.unwrap();
    let tables = tenant_tables(&client).await;
    let of_all = |what: &str| {
        format!(
            "SELECT {what} FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
             WHERE c.relnamespace = 'flowbit'::regnamespace AND c.relkind IN ('r', 'p')"
        )
    };
    let with_tenant = of_all("count(*) FILTER (WHERE t.attnotnull AND t.atthasdef)");
    assert_eq!(usize::try_from(count(&client, &with_tenant).await).unwrap(), tables.len());
    let without_key = of_all(
        "count(*) FILTER (WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))",
    );
    assert_eq!(count(&client, &without_key).await, 0, "a table has no primary key");
    for (what, sql) in [
        (
            "indexes",
            "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
             WHERE c.relnamespace = 'flowbit'::regnamespace AND m.amname <> 'gin'
             AND (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) IS DISTINCT FROM 'tenant_id'",
        ),
        (
            "references",
            "SELECT k.conname::text FROM pg_constraint k WHERE k.connamespace = 'flowbit'::regnamespace AND k.contype = 'f' AND (
               (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) <> 'tenant_id'
               OR (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]) <> 'tenant_id')",
        ),
    ] {
        let wrong: Vec<String> = client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(wrong, [""; 0], "{what} that do not begin with the company");
    }
}

#[tokio::test]
async fn nothing_of_another_company_is_changed_deleted_or_made() {
    let bench = filled().await;
    let superuser = bench.database.connect("postgres").await.unwrap();
    let (a, b) = (bench.a.ctx.tenant(), bench.b.ctx.tenant());
    let client = inside(&bench, &bench.a).await;
    for table in tenant_tables(&superuser).await {
        let fingerprint = format!(
            "SELECT coalesce(sum(hashtext(t::text)), 0)::int8 FROM flowbit.{table} t WHERE tenant_id = '{b}'"
        );
        let before = count(&superuser, &fingerprint).await;
        assert_ne!(before, 0, "{table}");
        let is_ledger = table == "events";
        // Naming the other company outright, and moving a row of one's own to it.
        for (sql, is_write) in [
            (format!("UPDATE {table} SET tenant_id = '{b}' WHERE tenant_id = '{b}'"), false),
            (format!("DELETE FROM {table} WHERE tenant_id = '{b}'"), false),
            (format!("UPDATE {table} SET tenant_id = '{b}'"), true),
        ] {
            let done = attempt(&client, &sql).await;
            if is_write || is_ledger {
                let code = done.unwrap_err();
                // Some refuse the move because their own references would break first; none lets it happen.
                assert!([REFUSED, "23503"].contains(&code.as_str()), "{sql}: {code}");
            } else {
                assert_eq!(done, Ok(0), "{sql}");
            }
        }
        assert_eq!(attempt(&client, &format!("TRUNCATE {table}")).await, Err(REFUSED.into()), "{table}");
        assert_eq!(count(&superuser, &fingerprint).await, before, "{table}");
    }
    for sql in [
        format!("INSERT INTO screen_settings (tenant_id, screen_id, position, enabled) VALUES ('{b}', 'mine', 0, true)"),
        format!("INSERT INTO screen_settings (tenant_id, screen_id, position, enabled) VALUES ('{b}', 'tickets', 0, true)
                 ON CONFLICT (tenant_id, screen_id) DO UPDATE SET enabled = false"),
        format!("INSERT INTO screen_settings (tenant_id, screen_id, position, enabled) VALUES ('{b}', 'tickets', 0, true)
                 ON CONFLICT DO NOTHING"),
        format!("MERGE INTO screen_settings s USING (VALUES (1)) v ON s.screen_id = 'none'
                 WHEN NOT MATCHED THEN INSERT (tenant_id, screen_id, position, enabled) VALUES ('{b}', 'm', 0, true)"),
    ] {
        assert_eq!(attempt(&client, &sql).await, Err(REFUSED.into()), "{sql}");
    }
    // A conflict within one's own company is one.
    let own = format!("INSERT INTO screen_settings (tenant_id, screen_id, position, enabled) VALUES ('{a}', 'tickets', 0, true)
                       ON CONFLICT (tenant_id, screen_id) DO UPDATE SET enabled = false");
    assert_eq!(attempt(&client, &own).await, Ok(1));
    let copy = client.copy_in::<_, bytes::Bytes>(
        "COPY screen_settings (tenant_id, screen_id, position, enabled) FROM STDIN",
    );
    assert_eq!(copy.await.err().map(|e| e.code().unwrap().code().to_owned()), Some("0A000".to_owned()));
}

#[tokio::test]
async fn references_and_unique_keys_tell_nothing_of_another_company() {
    let bench = filled().await;
    let client = inside(&bench, &bench.a).await;
    let ticket_of_b = bench.ticket_of_b.id.0;
    let user_of_b = bench.b.admin.user.0;
    // A reference to another company's row fails as one to a row that is nowhere.
    for (known, unknown) in [
        (
            format!("INSERT INTO ticket_tags (tag, ticket_id) VALUES ('x', '{ticket_of_b}')"),
            format!("INSERT INTO ticket_tags (tag, ticket_id) VALUES ('x', '{}')", Uuid::max()),
        ),
        (
            format!("UPDATE tickets SET assignee_id = '{user_of_b}'"),
            format!("UPDATE tickets SET assignee_id = '{}'", Uuid::max()),
        ),
    ] {
        assert_eq!(attempt(&client, &known).await, Err("23503".into()), "{known}");
        assert_eq!(attempt(&client, &unknown).await, Err("23503".into()));
    }
    // What is taken there is free here: addresses, ids, numbers.
    for sql in [
        "INSERT INTO users (id, email, name, folded, role, active, created_at, updated_at)
         VALUES (gen_random_uuid(), 'admin@beta.example', '', '', 'user', true, 1, 1)"
            .to_owned(),
        format!(
            "INSERT INTO users (id, email, name, folded, role, active, created_at, updated_at)
                 VALUES ('{user_of_b}', 'x@x.example', '', '', 'user', true, 1, 1)"
        ),
    ] {
        assert_eq!(attempt(&client, &sql).await, Ok(1), "{sql}");
    }
    // References of its own, by which it could feel its way, it can't make; nor can it make anything else.
    for sql in [
        "CREATE TABLE probe (id uuid REFERENCES users (id))",
        "CREATE TABLE flowbit.probe (id int)",
        "CREATE TABLE public.probe (id int)",
        "CREATE TEMP TABLE tickets (id int)",
        "CREATE SCHEMA probe",
        "CREATE FUNCTION flowbit.probe() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW flowbit.probe AS SELECT * FROM tickets",
        "ALTER TABLE tickets DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tickets NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON tickets",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "SET ROLE flowbit_owner",
        "SET ROLE flowbit_search",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "COPY tickets TO PROGRAM 'cat'",
        "COPY tickets TO '/tmp/probe'",
        "SELECT pg_read_file('/etc/passwd')",
    ] {
        let done = attempt(&client, sql).await;
        assert!(matches!(done.as_ref().map_err(String::as_str), Err("42501" | "42704")), "{sql}: {done:?}");
    }
    // What it may not pass on it is only warned about.
    for sql in ["GRANT SELECT ON tickets TO PUBLIC", "GRANT flowbit TO flowbit_owner"] {
        let done = attempt(&client, sql).await;
        assert!(matches!(done.as_ref().map_err(String::as_str), Ok(0) | Err("42501")), "{sql}: {done:?}");
    }
    let passed_on = "SELECT count(*) FROM pg_class c, aclexplode(c.relacl) g
                     WHERE c.relnamespace = 'flowbit'::regnamespace AND g.grantee = 0";
    assert_eq!(count(&client, passed_on).await, 0);
    // Switching the protection off makes what it would hide an error.
    client.batch_execute("SET LOCAL row_security = off").await.unwrap();
    assert_eq!(attempt(&client, "SELECT * FROM tickets").await, Err(REFUSED.into()));
}

#[tokio::test]
async fn statistics_and_plans_tell_nothing_of_another_company() {
    let bench = filled().await;
    let superuser = bench.database.connect("postgres").await.unwrap();
    superuser.batch_execute("ANALYZE").await.unwrap();
    let client = inside(&bench, &bench.a).await;
    let values = "SELECT count(*) FROM pg_stats WHERE schemaname = 'flowbit'";
    assert!(count(&superuser, values).await > 0);
    assert_eq!(count(&client, values).await, 0);
    // A condition that would show the rows it is tried on is tried on none of another company.
    let leak = "SELECT * FROM tickets WHERE 1 / (CASE WHEN title LIKE '%beta%' THEN 0 ELSE 1 END) = 1";
    assert_eq!(attempt(&client, leak).await, Ok(1));
}

#[tokio::test]
async fn search_finds_in_one_company_alone() {
    let bench = filled().await;
    let client = inside(&bench, &bench.a).await;
    let find = async |client: &Client, query: &str| -> Vec<i64> {
        let sql = "SELECT flowbit.search_tickets($1) ORDER BY 1";
        client.query(sql, &[&query]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    assert_eq!(find(&client, "i'~secret'").await, [1]);
    assert_eq!(find(&client, "i'~alpha'").await, [1]);
    assert!(find(&client, "i'~beta'").await.is_empty());
    // With the letters of the other company in front, as its words stand in the index.
    let of_b = bench.b.ctx.tenant().to_string();
    assert!(find(&client, &format!("i'{}secret'", &of_b[of_b.len() - 5..])).await.is_empty());
    assert!(find(&client, "i!'~nothing'").await.iter().all(|number| *number == 1));
    client.batch_execute("COMMIT").await.unwrap();
    assert!(find(&client, "i'~secret'").await.is_empty(), "nobody's search");
}

#[tokio::test]
async fn the_ledger_is_append_only_for_everybody() {
    let bench = filled().await;
    let superuser = bench.database.connect("postgres").await.unwrap();
    let rows = count(&superuser, "SELECT count(*) FROM flowbit.events").await;
    for (who, role, code) in [
        ("app", "SELECT 1", REFUSED),
        ("owner", "SET LOCAL ROLE flowbit_owner", "P0001"),
        ("superuser", "SELECT 1", "P0001"),
    ] {
        // One after another: TRUNCATE waits for whoever else has the table open.
        let client = bench.database.connect(if who == "app" { APP } else { "postgres" }).await.unwrap();
        client.batch_execute("BEGIN").await.unwrap();
        client.batch_execute(role).await.unwrap();
        set_tenant(&client, &bench.a.ctx.tenant().to_string()).await;
        // What the server may do is take out what is personal; the trigger sees to it that it does no more.
        for sql in [
            "UPDATE flowbit.events SET data = '{}'",
            "UPDATE flowbit.events SET data = '{\"erasedBy\":\"0198c0de-1234-7abc-8def-0123456789ab\"}'",
            "UPDATE flowbit.events SET ip = NULL, actor_name = '(erased)', \
             data = '{\"erasedBy\":\"0198c0de-1234-7abc-8def-0123456789ab\", \"more\":1}'",
            "UPDATE flowbit.events SET actor_name = '(erased)'",
        ] {
            assert_eq!(attempt(&client, sql).await, Err("P0001".into()), "{who}: {sql}");
        }
        let more = "UPDATE flowbit.events SET ip = NULL, actor_name = '(erased)', audience = 2, \
             data = '{\"erasedBy\":\"0198c0de-1234-7abc-8def-0123456789ab\"}'";
        assert_eq!(attempt(&client, more).await, Err(code.into()), "{who}: {more}");
        for sql in [
            "UPDATE flowbit.events SET hash = data_hash",
            "DELETE FROM flowbit.events",
            "TRUNCATE flowbit.events",
            "INSERT INTO flowbit.events SELECT * FROM flowbit.events e ON CONFLICT (tenant_id, seq) DO UPDATE SET hash = ''",
        ] {
            assert_eq!(attempt(&client, sql).await, Err(code.into()), "{who}: {sql}");
        }
        let gap = "INSERT INTO flowbit.events (tenant_id, seq, id, at, action, actor_kind, actor_name, audience, data, data_hash, prev_hash, hash)
                   SELECT tenant_id, max(seq) + 2, gen_random_uuid(), 1, 'x', 'system', '', 0, '{}', '\\x00', '\\x00', '\\x00'
                   FROM flowbit.events GROUP BY tenant_id";
        assert_eq!(attempt(&client, gap).await, Err("P0001".into()), "{who}");
        client.batch_execute("ROLLBACK").await.unwrap();
    }
    // The way for tenants that are being erased lets go of no other.
    let client = inside(&bench, &bench.a).await;
    let erased = client.query_one("SELECT flowbit.erase_events(1000)", &[]).await;
    assert_eq!(erased.unwrap_err().code().unwrap().code(), "P0001");
    assert_eq!(count(&superuser, "SELECT count(*) FROM flowbit.events").await, rows);
}

#[tokio::test]
async fn an_erased_company_leaves_nothing_and_the_others_have_everything() {
    let bench = filled().await;
    let superuser = bench.database.connect("postgres").await.unwrap();
    let (a, b) = (bench.a.ctx.tenant(), bench.b.ctx.tenant());
    bench.store.control().add_email("admin@alpha.example", a).await.unwrap();
    let tables = tenant_tables(&superuser).await;
    let count_of = async |tenant, table: &str| {
        count(&superuser, &format!("SELECT count(*) FROM flowbit.{table} WHERE tenant_id = '{tenant}'")).await
    };
    let mut of_b = Vec::new();
    for table in &tables {
        of_b.push(count_of(b, table).await);
    }
    bench.store.control().erase_tenant(a, "{}").await.unwrap();
    for (table, of_b) in tables.iter().zip(of_b) {
        assert_eq!(count_of(a, table).await, 0, "{table}");
        assert_eq!(count_of(b, table).await, of_b, "{table}");
    }
    assert!(bench.store.control().tenants_of_email("admin@alpha.example").await.unwrap().is_empty());
    assert!(bench.store.control().tenant(a).await.unwrap().is_none());
    assert!(bench.store.write(&bench.a.ctx, bench.a.raise("Late")).await.is_err());
    assert!(bench.store.ledger_seq(&bench.a.ctx).await.is_err());
}
