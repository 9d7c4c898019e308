//! `flowbit migrate`: brings the data to this version's schema.
//!
//! The embedded engine does so by itself; on PostgreSQL it takes a role that the server does not have.

use flowbit_store::{DatabaseAddress, Mode};

use super::{Failure, Outcome, args::MigrateArgs, open_store, say};
use crate::config::Config;

pub(super) async fn run(config: &Config, arguments: &MigrateArgs) -> Outcome {
    let Some(database) = &config.database else {
        if arguments.print_sql || arguments.admin_url.is_some() {
            return Err(Failure::usage(
                "--database-url (or FLOWBIT_DATABASE_URL) must say which database and role",
            ));
        }
        return migrate_files(config).await;
    };
    if arguments.print_sql {
        return say(flowbit_store::script(database.address.user())?.trim_end());
    }
    let Some(admin) = &arguments.admin_url else {
        // What is there may be enough already; if not, the reason says what is missing.
        open_store(config, Mode::ReadOnly).await?.close().await;
        return say(format!("{} has this version's schema", database.address));
    };
    let admin: DatabaseAddress =
        admin.parse().map_err(|e| Failure::usage(format!("--admin-url: the value {e}")))?;
    flowbit_store::migrate(&admin, &database.address).await?;
    // What a server would refuse is refused here, where it can be put right.
    open_store(config, Mode::ReadOnly).await?.close().await;
    say(format!("{} has this version's schema", database.address))
}

/// The data folder: every company's file.
async fn migrate_files(config: &Config) -> Outcome {
    let store = open_store(config, Mode::Exclusive).await?;
    let outcome = async {
        let all = store.control().tenants().await?.len();
        let failed = store.migrate_tenants().await?;
        for (tenant, error) in &failed {
            say(format!("{}: {error}", tenant.slug))?;
        }
        say(format!("{} of {all} companies have this version's schema", all - failed.len()))?;
        if failed.is_empty() {
            Ok(())
        } else {
            Err(Failure::new(format!("{} companies could not be migrated", failed.len())))
        }
    }
    .await;
    store.close().await;
    outcome
}
