//! What the fields of a view are loaded from.

use std::marker::PhantomData;

use super::Prefetch;
use super::shape::Shape;
use super::view::{AsView, View};
use crate::column::{ColumnType, Nullable, Required};
use crate::engine::{Connection, Row};
use crate::error::{Error, Result};
use crate::expr::{Column, Computed, Condition, Filter, Orders, TargetColumns, ToMany, ToOne, count};
use crate::model::{AtMostOne, Columns, Many, Model, Path, PathTo, Present, Relation, Via};
use crate::sql::Query;
use crate::sql::ast::{Case, Expr, Selected};
use crate::value::Value;

/// The columns of the row at the end of a path. For generated code.
pub const fn columns_at<M: Model, P: PathTo<M>>() -> &'static M::Columns<P> {
    M::Columns::<P>::COLUMNS
}

/// What a closure makes of the columns. For generated code.
pub fn computed<C, X>(columns: &C, value: impl FnOnce(&C) -> X) -> X {
    value(columns)
}

/// What a field of type `T` loads. For generated code.
pub fn field<M: Model, T, A, X: FieldOf<M, T, A>>(from: X, arguments: A) -> X::Shape {
    from.into_shape(arguments)
}

/// The row itself, as a field of type `V`. For generated code.
pub fn row<M: Model, P: PathTo<M>, V: View<M, Arguments: Takes<A>>, A>(arguments: A) -> AsView<M, V> {
    V::shape::<P>(Takes::take(arguments))
}

/// What a field of type `T` can be loaded from, in a view of the model `M`: a column, a computed value, a condition, a relation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that a field of a view is loaded from",
    label = "expected a column, a computed value of each row, a condition, or a relation",
    note = "a field is loaded from the column or relation of its name, or from what a closure gives: \
            `#[view(with = |b| b.author.name)]`",
    note = "aggregates are of related rows: `#[view(with = |a| a.books.aggregate(|b| b.pages.sum()))]`"
)]
pub trait FieldOf<M, T, A = ()> {
    /// What is loaded.
    type Shape: Shape<M, Output = T>;

    /// What is loaded.
    #[doc(hidden)]
    fn into_shape(self, arguments: A) -> Self::Shape;
}

/// Holds when a value of this type goes into a field of type `T`: when both are the same.
#[diagnostic::on_unimplemented(
    message = "this gives `{Self}`, and the field is of type `{T}`",
    label = "gives `{Self}`",
    note = "a field has the type of its column or value; behind a relation that may lead to no row, an `Option` of it"
)]
pub trait Fills<T>: Send + 'static {
    #[doc(hidden)]
    fn fill(self) -> T;
}

impl<T: Send + 'static> Fills<T> for T {
    fn fill(self) -> T {
        self
    }
}

/// Holds when a view that takes these arguments is given `A`: when both are the same.
#[diagnostic::on_unimplemented(
    message = "this view takes arguments of type `{Self}`, and is given `{A}`",
    label = "takes `{Self}`",
    note = "a view that says `#[view(args(…))]` is loaded by `.view_with::<…>(arguments)`, inside another view by a field with \
            `#[view(args(…))]`; `()` stands for no arguments"
)]
pub trait Takes<A> {
    #[doc(hidden)]
    fn take(arguments: A) -> Self;
}

impl<A> Takes<A> for A {
    fn take(arguments: A) -> A {
        arguments
    }
}

/// What a related row is in a field of type `T`: `T` itself where there always is one, else what the `Option` holds.
#[diagnostic::on_unimplemented(
    message = "this relation may lead to no row, and the field is of type `{T}`",
    label = "the field must be an `Option<{T}>`"
)]
pub trait Holds<T> {
    /// The row.
    type Row;

    /// A row that is there.
    #[doc(hidden)]
    fn present(row: Self::Row) -> T;

    /// What there is instead of a row, if there may be none.
    #[doc(hidden)]
    fn absent() -> Option<T>;
}

impl<T> Holds<T> for Required {
    type Row = T;

    fn present(row: T) -> T {
        row
    }

    fn absent() -> Option<T> {
        None
    }
}

impl<T> Holds<Option<T>> for Nullable {
    type Row = T;

    fn present(row: T) -> Option<T> {
        Some(row)
    }

    fn absent() -> Option<Option<T>> {
        Some(None)
    }
}

/// What holds several rows.
#[diagnostic::on_unimplemented(
    message = "this relation leads to any number of rows, and the field is of type `{Self}`",
    label = "the field must be a `Vec` of the related model or of a view of it",
    note = "the number of the related rows is an `i64` with `#[view(count)]`"
)]
pub trait HoldsRows: Send + 'static {
    /// Each of them.
    type Row: Send + 'static;

    /// All of them.
    #[doc(hidden)]
    fn hold(rows: Vec<Self::Row>) -> Self;
}

