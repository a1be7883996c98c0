//! Arithmetic.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::ast::{Arithmetic, Expr, Function};
use super::operand::TypeOf;
use super::{Column, Computed, Expression, HoldsNumbers, Path, PerRow};
use crate::value::kind::Numeric;
use crate::value::{ColumnType, Perhaps, Reach, ReachOf};

/// The type of numbers of two kinds together: `i64` if both are whole, `Decimal` if both are exact and one of them
/// decimal, else `f64`.
type Number<A, B> = <<<A as HoldsNumbers>::Kind as Numeric>::With<<B as HoldsNumbers>::Kind> as Numeric>::Number;

/// `NULL` where one of the operands is.
type Result2<A, R, V, M, L> =
    <<R as Reach>::And<<V as Expression<M, L>>::Reach> as Reach>::Of<Number<A, <V as Expression<M, L>>::Inner>>;

/// Whether the result of numbers of two kinds is decimal.
const fn is_decimal<A: HoldsNumbers, B: HoldsNumbers>() -> bool {
    <A::Kind as Numeric>::With::<B::Kind>::IS_DECIMAL
}

/// The expression; SQLite calculates with decimal numbers by functions that are exact.
pub(super) fn arithmetic(left: Expr, operator: Arithmetic, right: Expr, decimal: bool) -> Expr {
    if decimal {
        return Expr::Call { function: operator.of_decimals(), arguments: vec![left, right] };
    }
    Expr::Arithmetic { left: Box::new(left), operator, right: Box::new(right) }
}

macro_rules! operator {
    ($($(#[$doc:meta])* $trait:ident::$method:ident => $operator:ident, $column:ty, $computed:ty;)*) => {$(
        $(#[$doc])*
        #[diagnostic::do_not_recommend]
        impl<P: Path, T, V: Expression<P::Root>> $trait<V> for Column<P, T>
        where
            T: ColumnType<Inner: HoldsNumbers>,
            V::Inner: HoldsNumbers,
        {
            type Output = Computed<P::Root, $column>;

            fn $method(self, other: V) -> Self::Output {
                let decimal = is_decimal::<T::Inner, V::Inner>();
                Computed::new(arithmetic(self.expr(), Arithmetic::$operator, other.expression(), decimal))
            }
        }

        $(#[$doc])*
        #[diagnostic::do_not_recommend]
        impl<M, T, L, V: Expression<M, L>> $trait<V> for Computed<M, T, L>
        where
            T: ColumnType<Inner: HoldsNumbers>,
            V::Inner: HoldsNumbers,
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
    Add::add => Add, Result2<T::Inner, <P::Reach as Reach>::And<ReachOf<T>>, V, P::Root, PerRow>, Result2<T::Inner, ReachOf<T>, V, M, L>;
    /// SQL's `-`.
    Sub::sub => Subtract, Result2<T::Inner, <P::Reach as Reach>::And<ReachOf<T>>, V, P::Root, PerRow>, Result2<T::Inner, ReachOf<T>, V, M, L>;
    /// SQL's `*`.
    Mul::mul => Multiply, Result2<T::Inner, <P::Reach as Reach>::And<ReachOf<T>>, V, P::Root, PerRow>, Result2<T::Inner, ReachOf<T>, V, M, L>;
    /// SQL's `/`: between whole numbers without the fraction, between decimal numbers to 28 digits, and `NULL` when the
    /// divisor is 0.
    Div::div => Divide, Result2<T::Inner, Perhaps, V, P::Root, PerRow>, Result2<T::Inner, Perhaps, V, M, L>;
    /// SQL's `%`, of the whole parts of both, and `NULL` when the divisor is 0.
    Rem::rem => Remainder, Result2<T::Inner, Perhaps, V, P::Root, PerRow>, Result2<T::Inner, Perhaps, V, M, L>;
}

macro_rules! number_first {
    ($($number:ty: $trait:ident::$method:ident => $operator:ident;)*) => {$(
        impl<P: Path, T> $trait<Column<P, T>> for $number
        where
            T: ColumnType<Inner: HoldsNumbers>,
        {
            type Output =
                Computed<P::Root, <<P::Reach as Reach>::And<ReachOf<T>> as Reach>::Of<Number<$number, T::Inner>>>;

            fn $method(self, column: Column<P, T>) -> Self::Output {
                let number: Expr = Expression::<P::Root>::expression(self);
                let decimal = is_decimal::<$number, T::Inner>();
                Computed::new(arithmetic(number, Arithmetic::$operator, column.expr(), decimal))
            }
        }

        impl<M, T, L> $trait<Computed<M, T, L>> for $number
        where
            T: ColumnType<Inner: HoldsNumbers>,
        {
            type Output = Computed<M, <ReachOf<T> as Reach>::Of<Number<$number, T::Inner>>, L>;

            fn $method(self, computed: Computed<M, T, L>) -> Self::Output {
                let number: Expr = Expression::<M, L>::expression(self);
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
        pub fn abs(self) -> Computed<$root, TypeOf<Self, $root, $level>, $level>
        where
            T: HoldsNumbers,
        {
            let function = if <<T as HoldsNumbers>::Kind as Numeric>::IS_DECIMAL {
                Function::DecimalAbsolute
            } else {
                Function::Absolute
            };
            Computed::new(Expr::Call { function, arguments: vec![self.expr()] })
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
