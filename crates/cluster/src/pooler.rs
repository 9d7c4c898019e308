//! PgBouncer before a cluster: in transaction mode, where each transaction may have another connection, or in
//! session mode.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::{MetadataExt, chown},
    process::{Child, Command, Stdio},
};

use rustix::process::geteuid;

use tempfile::TempDir;

use crate::Database;

/// A running PgBouncer, gone with this.
pub struct Pooler {
    child: Child,
    _folder: TempDir,
    port: u16,
}

/// For how long a client has a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// For a transaction.
    Transaction,
    /// For as long as it stays.
    Session,
}

impl Pooler {
    /// Starts one in transaction mode that has so many connections to a database, all of them of `role`.
    ///
    /// # Errors
    /// When PgBouncer is not installed or does not start.
    pub fn before(
        database: &Database,
        role: &str,
        connections: usize,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Self::start(database, role, connections, Pooling::Transaction)
    }

    /// The same in a mode.
    ///
    /// # Errors
    /// When PgBouncer is not installed or does not start.
    pub fn start(
        database: &Database,
        role: &str,
        connections: usize,
        pooling: Pooling,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let cluster = database.cluster();
        let folder = tempfile::Builder::new().prefix("flowbit-pooler-").tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mode = match pooling {
            Pooling::Transaction => "transaction",
            Pooling::Session => "session",
        };
        // Like the database itself it refuses to run as root.
        let user = if geteuid().is_root() { "user = postgres\n" } else { "" };
        // With `any` it signs in everybody as whoever the database's entry names.
        let settings = format!(
            "[databases]\n* = user={role} host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {connections}\n\
             max_client_conn = 200\n{user}",
            cluster.folder().display(),
            cluster.port(),
        );
        let file = folder.path().join("pgbouncer.ini");
        fs::write(&file, settings)?;
        let owner = fs::metadata(cluster.folder())?;
        for path in [folder.path(), &file] {
            chown(path, Some(owner.uid()), Some(owner.gid()))?;
        }
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--", "/usr/sbin/pgbouncer"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(child.stderr.take().ok_or("no pipe")?);
        let mut said = String::new();
        while !said.contains("process up") {
            if log.read_line(&mut said)? == 0 {
                return Err(format!("pgbouncer did not start: {said}").into());
            }
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(Self { child, _folder: folder, port })
    }

    /// The address of a database behind it.
    #[must_use]
    pub fn address(&self, role: &str, database: &Database) -> String {
        format!("postgresql://{role}@127.0.0.1:{}/{}", self.port, database.name())
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
