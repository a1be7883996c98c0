//! Related rows of to-many relations behind to-one relations, by a further statement for each.

use std::marker::PhantomData;
use std::sync::Arc;

use super::shape::Shape;
use super::{Append, AtMostSixteen, Entity, IntoShape, LoadsModels, PartSet, Prefetch, PrefetchedSet};
use crate::engine::{Connection, RowRef};
use crate::error::Result;
use crate::expr::{Filter, Orders, TargetColumns, ToMany};
use crate::model::{Many, Model, Path, Relation, Via};
use crate::sql::ast::{Expr, Selected};
use crate::value::Value;

/// A to-many relation at the end of the path `P`, with what [`Prefetch`] says about its rows. Where the path leads to no row,
/// there are none.
#[must_use = "nothing is loaded before `prefetch_related` takes it"]
pub struct Behind<P, R: Relation, S = Entity<<R as Relation>::Target>> {
    rows: Prefetch<R, S>,
    path: PhantomData<fn() -> P>,
}

impl<P, R: Relation, S> std::fmt::Debug for Behind<P, R, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Behind({})", R::INFO.name)
    }
}

impl<P, R: Relation, S: Clone> Clone for Behind<P, R, S> {
    fn clone(&self) -> Self {
        Self::new(self.rows.clone())
    }
}

impl<P, R: Relation, S> Behind<P, R, S> {
    const fn new(rows: Prefetch<R, S>) -> Self {
        Self { rows, path: PhantomData }
    }

    /// The relation without the path to it.
    pub(super) fn into_rows(self) -> Prefetch<R, S> {
        self.rows
    }
}

impl<P, R: Relation<Cardinality = Many>, S> Behind<P, R, S> {
    /// As [`Prefetch::with`].
    pub fn with<F: PartSet<R::Target>>(
        self,
        further: impl FnOnce(&TargetColumns<R>) -> F,
    ) -> Behind<P, R, <S::Parts as Append<F::Tuple>>::Output>
    where
        S: LoadsModels<R::Target>,
        S::Parts: Append<F::Tuple, Output: AtMostSixteen>,
    {
        Behind::new(self.rows.with(further))
    }

    /// As [`Prefetch::filter`].
    pub fn filter<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Self {
        Self::new(self.rows.filter(condition))
    }

    /// As [`Prefetch::order`].
    pub fn order<O: Orders<R::Target>>(self, keys: impl FnOnce(&TargetColumns<R>) -> O) -> Self {
        Self::new(self.rows.order(keys))
    }

    /// As [`Prefetch::limit`].
    pub fn limit(self, rows: u64) -> Self {
        Self::new(self.rows.limit(rows))
    }
}

/// What `prefetch_related` loads, of the row that a to-one relation leads to.
impl<P: Path, O: Relation, R: Relation<Source = O::Target, Cardinality = Many>> ToMany<Via<P, O>, R> {
    /// Loads further relations of the related rows: `b.author.books.with(|b| b.tags)`.
    pub fn with<F: PartSet<R::Target>>(
        self,
        further: impl FnOnce(&TargetColumns<R>) -> F,
    ) -> Behind<Via<P, O>, R, <(Entity<R::Target>,) as Append<F::Tuple>>::Output>
    where
        (Entity<R::Target>,): Append<F::Tuple, Output: AtMostSixteen>,
    {
        Behind::new(Prefetch::new().with(further))
    }

    /// Loads only the related rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Behind<Via<P, O>, R> {
        Behind::new(Prefetch::new().filter(condition))
    }

    /// Loads the related rows in this order; without one, in the order of their keys.
    pub fn order<K: Orders<R::Target>>(self, keys: impl FnOnce(&TargetColumns<R>) -> K) -> Behind<Via<P, O>, R> {
        Behind::new(Prefetch::new().order(keys))
    }

    /// Loads at most this many related rows of each row.
    pub fn limit(self, rows: u64) -> Behind<Via<P, O>, R> {
        Behind::new(Prefetch::new().limit(rows))
    }
}

impl<P: Path, R: Relation<Source = P::Model, Cardinality = Many>, S: Shape<R::Target>> Shape<P::Root>
    for Behind<P, R, S>
{
    /// What the relation starts from; `NULL` where there is no row to start from.
    type Cell = Value;
    type Output = Vec<S::Output>;
    const DEFERRED: bool = true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::by_value(Expr::column(P::NODE, R::INFO.source_column())));
    }

    fn width(&self) -> usize {
        1
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.rows.prepare(columns, start)
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Value> {
        self.rows.decode(row, position)
    }

    fn ready(&self, _: Value) -> Option<Self::Output> {
        None
    }

    /// Rows that several lead to are fetched for each: the lists are their own.
    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Self::Output>> {
        self.rows.lists(connection, &Arc::from(keys))
    }
}

macro_rules! sets {
    ($($set:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M: Model, P: Path<Root = M>, O: Relation, R: Relation<Source = O::Target, Cardinality = Many>> $set<M>
            for ToMany<Via<P, O>, R>
        {
            type Tuple = (Behind<Via<P, O>, R>,);

            fn into_tuple(self) -> Self::Tuple {
                (Behind::new(Prefetch::new()),)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<M: Model, P: Path<Root = M>, R: Relation<Source = P::Model, Cardinality = Many>, S> $set<M> for Behind<P, R, S> {
            type Tuple = (Self,);

            fn into_tuple(self) -> (Self,) {
                (self,)
            }
        }
    )*};
}

sets!(PrefetchedSet PartSet);

#[diagnostic::do_not_recommend]
impl<P, O, R: Relation> IntoShape for ToMany<Via<P, O>, R> {
    type Shape = Behind<Via<P, O>, R>;

    fn into_shape(self) -> Self::Shape {
        Behind::new(Prefetch::new())
    }
}

#[diagnostic::do_not_recommend]
impl<P, R: Relation, S> IntoShape for Behind<P, R, S> {
    type Shape = Self;

    fn into_shape(self) -> Self {
        self
    }
}
