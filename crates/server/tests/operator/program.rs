//! Runs the binary on a data folder of its own.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
};

use serde_json::{Value, json};

use crate::place;

pub(crate) const PASSWORD: &str = "a password for tests";

/// A place for one test's data and files.
pub(crate) struct Place {
    data: place::Place,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { data: place::Place::new() }
    }

    /// In files, whatever the engine of the run.
    pub(crate) fn of_files() -> Self {
        Self { data: place::Place::of_files() }
    }

    /// In a database, whatever the engine of the run.
    pub(crate) fn of_database() -> Self {
        Self { data: place::Place::of_database() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.data.path().join(name)
    }

    /// The database's address, if the data is in one.
    pub(crate) fn address(&self) -> Option<String> {
        self.data.address()
    }

    /// The same for who may do everything.
    pub(crate) fn admin_address(&self) -> String {
        self.data.database().unwrap().address("postgres")
    }

    /// The binary, with no settings but the data folder and this machine's metrics off.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flowbit"));
        for (name, _) in std::env::vars() {
            if name.starts_with("FLOWBIT_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.data.path())
            .env("FLOWBIT_DATA", self.path("data"))
            .env("FLOWBIT_METRICS_LISTEN", "off")
            .env("FLOWBIT_LOG_FORMAT", "json")
            // Links and tokens are made from it, by the command line and the server alike.
            .env("FLOWBIT_PUBLIC_URL", "http://desk.example")
            .stdin(Stdio::null());
        if let Some(address) = self.address() {
            command.env("FLOWBIT_DATABASE_URL", address);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it with a line on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], line: &str) -> Output {
        feed(self.command(arguments), line)
    }

    /// Makes a company whose admin is `admin@SLUG.example`.
    pub(crate) fn found(&self, slug: &str) {
        let email = format!("admin@{slug}.example");
        let arguments = ["tenant", "create", "--slug", slug, "--name", slug, "--admin-email", &email];
        let output = self.run_with(&[&arguments[..], &["--admin-password-stdin"]].concat(), PASSWORD);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs a command with a line on its standard input.
pub(crate) fn feed(mut command: Command, line: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that refuses at once does not read.
    let _ = writeln!(child.stdin.take().unwrap(), "{line}");
    child.wait_with_output().unwrap()
}

/// Checks that it was refused with this code and one line that holds these words.
pub(crate) fn assert_refused(output: &Output, expected: i32, words: &[&str]) {
    let told = stderr(output);
    assert_eq!(code(output), expected, "{told}");
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told:?}");
    }
    if expected == 1 {
        assert_eq!(told.lines().count(), 1, "{told:?}");
        assert!(told.starts_with("flowbit: "), "{told:?}");
    }
}

/// A running server. Killed when dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    log: BufReader<std::process::ChildStdout>,
}

impl Served {
    /// Starts `flowbit serve` on a free port and reads its log until it says that it is ready.
    pub(crate) fn start(place: &Place, arguments: &[&str]) -> Self {
        let mut command = place.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments);
        Self::run(command)
    }

    /// The same with a command of the test's own.
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stdout.take().unwrap());
        let mut served = Self { child, url: String::new(), log };
        while served.url.is_empty() {
            let mut line = String::new();
            assert_ne!(served.log.read_line(&mut line).unwrap(), 0, "it ended before it was ready");
            let entry: Value = serde_json::from_str(&line).unwrap();
            if entry["message"] == "Flowbit is ready" {
                served.url = format!("http://{}", entry["address"].as_str().unwrap());
            }
        }
        served
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM; answers how it ended and what it logged since it was ready.
    pub(crate) fn terminate(mut self) -> (ExitStatus, String) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.log, &mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks over HTTP; answers status and body.
pub(crate) async fn ask(
    served: &Served,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<Value>,
) -> (u16, Value) {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = reqwest::Client::new().request(method, format!("{}{path}", served.url));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Signs in; answers the access token.
pub(crate) async fn sign_in(served: &Served, email: &str, password: &str) -> String {
    let credentials = json!({ "email": email, "password": password });
    let (status, body) = ask(served, "POST", "/api/auth/login", None, Some(credentials)).await;
    assert_eq!(status, 200, "{body}");
    body["accessToken"].as_str().unwrap().to_owned()
}

/// The lines of a file, as JSON.
pub(crate) fn read_lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Raises a ticket in the company acme, of which a workflow is to hear, while no server runs that could tell it.
pub(crate) async fn leave_undelivered(place: &Place, hook: &str) {
    use flowbit_domain::{
        Principal, Role, SessionId, TenantCtx,
        endpoint::{CreateEndpoint, NewEndpoint, Secrets},
        id::EndpointId,
        principal::Origin,
        session::FindLogin,
        ticket::{CreateTicket, NewTicket},
    };
    let ambient = std::sync::Arc::new(Ambient);
    let unheard = std::sync::Arc::new(flowbit_store::Unheard);
    let mut options = place.data.options(ambient.clone(), ambient, unheard);
    options.data = place.path("data");
    let store = flowbit_store::Store::open(options).await.unwrap();
    let tenant = store.control().tenant_by_slug("acme").await.unwrap().unwrap();
    #[expect(clippy::disallowed_methods, reason = "the tests are the operator")]
    let ctx = TenantCtx::for_operator(tenant.id);
    let admin = store.read(&ctx, FindLogin { email: "admin@acme.example".into() }).await.unwrap().unwrap();
    let principal = Principal {
        tenant: tenant.id,
        user: admin.user,
        name: "Admin".into(),
        role: Role::Admin,
        session: SessionId(uuid::Uuid::nil()),
    };
    let origin = Origin { actor: (&principal).into(), ip: None, request_id: None };
    let endpoint = CreateEndpoint {
        principal: principal.clone(),
        origin: origin.clone(),
        id: EndpointId(uuid::Uuid::from_u128(7)),
        secrets: Secrets {
            signing: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz".into(),
            shared: "fbs_shared".into(),
        },
        input: NewEndpoint {
            url: hook.into(),
            events: vec!["ticket.created".into()],
            active: true,
            description: String::new(),
            deadline_seconds: None,
        },
    };
    store.write(&ctx, endpoint).await.unwrap();
    let input = NewTicket { title: "To be told".into(), ..NewTicket::default() };
    store.write(&ctx, CreateTicket { principal, origin, input, idempotency: None }).await.unwrap();
    store.close().await;
}

struct Ambient;

impl flowbit_domain::time::Clock for Ambient {
    #[expect(clippy::disallowed_methods, reason = "a black box has no clock to inject")]
    fn now(&self) -> flowbit_domain::Timestamp {
        flowbit_domain::Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

impl flowbit_domain::time::Randomness for Ambient {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::SecureRandom::fill(&aws_lc_rs::rand::SystemRandom::new(), bytes).unwrap();
    }
}
