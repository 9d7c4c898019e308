//! How often is too often.
//!
//! Guessing passwords is limited by address, by account from one address, and by account over all
//! addresses. The last would let anybody lock a person out, so it does not apply where that person
//! has signed in before: a signed cookie names the device, which then has a limit of its own.
//! A right password gives its attempt back, so only wrong ones count.
//!
//! General limits, by address, token, person and company, are generous: they stop runaway programs. The operator
//! may set them. Each node counts them by itself; attempts to sign in are counted over all of them ([`super::attempts`]).

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use flowbit_domain::{
    Principal,
    id::{SessionId, TenantId, UserId},
    time::Clock,
};
use flowbit_store::Attempt as Shared;
use governor::{
    Quota, RateLimiter,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{config, http::problem::Problem};

/// How often: so many at once, then one every so many milliseconds.
#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: NonZeroU32,
    every: Duration,
}

const fn rate(burst: u32, every_ms: u64) -> Rate {
    Rate {
        burst: match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        },
        every: Duration::from_millis(every_ms),
    }
}

const SIGN_IN_BY_ADDRESS: Rate = rate(60, 5_000);
const SIGN_IN_BY_ACCOUNT_AND_ADDRESS: Rate = rate(10, 60_000);
const SIGN_IN_BY_ACCOUNT: Rate = rate(30, 60_000);
const SIGN_IN_BY_DEVICE: Rate = rate(10, 60_000);
const TOKENS_BY_ADDRESS: Rate = rate(300, 200);
/// Nobody gets more by signing in more often.
const BY_PERSON: Rate = rate(5_000, 2);
const DENIALS_BY_PERSON: Rate = rate(20, 10_000);

impl From<config::Limit> for Rate {
    fn from(limit: config::Limit) -> Self {
        Self { burst: limit.burst, every: limit.every() }
    }
}

/// The injected clock, as governor wants one: time since the epoch.
#[derive(Clone)]
struct Injected(Arc<dyn Clock>);

impl governor::clock::Clock for Injected {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().0).unwrap_or(0))
    }
}

/// What one key may still do.
struct Bucket {
    limiter: RateLimiter<NotKeyed, InMemoryState, Injected, NoOpMiddleware<Duration>>,
    /// Attempts that were given back and are used before the limiter is asked.
    returned: AtomicU32,
}

/// Limits (governor's generic cell rate algorithm) over many keys. The least used keys are forgotten
/// when there are too many, which governor's own keyed limiter would not do by itself.
struct Buckets<K> {
    rate: Rate,
    clock: Injected,
    buckets: Cache<K, Arc<Bucket>>,
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    fn new(rate: Rate, clock: &Arc<dyn Clock>, keys: usize) -> Self {
        Self { rate, clock: Injected(clock.clone()), buckets: Cache::new(keys) }
    }

    fn bucket(&self, key: &K) -> Arc<Bucket> {
        let make = || {
            let quota = Quota::with_period(self.rate.every)
                .unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))
                .allow_burst(self.rate.burst);
            let limiter = RateLimiter::direct_with_clock(quota, self.clock.clone());
            Arc::new(Bucket { limiter, returned: AtomicU32::new(0) })
        };
        match self.buckets.get(key) {
            Some(bucket) => bucket,
            None => self
                .buckets
                .get_or_insert_with(key, || Ok::<_, std::convert::Infallible>(make()))
                .unwrap_or_else(|never| match never {}),
        }
    }

    /// Takes one, or says in how many seconds there will be one.
    fn take(&self, key: &K) -> Result<(), u64> {
        let bucket = self.bucket(key);
        let one_less = |n: u32| n.checked_sub(1);
        if bucket.returned.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return Ok(());
        }
        bucket.limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(governor::clock::Clock::now(&self.clock));
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }

    /// Gives one back.
    fn give_back(&self, key: &K) {
        let burst = self.rate.burst.get();
        let one_more = |n: u32| (n < burst).then_some(n + 1);
        let _ = self.bucket(key).returned.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
    }
}

/// A hash of an address of a person: limits keep no addresses, and neither do device cookies.
pub(crate) type Account = [u8; 16];

/// The hash of a folded address.
pub(crate) fn account(email: &str) -> Account {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.as_bytes());
    let mut account = [0; 16];
    account.copy_from_slice(&digest.as_ref()[..16]);
    account
}

