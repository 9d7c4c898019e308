//! Hashing and verifying passwords: Argon2id (RFC 9106) with the parameters that OWASP recommends;
//! bcrypt hashes brought along from elsewhere are verified and then replaced.
//!
//! It is heavy on purpose, so it runs on threads of its own, a few at a time behind a short queue:
//! a flood of sign-ins can neither stop the other requests nor fill the memory.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};
use flowbit_domain::{Error, Result, time::Randomness, user::PASSWORD_MAX_BYTES};
use tokio::sync::Semaphore;

/// Memory in KiB, passes, lanes (OWASP Password Storage Cheat Sheet).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many may wait; at some 25 ms each, the last one waits for a second or so.
const QUEUE: usize = 64;

/// What a password was against a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not it.
    Wrong,
    /// It.
    Right,
    /// It, and the hash should be replaced by one of today's kind.
    RightButOld,
}

/// The hashing of passwords.
pub(crate) struct Passwords {
    gate: Arc<Semaphore>,
    waiting: AtomicUsize,
    randomness: Arc<dyn Randomness>,
    /// A hash of nothing known, verified in place of one that does not exist, so that it takes as long.
    dummy: Arc<str>,
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

impl Passwords {
    pub(crate) fn new(randomness: Arc<dyn Randomness>) -> Self {
        let mut bytes = [0; 48];
        randomness.fill(&mut bytes);
        let encode = |b: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, b);
        let (salt, hash) = bytes.split_at(16);
        // Nobody knows a password of this hash, and finding out that one is wrong takes the full time.
        let dummy =
            format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", encode(salt), encode(hash));
        let threads = std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 8));
        Self {
            gate: Arc::new(Semaphore::new(threads)),
            waiting: AtomicUsize::new(0),
            randomness,
            dummy: dummy.into(),
        }
    }

    /// Whether `password` is that of `hash`. Without a hash it is never right, and takes as long.
    pub(crate) async fn verify(&self, password: &str, hash: Option<&str>) -> Result<Verdict> {
        // Longer ones are never set. They cost the same as others, so that nothing shows.
        let possible = hash.is_some() && password.len() <= PASSWORD_MAX_BYTES;
        let hash: Arc<str> = hash.filter(|_| possible).map_or_else(|| self.dummy.clone(), Into::into);
        let password: String =
            if password.len() <= PASSWORD_MAX_BYTES { password.to_owned() } else { String::new() };
        let verdict = self.run(move || check(password.as_bytes(), &hash)).await?;
        Ok(if possible { verdict } else { Verdict::Wrong })
    }

    /// Hashes a password that has been checked.
    pub(crate) async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        let mut salt = [0; 16];
        self.randomness.fill(&mut salt);
        self.run(move || {
            let hash: Result<PasswordHash, argon2::password_hash::Error> =
                argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|e| Error::Internal(format!("hashing a password: {e}")))
        })
        .await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = Place::take(&self.waiting)?;
        let permit = self
            .gate
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Error::Unavailable("the server is stopping".into()))?;
        // The permit goes along: a caller who goes away does not make room for another thread.
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            metrics::counter!("flowbit_passwords_total").increment(1);
            drop(permit);
            result
        });
        done.await.map_err(|e| Error::Internal(format!("hashing a password: {e}")))
    }
}

/// A place in the queue, given up when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            return Err(Error::Unavailable("too many passwords are being verified".into()));
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn check(password: &[u8], hash: &str) -> Verdict {
    if ["$2a$", "$2b$", "$2x$", "$2y$"].iter().any(|kind| hash.starts_with(kind)) {
        return match bcrypt::verify(password, hash) {
            Ok(true) => Verdict::RightButOld,
            _ => Verdict::Wrong,
        };
    }
    let (Ok(parsed), Ok(argon2)) = (PasswordHash::new(hash), argon2()) else { return Verdict::Wrong };
    if argon2.verify_password(password, &parsed).is_err() {
        return Verdict::Wrong;
    }
    let today = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    if hash.starts_with(&today) { Verdict::Right } else { Verdict::RightButOld }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemRandomness;

    fn passwords() -> Passwords {
        Passwords::new(Arc::new(SystemRandomness::default()))
    }

    #[tokio::test]
    async fn argon2_both_ways() {
        let passwords = passwords();
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(passwords.verify("correct horse battery", Some(&hash)).await.unwrap(), Verdict::Right);
        assert_eq!(passwords.verify("wrong", Some(&hash)).await.unwrap(), Verdict::Wrong);
        assert_eq!(passwords.verify("correct horse battery", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn bcrypt_is_right_but_old_and_weak_argon2_too() {
        let passwords = passwords();
        let hash = bcrypt::hash("correct horse battery", 4).unwrap();
        assert_eq!(
            passwords.verify("correct horse battery", Some(&hash)).await.unwrap(),
            Verdict::RightButOld
        );
        assert_eq!(passwords.verify("wrong", Some(&hash)).await.unwrap(), Verdict::Wrong);
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let weak: PasswordHash = weak.hash_password_with_salt(b"correct horse battery", &[7; 16]).unwrap();
        let verdict = passwords.verify("correct horse battery", Some(&weak.to_string())).await.unwrap();
        assert_eq!(verdict, Verdict::RightButOld);
        assert_eq!(passwords.verify("x", Some("nonsense")).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn the_dummy_is_a_hash_that_can_be_verified() {
        let passwords = passwords();
        let parsed = PasswordHash::new(&passwords.dummy).unwrap();
        let refused = argon2().unwrap().verify_password(b"x", &parsed);
        assert_eq!(refused, Err(argon2::password_hash::Error::PasswordInvalid));
    }
}
