//! Connects a company with its workflow: signs in as its admin and makes the endpoint once.
//!
//! An endpoint's secrets are shown once, so they are kept in a folder, for its owner alone. Where they are lost,
//! the endpoint's secrets are made anew.

use crate::http::Client;
use crate::private;
use crate::workflow::{Company, Secrets};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The companies that `flowbit serve --demo` makes, by the address of their admin.
pub const ADMINS: [(&str, &str); 2] =
    [("LogisticsCo", "admin@logisticsco.com"), ("RetailGmbH", "admin@retailgmbh.com")];

/// The password of every demo account; it opens nothing outside demo mode.
pub const PASSWORD: &str = "StrongDemo@2025!";

/// How long a workflow may take before Flowbit shows its ticket as overdue.
const DEADLINE_SECONDS: u32 = 120;

/// One company, connected.
#[derive(Clone)]
pub struct Connected {
    /// Whose workflow it is.
    pub company: Company,
    /// The endpoint's id.
    pub endpoint: String,
    /// What both sides know.
    pub secrets: Secrets,
    admin: Admin,
}

/// Who signs in for a company.
#[derive(Clone)]
pub struct Admin {
    /// The address.
    pub email: String,
    /// The password. Shown nowhere.
    pub password: String,
}

impl Admin {
    /// The admin of a demo company.
    #[must_use]
    pub fn of_demo(email: &str) -> Self {
        Self { email: email.to_owned(), password: PASSWORD.to_owned() }
    }
}

/// What is kept of each endpoint between runs, by the company's slug.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    endpoint: String,
    #[serde(flatten)]
    secrets: Secrets,
}

/// The file with the secrets, and the server they belong to.
pub struct Connector {
    client: Client,
    n8n: String,
    file: PathBuf,
}

impl Connector {
    /// For Flowbit at `flowbit` and n8n at `n8n`, with the secrets in `folder`.
    #[must_use]
    pub fn new(flowbit: &str, n8n: &str, folder: &Path) -> Self {
        Self { client: Client::new(flowbit), n8n: n8n.to_owned(), file: folder.join("endpoints.json") }
    }

