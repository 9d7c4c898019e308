//! A published port: what comes there goes to the service's own port, byte for byte.

use anyhow::{Context, Result};
use std::net::{Shutdown, TcpListener, TcpStream};

/// Forwards from one port of the loopback interface to another for as long as this program runs.
pub(crate) fn publish(from: u16, to: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", from)).with_context(|| format!("port {from}"))?;
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // Whoever is not there refuses; so the client's connection ends at once as well.
            let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
            std::thread::spawn(move || copy(&client, &server));
            std::thread::spawn(move || copy(&server_too, &client_too));
        }
    });
    Ok(())
}

fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    // An end, clean or not, is passed on as an end.
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn what_comes_goes_on_and_back() {
        let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let to = server.local_addr().unwrap().port();
        let from = crate::places::free_port().unwrap();
        publish(from, to).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", from)).unwrap();
        client.write_all(b"there").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let (mut met, _) = server.accept().unwrap();
        let mut heard = String::new();
        met.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "there");
        met.write_all(b"back").unwrap();
        drop(met);
        heard.clear();
        client.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "back");
    }
}
