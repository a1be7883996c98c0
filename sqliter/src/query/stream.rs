//! Rows one after another, without all of them in memory.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context as Waiting, Poll};

use futures_core::Stream;
use tokio::sync::mpsc;

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
/// It is a [`Stream`], and has [`next`](Self::next) of its own. After an error nothing more comes. Dropping it stops the
/// query.
#[must_use = "nothing is read before the stream is asked for rows"]
pub struct RowStream<'s, T> {
    /// The query, until it has ended.
    work: Option<Pending<'s, ()>>,
    batches: mpsc::Receiver<Vec<T>>,
    batch: std::vec::IntoIter<T>,
    failed: Option<Error>,
}

impl<T> std::fmt::Debug for RowStream<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowStream").field("ended", &self.work.is_none()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> RowStream<'_, T> {
    /// The next row, or `None` after the last.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`](crate::Select::fetch_all); the rows before have come.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|waiting| self.poll_row(waiting)).await
    }

    fn poll_row(&mut self, waiting: &mut Waiting<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(row) = self.batch.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match self.batches.poll_recv(waiting) {
                Poll::Ready(Some(batch)) => {
                    self.batch = batch.into_iter();
                    continue;
                }
                Poll::Ready(None) if self.work.is_none() => return Poll::Ready(self.failed.take().map(Err)),
                Poll::Ready(None) | Poll::Pending => {}
            }
            match self.work.as_mut().map(|work| work.as_mut().poll(waiting)) {
                Some(Poll::Ready(result)) => {
                    self.work = None;
                    self.failed = result.err();
                }
                Some(Poll::Pending) | None => return Poll::Pending,
            }
        }
    }
}

// What is pinned is pinned by its own box.
impl<T> Unpin for RowStream<'_, T> {}

impl<T: Send + 'static> Stream for RowStream<'_, T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, waiting: &mut Waiting<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(waiting)
    }
}

pub(super) fn stream<M, S: OneStatement<M>>(session: &Session, query: Query, mut shape: S) -> RowStream<'_, S::Output> {
    let (sender, batches) = mpsc::channel(WAITING);
    let work = async move {
        let context = run::fetching(&query);
        let columns = load::prepared::<M, S>(&mut shape)?;
        let statement = run::selecting(query, columns, SqlWriter::select)?;
        let work = session.run(Access::Read, context, Pace::Long, move |connection| {
            let dropped = |_| Error::Runtime { reason: "the stream was dropped".to_owned() };
            let mut batch = Vec::with_capacity(BATCH);
            connection.query_over(&statement, context, |row| {
                batch.push(load::read(&shape, row)?);
                if batch.len() < BATCH {
                    return Ok(());
                }
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                sender.blocking_send(full).map_err(dropped)
            })?;
            sender.blocking_send(batch).map_err(dropped)
        });
        work.await
    };
    RowStream { work: Some(Box::pin(work)), batches, batch: Vec::new().into_iter(), failed: None }
}
