//! The related rows of rows in hand, in one statement.

use std::sync::Arc;

use super::eager::lists;
use super::one::source_value;
use super::{Entity, Many, Prefetch, Presence, Relation, ToMany, ToOne};
use crate::engine::{Access, Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::model::{Columns, Model};
use crate::relation::{Part, Parts};
use crate::session::{Pending, Session};
use crate::sql::Query;
use crate::value::Value;

/// A relation of the model `M` whose rows can be fetched for rows in hand.
#[diagnostic::on_unimplemented(
    message = "this is not a relation of `{M}`",
    label = "takes a relation of the model of the rows, `{M}`",
    note = "write `db.fetch_related(&books, |b| b.author)`; for a relation behind another, fetch the first and then the \
            other",
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

    /// What there is for each value, in their order.
    #[doc(hidden)]
    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Self::Output>>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Arity: Presence>> FetchRelated<M> for ToOne<M, R> {
    type Output = <R::Arity as Presence>::Of<R::Target>;
    const DEFERRED: bool = false;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Self::Output>> {
        let query = Query::new(R::Target::TABLE);
        let keys: Arc<[Value]> = keys.into();
        let found = lists(connection, R::INFO, &query, &Entity::<R::Target>::new(), Arc::clone(&keys))?;
        let related = found.into_iter().zip(keys.iter());
        related.map(|(mut rows, key)| <R::Arity as Presence>::of(rows.pop(), R::INFO, || Some(key.clone()))).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Arity = Many>> FetchRelated<M> for ToMany<M, R> {
    type Output = Vec<R::Target>;
    const DEFERRED: bool = false;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Self::Output>> {
        self.finish(connection, keys)
    }
}

#[diagnostic::do_not_recommend]
impl<M, R, N> FetchRelated<M> for Prefetch<R, N>
where
    M: Model,
    R: Relation<Source = M, Arity = Many>,
    N: Parts<R::Target>,
{
    type Output = Vec<N::Output>;
    const DEFERRED: bool = N::DEFERRED;

    fn key(&self, row: &M) -> Result<Value> {
        source_value(R::INFO, row)
    }

    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Self::Output>> {
        self.finish(connection, keys)
    }
}

impl Session {
    /// The related rows of rows in hand, in the order of the rows: one statement for all of them.
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
        let relation = relation(M::Columns::<M>::COLUMNS);
        let keys = rows.iter().map(|row| relation.key(row)).collect::<Result<Vec<_>>>();
        Box::pin(async move {
            let keys = keys?;
            if keys.is_empty() {
                return Ok(Vec::new());
            }
            let context = Context::new(Operation::Fetch, M::TABLE.name);
            self.run(Access::Read, context, Pace::Long, move |connection| {
                if F::DEFERRED {
                    connection.snapshot(context, |connection| relation.fetch(connection, keys.clone()))
                } else {
                    relation.fetch(connection, keys.clone())
                }
            })
            .await
        })
    }
}