    fn read(&self) -> BTreeMap<String, Kept> {
        std::fs::read(&self.file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn keep(&self, slug: &str, kept: &Kept) -> Result<()> {
        let mut all = self.read();
        all.insert(slug.to_owned(), kept.clone());
        private::write_private(&self.file, &serde_json::to_vec_pretty(&all)?)
    }

    fn sign_in(&self, admin: &Admin) -> Result<(Client, Value)> {
        let body = json!({"email": admin.email, "password": admin.password});
        let answer = self.client.post("/api/auth/login", &body)?;
        let session = answer.expect(200, &format!("signing in as {}", admin.email))?;
        let token = session["accessToken"].as_str().context("the sign-in gives no accessToken")?;
        Ok((self.client.with_token(token), session))
    }

    /// Makes sure that this admin's company has an endpoint for its workflow and that its secrets are known.
    ///
    /// # Errors
    /// When Flowbit refuses something or can't be reached, and when the secrets can't be kept.
    pub fn connect(&self, admin: Admin) -> Result<Connected> {
        let (client, session) = self.sign_in(&admin)?;
        let text = |name: &str| {
            let value = session["customer"][name].as_str();
            value.map(str::to_owned).with_context(|| format!("the sign-in gives no customer.{name}"))
        };
        let locale = text("locale").unwrap_or_else(|_| "en".to_owned());
        let company = Company { slug: text("slug")?, name: text("name")?, locale };
        let url = format!("{}/webhook/{}", self.n8n, company.path());
        let there = endpoints(&client)?;

        // By its id if that is known, else by its address, whatever n8n's port was then: another endpoint beside
        // it would leave each ticket with a delivery that never arrives.
        let known = self.read().remove(&company.slug);
        let by_id = known
            .as_ref()
            .and_then(|kept| there.iter().find(|endpoint| endpoint["id"] == kept.endpoint.as_str()));
        let found = by_id.or_else(|| there.iter().find(|endpoint| self.is_ours(endpoint, &company.path())));
        let kept = match (found, known) {
            (Some(_), Some(kept)) if by_id.is_some() => kept,
            (Some(endpoint), _) => rotate(&client, id_of(endpoint)?)?,
            (None, _) => create(&client, &url, &company.locale)?,
        };
        if found.is_some_and(|endpoint| endpoint["url"] != url.as_str()) {
            let path = format!("/api/admin/endpoints/{}", kept.endpoint);
            client.patch(&path, &json!({"url": url}))?.expect(200, "changing the endpoint's address")?;
        }
        self.keep(&company.slug, &kept)?;
        Ok(Connected { company, endpoint: kept.endpoint, secrets: kept.secrets, admin })
    }

    /// New secrets for an endpoint whose secrets turned out to be other ones than those kept.
    ///
    /// # Errors
    /// As with [`Connector::connect`].
    pub fn renew(&self, connected: &Connected) -> Result<Connected> {
        let (client, _) = self.sign_in(&connected.admin)?;
        let kept = rotate(&client, &connected.endpoint)?;
        self.keep(&connected.company.slug, &kept)?;
        Ok(Connected { secrets: kept.secrets, ..connected.clone() })
    }

    /// Sends a test delivery, which also makes waiting ones due.
    ///
    /// # Errors
    /// As with [`Connector::connect`].
    pub fn test(&self, connected: &Connected) -> Result<TestDelivery> {
        let (client, _) = self.sign_in(&connected.admin)?;
        let path = format!("/api/admin/endpoints/{}/test", connected.endpoint);
        let sent = client.post(&path, &json!({}))?.expect(202, "sending a test delivery")?;
        let id = sent["deliveryId"].as_str().context("the test gives no deliveryId")?;
        Ok(TestDelivery { path: format!("/api/admin/deliveries/{id}"), client })
    }

    /// Whether this endpoint leads to the workflow at `path` of the same n8n, whatever its port was.
    fn is_ours(&self, endpoint: &Value, path: &str) -> bool {
        let Some((host, _)) = host_and_path(&self.n8n) else { return false };
        endpoint["url"]
            .as_str()
            .and_then(host_and_path)
            .is_some_and(|(found, rest)| found == host && rest.strip_prefix("webhook/") == Some(path))
    }
}

/// A test delivery on its way.
pub struct TestDelivery {
    client: Client,
    path: String,
}

impl TestDelivery {
    /// What came of it; `None` while there is nothing to read yet.
    ///
    /// # Errors
    /// When Flowbit can't be asked.
    pub fn look(&self) -> Result<Option<Tested>> {
        let delivery = self.client.get(&self.path)?.expect(200, "reading the test delivery")?;
        Ok(Tested::read(&delivery))
    }
}

/// The host of an address without its port, and what stands behind the first slash.
fn host_and_path(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    Some((authority.rsplit_once(':').map_or(authority, |(host, _port)| host), path))
}

/// What came of a test delivery.
#[derive(Debug, PartialEq, Eq)]
pub enum Tested {
    /// n8n took it.
    Delivered,
    /// n8n refused the secrets.
    Refused,
    /// Anything else, in words.
    Failed(String),
}

impl Tested {
    /// `None` while there is nothing to read yet.
    fn read(delivery: &Value) -> Option<Self> {
        let status = delivery["lastStatus"].as_u64();
        match (delivery["state"].as_str(), status) {
            (Some("delivered"), _) => Some(Self::Delivered),
            (_, Some(401 | 403)) => Some(Self::Refused),
            (_, _) if delivery["attemptCount"].as_u64().unwrap_or(0) == 0 => None,
            (_, Some(status)) => Some(Self::Failed(format!("n8n answered {status}"))),
            (_, None) => delivery["lastError"].as_str().map(|error| Self::Failed(error.to_owned())),
        }
    }
}

fn endpoints(client: &Client) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut path = "/api/admin/endpoints".to_owned();
    loop {
        let mut page = client.get(&path)?.expect(200, "listing the endpoints")?;
        let items = page["items"].as_array_mut().context("the list of endpoints has no items")?;
        all.append(items);
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/admin/endpoints?cursor={cursor}"),
            None => return Ok(all),
        }
    }
}

