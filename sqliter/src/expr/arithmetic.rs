//! Arithmetic.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::operand::TypeOf;
use super::{Column, Computed, Expression, HoldsNumbers, LevelWith, PerRow, SameQuery};
use crate::column::{ColumnType, Nullability, NullabilityOf, Nullable, Required, kind::Kind};
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
        impl<P: Path, T: ColumnType, V: Expression> $trait<V> for Column<P, T>
        where
            P::Root: SameQuery<V::Root<P::Root>>,
            PerRow: LevelWith<V::Level<PerRow>>,
            V::Inner: CalculatesWith<T::Inner>,
        {
            type Output = Computed<P::Root, $column, <PerRow as LevelWith<V::Level<PerRow>>>::Level>;

            fn $method(self, other: V) -> Self::Output {
                let decimal = is_decimal::<T::Inner, V::Inner>();
                Computed::new(arithmetic(self.expr(), Arithmetic::$operator, other.expression(), decimal))
            }
        }

        $(#[$doc])*
        impl<M, T: ColumnType, L, V: Expression> $trait<V> for Computed<M, T, L>
        where
            M: SameQuery<V::Root<M>>,
            L: LevelWith<V::Level<L>>,
            V::Inner: CalculatesWith<T::Inner>,
        {
            type Output = Computed<M, $computed, <L as LevelWith<V::Level<L>>>::Level>;

            fn $method(self, other: V) -> Self::Output {
                let decimal = is_decimal::<T::Inner, V::Inner>();
                Computed::new(arithmetic(self.expr(), Arithmetic::$operator, other.expression(), decimal))
            }
        }
    )*};
}

operator! {
    /// SQL's `+`; of decimal numbers exact, or an error.
    Add::add => Add, Calculated<T::Inner, <P::Nullability as Nullability>::And<NullabilityOf<T>>, V>, Calculated<T::Inner, NullabilityOf<T>, V>;
    /// SQL's `-`; of decimal numbers exact, or an error.
    Sub::sub => Subtract, Calculated<T::Inner, <P::Nullability as Nullability>::And<NullabilityOf<T>>, V>, Calculated<T::Inner, NullabilityOf<T>, V>;
    /// SQL's `*`; of decimal numbers exact, or an error.
    Mul::mul => Multiply, Calculated<T::Inner, <P::Nullability as Nullability>::And<NullabilityOf<T>>, V>, Calculated<T::Inner, NullabilityOf<T>, V>;
    /// SQL's `/`: between whole numbers without the fraction, between decimal numbers to 28 digits, and `NULL` when the
    /// divisor is 0.
    Div::div => Divide, Calculated<T::Inner, Nullable, V>, Calculated<T::Inner, Nullable, V>;
    /// The remainder, with the sign of the dividend, and `NULL` when the divisor is 0. Of decimal numbers it is exact: 5.5 %
    /// 2 is 1.5. With a floating-point number it is SQL's `%`, which takes the whole parts of both.
    Rem::rem => Remainder, Calculated<T::Inner, Nullable, V>, Calculated<T::Inner, Nullable, V>;
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
