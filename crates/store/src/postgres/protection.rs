//! What is checked before a server works on a database: that its role can do no more than it must, that every
//! table of a tenant is protected, and that the schema is this program's.

use std::collections::HashMap;

use flowbit_domain::StoreError;

use super::{
    connection::{Link, Step},
    migration,
    statement::RowInPlace,
};
use flowbit_domain::tx::Row;

/// The oldest release line.
const OLDEST: i64 = 15;
/// From these on, a release line has what matters for row level security and its like.
const SOUND: [(i64, i64); 3] = [(15, 14), (16, 10), (17, 6)];

const VERSION: &str = "SELECT current_setting('server_version_num')::int8";

/// What the server's role must not be able to do, each with its reason.
const ROLE: &str = "
WITH me AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = current_user),
them AS (
  SELECT r.* FROM pg_catalog.pg_roles r, me
  WHERE r.oid = me.oid OR (NOT me.rolsuper AND pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER'))
)
SELECT CASE WHEN them.oid = me.oid THEN 'it' ELSE 'it is a member of ' || them.rolname || ', which' END || ' ' || what.it
FROM them CROSS JOIN me CROSS JOIN LATERAL (VALUES
  (them.rolsuper, 'is a superuser'),
  (them.rolbypassrls, 'bypasses row level security'),
  (them.rolcreaterole, 'may make roles'),
  (them.rolcreatedb, 'may make databases'),
  (them.rolreplication, 'may read the whole database as a replica'),
  (them.oid <> me.oid AND them.rolname LIKE 'pg\\_%', 'is one of PostgreSQL''s own privileged roles'),
  (EXISTS (
    SELECT FROM pg_catalog.pg_shdepend d WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
    AND d.refobjid = them.oid AND d.deptype = 'o' AND d.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
  ), 'owns something'),
  (EXISTS (
    SELECT FROM pg_catalog.pg_database b WHERE b.datname = current_database() AND b.datdba = them.oid
  ), 'owns the database'),
  (EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE them.oid = ANY (p.polroles)), 'has a policy of its own')
) AS what (is_so, it) WHERE what.is_so
UNION ALL
SELECT 'it may make things in the schema ' || n.nspname FROM pg_catalog.pg_namespace n, me
WHERE n.nspname IN ('flowbit', 'flowbit_control') AND pg_catalog.has_schema_privilege(me.oid, n.oid, 'CREATE')
UNION ALL
SELECT 'it may make ' || p.what || ' in the database' FROM me, (VALUES ('CREATE', 'schemas'), ('TEMPORARY', 'TEMPORARY things')) AS p (verb, what)
WHERE pg_catalog.has_database_privilege(me.oid, current_database(), p.verb)
UNION ALL
SELECT 'it may ' || p.verb || ' events' FROM me, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS p (verb)
WHERE pg_catalog.has_table_privilege(me.oid, 'flowbit.events', p.verb)
UNION ALL
SELECT 'it looks for names in ' || current_setting('search_path') || ' rather than in flowbit, pg_temp'
WHERE current_setting('search_path') <> 'flowbit, pg_temp'
";

/// Every table and the like that has a tenant's rows, or stands where those do, with what protects it.
const TABLES: &str = "
SELECT n.nspname || '.' || c.relname, c.relkind::text, c.relrowsecurity AND c.relforcerowsecurity,
  EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped AND a.attnotnull),
  coalesce((SELECT string_agg(concat_ws(' ', p.polname,
      CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, p.polcmd::text,
      pg_catalog.pg_get_expr(p.polqual, p.polrelid), '|', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
    ), ';' ORDER BY p.polname)
    FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND (
      p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE pg_catalog.pg_has_role(current_user, r, 'MEMBER'))
    )), '')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND (n.nspname = 'flowbit' OR EXISTS (
  SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
))
AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast%'
ORDER BY 1";

/// Functions that run with another's rights and that the server's role may call.
const FUNCTIONS: &str = "
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
AND (n.nspname, p.proname) NOT IN (('flowbit', 'search_tickets'), ('flowbit', 'erase_events'))";

const HAS_SCHEMA: &str = "SELECT to_regclass('flowbit_control.migrations') IS NOT NULL";
const MIGRATIONS: &str = "SELECT number, checksum, contracts FROM flowbit_control.migrations ORDER BY number";

/// The policy that every tenant's table has, as the database shows it, without what differs by its release.
const POLICY: &str = "tenant permissive * tenant_id=SELECTNULLIFcurrent_setting'app.tenant',true,''::uuid|\
                      tenant_id=SELECTNULLIFcurrent_setting'app.tenant',true,''::uuid";

