//! Values over windows written with the library.

use sqliter::bounds::{Computed, Frames, HoldsComparable, PerRow, PerWindow};
use sqliter::window::{self, UnfinishedWindow, following, preceding};
use sqliter::{Condition, all, case_when};

use super::access::Root;
use super::subqueries::outer;
use super::tree::{Cond, Expr, RowList};
use super::typed::{Dynamic, Side, aggregated, order, value};
use super::types::{Held, Stored, each_type};
use super::windows::{Edge, Exclude, Over, Unit, Window};

type OverRows<M> = window::Window<M>;

impl<M: Root> Side<M> for PerWindow {
    fn leaf(columns: &M::Columns<M>, expr: &Expr) -> Dynamic<M, Self> {
        match expr {
            Expr::Window(window) => over(columns, window),
            // What a row has by itself, beside what depends on the rows around it.
            own => {
                let own = <PerRow as Side<M>>::leaf(columns, own);
                Dynamic::new(own.of(), case_when(always(), own.into_stored()).end().retyped())
            }
        }
    }

    fn test(columns: &M::Columns<M>, cond: &Cond) -> Condition<M, Self> {
        always() & <PerRow as Side<M>>::test(columns, cond)
    }

    fn in_rows(columns: &M::Columns<M>, values: &[Expr; 2], list: &RowList) -> Condition<M, Self> {
        always() & <PerRow as Side<M>>::in_rows(columns, values, list)
    }
}

fn always<M>() -> Condition<M, PerWindow> {
    all([])
}

fn over<M: Root>(columns: &M::Columns<M>, of: &Window) -> Dynamic<M, PerWindow> {
    let shaped = |rows: OverRows<M>| shaped(columns, of, rows);
    let result: Computed<M, Stored, PerWindow> = match &of.function {
        Over::Aggregate(aggregate) => aggregated::<M>(columns, aggregate).into_stored().over(shaped),
        Over::RowNumber => window::row_number().over(shaped).retyped(),
        Over::Rank => window::rank().over(shaped).retyped(),
        Over::DenseRank => window::dense_rank().over(shaped).retyped(),
        Over::PercentRank => window::percent_rank().over(shaped).retyped(),
        Over::CumeDist => window::cume_dist().over(shaped).retyped(),
        Over::Ntile(parts) => window::ntile(*parts).over(shaped).retyped(),
        Over::Shifted(value, by, behind, otherwise) => {
            each_type!(value.of(), T => shifted::<M, T>(columns, (value, *by, *behind), otherwise.as_ref(), shaped))
        }
        Over::First(inner) => value::<M, PerRow>(columns, inner).into_stored().first_value().over(shaped).retyped(),
        Over::Last(inner) => value::<M, PerRow>(columns, inner).into_stored().last_value().over(shaped).retyped(),
        Over::Nth(inner, nth) => {
            value::<M, PerRow>(columns, inner).into_stored().nth_value(*nth).over(shaped).retyped()
        }
    };
    Dynamic::new(of.of(), result)
}

fn shifted<M: Root, T: Held>(
    columns: &M::Columns<M>,
    (of, rows, behind): (&Expr, u32, bool),
    otherwise: Option<&Expr>,
    shaped: impl Fn(OverRows<M>) -> OverRows<M>,
) -> Computed<M, Stored, PerWindow>
where
    Option<T>: HoldsComparable,
{
    let of: Computed<M, Option<T>> = value::<M, PerRow>(columns, of).into_stored().retyped();
    macro_rules! or {
        ($otherwise:expr) => {{
            let otherwise = $otherwise;
            if behind {
                finished(of.lead_or(rows, otherwise), shaped)
            } else {
                finished(of.lag_or(rows, otherwise), shaped)
            }
        }};
    }
    match otherwise {
        None if behind => finished(of.lead(rows), shaped),
        None => finished(of.lag(rows), shaped),
        Some(Expr::Literal(datum, _)) => or!(T::from_datum(datum)),
        Some(Expr::Outer { up, table, value }) => or!(outer(*up, *table, value).retyped::<Option<T>>()),
        Some(other) => or!(value::<M, PerRow>(columns, other).into_stored().retyped::<Option<T>>()),
    }
}

fn finished<M: Root, T>(
    function: UnfinishedWindow<M, T>,
    shaped: impl Fn(OverRows<M>) -> OverRows<M>,
) -> Computed<M, Stored, PerWindow> {
    function.over(shaped).retyped()
}

fn shaped<M: Root>(columns: &M::Columns<M>, of: &Window, mut rows: OverRows<M>) -> OverRows<M> {
    if let [first, second] = &of.partition[..] {
        let part = |part| value::<M, PerRow>(columns, part).into_stored();
        rows = rows.partition_by((part(first), part(second)));
    } else {
        for part in &of.partition {
            rows = rows.partition_by(value::<M, PerRow>(columns, part).into_stored());
        }
    }
    for key in &of.order {
        rows = rows.order(order::<M, PerRow>(columns, key));
    }
    framed_as(rows, of)
}

/// With the frame of a window.
pub fn framed_as<M, L>(mut rows: window::Window<M, L>, of: &Window) -> window::Window<M, L> {
    if let Some(frame) = of.frame {
        let edge = |edge| match edge {
            Edge::Preceding(distance) => preceding(distance),
            Edge::Following(distance) => following(distance),
            Edge::Beginning | Edge::Current | Edge::End => window::current_row(),
        };
        let (start, end) = (edge(frame.start), edge(frame.end));
        rows = match (frame.start, frame.end) {
            (Edge::Beginning, Edge::End) => framed(rows, frame.unit, ..),
            (Edge::Beginning, _) => framed(rows, frame.unit, ..=end),
            (_, Edge::End) => framed(rows, frame.unit, start..),
            _ => framed(rows, frame.unit, start..=end),
        };
    }
    match of.exclude {
        None => rows,
        Some(Exclude::CurrentRow) => rows.exclude_current_row(),
        Some(Exclude::Group) => rows.exclude_group(),
        Some(Exclude::Ties) => rows.exclude_ties(),
    }
}

fn framed<M, L>(rows: window::Window<M, L>, unit: Unit, frame: impl Frames) -> window::Window<M, L> {
    match unit {
        Unit::Rows => rows.rows(frame),
        Unit::Range => rows.range(frame),
        Unit::Groups => rows.groups(frame),
    }
}
