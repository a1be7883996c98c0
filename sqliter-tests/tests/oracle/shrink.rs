//! Smaller cases that might fail too.

use super::derived::Derived;
use super::pairs::Pairing;
use super::reached::{Reached, Reaching};
use super::returned::Returned;
use super::seen::Seeing;
use super::terminals::Terminal;
use super::together::{Other, Slicing, Together};
use super::tree::{Aggregate, Chain, Cond, Deleted, Expr, Item, Load, Prefetch, RowList, Slice, SortKey};
use super::windows::{Over, Qualify, Window};
use super::world::{Row, World};
use super::write::{Changes, Write};

pub trait Shrink: Sized + Clone {
    /// Smaller values, the smallest first.
    fn smaller(&self) -> Vec<Self>;
}

/// A list without one of its elements, or with a smaller one.
fn lists<T: Shrink>(list: &[T]) -> Vec<Vec<T>> {
    let mut smaller: Vec<Vec<T>> = (0..list.len())
        .map(|i| {
            let mut list = list.to_vec();
            list.remove(i);
            list
        })
        .collect();
    smaller.extend(elements(list));
    smaller
}

/// A list of the same length with one smaller element.
fn elements<T: Shrink>(list: &[T]) -> Vec<Vec<T>> {
    let mut smaller = Vec::new();
    for (i, element) in list.iter().enumerate() {
        for element in element.smaller() {
            let mut list = list.to_vec();
            list[i] = element;
            smaller.push(list);
        }
    }
    smaller
}

fn options<T: Shrink>(option: &Option<T>) -> Vec<Option<T>> {
    match option {
        None => Vec::new(),
        Some(value) => std::iter::once(None).chain(value.smaller().into_iter().map(Some)).collect(),
    }
}

macro_rules! with {
    ($all:ident, $from:expr, |$smaller:ident| $to:expr) => {
        $all.extend($from.into_iter().map(|$smaller| $to))
    };
}

