//! Random chains and their ends.

use super::catalog::TableId;
use super::generate::{self, Place, aggregate, cond, expr, group, on_related, root, some_type};
use super::random::Random;
use super::shapes::{Part, shapes};
use super::terminals::{Side, Terminal};
use super::tree::{Chain, Cond, Deleted, Expr, Item, Load, Nulls, Prefetch, Slice, SortKey};
use super::types::Type;
use super::views::views;
use super::windows::{Qualify, qualify, windowed};

pub fn chain(random: &mut Random) -> Chain {
    let table = root(random);
    let load = load(random, Place::of(table));
    chain_of(random, table, load)
}

/// A chain that gives this.
pub fn chain_of(random: &mut Random, table: TableId, load: Load) -> Chain {
    let root = Place::of(table);
    let mut filters = filters(random, root);
    let is_grouped = matches!(load, Load::Groups { .. } | Load::Distinct(_));
    // An order alone sorts the groups; with a limit or an offset it says which rows there are to group.
    let before = (is_grouped && random.chance(25)).then(|| slice(random, |random| row_key(random, root)));
    let before = before.filter(|slice| slice.limit.is_some() || slice.offset > 0);
    let mut slice = match &load {
        Load::Groups { keys, .. } | Load::Distinct(keys) => {
            let keys: Vec<Expr> = keys.iter().map(|key| key.value.clone()).collect();
            slice(random, |random| group_key(random, root, &keys))
        }
        _ => slice(random, |random| row_key(random, root)),
    };
    if !is_grouped {
        skip_related(random, root, &mut filters, &mut slice);
    }
    let qualify = qualified(random, root, !is_grouped);
    if !is_grouped && random.chance(4) {
        let value = windowed(random, root);
        if value.of() != Type::Document {
            slice.order.insert(0, sorted(random, |_| value));
        }
    }
    Chain { root: table, deleted: deleted(random, table), filters, qualify, before, load, slice }
}

/// Often enough, rows are chosen by windows.
fn qualified(random: &mut Random, root: Place<'_>, limited: bool) -> Vec<Qualify> {
    (0..if random.chance(12) { random.below(2) + 1 } else { 0 }).map(|_| qualify(random, root, limited)).collect()
}

/// A chain of whole rows, as updates and deletions take.
pub fn rows(random: &mut Random, table: TableId) -> Chain {
    let root = Place::of(table);
    let (mut filters, mut slice) = (filters(random, root), slice(random, |random| row_key(random, root)));
    skip_related(random, root, &mut filters, &mut slice);
    let qualify = qualified(random, root, true);
    Chain { root: table, deleted: deleted(random, table), filters, qualify, before: None, load: Load::Rows, slice }
}

/// A chain that gives one value for each row or group, inside of another.
pub fn subquery(random: &mut Random, around: &Place<'_>, of: Type, depth: usize) -> Chain {
    let table = root(random);
    let root = around.inside(table);
    let depth = depth.min(1);
    let filters = (0..*random.pick(&[0, 1, 1, 2])).map(|_| cond(random, root, depth)).collect();
    let aggregate = if random.chance(30) { aggregate(random, root, of, depth) } else { None };
    let (load, slice) = match aggregate {
        Some(aggregate) => {
            let value = Expr::Aggregate(Box::new(aggregate));
            let having = if random.chance(15) { vec![generate::having(random, root)] } else { Vec::new() };
            (Load::Groups { keys: Vec::new(), aggregates: vec![Item { value, alias: None }], having }, Slice::default())
        }
        None => {
            let item = Item { value: expr(random, root, of, depth), alias: None };
            let slice = slice(random, |random| row_key(random, root));
            if random.chance(15) {
                let slice = Slice { order: Vec::new(), ..slice };
                (Load::Distinct(vec![item]), slice)
            } else {
                (Load::Fields(vec![item]), slice)
            }
        }
    };
    let is_grouped = matches!(load, Load::Groups { .. } | Load::Distinct(_));
    let qualify = if random.chance(30) { qualified(random, root, !is_grouped) } else { Vec::new() };
    Chain { root: table, deleted: deleted(random, table), filters, qualify, before: None, load, slice }
}

fn deleted(random: &mut Random, table: TableId) -> Deleted {
    match random.below(10) {
        0..2 if table.table().soft.is_some() => Deleted::Included,
        2 if table.table().soft.is_some() => Deleted::Only,
        _ => Deleted::LeftOut,
    }
}

/// Often enough a condition on related rows alone, with an offset: SQLite makes a join of it when it can.
fn skip_related(random: &mut Random, root: Place<'_>, filters: &mut Vec<Cond>, slice: &mut Slice) {
    if random.chance(8)
        && let Some(condition) = on_related(random, root, 0)
    {
        *filters = vec![condition];
        slice.offset = 1 + random.below(3) as u64;
    }
}

fn filters(random: &mut Random, root: Place<'_>) -> Vec<Cond> {
    let number = *random.pick(&[0, 0, 1, 1, 1, 2]);
    (0..number)
        .map(|_| {
            let depth = *random.pick(&[0, 1, 1, 2, 3]);
            cond(random, root, depth)
        })
        .collect()
}

pub fn slice(random: &mut Random, mut key: impl FnMut(&mut Random) -> SortKey) -> Slice {
    let keys = *random.pick(&[0, 1, 1, 2, 3]);
    Slice {
        order: (0..keys).map(|_| key(random)).collect(),
        limit: random.chance(35).then(|| random.below(6) as u64),
        offset: if random.chance(25) { random.below(4) as u64 } else { 0 },
    }
}

