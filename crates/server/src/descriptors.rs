//! The process's file descriptors, and who may use how many: clients must not be able to take those
//! that the store needs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// For files of the program's own, deliveries under way, and so on.
const SPARED: u64 = 256;
/// A connection to a tenant's file takes so many.
const PER_FILE: u64 = 3;

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shares {
    /// To tenants' files.
    pub(crate) files: usize,
    /// Of clients, sockets included.
    pub(crate) clients: usize,
}

/// Raises the soft limit to the hard one, and divides what there is.
pub(crate) fn share(files: usize, clients: usize) -> Shares {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let limit = if setrlimit(Resource::Nofile, raised).is_ok() { maximum } else { current };
    let wished = Shares { files, clients };
    let got = limit.map_or(wished, |limit| divide(limit, wished));
    if got.clients < wished.clients {
        tracing::info!(
            wished = wished.clients,
            clients = got.clients,
            descriptors = limit,
            "fewer connections of clients fit into the limit of open files (ulimit -n)"
        );
    }
    got
}

/// The store's wish comes first, up to half of what there is.
fn divide(limit: u64, wished: Shares) -> Shares {
    let room = limit.saturating_sub(SPARED);
    let fits = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let files = wished.files.min(fits(room / 2 / PER_FILE));
    let left = room.saturating_sub(files as u64 * PER_FILE);
    Shares { files, clients: wished.clients.min(fits(left)).max(16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_is_served_first() {
        let wished = Shares { files: 256, clients: 20_000 };
        assert_eq!(divide(1_000_000, wished), wished);
        assert_eq!(divide(20_000, wished), Shares { files: 256, clients: 20_000 - 256 - 768 });
        assert_eq!(divide(1024, wished), Shares { files: 128, clients: 384 });
        assert_eq!(divide(0, wished), Shares { files: 0, clients: 16 });
    }
}