impl Shrink for Expr {
    fn smaller(&self) -> Vec<Self> {
        let of = self.of();
        let mut all: Vec<Self> = Vec::new();
        // A part of the same type, that can stand alone.
        let mut part = |inner: &Self| {
            if inner.of() == of && !inner.is_operand() {
                all.push(inner.clone());
            }
        };
        match self {
            Self::Column { .. } | Self::Literal(..) => {}
            Self::Arithmetic(a, operator, b, of) => {
                part(a);
                part(b);
                let keeps = |inner: &Self, from: &Self| inner.of() == from.of();
                let lone = |a: &Self, b: &Self| matches!((a, b), (Self::Literal(..), Self::Literal(..)));
                with!(all, a.smaller().into_iter().filter(|x| keeps(x, a) && !lone(x, b)), |x| {
                    Self::Arithmetic(Box::new(x), *operator, b.clone(), *of)
                });
                with!(all, b.smaller().into_iter().filter(|x| keeps(x, b) && !lone(a, x)), |x| {
                    Self::Arithmetic(a.clone(), *operator, Box::new(x), *of)
                });
            }
            Self::Rounded(by, a) => with!(all, a.smaller_of_type(), |x| Self::Rounded(*by, Box::new(x))),
            Self::Cast(to, a) => with!(all, a.smaller_of_type(), |x| Self::Cast(*to, Box::new(x))),
            Self::Truncated(unit, a) => {
                part(a);
                with!(all, a.smaller(), |x| Self::Truncated(*unit, Box::new(x)));
            }
            Self::Earlier(nanos, a) => {
                part(a);
                with!(all, a.smaller(), |x| Self::Earlier(*nanos, Box::new(x)));
            }
            Self::Subquery(chain) => with!(all, chain.smaller_of_value(), |x| Self::Subquery(Box::new(x))),
            Self::Outer { up, table, value } => {
                with!(all, value.smaller(), |x| Self::Outer { up: *up, table: *table, value: Box::new(x) });
            }
            Self::First { relation, rows, value } => {
                let first = |rows: &Prefetch, value: &Self| Self::First {
                    relation: *relation,
                    rows: Box::new(rows.clone()),
                    value: Box::new(value.clone()),
                };
                with!(all, rows.smaller(), |x| first(&x, value));
                with!(all, value.smaller(), |x| first(rows, &x));
            }
            Self::Coalesce(a, b) => {
                part(a);
                part(b);
                with!(all, a.smaller(), |x| Self::Coalesce(Box::new(x), b.clone()));
                with!(all, b.smaller(), |x| Self::Coalesce(a.clone(), Box::new(x)));
            }
            Self::Absolute(a) => {
                part(a);
                with!(all, a.smaller(), |x| Self::Absolute(Box::new(x)));
            }
            Self::Lower(a) => {
                part(a);
                with!(all, a.smaller(), |x| Self::Lower(Box::new(x)));
            }
            Self::Upper(a) => {
                part(a);
                with!(all, a.smaller(), |x| Self::Upper(Box::new(x)));
            }
            Self::Trim(a) => {
                part(a);
                with!(all, a.smaller(), |x| Self::Trim(Box::new(x)));
            }
            Self::Concat(a, b) => {
                part(a);
                part(b);
                with!(all, a.smaller(), |x| Self::Concat(Box::new(x), b.clone()));
                with!(all, b.smaller(), |x| Self::Concat(a.clone(), Box::new(x)));
            }
            Self::Truth(a) => with!(all, a.smaller(), |x| Self::Truth(Box::new(x))),
            Self::Length(a) => with!(all, a.smaller(), |x| Self::Length(Box::new(x))),
            Self::Part(what, a) => with!(all, a.smaller(), |x| Self::Part(*what, Box::new(x))),
            Self::Case(branches, otherwise) => {
                branches.iter().for_each(|(_, value)| part(value));
                otherwise.iter().for_each(|value| part(value));
                for i in 0..branches.len() {
                    let mut fewer = branches.clone();
                    let (cond, value) = fewer.remove(i);
                    if !fewer.is_empty() {
                        all.push(Self::Case(fewer, otherwise.clone()));
                    }
                    with!(all, cond.smaller(), |x| {
                        let mut branches = branches.clone();
                        branches[i].0 = x;
                        Self::Case(branches, otherwise.clone())
                    });
                    with!(all, value.smaller(), |x| {
                        let mut branches = branches.clone();
                        branches[i].1 = x;
                        Self::Case(branches, otherwise.clone())
                    });
                }
                with!(all, options(&otherwise.as_deref().cloned()), |x| Self::Case(branches.clone(), x.map(Box::new)));
            }
            Self::Related { path, way, distinct, aggregate } => {
                with!(all, aggregate.smaller(), |x| {
                    Self::Related { path: *path, way: *way, distinct: *distinct, aggregate: Box::new(x) }
                });
            }
            Self::Aggregate(aggregate) => with!(all, aggregate.smaller(), |x| Self::Aggregate(Box::new(x))),
            Self::Window(window) => {
                with!(all, window.smaller().into_iter().filter(|x| x.of() == of), |x| Self::Window(Box::new(x)));
            }
        }
        all
    }
}

impl Expr {
    /// Whether it stands beside an operator only.
    const fn is_operand(&self) -> bool {
        matches!(self, Self::Literal(..) | Self::Outer { .. })
    }

    fn smaller_of_type(&self) -> impl Iterator<Item = Self> {
        self.smaller().into_iter().filter(|smaller| smaller.of() == self.of())
    }
}

impl Shrink for Aggregate {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.distinct {
            all.push(Self { distinct: false, ..self.clone() });
        }
        with!(all, options(&self.filter), |filter| Self { filter, ..self.clone() });
        if let Some(value) = &self.value {
            with!(all, value.smaller(), |value| Self { value: Some(value), ..self.clone() });
        }
        all
    }
}

