//! The reverse proxy before the nodes: Debian's HAProxy with `deploy/haproxy.cfg`, at this machine's addresses.

use crate::process::Service;
use crate::stop::Stop;
use crate::{debian, places};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What its record and log are called.
pub(crate) const NAME: &str = "haproxy";
/// What is under way may end.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

const CONFIGURATION: &str = include_str!("../../../deploy/haproxy.cfg");
const BIND: &str = "    bind 127.0.0.1:3000\n";
/// What stands there of the nodes, in the backends for everything and for polling.
const NODES: &str =
    "    server node1 10.0.0.1:3000\n    server node2 10.0.0.2:3000\n    server node3 10.0.0.3:3000\n";
const POLLED: &str = "    server node1 10.0.0.1:3000 track nodes/node1\n    \
    server node2 10.0.0.2:3000 track nodes/node2\n    server node3 10.0.0.3:3000 track nodes/node3\n";

/// Starts it at `port`, before nodes at these ports.
pub(crate) fn start(port: u16, nodes: &[u16], folder: &Path, stop: &Stop) -> Result<Service> {
    let haproxy = debian::ensure("haproxy", "haproxy", stop)?;
    let file = folder.join("haproxy.cfg");
    places::write_private(&file, configure(port, nodes)?.as_bytes())?;
    let mut command = Command::new(haproxy);
    command.arg("-db").arg("-f").arg(&file);
    Service::start(NAME, &mut command, folder)
}

fn configure(port: u16, nodes: &[u16]) -> Result<String> {
    let all = |rest: fn(usize) -> String| -> String {
        (1..).zip(nodes).map(|(n, at)| format!("    server node{n} 127.0.0.1:{at}{}\n", rest(n))).collect()
    };
    let mut text = CONFIGURATION.to_owned();
    for (example, ours) in [
        (BIND, format!("    bind 127.0.0.1:{port}\n")),
        (NODES, all(|_| String::new())),
        (POLLED, all(|n| format!(" track nodes/node{n}"))),
    ] {
        if text.matches(example).count() != 1 {
            bail!("deploy/haproxy.cfg is not what this expects of it: {example:?} is not in it once");
        }
        text = text.replace(example, &ours);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_what_it_runs_with() {
        let text = configure(4000, &[4001, 4002]).unwrap();
        assert!(text.contains("bind 127.0.0.1:4000\n") && !text.contains("10.0.0."));
        assert!(text.contains("    server node2 127.0.0.1:4002\n\nbackend polling"), "{text}");
        assert!(text.ends_with("    server node2 127.0.0.1:4002 track nodes/node2\n"), "{text}");
    }
}
