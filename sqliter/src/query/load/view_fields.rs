//! What the fields of a view are loaded from.

use super::ReadsGroup;
use super::shape::Shape;
use super::view::{AsView, View};
use super::view_related::{FirstOf, RelatedRow, RelatedRows, RowsOf, rows_of};
use crate::column::{ColumnType, Nullable, Required};
use crate::engine::RowRef;
use crate::error::Result;
use crate::expr::{Column, Computed, Condition, Group, PerRow, PerWindow, ToMany, ToOne};
use crate::model::{At, AtMostOne, Columns, Embedded, Many, Model, Path, PathTo, Present, Relation, Via};
use crate::sql::ast::Selected;

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
    note = "a field has the type of its column or value; behind a relation that may lead to no row, an `Option` of it",
    note = "a number of rows is an `i64`"
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
    note = "the number of the related rows is an `i64` with `#[view(count)]`",
    note = "the first of them is an `Option` with `#[view(first, order = |b| b.printed.desc())]`"
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

/// What holds the first of several rows.
#[diagnostic::on_unimplemented(
    message = "there may be no first row, and the field is of type `{Self}`",
    label = "the field must be an `Option` of the related model or of a view of it"
)]
pub trait HoldsFirst: Send + 'static {
    /// The row.
    type Row: Send + 'static;

    /// The row, if there is one.
    #[doc(hidden)]
    fn hold(row: Option<Self::Row>) -> Self;
}

impl<T: Send + 'static> HoldsFirst for Option<T> {
    type Row = T;

    fn hold(row: Option<T>) -> Self {
        row
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

/// Of values over windows: beside a row, over the rows of the query; in a view of a to-many relation, over the related rows of each row.
macro_rules! values {
    ($($level:ty),*) => {$(
        impl<M: Model, N: Model, C: ColumnType + Fills<T>, T: Send + 'static> FieldOf<M, T> for Computed<N, C, $level> {
            type Shape = Filled<Self, C, T>;

            fn into_shape(self, (): ()) -> Self::Shape {
                Filled { value: self, fill: Fills::fill }
            }
        }

        /// Whether the condition is true: of one that is unknown, that it is not.
        impl<M: Model, N: Model, T: Send + 'static> FieldOf<M, T> for Condition<N, $level>
        where
            bool: Fills<T>,
        {
            type Shape = Filled<Self, bool, T>;

            fn into_shape(self, (): ()) -> Self::Shape {
                Filled { value: self, fill: Fills::fill }
            }
        }
    )*};
}

values!(PerRow, PerWindow);

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
        self.into_rows(T::Row::shape::<R::Target>(Takes::take(arguments)), T::hold)
    }
}

impl<M, P, R, T, A> FieldOf<M, T, A> for FirstOf<P, R>
where
    M: Model,
    P: Path,
    R: Relation<Source = P::Model, Cardinality = Many>,
    T: HoldsFirst<Row: View<R::Target, Arguments: Takes<A>>>,
{
    type Shape = RelatedRows<T, <T::Row as View<R::Target>>::Statements>;

    fn into_shape(self, arguments: A) -> Self::Shape {
        let view = T::Row::shape::<R::Target>(Takes::take(arguments));
        self.into_rows().into_rows(view, |rows| T::hold(rows.into_iter().next()))
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
