//! How many files arrive at once: each takes room on the disk until it is kept or refused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use flowbit_domain::{
    Error,
    id::{TenantId, UserId},
};

/// So many at one node.
const OF_ALL: usize = 64;
/// So many of one company.
const OF_COMPANY: usize = 16;
/// So many of one person.
const OF_ONE: usize = 8;
/// When it is worth coming again, in seconds.
const AGAIN: u64 = 2;

/// Who is uploading, and how many files.
#[derive(Debug, Default)]
pub(crate) struct Uploads(Arc<Mutex<Counts>>);

type Counts = HashMap<(TenantId, UserId), usize>;

/// A file that may arrive, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    of: (TenantId, UserId),
    all: Arc<Mutex<Counts>>,
}

impl Uploads {
    /// Lets one more arrive.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when there are as many as may be.
    pub(crate) fn begin(&self, tenant: TenantId, user: UserId) -> Result<Turn, Error> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = (tenant, user);
        let own = all.get(&of).copied().unwrap_or(0);
        let of_company = all.iter().filter(|((company, _), _)| *company == tenant).map(|(_, count)| count);
        if own >= OF_ONE || of_company.sum::<usize>() >= OF_COMPANY || all.values().sum::<usize>() >= OF_ALL {
            return Err(Error::RateLimited { retry_after: AGAIN });
        }
        all.insert(of, own + 1);
        Ok(Turn { of, all: Arc::clone(&self.0) })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get_mut(&self.of) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(all.remove(&self.of)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_and_a_company_take_no_more_than_theirs_and_give_it_back() {
        let uploads = Uploads::default();
        let id = uuid::Uuid::from_u128;
        let begin = |company, person| uploads.begin(TenantId(id(company)), UserId(id(person)));
        let mut turns: Vec<_> = (0..OF_ONE).map(|_| begin(1, 1).unwrap()).collect();
        assert!(matches!(begin(1, 1), Err(Error::RateLimited { .. })));
        let colleagues: Vec<_> = (OF_ONE..OF_COMPANY).map(|_| begin(1, 2).unwrap()).collect();
        assert!(begin(1, 3).is_err(), "the company takes no more");
        // Others are not kept waiting by it.
        let theirs = begin(2, 1).unwrap();
        turns.pop();
        turns.push(begin(1, 3).unwrap());
        drop((turns, colleagues, theirs));
        let all: Vec<_> = (0..OF_ALL).map(|n| begin(10 + n as u128 / 8, 1).unwrap()).collect();
        assert!(begin(1, 1).is_err(), "the node takes no more");
        drop(all);
        begin(1, 1).unwrap();
    }
}
