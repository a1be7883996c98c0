//! What brings the entries of all programs into one order.

use sqliter_cluster_wire::Token;

use crate::cluster::Cluster;
use crate::error::{Error, Result};

/// An entry with its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Larger than those of all entries before it.
    pub number: i64,
    /// Names the proposal.
    pub token: Token,
    /// What was proposed. Without any, nothing is to be done: only the number is taken.
    pub bytes: Vec<u8>,
}

impl Entry {
    /// One that only takes a number.
    pub(crate) fn nothing(number: i64) -> Self {
        Self { number, token: Token::default(), bytes: Vec::new() }
    }
}

/// Brings entries into an order that is the same for everybody, and keeps them.
pub trait Replicator: Send + Sync + 'static {
    /// Adds an entry, once, whatever number of times it is tried. When this returns, no crash takes it away.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] when it may be added or not.
    fn propose(&self, token: Token, bytes: Vec<u8>) -> impl Future<Output = Result<()>> + Send;

    /// The number of the last entry that anybody was told of.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] without a leader.
    fn barrier(&self) -> impl Future<Output = Result<i64>> + Send;

    /// The entries behind a number, as far as they are known here, in their order.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn entries(&self, after: i64) -> impl Future<Output = Result<Vec<Entry>>> + Send;
}

/// hiqlite keeps the log, in a table of its own file.
impl Replicator for Cluster {
    async fn propose(&self, token: Token, bytes: Vec<u8>) -> Result<()> {
        self.log(token, bytes).await
    }

    async fn barrier(&self) -> Result<i64> {
        Self::barrier(self).await?;
        let db = self.db();
        Ok(db.query::<i64>("SELECT coalesce(max(number), 0) FROM sqliter_log").fetch_required().await?)
    }

    async fn entries(&self, after: i64) -> Result<Vec<Entry>> {
        const SOME: &str = "SELECT number, token, bytes FROM sqliter_log WHERE number > ? ORDER BY number LIMIT 100";
        let rows = self.db().query::<(i64, Vec<u8>, Vec<u8>)>(SOME).bind(after).fetch_all().await?;
        let entry = |(number, token, bytes): (i64, Vec<u8>, Vec<u8>)| {
            let token = token.try_into().map_err(|_| Error::Answer)?;
            Ok(Entry { number, token, bytes })
        };
        rows.into_iter().map(entry).collect()
    }
}
