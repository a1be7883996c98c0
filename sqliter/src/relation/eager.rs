//! What `select_related` and `prefetch_related` take.

use std::marker::PhantomData;
use std::sync::Arc;

use super::parts::{JoinedPart, JoinedParts, Part, Parts};
use super::{Append, Entity, Many, Presence, Relation, ToMany, ToOne};
use crate::column::ColumnType;
use crate::engine::{Connection, Row};
use crate::error::{Context, Operation, Result};
use crate::expr::{Filter, Orders};
use crate::model::{Columns, Model, ModelImpl, Path, Via};
use crate::query::Load;
use crate::sql::ast::{Expr, Selected};
use crate::sql::{Query, SqlWriter, Written};
use crate::table::RelationInfo;
use crate::value::{Encoded, Value};

/// One or several to-one relations, reached from the path `P`: what `select_related` takes.
#[diagnostic::on_unimplemented(
    message = "this is not a to-one relation of the model that is loaded here",
    label = "takes to-one relations of the model itself",
    note = "a to-many relation is loaded by `prefetch_related`: `.prefetch_related(|a| a.books)`",
    note = "a relation behind another is given with it: `.select_related(|c| c.book.with(|b| b.author))`",
    note = "a foreign key is a column, and has a relation beside it: `author` for the field `author_id`"
)]
pub trait JoinedSet<P> {
    /// The relations as a tuple.
    type Tuple;

    /// The relations as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// One or several to-many relations of the model `M`: what `prefetch_related` takes.
#[diagnostic::on_unimplemented(
    message = "this is not a to-many relation of `{M}`",
    label = "takes to-many relations of `{M}` itself",
    note = "a to-one relation is loaded by `select_related`: `.select_related(|b| b.author)`",
    note = "a relation behind a to-many one is given with it: `.prefetch_related(|a| a.books.with(|b| b.tags))`",
    note = "a to-many relation behind a to-one one is loaded by a statement of its own, for all rows at once: \
            `db.fetch_related(&authors, |a| a.books)`"
)]
pub trait PrefetchedSet<M> {
    /// The relations as a tuple.
    type Tuple;

    /// The relations as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// One or several relations of the model `M`: what `with` takes behind a to-many relation.
#[diagnostic::on_unimplemented(
    message = "this is not a relation of `{M}`",
    label = "takes relations of `{M}` itself",
    note = "use what the closure gets: `a.books.with(|b| b.tags)`, or for several `a.books.with(|b| (b.author, b.tags))`",
    note = "a foreign key is a column, and has a relation beside it: `author` for the field `author_id`"
)]
pub trait PartSet<M> {
    /// The relations as a tuple.
    type Tuple;

