//! `flowbit healthcheck`: asks the server of the same settings whether it can serve. An image that holds nothing but
//! the program has no other program to ask with.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use super::{Failure, Outcome, say};
use crate::config::Config;

/// How long the answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

pub(super) async fn run(config: &Config) -> Outcome {
    let url = format!("http://{}/readyz", reach(config.listen));
    // On this machine: no proxy leads there, and nothing redirects.
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(ANSWERS_WITHIN)
        .build()
        .map_err(Failure::new)?;
    let response = client.get(&url).send().await.map_err(|e| Failure::new(format!("{url}: {e}")))?;
    let status = response.status();
    let text = response.text().await.map_err(|e| Failure::new(format!("{url}: {e}")))?;
    if status == reqwest::StatusCode::OK {
        say("ready")
    } else {
        Err(Failure::new(format!("{status}: {text}")))
    }
}

/// How what listens there is reached from this machine.
fn reach(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_here_as_well() {
        let reach = |text: &str| reach(text.parse().unwrap()).to_string();
        assert_eq!(reach("0.0.0.0:3000"), "127.0.0.1:3000");
        assert_eq!(reach("[::]:3000"), "[::1]:3000");
        assert_eq!(reach("192.0.2.7:80"), "192.0.2.7:80");
    }
}
