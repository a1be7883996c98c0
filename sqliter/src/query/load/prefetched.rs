//! Related rows of to-many relations, by a further statement for each relation.

use std::marker::PhantomData;
use std::sync::Arc;

use super::shape::{Shape, prepared};
use super::{Append, AtMostSixteen, Entity, IntoShape, Joined, LoadsModels};
use crate::engine::{Connection, RowRef};
use crate::error::{Context, Operation, Result};
use crate::expr::{Computed, Filter, InQuery, Orders, QualifiesRelated, SoftDelete, TargetColumns, ToMany, ToOne};
use crate::model::{AtMostOne, Columns, Many, Model, Relation};
use crate::sql::ast::{Expr, RelatedFirst, Selected, Subquery};
use crate::sql::{Deleted, Query, SqlWriter, Written};
use crate::table::RelationInfo;
use crate::value::Value;

/// One or several to-many relations of the model `M`: what `prefetch_related` takes.
#[diagnostic::on_unimplemented(
    message = "this is not a to-many relation of `{M}`",
    label = "takes to-many relations of `{M}`",
    note = "a to-one relation is loaded by `select_related`: `.select_related(|b| b.author)`",
    note = "a relation of the related rows is given by `with`: `.prefetch_related(|a| a.books.with(|b| b.tags))`",
    note = "the path may lead over to-one relations of `{M}`: `.prefetch_related(|b| b.author.books)`"
)]
pub trait PrefetchedSet<M> {
    /// What is loaded, as a tuple.
    type Tuple;

    /// What is loaded, as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// One or several relations of the model `M`: what `with` takes after a to-many relation.
#[diagnostic::on_unimplemented(
    message = "this is not a relation of `{M}`",
    label = "takes relations of `{M}` itself",
    note = "use what the closure gets: `a.books.with(|b| b.tags)`, or for several `a.books.with(|b| (b.author, b.tags))`",
    note = "a foreign key is a column, and has a relation beside it: `author` for the field `author_id`"
)]
pub trait PartSet<M> {
    /// What is loaded, as a tuple.
    type Tuple;

    /// What is loaded, as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// A to-many relation with the conditions and the order of its rows, and what is loaded for each of them: `S`.
#[derive(Debug)]
#[must_use = "nothing is loaded before `prefetch_related` takes it"]
pub struct Prefetch<R: Relation, S = Entity<<R as Relation>::Target>> {
    query: Query,
    shape: S,
    /// The columns of the shape, known when it is prepared.
    columns: Vec<Selected>,
    relation: PhantomData<fn() -> R>,
}

impl<R: Relation, S: Clone> Clone for Prefetch<R, S> {
    fn clone(&self) -> Self {
        Self {
            query: self.query.clone(),
            shape: self.shape.clone(),
            columns: self.columns.clone(),
            relation: PhantomData,
        }
    }
}

impl<R: Relation> Prefetch<R> {
    pub(crate) fn new() -> Self {
        let query = Query::at_end_of(R::INFO);
        Self { query, shape: Entity::new(), columns: Vec::new(), relation: PhantomData }
    }
}

impl<R: Relation, S> Prefetch<R, S> {
    /// The rows of a query, each as what the shape gives.
    pub(super) const fn of(query: Query, shape: S) -> Self {
        Self { query, shape, columns: Vec::new(), relation: PhantomData }
    }

    /// The query, without what is loaded of its rows.
    pub(in crate::query) fn into_query(self) -> Query {
        self.query
    }
}

impl<R: Relation<Cardinality = Many>, S> Prefetch<R, S> {
    /// Loads further relations of the related rows.
    pub fn with<F: PartSet<R::Target>>(
        self,
        further: impl FnOnce(&TargetColumns<R>) -> F,
    ) -> Prefetch<R, <S::Parts as Append<F::Tuple>>::Output>
    where
        S: LoadsModels<R::Target>,
        S::Parts: Append<F::Tuple, Output: AtMostSixteen>,
    {
        let shape = self.shape.into_parts().append(further(TargetColumns::<R>::COLUMNS).into_tuple());
        Prefetch { query: self.query, shape, columns: Vec::new(), relation: PhantomData }
    }

    /// Loads only the related rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(mut self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Self {
        self.query.filters.push(condition(TargetColumns::<R>::COLUMNS).into_condition().into_expr());
        self
    }

    /// Loads the related rows in this order, after the keys of earlier calls.
    pub fn order<O: Orders<R::Target>>(mut self, keys: impl FnOnce(&TargetColumns<R>) -> O) -> Self {
        keys(TargetColumns::<R>::COLUMNS).push_onto(&mut self.query.order);
        self
    }

    /// Loads the related rows that are deleted softly too.
    pub fn with_deleted(mut self) -> Self
    where
        R::Target: SoftDelete,
    {
        self.query.deleted = Deleted::Included;
        self
    }

