//! Where workflows call back: the public address, or another one that the operator names, or, while an ngrok agent
//! beside the server has a tunnel to it, that tunnel's address, which nobody knows before the agent has started.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use reqwest::{Client, StatusCode};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::CALLBACK_PATH;
use crate::config::Config;

/// How often the agent is asked.
const POLL: Duration = Duration::from_secs(2);
/// How long its answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);
/// The largest answer that is read, in bytes: a tunnel takes some hundreds.
const ANSWER_MOST: usize = 256 * 1024;

/// The address in force. Cheap to clone; all clones see a new one at once.
#[derive(Clone)]
pub(crate) struct CallbackAddress(Arc<Inner>);

struct Inner {
    usual: String,
    tunnel: RwLock<Option<String>>,
}

impl CallbackAddress {
    /// The configured one.
    pub(crate) fn new(config: &Config) -> Self {
        let origin = config.callback_url.as_ref().map_or(config.origin(), |url| url.as_str());
        Self(Arc::new(Inner { usual: with_path(origin), tunnel: RwLock::default() }))
    }

    /// Where a workflow calls back that is told now.
    pub(crate) fn current(&self) -> String {
        let tunnel = self.0.tunnel.read().unwrap_or_else(PoisonError::into_inner);
        tunnel.as_ref().unwrap_or(&self.0.usual).clone()
    }

    fn set_tunnel(&self, address: Option<String>) {
        let mut tunnel = self.0.tunnel.write().unwrap_or_else(PoisonError::into_inner);
        if *tunnel != address {
            tracing::info!(address = address.as_ref().unwrap_or(&self.0.usual), "workflows call back here");
            *tunnel = address;
        }
    }

    /// Asks the agent whose API is at `api` until `stop`. Without an answer there is no tunnel.
    pub(super) async fn follow(self, client: Client, api: Url, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            let Some(found) = stop.run_until_cancelled(ask(&client, &api)).await else { return };
            let origin = found.unwrap_or_else(|reason| {
                tracing::debug!(%reason, %api, "the tunnel's agent does not answer");
                None
            });
            self.set_tunnel(origin.map(|origin| with_path(&origin)));
        }
    }
}

fn with_path(origin: &str) -> String {
    format!("{}{CALLBACK_PATH}", origin.trim_end_matches('/'))
}

/// A client for the agent, which is beside the server: neither a proxy nor a redirect leads there.
pub(super) fn client() -> Result<Client, reqwest::Error> {
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(ANSWERS_WITHIN).build()
}

/// The agent's answer to `GET /api/tunnels`, as far as it matters here.
#[derive(Deserialize)]
struct Tunnels {
    tunnels: Vec<Tunnel>,
}

#[derive(Deserialize)]
struct Tunnel {
    public_url: String,
}

/// The tunnel's public origin, `None` when there is none at the moment.
async fn ask(client: &Client, api: &Url) -> Result<Option<String>, String> {
    let url = api.join("/api/tunnels").map_err(|e| e.to_string())?;
    let mut response = client.get(url).send().await.map_err(|e| e.to_string())?;
    if response.status() != StatusCode::OK {
        return Err(format!("it answers {}", response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| e.to_string())? {
        body.extend_from_slice(&chunk);
        if body.len() > ANSWER_MOST {
            return Err(format!("its answer is longer than {ANSWER_MOST} bytes"));
        }
    }
    let Tunnels { tunnels } = serde_json::from_slice(&body).map_err(|e| e.to_string())?;
    Ok(tunnels.iter().find_map(|tunnel| public_origin(&tunnel.public_url)))
}

/// The origin of a tunnel by which secrets may travel.
fn public_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    (url.scheme() == "https" && url.host().is_some()).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(variables: &[(&str, &str)]) -> CallbackAddress {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        CallbackAddress::new(&Config::read(variables, &[]).unwrap())
    }

    #[test]
    fn it_is_the_public_address_unless_another_one_is_named() {
        let public = ("FLOWBIT_PUBLIC_URL", "https://desk.example.com");
        assert_eq!(address(&[public]).current(), "https://desk.example.com/webhook/ticket-done");
        let named = address(&[public, ("FLOWBIT_CALLBACK_URL", "http://flowbit:3000")]);
        assert_eq!(named.current(), "http://flowbit:3000/webhook/ticket-done");
    }

    #[test]
    fn a_tunnel_goes_before_both_for_as_long_as_it_is_there() {
        let address = address(&[("FLOWBIT_CALLBACK_URL", "http://flowbit:3000")]);
        address.set_tunnel(Some(with_path("https://a1b2.ngrok.app")));
        assert_eq!(address.clone().current(), "https://a1b2.ngrok.app/webhook/ticket-done");
        address.set_tunnel(None);
        assert_eq!(address.current(), "http://flowbit:3000/webhook/ticket-done");
    }

    #[test]
    fn secrets_do_not_travel_in_the_clear() {
        assert_eq!(public_origin("https://a1b2.ngrok.app"), Some("https://a1b2.ngrok.app".to_owned()));
        assert_eq!(
            public_origin("https://a1b2.ngrok.app:8443/x"),
            Some("https://a1b2.ngrok.app:8443".to_owned())
        );
        for other in ["http://a1b2.ngrok.app", "tcp://0.tcp.ngrok.io:1", "", "nonsense"] {
            assert_eq!(public_origin(other), None, "{other}");
        }
    }
}
