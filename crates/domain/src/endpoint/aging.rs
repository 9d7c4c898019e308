//! Secrets that were replaced and are good for a day yet. There may be several: who changes them twice
//! in a day must not cut off those who still have the first.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    time::Timestamp,
    tx::StoreError,
};

/// How many may be good beside the current one. Deliveries are signed by all of them.
pub(super) const AGING_MAX: usize = 10;

/// A secret that was replaced.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Aging {
    /// The secret.
    pub(crate) secret: String,
    /// Until when it is good.
    pub(crate) until: Timestamp,
}

/// Reads a column of old secrets: a JSON list, newest first, or, as it was written once, one secret
/// whose end stands in a column of its own. Answers those that are good now.
pub(crate) fn read_aging(
    column: Option<&str>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Vec<Aging>, StoreError> {
    let all = match (column, until) {
        (Some(list), _) if list.starts_with('[') => serde_json::from_str(list)
            .map_err(|_| StoreError::Failed("a stored list of secrets can't be read".into()))?,
        (Some(one), Some(until)) => vec![Aging { secret: one.to_owned(), until }],
        _ => Vec::new(),
    };
    Ok(all.into_iter().filter(|aging| aging.until > now).collect())
}

/// The column after `secret` was replaced.
///
/// # Errors
/// [`Error::RateLimited`] when too many are good yet.
pub(super) fn add_aging(
    mut good: Vec<Aging>,
    secret: String,
    until: Timestamp,
    now: Timestamp,
) -> Result<String> {
    if good.len() >= AGING_MAX {
        let first = good.last().map_or(until, |oldest| oldest.until);
        let retry_after = u64::try_from((first.0 - now.0).max(0)).unwrap_or(0).div_ceil(1000);
        return Err(Error::RateLimited { retry_after });
    }
    good.insert(0, Aging { secret, until });
    serde_json::to_string(&good).map_err(|e| Error::Internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(column: Option<&str>, until: Option<i64>, now: i64) -> Vec<String> {
        let good = read_aging(column, until.map(Timestamp), Timestamp(now)).unwrap();
        good.into_iter().map(|aging| aging.secret).collect()
    }

    #[test]
    fn one_secret_as_it_was_written_once_is_read_too() {
        assert_eq!(secrets(Some("whsec_x"), Some(10), 9), ["whsec_x"]);
        assert!(secrets(Some("whsec_x"), Some(10), 10).is_empty());
        assert!(secrets(None, None, 0).is_empty());
        assert!(read_aging(Some("[nonsense"), None, Timestamp(0)).is_err());
    }

    #[test]
    fn each_has_its_own_end_and_there_are_not_too_many() {
        let mut column = add_aging(Vec::new(), "s0".into(), Timestamp(10), Timestamp(0)).unwrap();
        for n in 1..10 {
            let good = read_aging(Some(&column), None, Timestamp(0)).unwrap();
            column = add_aging(good, format!("s{n}"), Timestamp(10 + n), Timestamp(0)).unwrap();
        }
        assert_eq!(secrets(Some(&column), None, 9).len(), AGING_MAX);
        assert_eq!(secrets(Some(&column), None, 17), ["s9", "s8"]);
        let good = read_aging(Some(&column), None, Timestamp(0)).unwrap();
        let refused = add_aging(good, "more".into(), Timestamp(99), Timestamp(0));
        assert!(matches!(refused, Err(Error::RateLimited { retry_after: 1 })));
    }
}
