//! The related row of a loaded row: `book.author(&db)`.

use std::fmt;
use std::marker::PhantomData;

use super::{source_value, target_is};
use crate::engine::Pace;
use crate::error::Result;
use crate::model::{AtMostOne, Key, Relation};
use crate::query::{self, AsView, Entity, Shape, Takes, View};
use crate::session::Session;
use crate::sql::Query;
use crate::value::Value;

/// The related row of a loaded row, from the generated method of the relation: `book.author(&db)`.
#[must_use = "nothing is read before `fetch` is awaited"]
pub struct LazyOne<'s, R: Relation, S = Entity<<R as Relation>::Target>> {
    session: &'s Session,
    key: Result<Value>,
    shape: S,
    relation: PhantomData<fn() -> R>,
}

impl<R: Relation, S> fmt::Debug for LazyOne<'_, R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyOne").field("relation", &R::INFO.name).field("key", &self.key).finish_non_exhaustive()
    }
}

impl<'s, R: Relation> LazyOne<'s, R>
where
    R::Cardinality: AtMostOne,
{
    /// For generated code: the value that the link of the relation compares with.
    #[doc(hidden)]
    pub fn new(session: &'s Session, source: &R::Source) -> Self {
        Self { session, key: source_value(R::INFO, source), shape: Entity::new(), relation: PhantomData }
    }

    /// For generated code: the row that refers to the row with a key.
    #[doc(hidden)]
    pub fn of_key(session: &'s Session, source: &Key<R::Source>) -> Self {
        Self { session, key: source.stored().map(|key| key.first), shape: Entity::new(), relation: PhantomData }
    }

    /// Reads the related row as a view of its model: `book.author(&db).view::<AuthorName>().fetch()`.
    pub fn view<V: View<R::Target, Arguments: Takes<()>>>(self) -> LazyOne<'s, R, AsView<R::Target, V>> {
        let shape = V::shape::<R::Target>(Takes::take(()));
        LazyOne { session: self.session, key: self.key, shape, relation: PhantomData }
    }
}

impl<R: Relation<Cardinality: AtMostOne>, S: Shape<R::Target>> LazyOne<'_, R, S> {
    /// Reads the related row; `None` is possible only where the relation is nullable.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParent`](crate::Error::MissingParent) when a row that must be there is not, else as
    /// [`Session::get`].
    pub async fn fetch(self) -> Result<<R::Cardinality as AtMostOne>::Of<S::Output>> {
        let key = self.key?;
        let found = match &key {
            Value::Null => None,
            key => {
                let mut query = Query::at_end_of(R::INFO);
                query.filters.push(target_is(R::INFO, key.clone()));
                let pace = (!S::DEFERRED).then_some(Pace::Short);
                query::rows::<R::Target, _>(self.session, query.single(), self.shape, pace).await?.pop()
            }
        };
        R::Cardinality::found(found, R::INFO, || Some(key))
    }
}