impl Shrink for Cond {
    fn smaller(&self) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        match self {
            Self::Compare(a, comparison, b) => {
                with!(all, a.smaller(), |x| Self::Compare(x, *comparison, b.clone()));
                with!(all, b.smaller(), |x| Self::Compare(a.clone(), *comparison, x));
            }
            Self::Between(a, low, high) => {
                with!(all, a.smaller(), |x| Self::Between(x, low.clone(), high.clone()));
                with!(all, low.smaller(), |x| Self::Between(a.clone(), x, high.clone()));
                with!(all, high.smaller(), |x| Self::Between(a.clone(), low.clone(), x));
            }
            Self::InList(a, list, negated) => {
                for i in 0..list.len() {
                    let mut fewer = list.clone();
                    fewer.remove(i);
                    all.push(Self::InList(a.clone(), fewer, *negated));
                }
                with!(all, a.smaller(), |x| Self::InList(x, list.clone(), *negated));
            }
            Self::Null(a, negated) => with!(all, a.smaller(), |x| Self::Null(x, *negated)),
            Self::Text(a, test, part) => with!(all, a.smaller(), |x| Self::Text(x, *test, part.clone())),
            Self::TextBy(a, test, b) => {
                with!(all, a.smaller(), |x| Self::TextBy(x, *test, b.clone()));
                with!(all, b.smaller(), |x| Self::TextBy(a.clone(), *test, x));
            }
            Self::And(a, b) => {
                all.extend([(**a).clone(), (**b).clone()]);
                with!(all, a.smaller(), |x| Self::And(Box::new(x), b.clone()));
                with!(all, b.smaller(), |x| Self::And(a.clone(), Box::new(x)));
            }
            Self::Or(a, b) => {
                all.extend([(**a).clone(), (**b).clone()]);
                with!(all, a.smaller(), |x| Self::Or(Box::new(x), b.clone()));
                with!(all, b.smaller(), |x| Self::Or(a.clone(), Box::new(x)));
            }
            Self::Not(inner) => {
                all.push((**inner).clone());
                with!(all, inner.smaller(), |x| Self::Not(Box::new(x)));
            }
            Self::Related { path, relation, test, condition } => {
                with!(all, condition.smaller(), |x| {
                    Self::Related { path: *path, relation: *relation, test: *test, condition: Box::new(x) }
                });
            }
            Self::InQuery(a, chain, negated) => {
                with!(all, a.smaller(), |x| Self::InQuery(x, chain.clone(), *negated));
                with!(all, chain.smaller_of_value(), |x| Self::InQuery(a.clone(), Box::new(x), *negated));
            }
            Self::InRows([a, b], list) => {
                let rows = |a: &Expr, b: &Expr, list: &RowList| Self::InRows([a.clone(), b.clone()], list.clone());
                with!(all, a.smaller_of_type(), |x| rows(&x, b, list));
                with!(all, b.smaller_of_type(), |x| rows(a, &x, list));
                let lists: Vec<RowList> = match list {
                    RowList::Values(values) => {
                        (0..values.len()).map(|i| RowList::Values(vec![values[i].clone()])).collect()
                    }
                    RowList::Chain(chain) => {
                        let same = chain.smaller().into_iter().filter(|x| x.load == chain.load);
                        same.map(|chain| RowList::Chain(Box::new(chain))).collect()
                    }
                };
                with!(all, lists.into_iter().filter(|x| x != list), |list| rows(a, b, &list));
            }
            Self::ThereAre(chain) => with!(all, chain.smaller_of_value(), |x| Self::ThereAre(Box::new(x))),
            Self::Nobody { .. } | Self::Has { .. } => {}
        }
        all
    }
}

impl Shrink for SortKey {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.nulls.is_some() {
            all.push(Self { nulls: None, ..self.clone() });
        }
        if self.descending {
            all.push(Self { descending: false, ..self.clone() });
        }
        with!(all, self.value.smaller(), |value| Self { value, ..self.clone() });
        all
    }
}