    /// Loads at most this many related rows of each row.
    pub fn limit(mut self, rows: u64) -> Self {
        self.query.limit = Some(rows);
        self
    }

    #[doc(hidden)]
    pub fn qualify<V: QualifiesRelated>(self, _: impl FnOnce(&TargetColumns<R>) -> V) -> Self {
        V::never()
    }
}

impl<R: Relation<Cardinality = Many>> Prefetch<R> {
    /// A value of the first of the related rows, to select beside the row, to filter and to sort by; `NULL` without one.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(books = Book::author))]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, printed: i64, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # let ada = db.insert(Author::builder().name("Ada")).await?;
    /// # db.insert(Book::builder().title("Emma").printed(1815).author_id(&ada)).await?;
    /// # db.insert(Book::builder().title("Zero").printed(1984).author_id(&ada)).await?;
    /// let newest: Vec<(Author, Option<String>)> = db
    ///     .select::<Author>()
    ///     .with_values(|a| a.books.order(|b| b.printed.desc()).first(|b| b.title))
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(newest[0].1.as_deref(), Some("Zero"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Rows that are equal in the order come in that of their keys.
    pub fn first<V: InQuery<R::Target>>(
        self,
        value: impl FnOnce(&TargetColumns<R>) -> V,
    ) -> Computed<R::Source, Option<V::Inner>> {
        let value = value(TargetColumns::<R>::COLUMNS).expression();
        let select = Subquery::new(self.query.ordered().single(), Some(value));
        Computed::new(Expr::RelatedFirst(Box::new(RelatedFirst { relation: R::INFO, select })))
    }
}

/// What `prefetch_related` loads.
impl<M: Model, R: Relation<Source = M, Cardinality = Many>> ToMany<M, R> {
    /// Loads further relations of the related rows: `a.books.with(|b| b.tags)`.
    pub fn with<F: PartSet<R::Target>>(
        self,
        further: impl FnOnce(&TargetColumns<R>) -> F,
    ) -> Prefetch<R, <(Entity<R::Target>,) as Append<F::Tuple>>::Output>
    where
        (Entity<R::Target>,): Append<F::Tuple, Output: AtMostSixteen>,
    {
        Prefetch::new().with(further)
    }

    /// Loads only the related rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Prefetch<R> {
        Prefetch::new().filter(condition)
    }

    /// Loads the related rows in this order; without one, in the order of their keys.
    pub fn order<O: Orders<R::Target>>(self, keys: impl FnOnce(&TargetColumns<R>) -> O) -> Prefetch<R> {
        Prefetch::new().order(keys)
    }

    /// Loads the related rows that are deleted softly too.
    pub fn with_deleted(self) -> Prefetch<R>
    where
        R::Target: SoftDelete,
    {
        Prefetch::new().with_deleted()
    }

    /// Loads at most this many related rows of each row.
    pub fn limit(self, rows: u64) -> Prefetch<R> {
        Prefetch::new().limit(rows)
    }
}

impl<R: Relation<Cardinality = Many>, S: Shape<R::Target>> Shape<R::Source> for Prefetch<R, S> {
    /// What the relation starts from.
    type Cell = Value;
    type Output = Vec<S::Output>;
    const DEFERRED: bool = true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::by_value(Expr::column(None, R::INFO.source_column())));
    }

    fn width(&self) -> usize {
        1
    }

    /// The columns of the related rows are those of another statement.
    fn prepare(&mut self, _: &[Selected], _: usize) -> Result<()> {
        self.columns = prepared(&mut self.shape)?;
        Ok(())
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Value> {
        let key = row.owned(R::Source::TABLE.name, || R::INFO.source_column().name.to_owned(), *position)?;
        *position += 1;
        Ok(key)
    }

    fn ready(&self, _: Value) -> Option<Self::Output> {
        None
    }

    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<Self::Output>> {
        self.lists(connection, &keys.into())
    }
}

impl<R: Relation<Cardinality = Many>, S: Shape<R::Target>> Prefetch<R, S> {
    /// The related rows of each key, in the order of the keys, given that the shape is prepared.
    pub(crate) fn lists(&self, connection: &mut Connection, keys: &Arc<[Value]>) -> Result<Vec<Vec<S::Output>>> {
        lists(connection, R::INFO, &self.query, (&self.shape, &self.columns), keys)
    }
}

/// The related rows of each key, in the order of the keys: one statement, whatever their number. The shape comes with its
/// columns.
pub(crate) fn lists<M, S: Shape<M>>(
    connection: &mut Connection,
    relation: &'static RelationInfo,
    query: &Query,
    (shape, columns): (&S, &[Selected]),
    keys: &Arc<[Value]>,
) -> Result<Vec<Vec<S::Output>>> {
    let mut cells = Vec::new();
    let found = Found::fetch(connection, relation, query, columns, keys, &mut |row| {
        cells.push(shape.decode(row, &mut 0)?);
        Ok(())
    })?;
    Ok(found.distribute(shape.finish(connection, cells)?))
}

