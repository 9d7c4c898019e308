//! The workflow in the real n8n, with this program in Flowbit's place: what is signed is answered by a callback,
//! and nothing else is.

use crate::console;
use crate::http::{self, Client};
use crate::n8n::instance::{self, Instance};
use crate::n8n::{self, install};
use crate::process::Service;
use crate::stop::Stop;
use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flowbit_connect::workflow::{Company, Secrets};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a callback that must not come is waited for, after n8n has answered.
const SILENCE: Duration = Duration::from_millis(300);

/// The stage: a new n8n, two companies, every way in.
pub(super) fn run(stop: &Stop) -> Result<()> {
    let install = install::ensure(stop)?;
    let folder = std::env::temp_dir().join(format!("flowbit-workflow-{}", std::process::id()));
    let done = try_out(install, &folder, stop);
    let _ = std::fs::remove_dir_all(&folder);
    done
}

fn try_out(install: install::Install, folder: &std::path::Path, stop: &Stop) -> Result<()> {
    let flowbit = FakeFlowbit::start()?;
    // Bytes that are no text, because most keys are none.
    let companies = [
        company("one", "One Ltd", "en", [0x00, 0x7f, 0x80, 0xc3, 0xff, 0x0a, 0xed, 0xa0]),
        company("zwei", "Zwei GmbH", "de", [0xff, 0xfe, 0x00, 0x22, 0x5c, 0x27, 0x7d, 0x7d]),
    ];
    let n8n = Instance::open(install, instance::claim(folder)?, http::free_port_pair()?)?;
    n8n.import(&companies, stop)?;
    let mut service = n8n.start()?;
    let done = cases(&n8n, &mut service, &flowbit, &companies, stop);
    service.stop(n8n::GRACE, stop);
    done
}

fn cases(
    n8n: &Instance,
    service: &mut Service,
    flowbit: &FakeFlowbit,
    companies: &[(Company, Secrets); 2],
    stop: &Stop,
) -> Result<()> {
    let paths: Vec<String> = companies.iter().map(|(company, _)| company.path()).collect();
    n8n.wait(service, &paths, stop)?;
    for ((company, secrets), (_, foreign)) in companies.iter().zip(companies.iter().rev()) {
        let bench = Bench { client: Client::new(n8n.address()), company, secrets, flowbit };
        bench.accepts_what_is_genuine()?;
        bench.refuses("another company's key", 401, |it| it.key.clone_from(&foreign.secret))?;
        bench.refuses("another company's shared secret", 403, |it| {
            it.shared = Some(foreign.shared_secret.clone());
        })?;
        bench.refuses("no shared secret", 403, |it| it.shared = None)?;
        bench.refuses("a body changed on its way", 401, |it| it.tampered = true)?;
        bench.refuses("a delivery of six minutes ago", 401, |it| it.time -= 360)?;
        bench.refuses("a delivery from the future", 401, |it| it.time += 360)?;
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            bench.refuses(&format!("no {name}"), 401, |it| it.left_out = Some(name))?;
        }
        bench.tells_when_the_callback_is_refused()?;
        console::say(format!("{}: holds", company.name));
    }
    Ok(())
}

fn company(slug: &str, name: &str, locale: &str, bytes: [u8; 8]) -> (Company, Secrets) {
    let company = Company { slug: slug.to_owned(), name: name.to_owned(), locale: locale.to_owned() };
    let secret = format!("whsec_{}", STANDARD.encode(bytes.repeat(4)));
    (company, Secrets { secret, shared_secret: format!("shared-secret-of-{slug}") })
}

/// What a delivery is made of, to be spoiled in one place.
struct Delivery {
    kind: &'static str,
    key: String,
    shared: Option<String>,
    time: i64,
    tampered: bool,
    left_out: Option<&'static str>,
    /// Signatures of other keys around the right one, as during a rotation.
    rotating: bool,
}

struct Bench<'a> {
    client: Client,
    company: &'a Company,
    secrets: &'a Secrets,
    flowbit: &'a FakeFlowbit,
}