impl Shrink for Slice {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if self.limit.is_some() {
            all.push(Self { limit: None, ..self.clone() });
        }
        if self.offset > 0 {
            all.push(Self { offset: self.offset - 1, ..self.clone() });
        }
        with!(all, lists(&self.order), |order| Self { order, ..self.clone() });
        all
    }
}

impl Shrink for Item {
    fn smaller(&self) -> Vec<Self> {
        self.value.smaller().into_iter().map(|value| Self { value, ..self.clone() }).collect()
    }
}

impl Shrink for Prefetch {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if *self != Self::default() {
            all.push(Self::default());
        }
        with!(all, options(&self.filter), |filter| Self { filter, ..self.clone() });
        with!(all, lists(&self.order), |order| Self { order, ..self.clone() });
        if self.limit.is_some() {
            all.push(Self { limit: None, ..self.clone() });
        }
        all
    }
}

impl Shrink for Together {
    fn smaller(&self) -> Vec<Self> {
        // What it gives stays.
        let keeps = |chain: &Chain, from: &Chain| match (&chain.load, &from.load) {
            (Load::Rows, Load::Rows) => true,
            (Load::Fields(a), Load::Fields(b)) | (Load::Distinct(a), Load::Distinct(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.value.of() == b.value.of())
            }
            (a, b) => a == b,
        };
        let mut all = Vec::new();
        if self.others.len() > 1 {
            with!(all, 0..self.others.len(), |i| {
                let mut others = self.others.clone();
                others.remove(i);
                others[0].so_far = None;
                Self { others, ..self.clone() }
            });
        }
        if self.slice != Slicing::default() {
            all.push(Self { slice: Slicing::default(), ..self.clone() });
            all.push(Self { slice: Slicing { limit: None, offset: 0, ..self.slice.clone() }, ..self.clone() });
            all.push(Self { slice: Slicing { keys: Vec::new(), ..self.slice.clone() }, ..self.clone() });
        }
        with!(all, self.first.smaller().into_iter().filter(|x| keeps(x, &self.first)), |first| Self {
            first,
            ..self.clone()
        });
        for (i, other) in self.others.iter().enumerate() {
            let mut with = |other: Other| {
                let mut others = self.others.clone();
                others[i] = other;
                all.push(Self { others, ..self.clone() });
            };
            if other.so_far.is_some() {
                with(Other { so_far: None, ..other.clone() });
            }
            for chain in other.chain.smaller().into_iter().filter(|x| keeps(x, &other.chain)) {
                with(Other { chain, ..other.clone() });
            }
        }
        all
    }
}

impl Shrink for Reaching {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        with!(all, 0..self.moves.len(), |i| {
            let mut moves = self.moves.clone();
            moves.remove(i);
            Self { moves, ..self.clone() }
        });
        with!(all, self.chain.smaller(), |chain| Self { chain, ..self.clone() });
        if self.levels.is_some() {
            all.push(Self { levels: None, ..self.clone() });
        }
        if self.terminal != Terminal::All {
            all.push(Self { terminal: Terminal::All, ..self.clone() });
        }
        let whats: Vec<Reached> = match &self.what {
            Reached::Rows { above, key, reorder, filters, slice, with_depth } => {
                let rows = |filters: &[Cond], slice: &Slice| Reached::Rows {
                    above: *above,
                    key: key.clone(),
                    reorder: *reorder,
                    filters: filters.to_vec(),
                    slice: slice.clone(),
                    with_depth: *with_depth,
                };
                let mut all = Vec::new();
                with!(all, lists(filters), |filters| rows(&filters, slice));
                with!(all, slice.smaller(), |slice| rows(filters, &slice));
                all
            }
            Reached::Trees { start, limit, offset } => {
                let trees = |start: &Cond, limit, offset| Reached::Trees { start: start.clone(), limit, offset };
                let mut all = vec![];
                if limit.is_some() || *offset > 0 {
                    all.push(trees(start, None, 0));
                }
                with!(all, start.smaller(), |start| trees(&start, *limit, *offset));
                all
            }
        };
        with!(all, whats, |what| Self { what, ..self.clone() });
        all
    }
}

