//! The bounds of operators, each with a message for a program that does not meet it.

use super::{Column, Computed};
use crate::column::kind::{Comparable, Dated, Moment, Numeric, Summed, Textual, Timed};
use crate::column::{ColumnType, Nullability};
use crate::model::Path;

/// Columns that may be `NULL`: nullable ones, and all behind a nullable relation.
#[diagnostic::on_unimplemented(
    message = "this column is never NULL",
    label = "not a nullable column",
    note = "only a field of type `Option<…>`, or any column behind a nullable relation, can be NULL: `is_null` tests for it, \
            and `coalesce` replaces it"
)]
pub trait CanBeNull {}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType> CanBeNull for Column<P, T> where <P::Nullability as Nullability>::Of<T>: IsOption {}

#[diagnostic::do_not_recommend]
impl<M, T: IsOption, L> CanBeNull for Computed<M, T, L> {}

#[doc(hidden)]
pub trait IsOption {}

impl<T> IsOption for Option<T> {}

/// Column types whose values can be compared and sorted: all but JSON.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot be compared or sorted",
    label = "the stored text of a document has no order and no equality",
    note = "give what is compared a column of its own"
)]
pub trait HoldsComparable {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Comparable>> HoldsComparable for T {}

/// Column types with the text operators: text, and newtypes of it.
#[diagnostic::on_unimplemented(
    message = "text operators need a column that holds text, and this one holds `{Self}`",
    label = "not a text column",
    note = "`like`, `starts_with`, `ends_with`, `contains`, their `i` forms and `regex`, and the functions `lower`, `upper`, \
            `length` and `group_concat` work on `String` and newtypes of it",
    note = "a text in a document is `i.meta.path::<String>(\"$.name\")`, an element of its list `i.tags.items::<String>(\"$\").contains(\"sea\")`"
)]
pub trait HoldsText {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Textual>> HoldsText for T {}

/// Column types with arithmetic: integers, floating-point numbers, `Decimal`, and newtypes of them.
#[diagnostic::on_unimplemented(
    message = "arithmetic needs a column that holds numbers, and this one holds `{Self}`",
    label = "not a column of numbers",
    note = "`add`, `total`, `abs` and the like work on integers, floating-point numbers, `Decimal` and newtypes of them"
)]
pub trait HoldsNumbers {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Numeric>> HoldsNumbers for T {}

/// Column types with a sum and an average: numbers, and the durations of chrono, time and jiff.
#[diagnostic::on_unimplemented(
    message = "a sum or an average needs numbers or durations, and this column holds `{Self}`",
    label = "neither numbers nor durations",
    note = "`sum` and `avg` work on integers, floating-point numbers, `Decimal`, durations and newtypes of them",
    note = "of moments, the time between two has an average: `(i.closed_at - i.created_at).avg()`"
)]
pub trait HoldsAmounts {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Summed>> HoldsAmounts for T {}

/// Column types with a year, a month and a day: dates, and dates with a time.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` has no year, month and day",
    label = "not a column of dates",
    note = "`year`, `month`, `day` and `weekday` work on the dates and instants of chrono, time and jiff, and on `Unix<…>` of them"
)]
pub trait HoldsDate {
    /// How the values are stored.
    #[doc(hidden)]
    const MOMENT: Moment;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Dated>> HoldsDate for T {
    const MOMENT: Moment = <T::Kind as Dated>::MOMENT;
}

/// Column types with an hour, a minute and a second: times, and dates with a time.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` has no hour, minute and second",
    label = "not a column of times",
    note = "`hour`, `minute` and `second` work on the times and instants of chrono, time and jiff, and on `Unix<…>` of them"
)]
pub trait HoldsTime {
    /// How the values are stored.
    #[doc(hidden)]
    const MOMENT: Moment;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Kind: Timed>> HoldsTime for T {
    const MOMENT: Moment = <T::Kind as Timed>::MOMENT;
}
