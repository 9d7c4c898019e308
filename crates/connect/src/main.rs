//! `flowbit-connect`: what the containers run between Flowbit's start and n8n's. It leaves, in one folder that n8n
//! reads before it starts, a workflow and two credentials for each company, and the hash of the password of n8n's
//! own account. Run again it changes nothing that is still right.
//!
//! Exit codes: 0 done; 1 failed, with the reason on standard error; 2 wrong usage.

use anyhow::{Context, Result, ensure};
use clap::{Parser, builder::BoolishValueParser};
use flowbit_connect::endpoint::{ADMINS, Admin, Connected, Connector};
use flowbit_connect::{private, workflow};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What n8n itself takes for its passwords.
const OWNER_COST: u32 = 10;

/// Connect companies of a running Flowbit with an n8n
#[derive(Parser)]
#[command(name = "flowbit-connect", version, max_term_width = 100)]
struct Cli {
    /// Flowbit's address
    #[arg(long, value_name = "URL", env = "FLOWBIT_CONNECT_FLOWBIT")]
    flowbit: String,
    /// n8n's address, as Flowbit reaches it
    #[arg(long, value_name = "URL", env = "FLOWBIT_CONNECT_N8N")]
    n8n: String,
    /// The folder for what n8n imports, and for the endpoints' secrets
    #[arg(long, value_name = "DIR", env = "FLOWBIT_CONNECT_OUT")]
    out: PathBuf,
    /// Connect the demo companies
    #[arg(long, env = "FLOWBIT_DEMO", num_args = 0..=1, default_missing_value = "on", default_value = "off",
        value_parser = BoolishValueParser::new())]
    demo: bool,
    /// Connect the company of this admin, whose password comes by standard input
    #[arg(long, value_name = "EMAIL")]
    admin: Option<String>,
    /// The password of n8n's first account
    #[arg(long, value_name = "PASSWORD", env = "N8N_OWNER_PASSWORD", hide_env_values = true)]
    n8n_owner_password: Option<String>,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody to tell when standard error is closed; the exit code says it too.
            let _ = writeln!(std::io::stderr(), "flowbit-connect: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    private::private_folder(&cli.out)?;
    if let Some(password) = &cli.n8n_owner_password {
        keep_owner(&cli.out.join("owner-password-hash"), password)?;
    }
    let connector = Connector::new(&cli.flowbit, &cli.n8n, &cli.out);
    let mut admins = Vec::new();
    if cli.demo {
        admins.extend(ADMINS.iter().map(|(_, email)| Admin::of_demo(email)));
    }
    if let Some(email) = &cli.admin {
        admins.push(Admin { email: email.clone(), password: read_password()? });
    }
    for admin in admins {
        let connected = connector.connect(admin)?;
        write_imports(&cli.out, &connected)?;
        let name = &connected.company.name;
        writeln!(std::io::stdout(), "{name} is connected with {}", cli.n8n).context("standard output")?;
    }
    Ok(())
}

/// The first line of standard input.
fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(1024).read_to_string(&mut text).context("standard input cannot be read")?;
    let password = text.lines().next().unwrap_or_default();
    ensure!(!password.is_empty(), "standard input holds no password");
    Ok(password.to_owned())
}

/// `<slug>.workflow.json` and `<slug>.credentials.json`, in the shape of n8n's importer.
fn write_imports(folder: &Path, connected: &Connected) -> Result<()> {
    let slug = &connected.company.slug;
    let workflow = workflow::render(&connected.company)?;
    let credentials = workflow::credentials(&connected.company, &connected.secrets)?;
    let write = |kind: &str, bytes: Vec<u8>| {
        private::write_private(&folder.join(format!("{slug}.{kind}.json")), &bytes)
    };
    write("credentials", serde_json::to_vec(&credentials)?)?;
    write("workflow", serde_json::to_vec(&[workflow])?)
}

/// n8n takes the password of its first account as a hash. One that fits already stays.
fn keep_owner(file: &Path, password: &str) -> Result<()> {
    let fits = std::fs::read_to_string(file)
        .is_ok_and(|hash| bcrypt::verify(password, hash.trim()).is_ok_and(|fits| fits));
    if fits {
        return Ok(());
    }
    let hash = bcrypt::hash(password, OWNER_COST).context("the owner's password")?;
    private::write_private(file, hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_owners_hash_that_fits_stays_and_another_password_gets_another() {
        let folder = std::env::temp_dir().join(format!("flowbit-owner-{}", std::process::id()));
        private::private_folder(&folder).unwrap();
        let file = folder.join("owner-password-hash");
        keep_owner(&file, "one").unwrap();
        let first = std::fs::read_to_string(&file).unwrap();
        assert!(first.starts_with("$2b$") && bcrypt::verify("one", &first).unwrap());
        keep_owner(&file, "one").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), first);
        keep_owner(&file, "two").unwrap();
        assert!(bcrypt::verify("two", &std::fs::read_to_string(&file).unwrap()).unwrap());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
