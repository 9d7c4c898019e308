//! What a registry may say. Each fault is reported with its JSON path and what is allowed, all at once.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use flowbit_domain::{
    FieldError, Role,
    screens::{DeclaredScreen, Remote, Screen},
    text::is_blank,
};
use serde::Deserialize;
use url::Url;

use super::Registry;

const MAX_SCREENS: usize = 50;
const MAX_TITLE: usize = 60;

/// First segments of paths that the server or the shell keep for themselves.
const RESERVED: &[&str] = &[
    "api",
    "healthz",
    "invite",
    "login",
    "logout",
    "metrics",
    "readyz",
    "remotes",
    "settings",
    "socket.io",
    "static",
    "unsubscribe",
    "webhook",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    #[serde(default)]
    tenants: HashMap<String, Company>,
    default: Company,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Company {
    screens: Vec<ScreenText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreenText {
    id: String,
    title: String,
    path: String,
    icon: String,
    roles: Vec<String>,
    remote: RemoteText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemoteText {
    name: String,
    entry: String,
    module: String,
    #[serde(default)]
    integrity: Option<String>,
}

/// Reads and checks the text of a registry.
pub(super) fn parse(text: &str) -> Result<Registry, Vec<FieldError>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let file: File = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        vec![FieldError { path, message: error.into_inner().to_string() }]
    })?;
    json.end().map_err(|error| vec![FieldError { path: ".".into(), message: error.to_string() }])?;

    let mut faults = Faults(Vec::new());
    let mut tenants = HashMap::new();
    for (slug, company) in file.tenants {
        let path = format!("tenants.{slug}");
        if !is_slug(&slug) {
            faults.add(&path, &slug, "a company's slug: 1 to 63 of a-z, 0-9 and -, no - at either end");
        }
        tenants.insert(slug, check_company(&path, company, &mut faults));
    }
    let default = check_company("default", file.default, &mut faults);
    // The companies come in no order of their own.
    faults.0.sort_by(|a, b| a.path.cmp(&b.path));
    if faults.0.is_empty() { Ok(Registry::new(tenants, default)) } else { Err(faults.0) }
}

struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, path: &str, value: &str, allowed: &str) {
        let shown: String = value.chars().take(80).collect();
        self.0.push(FieldError {
            path: path.to_owned(),
            message: format!("{shown:?} is refused; allowed: {allowed}"),
        });
    }
}

fn check_company(path: &str, company: Company, faults: &mut Faults) -> Arc<[DeclaredScreen]> {
    if company.screens.len() > MAX_SCREENS {
        let count = company.screens.len().to_string();
        faults.add(&format!("{path}.screens"), &count, &format!("at most {MAX_SCREENS} screens"));
    }
    let mut ids = HashSet::new();
    let mut paths: Vec<String> = Vec::new();
    let mut remotes: HashMap<String, (String, Option<String>)> = HashMap::new();
    let mut screens = Vec::with_capacity(company.screens.len());
    for (index, text) in company.screens.into_iter().enumerate() {
        let at = format!("{path}.screens[{index}]");
        if !ids.insert(text.id.clone()) {
            faults.add(&format!("{at}.id"), &text.id, "an id that no other screen of this company has");
        }
        if let Some(other) = paths.iter().find(|other| overlap(other, &text.path)) {
            let allowed = format!("a path of its own, neither equal to nor under or above {other:?}");
            faults.add(&format!("{at}.path"), &text.path, &allowed);
        }
        paths.push(text.path.clone());
        // The page registers each remote once, by its name.
        let source = (text.remote.entry.clone(), text.remote.integrity.clone());
        let known = remotes.entry(text.remote.name.clone()).or_insert_with(|| source.clone());
        if *known != source {
            let allowed = format!("the entry and integrity that the remote {:?} has above", text.remote.name);
            faults.add(&format!("{at}.remote.entry"), &text.remote.entry, &allowed);
        }
        screens.push(check_screen(&at, text, faults));
    }
    screens.into()
}

fn overlap(a: &str, b: &str) -> bool {
    let under = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    under(a, b) || under(b, a)
}

