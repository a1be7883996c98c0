//! Rows one after another, without all of them in memory.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waiting, Poll};

use futures_core::Stream;

use super::batches::Batches;
use super::{OneStatement, load, run};
use crate::engine::{Access, Pace};
use crate::error::{Error, Result};
use crate::session::{Pending, Session};
use crate::sql::{Query, SqlWriter};

/// How many rows pass from thread to thread at once.
const BATCH: usize = 128;

/// How many batches wait for the program; beyond them, SQLite waits.
const WAITING: usize = 2;

/// The rows of a query one after another, from [`Select::fetch_stream`](crate::Select::fetch_stream).
///
/// It is a [`Stream`], and has [`next`](Self::next) of its own. It owns what it needs, so that it can be the body of a
/// response. After an error nothing more comes. Dropping it stops the query.
///
/// A stream of a transaction has the connection of the transaction: its other statements wait for the end of the stream. So a loop
/// over the rows must not run statements of the same transaction: unless the rows are so few that all were read ahead, it soon
/// ends with [`Error::StreamTimeout`]. Read such rows with `fetch_all` or page by page. When the transaction ends before the
/// stream, the stream gives the connection back and ends with [`Error::TransactionEnded`].
#[must_use = "nothing is read before the stream is asked for rows"]
pub struct RowStream<T> {
    /// The query, until it has ended.
    work: Option<Pending<'static, ()>>,
    batches: Arc<Batches<T>>,
    batch: std::vec::IntoIter<T>,
    failed: Option<Error>,
}

impl<T> std::fmt::Debug for RowStream<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowStream").field("ended", &self.work.is_none()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> RowStream<T> {
    /// The next row, or `None` after the last.
    ///
    /// # Errors
    ///
    /// [`Error::StreamTimeout`] when no row was taken for longer than
    /// [`DbOptions::stream_timeout`](crate::DbOptions::stream_timeout), or for a second while another statement of the same
    /// transaction waited for the stream; else as [`Select::fetch_all`](crate::Select::fetch_all). The rows before the
    /// error were given.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|waiting| self.poll_row(waiting)).await
    }

    fn poll_row(&mut self, waiting: &mut Waiting<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            if let Some(batch) = self.batches.take(waiting.waker()) {
                self.batch = batch.into_iter();
                continue;
            }
            match self.work.as_mut().map(|work| work.as_mut().poll(waiting)) {
                None => return Poll::Ready(self.failed.take().map(Err)),
                Some(Poll::Pending) => return Poll::Pending,
                // The last batches may have come just before.
                Some(Poll::Ready(result)) => {
                    self.work = None;
                    self.failed = result.err();
                }
            }
        }
    }
}

impl<T> Drop for RowStream<T> {
    fn drop(&mut self) {
        // The query that waits for the program ends; one that looks for a row is interrupted by the drop of its future.
        self.batches.close();
    }
}

// What is pinned is pinned by its own box.
impl<T> Unpin for RowStream<T> {}

impl<T: Send + 'static> Stream for RowStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, waiting: &mut Waiting<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(waiting)
    }
}

pub(super) fn stream<M, S: OneStatement<M>>(session: &Session, query: Query, mut shape: S) -> RowStream<S::Output> {
    let session = session.clone();
    // A stream that kept a read of a database in memory open would keep its writers waiting; what it reads is in memory
    // already.
    let reads_at_once = session.engine().location().is_memory() && !session.in_transaction();
    let most = if reads_at_once { usize::MAX } else { WAITING };
    let link = session.transaction_link();
    let lane = link.and_then(|link| Some((Arc::downgrade(&link.lane().ok()?), link.level())));
    let batches = Arc::new(Batches::new(most, session.engine().stream_timeout(), lane));
    let full = Arc::clone(&batches);
    let work = async move {
        let context = run::fetching(&query);
        let columns = load::prepared::<M, S>(&mut shape)?;
        let statement = run::selecting(query, columns, SqlWriter::select)?;
        let work = session.run(Access::Stream, context, Pace::Long, move |connection| {
            let mut batch = Vec::with_capacity(BATCH);
            connection.query_over(&statement, context, |row| {
                batch.push(load::read(&shape, row)?);
                if batch.len() < BATCH {
                    return Ok(());
                }
                full.send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)), context)
            })?;
            full.send(batch, context)
        });
        work.await
    };
    RowStream { work: Some(Box::pin(work)), batches, batch: Vec::new().into_iter(), failed: None }
}
