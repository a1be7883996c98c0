//! Arithmetic.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::operand::TypeOf;
use super::{Column, Computed, Expression, HoldsNumbers, InQueryOver, LevelWith, PerRow};
use crate::column::kind::{AddedTo, InTime, Kind, TakenFrom};
use crate::column::{ColumnType, Nullability, NullabilityOf, Nullable, Required};
use crate::model::Path;
use crate::sql::ast::{Arithmetic, Expr, Function};

/// The type of numbers of two kinds together: `i64` if both are whole, `Decimal` if both are exact and one of them
/// decimal, else `f64`.
type Number<A, B> = <<<A as ColumnType>::Kind as Kind>::With<<B as ColumnType>::Kind> as Kind>::Number;

/// `NULL` where one of the operands is.
type Calculated<A, R, V> =
    <<R as Nullability>::And<<V as Expression>::Nullability> as Nullability>::Of<Number<A, <V as Expression>::Inner>>;

/// Holds between numbers, on both sides of an operator.
#[diagnostic::on_unimplemented(
    message = "arithmetic needs numbers on both sides, and these are `{T}` and `{Self}`",
    label = "one side is not a number",
    note = "`+`, `-`, `*`, `/` and `%` work on integers, floating-point numbers, `Decimal`, newtypes of them, and columns of these"
)]
pub trait CalculatesWith<T> {}

#[diagnostic::do_not_recommend]
impl<T: HoldsNumbers, U: HoldsNumbers> CalculatesWith<U> for T {}

/// Holds where `+` has a meaning: between numbers, and for a duration behind a moment or a duration.
#[diagnostic::on_unimplemented(
    message = "`+` needs numbers on both sides, or a moment and a duration, and these are `{T}` and `{Self}`",
    label = "cannot be added",
    note = "numbers are integers, floating-point numbers, `Decimal`, newtypes of them, and columns of these",
    note = "a duration is of the crate of the moment: `i.created_at + TimeDelta::days(1)` of chrono, `Duration::days(1)` of \
            time, `SignedDuration::from_hours(24)` of jiff"
)]
pub trait AddsTo<T> {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType, U: ColumnType<Kind: AddedTo<T::Kind>>> AddsTo<T> for U {}

/// Holds where `-` has a meaning: between numbers, for a moment or a duration behind a moment, and between durations.
#[diagnostic::on_unimplemented(
    message = "`-` needs numbers on both sides, two moments, or a duration on the right, and these are `{T}` and `{Self}`",
    label = "cannot be subtracted",
    note = "numbers are integers, floating-point numbers, `Decimal`, newtypes of them, and columns of these",
    note = "two moments of one crate give a duration if both are dates, both have a time, or both are `Unix<…>`",
    note = "a duration is of the crate of the moment: `i.created_at - TimeDelta::days(1)` of chrono, `Duration::days(1)` of \
            time, `SignedDuration::from_hours(24)` of jiff"
)]
pub trait SubtractsFrom<T> {}

#[diagnostic::do_not_recommend]
impl<T: ColumnType, U: ColumnType<Kind: TakenFrom<T::Kind>>> SubtractsFrom<T> for U {}

/// What `+` gives.
type Sum<A, B> = <<A as ColumnType>::Kind as Kind>::Plus<A, <B as ColumnType>::Kind>;

/// What `-` gives.
pub(super) type Difference<A, B> = <<A as ColumnType>::Kind as Kind>::Minus<A, <B as ColumnType>::Kind>;

/// The type, and `NULL` where one of the operands is.
pub(super) type Either<T, A, B> = <<A as Nullability>::And<B> as Nullability>::Of<T>;

/// The expression of an operator between values of two types.
pub(super) fn calculated<A: ColumnType, B: ColumnType>(left: Expr, operator: Arithmetic, right: Expr) -> Expr {
    let function = match (<A::Kind as Kind>::IN_TIME, operator, <B::Kind as Kind>::IN_TIME) {
        (InTime::Moment, Arithmetic::Add, InTime::Duration) => Function::MomentPlus(A::CANONICAL),
        (InTime::Moment, Arithmetic::Subtract, InTime::Duration) => Function::MomentMinus(A::CANONICAL),
        (InTime::Moment, Arithmetic::Subtract, InTime::Moment) => Function::MomentDifference,
        (InTime::Duration, Arithmetic::Add, InTime::Duration) => Function::DurationPlus,
        (InTime::Duration, Arithmetic::Subtract, InTime::Duration) => Function::DurationMinus,
        _ => return arithmetic(left, operator, right, is_decimal::<A, B>()),
    };
    Expr::Call { function, arguments: [left, right].into() }
}

