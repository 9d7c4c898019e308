//! The command line: what scripts and operators rely on.
//!
//! Exit codes: 0 done; 1 refused or failed, with one line why on standard error; 2 wrong usage; 3 an import
//! that did not take all.
//! Secrets are read from standard input alone and never shown.

use std::{io::Write, process::ExitCode, sync::Arc};

use clap::Parser;
use flowbit_domain::{Actor, TenantCtx, control::Tenant, principal::Origin};
use flowbit_store::{Mode, OpenError, Store, Unheard};

use crate::{
    ambient::{SystemClock, SystemRandomness},
    config::Config,
};

mod archive;
mod args;
mod audit;
mod backup;
mod doctor;
mod door;
mod errand;
mod healthcheck;
mod import;
mod migrate;
mod secret;
mod serve;
mod tenant;
mod user;

use args::{AuditCommand, Cli, Command, TenantCommand, UserCommand};

/// Why a command did not do what was asked: the line for standard error, and the exit code.
#[derive(Debug)]
struct Failure {
    code: u8,
    line: String,
}

impl Failure {
    /// Refused or failed.
    fn new(line: impl std::fmt::Display) -> Self {
        Self { code: 1, line: line.to_string() }
    }

    /// What was asked for or given can't be.
    fn usage(line: impl std::fmt::Display) -> Self {
        Self { code: 2, line: line.to_string() }
    }
}

macro_rules! fails_as_it_says {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error)
            }
        }
    )+};
}

fails_as_it_says!(
    crate::config::ConfigError,
    crate::demo::DemoError,
    crate::identity::keys::KeyError,
    crate::serve::StartError,
    flowbit_domain::Error,
    flowbit_store::ControlError,
    flowbit_store::OpenError,
);

type Outcome<T = ()> = Result<T, Failure>;

/// Runs the program.
pub(crate) fn main() -> ExitCode {
    // Wrong usage ends here, with exit code 2.
    let cli = Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)
        .and_then(|runtime| runtime.block_on(Box::pin(run(cli))));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, line }) => {
            // One line: scripts show it as it is.
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(std::io::stderr(), "flowbit: {line}");
            ExitCode::from(code)
        }
    }
}

async fn run(cli: Cli) -> Outcome {
    let config = || load_config(&cli);
    match &cli.command {
        Command::Serve(_) => serve::run(config()?).await,
        Command::Migrate(arguments) => migrate::run(&config()?, arguments).await,
        Command::Tenant(command) => match command {
            TenantCommand::Create(new) => tenant::create(&config()?, new).await,
            TenantCommand::List { json } => tenant::list(&config()?, *json).await,
            TenantCommand::Suspend { slug } => tenant::suspend(&config()?, slug).await,
            TenantCommand::Resume { slug } => tenant::resume(&config()?, slug).await,
            TenantCommand::Export { slug, out } => archive::export(&config()?, slug, out).await,
            TenantCommand::Import { file, check } => archive::import(&config()?, file, *check).await,
            TenantCommand::Erasures { json } => tenant::erasures(&config()?, *json).await,
            TenantCommand::Erase { slug, yes: _ } => tenant::erase(&config()?, slug).await,
        },
        Command::User(command) => match command {
            UserCommand::Create(new) => user::create(&config()?, new).await,
            UserCommand::Erase { tenant, email, texts, yes: _ } => {
                user::erase(&config()?, tenant, email, *texts).await
            }
            UserCommand::ResetPassword { tenant, email, password_stdin: _ } => {
                user::reset_password(&config()?, tenant, email).await
            }
        },
        Command::Audit(command) => match command {
            AuditCommand::Export { tenant, out } => audit::export(&config()?, tenant, out).await,
            AuditCommand::Verify { file, checkpoint } => audit::verify(file, checkpoint.as_deref()),
        },
        Command::Healthcheck => healthcheck::run(&config()?).await,
        Command::Import(command) => import::run(&config()?, command).await,
        Command::Backup { to } => backup::make(&config()?, to).await,
        Command::Restore { from, at } => backup::restore(&config()?, from, at.as_deref()),
        Command::Doctor { backups, json } => doctor::run(&config()?, backups.as_deref(), *json).await,
        Command::Openapi => {
            let document = crate::http::openapi().to_pretty_json().map_err(Failure::new)?;
            say(document)
        }
        Command::Demo { tickets, tenant } => demo(&config()?, *tickets, tenant).await,
    }
}

async fn demo(config: &Config, tickets: Option<usize>, slug: &str) -> Outcome {
    match tickets {
        None => {
            let made = crate::demo::make_companies(config).await?;
            for company in &made {
                say(format!("made {} with {} tickets", company.slug, company.tickets))?;
            }
            if made.is_empty() {
                say("the demo companies are there already")?;
            }
        }
        Some(count) => {
            let made = crate::demo::make_many(config, slug, count).await?;
            say(format!("made {} tickets in {slug} in {:.1} s", made.tickets, made.took.as_secs_f64()))?;
        }
    }
    say(format!("everyone's password there is {}", crate::demo::PASSWORD))
}

fn load_config(cli: &Cli) -> Outcome<Config> {
    Ok(Config::load(&cli.settings())?)
}

/// Opens the data. To write, a data folder must be ours alone: a running server holds it; a database may
/// have any number of servers.
async fn open_store(config: &Config, mode: Mode) -> Outcome<Store> {
    Ok(try_open_store(config, mode).await?)
}

async fn try_open_store(config: &Config, mode: Mode) -> Result<Store, OpenError> {
    let randomness = Arc::new(SystemRandomness::default());
    let mut options = config.store_options(Arc::new(SystemClock), randomness, Arc::new(Unheard));
    options.mode = mode;
    if let Some(database) = &mut options.database {
        // An export reads a whole company with one statement, however long that takes.
        database.statement_timeout = database.statement_timeout.filter(|_| mode != Mode::ReadOnly);
        database.connections = 2;
    }
    Store::open(options).await
}

/// The tenant of that slug.
async fn find_tenant(store: &Store, slug: &str) -> Outcome<Arc<Tenant>> {
    let found = store.control().tenant_by_slug(slug).await?;
    found.ok_or_else(|| Failure::new(format!("there is no tenant {slug:?}")))
}

fn context(tenant: &Tenant) -> TenantCtx {
    #[expect(clippy::disallowed_methods, reason = "an operator's command about this tenant")]
    TenantCtx::for_operator(tenant.id)
}

fn operator() -> Origin {
    Origin { actor: Actor::operator(), ip: None, request_id: None }
}

/// Writes a line to standard output. A reader that has gone away is no failure of ours.
fn say(line: impl std::fmt::Display) -> Outcome {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(error)),
        _ => Ok(()),
    }
}
