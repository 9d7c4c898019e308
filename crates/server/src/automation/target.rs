//! Which addresses deliveries may reach.
//!
//! An endpoint's URL is chosen by a company's admin, so it must not become a way into the operator's
//! own network: addresses that are not global unicast (IANA's special-purpose registries, RFC 6890)
//! are refused unless the operator allows them. Names are checked when they are connected to, not only
//! when they are entered, so that a name which changes its address later gains nothing.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// How long a name may take to resolve.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// IPv4 blocks that are not for the public internet, and some that are of no use there.
const SPECIAL_V4: [Ipv4Net; 18] = [
    v4([0, 0, 0, 0], 8),       // this network, RFC 791
    v4([10, 0, 0, 0], 8),      // private, RFC 1918
    v4([100, 64, 0, 0], 10),   // carrier-grade NAT, RFC 6598
    v4([127, 0, 0, 0], 8),     // loopback, RFC 1122
    v4([169, 254, 0, 0], 16),  // link-local, RFC 3927; cloud metadata
    v4([172, 16, 0, 0], 12),   // private, RFC 1918
    v4([192, 0, 0, 0], 24),    // protocol assignments, RFC 6890
    v4([192, 0, 2, 0], 24),    // documentation, RFC 5737
    v4([192, 31, 196, 0], 24), // AS112, RFC 7535
    v4([192, 52, 193, 0], 24), // AMT, RFC 7450
    v4([192, 88, 99, 0], 24),  // 6to4 relays, RFC 7526
    v4([192, 168, 0, 0], 16),  // private, RFC 1918
    v4([192, 175, 48, 0], 24), // AS112, RFC 7534
    v4([198, 18, 0, 0], 15),   // benchmarks, RFC 2544
    v4([198, 51, 100, 0], 24), // documentation, RFC 5737
    v4([203, 0, 113, 0], 24),  // documentation, RFC 5737
    v4([224, 0, 0, 0], 4),     // multicast, RFC 5771
    v4([240, 0, 0, 0], 4),     // reserved and broadcast, RFC 1112
];

/// Only this part of IPv6 is global unicast today (RFC 4291, IANA).
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What within it is not.
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments, Teredo among them, RFC 2928
    v6([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32), // documentation, RFC 3849
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4: IPv4 in disguise, RFC 3056
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), // AS112, RFC 7534
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation, RFC 9637
];

/// Translates to IPv4 (NAT64, RFC 6052): what counts is the IPv4 address within.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]), prefix)
}

const fn v6(s: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]), prefix)
}

/// The address is in a network that deliveries may not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is in a network that deliveries may not reach")]
pub(crate) struct Forbidden;

/// The networks that deliveries may reach.
#[derive(Debug, Clone)]
pub(crate) struct Networks(Arc<[IpNet]>);

impl Networks {
    /// The public internet and `allowed`.
    pub(crate) fn new(allowed: &[IpNet]) -> Self {
        Self(allowed.into())
    }

    /// Whether this address may be reached.
    pub(crate) fn permits(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        if self.0.iter().any(|net| net.contains(&ip)) {
            return true;
        }
        match ip {
            IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|net| net.contains(&ip)),
            IpAddr::V6(ip) if NAT64.contains(&ip) => {
                let [.., a, b, c, d] = ip.octets();
                self.permits(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
            }
            IpAddr::V6(ip) => GLOBAL_V6.contains(&ip) && !SPECIAL_V6.iter().any(|net| net.contains(&ip)),
        }
    }

