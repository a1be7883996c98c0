//! The start of every chain, on the pool or inside a transaction.

use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use crate::cache::Cache;
use crate::engine::{Access, Connection, Engine, Pace};
use crate::error::{Context, Result};
use crate::transaction::TxLink;

/// Work that begins when it is awaited. Its type does not name the arguments of the call, so that the compiler reports a
/// wrong argument once, and not again for the `.await`.
pub type Pending<'s, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 's>>;

/// Where work runs: on a connection of the [`Db`](crate::Db), or inside a [`Tx`](crate::Tx). Both deref to it, so a
/// function that takes `&Session` serves both.
///
/// ```
/// use sqliter::prelude::*;
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String }
///
/// async fn titles(session: &Session) -> sqliter::Result<Vec<String>> {
///     session.select::<Book>().only(|b| b.title).fetch_all().await
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Book>().await?;
/// titles(&db).await?;
/// db.transaction(async |tx| titles(tx).await).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    transaction: Option<TxLink>,
}

/// What all sessions of a database share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) cache: Option<Cache>,
}

/// Tells the time for `created_at` and `updated_at`.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("engine", &self.shared.engine)
            .field("in_transaction", &self.transaction.is_some())
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn new(engine: Engine, clock: Clock, cache: Option<Cache>) -> Self {
        Self { shared: Arc::new(Shared { engine, clock, cache }), transaction: None }
    }

    /// The same database, inside a transaction.
    pub(crate) fn within(&self, transaction: TxLink) -> Self {
        Self { shared: Arc::clone(&self.shared), transaction: Some(transaction) }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref()
    }

    pub(crate) const fn transaction_link(&self) -> Option<&TxLink> {
        self.transaction.as_ref()
    }

    /// The time for `created_at` and `updated_at`.
    pub(crate) fn now(&self) -> SystemTime {
        (self.shared.clock)()
    }

    /// Whether this session is inside a transaction.
    pub const fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Runs a job that writes, and may share its commit with others: its statements mean the same inside a savepoint.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        context: Context<'static>,
        pace: Pace,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.transaction {
            None => self.engine().write(context, pace, job).await,
            Some(link) => link.run(self.engine(), context, pace, job).await,
        }
    }

    /// Runs a job on the connection of the transaction, or on one that is leased for it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        access: Access,
        context: Context<'_>,
        pace: Pace,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.transaction {
            None => {
                let lease = self.engine().lease(access, context).await?;
                self.engine().run(lease, context, pace, job).await
            }
            Some(link) => link.run(self.engine(), context, pace, job).await,
        }
    }
}
