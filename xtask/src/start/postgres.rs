//! A private PostgreSQL: its files in the data folder, its port on the loopback interface, its passwords in the
//! state folder, for their owner alone.

use crate::process::{self, Service};
use crate::stop::Stop;
use crate::{console, debian, places};
use anyhow::{Context, Result, bail};
use rustix::process::geteuid;
use serde::{Deserialize, Serialize};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What its record and log are called.
pub(crate) const NAME: &str = "postgres";
/// After a crash it reads its log again first.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to write down what it has in memory.
pub(crate) const GRACE: Duration = Duration::from_secs(30);
/// Each node's connections, and some for whoever looks at it.
const CONNECTIONS_PER_NODE: u16 = 20;

/// The passwords of its roles.
#[derive(Serialize, Deserialize)]
struct Passwords {
    admin: String,
    server: String,
}

/// A running cluster.
pub(crate) struct Postgres {
    pub(crate) service: Service,
    /// As the superuser.
    pub(crate) admin: String,
    /// As Flowbit's role.
    pub(crate) server: String,
}

/// The user that runs it: PostgreSQL refuses to run as root.
#[derive(Clone, Copy)]
pub(crate) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// `None`: whoever runs this.
    pub(crate) fn find() -> Result<Option<Self>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let users = std::fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let found = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
            Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        });
        found.map(Some).context("PostgreSQL does not run as root, and there is no user postgres to run it as")
    }

    /// The program, run as this user.
    pub(crate) fn command(user: Option<Self>, program: &Path) -> Command {
        let Some(Self { uid, gid }) = user else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
        command.arg("--").arg(program);
        command
    }

    /// Gives a file or folder to this user.
    pub(crate) fn own(user: Option<Self>, path: &Path) -> Result<()> {
        let Some(Self { uid, gid }) = user else { return Ok(()) };
        chown(path, Some(uid), Some(gid)).with_context(|| format!("cannot give {} away", path.display()))
    }
}

/// Starts the cluster in `data`, which is made the first time, and waits until it is ready.
pub(crate) fn start(data: &Path, folder: &Path, nodes: u16, stop: &Stop) -> Result<Postgres> {
    let server = debian::ensure("postgres", "postgresql", stop)?;
    let initdb = debian::ensure("initdb", "postgresql", stop)?;
    let user = User::find()?;
    let home = make_home(data, user)?;
    let passwords = read_passwords(&folder.join("postgres.json"))?;
    let files = home.join("data");
    if !files.join("PG_VERSION").exists() {
        make_cluster(&initdb, &home, &files, &passwords.admin, user, folder, stop)?;
    }
    let port = places::free_port()?;
    let connections = CONNECTIONS_PER_NODE.saturating_mul(nodes).saturating_add(20);
    let mut command = User::command(user, &server);
    command.arg("-D").arg(&files).current_dir(&home).env("LC_ALL", "C.UTF-8");
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={connections}"),
        "logging_collector=off".to_owned(),
    ] {
        command.args(["-c", &setting]);
    }
    let mut service = Service::start(NAME, &mut command, folder)?;
    let log = folder.join(format!("{NAME}.log"));
    let ready = stop.wait_for(READY_WITHIN, || {
        service.check()?;
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        Ok(said.contains("ready to accept connections").then_some(()))
    });
    let address = |role: &str, password: &str, name: &str| {
        format!("postgresql://{role}:{password}@127.0.0.1:{port}/{name}")
    };
    match ready {
        Ok(Some(())) => Ok(Postgres {
            service,
            admin: address("postgres", &passwords.admin, "postgres"),
            server: address("flowbit", &passwords.server, "flowbit"),
        }),
        other => {
            service.stop(GRACE, stop);
            other?;
            bail!("PostgreSQL was not ready within {}", console::took(READY_WITHIN))
        }
    }
}

/// A folder that the user alone may read, and that they can reach.
fn make_home(data: &Path, user: Option<User>) -> Result<PathBuf> {
    let home = data.join("postgres");
    places::private_folder(&home)?;
    User::own(user, &home)?;
    if user.is_some() {
        // Others may pass through, but see nothing: what is inside is each owner's alone.
        let through = std::fs::Permissions::from_mode(0o711);
        std::fs::set_permissions(data, through).with_context(|| format!("cannot open {}", data.display()))?;
        let mut look = User::command(user, Path::new("test"));
        look.arg("-w").arg(&home);
        if process::output(&mut look).is_err() {
            bail!(
                "PostgreSQL runs as the user postgres, who cannot reach {}: a folder above it keeps others out; choose another place with --data",
                home.display()
            );
        }
    }
    Ok(home)
}

fn read_passwords(file: &Path) -> Result<Passwords> {
    if let Ok(kept) = std::fs::read(file) {
        return serde_json::from_slice(&kept).with_context(|| format!("{} cannot be read", file.display()));
    }
    let make = || {
        let mut bytes = [0; 24];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        Ok::<_, anyhow::Error>(hex::encode(bytes))
    };
    let made = Passwords { admin: make()?, server: make()? };
    places::write_private(file, &serde_json::to_vec_pretty(&made)?)?;
    Ok(made)
}

fn make_cluster(
    initdb: &Path,
    home: &Path,
    files: &Path,
    password: &str,
    user: Option<User>,
    folder: &Path,
    stop: &Stop,
) -> Result<()> {
    console::say("Making a PostgreSQL cluster …");
    let secret = home.join("password");
    places::write_private(&secret, password.as_bytes())?;
    User::own(user, &secret)?;
    // Under another name until it is whole.
    let draft = home.join("making");
    if draft.exists() {
        std::fs::remove_dir_all(&draft).with_context(|| format!("cannot remove {}", draft.display()))?;
    }
    let mut command = User::command(user, initdb);
    command
        .arg("--pgdata")
        .arg(&draft)
        .arg("--pwfile")
        .arg(&secret)
        .args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
        .current_dir(home);
    let log = folder.join("initdb.log");
    let made = process::run_logged(&mut command, &log, stop, |_| {});
    std::fs::remove_file(&secret).with_context(|| format!("cannot remove {}", secret.display()))?;
    made.with_context(|| format!("initdb:\n{}", process::tail(&log, 15)))?;
    std::fs::rename(&draft, files).with_context(|| format!("cannot make {}", files.display()))
}
