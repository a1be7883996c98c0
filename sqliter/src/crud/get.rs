//! Reading one row by its key.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use super::key_is;
use crate::engine::Pace;
use crate::error::Result;
use crate::model::Model;
use crate::query::{self, Query};
use crate::relation::Entity;
use crate::session::{Pending, Session};
use crate::value::AsKey;

impl Session {
    /// The row with this key, or `None`. Takes a key, or a row to read it anew.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) when a stored value does not fit,
    /// [`Error::RecordFetch`](crate::Error::RecordFetch) when SQLite refuses the query.
    pub fn get<K: AsKey>(&self, key: K) -> Get<'_, K::Model> {
        let table = K::Model::TABLE;
        let mut query = Query::new(table);
        query.filters.push(key_is(table, &key.as_key()));
        Get { session: self, query, model: PhantomData }
    }
}

/// The reading of one row by its key, from [`Session::get`]; runs when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is read before this is awaited"]
pub struct Get<'s, M> {
    session: &'s Session,
    query: Query,
    model: PhantomData<fn() -> M>,
}

impl<M> Get<'_, M> {
    /// Reads from the database even when the row is cached, and does not cache it.
    pub const fn bypass_cache(mut self) -> Self {
        self.query.cache.bypass = true;
        self
    }

    /// How long the row may be cached, instead of the time that the database was opened with.
    pub const fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.query.cache.ttl = Some(ttl);
        self
    }
}

impl<'s, M: Model> IntoFuture for Get<'s, M> {
    type Output = Result<Option<M>>;
    type IntoFuture = Pending<'s, Option<M>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let rows = query::rows(self.session, self.query, Entity::<M>::new(), Some(Pace::Short));
            Ok(rows.await?.pop())
        })
    }
}
