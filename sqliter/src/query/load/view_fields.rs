//! What the fields of a view are loaded from.

use std::marker::PhantomData;

use super::shape::Shape;
use super::view::{AsView, CellOf, Statements, View, Viewed};
use super::{Prefetch, ReadsGroup};
use crate::column::{ColumnType, Nullable, Required};
use crate::engine::{Connection, RowRef};
use crate::error::{Error, Result};
use crate::expr::{Column, Computed, Condition, Filter, Group, Orders, TargetColumns, ToMany, ToOne, count};
use crate::model::{At, AtMostOne, Columns, Embedded, Many, Model, Path, PathTo, Present, Relation, Via};
use crate::sql::Query;
use crate::sql::ast::{Expr, Selected, SortKey};
use crate::table::{PathNode, RelationInfo};
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
pub fn field<M: Model, T, X: FieldOf<M, T>>(from: X) -> X::Shape {
    from.into_shape(())
}

/// What a field of type `T` loads, whose view takes arguments. For generated code.
pub fn field_with<M: Model, T, A, X: FieldOf<M, T, A>>(from: X, arguments: A) -> X::Shape {
    from.into_shape(arguments)
}

/// The row itself, as a field of type `V`. For generated code.
pub fn row<M: Model, P: PathTo<M>, V: View<M, Arguments: Takes<A>>, A>(arguments: A) -> AsView<M, V> {
    V::shape::<P>(Takes::take(arguments))
}

/// What a field of type `T` can be loaded from, in a view of the model `M`: a column, a computed value, a condition, a relation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something that a field of a view can be loaded from",
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
    type Row: Send + 'static;

    /// A row that is there.
    #[doc(hidden)]
    fn present(row: Self::Row) -> T;

    /// What there is instead of a row, if there may be none.
    #[doc(hidden)]
    fn absent() -> Option<T>;
}

impl<T: Send + 'static> Holds<T> for Required {
    type Row = T;

    fn present(row: T) -> T {
        row
    }

    fn absent() -> Option<T> {
        None
    }
}

impl<T: Send + 'static> Holds<Option<T>> for Nullable {
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

impl<M: Model, P: Path, C: ColumnType, T: Send + 'static> FieldOf<M, T> for Column<P, C>
where
    <Self as Shape<M>>::Output: Fills<T>,
{
    type Shape = Filled<Self, <Self as Shape<M>>::Output, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        Filled { value: self, fill: Fills::fill }
    }
}

impl<M, P, G, A, T> FieldOf<M, T> for Group<P, G, A>
where
    M: Model,
    P: Path<Nullability: ReadsGroup<G>>,
    G: Embedded,
    A: At<P::Model>,
    <Self as Shape<M>>::Output: Fills<T>,
    T: Send + 'static,
{
    type Shape = Filled<Self, <Self as Shape<M>>::Output, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        Filled { value: self, fill: Fills::fill }
    }
}

impl<M: Model, N: Model, C: ColumnType + Fills<T>, T: Send + 'static> FieldOf<M, T> for Computed<N, C> {
    type Shape = Filled<Self, C, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        Filled { value: self, fill: Fills::fill }
    }
}

/// Whether the condition is true: of one that is unknown, that it is not.
impl<M: Model, N: Model, T: Send + 'static> FieldOf<M, T> for Condition<N>
where
    bool: Fills<T>,
{
    type Shape = Filled<Self, bool, T>;

    fn into_shape(self, (): ()) -> Self::Shape {
        Filled { value: self, fill: Fills::fill }
    }
}

/// What there is at the end of the path of a relation.
type Reach<P, R> = <Via<P, R> as Path>::Nullability;

impl<M, P, R, T, V, A> FieldOf<M, T, A> for ToOne<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality: AtMostOne>,
    Reach<P, R>: Holds<T, Row = V>,
    V: View<R::Target, Arguments: Takes<A>>,
    T: Send + 'static,
{
    type Shape = RelatedRow<R::Target, V, T, V::Statements>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        let row = V::shape::<Present<Via<P, R>>>(Takes::take(arguments));
        RelatedRow::new::<P, R>(row, <Reach<P, R>>::present, <Reach<P, R>>::absent)
    }
}

