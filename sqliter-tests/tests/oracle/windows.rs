//! Values over windows, as data and at random; `windows_of_rows.rs` says what they mean, `windows_typed.rs` how they are written.

use super::generate::{Place, aggregate, cond, expr, literal, operand, some_type};
use super::generate_chain::{row_key, slice};
use super::random::Random;
use super::tree::{Aggregate, Arithmetic, Chain, Comparison, Cond, Expr, Load, Slice, SortKey};
use super::types::Type;
use super::values::value;

/// A function over the rows around each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub function: Over,
    pub partition: Vec<Expr>,
    pub order: Vec<SortKey>,
    pub frame: Option<Frame>,
    pub exclude: Option<Exclude>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Over {
    Aggregate(Aggregate),
    RowNumber,
    Rank,
    DenseRank,
    PercentRank,
    CumeDist,
    Ntile(u32),
    /// Of the row so many rows before or, with `true`, behind; else the other value.
    Shifted(Expr, u32, bool, Option<Expr>),
    First(Expr),
    Last(Expr),
    Nth(Expr, u32),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub unit: Unit,
    pub start: Edge,
    pub end: Edge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Rows,
    Range,
    Groups,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Beginning,
    Preceding(u64),
    Current,
    Following(u64),
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclude {
    CurrentRow,
    Group,
    Ties,
}

/// Rows chosen by a condition on windows over those that a limit has left, and what is asked of the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Qualify {
    pub before: Slice,
    pub test: Cond,
    pub filters: Vec<Cond>,
}

impl Window {
    pub fn of(&self) -> Type {
        match &self.function {
            Over::Aggregate(aggregate) => aggregate.of(),
            Over::RowNumber | Over::Rank | Over::DenseRank | Over::Ntile(_) => Type::Int,
            Over::PercentRank | Over::CumeDist => Type::Real,
            Over::Shifted(value, ..) | Over::First(value) | Over::Last(value) | Over::Nth(value, _) => value.of(),
        }
    }
}

impl Chain {
    /// The order of its rows: one that comes with a limit before `qualify` stays.
    pub fn whole_slice(&self) -> Slice {
        let mut slice = self.slice.clone();
        let before = self.qualify.iter().flat_map(|qualify| qualify.before.order.iter().cloned());
        slice.order = before.chain(slice.order).collect();
        slice
    }

    /// Whether it has no pages, as it is sorted by windows or gives values over some.
    pub fn has_no_pages(&self) -> bool {
        let selected = match &self.load {
            Load::Fields(items) => items.iter().any(|item| item.value.has_window()),
            Load::Values(item) => item.value.has_window(),
            _ => false,
        };
        selected || self.slice.order.iter().any(|key| key.value.has_window())
    }
}

impl Expr {
    /// Whether it is over windows, at the places where the generator puts them.
    pub fn has_window(&self) -> bool {
        match self {
            Self::Window(_) => true,
            Self::Arithmetic(left, ..) => left.has_window(),
            Self::Coalesce(first, _) => first.has_window(),
            Self::Truth(condition) => condition.has_window(),
            _ => false,
        }
    }
}

impl Cond {
    pub fn has_window(&self) -> bool {
        match self {
            Self::Compare(value, ..) | Self::Null(value, _) | Self::InList(value, ..) => value.has_window(),
            Self::And(a, b) | Self::Or(a, b) => a.has_window() || b.has_window(),
            Self::Not(inner) => inner.has_window(),
            _ => false,
        }
    }
}

/// A value over windows, or what is computed from one.
pub fn windowed(random: &mut Random, table: Place<'_>) -> Expr {
    let window = window(random, table);
    let of = window.of();
    let window = Expr::Window(Box::new(window));
    match random.below(10) {
        0 if matches!(of, Type::Int | Type::Real | Type::Decimal) => {
            let by = *random.pick(&[Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply]);
            let right = if random.chance(50) { literal(random, of) } else { expr(random, table, of, 0) };
            Expr::Arithmetic(Box::new(window), by, Box::new(right), of)
        }
        1 => Expr::Coalesce(Box::new(window), Box::new(operand(random, table, of, 0))),
        2 => Expr::Truth(Box::new(qualified(random, table))),
        _ => window,
    }
}

