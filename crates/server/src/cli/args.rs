//! What can be asked for, as `--help` tells it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use flowbit_domain::Role;

use super::import::ImportCommand;
use crate::config;

/// Flowbit: a support desk for many companies, in one program.
///
/// `flowbit serve` is the whole product on an embedded engine: it keeps everything in one data
/// folder. Settings come from a file (--config), then FLOWBIT_* variables, then options, each winning
/// over the one before; `flowbit serve --help` lists them.
#[derive(Debug, Parser)]
#[command(
    name = "flowbit",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done; 1 refused or failed, \
    with one line why on standard error; 2 wrong usage; 3 an import that did not take all.\n\n\
    To begin:\n  flowbit serve --demo\n\nIn production:\n  \
    flowbit tenant create --slug acme --name 'Acme Ltd' --admin-email ada@acme.example --admin-password-stdin\n  \
    flowbit serve"
)]
pub(super) struct Cli {
    /// Settings as a TOML file: the keys are the options' names with _ for -
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder of the embedded engine [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the server until SIGTERM or Ctrl-C
    Serve(ServeArgs),
    /// Bring all data to this version's schema now (serving does it by itself)
    Migrate(MigrateArgs),
    /// Make, list, suspend, export, import and erase companies
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Add and erase people and set passwords, as the operator
    #[command(subcommand)]
    User(UserCommand),
    /// Export a company's ledger, and verify an export offline
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Ask the server of these settings whether it can serve, as containers do
    ///
    /// Exit code 0: /readyz answers 200. 1: it does not, and what is missing is said.
    Healthcheck,
    /// Move in from elsewhere: a MongoDB dump, tables, Zendesk's export
    #[command(subcommand)]
    Import(ImportCommand),
    /// Copy the whole data folder, beside a running server
    ///
    /// Makes a folder named after the moment, with a copy of every company and a list of checksums; it
    /// has its name only when all of it is there. On PostgreSQL use the database's own tools.
    Backup {
        /// The folder of the backups
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Put a backup back as the data folder, which must not be there
    Restore {
        /// A backup, or the folder of the backups: then the newest one
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// The newest one of this moment or before, such as 2026-01-31T08:15:00Z
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Look through the whole installation and say what is wrong
    ///
    /// Settings, the data folder or the database with its roles and policies, room on the disk, clocks,
    /// keys, every company's data and its ledger's chain, deliveries that are stuck. It changes nothing
    /// and runs beside a server. Exit code 0: nothing is wrong (there may be notes); 1: something is.
    Doctor {
        /// The folder of the backups, to be looked through as well
        #[arg(long, value_name = "DIR")]
        backups: Option<PathBuf>,
        /// As JSON, one finding a line
        #[arg(long)]
        json: bool,
    },
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
    /// Make demo companies, or many tickets in one of them for measurements
    ///
    /// Without --tickets: makes LogisticsCo and RetailGmbH if they are absent, as `serve --demo` does.
    /// The server must not be running.
    Demo {
        /// Make so many tickets more
        #[arg(long, value_name = "N")]
        tickets: Option<usize>,
        /// In this company: logisticsco, retailgmbh, or one of its own that begins with demo-
        #[arg(long, value_name = "SLUG", default_value = "logisticsco")]
        tenant: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = format!(
    "Settings, as variables; the keys of the file are their names in lower case without FLOWBIT_:\n{}\n\
    It waits for PostgreSQL if that is not there yet. It is ready when /readyz answers 200. SIGTERM stops it gracefully.",
    config::describe(),
))]
pub(super) struct ServeArgs {
    /// Where to listen [env: FLOWBIT_LISTEN] [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// PostgreSQL instead of the embedded engine [env: FLOWBIT_DATABASE_URL]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The registry of screens [env: FLOWBIT_REGISTRY] [default: one that is built in]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Make the demo companies LogisticsCo and RetailGmbH if they are absent
    #[arg(long)]
    demo: bool,
}

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// PostgreSQL as a role that may make roles and databases [env: FLOWBIT_ADMIN_URL]
    ///
    /// It makes the database if it is missing, the roles, the schema and its protection. The password in
    /// --database-url becomes that of the server's role.
    #[arg(long, value_name = "URL", env = "FLOWBIT_ADMIN_URL", hide_env = true)]
    pub(super) admin_url: Option<String>,
    /// PostgreSQL as the role that the server will use [env: FLOWBIT_DATABASE_URL]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Print what --admin-url would do, as SQL for psql, and do nothing
    #[arg(long, conflicts_with = "admin_url")]
    pub(super) print_sql: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum TenantCommand {
    /// Make a company with its first admin
    Create(NewTenantArgs),
    /// List the companies, suspended ones too
    ///
    /// A line for each: its slug, its state, since when it is here, and its name.
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep a company's data, but let nobody in and deliver nothing
    ///
    /// A running server, or any node, cuts its people off within a second. What was to be delivered waits for
    /// `tenant resume`.
    Suspend {
        /// Which
        slug: String,
    },
    /// Take a suspended company back
    Resume {
        /// Which
        slug: String,
    },
    /// Write everything of a company to one archive, for `tenant import` elsewhere
    ///
    /// A ZIP file with a file of lines (NDJSON) for each table, the ledger with a signed checkpoint,
    /// and a manifest with checksums; docs/ARCHIVE.md describes it. It holds password hashes and the
    /// endpoints' secrets: keep it safe. Left out are sessions and what can be made anew. To move a
    /// company, suspend it first, so that nothing comes after.
    Export {
        /// Which
        slug: String,
        /// The file to write; it must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Bring a company in from an archive, with everything as it was
    ///
    /// It must not be here already, by its id or its name. Nobody sees anything of it before all of it
    /// is here; if it is interrupted, run it again. A company that was suspended when it was exported
    /// stays so until `tenant resume`.
    Import {
        /// The archive
        file: PathBuf,
        /// Only read all of it and say whether it is whole
        #[arg(long)]
        check: bool,
    },
    /// List the companies that were erased, with the proof of each
    Erasures {
        /// As JSON, with the signed checkpoint of each ledger's end
        #[arg(long)]
        json: bool,
    },
    /// Remove a company and everything that it has, for good
    ///
    /// What is kept is the proof: which company it was, when, how much there was, and where its ledger
    /// ended.
    Erase {
        /// Which
        slug: String,
        /// Yes, for good
        #[arg(long, required = true)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct NewTenantArgs {
    /// Its name in addresses: a-z, 0-9 and -
    #[arg(long)]
    pub(super) slug: String,
    /// Its name
    #[arg(long)]
    pub(super) name: String,
    /// The address of its first admin
    #[arg(long, value_name = "EMAIL")]
    pub(super) admin_email: String,
    /// The name of its first admin [default: what stands before the @]
    #[arg(long, value_name = "NAME")]
    pub(super) admin_name: Option<String>,
    /// Read the first admin's password from standard input (one line)
    #[arg(long, required = true)]
    pub(super) admin_password_stdin: bool,
    /// Its language: en or de
    #[arg(long, default_value = "en", value_parser = ["en", "de"])]
    pub(super) locale: String,
    /// Its accent colour
    #[arg(long, value_name = "#RRGGBB", default_value = "#3b5bdb")]
    pub(super) accent_color: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a person; without a password, print the link by which they choose one
    Create(NewUserArgs),
    /// Forget a person: take who they were out of everything, the ledger included
    ///
    /// Their account, name, address and sessions go, and the personal part of every event that they did
    /// or that names them. The ledger says so and still verifies. Their tickets and messages stay, as
    /// somebody's, unless --texts is given. What others wrote about them can't be found by a program.
    Erase {
        /// In which company
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        /// Whom
        #[arg(long)]
        email: String,
        /// Also what they wrote: their messages, and the texts of the tickets that they raised
        #[arg(long)]
        texts: bool,
        /// Yes, for good
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Set a person's password and end all their sessions
    ResetPassword {
        /// In which company
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        /// Whose
        #[arg(long)]
        email: String,
        /// Read the new password from standard input (one line)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct NewUserArgs {
    /// In which company
    #[arg(long, value_name = "SLUG")]
    pub(super) tenant: String,
    /// The address by which they sign in
    #[arg(long)]
    pub(super) email: String,
    /// Their name
    #[arg(long)]
    pub(super) name: String,
    /// What they may do: user, agent or admin
    #[arg(long, default_value = "user", value_parser = parse_role)]
    pub(super) role: Role,
    /// Read their password from standard input (one line)
    #[arg(long)]
    pub(super) password_stdin: bool,
}

fn parse_role(text: &str) -> Result<Role, &'static str> {
    Role::parse(text).ok_or("it must be user, agent or admin")
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Write a company's ledger to a file (NDJSON), and a signed checkpoint beside it
    ///
    /// The checkpoint is FILE.checkpoint.json. Keep it elsewhere: it shows later if the ledger's tail
    /// was cut off or if it was written anew.
    Export {
        /// Whose
        #[arg(long, value_name = "SLUG")]
        tenant: String,
        /// The file to write; it must not exist
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Verify an export offline
    ///
    /// Exit code 0: it is whole. 1: it is broken, and the first bad seq is named. 2: it is no export.
    Verify {
        /// The export
        file: PathBuf,
        /// A checkpoint of that ledger; without one a cut-off tail does not show
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}

impl Cli {
    /// The settings among the options, for the configuration.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let mut settings = Vec::new();
        let mut set = |key, value: Option<String>| settings.extend(value.map(|value| (key, value)));
        set("config", self.config.as_ref().map(path));
        set("data", self.data.as_ref().map(path));
        match &self.command {
            Command::Serve(serve) => {
                set("listen", serve.listen.clone());
                set("database_url", serve.database_url.clone());
                set("registry", serve.registry.as_ref().map(path));
                set("demo", serve.demo.then(|| "on".to_owned()));
            }
            Command::Migrate(migrate) => set("database_url", migrate.database_url.clone()),
            _ => {}
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_become_settings() {
        let cli = Cli::parse_from(["flowbit", "serve", "--listen", "[::1]:1", "--demo", "--data", "d"]);
        assert_eq!(
            cli.settings(),
            [("data", "d".to_owned()), ("listen", "[::1]:1".to_owned()), ("demo", "on".to_owned())]
        );
    }
}
