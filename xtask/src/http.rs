//! Ports of this machine. The client for what listens there is that of the crate that connects n8n.

use anyhow::{Context, Result, bail};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

pub(crate) use flowbit_connect::http::Client;

/// `Ok` when nobody listens on this port of the loopback interface. A program that has just ended may hold it a
/// moment longer.
pub(crate) fn check_port_is_free(port: u16, whose: &str, flag: &str) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(2);
    loop {
        match TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() != std::io::ErrorKind::AddrInUse => {
                bail!("port {port} for {whose} cannot be used: {error}")
            }
            Err(_) if Instant::now() >= until => {
                bail!("port {port} for {whose} is taken by another program; choose one with {flag}")
            }
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// A free port whose next one is free as well.
pub(crate) fn free_port_pair() -> Result<u16> {
    for _ in 0..50 {
        let one = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
        let port = one.local_addr()?.port();
        if port.checked_add(1).is_some_and(|next| TcpListener::bind(("127.0.0.1", next)).is_ok()) {
            return Ok(port);
        }
    }
    bail!("no two free ports beside each other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_the_flag_that_helps() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = check_port_is_free(port, "Flowbit", "--port").unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("Flowbit") && error.contains("--port"));
        drop(taken);
        assert!(check_port_is_free(port, "Flowbit", "--port").is_ok());
    }
}
