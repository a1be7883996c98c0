//! Windows over rows that are values themselves: groups, and pairs of rows. As data and at random, and what they mean;
//! `slots_typed.rs` says how they are written.

use std::sync::LazyLock;

use super::catalog::TableId;
use super::datum::Datum;
use super::eval::{Result, Scope};
use super::random::Random;
use super::tree::{Aggregate, Comparison, Cond, Expr, Function, Nulls, SortKey};
use super::types::{Numbers, Type};
use super::values::value;
use super::windows::{Edge, Exclude, Frame, Over, Unit, Window, frame};
use super::world::{Row, World};

/// A value that each of the rows has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    pub of: Type,
    /// Whether functions take it; else rows are parted and sorted by it alone.
    pub taken: bool,
    /// Whether a sum of it does not depend on the order.
    pub exact: bool,
}

/// The slot with a number as an expression. The first column of such a row is its place.
pub const fn slot(number: usize, of: Type) -> Expr {
    Expr::Column { path: 0, column: number + 1, of }
}

/// The number of a slot.
pub fn number(of: &Expr) -> usize {
    match of {
        Expr::Column { path: 0, column, .. } => column - 1,
        other => panic!("{other:?} is no slot"),
    }
}

/// Rows of values in their order, as those that expressions over slots are of.
fn numbered(rows: &[Vec<Datum>]) -> Vec<Row> {
    let place = |place: usize| Datum::Int(i64::try_from(place).unwrap());
    rows.iter().enumerate().map(|(i, row)| std::iter::once(place(i)).chain(row.iter().cloned()).collect()).collect()
}

/// What a scope is of that has no tables.
fn nowhere<'w>(rows: &'w [&'w Row], windows: &'w [&'w Row]) -> Scope<'w> {
    static NOTHING: LazyLock<World> = LazyLock::new(World::default);
    Scope { world: &NOTHING, table: TableId::Tag, rows, windows, around: None }
}

/// The value of each row over a window; the rows come in the order in which equal ones are taken.
pub fn windows(rows: &[Vec<Datum>], window: &Window) -> Result<Vec<Datum>> {
    let rows = numbered(rows);
    let all: Vec<&Row> = rows.iter().collect();
    all.iter().map(|row| nowhere(std::slice::from_ref(row), &all).window(window)).collect()
}

/// An aggregate of all rows.
pub fn aggregate(rows: &[Vec<Datum>], aggregate: &Aggregate) -> Result<Datum> {
    let rows = numbered(rows);
    let all: Vec<&Row> = rows.iter().collect();
    nowhere(&all, &[]).aggregate(aggregate)
}

/// A window over rows with these values. Over groups there are fewer functions.
pub fn window(random: &mut Random, slots: &[Slot], groups: bool) -> Window {
    let any = |random: &mut Random| {
        let number = random.below(slots.len());
        slot(number, slots[number].of)
    };
    let sorted = |random: &mut Random, value| SortKey {
        value,
        descending: random.chance(45),
        nulls: random.chance(25).then(|| *random.pick(&[Nulls::First, Nulls::Last])),
    };
    let function = function(random, slots, groups);
    if slots.is_empty() {
        return Window { function, partition: Vec::new(), order: Vec::new(), frame: None, exclude: None };
    }
    let partition = (0..*random.pick(&[0, 0, 1, 1, 2])).map(|_| any(random)).collect();
    let mut order: Vec<_> = (0..*random.pick(&[0, 1, 1, 1, 2]))
        .map(|_| {
            let value = any(random);
            sorted(random, value)
        })
        .collect();
    let mut framed = random.chance(45).then(|| frame(random));
    if let Some(Frame { unit: Unit::Range, start, end }) = framed
        && [start, end].iter().any(|edge| matches!(edge, Edge::Preceding(_) | Edge::Following(_)))
    {
        let is_number = |of: Type| matches!(of.numbers(), Some(Numbers::Whole | Numbers::Floating));
        let numbers: Vec<usize> = (0..slots.len()).filter(|number| is_number(slots[*number].of)).collect();
        if numbers.is_empty() {
            framed = None;
        } else {
            let number = *random.pick(&numbers);
            order = vec![sorted(random, slot(number, slots[number].of))];
        }
    }
    let exclude = random.chance(15).then(|| *random.pick(&[Exclude::CurrentRow, Exclude::Group, Exclude::Ties]));
    Window { function, partition, order, frame: framed, exclude }
}

fn function(random: &mut Random, slots: &[Slot], groups: bool) -> Over {
    let taken: Vec<usize> = (0..slots.len()).filter(|number| slots[*number].taken).collect();
    let kind = if taken.is_empty() { random.below(6) } else { random.below(20) };
    let number = if taken.is_empty() { 0 } else { *random.pick(&taken) };
    let own = || slot(number, slots[number].of);
    match kind {
        0 | 1 => Over::RowNumber,
        2 => Over::Rank,
        3 => Over::DenseRank,
        4 if random.chance(50) => Over::PercentRank,
        4 => Over::CumeDist,
        5 => Over::Ntile(*random.pick(&[1, 2, 3, 100])),
        6..12 => Over::Aggregate(aggregate_of(random, number, slots[number], groups)),
        12..16 => {
            let otherwise = random.chance(40).then(|| Expr::Literal(value(random, slots[number].of), slots[number].of));
            let rows = *random.pick(&[0, 1, 1, 2, 3, u32::MAX]);
            Over::Shifted(own(), rows, random.chance(50), otherwise)
        }
        16 | 17 => Over::First(own()),
        18 => Over::Last(own()),
        _ => Over::Nth(own(), *random.pick(&[1, 2, 3])),
    }
}

/// An aggregate of a slot.
pub fn aggregate_of(random: &mut Random, number: usize, of: Slot, groups: bool) -> Aggregate {
    use Function::*;
    let mut functions = vec![Minimum, Maximum];
    if !groups {
        functions.push(Count);
    }
    if of.exact && of.of.numbers().is_some() {
        functions.extend([Sum, Average]);
        if !groups {
            functions.push(Total);
        }
    }
    let function = *random.pick(&functions);
    Aggregate { function, value: Some(slot(number, of.of)), distinct: false, filter: None }
}

/// A condition on a slot, for aggregates of some of the rows.
pub fn filter(random: &mut Random, number: usize, of: Type) -> Cond {
    use Comparison::*;
    let own = slot(number, of);
    match random.below(4) {
        0 => Cond::Null(own, random.chance(50)),
        _ => {
            let by = *random.pick(&[Eq, Ne, Lt, Le, Gt, Ge]);
            Cond::Compare(own, by, Expr::Literal(value(random, of), of))
        }
    }
}