impl Shrink for Pairing {
    fn smaller(&self) -> Vec<Self> {
        self.smaller(self.chain.smaller(), self.rows.smaller())
    }
}

impl Shrink for Seeing {
    fn smaller(&self) -> Vec<Self> {
        self.smaller(self.chain.smaller())
    }
}

impl Shrink for Derived {
    fn smaller(&self) -> Vec<Self> {
        // What it gives stays.
        let chains = |chain: &Chain| {
            let same = chain.smaller().into_iter().filter(|x| x.load == chain.load);
            let same = same.chain(match &chain.load {
                Load::Groups { keys, aggregates, having } if !having.is_empty() => {
                    let load = Load::Groups { keys: keys.clone(), aggregates: aggregates.clone(), having: Vec::new() };
                    Some(Chain { load, ..chain.clone() })
                }
                _ => None,
            });
            same.collect::<Vec<_>>()
        };
        match self {
            Self::Windows { chain, window, terminal } => {
                let with = |chain: &Chain, window: &Window, terminal: &Terminal| Self::Windows {
                    chain: chain.clone(),
                    window: window.clone(),
                    terminal: terminal.clone(),
                };
                let mut all = Vec::new();
                with!(all, chains(chain), |chain| with(&chain, window, terminal));
                with!(all, window.smaller(), |window| with(chain, &window, terminal));
                if *terminal != Terminal::All {
                    all.push(with(chain, window, &Terminal::All));
                }
                all
            }
            Self::Aggregates { chain, of } => {
                let mut all = Vec::new();
                with!(all, chains(chain), |chain| Self::Aggregates { chain, of: of.clone() });
                all
            }
        }
    }
}

impl Shrink for Returned {
    fn smaller(&self) -> Vec<Self> {
        let [a, b] = &self.values;
        let mut all = Vec::new();
        with!(all, self.write.smaller(), |write| Self { write, ..self.clone() });
        with!(all, a.smaller(), |x| Self { values: [x, b.clone()], ..self.clone() });
        with!(all, b.smaller(), |x| Self { values: [a.clone(), x], ..self.clone() });
        all
    }
}

impl Shrink for Window {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        with!(all, lists(&self.partition), |partition| Self { partition, ..self.clone() });
        if self.exclude.is_some() {
            all.push(Self { exclude: None, ..self.clone() });
        }
        if self.frame.is_some() {
            all.push(Self { frame: None, ..self.clone() });
        } else {
            // A distance is one between numbers.
            with!(all, lists(&self.order), |order| Self { order, ..self.clone() });
        }
        let functions: Vec<Over> = match &self.function {
            Over::Aggregate(aggregate) => aggregate.smaller().into_iter().map(Over::Aggregate).collect(),
            Over::Shifted(value, rows, behind, otherwise) => {
                let mut all = Vec::new();
                let shifted = |value: &Expr, otherwise| Over::Shifted(value.clone(), *rows, *behind, otherwise);
                with!(all, options(otherwise), |otherwise| shifted(value, otherwise));
                with!(all, value.smaller_of_type(), |value| shifted(&value, otherwise.clone()));
                all
            }
            Over::First(value) => value.smaller_of_type().map(Over::First).collect(),
            Over::Last(value) => value.smaller_of_type().map(Over::Last).collect(),
            Over::Nth(value, nth) => value.smaller_of_type().map(|value| Over::Nth(value, *nth)).collect(),
            Over::RowNumber | Over::Rank | Over::DenseRank | Over::PercentRank | Over::CumeDist | Over::Ntile(_) => {
                Vec::new()
            }
        };
        with!(all, functions, |function| Self { function, ..self.clone() });
        all
    }
}