/// Whether the result of numbers of two kinds is decimal.
const fn is_decimal<A: ColumnType, B: ColumnType>() -> bool {
    <A::Kind as Kind>::With::<B::Kind>::IS_DECIMAL
}

/// The expression; with decimal numbers SQLite calculates by functions that are exact.
pub(super) fn arithmetic(left: Expr, operator: Arithmetic, right: Expr, decimal: bool) -> Expr {
    if decimal {
        return Expr::Call { function: operator.of_decimals(), arguments: [left, right].into() };
    }
    Expr::Arithmetic { left: left.into(), operator, right: right.into() }
}

macro_rules! operator {
    ($($(#[$doc:meta])* $trait:ident::$method:ident => $operator:ident: $bound:ident, $column:ty, $computed:ty;)*) => {$(
        $(#[$doc])*
        impl<P: Path, T: ColumnType, V: InQueryOver<P::Root>> $trait<V> for Column<P, T>
        where
            PerRow: LevelWith<V::Level<PerRow>>,
            V::Inner: $bound<T::Inner>,
        {
            type Output = Computed<P::Root, $column, <PerRow as LevelWith<V::Level<PerRow>>>::Level>;

            fn $method(self, other: V) -> Self::Output {
                Computed::new(calculated::<T::Inner, V::Inner>(self.expr(), Arithmetic::$operator, other.expression()))
            }
        }

        $(#[$doc])*
        impl<M, T: ColumnType, L, V: InQueryOver<M>> $trait<V> for Computed<M, T, L>
        where
            L: LevelWith<V::Level<L>>,
            V::Inner: $bound<T::Inner>,
        {
            type Output = Computed<M, $computed, <L as LevelWith<V::Level<L>>>::Level>;

            fn $method(self, other: V) -> Self::Output {
                Computed::new(calculated::<T::Inner, V::Inner>(self.expr(), Arithmetic::$operator, other.expression()))
            }
        }
    )*};
}

operator! {
    /// SQL's `+`; of decimal numbers exact, or an error.
    ///
    /// A moment and a duration of the same crate give a moment, `i.created_at + TimeDelta::days(7)`, in the form in which its
    /// type is stored, exact to the nanosecond, in UTC: so an hour is an hour, and a day 24 of them. A date takes the whole days
    /// of the duration. `Unix<…>` is rounded down to the second. A result outside the years 0000 to 9999 is an error
    /// of the statement. Durations are added to each other too.
    Add::add => Add: AddsTo, Either<Sum<T::Inner, V::Inner>, <P::Nullability as Nullability>::And<NullabilityOf<T>>, V::Nullability>, Either<Sum<T::Inner, V::Inner>, NullabilityOf<T>, V::Nullability>;
    /// SQL's `-`; of decimal numbers exact, or an error.
    ///
    /// Two moments give the duration between them, `i.closed_at - i.created_at`, exact to the nanosecond, as the type that their
    /// crate has for it: chrono's `TimeDelta`, time's `Duration`, jiff's `SignedDuration`. It is compared with such durations, and has
    /// `sum`, `avg`, `min` and `max`. A moment less a duration is a moment, as for `+`.
    Sub::sub => Subtract: SubtractsFrom, Either<Difference<T::Inner, V::Inner>, <P::Nullability as Nullability>::And<NullabilityOf<T>>, V::Nullability>, Either<Difference<T::Inner, V::Inner>, NullabilityOf<T>, V::Nullability>;
    /// SQL's `*`; of decimal numbers exact, or an error.
    Mul::mul => Multiply: CalculatesWith, Calculated<T::Inner, <P::Nullability as Nullability>::And<NullabilityOf<T>>, V>, Calculated<T::Inner, NullabilityOf<T>, V>;
    /// SQL's `/`: between whole numbers without the fraction, between decimal numbers to 28 digits, and `NULL` when the
    /// divisor is 0.
    Div::div => Divide: CalculatesWith, Calculated<T::Inner, Nullable, V>, Calculated<T::Inner, Nullable, V>;
    /// The remainder, with the sign of the dividend, and `NULL` when the divisor is 0. Of decimal numbers it is exact: 5.5 %
    /// 2 is 1.5. With a floating-point number it is SQL's `%`, which takes the whole parts of both.
    Rem::rem => Remainder: CalculatesWith, Calculated<T::Inner, Nullable, V>, Calculated<T::Inner, Nullable, V>;
}

macro_rules! number_first {
    ($([$($number:ty),*] $trait:ident::$method:ident => $operator:ident, $reach:ty;)*) => {
        $(number_first!(@ [$($number)*] $trait $method $operator $reach);)*
    };
    (@ [$($number:ty)*] $trait:ident $method:ident $operator:ident $reach:ty) => {$(
        impl<P: Path, T: ColumnType> $trait<Column<P, T>> for $number
        where
            T::Inner: HoldsNumbers,
        {
            type Output = Computed<
                P::Root,
                <<<P::Nullability as Nullability>::And<NullabilityOf<T>> as Nullability>::And<$reach> as Nullability>::Of<Number<$number, T::Inner>>,
            >;

            fn $method(self, column: Column<P, T>) -> Self::Output {
                Computed::new(number_and::<$number, T>(self, Arithmetic::$operator, column.expr()))
            }
        }

        impl<M, T: ColumnType, L> $trait<Computed<M, T, L>> for $number
        where
            T::Inner: HoldsNumbers,
        {
            type Output = Computed<M, <<NullabilityOf<T> as Nullability>::And<$reach> as Nullability>::Of<Number<$number, T::Inner>>, L>;

            fn $method(self, computed: Computed<M, T, L>) -> Self::Output {
                Computed::new(number_and::<$number, T>(self, Arithmetic::$operator, computed.expr()))
            }
        }
    )*};
}

number_first! {
    [i64, f64] Add::add => Add, Required;
    [i64, f64] Sub::sub => Subtract, Required;
    [i64, f64] Mul::mul => Multiply, Required;
    [i64, f64] Div::div => Divide, Nullable;
    [i64, f64] Rem::rem => Remainder, Nullable;
}

#[cfg(feature = "rust_decimal")]
number_first! {
    [rust_decimal::Decimal] Add::add => Add, Required;
    [rust_decimal::Decimal] Sub::sub => Subtract, Required;
    [rust_decimal::Decimal] Mul::mul => Multiply, Required;
    [rust_decimal::Decimal] Div::div => Divide, Nullable;
    [rust_decimal::Decimal] Rem::rem => Remainder, Nullable;
}

/// A moment of the program, less one of the query.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
macro_rules! moment_first {
    ($($moment:ty),* $(,)?) => {$(
        impl<P: Path, T: ColumnType<Inner: SubtractsFrom<$moment>>> Sub<Column<P, T>> for $moment {
            type Output = Computed<
                P::Root,
                Either<Difference<$moment, T::Inner>, <P::Nullability as Nullability>::And<NullabilityOf<T>>, Required>,
            >;

            fn sub(self, moment: Column<P, T>) -> Self::Output {
                let operator = Arithmetic::Subtract;
                Computed::new(calculated::<$moment, T::Inner>(self.expression(), operator, moment.expr()))
            }
        }
    )*};
}

#[cfg(feature = "chrono")]
moment_first!(
    chrono::DateTime<chrono::Utc>,
    chrono::DateTime<chrono::FixedOffset>,
    chrono::NaiveDateTime,
    chrono::NaiveDate
);
#[cfg(feature = "time")]
moment_first!(time::OffsetDateTime, time::PrimitiveDateTime, time::Date);
#[cfg(feature = "jiff")]
moment_first!(jiff::Timestamp, jiff::civil::DateTime, jiff::civil::Date);

fn number_and<N: ColumnType + Expression, T: ColumnType>(number: N, operator: Arithmetic, right: Expr) -> Expr {
    arithmetic(number.expression(), operator, right, is_decimal::<N, T::Inner>())
}

macro_rules! functions {
    ($root:ty, $level:ty) => {
        /// The number without its sign.
        pub fn abs(self) -> Computed<$root, TypeOf<Self>, $level>
        where
            T: HoldsNumbers,
        {
            let function = if <T::Kind as Kind>::IS_DECIMAL { Function::DecimalAbsolute } else { Function::Absolute };
            Computed::new(Expr::Call { function, arguments: [self.expr()].into() })
        }
    };
}

/// Functions of numbers.
impl<P: Path, T: ColumnType> Column<P, T> {
    functions!(P::Root, PerRow);
}

/// Functions of numbers.
impl<M, T: ColumnType, L> Computed<M, T, L> {
    functions!(M, L);
}
