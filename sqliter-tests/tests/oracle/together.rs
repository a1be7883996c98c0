//! Several chains that give the same, taken together: as data, at random, and what they give. `together_typed.rs` says how they
//! are written.

use super::answer::{self, Around, Nested, by};
use super::catalog::TableId;
use super::datum::Datum;
use super::eval::{Result, Undefined};
use super::generate::{Place, aggregate, cond, expr};
use super::generate_chain::{row_key, slice};
use super::random::Random;
use super::terminals::Terminal;
use super::tree::{Chain, Deleted, Expr, Item, Load, Nulls, Slice, SortKey};
use super::types::{COMPARABLE, Type};
use super::windows::window;
use super::world::World;

/// Chains that are taken one after the other with what those before have given.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    pub gives: Gives,
    pub first: Chain,
    pub others: Vec<Other>,
    pub slice: Slicing,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    /// What a limit has left so far.
    pub so_far: Option<Slicing>,
    pub how: How,
    pub chain: Chain,
}

/// What each of the chains gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gives {
    One(Type),
    Two(Type, Type),
    Rows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    UnionAll,
    Union,
    Intersect,
    Except,
}

/// Order by the values at some positions, limit and offset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slicing {
    pub keys: Vec<Key>,
    pub limit: Option<u64>,
    pub offset: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    pub position: usize,
    pub descending: bool,
    pub nulls: Option<Nulls>,
}

/// The tables that chains of values are over, and those of whole rows, in which everything can be sorted by.
pub const TABLES: [TableId; 3] = [TableId::Person, TableId::Book, TableId::Tag];

impl Together {
    pub fn random(random: &mut Random) -> Self {
        let gives = match random.below(5) {
            0 | 1 => Gives::One(*random.pick(COMPARABLE)),
            2 | 3 => Gives::Two(*random.pick(COMPARABLE), *random.pick(COMPARABLE)),
            _ => Gives::Rows,
        };
        let table = *random.pick(&[TableId::Person, TableId::Tag]);
        let first = chain(random, gives, table);
        let width = gives.types(table).len();
        let others = (0..*random.pick(&[1, 1, 2, 3])).map(|_| Other {
            so_far: Some(slicing(random, width)).filter(|so_far| so_far.limits() && random.chance(40)),
            how: *random.pick(&[How::UnionAll, How::UnionAll, How::Union, How::Intersect, How::Except]),
            chain: chain(random, gives, table),
        });
        let mut others: Vec<_> = others.collect();
        // A limit of the first chain is its own.
        others[0].so_far = None;
        Self { gives, first, others, slice: slicing(random, width) }
    }

    pub fn terminals(random: &mut Random) -> Vec<Terminal> {
        let other = match random.below(10) {
            0 | 1 => Terminal::Count,
            2 => Terminal::Exists,
            3 => Terminal::First,
            4 => Terminal::Last,
            5 => Terminal::One,
            6 => Terminal::Stream,
            7 => Terminal::Required,
            _ => Terminal::Pages((0..random.below(3) + 1).map(|_| random.below(4) as u64 + 1).collect()),
        };
        vec![Terminal::All, other]
    }

    /// What all give, as one chain would.
    pub fn answer(&self, world: &World) -> Result<answer::Answer> {
        let given = |chain: &Chain| {
            let around = Around { world, row: None, windows: &[] };
            Ok(answer::inside(around, chain)?.rows.into_iter().map(values).collect::<Vec<_>>())
        };
        let mut rows = given(&self.first)?;
        let all: Vec<_> = self.others.iter().map(|other| given(&other.chain)).collect::<Result<_>>()?;
        for (Other { so_far, how, .. }, other) in self.others.iter().zip(all) {
            if let Some(so_far) = so_far {
                rows = so_far.of(rows);
            }
            let same = |a: &[Datum], b: &[Datum]| a.iter().zip(b).all(|(a, b)| a.sort(b).is_eq());
            let has = |list: &[Vec<Datum>], row: &[Datum]| list.iter().any(|other| same(other, row));
            let taken: Vec<_> = match how {
                How::UnionAll | How::Union => rows.into_iter().chain(other).collect(),
                How::Intersect => rows.into_iter().filter(|row| has(&other, row)).collect(),
                How::Except => rows.into_iter().filter(|row| !has(&other, row)).collect(),
            };
            rows = Vec::new();
            for row in taken {
                if *how == How::UnionAll || !has(&rows, &row) {
                    rows.push(row);
                }
            }
        }
        let all = Slicing { limit: None, offset: 0, ..self.slice.clone() }.of(rows);
        let types = self.gives.types(self.first.root);
        let nested = |rows: Vec<Vec<Datum>>| rows.into_iter().map(|row| self.gives.nested(row, &types)).collect();
        let ordered = !self.slice.keys.is_empty() || self.slice.limits();
        let limited = self.slice.of(all.clone());
        Ok(answer::Answer { rows: nested(limited), ordered, all: nested(all) })
    }
}

/// The values of a row of any kind.
fn values(row: Nested) -> Vec<Datum> {
    match row {
        Nested::Value(value, _) => vec![value],
        Nested::Row(values) => values,
        Nested::Tuple(parts) => parts.into_iter().flat_map(values).collect(),
        other => panic!("{other:?} is not one of several values"),
    }
}

