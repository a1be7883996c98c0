//! Arithmetic of the library between the types of numbers.

use rust_decimal::Decimal;
use sqliter::Model;
use sqliter::bounds::{Computed, HoldsComparable, PerGroup, PerWindow};
use sqliter::window::Window;

use super::datum::Datum;
use super::tree::{Arithmetic, Function, Rounding};
use super::typed::{Calculates, Dynamic};
use super::types::{Held, Stored, Type, each_type};

macro_rules! calculate {
    ($left:expr, $operator:expr, $right:expr) => {
        match $operator {
            Arithmetic::Add => ($left + $right).retyped(),
            Arithmetic::Subtract => ($left - $right).retyped(),
            Arithmetic::Multiply => ($left * $right).retyped(),
            Arithmetic::Divide => ($left / $right).retyped(),
            Arithmetic::Remainder => ($left % $right).retyped(),
        }
    };
}

/// Names the Rust type of numbers.
macro_rules! each_number {
    ($of:expr, $t:ident => $body:expr) => {
        match $of {
            Type::Int => {
                type $t = i64;
                $body
            }
            Type::Small => {
                type $t = i16;
                $body
            }
            Type::Byte => {
                type $t = u8;
                $body
            }
            Type::Real => {
                type $t = f64;
                $body
            }
            Type::Single => {
                type $t = f32;
                $body
            }
            Type::Decimal => {
                type $t = Decimal;
                $body
            }
            other => panic!("{other:?} is no number"),
        }
    };
}

type Number<M, T, L> = Computed<M, Option<T>, L>;

pub fn both<M: Model, L: Calculates>(
    left: Dynamic<M, L>,
    operator: Arithmetic,
    right: Dynamic<M, L>,
) -> Computed<M, Stored, L> {
    let types = (left.of(), right.of());
    let (left, right) = (left.into_stored(), right.into_stored());
    each_number!(types.0, A => each_number!(types.1, B => {
        let (left, right): (Number<M, A, L>, Number<M, B, L>) = (left.retyped(), right.retyped());
        calculate!(left, operator, right)
    }))
}

pub fn number_last<M: Model, L: Calculates>(
    left: Dynamic<M, L>,
    operator: Arithmetic,
    right: &Datum,
) -> Computed<M, Stored, L> {
    let of = left.of();
    let left = left.into_stored();
    each_number!(of, A => {
        let left: Number<M, A, L> = left.retyped();
        match right {
            Datum::Int(right) => calculate!(left, operator, *right),
            Datum::Real(right) => calculate!(left, operator, *right),
            Datum::Decimal(right) => calculate!(left, operator, *right),
            other => panic!("{other:?} is no number"),
        }
    })
}

/// Numbers of Rust come first in sums, differences and products.
pub fn number_first<M: Model, L: Calculates>(
    left: &Datum,
    operator: Arithmetic,
    right: Dynamic<M, L>,
) -> Computed<M, Stored, L> {
    macro_rules! calculate {
        ($left:expr, $right:expr) => {
            match operator {
                Arithmetic::Add => ($left + $right).retyped(),
                Arithmetic::Subtract => ($left - $right).retyped(),
                Arithmetic::Multiply => ($left * $right).retyped(),
                other => panic!("a number before {other:?}"),
            }
        };
    }
    let of = right.of();
    let right = right.into_stored();
    each_number!(of, B => {
        let right: Number<M, B, L> = right.retyped();
        match left {
            Datum::Int(left) => calculate!(*left, right),
            Datum::Real(left) => calculate!(*left, right),
            other => panic!("{other:?} before an operator"),
        }
    })
}

pub fn absolute<M: Model, L: Calculates>(value: Dynamic<M, L>) -> Dynamic<M, L> {
    let of = value.of();
    let value = value.into_stored();
    Dynamic::new(
        of,
        each_number!(of, T => {
            let value: Number<M, T, L> = value.retyped();
            value.abs().retyped()
        }),
    )
}

pub fn rounded<M: Model, L: Calculates>(value: Dynamic<M, L>, by: Rounding) -> Dynamic<M, L> {
    let of = value.of();
    let value = value.into_stored();
    let rounded = each_number!(of, T => {
        let value: Number<M, T, L> = value.retyped();
        match by {
            Rounding::Round(digits) => value.round(digits).retyped(),
            Rounding::Floor => value.floor().retyped(),
            Rounding::Ceil => value.ceil().retyped(),
        }
    });
    Dynamic::new(Type::Real, rounded)
}

pub fn sum<M: Model>(
    value: Dynamic<M, sqliter::bounds::PerRow>,
    function: Function,
    distinct: bool,
) -> Computed<M, Stored, PerGroup> {
    let of = value.of();
    let value = value.into_stored();
    each_number!(of, T => {
        let value: Computed<M, Option<T>> = value.retyped();
        match (function, distinct) {
            (Function::Sum, false) => value.sum().retyped(),
            (Function::Sum, true) => value.distinct().sum().retyped(),
            (Function::Total, false) => value.total().retyped(),
            (Function::Total, true) => value.distinct().total().retyped(),
            (Function::Average, false) => value.avg().retyped(),
            (Function::Average, true) => value.distinct().avg().retyped(),
            (other, _) => panic!("{other:?} is no sum"),
        }
    })
}

/// An aggregate of what groups have, over the groups around each.
pub fn over_groups<M: Model>(
    value: Dynamic<M, PerGroup>,
    function: Function,
    shaped: impl Fn(Window<M, PerGroup>) -> Window<M, PerGroup>,
) -> Computed<M, Stored, PerWindow<PerGroup>> {
    fn extreme<M: Model, T: Held>(
        value: Computed<M, Option<T>, PerGroup>,
        function: Function,
        shaped: impl Fn(Window<M, PerGroup>) -> Window<M, PerGroup>,
    ) -> Computed<M, Stored, PerWindow<PerGroup>>
    where
        Option<T>: HoldsComparable,
    {
        match function {
            Function::Minimum => value.min_of_groups().over(shaped).retyped(),
            _ => value.max_of_groups().over(shaped).retyped(),
        }
    }
    let of = value.of();
    let value = value.into_stored();
    match function {
        Function::Minimum | Function::Maximum => {
            each_type!(of, T => extreme::<M, T>(value.retyped(), function, shaped))
        }
        Function::Sum => each_number!(of, T => {
            let value: Number<M, T, PerGroup> = value.retyped();
            value.sum_of_groups().over(shaped).retyped()
        }),
        Function::Average => each_number!(of, T => {
            let value: Number<M, T, PerGroup> = value.retyped();
            value.avg_of_groups().over(shaped).retyped()
        }),
        Function::Count | Function::Total => panic!("{function:?} of groups"),
    }
}