impl<M, P, R, T, A> FieldOf<M, T, A> for ToMany<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality = Many>,
    T: HoldsRows<Row: View<R::Target, Arguments: Takes<A>>>,
{
    type Shape = RelatedRows<T, <T::Row as View<R::Target>>::Statements>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        FieldOf::<M, T, A>::into_shape(rows_of(self), arguments)
    }
}

impl<M, P, R, T, A> FieldOf<M, T, A> for RowsOf<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality = Many>,
    T: HoldsRows<Row: View<R::Target, Arguments: Takes<A>>>,
{
    type Shape = RelatedRows<T, <T::Row as View<R::Target>>::Statements>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        let query =
            Query { filters: self.filters, order: self.order, limit: self.limit, ..Query::new(R::Target::TABLE) };
        let rows: Prefetch<R, _> = Prefetch::of(query, T::Row::shape::<R::Target>(Takes::take(arguments)));
        RelatedRows { from: P::NODE, relation: R::INFO, rows: Box::new(rows), statements: PhantomData }
    }
}

/// A value in a field of type `T`.
pub struct Filled<X, O, T> {
    value: X,
    fill: fn(O) -> T,
}

impl<X: Clone, O, T> Clone for Filled<X, O, T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), fill: self.fill }
    }
}

impl<M, X: Shape<M, Output = O>, O: 'static, T: Send + 'static> Shape<M> for Filled<X, O, T> {
    type Cell = X::Cell;
    type Output = T;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.value.columns(columns);
    }

    fn width(&self) -> usize {
        self.value.width()
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<X::Cell> {
        self.value.decode(row, position)
    }

    #[inline]
    fn ready(&self, cell: X::Cell) -> Option<T> {
        self.value.ready(cell).map(self.fill)
    }
}

/// The row of the model `M` that a to-one relation leads to, as the view `V` in a field of type `T`.
pub struct RelatedRow<M, V, T, N> {
    row: Viewed<M, V, N>,
    present: fn(V) -> T,
    absent: fn() -> Option<T>,
    relation: &'static RelationInfo,
    /// What the related row is found by, which is `NULL` where there is none.
    key: Expr,
    /// Where it stands, if the view reads it; else it comes last.
    key_at: Option<usize>,
    /// The number of columns of the view.
    width: usize,
}

impl<M, V, T, N> Clone for RelatedRow<M, V, T, N> {
    fn clone(&self) -> Self {
        Self { row: self.row.clone(), key: self.key.clone(), ..*self }
    }
}

impl<M: Model, V: Send + 'static, T, N: Statements + 'static> RelatedRow<M, V, T, N> {
    pub(super) fn new<P: Path, R: Relation<Source = P::Model, Target = M>>(
        row: Viewed<M, V, N>,
        present: fn(V) -> T,
        absent: fn() -> Option<T>,
    ) -> Self {
        let mut columns = Vec::new();
        row.columns(&mut columns);
        let key = Expr::column(<Via<P, R> as Path>::NODE, R::INFO.target_column());
        let key_at = columns.iter().position(|column| column.expr == key);
        Self { row, present, absent, relation: R::INFO, key, key_at, width: columns.len() }
    }
}

impl<L, M, V, T, N> Shape<L> for RelatedRow<M, V, T, N>
where
    M: Model,
    V: Send + 'static,
    T: Send + 'static,
    N: Statements + 'static,
{
    type Cell = Option<CellOf<V>>;
    type Output = T;
    const DEFERRED: bool = N::FURTHER;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.row.columns(columns);
        if self.key_at.is_none() {
            columns.push(Selected::new(self.key.clone()));
        }
    }

    fn width(&self) -> usize {
        self.width + usize::from(self.key_at.is_none())
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.row.prepare(columns.get(..self.width).unwrap_or_default(), start)
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
        let mut start = *position;
        *position += Shape::<L>::width(self);
        if row.is_null(start + self.key_at.unwrap_or(self.width)) {
            return match (self.absent)() {
                Some(_) => Ok(None),
                None => Err(Error::missing_parent(self.relation, M::TABLE, None)),
            };
        }
        self.row.decode(row, &mut start).map(Some)
    }

    fn ready(&self, cell: Self::Cell) -> Option<T> {
        match cell {
            Some(cell) => self.row.ready(cell).map(self.present),
            None => (self.absent)(),
        }
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<T>> {
        let are_there: Vec<bool> = cells.iter().map(Option::is_some).collect();
        let present = cells.into_iter().flatten().collect();
        let mut rows = self.row.finish(connection, present)?.into_iter();
        let fields = are_there.into_iter().map_while(|is_there| match is_there {
            true => rows.next().map(self.present),
            false => (self.absent)(),
        });
        Ok(fields.collect())
    }
}