fn plain_policy(shown: &str) -> String {
    let Some((head, expressions)) = shown.split_once(" * ") else { return shown.to_owned() };
    let mut plain = expressions.replace("::text", "").replace("AS \"nullif\"", "").replace("AS nullif", "");
    plain.retain(|c| !matches!(c, '(' | ')' | ' ' | '\n'));
    format!("{head} * {plain}")
}

async fn rows<T>(
    link: &mut Link,
    sql: &str,
    read: impl Fn(&dyn Row) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let flown = link.fly(&[Step::Asked(sql.into(), (&[][..]).into())], None).await;
    let answers = flown.map_err(|lost| lost.why)?;
    answers.iter().flat_map(|answer| &answer.rows).map(|row| read(&RowInPlace(row))).collect()
}

/// What is wrong with a database, for the operator.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It could not be asked.
    Unknown(StoreError),
    /// Its schema is not this program's.
    Schema(String),
    /// It would not protect the tenants from each other.
    Unprotected(String),
}

impl From<StoreError> for Refused {
    fn from(why: StoreError) -> Self {
        Self::Unknown(why)
    }
}

/// Checks the schema, and nothing else: cheap enough to be asked again and again.
pub(crate) async fn check_schema(link: &mut Link) -> Result<(), Refused> {
    let run = "run `flowbit migrate --admin-url … --database-url …`";
    if rows(link, HAS_SCHEMA, |row| row.bool(0)).await?.first() != Some(&true) {
        return Err(Refused::Schema(format!("the database has no Flowbit schema: {run}")));
    }
    let read = |row: &dyn Row| Ok((row.int(0)?, (row.text(1)?.to_owned(), row.bool(2)?)));
    let applied: HashMap<i64, (String, bool)> = rows(link, MIGRATIONS, read).await?.into_iter().collect();
    let known = migration::known();
    // One that this program does not know has only added something, unless it says otherwise.
    let contracted = applied.iter().filter(|(number, (_, contracts))| **number > known && *contracts);
    if let Some(found) = contracted.map(|(number, _)| *number).max() {
        return Err(Refused::Schema(format!(
            "the database's schema has number {found}, this program knows up to {known}: a newer Flowbit has \
             taken out what this one needs; update it"
        )));
    }
    for (number, checksum) in (1..).zip(migration::checksums()) {
        match applied.get(&number) {
            None => {
                let found = applied.keys().filter(|number| **number <= known).count();
                return Err(Refused::Schema(format!(
                    "the database's schema has number {found}, this program needs {known}: {run}"
                )));
            }
            Some((found, _)) if *found != checksum => {
                return Err(Refused::Schema(format!(
                    "migration {number} that was applied is not this program's"
                )));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Checks everything.
pub(crate) async fn check(link: &mut Link) -> Result<(), Refused> {
    let version = rows(link, VERSION, |row| row.int(0)).await?.first().copied().unwrap_or(0);
    let (major, minor) = (version / 10_000, version % 10_000);
    if major < OLDEST {
        return Err(Refused::Schema(format!(
            "PostgreSQL {major}.{minor} is too old: at least {OLDEST} is needed"
        )));
    }
    if SOUND.iter().any(|(line, sound)| *line == major && minor < *sound) {
        tracing::warn!(
            version = format!("{major}.{minor}"),
            "this release of PostgreSQL has known faults that matter here: update to the newest of its line"
        );
    }
    check_schema(link).await?;
    let role = rows(link, ROLE, |row| Ok(row.text(0)?.to_owned())).await?;
    if !role.is_empty() {
        return Err(Refused::Unprotected(format!(
            "the role that the server connects as must not be able to see more than a tenant at a time: {}",
            role.join("; ")
        )));
    }
    let mut bare = Vec::new();
    let tables = rows(link, TABLES, |row| {
        Ok((
            row.text(0)?.to_owned(),
            row.text(1)?.to_owned(),
            row.bool(2)?,
            row.bool(3)?,
            row.text(4)?.to_owned(),
        ))
    });
    for (name, kind, is_forced, has_tenant, policies) in tables.await? {
        if !matches!(kind.as_str(), "r" | "p") {
            bare.push(format!("{name} is a view or the like, which has its own rights"));
        } else if !has_tenant {
            bare.push(format!("{name} has no tenant_id that is never NULL"));
        } else if !is_forced {
            bare.push(format!("{name} has no forced row level security"));
        } else if plain_policy(&policies) != POLICY {
            bare.push(format!("{name} has other policies than the one: {policies:?}"));
        }
    }
    for function in rows(link, FUNCTIONS, |row| Ok(row.text(0)?.to_owned())).await? {
        bare.push(format!("{function} runs with another's rights"));
    }
    if bare.is_empty() { Ok(()) } else { Err(Refused::Unprotected(bare.join("; "))) }
}
