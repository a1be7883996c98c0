//! Arithmetic.

use std::ops::{Add, Div, Mul, Rem, Sub};

use super::ast::{Arithmetic, Expr, Function};
use super::operand::TypeOf;
use super::{Column, Computed, Expression, HoldsNumbers, Path, PerRow};
use crate::value::kind::Numeric;
use crate::value::{ColumnType, Perhaps, Reach, ReachOf};

/// The type of numbers of two kinds together: `i64` if both are whole, else `f64`.
type Number<A, B> = <<<A as HoldsNumbers>::Kind as Numeric>::With<<B as HoldsNumbers>::Kind> as Numeric>::Number;

/// `NULL` where one of the operands is.
type Result2<A, R, V, M, L> =
    <<R as Reach>::And<<V as Expression<M, L>>::Reach> as Reach>::Of<Number<A, <V as Expression<M, L>>::Inner>>;

fn arithmetic<M, T, L>(left: Expr, operator: Arithmetic, right: Expr) -> Computed<M, T, L> {
    Computed::new(Expr::Arithmetic { left: Box::new(left), operator, right: Box::new(right) })
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
                arithmetic(self.expr(), Arithmetic::$operator, other.expression())
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
                arithmetic(self.expr(), Arithmetic::$operator, other.expression())
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
    /// SQL's `/`: between whole numbers without the fraction, and `NULL` when the divisor is 0.
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
                arithmetic(number, Arithmetic::$operator, column.expr())
            }
        }

        impl<M, T, L> $trait<Computed<M, T, L>> for $number
        where
            T: ColumnType<Inner: HoldsNumbers>,
        {
            type Output = Computed<M, <ReachOf<T> as Reach>::Of<Number<$number, T::Inner>>, L>;

            fn $method(self, computed: Computed<M, T, L>) -> Self::Output {
                let number: Expr = Expression::<M, L>::expression(self);
                arithmetic(number, Arithmetic::$operator, computed.expr())
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
            Computed::new(Expr::Call { function: Function::Absolute, arguments: vec![self.expr()] })
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
