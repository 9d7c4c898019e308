//! The home of the ambient: the system's clock and randomness, which all else gets injected.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use flowbit_domain::time::{Clock, Randomness, Timestamp};

/// The system's clock.
#[derive(Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else gets injected")]
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
}

/// The system's cryptographically secure randomness.
#[derive(Debug, Default)]
pub(crate) struct SystemRandomness(SystemRandom);

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(
            clippy::expect_used,
            reason = "without randomness no secret can be made; going on would be worse"
        )]
        self.0.fill(bytes).expect("the system has no randomness");
    }
}