/// The rows that a to-many relation leads to: which of them, in which order. For generated code.
pub struct RowsOf<P, R> {
    filters: Vec<Expr>,
    order: Vec<SortKey>,
    limit: Option<u64>,
    relation: PhantomData<fn() -> (P, R)>,
}

/// All rows that a to-many relation leads to.
pub const fn rows_of<P, R>(_: ToMany<P, R>) -> RowsOf<P, R> {
    RowsOf { filters: Vec::new(), order: Vec::new(), limit: None, relation: PhantomData }
}

impl<P: Path, R: Relation<Cardinality = Many>> RowsOf<P, R> {
    /// Only the rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(mut self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Self {
        self.filters.push(condition(TargetColumns::<R>::COLUMNS).into_condition().into_expr());
        self
    }

    /// In this order.
    pub fn order<O: Orders<R::Target>>(mut self, keys: impl FnOnce(&TargetColumns<R>) -> O) -> Self {
        keys(TargetColumns::<R>::COLUMNS).push_onto(&mut self.order);
        self
    }

    /// At most this many of each row.
    pub const fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// The number of the rows.
    pub fn count(self) -> Computed<P::Root, i64> {
        let filters = self.filters.into_iter().map(Condition::new);
        let counted = filters.fold(count(), |rows, condition| rows.filter(condition));
        ToMany::<P, R>::new().aggregate(|_| counted)
    }
}

/// The rows that a to-many relation leads to, in a field of type `T`.
pub struct RelatedRows<T, N> {
    from: Option<&'static PathNode>,
    relation: &'static RelationInfo,
    rows: Box<dyn Lists<T>>,
    statements: PhantomData<fn() -> N>,
}

impl<T, N> Clone for RelatedRows<T, N> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.copy(), ..*self }
    }
}

/// The related rows of several rows at once, by the keys of these.
trait Lists<T>: Send + Sync {
    fn copy(&self) -> Box<dyn Lists<T>>;
    fn prepare(&mut self) -> Result<()>;
    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>>;
}

impl<R, T> Lists<T> for Prefetch<R, AsView<R::Target, T::Row>>
where
    R: Relation<Cardinality = Many>,
    T: HoldsRows<Row: View<R::Target>>,
{
    fn copy(&self) -> Box<dyn Lists<T>> {
        Box::new(self.clone())
    }

    fn prepare(&mut self) -> Result<()> {
        Shape::prepare(self, &[], 0)
    }

    fn fetch(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>> {
        Ok(self.finish(connection, keys)?.into_iter().map(T::hold).collect())
    }
}

impl<M, T: Send + 'static, N: Statements + 'static> Shape<M> for RelatedRows<T, N> {
    /// What the relation starts from.
    type Cell = Value;
    type Output = T;
    /// Asks for those of the view, so that the compiler finds a view that contains itself.
    const DEFERRED: bool = N::FURTHER | true;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::by_value(Expr::column(self.from, self.relation.source_column())));
    }

    fn width(&self) -> usize {
        1
    }

    fn prepare(&mut self, _: &[Selected], _: usize) -> Result<()> {
        self.rows.prepare()
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Value> {
        let (table, column) = ((self.relation.source)(), self.relation.source_column());
        let key = row.owned(table.name, || column.name.to_owned(), *position)?;
        *position += 1;
        Ok(key)
    }

    fn ready(&self, _: Value) -> Option<T> {
        None
    }

    fn finish(&self, connection: &mut Connection, keys: Vec<Value>) -> Result<Vec<T>> {
        self.rows.fetch(connection, keys)
    }
}
