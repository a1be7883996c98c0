//! Rows joined with those that a to-many relation leads to, and the first of these beside each: as data, at random, and what they are.
//! `pairs_typed.rs` says how they are written.

use super::answer::{Answer, Around, Nested, by, chosen, complete, listed};
use super::catalog::TableId;
use super::datum::Datum;
use super::eval::{Result, Scope, and, compare, not};
use super::generate::{Place, aggregate, cond, expr, is_rounded, root, some_type};
use super::generate_chain::{prefetch, row_key, rows, slice};
use super::random::Random;
use super::slots::{self, Slot};
use super::terminals::Terminal;
use super::tree::{Chain, Comparison, Cond, Expr, Nulls, Prefetch, SortKey, Test, Way};
use super::types::Type;
use super::values::value;
use super::windows::Window;
use super::world::{Row, World};

#[derive(Debug, Clone, PartialEq)]
pub struct Pairing {
    pub chain: Chain,
    pub relation: usize,
    /// Which of the related rows.
    pub rows: Prefetch,
    pub join: Join,
    pub filters: Vec<PairCond>,
    pub order: Vec<PairKey>,
    pub limit: Option<u64>,
    pub offset: u64,
    pub gives: Gives,
    pub terminal: Terminal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    Inner,
    Left,
    /// The first beside each row, which has nothing behind it.
    First,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Gives {
    Both,
    Values(PairValue, PairValue),
    /// A value, and one over a window of values.
    Window(PairValue, Box<Window>, Vec<PairValue>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum PairValue {
    /// Of the row of the chain.
    Own(Expr),
    /// A column of the joined row, or an aggregate of what its relations lead to.
    Other(Expr),
    Coalesce(Box<PairValue>, Box<PairValue>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum PairCond {
    Own(Cond),
    /// A test of what a relation of the joined row leads to.
    Other(Cond),
    Compare(PairValue, Comparison, PairValue),
    With(PairValue, Comparison, Datum),
    Null(PairValue, bool),
    And(Box<PairCond>, Box<PairCond>),
    Or(Box<PairCond>, Box<PairCond>),
    Not(Box<PairCond>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct PairKey {
    pub value: PairValue,
    pub descending: bool,
    pub nulls: Option<Nulls>,
}

impl PairValue {
    pub fn of(&self) -> Type {
        match self {
            Self::Own(expr) | Self::Other(expr) => expr.of(),
            Self::Coalesce(first, _) => first.of(),
        }
    }

    fn is_rounded(&self) -> bool {
        match self {
            Self::Own(expr) | Self::Other(expr) => is_rounded(expr),
            Self::Coalesce(first, second) => first.is_rounded() || second.is_rounded(),
        }
    }
}

/// Both sides of pairs.
#[derive(Clone, Copy)]
struct Sides {
    own: TableId,
    other: TableId,
}

impl Sides {
    fn value(self, random: &mut Random, of: Type, depth: usize) -> PairValue {
        if depth > 0 && random.chance(20) {
            return PairValue::Coalesce(Box::new(self.value(random, of, 0)), Box::new(self.value(random, of, 0)));
        }
        let columns = self.other.table().columns.iter().enumerate();
        let columns: Vec<usize> = columns.filter(|(_, column)| column.of == of).map(|(number, _)| number).collect();
        let manies = &self.other.table().manies;
        if !manies.is_empty() && (random.chance(15) || (columns.is_empty() && random.chance(50))) {
            let relation = random.below(manies.len());
            if let Some(aggregate) = aggregate(random, Place::of(manies[relation].target), of, 0) {
                let (way, aggregate) = (Way::Relation(relation), Box::new(aggregate));
                return PairValue::Other(Expr::Related { path: 0, way, distinct: false, aggregate });
            }
        }
        if !columns.is_empty() && random.chance(60) {
            return PairValue::Other(Expr::Column { path: 0, column: *random.pick(&columns), of });
        }
        PairValue::Own(expr(random, Place::of(self.own), of, depth.min(1)))
    }

    /// A type that one of both has.
    fn some_type(self, random: &mut Random) -> Type {
        let table = if random.chance(60) { self.other } else { self.own };
        some_type(random, Place::of(table))
    }

    fn some_value(self, random: &mut Random) -> PairValue {
        let (of, depth) = (self.some_type(random), random.below(2));
        self.value(random, of, depth)
    }

    fn cond(self, random: &mut Random, depth: usize) -> PairCond {
        use Comparison::*;
        let comparison = *random.pick(&[Eq, Ne, Lt, Le, Gt, Ge]);
        match random.below(if depth == 0 { 8 } else { 12 }) {
            0 => PairCond::Own(cond(random, Place::of(self.own), 1)),
            1 if !self.other.table().manies.is_empty() => {
                let relation = random.below(self.other.table().manies.len());
                let target = self.other.table().manies[relation].target;
                let test = *random.pick(&[Test::Any, Test::None, Test::All, Test::Exists, Test::IsEmpty]);
                let condition = Box::new(cond(random, Place::of(target), 1));
                PairCond::Other(Cond::Related { path: 0, relation, test, condition })
            }
            1..3 => PairCond::Null(self.some_value(random), random.chance(50)),
            3..5 => {
                let of = self.some_type(random);
                PairCond::Compare(self.value(random, of, 1), comparison, self.value(random, of, 1))
            }
            5..8 => {
                let value_of = self.some_value(random);
                let with = value(random, value_of.of());
                PairCond::With(value_of, comparison, with)
            }
            8 | 9 => PairCond::And(Box::new(self.cond(random, 0)), Box::new(self.cond(random, 0))),
            10 => PairCond::Or(Box::new(self.cond(random, 0)), Box::new(self.cond(random, 0))),
            _ => PairCond::Not(Box::new(self.cond(random, 0))),
        }
    }

    fn key(self, random: &mut Random) -> PairKey {
        let value = self.some_value(random);
        let nulls = random.chance(25).then(|| *random.pick(&[Nulls::First, Nulls::Last]));
        PairKey { value, descending: random.chance(45), nulls }
    }
}

impl Pairing {
    pub fn random(random: &mut Random) -> Self {
        let table = loop {
            let table = root(random);
            if !table.table().manies.is_empty() {
                break table;
            }
        };
        let chain = rows(random, table);
        let relation = random.below(table.table().manies.len());
        let other = table.table().manies[relation].target;
        let (own, sides) = (Place::of(table), Sides { own: table, other });
        let related = prefetch(random, own.inside(other));
        let join = *random.pick(&[Join::Inner, Join::Inner, Join::Left, Join::Left, Join::First]);
        let first = join == Join::First;
        let behind = if first { Default::default() } else { slice(random, |random| row_key(random, own)) };
        let gives = match random.below(4) {
            _ if first => Gives::Both,
            0 | 1 => Gives::Both,
            2 => Gives::Values(sides.some_value(random), sides.some_value(random)),
            _ => {
                let values: Vec<_> = (0..random.below(3) + 1).map(|_| sides.some_value(random)).collect();
                let slot = |value: &PairValue| Slot { of: value.of(), taken: true, exact: !value.is_rounded() };
                let window = slots::window(random, &values.iter().map(slot).collect::<Vec<_>>(), false);
                Gives::Window(sides.some_value(random), Box::new(window), values)
            }
        };
        let terminal = match random.below(10) {
            0 => Terminal::Count,
            1 => Terminal::Exists,
            2 => Terminal::First,
            3 => Terminal::Last,
            4 => Terminal::Stream,
            5 if first => Terminal::Pages(vec![random.below(3) as u64 + 1]),
            5 => Terminal::Required,
            _ => Terminal::All,
        };
        let conditions = if first { 0 } else { random.below(3) };
        Self {
            filters: (0..conditions).map(|_| sides.cond(random, 1)).collect(),
            order: behind.order.iter().map(|_| sides.key(random)).collect(),
            chain,
            relation,
            rows: related,
            join,
            limit: behind.limit,
            offset: behind.offset,
            gives,
            terminal,
        }
    }

    fn target(&self) -> TableId {
        self.chain.root.table().manies[self.relation].target
    }

    pub fn expected(&self, world: &World) -> Result<Answer> {
        let many = &self.chain.root.table().manies[self.relation];
        let mut pairs: Vec<(&Row, Option<&Row>)> = Vec::new();
        // A limit of the first beside each row is one of all that comes: pages do not know it.
        let mut chain = self.chain.clone();
        let (mut limit, mut offset) = (self.limit, self.offset);
        if self.join == Join::First {
            (limit, offset) = (chain.slice.limit.take(), std::mem::take(&mut chain.slice.offset));
        }
        for row in chosen(world, &chain)? {
            let own = [row];
            let scope = Scope { world, table: self.chain.root, rows: &own, windows: &[], around: None };
            let around = Around { world, row: Some(&scope), windows: &[] };
            let related = listed(around, many.target, world.related(many, row), &self.rows)?;
            match self.join {
                Join::First => pairs.push((row, related.first().copied())),
                Join::Left if related.is_empty() => pairs.push((row, None)),
                Join::Left | Join::Inner => pairs.extend(related.into_iter().map(|other| (row, Some(other)))),
            }
        }
        let mut kept = Vec::new();
        for pair in pairs {
            let mut keeps = true;
            for filter in &self.filters {
                keeps &= self.holds(world, pair, filter)? == Some(true);
            }
            if keeps {
                kept.push(pair);
            }
        }
        let own_order = self.chain.whole_slice().order;
        let ordered = !own_order.is_empty() || !self.order.is_empty() || limit.is_some() || offset > 0;
        // The first beside each row come in the order in which the rows were chosen.
        if self.join != Join::First {
            kept = self.sorted(world, kept, &own_order)?;
        }
        let all = self.given(world, &kept)?;
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
        let rows = all.iter().skip(usize::try_from(offset).unwrap()).take(limit).cloned().collect();
        Ok(Answer { rows, ordered, all })
    }

    /// By the keys of the chain, those of the pairs, and then by both primary keys.
    fn sorted<'w>(
        &self,
        world: &'w World,
        pairs: Vec<(&'w Row, Option<&'w Row>)>,
        own: &[SortKey],
    ) -> Result<Vec<(&'w Row, Option<&'w Row>)>> {
        let literal = || Expr::Literal(Datum::Null, Type::Int);
        let key = |descending, nulls| SortKey { value: literal(), descending, nulls };
        let mut keys: Vec<SortKey> = own.iter().map(|of| key(of.descending, of.nulls)).collect();
        keys.extend(self.order.iter().map(|of| key(of.descending, of.nulls)));
        let descending = keys.last().is_some_and(|last| last.descending);
        keys.extend([key(descending, None), key(descending, None)]);
        let mut keyed = Vec::new();
        for (row, other) in pairs {
            let mut values = Vec::new();
            for of in own {
                values.push(self.value(world, (row, other), &PairValue::Own(of.value.clone()))?);
            }
            for of in &self.order {
                values.push(self.value(world, (row, other), &of.value)?);
            }
            values.extend([row[0].clone(), other.map_or(Datum::Null, |other| other[0].clone())]);
            keyed.push((values, (row, other)));
        }
        keyed.sort_by(|(a, _), (b, _)| by(&keys, a, b));
        Ok(keyed.into_iter().map(|(_, pair)| pair).collect())
    }

    fn given(&self, world: &World, pairs: &[(&Row, Option<&Row>)]) -> Result<Vec<Nested>> {
        let value = |pair: (&Row, Option<&Row>), of: &PairValue| -> Result<Nested> {
            Ok(Nested::Value(self.value(world, pair, of)?, of.of()))
        };
        match &self.gives {
            Gives::Both => Ok(pairs
                .iter()
                .map(|(row, other)| {
                    let other = other.map_or(Nested::Nothing, |other| Nested::Row(other.clone()));
                    Nested::Tuple(vec![Nested::Row((*row).clone()), other])
                })
                .collect()),
            Gives::Values(a, b) => {
                pairs.iter().map(|pair| Ok(Nested::Tuple(vec![value(*pair, a)?, value(*pair, b)?]))).collect()
            }
            Gives::Window(first, window, slots) => {
                // Equal pairs come in the order of both keys.
                let mut places: Vec<usize> = (0..pairs.len()).collect();
                let key = |place: usize| {
                    let (row, other) = pairs[place];
                    [row[0].clone(), other.map_or(Datum::Null, |other| other[0].clone())]
                };
                let ascending =
                    complete(&[], &[Expr::Literal(Datum::Null, Type::Int), Expr::Literal(Datum::Null, Type::Text)]);
                places.sort_by(|a, b| by(&ascending, &key(*a), &key(*b)));
                let mut rows = Vec::new();
                for place in &places {
                    rows.push(slots.iter().map(|of| self.value(world, pairs[*place], of)).collect::<Result<Vec<_>>>()?);
                }
                let mut over = vec![Datum::Null; pairs.len()];
                for (place, value) in places.into_iter().zip(slots::windows(&rows, window)?) {
                    over[place] = value;
                }
                let nested = |(pair, over): (&(&Row, Option<&Row>), Datum)| -> Result<Nested> {
                    Ok(Nested::Tuple(vec![value(*pair, first)?, Nested::Value(over, window.of())]))
                };
                pairs.iter().zip(over).map(nested).collect()
            }
        }
    }

    fn value(&self, world: &World, (row, other): (&Row, Option<&Row>), of: &PairValue) -> Result<Datum> {
        match of {
            PairValue::Own(expr) => scope(world, self.chain.root, &[row]).value(expr),
            PairValue::Other(expr) => match (other, expr) {
                (Some(other), _) => scope(world, self.target(), &[other]).value(expr),
                // Behind a row that is not there, there are none.
                (None, Expr::Related { way, aggregate, .. }) => {
                    scope(world, way.target(self.target(), 0), &[]).aggregate(aggregate)
                }
                (None, _) => Ok(Datum::Null),
            },
            PairValue::Coalesce(first, second) => match self.value(world, (row, other), first)? {
                Datum::Null => self.value(world, (row, other), second),
                first => {
                    self.value(world, (row, other), second)?;
                    Ok(first)
                }
            },
        }
    }

    fn holds(&self, world: &World, pair: (&Row, Option<&Row>), of: &PairCond) -> Result<Option<bool>> {
        let value = |of: &PairValue| self.value(world, pair, of);
        Ok(match of {
            PairCond::Own(cond) => scope(world, self.chain.root, &[pair.0]).holds(cond)?,
            PairCond::Other(cond) => match (pair.1, cond) {
                (Some(other), _) => scope(world, self.target(), &[other]).holds(cond)?,
                (None, Cond::Related { test, .. }) => Some(matches!(test, Test::None | Test::All | Test::IsEmpty)),
                (None, other) => panic!("{other:?} is no test of related rows"),
            },
            PairCond::Compare(a, comparison, b) => compare(&value(a)?, *comparison, &value(b)?),
            PairCond::With(a, comparison, b) => compare(&value(a)?, *comparison, b),
            PairCond::Null(a, negated) => Some(value(a)?.is_null() != *negated),
            PairCond::And(a, b) => and(self.holds(world, pair, a)?, self.holds(world, pair, b)?),
            PairCond::Or(a, b) => not(and(not(self.holds(world, pair, a)?), not(self.holds(world, pair, b)?))),
            PairCond::Not(inner) => Some(self.holds(world, pair, inner)? != Some(true)),
        })
    }

    /// Smaller ones that might fail too.
    pub fn smaller(&self, chains: Vec<Chain>, rows: Vec<Prefetch>) -> Vec<Self> {
        let mut all: Vec<Self> = chains.into_iter().map(|chain| Self { chain, ..self.clone() }).collect();
        all.extend(rows.into_iter().map(|rows| Self { rows, ..self.clone() }));
        if self.gives != Gives::Both {
            all.push(Self { gives: Gives::Both, ..self.clone() });
        }
        if self.terminal != Terminal::All {
            all.push(Self { terminal: Terminal::All, ..self.clone() });
        }
        if self.limit.is_some() || self.offset > 0 {
            all.push(Self { limit: None, offset: 0, ..self.clone() });
        }
        for i in 0..self.order.len() {
            let mut order = self.order.clone();
            order.remove(i);
            all.push(Self { order, ..self.clone() });
        }
        for (i, filter) in self.filters.iter().enumerate() {
            let mut filters = self.filters.clone();
            filters.remove(i);
            all.push(Self { filters, ..self.clone() });
            let parts = match filter {
                PairCond::And(a, b) | PairCond::Or(a, b) => vec![a, b],
                PairCond::Not(inner) => vec![inner],
                _ => Vec::new(),
            };
            for part in parts {
                let mut filters = self.filters.clone();
                filters[i] = (**part).clone();
                all.push(Self { filters, ..self.clone() });
            }
        }
        all
    }
}

const fn scope<'w>(world: &'w World, table: TableId, rows: &'w [&'w Row]) -> Scope<'w> {
    Scope { world, table, rows, windows: &[], around: None }
}
