//! What a query selects: columns, what is computed from them, tuples of both.

use super::{ReadsGroup, Shape};
use crate::column::ColumnType;
use crate::expr::{Aliased, Annotates, Column, Computed, Condition, Group, PerWindow, SameQuery, SqlValue};
use crate::model::{At, Embedded, Model, Path};
use crate::sql::ast::{Expr, Selected};

/// What can be selected for each row of a query over the model `M`: a column, what is computed from columns, or a tuple
/// of up to sixteen of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected for each row of a query over `{M}`",
    label = "expected a column, what is computed from columns, or a tuple of them",
    note = "write `.only(|b| b.title)` for one column, `.fields(|b| (b.title, b.pages))` for several",
    note = "aggregates such as `count()` and `b.pages.sum()` are selected by `annotate`: \
            `.group_by(|b| b.author_id).annotate(|b| (count(), b.pages.sum()))`",
    note = "rows are left out by `.filter(|b| !b.title.eq(\"Emma\"))`, columns by `exclude`"
)]
pub trait Selection<M>: Shape<M> {
    /// The values as a tuple.
    type Tuple;

    /// The values as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// What can be selected for each group of rows of a query over the model `M`: an aggregate, what is computed from
/// aggregates, or a tuple of up to sixteen of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected for groups of rows of `{M}`",
    label = "expected an aggregate or a tuple of aggregates",
    note = "a column beside the aggregates is one that `group_by` names: \
            `.group_by(|b| b.author_id).annotate(|b| (count(), b.pages.sum()))`"
)]
pub trait Aggregates<M>: Shape<M> {
    /// The values as a tuple.
    type Tuple;

    /// The values as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// A single column or computed value of a query over the model `M`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a single column of `{M}`",
    label = "expected one column, or what is computed from columns",
    note = "`.only(|b| b.title)` takes one column, `.fields(|b| (b.title, b.pages))` several, `.annotate(|b| b.pages.sum())` \
            aggregates"
)]
pub trait SingleSelection<M>: Selection<M> {}

/// What `exclude` takes: a column of the model `M`, or a tuple of up to sixteen of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column that could be excluded from a query over `{M}`",
    label = "expected a column or a tuple of columns",
    note = "columns are left out by `.exclude(|b| b.title)`, rows by `.filter(|b| !b.title.eq(\"Emma\"))`"
)]
pub trait Excluded<M>: Selection<M> {}

#[diagnostic::do_not_recommend]
impl<M: Model, P: Path, T: ColumnType> Excluded<M> for Column<P, T> where M: SameQuery<P::Root> {}

#[diagnostic::do_not_recommend]
impl<M: Model, P, T: Embedded, A: At<P::Model>> Excluded<M> for Group<P, T, A>
where
    P: Path<Nullability: ReadsGroup<T>>,
    M: SameQuery<P::Root>,
{
}

/// Excluding what is computed changes nothing, unless it is a column unchanged.
#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> Excluded<M> for Computed<M, T> {}

#[diagnostic::do_not_recommend]
impl<M: Model, V: Excluded<M>> Excluded<M> for Aliased<V> where Self: Selection<M> {}

macro_rules! single {
    ($([$($generics:tt)*] $selection:ident for $item:ty $(where $query:ty: $same:path)?;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M: Model, $($generics)*> $selection<M> for $item
        $(where $query: $same)?
        {
            type Tuple = (Self,);

            fn into_tuple(self) -> (Self,) {
                (self,)
            }
        }
    )*};
}

single! {
    [P: Path, T: ColumnType] Selection for Column<P, T> where M: SameQuery<P::Root>;
    [P: Path<Nullability: ReadsGroup<T>>, T: Embedded, A: At<P::Model>] Selection for Group<P, T, A> where M: SameQuery<P::Root>;
    [T: ColumnType] Selection for Computed<M, T>;
    [T: ColumnType] Selection for Computed<M, T, PerWindow>;
    [N: Model] Selection for Condition<N> where M: SameQuery<N>;
    [N: Model] Selection for Condition<N, PerWindow> where M: SameQuery<N>;
    [T: ColumnType] Selection for SqlValue<T>;
    [E: Selection<M>] Selection for Aliased<E>;
    [E: Aggregates<M>] Aggregates for Aliased<E>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, N: Model, L: Annotates + 'static> Aggregates<M> for Condition<N, L>
where
    M: SameQuery<N>,
{
    type Tuple = (Self,);

    fn into_tuple(self) -> (Self,) {
        (self,)
    }
}

impl<M: Model, T: ColumnType, L: Annotates + 'static> Aggregates<M> for Computed<M, T, L> {
    type Tuple = (Self,);

    fn into_tuple(self) -> (Self,) {
        (self,)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, P: Path, T: ColumnType> SingleSelection<M> for Column<P, T> where M: SameQuery<P::Root> {}

#[diagnostic::do_not_recommend]
impl<M: Model, P, T: Embedded, A: At<P::Model>> SingleSelection<M> for Group<P, T, A>
where
    P: Path<Nullability: ReadsGroup<T>>,
    M: SameQuery<P::Root>,
{
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> SingleSelection<M> for Computed<M, T> {}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> SingleSelection<M> for Computed<M, T, PerWindow> {}

#[diagnostic::do_not_recommend]
impl<M: Model, N: Model> SingleSelection<M> for Condition<N> where M: SameQuery<N> {}

#[diagnostic::do_not_recommend]
impl<M: Model, N: Model> SingleSelection<M> for Condition<N, PerWindow> where M: SameQuery<N> {}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> SingleSelection<M> for SqlValue<T> {}

#[diagnostic::do_not_recommend]
impl<M: Model, E: SingleSelection<M>> SingleSelection<M> for Aliased<E> {}

macro_rules! tuples {
    ($($name:ident)+) => {
        tuples!(@ Selection $($name)+);
        tuples!(@ Aggregates $($name)+);
        tuples!(@ Excluded $($name)+);
    };
    (@ Excluded $($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: Excluded<M>),+> Excluded<M> for ($($name,)+) {}
    };
    (@ $selection:ident $($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: $selection<M>),+> $selection<M> for ($($name,)+) {
            type Tuple = Self;

            fn into_tuple(self) -> Self {
                self
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);

/// The expressions that a shape selects.
pub(super) fn expressions<M>(shape: &impl Shape<M>) -> Vec<Expr> {
    let mut columns = Vec::new();
    shape.columns(&mut columns);
    Selected::expressions(columns)
}