impl Shrink for Qualify {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        with!(all, lists(&self.filters), |filters| Self { filters, ..self.clone() });
        if self.before != Slice::default() {
            all.push(Self { before: Slice::default(), ..self.clone() });
        }
        with!(all, self.test.smaller().into_iter().filter(Cond::has_window), |test| Self { test, ..self.clone() });
        all
    }
}

impl Shrink for Chain {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        if !matches!(self.load, Load::Rows | Load::Groups { .. } | Load::Distinct(_)) {
            all.push(Self { load: Load::Rows, ..self.clone() });
        }
        if self.deleted != Deleted::LeftOut {
            all.push(Self { deleted: Deleted::LeftOut, ..self.clone() });
        }
        with!(all, lists(&self.filters), |filters| Self { filters, ..self.clone() });
        with!(all, lists(&self.qualify), |qualify| Self { qualify, ..self.clone() });
        let means_rows = |slice: &Slice| slice.limit.is_some() || slice.offset > 0;
        let before = options(&self.before).into_iter().filter(|before| before.as_ref().is_none_or(means_rows));
        with!(all, before, |before| Self { before, ..self.clone() });
        with!(all, self.slice.smaller(), |slice| Self { slice, ..self.clone() });
        let loads: Vec<Load> = match &self.load {
            Load::Rows | Load::View(_) => Vec::new(),
            Load::Fields(items) => {
                lists(items).into_iter().filter(|items| !items.is_empty()).map(Load::Fields).collect()
            }
            // What a chain is sorted by is among the keys.
            Load::Distinct(items) if self.slice.order.is_empty() => {
                lists(items).into_iter().filter(|items| !items.is_empty()).map(Load::Distinct).collect()
            }
            Load::Distinct(_) => Vec::new(),
            Load::Values(item) => item.smaller().into_iter().map(Load::Values).collect(),
            Load::Groups { keys, aggregates, having } => {
                let mut loads = Vec::new();
                let groups = |keys: &[Item], aggregates: &[Item], having: &[Cond]| Load::Groups {
                    keys: keys.to_vec(),
                    aggregates: aggregates.to_vec(),
                    having: having.to_vec(),
                };
                with!(loads, lists(having), |having| groups(keys, aggregates, &having));
                with!(loads, lists(aggregates).into_iter().filter(|x| keys.len() + x.len() > 0), |x| groups(
                    keys, &x, having
                ));
                if self.slice.order.is_empty() {
                    with!(loads, lists(keys).into_iter().filter(|x| aggregates.len() + x.len() > 0), |x| groups(
                        &x, aggregates, having
                    ));
                }
                loads
            }
            Load::Shape(shape, prefetches) => {
                elements(prefetches).into_iter().map(|prefetches| Load::Shape(*shape, prefetches)).collect()
            }
            Load::Exclude(columns) => (0..columns.len())
                .map(|i| {
                    let mut columns = columns.clone();
                    columns.remove(i);
                    columns
                })
                .filter(|columns| !columns.is_empty())
                .map(Load::Exclude)
                .collect(),
        };
        with!(all, loads, |load| Self { load, ..self.clone() });
        all
    }
}

impl Chain {
    /// Smaller chains of a value of the same type.
    fn smaller_of_value(&self) -> impl Iterator<Item = Self> {
        let of = self.value().of();
        let keeps = move |chain: &Self| chain.load != Load::Rows && chain.value().of() == of;
        self.smaller().into_iter().filter(keeps)
    }
}

impl Shrink for World {
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for i in 0..self.tags.len() {
            let mut world = self.clone();
            world.tags.remove(i);
            all.push(world);
        }
        for i in 0..self.friends.len() {
            let mut world = self.clone();
            world.friends.remove(i);
            all.push(world);
        }
        for table in super::catalog::TABLES.into_iter().rev() {
            for i in (0..self.rows(table).len()).rev() {
                all.extend(self.without(table, i));
                for (c, column) in table.table().columns.iter().enumerate() {
                    if column.nullable && !self.rows(table)[i][c].is_null() {
                        let mut world = self.clone();
                        world.rows_mut(table)[i][c] = super::datum::Datum::Null;
                        // A row that is no longer deleted may have what is unique.
                        if super::predict::broken(&world).is_empty() {
                            all.push(world);
                        }
                    }
                }
            }
        }
        all
    }
}