pub fn row_key(random: &mut Random, table: Place<'_>) -> SortKey {
    let of = some_type(random, table);
    let depth = *random.pick(&[0, 0, 1, 2]);
    sorted(random, |random| expr(random, table, of, depth))
}

/// By what the groups are grouped by, or by an aggregate.
fn group_key(random: &mut Random, table: Place<'_>, keys: &[Expr]) -> SortKey {
    let keys: Vec<_> = keys.iter().filter(|key| key.of() != Type::Document).cloned().collect();
    sorted(random, |random| {
        if !keys.is_empty() && random.chance(50) { random.pick(&keys).clone() } else { group(random, table, 1) }
    })
}

fn sorted(random: &mut Random, value: impl FnOnce(&mut Random) -> Expr) -> SortKey {
    let value = value(random);
    let nulls = random.chance(25).then(|| *random.pick(&[Nulls::First, Nulls::Last]));
    SortKey { value, descending: random.chance(45), nulls }
}

fn load(random: &mut Random, root: Place<'_>) -> Load {
    match random.below(100) {
        0..35 => Load::Rows,
        35..39 => Load::Fields((0..random.below(2) + 1).map(|i| over_windows(random, root, i)).collect()),
        39..50 => {
            let number = random.below(3) + 1;
            let named = number < 3 && random.chance(40);
            Load::Fields((0..number).map(|_| item(random, root, named)).collect())
        }
        50..57 => {
            let number = random.below(2) + 1;
            Load::Distinct((0..number).map(|_| item(random, root, false)).collect())
        }
        57..75 => {
            let (keys, aggregates) = *random.pick(&[(0, 1), (0, 2), (1, 0), (1, 1), (1, 1), (1, 2), (2, 0), (2, 1)]);
            let named = (keys, aggregates) == (1, 1) && random.chance(40);
            let keys = (0..keys).map(|_| item(random, root, named)).collect();
            let aggregates = (0..aggregates).map(|_| {
                let value = group(random, root, 1);
                Item { value, alias: named.then(|| alias(random, root)) }
            });
            let aggregates = aggregates.collect();
            Load::Groups { keys, aggregates, having: self::having(random, root) }
        }
        75..77 => Load::Values(over_windows(random, root, 0)),
        77..82 => Load::Values(item(random, root, false)),
        82..87 if !views(*root).is_empty() => Load::View(random.below(views(*root).len())),
        82..96 => {
            let shapes = shapes(*root);
            let shape = random.below(shapes.len());
            let lists =
                Part::lists(&shapes[shape]).into_iter().map(|table| prefetch(random, Place::of(table))).collect();
            Load::Shape(shape, lists)
        }
        _ => {
            // The key stays, so that something is left.
            let columns = root.table().columns.len();
            let mut excluded = vec![(0, random.below(columns - 1) + 1)];
            if random.chance(50) {
                let path = random.below(root.table().paths.len());
                let target = root.table().paths[path].target.table();
                excluded.push((path, random.below(target.columns.len() - 1) + 1));
            }
            Load::Exclude(excluded)
        }
    }
}

/// Sometimes a condition on groups.
pub fn having(random: &mut Random, root: Place<'_>) -> Vec<Cond> {
    if random.chance(30) { vec![generate::having(random, root)] } else { Vec::new() }
}

pub fn item(random: &mut Random, root: Place<'_>, named: bool) -> Item {
    let of = some_type(random, root);
    let depth = *random.pick(&[0, 0, 1, 2]);
    Item { value: expr(random, root, of, depth), alias: named.then(|| alias(random, root)) }
}

/// A value over windows, or behind it another one.
fn over_windows(random: &mut Random, root: Place<'_>, place: usize) -> Item {
    if place > 0 && random.chance(30) {
        return item(random, root, false);
    }
    Item { value: windowed(random, root), alias: None }
}

/// Names that mean something else too.
fn alias(random: &mut Random, root: Place<'_>) -> String {
    if random.chance(60) {
        random.pick(&root.table().columns).field.to_owned()
    } else {
        random.pick(&["value", "t0", "j0", "k", "number", "position", "rowid", "a\"b", "c0", ""]).to_string()
    }
}

pub fn prefetch(random: &mut Random, table: Place<'_>) -> Prefetch {
    let depth = random.below(3);
    Prefetch {
        filter: random.chance(40).then(|| cond(random, table, depth)),
        order: (0..*random.pick(&[0, 0, 1, 2])).map(|_| row_key(random, table)).collect(),
        limit: random.chance(30).then(|| random.below(3) as u64),
    }
}

/// All rows, and some other ends.
pub fn terminals(random: &mut Random, chain: &Chain) -> Vec<Terminal> {
    let mut ends = vec![Terminal::All];
    if chain.load == Load::Rows && random.chance(15) {
        let table = chain.root.table();
        let mut sides: Vec<_> = (0..table.ones.len()).map(Side::One).collect();
        sides.extend((0..table.manies.len()).map(Side::Many));
        if !sides.is_empty() {
            ends.push(Terminal::Related(*random.pick(&sides), random.chance(40)));
        }
    }
    for _ in 0..random.below(3) + 1 {
        ends.push(match random.below(21) {
            0..3 => Terminal::Count,
            3..5 => Terminal::Exists,
            5..8 => Terminal::First,
            8..11 => Terminal::Last,
            11 => Terminal::One,
            12 => Terminal::Required,
            13..15 => Terminal::Dicts,
            15 => Terminal::Again,
            16 => {
                if random.chance(30) {
                    Terminal::Stream
                } else {
                    Terminal::Count
                }
            }
            _ if chain.has_no_pages() => Terminal::Count,
            _ => Terminal::Pages((0..random.below(3) + 1).map(|_| random.below(4) as u64 + 1).collect()),
        });
    }
    ends
}