fn check_screen(at: &str, text: ScreenText, faults: &mut Faults) -> DeclaredScreen {
    let mut check = |field: &str, value: &str, fine: bool, allowed: &str| {
        if !fine {
            faults.add(&format!("{at}.{field}"), value, allowed);
        }
    };
    check("id", &text.id, is_name(&text.id), "1 to 40 of a-z, 0-9 and -, beginning with a letter");
    let title_fits = !is_blank(&text.title) && !text.title.chars().any(char::is_control);
    check(
        "title",
        &text.title,
        title_fits && text.title.chars().count() <= MAX_TITLE,
        &format!("1 to {MAX_TITLE} visible characters on one line"),
    );
    check("path", &text.path, is_path(&text.path), "/ and segments of a-z, 0-9 and -, such as /tickets");
    let first = text.path.trim_start_matches('/').split('/').next().unwrap_or_default();
    check(
        "path",
        &text.path,
        !RESERVED.contains(&first),
        &format!("a first segment other than {}", RESERVED.join(", ")),
    );
    check(
        "icon",
        &text.icon,
        is_name(&text.icon),
        "the name of an icon of the kit, such as ticket or shield-check",
    );
    let remote = &text.remote;
    check(
        "remote.name",
        &remote.name,
        is_identifier(&remote.name),
        "a JavaScript identifier of letters, digits, _ and $",
    );
    check(
        "remote.entry",
        &remote.entry,
        is_entry(&remote.entry),
        "a path of this server such as /remotes/admin/mf-manifest.json, an https address, or http on this machine",
    );
    check("remote.module", &remote.module, is_module(&remote.module), "./ and a name, such as ./Tickets");
    if let Some(integrity) = &remote.integrity {
        check(
            "remote.integrity",
            integrity,
            is_integrity(integrity),
            "sha256-, sha384- or sha512- and the hash in base64",
        );
    }
    let roles = check_roles(&format!("{at}.roles"), &text.roles, faults);
    DeclaredScreen {
        screen: Screen {
            id: text.id,
            title: text.title,
            path: text.path,
            icon: text.icon,
            remote: Remote {
                name: text.remote.name,
                entry: text.remote.entry,
                module: text.remote.module,
                integrity: text.remote.integrity,
            },
        },
        roles,
    }
}

fn check_roles(path: &str, names: &[String], faults: &mut Faults) -> Vec<Role> {
    const ALLOWED: &str = "one or more of user, agent, admin, each once";
    if names.is_empty() {
        faults.add(path, "", ALLOWED);
    }
    let mut roles = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match Role::parse(name) {
            Some(role) if !roles.contains(&role) => roles.push(role),
            _ => faults.add(&format!("{path}[{index}]"), name, ALLOWED),
        }
    }
    roles
}

fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len()) && is_dashed(text)
}

/// Lower-case letters, digits and hyphens, with no hyphen at either end.
fn is_dashed(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_name(text: &str) -> bool {
    text.len() <= 40 && is_dashed(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_path(text: &str) -> bool {
    text.len() <= 100 && text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_dashed))
}

fn is_identifier(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    text.len() <= 60 && text.starts_with(starts) && text.chars().all(|c| starts(c) || c.is_ascii_digit())
}

fn is_module(text: &str) -> bool {
    text.len() <= 100
        && text.strip_prefix("./").is_some_and(|name| {
            name.split('/').all(|part| {
                part.starts_with(|c: char| c.is_ascii_alphanumeric())
                    && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            })
        })
}

fn is_integrity(text: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let Some((algorithm, hash)) = text.split_once('-') else { return false };
    let length = match algorithm {
        "sha256" => 32,
        "sha384" => 48,
        "sha512" => 64,
        _ => return false,
    };
    STANDARD.decode(hash).is_ok_and(|bytes| bytes.len() == length)
}

fn is_entry(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('/') {
        // `//host` would be another origin; `..` another folder than it seems.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        return !rest.is_empty()
            && text.len() <= 300
            && rest.chars().all(plain)
            && rest.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != "..");
    }
    foreign_origin(text).is_some()
}

/// The origin of an entry that is not on this server; `None` for a path, or for what can't be loaded.
pub(super) fn foreign_origin(entry: &str) -> Option<String> {
    if entry.starts_with('/') {
        return None;
    }
    let url = Url::parse(entry).ok()?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let trusted = url.scheme() == "https" || (url.scheme() == "http" && local);
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    // Quotes, commas and semicolons would end a source in the policy's header; a host holds none.
    (trusted && plain && url.path() != "/").then(|| url.origin().ascii_serialization())
}
