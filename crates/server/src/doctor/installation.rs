//! What a server stands on: its settings, its folder, the machine's limits, and what belongs to no company.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use flowbit_domain::{Timestamp, time::Clock};
use flowbit_store::Store;
use rustix::process::{Resource, getrlimit};
use url::Url;

use super::Findings;
use crate::{
    ambient::SystemClock,
    config::{Config, Mail},
    mail::{Relay, Trouble},
    registry::RegistryHandle,
};

/// With less room writing will soon be refused.
const ROOM_LEAST: u64 = 256 << 20;
/// With less somebody should look for more.
const ROOM_GOOD: u64 = 2 << 30;
/// Clocks may differ by so much, in milliseconds.
const CLOCKS_APART_MS: i64 = 2_000;
/// 2026-01-01: a clock that shows an earlier time was never set.
const CLOCK_LEAST: Timestamp = Timestamp(1_767_225_600_000);
/// Keys sign for 30 days; a server that runs makes the next one in time.
const KEY_OLD_MS: i64 = 45 * 24 * 60 * 60 * 1_000;

pub(super) fn examine_settings(config: &Config, findings: &mut Findings<'_>) {
    const WHAT: &str = "settings";
    for name in &config.unknown {
        findings.notable(WHAT, format!("{name} means nothing to this version"));
    }
    if !config.rate_limits {
        findings.notable(WHAT, "FLOWBIT_RATE_LIMITS is off: anybody may try passwords as fast as they like");
    }
    let url = &config.public_url;
    let is_local = url.host_str().is_none_or(|host| {
        host == "localhost"
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    });
    match url.scheme() {
        "https" => findings.fine(WHAT, format!("people and workflows reach it at {url}")),
        _ if is_local => findings.notable(
            WHAT,
            format!(
                "FLOWBIT_PUBLIC_URL is {url}: nobody else reaches it there, and workflows can't call back"
            ),
        ),
        _ => findings.notable(WHAT, format!("FLOWBIT_PUBLIC_URL is {url}: passwords travel unprotected")),
    }
    match RegistryHandle::open(config.registry.as_deref()) {
        Ok(_) => findings.fine("registry", "the registry of screens is valid"),
        Err(error) => findings.wrong("registry", error),
    }
    if SystemClock.now() < CLOCK_LEAST {
        findings.wrong("clock", format!("it shows {}: it was never set", SystemClock.now()));
    }
}

pub(super) async fn examine_mail(mail: &Mail, public_url: &Url, findings: &mut Findings<'_>) {
    const WHAT: &str = "mail";
    let relay = match Relay::new(mail.smtp.clone(), public_url) {
        Ok(relay) => relay,
        Err(error) => return findings.wrong(WHAT, error),
    };
    match relay.open().await {
        Ok(session) => {
            session.close().await;
            findings.fine(WHAT, format!("{} takes e-mails from {}", mail.smtp, mail.from));
        }
        Err(Trouble::Away(error)) => {
            findings.wrong(WHAT, format!("{}: {error}; e-mails wait for it", mail.smtp))
        }
        Err(Trouble::Later(code) | Trouble::Refused(code)) => {
            findings.wrong(WHAT, format!("{} answers {code}", mail.smtp))
        }
    }
}

pub(super) fn examine_limits(findings: &mut Findings<'_>) {
    match getrlimit(Resource::Nofile).maximum {
        Some(limit) if limit < 4_096 => findings.notable(
            "limits",
            format!(
                "at most {limit} files can be open (ulimit -Hn): that is few clients and companies at once"
            ),
        ),
        Some(limit) => findings.fine("limits", format!("{limit} files can be open")),
        None => findings.fine("limits", "any number of files can be open"),
    }
}