impl Bench<'_> {
    fn genuine(&self, kind: &'static str) -> Result<Delivery> {
        #[expect(
            clippy::disallowed_methods,
            reason = "xtask has no injected clock; n8n compares with this one"
        )]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
        Ok(Delivery {
            kind,
            key: self.secrets.secret.clone(),
            shared: Some(self.secrets.shared_secret.clone()),
            time: i64::try_from(now.as_secs())?,
            tampered: false,
            left_out: None,
            rotating: false,
        })
    }

    fn send(&self, it: &Delivery) -> Result<u16> {
        let body = json!({
            "type": it.kind,
            "timestamp": "2026-01-01T00:00:00.000Z",
            "data": {
                "ticket": {
                    "number": 17,
                    "title": "Palette 7 fehlt – „Größe XL“ 📦",
                    "priority": "high",
                    "requester": {"id": "r", "name": "Jürgen Müller"},
                },
                "ticketId": "t1",
                "callbackUrl": format!("http://127.0.0.1:{}/webhook/ticket-done", self.flowbit.port),
                "callbackToken": "token",
            },
        });
        let body = serde_json::to_string(&body)?;
        let (id, time) = ("msg_1", it.time.to_string());
        let mut signature = sign(&it.key, &format!("{id}.{time}.{body}"))?;
        if it.rotating {
            signature = format!("v1,AAAA {signature} v1a,BBBB");
        }
        let body = if it.tampered { body.replace("Palette 7", "Palette 8") } else { body };
        let mut headers =
            vec![("webhook-id", id), ("webhook-timestamp", &time), ("webhook-signature", &signature)];
        headers.retain(|(name, _)| Some(*name) != it.left_out);
        if let Some(shared) = &it.shared {
            headers.push(("x-webhook-secret", shared));
        }
        let path = format!("/webhook/{}", self.company.path());
        Ok(self.client.post_raw(&path, &headers, body.as_bytes())?.status)
    }

    fn accepts_what_is_genuine(&self) -> Result<()> {
        let mut it = self.genuine("ticket.created")?;
        let first = self.is_called_back(&it)?;
        let text = first["message"].as_str().unwrap_or_default();
        let (greeting, end) = match self.company.locale.as_str() {
            "de" => ("Guten Tag Jürgen Müller,", "Ihr Kundenservice von Zwei GmbH"),
            _ => ("Hello Jürgen Müller,", "One Ltd customer service"),
        };
        ensure!(
            text.starts_with(greeting) && text.ends_with(end) && text.contains("17"),
            "the answer is: {text}"
        );
        it.rotating = true;
        let second = self.is_called_back(&it)?;
        ensure!(first == second, "the same delivery made twice says {first} and then {second}");

        let status = self.send(&self.genuine("endpoint.test")?)?;
        ensure!(status == 200, "a test delivery is answered with {status}");
        ensure!(self.flowbit.call().is_none(), "a test delivery led to a callback");
        Ok(())
    }

    fn is_called_back(&self, it: &Delivery) -> Result<Value> {
        let status = self.send(it)?;
        ensure!(status == 200, "a genuine delivery is answered with {status}");
        let call = self.flowbit.call().context("a genuine delivery led to no callback")?;
        ensure!(call.secret == self.secrets.shared_secret, "the callback carries a wrong secret");
        ensure!(
            call.body["ticketId"] == "t1"
                && call.body["callbackToken"] == "token"
                && call.body["status"] == "in_progress",
            "the callback says {}",
            call.body
        );
        Ok(call.body)
    }

    fn refuses(&self, what: &str, wanted: u16, spoil: impl FnOnce(&mut Delivery)) -> Result<()> {
        let mut it = self.genuine("ticket.created")?;
        spoil(&mut it);
        let status = self.send(&it)?;
        ensure!(status == wanted, "{what} is answered with {status}, not {wanted}");
        ensure!(self.flowbit.call().is_none(), "{what} led to a callback");
        Ok(())
    }

    /// A callback that is not accepted must not look like success, or the delivery would not be made again.
    fn tells_when_the_callback_is_refused(&self) -> Result<()> {
        self.flowbit.answer_with(503);
        let status = self.send(&self.genuine("ticket.created")?);
        self.flowbit.answer_with(200);
        let status = status?;
        ensure!(status == 502, "a callback that failed is told as {status}");
        let tries = std::iter::from_fn(|| self.flowbit.call()).count();
        ensure!(tries == 3, "the callback was tried {tries} times");
        Ok(())
    }
}

/// `v1,` and the base64 of the HMAC-SHA256 by the key inside `whsec_…`.
fn sign(secret: &str, content: &str) -> Result<String> {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).context("no base64")?;
    Ok(format!("v1,{}", STANDARD.encode(hmac(&key, content.as_bytes()))))
}

/// HMAC-SHA256 (RFC 2104) for keys of at most one block, which all secrets of Standard Webhooks are.
fn hmac(key: &[u8], content: &[u8]) -> Vec<u8> {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(place, key)| *place ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(content).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

/// One callback.
struct Call {
    secret: String,
    body: Value,
}

/// Listens where Flowbit would.
struct FakeFlowbit {
    port: u16,
    calls: mpsc::Receiver<Call>,
    status: std::sync::Arc<std::sync::atomic::AtomicU16>,
}

impl FakeFlowbit {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port for the callbacks")?;
        let port = listener.local_addr()?.port();
        let (sender, calls) = mpsc::channel();
        let status = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(200));
        let shown = std::sync::Arc::clone(&status);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let status = shown.load(std::sync::atomic::Ordering::SeqCst);
                if let Some(call) = take(stream, status) {
                    let _ = sender.send(call);
                }
            }
        });
        Ok(Self { port, calls, status })
    }

    fn answer_with(&self, status: u16) {
        self.status.store(status, std::sync::atomic::Ordering::SeqCst);
    }

    /// The next callback, if one has come or comes at once.
    fn call(&self) -> Option<Call> {
        self.calls.recv_timeout(SILENCE).ok()
    }
}

fn take(stream: TcpStream, status: u16) -> Option<Call> {
    let mut reader = BufReader::new(stream);
    let (mut length, mut secret, mut line) = (0, String::new(), String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some((name, value)) = line.trim().split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok()?,
                "x-webhook-secret" => value.clone_into(&mut secret),
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = r#"{"applied":true}"#;
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        answer.len()
    );
    reader.get_mut().write_all(format!("{head}connection: close\r\n\r\n{answer}").as_bytes()).ok()?;
    Some(Call { secret, body: serde_json::from_slice(&body).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 4231, test case 2.
        let found = hex::encode(hmac(b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(found, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        // The example of the Standard Webhooks specification's own libraries.
        let content = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let signature = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", content).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
