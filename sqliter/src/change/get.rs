//! Reading one row by its key.

use std::fmt;
use std::pin::Pin;
use std::task::{Context as Waiting, Poll};
use std::time::Duration;

use tokio::task::coop;

use super::by_key::with_key;
use crate::engine::Pace;
use crate::error::{Context, Error, Operation, Result};
use crate::expr::SoftDelete;
use crate::model::{AsKey, Model};
use crate::query::{self, AsView, Entity, Shape, Takes, View};
use crate::session::{Pending, Session};
use crate::sql::{CacheUse, Deleted};
use crate::table::RowStatement;
use crate::value::KeyValues;

impl Session {
    /// The row with this key, or `None`. Takes a key, or a row, to read it again.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) when a stored value does not fit,
    /// [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several rows with the key,
    /// [`Error::RecordFetch`](crate::Error::RecordFetch) when SQLite refuses the query.
    pub fn get<K: AsKey>(&self, key: K) -> Get<'_, K::Model> {
        let key = Some(key.as_key().stored());
        let cache = CacheUse::default();
        Get { session: self, key, with_deleted: false, cache, timeout: None, reads: Reads::NotYet }
    }
}

/// The reading of one row by its key, from [`Session::get`]; runs when it is awaited.
#[must_use = "nothing is read before this is awaited"]
pub struct Get<'s, M> {
    session: &'s Session,
    /// `None` once it has begun to wait.
    key: Option<Result<KeyValues>>,
    with_deleted: bool,
    cache: CacheUse,
    timeout: Option<Duration>,
    reads: Reads<'s, M>,
}

/// How far it is. Most rows are there when it is polled for the first time: then nothing is put aside.
enum Reads<'s, M> {
    NotYet,
    Waits(Pending<'s, Option<M>>),
    Over,
}

impl<M> fmt::Debug for Get<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Get").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<M> Get<'_, M> {
    /// Reads from the database even when the row is cached, and does not cache it.
    pub const fn bypass_cache(mut self) -> Self {
        self.cache.bypass = true;
        self
    }

    /// Reads the row even if it is deleted softly.
    pub const fn with_deleted(mut self) -> Self
    where
        M: SoftDelete,
    {
        self.with_deleted = true;
        self
    }

    /// How long the row may be cached, instead of the time that the database was opened with.
    pub const fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.cache.ttl = Some(ttl);
        self
    }

    /// How long it may take, with what it waits for: see [`Session::timeout`].
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }
}

impl<'s, M: Model> Get<'s, M> {
    /// Reads the row as a view of its model: `db.get(key).view::<IssueCard>().await?`.
    ///
    /// # Errors
    ///
    /// As [`Session::get`]; [`Error::MissingParent`](crate::Error::MissingParent) when a required related row that the view loads is not there.
    pub fn view<V: View<M, Arguments: Takes<()>>>(self) -> Pending<'s, Option<V>> {
        self.viewed(V::shape::<M>(Takes::take(())))
    }

    /// As [`view`](Self::view), for a view that takes arguments: the argument, or a tuple of several.
    ///
    /// # Errors
    ///
    /// As [`view`](Self::view).
    pub fn view_with<V: View<M>>(self, arguments: V::Arguments) -> Pending<'s, Option<V>> {
        self.viewed(V::shape::<M>(arguments))
    }

    fn viewed<V: View<M>>(self, shape: AsView<M, V>) -> Pending<'s, Option<V>> {
        let Self { session, key, with_deleted, cache, timeout, .. } = self;
        Box::pin(async move {
            let key = untold(key)?;
            let mut query = with_key(M::TABLE, &key);
            (query.cache, query.timeout) = (cache, timeout);
            if with_deleted {
                query = query.with(Deleted::Included);
            }
            let pace = (!<AsView<M, V> as Shape<M>>::DEFERRED).then_some(Pace::Short);
            let mut rows = query::rows::<M, _>(session, query.at_most(2), shape, pace).await?;
            match rows.len() {
                0 | 1 => Ok(rows.pop()),
                _ => Err(query::key_not_unique(Operation::Fetch, M::TABLE, &key)),
            }
        })
    }
}

/// The key, as long as the call has not begun.
fn untold(key: Option<Result<KeyValues>>) -> Result<KeyValues> {
    key.unwrap_or_else(|| Err(Error::NoResult { reason: "it was changed after it had begun".to_owned() }))
}

// Nothing in it is pinned.
impl<M> Unpin for Get<'_, M> {}

impl<M: Model> Future for Get<'_, M> {
    type Output = Result<Option<M>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Waiting<'_>) -> Poll<Self::Output> {
        if let Reads::NotYet = &self.reads {
            // A loop of reads that are done at once must let other tasks run.
            let Poll::Ready(budget) = coop::poll_proceed(cx) else { return Poll::Pending };
            budget.made_progress();
            if let Some(found) = self.at_once() {
                self.reads = Reads::Over;
                return Poll::Ready(found);
            }
            self.reads = Reads::Waits(self.read());
        }
        match &mut self.reads {
            Reads::Waits(waits) => waits.as_mut().poll(cx),
            Reads::NotYet | Reads::Over => Poll::Pending,
        }
    }
}

impl<'s, M: Model> Get<'s, M> {
    fn read(&mut self) -> Pending<'s, Option<M>> {
        let (session, key) = (self.session, untold(self.key.take()));
        let (with_deleted, cache, timeout) = (self.with_deleted, self.cache, self.timeout);
        Box::pin(async move {
            let key = key?;
            if !with_deleted {
                return query::by_key(session, key, cache, timeout).await;
            }
            let mut rows = with_key(M::TABLE, &key).with(Deleted::Included);
            (rows.cache, rows.timeout) = (cache, timeout);
            Ok(query::rows::<M, _>(session, rows, Entity::<M>::new(), Some(Pace::Short)).await?.pop())
        })
    }

    /// The row, if it can be read without waiting for anything.
    fn at_once(&self) -> Option<Result<Option<M>>> {
        if self.with_deleted {
            return None;
        }
        let reads_database = self.cache.bypass || self.session.cache().is_none() || self.session.in_transaction();
        let (true, Some(Ok(key))) = (reads_database, &self.key) else { return None };
        let select = RowStatement::Select.texts(M::TABLE, M::cached_sql()).ok()?;
        let context = Context::new(Operation::Fetch, M::TABLE.name);
        let mut row = None;
        let read = self.session.read_at_once(&mut |connection| {
            connection.row_by_key(&select.text, M::TABLE, key, context, &mut |found| {
                row = Some(M::decode(found)?);
                Ok(())
            })
        });
        read.map(|read| read.map(|()| row))
    }
}