impl Gives {
    /// The types of the values.
    pub fn types(self, table: TableId) -> Vec<Type> {
        match self {
            Self::One(of) => vec![of],
            Self::Two(first, second) => vec![first, second],
            Self::Rows => table.table().columns.iter().map(|column| column.of).collect(),
        }
    }

    fn nested(self, row: Vec<Datum>, types: &[Type]) -> Nested {
        match self {
            Self::One(of) => Nested::Value(row[0].clone(), of),
            Self::Two(..) => {
                Nested::Tuple(row.into_iter().zip(types).map(|(value, of)| Nested::Value(value, *of)).collect())
            }
            Self::Rows => Nested::Row(row),
        }
    }
}

impl Slicing {
    pub const fn limits(&self) -> bool {
        self.limit.is_some() || self.offset > 0
    }

    /// In the order of the keys, and then in that of all values.
    fn of(&self, mut rows: Vec<Vec<Datum>>) -> Vec<Vec<Datum>> {
        let mut keys = self.keys.clone();
        let descending = keys.last().is_some_and(|key| key.descending);
        for position in 0..rows.first().map_or(0, Vec::len) {
            if keys.iter().all(|key| key.position != position) {
                keys.push(Key { position, descending, nulls: None });
            }
        }
        let order: Vec<_> = keys
            .iter()
            .map(|key| {
                let value = Expr::Literal(Datum::Null, Type::Int);
                SortKey { value, descending: key.descending, nulls: key.nulls }
            })
            .collect();
        let sorted = |row: &[Datum]| keys.iter().map(|key| row[key.position].clone()).collect::<Vec<_>>();
        rows.sort_by(|a, b| by(&order, &sorted(a), &sorted(b)));
        let limit = self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
        rows.into_iter().skip(usize::try_from(self.offset).unwrap()).take(limit).collect()
    }
}

fn slicing(random: &mut Random, width: usize) -> Slicing {
    Slicing {
        keys: (0..*random.pick(&[0, 1, 1, 2]))
            .map(|_| Key {
                position: random.below(width),
                descending: random.chance(45),
                nulls: random.chance(25).then(|| *random.pick(&[Nulls::First, Nulls::Last])),
            })
            .collect(),
        limit: random.chance(35).then(|| random.below(6) as u64),
        offset: if random.chance(25) { random.below(4) as u64 } else { 0 },
    }
}

/// One of the chains.
fn chain(random: &mut Random, gives: Gives, table: TableId) -> Chain {
    let root = if gives == Gives::Rows { table } else { *random.pick(&TABLES) };
    let place = Place::of(root);
    let item = |random: &mut Random, of| {
        let depth = *random.pick(&[0, 0, 1, 2]);
        Item { value: expr(random, place, of, depth), alias: None }
    };
    let load = match gives {
        Gives::Rows => Load::Rows,
        Gives::One(of) => match random.below(4) {
            0 => Load::Distinct(vec![item(random, of)]),
            1 => Load::Fields(vec![window_of(random, place, of).unwrap_or_else(|| item(random, of))]),
            _ => Load::Fields(vec![item(random, of)]),
        },
        Gives::Two(first, second) => match aggregate(random, place, second, 0).filter(|_| random.chance(35)) {
            Some(aggregate) => {
                let aggregate = Item { value: Expr::Aggregate(Box::new(aggregate)), alias: None };
                Load::Groups { keys: vec![item(random, first)], aggregates: vec![aggregate], having: Vec::new() }
            }
            None => Load::Fields(vec![item(random, first), item(random, second)]),
        },
    };
    let is_grouped = !matches!(load, Load::Rows | Load::Fields(_));
    let mut slice = slice(random, |random| row_key(random, place));
    if is_grouped || random.chance(50) {
        slice = Slice { order: Vec::new(), ..slice };
    }
    if random.chance(50) {
        slice = Slice::default();
    }
    let filters = (0..random.below(2)).map(|_| cond(random, place, 1)).collect();
    let deleted = if root.table().soft.is_some() && random.chance(20) { Deleted::Included } else { Deleted::LeftOut };
    Chain { root, deleted, filters, qualify: Vec::new(), before: None, load, slice }
}

/// A value over a window that happens to have the type.
fn window_of(random: &mut Random, place: Place<'_>, of: Type) -> Option<Item> {
    let found = (0..8).map(|_| window(random, place)).find(|window| window.of() == of)?;
    Some(Item { value: Expr::Window(Box::new(found)), alias: None })
}

/// Pages cannot begin between rows that are equal in everything.
pub fn has_twins(rows: &[Nested]) -> bool {
    rows.iter().enumerate().any(|(i, row)| rows[..i].contains(row))
}

/// Whether it is defined what is right.
pub fn answer_for(together: &Together, world: &World, terminal: &Terminal) -> Result<answer::Answer> {
    let answer = together.answer(world)?;
    if matches!(terminal, Terminal::Pages(_)) && has_twins(&answer.all) {
        return Err(Undefined);
    }
    Ok(answer)
}
