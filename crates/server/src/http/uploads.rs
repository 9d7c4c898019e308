//! How many files arrive at once: each takes room on the disk until it is kept or refused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use flowbit_domain::{Error, id::UserId};

/// So many at one node.
const OF_ALL: usize = 64;
/// So many of one person.
const OF_ONE: usize = 8;
/// When it is worth coming again, in seconds.
const AGAIN: u64 = 2;

/// Who is uploading, and how many files.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Arc<Mutex<HashMap<UserId, usize>>>);

/// A file that may arrive, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    user: UserId,
    all: Arc<Mutex<HashMap<UserId, usize>>>,
}

impl Uploads {
    /// Lets one more arrive.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when there are as many as may be.
    pub(crate) fn begin(&self, user: UserId) -> Result<Turn, Error> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.get(&user).copied().unwrap_or(0);
        if own >= OF_ONE || all.values().sum::<usize>() >= OF_ALL {
            return Err(Error::RateLimited { retry_after: AGAIN });
        }
        all.insert(user, own + 1);
        Ok(Turn { user, all: Arc::clone(&self.0) })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.user) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(all.remove(&self.user)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_takes_no_more_than_theirs_and_gives_it_back() {
        let uploads = Uploads::default();
        let [one, other] = [1, 2].map(|n| UserId(uuid::Uuid::from_u128(n)));
        let mut turns: Vec<_> = (0..OF_ONE).map(|_| uploads.begin(one).unwrap()).collect();
        assert!(matches!(uploads.begin(one), Err(Error::RateLimited { .. })));
        let _theirs = uploads.begin(other).unwrap();
        turns.pop();
        turns.push(uploads.begin(one).unwrap());
        turns.clear();
        let _all: Vec<_> = (3..)
            .take(OF_ALL - 1)
            .map(|n| uploads.begin(UserId(uuid::Uuid::from_u128(n))).unwrap())
            .collect();
        assert!(uploads.begin(one).is_err(), "the node takes no more");
    }
}