    /// Refuses a URL whose host is a forbidden address. A name says nothing here: see [`Resolver`].
    pub(crate) fn check_literal(&self, url: &Url) -> Result<(), Forbidden> {
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Forbidden),
        };
        if self.permits(ip) { Ok(()) } else { Err(Forbidden) }
    }

    /// Refuses a URL that could never be reached: a forbidden address, or a name that has none but
    /// such. A name that has no address at the moment may get one, so it is accepted.
    pub(crate) async fn check_url(&self, url: &Url) -> Result<(), Forbidden> {
        self.check_literal(url)?;
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        if is_this_machine(name) {
            let own: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return if own.iter().any(|ip| self.permits(*ip)) { Ok(()) } else { Err(Forbidden) };
        }
        let lookup = tokio::net::lookup_host((name, url.port_or_known_default().unwrap_or(0)));
        match tokio::time::timeout(RESOLVE_TIMEOUT, lookup).await {
            Ok(Ok(addresses)) => {
                let addresses: Vec<SocketAddr> = addresses.collect();
                let reachable = addresses.is_empty() || addresses.iter().any(|a| self.permits(a.ip()));
                if reachable { Ok(()) } else { Err(Forbidden) }
            }
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }
}

/// Whether a name means the machine that asks for it, wherever it is asked for (RFC 6761, 6.3). Not every
/// resolver knows all of them.
fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Resolves names to those of their addresses that may be reached. The HTTP client asks it for each
/// connection and connects to nothing else.
pub(crate) struct Resolver(pub(crate) Networks);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let any = !found.is_empty();
            let permitted: Vec<SocketAddr> = found.into_iter().filter(|a| networks.permits(a.ip())).collect();
            if permitted.is_empty() && any {
                return Err(Forbidden.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(allowed: &[&str]) -> Networks {
        Networks::new(&allowed.iter().map(|net| net.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn only_global_unicast_is_reached() {
        let networks = networks(&[]);
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.1.1",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(networks.permits(public.parse().unwrap()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.192",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2620:4f:8000::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ffff::1",
        ] {
            assert!(!networks.permits(special.parse().unwrap()), "{special}");
        }
    }

    #[test]
    fn the_operator_can_allow_networks_and_no_more_than_those() {
        let networks = networks(&["127.0.0.0/8", "fd00::/8"]);
        for allowed in ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "fd00::1"] {
            assert!(networks.permits(allowed.parse().unwrap()), "{allowed}");
        }
        for refused in ["10.0.0.1", "169.254.169.254", "::1", "fe80::1"] {
            assert!(!networks.permits(refused.parse().unwrap()), "{refused}");
        }
    }

    #[test]
    fn addresses_in_urls_are_found_however_they_are_written() {
        let networks = networks(&[]);
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://[::1]:8080/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://0/",
            "http://127.0.0.1.:80/",
        ] {
            assert_eq!(networks.check_literal(&Url::parse(url).unwrap()), Err(Forbidden), "{url}");
        }
        assert_eq!(networks.check_literal(&Url::parse("https://1.1.1.1/").unwrap()), Ok(()));
    }

    #[tokio::test]
    async fn every_name_of_this_machine_is_known_as_such() {
        for url in ["http://LOCALHOST./", "http://desk.localhost:1/", "http://a.desk.localhost./"] {
            let url = Url::parse(url).unwrap();
            assert_eq!(networks(&[]).check_url(&url).await, Err(Forbidden), "{url}");
            assert_eq!(networks(&["127.0.0.0/8"]).check_url(&url).await, Ok(()), "{url}");
            assert_eq!(networks(&["::1/128"]).check_url(&url).await, Ok(()), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_entered_and_when_connected_to() {
        let inside = networks(&[]);
        let url = Url::parse("http://localhost:1/").unwrap();
        assert_eq!(inside.check_url(&url).await, Err(Forbidden));
        let refused = Resolver(inside).resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(refused.is::<Forbidden>());
        let open = networks(&["127.0.0.0/8"]);
        assert_eq!(open.check_url(&url).await, Ok(()));
        let found: Vec<_> = Resolver(open).resolve("localhost".parse().unwrap()).await.unwrap().collect();
        assert!(!found.is_empty() && found.iter().all(|a| a.ip().is_loopback() && a.is_ipv4()));
    }
}
