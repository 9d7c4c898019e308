//! What differs when services are plain processes of one machine: ports that are free instead of those written,
//! this machine instead of services' names, folders instead of volumes. Everything else stays as it is written.

use super::file::{File, Service, Volume};
use crate::places;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What stands in `compose.yaml`, and what takes its place here.
pub(crate) struct Wiring {
    folder: PathBuf,
    /// By service and port in its container.
    inner: BTreeMap<(String, u16), u16>,
    /// By port of the host.
    published: BTreeMap<u16, u16>,
    /// Networks that deliveries may reach there are this machine here.
    subnets: Vec<String>,
}

impl Wiring {
    /// Finds free ports for all that are written anywhere.
    pub(crate) fn new(file: &File, folder: &Path) -> Result<Self> {
        let mut inner = BTreeMap::new();
        let mut published = BTreeMap::new();
        for (name, service) in &file.services {
            for port in &service.ports {
                inner.entry((name.clone(), port.target)).or_insert(places::free_port()?);
                let host = port.published.parse().context("a published port is no number")?;
                published.entry(host).or_insert(places::free_port()?);
            }
        }
        let subnets = file.subnets().map(str::to_owned).collect();
        Ok(Self { folder: folder.to_owned(), inner, published, subnets })
    }

    /// The port that stands for a port in the container of that service.
    pub(crate) fn inner(&mut self, service: &str, port: u16) -> Result<u16> {
        let key = (service.to_owned(), port);
        if let Some(known) = self.inner.get(&key) {
            return Ok(*known);
        }
        let free = places::free_port()?;
        self.inner.insert(key, free);
        Ok(free)
    }

    /// The port that stands for a published one.
    pub(crate) fn published(&self, port: u16) -> Result<u16> {
        self.published.get(&port).copied().with_context(|| format!("nothing is published at {port}"))
    }

    /// What to forward: from these ports to those.
    pub(crate) fn forwards(&self, name: &str, service: &Service) -> Result<Vec<(u16, u16)>> {
        let one = |port: &super::file::Port| {
            let key = (name.to_owned(), port.target);
            let to = self.inner.get(&key).copied().context("a port was not wired")?;
            Ok((self.published(port.published.parse()?)?, to))
        };
        service.ports.iter().map(one).collect()
    }

    /// The folder in which a service finds what is mounted in its container, each at its own path.
    pub(crate) fn root(&self, service: &str) -> PathBuf {
        self.folder.join("roots").join(service)
    }

    /// What stands for a path in a container, if something is mounted there, above or below.
    fn mounted(&self, service: &str, it: &Service, path: &str) -> Option<PathBuf> {
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let near = it.targets().any(|target| within(path, target) || within(target, path));
        (path.starts_with('/') && near).then(|| self.root(service).join(path.trim_start_matches('/')))
    }

    /// Makes the folders of the volumes and of the memory that the service gets, and links to them at their paths
    /// in [`Wiring::root`].
    pub(crate) fn mount(&self, service: &str, it: &Service) -> Result<()> {
        let make = |path: &Path| {
            std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
        };
        let place = |target: &str| -> Result<PathBuf> {
            let path = self.root(service).join(target.trim_start_matches('/'));
            make(path.parent().unwrap_or(&path))?;
            Ok(path)
        };
        for volume in &it.volumes {
            let source = self.source(volume);
            make(&source)?;
            let at = place(&volume.target)?;
            std::os::unix::fs::symlink(&source, &at)
                .with_context(|| format!("cannot link {}", at.display()))?;
        }
        it.tmpfs().try_for_each(|target| make(&place(target)?))
    }

    /// The folder of a volume, or the copy of a bound one: what is written there is translated.
    pub(crate) fn source(&self, volume: &Volume) -> PathBuf {
        match volume.kind.as_str() {
            "bind" => {
                self.folder.join("bound").join(Path::new(&volume.source).file_name().unwrap_or_default())
            }
            _ => self.folder.join("volumes").join(&volume.source),
        }
    }

    /// A text of that service's, such as the value of a variable, as it has to be here.
    pub(crate) fn translate(&self, service: &str, it: &Service, text: &str) -> String {
        let mut text = text.to_owned();
        for ((name, port), here) in &self.inner {
            text = text.replace(&format!("http://{name}:{port}"), &format!("http://127.0.0.1:{here}"));
            if name == service {
                text = text.replace(&format!("0.0.0.0:{port}"), &format!("127.0.0.1:{here}"));
                text =
                    text.replace(&format!("http://127.0.0.1:{port}/"), &format!("http://127.0.0.1:{here}/"));
                if text == port.to_string() {
                    text = here.to_string();
                }
            }
        }
        for (port, here) in &self.published {
            text = text.replace(&format!("http://localhost:{port}"), &format!("http://localhost:{here}"));
        }
        for subnet in &self.subnets {
            if text == *subnet {
                "127.0.0.1/32".clone_into(&mut text);
            }
        }
        if text == "0.0.0.0" {
            "127.0.0.1".clone_into(&mut text);
        }
        if let Some(folder) = self.mounted(service, it, &text) {
            return folder.display().to_string();
        }
        // The database's socket, in an address.
        let encode = |path: &str| path.replace('/', "%2F");
        for target in it.targets() {
            let here = self.root(service).join(target.trim_start_matches('/')).display().to_string();
            text = text.replace(&format!("@{}/", encode(target)), &format!("@{}/", encode(&here)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ports_and_folders_become_those_of_this_machine() {
        let file: File = serde_json::from_str(
            r#"{"networks": {"n": {"ipam": {"config": [{"subnet": "10.0.0.0/28"}]}}},
                "services": {
                  "desk": {"image": "desk", "ports": [{"target": 3000, "published": "80"}, {"target": 3000, "published": "81"}],
                    "volumes": [{"type": "volume", "source": "socket", "target": "/run/db"},
                                {"type": "bind", "source": "/x/screens", "target": "/etc/desk"}],
                    "tmpfs": ["/data:uid=1"]},
                  "n8n": {"image": "n8n", "ports": [{"target": 5678, "published": "5678"}]}}}"#,
        )
        .unwrap();
        let wiring = Wiring::new(&file, Path::new("/here")).unwrap();
        let desk = &file.services["desk"];
        let say = |text: &str| wiring.translate("desk", desk, text);
        let (inner, n8n) =
            (wiring.inner[&("desk".to_owned(), 3000)], wiring.inner[&("n8n".to_owned(), 5678)]);
        assert_eq!(say("http://n8n:5678/webhook"), format!("http://127.0.0.1:{n8n}/webhook"));
        assert_eq!(say("0.0.0.0:3000"), format!("127.0.0.1:{inner}"));
        assert_eq!(say("http://localhost:80"), format!("http://localhost:{}", wiring.published(80).unwrap()));
        assert_eq!(say("10.0.0.0/28"), "127.0.0.1/32");
        assert_eq!(say("/etc/desk/registry.json"), "/here/roots/desk/etc/desk/registry.json");
        assert_eq!(say("/etc/desks"), "/etc/desks");
        assert_eq!(say("/data"), "/here/roots/desk/data");
        assert_eq!(say("/run"), "/here/roots/desk/run", "what is below is found there");
        let socket = "postgresql://a:b@%2Fhere%2Froots%2Fdesk%2Frun%2Fdb/c";
        assert_eq!(say("postgresql://a:b@%2Frun%2Fdb/c"), socket);
        let forwards = wiring.forwards("desk", desk).unwrap();
        assert_eq!(forwards.len(), 2, "two ports of the host lead to the one of the container");
        assert!(forwards.iter().all(|(_, to)| *to == inner));
    }
}
