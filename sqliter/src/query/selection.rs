//! What a query selects: columns, what is computed from them, tuples of both.

use crate::column::{ColumnType, Reach, ReachOf};
use crate::engine::Row;
use crate::error::{Error, Result};
use crate::expr::{Aliased, Annotates, Column, Computed, SameQuery};
use crate::model::{Model, Path};
use crate::sql::ast::{Expr, Selected};
use crate::table::PathNode;

/// One value that a query selects, or a tuple of values.
pub trait Item: Clone + Send + Sync + 'static {
    /// What is read: a value, or a tuple of values. What is reached behind a nullable relation is an `Option`.
    type Output: Send + 'static;

    /// Appends the columns of the statement.
    #[doc(hidden)]
    fn push_onto(&self, columns: &mut Vec<Selected>);

    /// Reads the columns from a position on and moves it behind them.
    #[doc(hidden)]
    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Output>;
}

/// What can be selected for each row of a query over the model `M`: a column, what is computed from columns, or a tuple
/// of up to sixteen of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected for each row of a query over `{M}`",
    label = "expected a column, what is computed from columns, or a tuple of them",
    note = "write `.only(|b| b.title)` for one column, `.fields(|b| (b.title, b.pages))` for several",
    note = "aggregates such as `count()` and `b.pages.sum()` are selected by `annotate`: \
            `.group_by(|b| b.author_id).annotate(|b| (count(), b.pages.sum()))`",
    note = "a condition is selected as `case_when(condition, true).otherwise(false)`; rows are left out by \
            `.filter(|b| !b.title.eq(\"Emma\"))`, columns by `exclude`"
)]
pub trait Selection<M>: Item {
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
            `.group_by(|b| b.author_id).annotate(|b| (count(), b.pages.sum()))`",
    note = "a condition on aggregates is selected as `case_when(condition, true).otherwise(false)`"
)]
pub trait Aggregates<M>: Item {
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
            aggregates",
    note = "a condition is selected as `case_when(condition, true).otherwise(false)`"
)]
pub trait SingleSelection<M>: Selection<M> {}

impl<P: Path, T: ColumnType> Item for Column<P, T> {
    type Output = <<P::Reach as Reach>::And<ReachOf<T>> as Reach>::Of<T>;

    fn push_onto(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::new((*self).expr()));
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Output> {
        let value = row.get_value(P::Model::TABLE.name, || self.name().to_owned(), *position);
        let value = value.map_err(|error| missing_on_the_way(row, *position, &(*self).expr()).unwrap_or(error))?;
        *position += 1;
        Ok(value)
    }
}

impl<M: Model, T: ColumnType, L: 'static> Item for Computed<M, T, L> {
    type Output = T;

    fn push_onto(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::new(self.as_expr().clone()));
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<T> {
        let name = || Selected::new(self.as_expr().clone()).name().into_owned();
        let value = row.get_value(M::TABLE.name, name, *position);
        let value = value.map_err(|error| missing_on_the_way(row, *position, self.as_expr()).unwrap_or(error))?;
        *position += 1;
        Ok(value)
    }
}

/// Why there is `NULL` where the type has none: a required key on the way to a column leads to no row.
#[cold]
fn missing_on_the_way(row: &Row<'_>, position: usize, expr: &Expr) -> Option<Error> {
    if !row.is_null(position) {
        return None;
    }
    let path = first_path(expr)?;
    let mut first = path;
    while let Some(before) = first.before {
        first = before;
    }
    Some(Error::missing_parent(first.relation, (path.relation.target)(), None))
}

/// The path of the first column that is one of a related row.
fn first_path(expr: &Expr) -> Option<&'static PathNode> {
    if let Expr::Column(reference) = expr {
        return reference.path;
    }
    let mut found = None;
    expr.each_part(&mut |part| found = found.or_else(|| first_path(part)));
    found
}

/// No values: what loads that choose none have for [`Load::Values`](super::Load::Values).
#[diagnostic::do_not_recommend]
impl Item for () {
    type Output = ();

    fn push_onto(&self, _: &mut Vec<Selected>) {}

    fn decode(&self, _: &Row<'_>, _: &mut usize) -> Result<()> {
        Ok(())
    }
}

impl<E: Item> Item for Aliased<E> {
    type Output = E::Output;

    fn push_onto(&self, columns: &mut Vec<Selected>) {
        self.value.push_onto(columns);
        if let Some(last) = columns.last_mut() {
            last.alias = Some(self.name.clone());
        }
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<E::Output> {
        self.value.decode(row, position)
    }
}

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
    [T: ColumnType] Selection for Computed<M, T>;
    [E: Selection<M>] Selection for Aliased<E>;
    [E: Aggregates<M>] Aggregates for Aliased<E>;
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
impl<M: Model, T: ColumnType> SingleSelection<M> for Computed<M, T> {}

#[diagnostic::do_not_recommend]
impl<M: Model, E: SingleSelection<M>> SingleSelection<M> for Aliased<E> {}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: Item),+> Item for ($($name,)+) {
            type Output = ($($name::Output,)+);

            fn push_onto(&self, columns: &mut Vec<Selected>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(columns);)+
            }

            fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Output> {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                Ok(($($name.decode(row, position)?,)+))
            }
        }

        tuples!(@ Selection $($name)+);
        tuples!(@ Aggregates $($name)+);
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

/// The values of all items of a tuple; of a single one, the value itself.
pub trait Flat: Item {
    /// A value or a tuple of values.
    type Flat: Send + 'static;

    #[doc(hidden)]
    fn flat(values: Self::Output) -> Self::Flat;
}

impl<A: Item> Flat for (A,) {
    type Flat = A::Output;

    fn flat((value,): Self::Output) -> A::Output {
        value
    }
}

macro_rules! flat {
    ($first:ident) => {};
    ($($name:ident)+) => {
        impl<$($name: Item),+> Flat for ($($name,)+) {
            type Flat = Self::Output;

            fn flat(values: Self::Output) -> Self::Output {
                values
            }
        }
    };
}

crate::tuples::each_tuple!(flat);

/// The expressions that an item selects.
pub(super) fn expressions(item: &impl Item) -> Vec<Expr> {
    let mut columns = Vec::new();
    item.push_onto(&mut columns);
    columns.into_iter().map(|column| column.expr).collect()
}
