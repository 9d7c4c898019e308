//! A mail server of the test's own, which keeps what it is handed in a Maildir.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::harness::{client::until, server::free_port};

/// Where there is an interpreter that has aiosmtpd: Debian's own first.
const PYTHONS: [&str; 2] = ["/usr/bin/python3", "python3"];

/// Gone with the test.
pub(crate) struct Postbox {
    pub(crate) port: u16,
    folder: PathBuf,
    child: Child,
}

fn python() -> &'static str {
    let has_it = |python: &&&str| {
        let asked = Command::new(python).args(["-c", "import aiosmtpd"]).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    PYTHONS
        .iter()
        .find(has_it)
        .expect("no Python has aiosmtpd: install python3-aiosmtpd (apt), as .ci/run does")
}

impl Postbox {
    pub(crate) fn start(within: &Path) -> Self {
        Self::start_at(within, free_port())
    }

    pub(crate) fn start_at(within: &Path, port: u16) -> Self {
        let folder = within.join("postbox");
        let child = Command::new(python())
            .args(["-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")])
            .args(["-c", "postbox.Postbox"])
            .arg(&folder)
            .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .spawn()
            .expect("the mail server starts");
        Self { port, folder, child }
    }

    /// What has arrived, in the order of its arrival, once it is so much.
    pub(crate) async fn until(&self, count: usize) -> Vec<String> {
        until("e-mails", async || {
            let files = std::fs::read_dir(self.folder.join("new")).ok()?;
            let mut files: Vec<_> = files.map(|file| file.unwrap()).collect();
            files.sort_by_key(|file| file.metadata().unwrap().modified().unwrap());
            let read = |file: &std::fs::DirEntry| std::fs::read_to_string(file.path()).unwrap();
            (files.len() >= count).then(|| files.iter().map(read).collect())
        })
        .await
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
