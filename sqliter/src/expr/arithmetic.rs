//! Arithmetic.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::ast::{Arithmetic, Expr, Function};
use super::operand::TypeOf;
use super::{Column, Computed, Expression, HoldsNumbers, InQuery, Path, PerRow};
use crate::value::kind::Kind;
use crate::value::{ColumnType, Perhaps, Reach, ReachOf};

/// The type of numbers of two kinds together: `i64` if both are whole, `Decimal` if both are exact and one of them
/// decimal, else `f64`.
type Number<A, B> = <<<A as ColumnType>::Kind as Kind>::With<<B as ColumnType>::Kind> as Kind>::Number;

/// `NULL` where one of the operands is.
type Calculated<A, R, V> =
    <<R as Reach>::And<<V as Expression>::Reach> as Reach>::Of<Number<A, <V as Expression>::Inner>>;

/// Holds between numbers, on both sides of an operator.
#[diagnostic::on_unimplemented(
    message = "arithmetic needs numbers on both sides, and this is with `{T}` and `{Self}`",
    label = "one side is no number",
    note = "`+`, `-`, `*`, `/` and `%` work on integers, floating-point numbers, `Decimal`, newtypes of them, and columns of these"
)]
pub trait CalculatesWith<T> {}

#[diagnostic::do_not_recommend]
impl<T: HoldsNumbers, U: HoldsNumbers> CalculatesWith<U> for T {}

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
    ($($(#[$doc:meta])* $trait:ident::$method:ident => $operator:ident, $column:ty, $computed:ty;)*) => {$(
        $(#[$doc])*
        impl<P: Path, T: ColumnType, V: InQuery<P::Root>> $trait<V> for Column<P, T>
        where
            V::Inner: CalculatesWith<T::Inner>,
        {
            type Output = Computed<P::Root, $column>;

            fn $method(self, other: V) -> Self::Output {
                let decimal = is_decimal::<T::Inner, V::Inner>();
                Computed::new(arithmetic(self.expr(), Arithmetic::$operator, other.expression(), decimal))
            }
        }

        $(#[$doc])*
        impl<M, T: ColumnType, L, V: InQuery<M, L>> $trait<V> for Computed<M, T, L>
        where
            V::Inner: CalculatesWith<T::Inner>,
        {
            type Output = Computed<M, $computed, L>;

            fn $method(self, other: V) -> Self::Output {
                let decimal = is_decimal::<T::Inner, V::Inner>();
                Computed::new(arithmetic(self.expr(), Arithmetic::$operator, other.expression(), decimal))
            }
        }
    )*};
}

operator! {
    /// SQL's `+`.
    Add::add => Add, Calculated<T::Inner, <P::Reach as Reach>::And<ReachOf<T>>, V>, Calculated<T::Inner, ReachOf<T>, V>;
    /// SQL's `-`.
    Sub::sub => Subtract, Calculated<T::Inner, <P::Reach as Reach>::And<ReachOf<T>>, V>, Calculated<T::Inner, ReachOf<T>, V>;
    /// SQL's `*`.
    Mul::mul => Multiply, Calculated<T::Inner, <P::Reach as Reach>::And<ReachOf<T>>, V>, Calculated<T::Inner, ReachOf<T>, V>;
    /// SQL's `/`: between whole numbers without the fraction, between decimal numbers to 28 digits, and `NULL` when the
    /// divisor is 0.
    Div::div => Divide, Calculated<T::Inner, Perhaps, V>, Calculated<T::Inner, Perhaps, V>;
    /// SQL's `%`, of the whole parts of both, and `NULL` when the divisor is 0.
    Rem::rem => Remainder, Calculated<T::Inner, Perhaps, V>, Calculated<T::Inner, Perhaps, V>;
}

macro_rules! number_first {
    ($($number:ty: $trait:ident::$method:ident => $operator:ident;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<P: Path, T> $trait<Column<P, T>> for $number
        where
            T: ColumnType<Inner: HoldsNumbers>,
        {
            type Output =
                Computed<P::Root, <<P::Reach as Reach>::And<ReachOf<T>> as Reach>::Of<Number<$number, T::Inner>>>;

            fn $method(self, column: Column<P, T>) -> Self::Output {
                let number: Expr = self.expression();
                let decimal = is_decimal::<$number, T::Inner>();
                Computed::new(arithmetic(number, Arithmetic::$operator, column.expr(), decimal))
            }
        }

        #[diagnostic::do_not_recommend]
        impl<M, T, L> $trait<Computed<M, T, L>> for $number
        where
            T: ColumnType<Inner: HoldsNumbers>,
        {
            type Output = Computed<M, <ReachOf<T> as Reach>::Of<Number<$number, T::Inner>>, L>;

            fn $method(self, computed: Computed<M, T, L>) -> Self::Output {
                let number: Expr = self.expression();
                let decimal = is_decimal::<$number, T::Inner>();
                Computed::new(arithmetic(number, Arithmetic::$operator, computed.expr(), decimal))
            }
        }
    )*};
}

number_first! {
    i64: Add::add => Add;
    i64: Sub::sub => Subtract;
    i64: Mul::mul => Multiply;
    f64: Add::add => Add;
    f64: Sub::sub => Subtract;
    f64: Mul::mul => Multiply;
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