impl<T: Send + 'static> HoldsRows for Vec<T> {
    type Row = T;

    fn hold(rows: Vec<T>) -> Self {
        rows
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, P: Path, C: ColumnType, T: Send + 'static> FieldOf<M, T> for Column<P, C>
where
    Self: Shape<M, Output: Fills<T>>,
{
    type Shape = Filled<Self, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        Filled(self, PhantomData)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, N: Model, C: ColumnType + Fills<T>, T: Send + 'static> FieldOf<M, T> for Computed<N, C> {
    type Shape = Filled<Self, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        Filled(self, PhantomData)
    }
}

/// Whether the condition is true: of one that is unknown, that it is not.
#[diagnostic::do_not_recommend]
impl<M: Model, N: Model, T: Send + 'static> FieldOf<M, T> for Condition<N>
where
    bool: Fills<T>,
{
    type Shape = Filled<Computed<N, bool>, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        let value = |truth: bool| Expr::Value(Value::Integer(truth.into())).into();
        let branches = vec![(self.into_expr().into(), value(true))];
        let truth = Expr::Case(Box::new(Case { branches, otherwise: Some(value(false)), collation: None }));
        Filled(Computed::new(truth), PhantomData)
    }
}

#[diagnostic::do_not_recommend]
impl<M, P, R, T, V, A> FieldOf<M, T, A> for ToOne<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality: AtMostOne>,
    <Via<P, R> as Path>::Nullability: Holds<T, Row = V>,
    V: View<R::Target, Arguments: Takes<A>>,
    T: Send + 'static,
{
    type Shape = RelatedRow<P, R, V, T>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        RelatedRow::new(V::shape::<Present<Via<P, R>>>(Takes::take(arguments)))
    }
}

#[diagnostic::do_not_recommend]
impl<M, P, R, T, A> FieldOf<M, T, A> for ToMany<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality = Many>,
    T: HoldsRows<Row: View<R::Target, Arguments: Takes<A>>>,
{
    type Shape = RelatedRows<P, R, T>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        FieldOf::<M, T, A>::into_shape(list(self), arguments)
    }
}

#[diagnostic::do_not_recommend]
impl<M, P, R, T, A> FieldOf<M, T, A> for List<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality = Many>,
    T: HoldsRows<Row: View<R::Target, Arguments: Takes<A>>>,
{
    type Shape = RelatedRows<P, R, T>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        let rows = T::Row::shape::<R::Target>(Takes::take(arguments));
        RelatedRows { rows: Prefetch::of(self.query, rows), types: PhantomData }
    }
}

/// A value in a field of type `T`.
pub struct Filled<X, T>(X, PhantomData<fn() -> T>);

impl<X: Clone, T> Clone for Filled<X, T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<M, X: Shape<M, Output: Fills<T>>, T: Send + 'static> Shape<M> for Filled<X, T> {
    type Cell = X::Cell;
    type Output = T;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.0.columns(columns);
    }

    fn width(&self) -> usize {
        self.0.width()
    }

    #[inline]
    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<X::Cell> {
        self.0.decode(row, position)
    }

    #[inline]
    fn ready(&self, cell: X::Cell) -> Option<T> {
        self.0.ready(cell).map(Fills::fill)
    }
}

/// The row that a to-one relation leads to, as the view `V` in a field of type `T`.
pub struct RelatedRow<P, R: Relation, V, T> {
    row: AsView<R::Target, V>,
    /// Where the column that says whether there is a row stands, if the view reads it; else it comes last.
    key_at: Option<usize>,
    width: usize,
    types: PhantomData<fn() -> (P, T)>,
}

impl<P, R: Relation, V, T> Clone for RelatedRow<P, R, V, T> {
    fn clone(&self) -> Self {
        Self { row: self.row.clone(), key_at: self.key_at, width: self.width, types: PhantomData }
    }
}

impl<P: Path, R: Relation<Source = P::Model>, V: View<R::Target>, T> RelatedRow<P, R, V, T> {
    pub(super) fn new(row: AsView<R::Target, V>) -> Self {
        let mut columns = Vec::new();
        row.columns(&mut columns);
        let key = Self::key();
        let key_at = columns.iter().position(|column| column.expr == key);
        Self { row, key_at, width: columns.len(), types: PhantomData }
    }

    /// What the related row is found by, which is `NULL` where there is none.
    fn key() -> Expr {
        Expr::column(<Via<P, R> as Path>::NODE, R::INFO.target_column())
    }
}

