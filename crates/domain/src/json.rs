//! Answers as JSON, written in the transaction that reads them: a page costs neither values of its own
//! nor a journey of them to another thread.

use std::future::Future;

use serde::Serialize;

use crate::{
    error::{Error, Result},
    tx::{Query, TenantRead},
};

/// What an answer is given to begin with; most fit.
const USUAL: usize = 32 * 1024;

/// A query whose answer can be written as JSON.
pub trait JsonQuery: Query<Output: Serialize> + Sized {
    /// Writes to `out` what [`Query::run`] answers, as JSON. A query of many rows writes each as it comes.
    fn write(self, tx: &mut impl TenantRead, out: &mut Vec<u8>) -> impl Future<Output = Result<()>> + Send {
        async move {
            let answer = self.run(tx).await?;
            write_value(out, &answer)
        }
    }
}

/// Appends a value.
///
/// # Errors
/// [`Error::Internal`] when it has no JSON, such as a time that no calendar has.
pub(crate) fn write_value(out: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(out, value).map_err(|e| Error::Internal(e.to_string()))
}

/// A query that answers its JSON: the bytes, with more room than they need.
pub struct AsJson<Q> {
    query: Q,
    /// Made where the answer is used and given up: memory that always went from a thread that reads to one that
    /// serves would have to be taken from the system's again and again.
    out: Vec<u8>,
}

impl<Q: JsonQuery> AsJson<Q> {
    /// This query's.
    pub fn new(query: Q) -> Self {
        Self { query, out: Vec::with_capacity(USUAL) }
    }
}

impl<Q: JsonQuery> Query for AsJson<Q> {
    type Output = Vec<u8>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Vec<u8>> {
        let Self { query, mut out } = self;
        query.write(tx, &mut out).await?;
        Ok(out)
    }
}
