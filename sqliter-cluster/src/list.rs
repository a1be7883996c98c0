//! An order of entries in memory, for tests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqliter_cluster_wire::Token;

use crate::error::Result;
use crate::replicator::{Entry, Replicator};

/// The order of entries as a list, for machines of one process. It remembers nothing of tokens: each proposal is made once.
#[derive(Debug, Clone, Default)]
pub struct List(Arc<Mutex<Vec<Entry>>>);

impl List {
    /// How many entries there are.
    pub fn number(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Replicator for List {
    async fn propose(&self, token: Token, bytes: Vec<u8>) -> Result<()> {
        let mut entries = self.all();
        let number = entries.len() as i64 + 1;
        entries.push(Entry { number, token, bytes });
        Ok(())
    }

    async fn barrier(&self) -> Result<i64> {
        Ok(self.number() as i64)
    }

    async fn entries(&self, after: i64) -> Result<Vec<Entry>> {
        let after = usize::try_from(after).unwrap_or(0);
        Ok(self.all().iter().skip(after).cloned().collect())
    }
}