pub(super) fn examine_folder(data: &Path, findings: &mut Findings<'_>) {
    const WHAT: &str = "folder";
    let folder = match std::fs::metadata(data) {
        Ok(folder) => folder,
        Err(error) => return findings.wrong(WHAT, format!("{}: {error}", data.display())),
    };
    let mut faults = Vec::new();
    check_private(data, &folder, 0o077, &mut faults);
    let mut paths = Vec::new();
    for within in [data.to_owned(), data.join("tenants")] {
        match std::fs::read_dir(&within) {
            Ok(entries) => paths.extend(entries.flatten().map(|entry| entry.path())),
            Err(error) => faults.push(format!("{}: {error}", within.display())),
        }
    }
    let is_data = |path: &PathBuf| path.to_string_lossy().contains(".db");
    let mut bytes = 0;
    for path in paths.iter().filter(|path| is_data(path)) {
        // One that a server has just removed is none.
        let Ok(file) = std::fs::metadata(path) else { continue };
        bytes += file.len();
        if file.uid() != folder.uid() {
            faults.push(format!("{} belongs to another user than the folder", path.display()));
        }
        check_private(path, &file, 0o077, &mut faults);
    }
    if faults.is_empty() {
        findings.fine(WHAT, format!("{}: its owner's alone, {} MB of data", data.display(), bytes >> 20));
    }
    let more = faults.len().saturating_sub(5);
    for fault in faults.iter().take(5) {
        findings.wrong(WHAT, fault);
    }
    if more > 0 {
        findings.wrong(WHAT, format!("and {more} more of the kind"));
    }
    examine_room(data, findings);
}

fn check_private(path: &Path, found: &Metadata, others: u32, faults: &mut Vec<String>) {
    if found.mode() & others != 0 {
        faults.push(format!(
            "{} can be opened by others (mode {:o}): chmod go= it",
            path.display(),
            found.mode() & 0o777
        ));
    }
}

fn examine_room(data: &Path, findings: &mut Findings<'_>) {
    const WHAT: &str = "room";
    match rustix::fs::statvfs(data) {
        Err(error) => findings.wrong(WHAT, format!("{}: {error}", data.display())),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let text = format!("{} MB are free on the disk of {}", free >> 20, data.display());
            match free {
                free if free < ROOM_LEAST => {
                    findings.wrong(WHAT, format!("only {text}: writing will be refused soon"))
                }
                free if free < ROOM_GOOD => findings.notable(WHAT, format!("only {text}")),
                _ => findings.fine(WHAT, text),
            }
            if disk.f_favail < 1_000 && disk.f_files > 0 {
                findings.wrong(WHAT, format!("only {} more files fit on that disk", disk.f_favail));
            }
        }
    }
}

pub(super) async fn examine_control(store: &Store, findings: &mut Findings<'_>) {
    const WHAT: &str = "control";
    let now = SystemClock.now();
    let control = store.control();
    match store.inspect_control().await {
        Ok(wrong) => wrong.iter().for_each(|line| findings.wrong(WHAT, line)),
        Err(error) => findings.wrong(WHAT, error),
    }
    match store.database_time().await {
        Ok(None) => {}
        Ok(Some(there)) if (there.0 - now.0).abs() > CLOCKS_APART_MS => findings.wrong(
            "clock",
            format!("the database's shows {there}, this machine's {now}: leases and tokens rely on them"),
        ),
        Ok(Some(_)) => findings.fine("clock", "it agrees with the database's"),
        Err(error) => findings.wrong("clock", error),
    }
    match control.signing_keys().await {
        Err(error) => findings.wrong("keys", error),
        Ok(keys) => match keys.first() {
            None => {
                findings.notable("keys", "there is no signing key yet: the server makes one when it starts")
            }
            Some(key) if now.0 - key.created_at.0 > KEY_OLD_MS => findings.notable(
                "keys",
                format!(
                    "the newest is of {}: no server has run for long, or it can't make another",
                    key.created_at
                ),
            ),
            Some(key) => findings.fine("keys", format!("the newest is of {}", key.created_at)),
        },
    }
    match control.unfinished_imports().await {
        Err(error) => findings.wrong(WHAT, error),
        Ok(imports) => imports.iter().for_each(|(_, slug, since)| {
            findings.notable(
                WHAT,
                format!(
                    "an import of {slug} was begun at {since} and is under way or broke off: \
                     run it again, or flowbit tenant erase {slug} --yes"
                ),
            );
        }),
    }
    match control.erasures().await {
        Err(error) => findings.wrong(WHAT, error),
        Ok(erasures) => erasures.iter().filter(|erasure| erasure.finished_at.is_none()).for_each(|erasure| {
            let slug = &erasure.slug;
            findings
                .notable(WHAT, format!("the erasure of {slug} is under way or goes on at the next start"));
        }),
    }
}