fn create(client: &Client, url: &str, locale: &str) -> Result<Kept> {
    // Customers read this as the name of who answered.
    let description = if locale == "de" { "Erstantwort (n8n)" } else { "First answer (n8n)" };
    let body = json!({
        "url": url,
        "events": ["ticket.created"],
        "description": description,
        "deadlineSeconds": DEADLINE_SECONDS,
    });
    kept(&client.post("/api/admin/endpoints", &body)?.expect(201, "making the endpoint")?, None)
}

fn rotate(client: &Client, id: &str) -> Result<Kept> {
    let path = format!("/api/admin/endpoints/{id}/rotate-secret");
    let answer = client.post(&path, &json!({}))?;
    if !(200..300).contains(&answer.status) {
        bail!("rotating the endpoint's secrets: {}", answer.status);
    }
    kept(&answer.body, Some(id))
}

fn kept(answer: &Value, id: Option<&str>) -> Result<Kept> {
    let text = |name: &str| {
        answer[name]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("the endpoint's answer has no {name}"))
    };
    let endpoint = match id {
        Some(id) => id.to_owned(),
        None => id_of(answer)?.to_owned(),
    };
    Ok(Kept { endpoint, secrets: Secrets { secret: text("secret")?, shared_secret: text("sharedSecret")? } })
}

fn id_of(endpoint: &Value) -> Result<&str> {
    endpoint["id"].as_str().context("an endpoint has no id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_delivery_is_read_by_what_came_of_it() {
        let read = |state: &str, attempts: u64, status: Value, error: Value| {
            Tested::read(
                &json!({"state": state, "attemptCount": attempts, "lastStatus": status, "lastError": error}),
            )
        };
        assert_eq!(read("pending", 0, Value::Null, Value::Null), None);
        assert_eq!(read("sending", 1, Value::Null, Value::Null), None);
        assert_eq!(read("delivered", 1, json!(200), Value::Null), Some(Tested::Delivered));
        assert_eq!(read("pending", 1, json!(403), json!("refused")), Some(Tested::Refused));
        assert_eq!(read("pending", 1, json!(401), Value::Null), Some(Tested::Refused));
        assert_eq!(
            read("pending", 1, json!(500), Value::Null),
            Some(Tested::Failed("n8n answered 500".to_owned()))
        );
        let refused = read("pending", 1, Value::Null, json!("connection refused"));
        assert_eq!(refused, Some(Tested::Failed("connection refused".to_owned())));
    }

    #[test]
    fn an_endpoint_is_known_again_by_its_address() {
        let at = |n8n: &str| Connector::new("http://127.0.0.1:1", n8n, Path::new("/nowhere"));
        let local = at("http://127.0.0.1:5678");
        let ours = |url: &str| local.is_ours(&json!({"url": url}), "flowbit-one");
        assert!(ours("http://127.0.0.1:5678/webhook/flowbit-one"));
        assert!(ours("http://127.0.0.1:6001/webhook/flowbit-one"));
        assert!(!ours("http://127.0.0.1:5678/webhook/flowbit-one-more"));
        assert!(!ours("https://n8n.example/webhook/flowbit-one"));
        assert!(!ours("http://n8n:5678/webhook/flowbit-one"));
        let stack = at("http://n8n:5678");
        assert!(stack.is_ours(&json!({"url": "http://n8n:5678/webhook/flowbit-one"}), "flowbit-one"));
        assert!(!stack.is_ours(&json!({"url": "http://n8n2:5678/webhook/flowbit-one"}), "flowbit-one"));
    }

    #[test]
    fn what_is_kept_can_be_read_again_and_only_by_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("flowbit-connect-{}", std::process::id()));
        private::private_folder(&folder).unwrap();
        let connector = Connector::new("http://127.0.0.1:1", "http://127.0.0.1:2", &folder);
        let one = Kept {
            endpoint: "e1".to_owned(),
            secrets: Secrets { secret: "whsec_AA==".to_owned(), shared_secret: "s".to_owned() },
        };
        connector.keep("one", &one).unwrap();
        connector.keep("two", &Kept { endpoint: "e2".to_owned(), ..one }).unwrap();
        let all = connector.read();
        assert_eq!(all["one"].endpoint, "e1");
        assert_eq!(all["two"].secrets.secret, "whsec_AA==");
        assert_eq!(std::fs::metadata(&connector.file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