/// Addresses that one customer of a provider has: one of IPv4, a /64 of IPv6.
fn block(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// An attempt to sign in that was allowed.
#[must_use = "a right password gives its attempt back"]
pub(crate) enum Attempt {
    /// Limits are off.
    Free,
    /// From a device that this account is known on.
    KnownDevice(Uuid, Account),
    /// From anywhere else.
    Unknown(IpAddr, Account),
}

impl Attempt {
    /// What is counted of it over all nodes, in the order in which it is.
    pub(crate) fn shared(&self) -> impl Iterator<Item = Shared> {
        let one = |kind: &str, rate: Rate, parts: &[&[u8]]| {
            let mut hash = Sha256::new_with_prefix(kind);
            parts.iter().for_each(|part| hash.update(part));
            let every_ms = i64::try_from(rate.every.as_millis()).unwrap_or(i64::MAX);
            Some(Shared { key: hash.finalize().into(), burst: rate.burst.get(), every_ms })
        };
        let all = match self {
            Self::Free => [None; 3],
            Self::KnownDevice(device, account) => {
                [one("device", SIGN_IN_BY_DEVICE, &[device.as_bytes(), account]), None, None]
            }
            Self::Unknown(ip, account) => {
                let ip = ip.to_string();
                [
                    one("account and address", SIGN_IN_BY_ACCOUNT_AND_ADDRESS, &[account, ip.as_bytes()]),
                    one("address", SIGN_IN_BY_ADDRESS, &[ip.as_bytes()]),
                    one("account", SIGN_IN_BY_ACCOUNT, &[account]),
                ]
            }
        };
        all.into_iter().flatten()
    }
}

/// Counts a request that met a limit, and says in how many seconds it may come again.
pub(crate) fn refuse(limit: &'static str, seconds: u64) -> Problem {
    metrics::counter!("flowbit_requests_limited_total", "limit" => limit).increment(1);
    Problem::rate_limited(seconds)
}

/// All limits of this node.
pub(crate) struct Limits {
    on: bool,
    sign_in_by_address: Buckets<IpAddr>,
    sign_in_by_account_and_address: Buckets<(Account, IpAddr)>,
    sign_in_by_account: Buckets<Account>,
    sign_in_by_device: Buckets<(Uuid, Account)>,
    tokens_by_address: Buckets<IpAddr>,
    by_address: Buckets<IpAddr>,
    by_token: Buckets<SessionId>,
    by_person: Buckets<UserId>,
    by_company: Buckets<TenantId>,
    denials_by_person: Buckets<UserId>,
}

impl Limits {
    pub(crate) fn new(on: bool, limits: config::Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            on,
            sign_in_by_address: Buckets::new(SIGN_IN_BY_ADDRESS, &clock, 20_000),
            sign_in_by_account_and_address: Buckets::new(SIGN_IN_BY_ACCOUNT_AND_ADDRESS, &clock, 50_000),
            sign_in_by_account: Buckets::new(SIGN_IN_BY_ACCOUNT, &clock, 50_000),
            sign_in_by_device: Buckets::new(SIGN_IN_BY_DEVICE, &clock, 20_000),
            tokens_by_address: Buckets::new(TOKENS_BY_ADDRESS, &clock, 20_000),
            by_address: Buckets::new(limits.address.into(), &clock, 20_000),
            by_token: Buckets::new(limits.token.into(), &clock, 20_000),
            by_person: Buckets::new(BY_PERSON, &clock, 20_000),
            by_company: Buckets::new(limits.company.into(), &clock, 20_000),
            denials_by_person: Buckets::new(DENIALS_BY_PERSON, &clock, 20_000),
        }
    }

    /// `limit` is what a refusal is counted under.
    fn check<K: Eq + Hash + Clone>(
        &self,
        limit: &'static str,
        buckets: &Buckets<K>,
        key: &K,
    ) -> Result<(), Problem> {
        if !self.on {
            return Ok(());
        }
        buckets.take(key).map_err(|seconds| refuse(limit, seconds))
    }

    /// One more request of this address.
    pub(crate) fn check_address(&self, ip: IpAddr) -> Result<(), Problem> {
        self.check("address", &self.by_address, &block(ip))
    }

    /// One more request with this session's token, of its person and their company.
    pub(crate) fn check_caller(&self, principal: &Principal) -> Result<(), Problem> {
        self.check("token", &self.by_token, &principal.session)?;
        self.check("person", &self.by_person, &principal.user)?;
        self.check("company", &self.by_company, &principal.tenant)
    }

    /// One more renewal of a session, sign-out or invitation used from this address.
    pub(crate) fn check_tokens(&self, ip: IpAddr) -> Result<(), Problem> {
        self.check("renewal", &self.tokens_by_address, &block(ip))
    }

    /// Whether one more refusal of this person is worth an event: a program gone wild must not fill
    /// the ledger.
    pub(crate) fn records_denial(&self, user: UserId) -> bool {
        self.denials_by_person.take(&user).is_ok()
    }

    /// One more attempt to sign in as this account. `device` is one on which it has signed in before.
    pub(crate) fn begin_sign_in(
        &self,
        ip: IpAddr,
        account: Account,
        device: Option<Uuid>,
    ) -> Result<Attempt, Problem> {
        if !self.on {
            return Ok(Attempt::Free);
        }
        let ip = block(ip);
        if let Some(device) = device {
            self.check("sign_in", &self.sign_in_by_device, &(device, account))?;
            return Ok(Attempt::KnownDevice(device, account));
        }
        self.check("sign_in", &self.sign_in_by_account_and_address, &(account, ip))?;
        self.check("sign_in", &self.sign_in_by_address, &ip)?;
        self.check("sign_in", &self.sign_in_by_account, &account)?;
        Ok(Attempt::Unknown(ip, account))
    }

    /// The password was right: the attempt does not count.
    pub(crate) fn give_back(&self, attempt: &Attempt) {
        match attempt {
            Attempt::Free => {}
            Attempt::KnownDevice(device, account) => self.sign_in_by_device.give_back(&(*device, *account)),
            Attempt::Unknown(ip, account) => {
                self.sign_in_by_account_and_address.give_back(&(*account, *ip));
                self.sign_in_by_address.give_back(ip);
                self.sign_in_by_account.give_back(account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use flowbit_domain::Timestamp;

    use super::*;

    struct Hand(AtomicI64);
    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.load(Ordering::Relaxed))
        }
    }

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn a_burst_then_one_at_a_time() {
        let hand = Arc::new(Hand(AtomicI64::new(0)));
        let clock: Arc<dyn Clock> = hand.clone();
        let buckets = Buckets::new(rate(3, 1000), &clock, 100);
        for _ in 0..3 {
            assert_eq!(buckets.take(&1), Ok(()));
        }
        assert_eq!(buckets.take(&1), Err(1));
        assert_eq!(buckets.take(&2), Ok(()), "another key has its own");
        hand.0.store(1000, Ordering::Relaxed);
        assert_eq!(buckets.take(&1), Ok(()));
        hand.0.store(1500, Ordering::Relaxed);
        assert_eq!(buckets.take(&1), Err(1));
        buckets.give_back(&1);
        assert_eq!(buckets.take(&1), Ok(()));
        assert_eq!(buckets.take(&1), Err(1));
    }

    #[test]
    fn an_attacker_locks_nobody_out_of_a_known_device() {
        let clock = Arc::new(Hand(AtomicI64::new(1_000_000)));
        let limits = Limits::new(true, config::Limits::default(), clock.clone());
        let ada = account("ada@example.com");
        // From everywhere at once: the account's limit closes it to unknown devices.
        let refused = (0..200u8).filter(|n| limits.begin_sign_in(ip(*n), ada, None).is_err()).count();
        assert!(refused > 100, "{refused}");
        assert!(limits.begin_sign_in(ip(250), ada, None).is_err());
        // Ada's own device still gets in, also from the attacker's address.
        let device = Uuid::from_u128(7);
        assert!(limits.begin_sign_in(ip(250), ada, Some(device)).is_ok());
        // A stolen device can't guess for ever.
        let refused = (0..50).filter(|_| limits.begin_sign_in(ip(1), ada, Some(device)).is_err()).count();
        assert!(refused >= 40, "{refused}");
        // And it ends.
        clock.0.fetch_add(3_600_000, Ordering::Relaxed);
        assert!(limits.begin_sign_in(ip(250), ada, None).is_ok());
    }

    #[test]
    fn nobody_gets_more_by_signing_in_more_often() {
        let limits = Limits::new(true, config::Limits::default(), Arc::new(Hand(AtomicI64::new(0))));
        let session = |user: u128, session: u128| Principal {
            tenant: TenantId(Uuid::from_u128(1)),
            user: UserId(Uuid::from_u128(user)),
            name: String::new(),
            role: flowbit_domain::Role::User,
            session: SessionId(Uuid::from_u128(session)),
        };
        let burst = u128::from(BY_PERSON.burst.get());
        for n in 0..burst {
            assert!(limits.check_caller(&session(1, n)).is_ok(), "{n}");
        }
        assert!(limits.check_caller(&session(1, burst)).is_err(), "not with a new session either");
        assert!(limits.check_caller(&session(2, burst + 1)).is_ok(), "a colleague goes on");
    }

    #[test]
    fn right_passwords_do_not_count() {
        let limits = Limits::new(true, config::Limits::default(), Arc::new(Hand(AtomicI64::new(0))));
        for _ in 0..500 {
            let attempt = limits.begin_sign_in(ip(1), account("ada@example.com"), None);
            limits.give_back(&attempt.unwrap_or_else(|p| panic!("{p:?}")));
        }
    }

    #[test]
    fn neighbours_in_a_block_of_ipv6_are_one() {
        let parse = |t: &str| t.parse::<IpAddr>().unwrap();
        assert_eq!(block(parse("2001:db8:1:2:aaaa::1")), block(parse("2001:db8:1:2:bbbb::9")));
        assert_ne!(block(parse("2001:db8:1:2::1")), block(parse("2001:db8:1:3::1")));
        assert_eq!(block(parse("::ffff:203.0.113.1")), ip(1));
    }
}
