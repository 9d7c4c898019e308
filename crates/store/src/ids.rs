//! UUIDv7 (RFC 9562) from the injected clock and randomness, each greater than the one before.

use flowbit_domain::time::{Randomness, Timestamp};
use uuid::{Builder, Uuid};

/// The part of a version 7 UUID after its time: 12 bits before the variant and 62 after it.
const TAIL_BITS: u32 = 74;

/// Makes ids. Within one millisecond, and while the clock stands or goes back, the tail goes up by a
/// random step (RFC 9562, 6.2, method 2), so ids keep their order and neighbours can't be guessed.
#[derive(Debug, Default)]
pub(crate) struct IdSource {
    ms: u64,
    tail: u128,
}

impl IdSource {
    pub(crate) fn next(&mut self, now: Timestamp, randomness: &dyn Randomness) -> Uuid {
        let ms = u64::try_from(now.0).unwrap_or_default();
        if ms > self.ms {
            self.ms = ms;
            self.tail = fresh_tail(randomness);
        } else {
            let mut step = [0; 4];
            randomness.fill(&mut step);
            self.tail += u128::from(u32::from_be_bytes(step)) + 1;
            if self.tail >> TAIL_BITS != 0 {
                self.ms += 1;
                self.tail = fresh_tail(randomness);
            }
        }
        let high = (self.tail >> 62) & 0x0fff;
        let low = self.tail & ((1 << 62) - 1);
        // Ten bytes: the builder puts the version over bits 0-3 and the variant over bits 16-17.
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&((high << 64) | low).to_be_bytes()[6..]);
        Builder::from_unix_timestamp_millis(self.ms, &bytes).into_uuid()
    }
}

/// A random tail with its top bit clear, which leaves room to count up.
fn fresh_tail(randomness: &dyn Randomness) -> u128 {
    let mut bytes = [0; 16];
    randomness.fill(&mut bytes);
    u128::from_be_bytes(bytes) >> (128 - TAIL_BITS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Repeated(u8);
    impl Randomness for Repeated {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn ids_go_up_while_the_clock_stands_jumps_and_goes_back() {
        for byte in [0x00, 0x5a, 0xff] {
            let mut source = IdSource::default();
            let mut last = Uuid::nil();
            for now in [1_000, 1_000, 1_000, 1_001, 999, 1, 1_002, 5_000_000_000_000] {
                for _ in 0..100 {
                    let id = source.next(Timestamp(now), &Repeated(byte));
                    assert!(id > last, "{id} after {last}");
                    assert_eq!(id.get_version_num(), 7);
                    assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
                    last = id;
                }
            }
        }
    }

    #[test]
    fn the_time_stands_in_front() {
        let id = IdSource::default().next(Timestamp(1_769_847_300_007), &Repeated(7));
        assert_eq!(id.get_timestamp().map(|t| t.to_unix()), Some((1_769_847_300, 7_000_000)));
    }
}
