//! The related rows of loaded rows, in one statement.

use std::sync::Arc;

use super::source_value;
use crate::engine::{Access, Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::expr::{ToMany, ToOne};
use crate::model::{AtMostOne, Columns, Many, Model, Relation};
use crate::query::{AsView, Entity, JoinedView, Prefetch, Shape, Takes, View, lists, prepared};
use crate::session::{Pending, Session};
use crate::sql::Query;
use crate::value::Value;

/// A relation of the model `M` whose rows can be fetched for loaded rows.
#[diagnostic::on_unimplemented(
    message = "this is not a relation of `{M}`",
    label = "takes a relation of the model of the rows, `{M}`",
    note = "write `db.fetch_related(&books, |b| b.author)`; then call it with the authors for a relation of \
            theirs",
    note = "a foreign key is a column, and has a relation beside it: `author` for the field `author_id`"
)]
pub trait FetchRelated<M>: Send + Sync + 'static {
    /// What there is for each row: a related row, an `Option` of it, or a `Vec`.
    type Output: Send + 'static;
    /// Whether one statement is not enough.
    #[doc(hidden)]
    const DEFERRED: bool;

    /// The value that the relation starts from.
    #[doc(hidden)]
    fn key(&self, row: &M) -> Result<Value>;

    /// Finds out what is the same for all rows.
    #[doc(hidden)]
    fn prepare(&mut self) -> Result<()> {
        Ok(())
    }

    /// What there is for each value, in their order.
    #[doc(hidden)]
    fn fetch(&self, connection: &mut Connection, keys: &Arc<[Value]>) -> Result<Vec<Self::Output>>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Cardinality: AtMostOne>> FetchRelated<M> for ToOne<M, R> {
    type Output = <R::Cardinality as AtMostOne>::Of<R::Target>;
    const DEFERRED: bool = false;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn fetch(&self, connection: &mut Connection, keys: &Arc<[Value]>) -> Result<Vec<Self::Output>> {
        related_rows::<R, _>(connection, &mut Entity::<R::Target>::new(), keys)
    }
}

#[diagnostic::do_not_recommend]
impl<M, R, V> FetchRelated<M> for JoinedView<M, R, V>
where
    M: Model,
    R: Relation<Source = M, Cardinality: AtMostOne>,
    V: View<R::Target, Arguments: Takes<()>>,
{
    type Output = <R::Cardinality as AtMostOne>::Of<V>;
    const DEFERRED: bool = <AsView<R::Target, V> as Shape<R::Target>>::DEFERRED;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn fetch(&self, connection: &mut Connection, keys: &Arc<[Value]>) -> Result<Vec<Self::Output>> {
        related_rows::<R, _>(connection, &mut V::shape::<R::Target>(Takes::take(())), keys)
    }
}

/// The row that a to-one relation leads to from each key, as what the shape gives.
fn related_rows<R: Relation<Cardinality: AtMostOne>, S: Shape<R::Target>>(
    connection: &mut Connection,
    shape: &mut S,
    keys: &Arc<[Value]>,
) -> Result<Vec<<R::Cardinality as AtMostOne>::Of<S::Output>>> {
    let columns = prepared(shape)?;
    let found = lists(connection, R::INFO, &Query::at_end_of(R::INFO), (shape, &columns), keys)?;
    let related = found.into_iter().zip(keys.iter());
    related.map(|(mut rows, key)| R::Cardinality::found(rows.pop(), R::INFO, || Some(key.clone()))).collect()
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Cardinality = Many>> FetchRelated<M> for ToMany<M, R> {
    type Output = Vec<R::Target>;
    const DEFERRED: bool = false;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn fetch(&self, connection: &mut Connection, keys: &Arc<[Value]>) -> Result<Vec<Self::Output>> {
        let mut all = Prefetch::<R>::new();
        FetchRelated::prepare(&mut all)?;
        all.fetch(connection, keys)
    }
}

#[diagnostic::do_not_recommend]
impl<M, R, S> FetchRelated<M> for Prefetch<R, S>
where
    M: Model,
    R: Relation<Source = M, Cardinality = Many>,
    S: Shape<R::Target>,
{
    type Output = Vec<S::Output>;
    const DEFERRED: bool = S::DEFERRED;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn prepare(&mut self) -> Result<()> {
        Shape::prepare(self, &[], 0)
    }

    fn fetch(&self, connection: &mut Connection, keys: &Arc<[Value]>) -> Result<Vec<Self::Output>> {
        self.lists(connection, keys)
    }
}

impl Session {
    /// The related rows of loaded rows, in the order of the rows: one statement for all of them.
    ///
    /// # Errors
    ///
    /// [`Error::MissingParent`](crate::Error::MissingParent) when a row that a required key leads to is not there, else
    /// as [`Select::fetch_all`](crate::Select::fetch_all).
    pub fn fetch_related<M: Model, F: FetchRelated<M>>(
        &self,
        rows: &[M],
        relation: impl FnOnce(&M::Columns<M>) -> F,
    ) -> Pending<'_, Vec<F::Output>> {
        let mut relation = relation(M::Columns::<M>::COLUMNS);
        let keys = rows.iter().map(|row| relation.key(row)).collect::<Result<Arc<[Value]>>>();
        Box::pin(async move {
            let keys = keys?;
            if keys.is_empty() {
                return Ok(Vec::new());
            }
            relation.prepare()?;
            let context = Context::new(Operation::Fetch, M::TABLE.name);
            self.run(Access::Read, context, Pace::Long, move |connection| match F::DEFERRED {
                true => connection.snapshot(context, |connection| relation.fetch(connection, &keys)),
                false => relation.fetch(connection, &keys),
            })
            .await
        })
    }
}