/// Where each row of a list of related rows belongs.
struct Found {
    /// How many rows there are for each key.
    sizes: Vec<usize>,
    /// Of each row, the position of the key that it was found by.
    positions: Vec<usize>,
    /// The rows by position and own key, where they did not come so.
    sorted: Option<Vec<usize>>,
}

impl Found {
    /// Reads the rows that are related to the keys.
    fn fetch(
        connection: &mut Connection,
        relation: &'static RelationInfo,
        query: &Query,
        columns: &[Selected],
        keys: &Arc<[Value]>,
        read: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<Self> {
        let mut found = Self { sizes: vec![0; keys.len()], positions: Vec::new(), sorted: None };
        if keys.is_empty() {
            return Ok(found);
        }
        let table = query.table;
        let context = Context::new(Operation::Fetch, table.name);
        let mut columns = columns.to_vec();
        // Where the rows come in the order of their keys, SQLite does not sort them.
        let key_at = query.is_in_order_of_integer_key().then(|| position_of_key(query, &mut columns));
        let width = columns.len();
        let statement = Written::new(table, |sql: &mut SqlWriter| {
            sql.related(relation, &columns, query, Arc::clone(keys));
        })?;
        let mut own_keys = Vec::new();
        connection.query_over(&statement, context, |row| {
            let position = row.position(width);
            if let Some(size) = found.sizes.get_mut(position) {
                *size += 1;
            }
            found.positions.push(position);
            own_keys.extend(key_at.map(|at| row.integer(at)));
            read(row)
        })?;
        let place = |row: &usize| (found.positions.get(*row).copied(), own_keys.get(*row).copied());
        if !own_keys.is_empty() && !(0..own_keys.len()).is_sorted_by_key(|row| place(&row)) {
            let mut sorted: Vec<usize> = (0..own_keys.len()).collect();
            sorted.sort_by_key(place);
            found.sorted = Some(sorted);
        }
        Ok(found)
    }

    /// The rows in lists, one for each key.
    fn distribute<T>(self, rows: Vec<T>) -> Vec<Vec<T>> {
        let mut lists: Vec<Vec<T>> = self.sizes.into_iter().map(Vec::with_capacity).collect();
        let mut put = |position: Option<&usize>, row: Option<T>| {
            if let (Some(list), Some(row)) = (position.and_then(|position| lists.get_mut(*position)), row) {
                list.push(row);
            }
        };
        match self.sorted {
            None => rows.into_iter().zip(&self.positions).for_each(|(row, position)| put(Some(position), Some(row))),
            Some(sorted) => {
                let mut rows: Vec<Option<T>> = rows.into_iter().map(Some).collect();
                for row in sorted {
                    put(self.positions.get(row), rows.get_mut(row).and_then(Option::take));
                }
            }
        }
        lists
    }
}

/// Where the key of the related rows stands among their columns; it is added if it is not there.
fn position_of_key(query: &Query, columns: &mut Vec<Selected>) -> usize {
    let key = Expr::column(None, query.table.key_column());
    columns.iter().position(|column| column.expr == key).unwrap_or_else(|| {
        columns.push(Selected::new(key));
        columns.len() - 1
    })
}

macro_rules! sets {
    ($([$($generics:tt)*] $set:ident<$of:ty> for $part:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> $set<$of> for $part {
            type Tuple = (<Self as IntoShape>::Shape,);

            fn into_tuple(self) -> Self::Tuple {
                (self.into_shape(),)
            }
        }
    )*};
}

sets! {
    [M: Model, R: Relation<Source = M, Cardinality = Many>] PrefetchedSet<M> for ToMany<M, R>;
    [M: Model, R: Relation<Source = M, Cardinality = Many>, S] PrefetchedSet<M> for Prefetch<R, S>;
    [M: Model, R: Relation<Source = M, Cardinality: AtMostOne>] PartSet<M> for ToOne<M, R>;
    [M: Model, R: Relation<Source = M, Cardinality: AtMostOne>, S] PartSet<M> for Joined<M, R, S>;
    [M: Model, R: Relation<Source = M, Cardinality = Many>] PartSet<M> for ToMany<M, R>;
    [M: Model, R: Relation<Source = M, Cardinality = Many>, S] PartSet<M> for Prefetch<R, S>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation> IntoShape for ToMany<M, R> {
    type Shape = Prefetch<R>;

    fn into_shape(self) -> Prefetch<R> {
        Prefetch::new()
    }
}

#[diagnostic::do_not_recommend]
impl<R: Relation, S> IntoShape for Prefetch<R, S> {
    type Shape = Self;

    fn into_shape(self) -> Self {
        self
    }
}
