//! What the black-box suites share: the real binary on data of its own, a client that says what it
//! got, forged tokens, a look into the data from beside, and a receiver of webhooks.
//!
//! A suite knows the server only by its public contract: command line, HTTP, exit codes, files that
//! an operator may copy. Nothing here sleeps: what has to be waited for is asked for until it is there
//! or until [`PATIENCE`] is used up.

#![allow(dead_code, unused_imports, reason = "each suite uses the part that it needs")]

pub(crate) mod beside;
pub(crate) mod client;
pub(crate) mod declared;
pub(crate) mod document;
pub(crate) mod gate;
pub(crate) mod place;
pub(crate) mod receiver;
pub(crate) mod rows;
pub(crate) mod server;
pub(crate) mod socket;
pub(crate) mod tokens;

use std::time::Duration;

pub(crate) use client::{Answer, Person, Web};
pub(crate) use server::Server;

/// How long anything may take before a test gives up. Far more than it takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The password of everybody in these suites.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Random choices that a seed repeats (SplitMix64). Not secret, which is the point.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed in the variable `name`, or one of this moment; printed, so that a failure can be run again.
    pub(crate) fn from_variable(name: &str) -> Self {
        let given = std::env::var(name)
            .ok()
            .map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}: it must be a number")));
        let seed = given.unwrap_or_else(|| {
            u64::try_from(beside::now().0).unwrap_or(0) ^ (u64::from(std::process::id()) << 40)
        });
        println!("{name}={seed}");
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// One of these, if there is any.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}
