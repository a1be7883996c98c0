//! Reading one row by its key.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use crate::column::ColumnType;
use crate::error::Result;
use crate::model::{AsKey, Model};
use crate::query;
use crate::session::{Pending, Session};
use crate::sql::CacheUse;
use crate::value::{EncodeError, Encoded, Value};

impl Session {
    /// The row with this key, or `None`. Takes a key, or a row to read it anew.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`](crate::Error::Decode) when a stored value does not fit,
    /// [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several rows with the key,
    /// [`Error::RecordFetch`](crate::Error::RecordFetch) when SQLite refuses the query.
    pub fn get<K: AsKey>(&self, key: K) -> Get<'_, K::Model> {
        let key = key.as_key();
        let value = key.encode().map(Encoded::into_value);
        Get { session: self, key: value, cache: CacheUse::default(), model: PhantomData }
    }
}

/// The reading of one row by its key, from [`Session::get`]; runs when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is read before this is awaited"]
pub struct Get<'s, M> {
    session: &'s Session,
    key: Result<Value, EncodeError>,
    cache: CacheUse,
    model: PhantomData<fn() -> M>,
}

impl<M> Get<'_, M> {
    /// Reads from the database even when the row is cached, and does not cache it.
    pub const fn bypass_cache(mut self) -> Self {
        self.cache.bypass = true;
        self
    }

    /// How long the row may be cached, instead of the time that the database was opened with.
    pub const fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.cache.ttl = Some(ttl);
        self
    }
}

impl<'s, M: Model> IntoFuture for Get<'s, M> {
    type Output = Result<Option<M>>;
    type IntoFuture = Pending<'s, Option<M>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let key = self.key.map_err(|error| error.at(M::TABLE.name, M::TABLE.key_column().name))?;
            query::by_key(self.session, key, self.cache).await
        })
    }
}
