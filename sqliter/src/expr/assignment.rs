//! What an update by query sets.

use std::marker::PhantomData;

use super::arithmetic::arithmetic;
use super::{Column, HoldsNumbers, Operand};
use crate::column::{ColumnType, IntoValue, kind::Kind};
use crate::model::{MaybeOf, Model, Path};
use crate::sql::ast::{Arithmetic, Expr, Set};
use crate::table::ColumnInfo;

/// One assignment of an update over the model `M`.
#[derive(Debug)]
#[must_use = "an assignment does nothing until an update takes it"]
pub struct Assignment<M> {
    set: Set,
    model: PhantomData<fn() -> M>,
}

impl<M> Assignment<M> {
    pub(super) const fn of(column: &'static ColumnInfo, value: Expr) -> Self {
        Self { set: Set { column, value }, model: PhantomData }
    }
}

impl<M> Clone for Assignment<M> {
    fn clone(&self) -> Self {
        Self { set: self.set.clone(), model: PhantomData }
    }
}

/// The columns that an update can set: those of the model itself but its key, its version and what SQLite computes.
#[diagnostic::on_unimplemented(
    message = "this column cannot be assigned",
    label = "a primary key, a version, a generated column, or a column of a related model",
    note = "an update sets columns of the model that the query selects, other than its primary key, its version and its generated columns"
)]
pub trait Assignable {}

#[diagnostic::do_not_recommend]
impl<M: Model> Assignable for M {}

#[diagnostic::do_not_recommend]
impl<P: Assignable> Assignable for MaybeOf<P> {}

impl<P: Path, T: ColumnType> Column<P, T> {
    /// Sets the column to a value or to another column.
    pub fn set(self, value: impl Operand<P::Root, T>) -> Assignment<P::Root>
    where
        P: Assignable,
    {
        self.assign(value.into_expr(self.place()))
    }

    pub(super) fn assign(self, value: Expr) -> Assignment<P::Root> {
        Assignment::of(self.info(), value)
    }
}

/// Arithmetic on the stored value; `NULL` stays `NULL`.
///
/// A result that the field cannot hold, such as a `u8` below zero or an `i64` beyond its range, is an
/// [`Error::CheckViolation`](crate::Error::CheckViolation), whatever table it is; the update changes nothing then. An
/// exact result that no `Decimal` can hold is an [`Error::RecordUpdate`](crate::Error::RecordUpdate).
impl<P: Path, T: ColumnType> Column<P, T> {
    /// Adds to the column.
    #[expect(clippy::should_implement_trait, reason = "an assignment, not a sum")]
    pub fn add(self, value: impl IntoValue<T::Inner>) -> Assignment<P::Root>
    where
        P: Assignable,
        T: HoldsNumbers,
    {
        self.calculate(Arithmetic::Add, value)
    }

    /// Subtracts from the column.
    #[expect(clippy::should_implement_trait, reason = "an assignment, not a difference")]
    pub fn sub(self, value: impl IntoValue<T::Inner>) -> Assignment<P::Root>
    where
        P: Assignable,
        T: HoldsNumbers,
    {
        self.calculate(Arithmetic::Subtract, value)
    }

    /// Multiplies the column.
    #[expect(clippy::should_implement_trait, reason = "an assignment, not a product")]
    pub fn mul(self, value: impl IntoValue<T::Inner>) -> Assignment<P::Root>
    where
        P: Assignable,
        T: HoldsNumbers,
    {
        self.calculate(Arithmetic::Multiply, value)
    }

    fn calculate(self, operator: Arithmetic, value: impl IntoValue<T::Inner>) -> Assignment<P::Root>
    where
        T: HoldsNumbers,
    {
        let right = Expr::value(value.into_value(), self.place());
        let decimal = <T::Kind as Kind>::IS_DECIMAL;
        self.assign(arithmetic(self.expr(), operator, right, decimal))
    }
}

/// One or several assignments: what `.set(…)` and `.add(…)` give, a tuple of them, a `Vec` or an `Option`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an assignment to columns of `{M}`",
    label = "expected `.set(…)` or `.add(…)` of each column",
    note = "write `.update(|b| b.title.set(\"Emma\"))`, or several as a tuple: `.update(|b| (b.pages.add(1), b.title.set(\"Emma\")))`",
    note = "what is set only where there is a value is an `Option`: `.update(|b| title.map(|t| b.title.set(t)))`"
)]
pub trait Assignments<M> {
    /// Appends the assignments.
    #[doc(hidden)]
    fn push_onto(self, sets: &mut Vec<Set>);
}

#[diagnostic::do_not_recommend]
impl<M> Assignments<M> for Assignment<M> {
    fn push_onto(self, sets: &mut Vec<Set>) {
        let before = sets.iter_mut().rev().find(|before| before.column.name == self.set.column.name);
        let set = match before {
            Some(before) => before.followed_by(self.set),
            None => Some(self.set),
        };
        sets.extend(set);
    }
}

#[diagnostic::do_not_recommend]
impl<M> Assignments<M> for Vec<Assignment<M>> {
    fn push_onto(self, sets: &mut Vec<Set>) {
        self.into_iter().for_each(|assignment| assignment.push_onto(sets));
    }
}

/// What there is.
#[diagnostic::do_not_recommend]
impl<M, A: Assignments<M>> Assignments<M> for Option<A> {
    fn push_onto(self, sets: &mut Vec<Set>) {
        if let Some(assignments) = self {
            assignments.push_onto(sets);
        }
    }
}

/// No assignment: nothing is updated.
#[diagnostic::do_not_recommend]
impl<M> Assignments<M> for () {
    fn push_onto(self, _: &mut Vec<Set>) {}
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: Assignments<M>),+> Assignments<M> for ($($name,)+) {
            fn push_onto(self, sets: &mut Vec<Set>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(sets);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