/// A condition on windows.
pub fn qualified(random: &mut Random, table: Place<'_>) -> Cond {
    use Comparison::*;
    let window = window(random, table);
    let of = window.of();
    let left = Expr::Window(Box::new(window));
    let comparison = *random.pick(&[Eq, Ne, Lt, Le, Gt, Ge]);
    let test = match random.below(8) {
        0 => Cond::Null(left, random.chance(50)),
        1 => Cond::InList(left, (0..random.below(4)).map(|_| value(random, of)).collect(), random.chance(40)),
        2 | 3 => Cond::Compare(left, comparison, expr(random, table, of, 0)),
        _ => Cond::Compare(left, comparison, literal(random, of)),
    };
    match random.below(8) {
        0 => Cond::Not(Box::new(test)),
        1 => Cond::And(Box::new(test), Box::new(cond(random, table, 1))),
        2 => Cond::Or(Box::new(test), Box::new(cond(random, table, 0))),
        _ => test,
    }
}

/// A step of a chain that chooses rows by windows.
pub fn qualify(random: &mut Random, table: Place<'_>, limited: bool) -> Qualify {
    let before = if limited && random.chance(25) { slice(random, |r| row_key(r, table)) } else { Slice::default() };
    let before = if before.limit.is_some() || before.offset > 0 { before } else { Slice::default() };
    let filters = (0..random.below(5) / 4).map(|_| cond(random, table, 1)).collect();
    Qualify { before, test: qualified(random, table), filters }
}

pub fn window(random: &mut Random, table: Place<'_>) -> Window {
    let function = function(random, table);
    let some = |random: &mut Random| {
        let of = some_type(random, table);
        let depth = *random.pick(&[0, 0, 0, 1]);
        expr(random, table, of, depth)
    };
    let partition = (0..*random.pick(&[0, 0, 1, 1, 2])).map(|_| some(random)).collect();
    let mut order: Vec<_> = (0..*random.pick(&[0, 1, 1, 1, 2])).map(|_| row_key(random, table)).collect();
    let frame = random.chance(45).then(|| frame(random));
    if let Some(Frame { unit: Unit::Range, start, end }) = frame
        && [start, end].iter().any(|edge| matches!(edge, Edge::Preceding(_) | Edge::Following(_)))
    {
        // A distance is one between numbers.
        let of = *random.pick(&[Type::Int, Type::Int, Type::Small, Type::Byte, Type::Real, Type::Single]);
        order = vec![SortKey { value: expr(random, table, of, 1), ..row_key(random, table) }];
    }
    let exclude = random.chance(15).then(|| *random.pick(&[Exclude::CurrentRow, Exclude::Group, Exclude::Ties]));
    Window { function, partition, order, frame, exclude }
}

fn function(random: &mut Random, table: Place<'_>) -> Over {
    let of = some_type(random, table);
    let depth = *random.pick(&[0, 0, 1]);
    match random.below(20) {
        0..7 => loop {
            let of = *random.pick(&[Type::Int, Type::Int, Type::Real, Type::Decimal, of]);
            // SQLite has no different values over windows.
            if let Some(aggregate) = aggregate(random, table, of, depth) {
                return Over::Aggregate(Aggregate { distinct: false, ..aggregate });
            }
        },
        7..9 => Over::RowNumber,
        9 => Over::Rank,
        10 => Over::DenseRank,
        11 if random.chance(50) => Over::PercentRank,
        11 => Over::CumeDist,
        12 => Over::Ntile(*random.pick(&[1, 2, 3, 100])),
        13..17 => {
            let otherwise = random.chance(40).then(|| operand(random, table, of, 0));
            let rows = *random.pick(&[0, 1, 1, 2, 3, u32::MAX]);
            Over::Shifted(expr(random, table, of, depth), rows, random.chance(50), otherwise)
        }
        17 => Over::First(expr(random, table, of, depth)),
        18 => Over::Last(expr(random, table, of, depth)),
        _ => Over::Nth(expr(random, table, of, depth), *random.pick(&[1, 2, 3])),
    }
}

pub fn frame(random: &mut Random) -> Frame {
    let edge = |random: &mut Random, number: usize| {
        let distance = *random.pick(&[0, 1, 1, 2, 9, u64::MAX]);
        [Edge::Beginning, Edge::Preceding(distance), Edge::Current, Edge::Following(distance), Edge::End][number]
    };
    let (start, end) = loop {
        let (start, end) = (random.below(4), random.below(4) + 1);
        if start <= end {
            break (start, end);
        }
    };
    let unit = *random.pick(&[Unit::Rows, Unit::Rows, Unit::Range, Unit::Groups]);
    Frame { unit, start: edge(random, start), end: edge(random, end) }
}