impl Shrink for Write {
    fn smaller(&self) -> Vec<Self> {
        let sets = |sets: &[(usize, Expr)]| {
            let mut all = Vec::new();
            for (i, (column, value)) in sets.iter().enumerate() {
                let mut fewer = sets.to_vec();
                fewer.remove(i);
                all.push(fewer);
                with!(all, value.smaller(), |value| {
                    let mut sets = sets.to_vec();
                    sets[i] = (*column, value);
                    sets
                })
            }
            all
        };
        let fewer =
            |rows: &Vec<Row>| (0..rows.len()).map(|i| vec![rows[i].clone()]).filter(|x| x != rows).collect::<Vec<_>>();
        let mut all = Vec::new();
        match self {
            Self::Insert { table, rows, with_key } => {
                with!(all, fewer(rows), |rows| Self::Insert { table: *table, rows, with_key: *with_key });
            }
            Self::Save { table, rows } => with!(all, fewer(rows), |rows| Self::Save { table: *table, rows }),
            Self::Remove { .. } | Self::Undelete { .. } | Self::GetOrCreate { .. } | Self::GetAll { .. } => {}
            Self::RemoveAll { table, keys } => {
                with!(all, 0..keys.len(), |i| {
                    let mut keys = keys.clone();
                    keys.remove(i);
                    Self::RemoveAll { table: *table, keys }
                });
            }
            Self::Patch { table, key, patch, version } => {
                with!(all, 0..patch.len(), |i| {
                    let mut patch = patch.clone();
                    patch.remove(i);
                    Self::Patch { table: *table, key: key.clone(), patch, version: *version }
                });
            }
            Self::UpsertAll { table, rows, unique, changes } => {
                with!(all, fewer(rows), |rows| {
                    Self::UpsertAll { table: *table, rows, unique: *unique, changes: changes.clone() }
                });
                if let Some(changes) = changes {
                    let sets = sets(&changes.sets).into_iter();
                    let fewer = sets.map(|sets| Changes { new: changes.new.clone(), sets }).filter(|x| !x.is_empty());
                    with!(all, fewer, |changes| {
                        Self::UpsertAll { table: *table, rows: rows.clone(), unique: *unique, changes: Some(changes) }
                    });
                }
            }
            Self::Update { chain, sets: of } => {
                with!(all, chain.smaller(), |chain| Self::Update { chain, sets: of.clone() });
                with!(all, sets(of).into_iter().filter(|sets| !sets.is_empty()), |sets| {
                    Self::Update { chain: chain.clone(), sets }
                });
            }
            Self::Delete { chain, how } => with!(all, chain.smaller(), |chain| Self::Delete { chain, how: *how }),
            Self::Upsert { table, row, unique, changes, tells } => {
                let upsert =
                    |changes| Self::Upsert { table: *table, row: row.clone(), unique: *unique, changes, tells: *tells };
                if let Some(changes) = changes {
                    with!(all, sets(&changes.sets), |sets| upsert(Some(Changes { new: changes.new.clone(), sets })));
                    with!(all, 0..changes.new.len(), |i| {
                        let mut new = changes.new.clone();
                        new.remove(i);
                        upsert(Some(Changes { new, sets: changes.sets.clone() }))
                    });
                }
            }
            Self::Pairs { pairs, key, change, others } => {
                with!(all, 0..others.len(), |i| {
                    let mut others = others.clone();
                    others.remove(i);
                    Self::Pairs { pairs: *pairs, key: key.clone(), change: *change, others }
                });
            }
        }
        all
    }
}