    /// The relations as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

macro_rules! single {
    ($([$($generics:tt)*] $set:ident<$of:ty> for $part:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $set<$of> for $part {
            type Tuple = (Self,);

            fn into_tuple(self) -> (Self,) {
                (self,)
            }
        }
    )*};
}

single! {
    [P: Path, R: Relation<Source = P::Model, Arity: Presence>] JoinedSet<P> for ToOne<P, R>;
    [P: Path, R: Relation<Source = P::Model, Arity: Presence>, N] JoinedSet<P> for With<ToOne<P, R>, N>;
    [M: Model, R: Relation<Source = M, Arity = Many>] PrefetchedSet<M> for ToMany<M, R>;
    [M: Model, R: Relation<Source = M, Arity = Many>, N] PrefetchedSet<M> for Prefetch<R, N>;
    [M: Model, R: Relation<Source = M, Arity: Presence>] PartSet<M> for ToOne<M, R>;
    [M: Model, R: Relation<Source = M, Arity: Presence>, N] PartSet<M> for With<ToOne<M, R>, N>;
    [M: Model, R: Relation<Source = M, Arity = Many>] PartSet<M> for ToMany<M, R>;
    [M: Model, R: Relation<Source = M, Arity = Many>, N] PartSet<M> for Prefetch<R, N>;
}

macro_rules! several {
    ($($set:ident)*) => {$(
        several!(@ $set A B);
        several!(@ $set A B C);
        several!(@ $set A B C D);
        several!(@ $set A B C D E);
        several!(@ $set A B C D E F);
        several!(@ $set A B C D E F G);
        several!(@ $set A B C D E F G H);
    )*};
    (@ $set:ident $($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<Of, $($name: $set<Of, Tuple = ($name,)>),+> $set<Of> for ($($name,)+) {
            type Tuple = Self;

            fn into_tuple(self) -> Self {
                self
            }
        }
    };
}

several!(JoinedSet PrefetchedSet PartSet);

fn target_columns<P: Path, R: Relation>(columns: &mut Vec<Selected>) {
    let path = <Via<P, R> as Path>::NODE;
    columns.extend(Selected::row(path, R::Target::TABLE));
}

/// The value that a relation starts from, in a row at whose start are the columns of its source.
fn source_in<R: Relation>(row: &Row<'_>) -> Option<Value> {
    let column = R::INFO.source_column().name;
    let position = R::Source::TABLE.columns.iter().position(|own| own.name == column)?;
    row.own(position)
}

/// Whether the row of the model at a position is there: a `LEFT JOIN` without a match gives `NULL` for its key too.
fn is_present<M: Model>(row: &Row<'_>, position: usize) -> bool {
    !row.is_null(position + M::TABLE.key)
}

impl<P: Path, R: Relation<Source = P::Model, Arity: Presence>> Part<P::Model> for ToOne<P, R> {
    type Cell = <R::Arity as Presence>::Of<R::Target>;
    type Output = Self::Cell;
    const DEFERRED: bool = false;

    fn columns(&self, columns: &mut Vec<Selected>) {
        target_columns::<P, R>(columns);
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cell> {
        let start = *position;
        *position += R::Target::TABLE.columns.len();
        let found = match is_present::<R::Target>(row, start) {
            true => Some(R::Target::decode(&row.from(start))?),
            false => None,
        };
        <R::Arity as Presence>::of(found, R::INFO, || source_in::<R>(row))
    }

    fn finish(&self, _: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Cell>> {
        Ok(cells)
    }

    fn ready(cell: Self::Cell) -> Option<Self::Cell> {
        Some(cell)
    }
}

impl<P: Path, R: Relation<Source = P::Model, Arity: Presence>> JoinedPart<P::Model> for ToOne<P, R> {
    fn output(cell: Self::Cell) -> Self::Output {
        cell
    }
}

/// A to-one relation with what is loaded behind it.
#[derive(Debug, Clone)]
pub struct With<T, N> {
    relation: PhantomData<fn() -> T>,
    further: N,
}

impl<T, N> With<T, N> {
    pub(super) fn new(_: T, further: N) -> Self {
        Self { relation: PhantomData, further }
    }
}

impl<P, R, N> Part<P::Model> for With<ToOne<P, R>, N>
where
    P: Path,
    R: Relation<Source = P::Model, Arity: Presence>,
    N: JoinedParts<R::Target>,
{
    type Cell = <R::Arity as Presence>::Of<N::Output>;
    type Output = Self::Cell;
    const DEFERRED: bool = false;

    fn columns(&self, columns: &mut Vec<Selected>) {
        target_columns::<P, R>(columns);
        self.further.columns(columns);
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cell> {
        let start = *position;
        *position += R::Target::TABLE.columns.len();
        if !is_present::<R::Target>(row, start) {
            let mut skipped = Vec::new();
            self.further.columns(&mut skipped);
            *position += skipped.len();
            return <R::Arity as Presence>::of(None, R::INFO, || source_in::<R>(row));
        }
        let row = row.from(start);
        let model = R::Target::decode(&row)?;
        let further = self.further.decode(&row, position)?;
        <R::Arity as Presence>::of(Some(N::output(model, further)), R::INFO, || None)
    }

    fn finish(&self, _: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Cell>> {
        Ok(cells)
    }

    fn ready(cell: Self::Cell) -> Option<Self::Cell> {
        Some(cell)
    }
}

impl<P, R, N> JoinedPart<P::Model> for With<ToOne<P, R>, N>
where
    P: Path,
    R: Relation<Source = P::Model, Arity: Presence>,
    N: JoinedParts<R::Target>,
{
    fn output(cell: Self::Cell) -> Self::Output {
        cell
    }
}

/// A to-many relation with the conditions, the order and the further relations of its rows.
#[derive(Debug)]
#[must_use = "nothing is loaded before `prefetch_related` takes it"]
pub struct Prefetch<R, N = ()> {
    query: Query,
    further: N,
    relation: PhantomData<fn() -> R>,
}

impl<R, N: Clone> Clone for Prefetch<R, N> {
    fn clone(&self) -> Self {
        Self { query: self.query.clone(), further: self.further.clone(), relation: PhantomData }
    }
}

type Related<R> = <<R as Relation>::Target as Model>::Columns<<R as Relation>::Target>;

impl<R: Relation<Arity = Many>> Prefetch<R> {
    pub(super) fn new() -> Self {
        Self { query: Query::new(R::Target::TABLE), further: (), relation: PhantomData }
    }
}

impl<R: Relation<Arity = Many>, N> Prefetch<R, N> {
    /// Loads further relations of the related rows.
    pub fn with<S: PartSet<R::Target>>(self, further: impl FnOnce(&Related<R>) -> S) -> Prefetch<R, N::Output>
    where
        N: Append<S::Tuple>,
    {
        let further = self.further.append(further(Related::<R>::COLUMNS).into_tuple());
        Prefetch { query: self.query, further, relation: PhantomData }
    }

    /// Loads only the related rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(mut self, condition: impl FnOnce(&Related<R>) -> C) -> Self {
        self.query.filters.push(condition(Related::<R>::COLUMNS).into_condition().into_expr());
        self
    }

    /// Loads the related rows in this order, after the keys of earlier calls.
    pub fn order<O: Orders<R::Target>>(mut self, keys: impl FnOnce(&Related<R>) -> O) -> Self {
        keys(Related::<R>::COLUMNS).push_onto(&mut self.query.order);
        self
    }

    /// Loads at most this many related rows of each row.
    pub fn limit(mut self, rows: u64) -> Self {
        self.query.limit = Some(rows);
        self
    }
}

impl<M: Model, R: Relation<Source = M, Arity = Many>, N: Parts<R::Target>> Part<M> for Prefetch<R, N> {
    type Cell = Value;
    type Output = Vec<N::Output>;
    const DEFERRED: bool = true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::by_value(Expr::column(None, R::INFO.source_column())));
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Value> {
        let key = row.owned(M::TABLE.name, || R::INFO.source_column().name.to_owned(), *position)?;
        *position += 1;
        Ok(key)
    }

    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Vec<N::Output>>> {
        lists(connection, R::INFO, &self.query, &Entity::<R::Target, N>::of(self.further.clone()), keys.into())
    }

    fn ready(_: Value) -> Option<Self::Output> {
        None
    }
}

impl<M: Model, R: Relation<Source = M, Arity = Many>> Part<M> for ToMany<M, R> {
    type Cell = Value;
    type Output = Vec<R::Target>;
    const DEFERRED: bool = true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        Prefetch::<R>::new().columns(columns);
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Value> {
        Prefetch::<R>::new().decode(row, position)
    }

    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Vec<R::Target>>> {
        Prefetch::<R>::new().finish(connection, keys)
    }

    fn ready(_: Value) -> Option<Self::Output> {
        None
    }
}

/// The related rows of each key, in the order of the keys: one statement, whatever their number.
pub(super) fn lists<M: Model, T: Parts<M>>(
    connection: &mut Connection,
    relation: &'static RelationInfo,
    query: &Query,
    load: &Entity<M, T>,
    keys: Arc<[Value]>,
) -> Result<Vec<Vec<T::Output>>> {
    let mut sizes = vec![0; keys.len()];
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let table = query.table;
    let context = Context::new(Operation::Fetch, table.name);
    let mut columns = Vec::new();
    load.columns(&mut columns);
    let width = columns.len();
    let statement = Written::new(table, |sql: &mut SqlWriter| {
        sql.related(relation, &columns, query, Arc::clone(&keys));
    })?;
    let by_key = query.is_in_order_of_integer_key();
    let mut places = Vec::new();
    let cells = connection.query_over(&statement, context, |row| {
        let position = row.position(width);
        if let Some(size) = sizes.get_mut(position) {
            *size += 1;
        }
        let cell = load.decode(&(), row)?;
        places.push((position, if by_key { integer_key(&cell.0) } else { None }));
        Ok(cell)
    })?;
    let is_sorted = !by_key || places.is_sorted();
    let found = places.into_iter().zip(load.finish(connection, cells)?);
    if is_sorted {
        return Ok(distributed(found, sizes));
    }
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|(place, _)| *place);
    Ok(distributed(found, sizes))
}

fn integer_key<M: Model>(row: &M) -> Option<i64> {
    match row.primary_key().encode() {
        Ok(Encoded::Integer(key)) => Some(key),
        _ => None,
    }
}

/// The rows in lists of these sizes, each in the list at its position.
fn distributed<T, K>(rows: impl IntoIterator<Item = ((usize, K), T)>, sizes: Vec<usize>) -> Vec<Vec<T>> {
    let mut lists: Vec<Vec<T>> = sizes.into_iter().map(Vec::with_capacity).collect();
    for ((position, _), row) in rows {
        if let Some(list) = lists.get_mut(position) {
            list.push(row);
        }
    }
    lists
}
