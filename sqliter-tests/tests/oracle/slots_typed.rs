//! Windows over groups and over pairs, written with the library.

use sqliter::bounds::{Computed, HoldsComparable, InWindows, PerGroup, PerRow, PerWindow};
use sqliter::window;
use sqliter::{Condition, Model, Order};

use super::access::Root;
use super::arithmetic::over_groups;
use super::slots::number;
use super::tree::{Aggregate, Cond, Expr, Function};
use super::typed::{Calculates, Dynamic, aggregate_of, compared, sorted_by};
use super::types::{Held, Stored, each_type};
use super::windows::{Over, Window};
use super::windows_typed::framed_as;

/// A value of each row, or of each group.
pub enum Slot<M, L> {
    /// What groups are grouped by.
    Row(Dynamic<M, PerRow>),
    Own(Dynamic<M, L>),
}

/// What windows are over.
pub trait Around<M: Root>: InWindows + Calculates {
    fn parted(rows: window::Window<M, Self>, by: Computed<M, Stored, Self>) -> window::Window<M, Self>;
    fn ordered(rows: window::Window<M, Self>, by: Order<M, Self>) -> window::Window<M, Self>;
    fn aggregated(
        of: Dynamic<M, Self>,
        function: Function,
        shaped: impl Fn(window::Window<M, Self>) -> window::Window<M, Self>,
    ) -> Computed<M, Stored, PerWindow<Self>>;
}

macro_rules! around {
    ($($level:ident: $aggregated:ident;)*) => {$(
        impl<M: Root> Around<M> for $level {
            fn parted(rows: window::Window<M, Self>, by: Computed<M, Stored, Self>) -> window::Window<M, Self> {
                rows.partition_by(by)
            }

            fn ordered(rows: window::Window<M, Self>, by: Order<M, Self>) -> window::Window<M, Self> {
                rows.order(by)
            }

            fn aggregated(
                of: Dynamic<M, Self>,
                function: Function,
                shaped: impl Fn(window::Window<M, Self>) -> window::Window<M, Self>,
            ) -> Computed<M, Stored, PerWindow<Self>> {
                $aggregated(of, function, shaped)
            }
        }
    )*};
}

around! {
    PerRow: over_rows;
    PerGroup: over_groups;
}

fn over_rows<M: Model>(
    of: Dynamic<M, PerRow>,
    function: Function,
    shaped: impl Fn(window::Window<M>) -> window::Window<M>,
) -> Computed<M, Stored, PerWindow> {
    aggregate_of(of, function, false).over(shaped)
}

/// A function over a window.
pub fn over<M: Root, L: Around<M>>(of: &Window, slots: &[Slot<M, L>]) -> Computed<M, Stored, PerWindow<L>> {
    let own = |expr: &Expr| match &slots[number(expr)] {
        Slot::Own(value) => value.clone(),
        Slot::Row(_) => panic!("{expr:?} belongs to a row"),
    };
    let shaped = |rows| shaped(of, slots, rows);
    match &of.function {
        Over::Aggregate(Aggregate { function, value: Some(value), .. }) => L::aggregated(own(value), *function, shaped),
        Over::Aggregate(aggregate) => panic!("{aggregate:?} is of no value"),
        Over::RowNumber => window::row_number().over(shaped).retyped(),
        Over::Rank => window::rank().over(shaped).retyped(),
        Over::DenseRank => window::dense_rank().over(shaped).retyped(),
        Over::PercentRank => window::percent_rank().over(shaped).retyped(),
        Over::CumeDist => window::cume_dist().over(shaped).retyped(),
        Over::Ntile(parts) => window::ntile(*parts).over(shaped).retyped(),
        Over::Shifted(value, by, behind, otherwise) => {
            let value = own(value);
            each_type!(value.of(), T => shifted::<M, T, L>(value, (*by, *behind), otherwise.as_ref(), shaped))
        }
        Over::First(value) => own(value).into_stored().first_value().over(shaped).retyped(),
        Over::Last(value) => own(value).into_stored().last_value().over(shaped).retyped(),
        Over::Nth(value, nth) => own(value).into_stored().nth_value(*nth).over(shaped).retyped(),
    }
}

fn shifted<M: Root, T: Held, L: Around<M>>(
    of: Dynamic<M, L>,
    (rows, behind): (u32, bool),
    otherwise: Option<&Expr>,
    shaped: impl Fn(window::Window<M, L>) -> window::Window<M, L>,
) -> Computed<M, Stored, PerWindow<L>>
where
    Option<T>: HoldsComparable,
{
    let of: Computed<M, Option<T>, L> = of.into_stored().retyped();
    match (otherwise, behind) {
        (None, true) => of.lead(rows).over(shaped).retyped(),
        (None, false) => of.lag(rows).over(shaped).retyped(),
        (Some(Expr::Literal(datum, _)), true) => of.lead_or(rows, T::from_datum(datum)).over(shaped).retyped(),
        (Some(Expr::Literal(datum, _)), false) => of.lag_or(rows, T::from_datum(datum)).over(shaped).retyped(),
        (Some(other), _) => panic!("{other:?} instead of a value"),
    }
}

fn shaped<M: Root, L: Around<M>>(
    of: &Window,
    slots: &[Slot<M, L>],
    mut rows: window::Window<M, L>,
) -> window::Window<M, L> {
    for part in &of.partition {
        rows = match &slots[number(part)] {
            Slot::Row(value) => rows.partition_by(value.clone().into_stored()),
            Slot::Own(value) => L::parted(rows, value.clone().into_stored()),
        };
    }
    for key in &of.order {
        rows = match &slots[number(&key.value)] {
            Slot::Row(value) => rows.order(sorted_by(value.clone(), key)),
            Slot::Own(value) => L::ordered(rows, sorted_by(value.clone(), key)),
        };
    }
    framed_as(rows, of)
}

/// A condition on one value.
pub fn condition<M: Model>(value: Dynamic<M, PerRow>, of: &Cond) -> Condition<M> {
    match of {
        Cond::Null(_, negated) => {
            let value: Computed<M, Option<String>> = value.into_stored().retyped();
            if *negated { value.is_not_null() } else { value.is_null() }
        }
        Cond::Compare(_, comparison, Expr::Literal(datum, _)) => compared(value, *comparison, Err(datum)),
        other => panic!("{other:?} is not of one value"),
    }
}