impl<M, P, R, V, T> Shape<M> for RelatedRow<P, R, V, T>
where
    P: Path,
    R: Relation<Source = P::Model>,
    V: View<R::Target>,
    T: Send + 'static,
    <Via<P, R> as Path>::Nullability: Holds<T, Row = V>,
{
    type Cell = Option<<AsView<R::Target, V> as Shape<R::Target>>::Cell>;
    type Output = T;
    const DEFERRED: bool = <AsView<R::Target, V> as Shape<R::Target>>::DEFERRED;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.row.columns(columns);
        if self.key_at.is_none() {
            columns.push(Selected::new(Self::key()));
        }
    }

    fn width(&self) -> usize {
        self.width + usize::from(self.key_at.is_none())
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.row.prepare(columns.get(..self.width).unwrap_or_default(), start)
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cell> {
        let start = *position;
        *position += Shape::<M>::width(self);
        if row.is_null(start + self.key_at.unwrap_or(self.width)) {
            return match <<Via<P, R> as Path>::Nullability as Holds<T>>::absent() {
                Some(_) => Ok(None),
                None => Err(Error::missing_parent(R::INFO, R::Target::TABLE, None)),
            };
        }
        let mut position = start;
        self.row.decode(row, &mut position).map(Some)
    }

    fn ready(&self, cell: Self::Cell) -> Option<T> {
        match cell {
            Some(cell) => self.row.ready(cell).map(<<Via<P, R> as Path>::Nullability as Holds<T>>::present),
            None => <<Via<P, R> as Path>::Nullability as Holds<T>>::absent(),
        }
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<T>> {
        let are_there: Vec<bool> = cells.iter().map(Option::is_some).collect();
        let present = cells.into_iter().flatten().collect();
        let mut rows = self.row.finish(connection, present)?.into_iter();
        let fields = are_there.into_iter().map_while(|is_there| match is_there {
            true => rows.next().map(<<Via<P, R> as Path>::Nullability as Holds<T>>::present),
            false => <<Via<P, R> as Path>::Nullability as Holds<T>>::absent(),
        });
        Ok(fields.collect())
    }
}

/// A to-many relation: which of its rows are loaded, in which order. For generated code.
pub struct List<P, R: Relation> {
    query: Query,
    types: PhantomData<fn() -> (P, R)>,
}

/// The rows of a to-many relation.
pub fn list<X: LeadsToMany>(relation: X) -> List<X::From, X::Relation> {
    relation.into_list()
}

/// To-many relations.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a to-many relation",
    label = "`count`, `filter`, `order` and `limit` are about the rows of a to-many relation"
)]
pub trait LeadsToMany {
    /// The path that it starts from.
    type From: Path;
    /// The relation.
    type Relation: Relation<Cardinality = Many>;

    #[doc(hidden)]
    fn into_list(self) -> List<Self::From, Self::Relation>;
}

impl<P: Path, R: Relation<Cardinality = Many>> LeadsToMany for ToMany<P, R> {
    type From = P;
    type Relation = R;

    fn into_list(self) -> List<P, R> {
        List { query: Query::new(R::Target::TABLE), types: PhantomData }
    }
}

impl<P: Path, R: Relation<Cardinality = Many>> List<P, R> {
    /// Only the rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(mut self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Self {
        self.query.filters.push(condition(TargetColumns::<R>::COLUMNS).into_condition().into_expr());
        self
    }

    /// In this order.
    pub fn order<O: Orders<R::Target>>(mut self, keys: impl FnOnce(&TargetColumns<R>) -> O) -> Self {
        keys(TargetColumns::<R>::COLUMNS).push_onto(&mut self.query.order);
        self
    }

    /// At most this many of each row.
    pub fn limit(mut self, rows: u64) -> Self {
        self.query.limit = Some(rows);
        self
    }

    /// The number of the rows.
    pub fn count(self) -> Computed<P::Root, i64> {
        let counted =
            self.query.filters.into_iter().fold(count(), |rows, condition| rows.filter(Condition::new(condition)));
        ToMany::<P, R>::new().aggregate(|_| counted)
    }
}

/// The rows that a to-many relation leads to, in a field of type `T`.
pub struct RelatedRows<P, R: Relation, T: HoldsRows> {
    rows: Prefetch<R, AsView<R::Target, T::Row>>,
    types: PhantomData<fn() -> (P, T)>,
}

impl<P, R: Relation, T: HoldsRows> Clone for RelatedRows<P, R, T> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), types: PhantomData }
    }
}

impl<M, P, R, T> Shape<M> for RelatedRows<P, R, T>
where
    P: Path,
    R: Relation<Source = P::Model, Cardinality = Many>,
    T: HoldsRows<Row: View<R::Target>>,
{
    type Cell = Value;
    type Output = T;
    /// That a view does not contain itself is found here.
    const DEFERRED: bool = <AsView<R::Target, T::Row> as Shape<R::Target>>::DEFERRED | true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::by_value(Expr::column(P::NODE, R::INFO.source_column())));
    }

    fn width(&self) -> usize {
        1
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.rows.prepare(columns, start)
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Value> {
        self.rows.decode(row, position)
    }

    fn ready(&self, _: Value) -> Option<T> {
        None
    }

    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>> {
        Ok(self.rows.finish(connection, keys)?.into_iter().map(T::hold).collect())
    }
}
