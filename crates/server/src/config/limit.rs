//! How often is too often, as an operator says it.

use std::{num::NonZeroU32, str::FromStr, time::Duration};

/// A limit of requests: so many a second, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests a second, 1 to 1,000,000.
    pub per_second: NonZeroU32,
    /// How many may come at once.
    pub burst: NonZeroU32,
}

/// What is counted for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// For a client's address.
    pub address: Limit,
    /// For a session, whose access tokens come one after another.
    pub token: Limit,
    /// For all people of a company together.
    pub company: Limit,
}

impl Limit {
    /// How a value is written.
    pub(super) const ALLOWED: &str =
        "requests a second and how many at once, such as 500/5000, both from 1 to 1000000";

    pub(super) const fn new(per_second: u32, burst: u32) -> Self {
        const fn at_least_one(n: u32) -> NonZeroU32 {
            match NonZeroU32::new(n) {
                Some(n) => n,
                None => NonZeroU32::MIN,
            }
        }
        Self { per_second: at_least_one(per_second), burst: at_least_one(burst) }
    }

    /// From one request to the next, once the burst is used up.
    pub(crate) fn every(self) -> Duration {
        Duration::from_secs(1) / self.per_second.get()
    }
}

impl Default for Limits {
    /// Far above what people do, so that only a program gone wild meets them.
    fn default() -> Self {
        Self {
            address: Limit::new(1_000, 10_000),
            token: Limit::new(500, 5_000),
            company: Limit::new(1_000, 10_000),
        }
    }
}

impl FromStr for Limit {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (per_second, burst) = text.split_once('/').ok_or(())?;
        let number = |text: &str| text.trim().parse().ok().filter(|n| (1..=1_000_000).contains(n)).ok_or(());
        Ok(Self::new(number(per_second)?, number(burst)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_two_numbers() {
        assert_eq!("20/100".parse(), Ok(Limit::new(20, 100)));
        assert_eq!(" 20 / 100".trim().parse(), Ok(Limit::new(20, 100)));
        for wrong in ["", "20", "0/1", "1/0", "1/2/3", "-1/2", "1000001/1"] {
            assert_eq!(wrong.parse::<Limit>(), Err(()), "{wrong}");
        }
        assert_eq!(Limit::new(500, 1).every(), Duration::from_millis(2));
    }
}
