//! What is computed of all that a chain gives: values over the groups around each group, and aggregates. As data, at random, and what
//! they are; `derived_typed.rs` says how they are written.

use super::answer::{self, Answer, Nested};
use super::datum::Datum;
use super::eval::Result;
use super::generate::{Place, aggregate, expr, group, is_rounded, root};
use super::generate_chain::{chain_of, having, item};
use super::random::Random;
use super::slots::{self, Slot, aggregate_of, filter};
use super::terminals::Terminal;
use super::tree::{Aggregate, Chain, Expr, Item, Load};
use super::types::Type;
use super::windows::Window;
use super::world::World;

#[derive(Debug, Clone, PartialEq)]
pub enum Derived {
    /// A value over the groups around each, beside what they are grouped by and the first value of each.
    Windows { chain: Chain, window: Window, terminal: Terminal },
    /// Two aggregates of the last value that a chain gives.
    Aggregates { chain: Chain, of: [Aggregate; 2] },
}

/// The types of what is aggregated again.
const AGGREGATED: [Type; 5] = [Type::Int, Type::Real, Type::Text, Type::Decimal, Type::ChronoDate];

impl Derived {
    pub fn random(random: &mut Random) -> Self {
        if random.chance(60) { Self::windows(random) } else { Self::aggregates(random) }
    }

    fn windows(random: &mut Random) -> Self {
        let table = root(random);
        let place = Place::of(table);
        let keys: Vec<Item> = (0..*random.pick(&[0, 1, 1, 1, 2, 2])).map(|_| item(random, place, false)).collect();
        let values: Vec<Item> =
            (0..random.below(3) + 1).map(|_| Item { value: group(random, place, 1), alias: None }).collect();
        let slot = |taken| move |item: &Item| Slot { of: item.value.of(), taken, exact: !is_rounded(&item.value) };
        let slots: Vec<_> = keys.iter().map(slot(false)).chain(values.iter().map(slot(true))).collect();
        let window = slots::window(random, &slots, true);
        let having = having(random, place);
        let chain = chain_of(random, table, Load::Groups { keys, aggregates: values, having });
        let terminal = match random.below(10) {
            0 => Terminal::Count,
            1 => Terminal::First,
            2 => Terminal::Last,
            3 => Terminal::Stream,
            4 => Terminal::Again,
            5 => Terminal::One,
            _ => Terminal::All,
        };
        Self::Windows { chain, window, terminal }
    }

    fn aggregates(random: &mut Random) -> Self {
        let table = root(random);
        let place = Place::of(table);
        let of = *random.pick(&AGGREGATED);
        let depth = *random.pick(&[0, 1, 2]);
        let row = |random: &mut Random| Item { value: expr(random, place, of, depth), alias: None };
        let load = match random.below(4) {
            0 => Load::Fields(vec![row(random)]),
            1 => Load::Distinct(vec![row(random)]),
            kind => {
                let keys = (0..kind - 2).map(|_| item(random, place, false)).collect();
                let value = aggregate(random, place, of, 1).expect("a type that can be compared");
                let value = Item { value: Expr::Aggregate(Box::new(value)), alias: None };
                Load::Groups { keys, aggregates: vec![value], having: having(random, place) }
            }
        };
        let chain = chain_of(random, table, load);
        let slot = Slot { of, taken: true, exact: !is_rounded(chain.value()) };
        let mut one = || {
            let aggregate = aggregate_of(random, 0, slot, false);
            let filter = random.chance(25).then(|| filter(random, 0, of));
            Aggregate { distinct: random.chance(20), filter, ..aggregate }
        };
        let of = [one(), one()];
        Self::Aggregates { chain, of }
    }

    pub const fn chain(&self) -> &Chain {
        match self {
            Self::Windows { chain, .. } | Self::Aggregates { chain, .. } => chain,
        }
    }

    pub const fn terminal(&self) -> &Terminal {
        match self {
            Self::Windows { terminal, .. } => terminal,
            Self::Aggregates { .. } => &Terminal::All,
        }
    }

    pub fn expected(&self, world: &World) -> Result<Answer> {
        let answer = answer::answer(world, self.chain())?;
        match self {
            Self::Windows { chain, window, .. } => around(answer, chain, window),
            Self::Aggregates { of, .. } => {
                let last = |row| values(row).pop().into_iter().collect();
                let rows: Vec<Vec<Datum>> = answer.rows.into_iter().map(last).collect();
                let one =
                    |of: &Aggregate| -> Result<Nested> { Ok(Nested::Value(slots::aggregate(&rows, of)?, of.of())) };
                let row = Nested::Tuple(of.iter().map(one).collect::<Result<_>>()?);
                Ok(Answer { rows: vec![row.clone()], ordered: true, all: vec![row] })
            }
        }
    }
}

/// The groups with a value over those around each.
fn around(answer: Answer, chain: &Chain, window: &Window) -> Result<Answer> {
    let Load::Groups { keys, .. } = &chain.load else { panic!("{chain:?} gives no groups") };
    let all: Vec<Vec<Datum>> = answer.all.into_iter().map(values).collect();
    // Equal groups come in the order of what they are grouped by.
    let mut places: Vec<usize> = (0..all.len()).collect();
    let by_key = |a: &[Datum], b: &[Datum]| {
        let both = a.iter().zip(b).take(keys.len());
        both.fold(std::cmp::Ordering::Equal, |so_far, (a, b)| so_far.then(a.sort(b)))
    };
    places.sort_by(|a, b| by_key(&all[*a], &all[*b]));
    let sorted: Vec<_> = places.iter().map(|place| all[*place].clone()).collect();
    let mut over = vec![Datum::Null; all.len()];
    for (place, value) in places.into_iter().zip(slots::windows(&sorted, window)?) {
        over[place] = value;
    }
    let given = keys.len() + 1;
    let Load::Groups { aggregates, .. } = &chain.load else { panic!("{chain:?} gives no groups") };
    let types: Vec<Type> = keys.iter().chain(aggregates).map(|item| item.value.of()).take(given).collect();
    let nested = |(row, over): (Vec<Datum>, Datum)| {
        let values = row.into_iter().zip(&types).map(|(value, of)| Nested::Value(value, *of));
        Nested::Tuple(values.chain([Nested::Value(over, window.of())]).collect())
    };
    let all: Vec<Nested> = all.into_iter().zip(over).map(nested).collect();
    let limit = chain.slice.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
    let rows = all.iter().skip(usize::try_from(chain.slice.offset).unwrap()).take(limit).cloned().collect();
    Ok(Answer { rows, ordered: answer.ordered, all })
}

/// The values of a row of values.
pub fn values(row: Nested) -> Vec<Datum> {
    match row {
        Nested::Value(value, _) => vec![value],
        Nested::Tuple(parts) => parts.into_iter().flat_map(values).collect(),
        other => panic!("{other:?} is no row of values"),
    }
}
