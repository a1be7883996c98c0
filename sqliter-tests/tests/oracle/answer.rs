//! What a chain should give.

use std::cmp::Ordering;

use super::catalog::TableId;
use super::datum::Datum;
use super::eval::{Result, Scope};
use super::shapes::{Part, shapes};
use super::tree::{Chain, Cond, Deleted, Expr, Item, Load, Nulls, Prefetch, Slice, SortKey};
use super::types::Type;
use super::views::views;
use super::windows::Qualify;
use super::world::{Row, World};

/// A row of a result: a row of a table, values, lists.
#[derive(Debug, Clone, PartialEq)]
pub enum Nested {
    Row(Vec<Datum>),
    Value(Datum, Type),
    /// As the database gave it, of a type that only the chain knows.
    Stored(sqliter::Value),
    Tuple(Vec<Nested>),
    List(Vec<Nested>),
    Nothing,
}

pub struct Answer {
    pub rows: Vec<Nested>,
    /// Whether their order is said by the chain; else they may come in any.
    pub ordered: bool,
    /// All rows without limit and offset, in order: what pages give.
    pub all: Vec<Nested>,
}

/// The rows, and the row of the query around, if there is one.
#[derive(Clone, Copy)]
pub struct Around<'w> {
    pub world: &'w World,
    pub row: Option<&'w Scope<'w>>,
    /// The rows that windows are over.
    pub windows: &'w [&'w Row],
}

impl<'w> Around<'w> {
    const fn scope<'s>(self, table: TableId, rows: &'s [&'s Row]) -> Scope<'s>
    where
        'w: 's,
    {
        Scope { world: self.world, table, rows, windows: self.windows, around: self.row }
    }
}

pub fn answer(world: &World, chain: &Chain) -> Result<Answer> {
    inside(Around { world, row: None, windows: &[] }, chain)
}

/// What a chain gives that may be inside of another query.
pub fn inside(world: Around<'_>, chain: &Chain) -> Result<Answer> {
    let slice = chain.whole_slice();
    let ordered = !slice.order.is_empty() || slice.limit.is_some() || slice.offset > 0;
    let rows = filtered(world, chain)?;
    let windows = rows.clone();
    let world = Around { windows: &windows, ..world };
    let all = match &chain.load {
        Load::Groups { keys, aggregates, having } => {
            let rows = match &chain.before {
                Some(slice) => sliced(world, chain.root, rows, slice)?,
                None => rows,
            };
            groups(world, chain, &rows, keys, aggregates, having)?
        }
        Load::Distinct(items) => {
            let rows = match &chain.before {
                Some(slice) => sliced(world, chain.root, rows, slice)?,
                None => rows,
            };
            groups(world, chain, &rows, items, &[], &[])?
        }
        load => {
            let mut all = Vec::new();
            for row in sorted(world, chain.root, rows, &slice.order)? {
                all.push(loaded(world, chain.root, row, load)?);
            }
            all
        }
    };
    Ok(Answer { rows: limited(all.clone(), &slice), ordered, all })
}

/// The rows of the table that a chain of rows means, in order.
pub fn chosen<'w>(world: &'w World, chain: &Chain) -> Result<Vec<&'w Row>> {
    let world = Around { world, row: None, windows: &[] };
    sliced(world, chain.root, filtered(world, chain)?, &chain.whole_slice())
}

fn filtered<'w>(world: Around<'w>, chain: &Chain) -> Result<Vec<&'w Row>> {
    let mut rows = Vec::new();
    let table = chain.root.table();
    let is_meant = |row: &&Row| match chain.deleted {
        Deleted::LeftOut => !table.is_deleted(row),
        Deleted::Included => true,
        Deleted::Only => table.is_deleted(row),
    };
    for row in world.world.rows(chain.root).iter().filter(is_meant) {
        if holds_all(world, chain.root, row, &chain.filters)? {
            rows.push(row);
        }
    }
    for Qualify { before, test, filters } in &chain.qualify {
        let all = sliced(world, chain.root, std::mem::take(&mut rows), before)?;
        let windows = Around { windows: &all, ..world };
        for row in &all {
            let qualifies = holds_all(windows, chain.root, row, std::slice::from_ref(test))?;
            if qualifies && holds_all(world, chain.root, row, filters)? {
                rows.push(*row);
            }
        }
    }
    Ok(rows)
}

/// Whether a row meets all conditions.
pub fn meets(world: &World, table: TableId, row: &Row, conditions: &[Cond]) -> Result<bool> {
    holds_all(Around { world, row: None, windows: &[] }, table, row, conditions)
}

/// Values of a row.
pub fn row_values<'e>(
    world: &World,
    table: TableId,
    row: &Row,
    values: impl Iterator<Item = &'e Expr>,
) -> Result<Vec<Datum>> {
    let only = [row];
    let scope = Around { world, row: None, windows: &[] }.scope(table, &only);
    values.map(|value| scope.value(value)).collect()
}

fn holds_all(world: Around<'_>, table: TableId, row: &Row, conditions: &[Cond]) -> Result<bool> {
    let only = [row];
    let scope = world.scope(table, &only);
    let mut holds = true;
    for condition in conditions {
        holds &= scope.holds(condition)? == Some(true);
    }
    Ok(holds)
}

fn sliced<'w>(world: Around<'_>, table: TableId, rows: Vec<&'w Row>, slice: &Slice) -> Result<Vec<&'w Row>> {
    Ok(limited(sorted(world, table, rows, &slice.order)?, slice))
}

fn limited<T>(rows: Vec<T>, slice: &Slice) -> Vec<T> {
    let limit = slice.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
    rows.into_iter().skip(usize::try_from(slice.offset).unwrap()).take(limit).collect()
}

/// In the order of the keys and then of the primary key, in the direction of the last of them.
fn sorted<'w>(world: Around<'_>, table: TableId, rows: Vec<&'w Row>, order: &[SortKey]) -> Result<Vec<&'w Row>> {
    let ends = [Expr::Column { path: 0, column: 0, of: table.table().columns[0].of }];
    let order = complete(order, &ends);
    let keyed = rows.into_iter().map(|row| {
        let only = [row];
        let scope = world.scope(table, &only);
        Ok((order.iter().map(|key| scope.value(&key.value)).collect::<Result<Vec<_>>>()?, row))
    });
    let mut keyed = keyed.collect::<Result<Vec<_>>>()?;
    keyed.sort_by(|(a, _), (b, _)| by(&order, a, b));
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

/// The sort keys, and after them what leaves nothing open.
pub fn complete(order: &[SortKey], ends: &[Expr]) -> Vec<SortKey> {
    let mut complete = order.to_vec();
    let descending = order.last().is_some_and(|key| key.descending);
    for value in ends {
        if complete.iter().all(|key| key.value != *value) {
            complete.push(SortKey { value: value.clone(), descending, nulls: None });
        }
    }
    complete
}

pub fn by(order: &[SortKey], a: &[Datum], b: &[Datum]) -> Ordering {
    let mut ordering = Ordering::Equal;
    for (key, (a, b)) in order.iter().zip(a.iter().zip(b)) {
        let nulls_first = key.nulls.map_or(!key.descending, |nulls| nulls == Nulls::First);
        let one = match (a.is_null(), b.is_null()) {
            (true, true) => Ordering::Equal,
            (true, false) => {
                if nulls_first {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (false, true) => {
                if nulls_first {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (false, false) if key.descending => b.sort(a),
            (false, false) => a.sort(b),
        };
        ordering = ordering.then(one);
    }
    ordering
}

fn groups(
    world: Around<'_>,
    chain: &Chain,
    rows: &[&Row],
    keys: &[Item],
    aggregates: &[Item],
    having: &[super::tree::Cond],
) -> Result<Vec<Nested>> {
    let mut groups: Vec<(Vec<Datum>, Vec<&Row>)> = Vec::new();
    if keys.is_empty() {
        groups.push((Vec::new(), rows.to_vec()));
    } else {
        for row in rows {
            let only = [*row];
            let scope = world.scope(chain.root, &only);
            let values = keys.iter().map(|key| scope.value(&key.value)).collect::<Result<Vec<_>>>()?;
            match groups.iter_mut().find(|(known, _)| *known == values) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((values, vec![row])),
            }
        }
    }
    let ends: Vec<_> = keys.iter().map(|key| key.value.clone()).collect();
    let order = complete(&chain.slice.order, &ends);
    let mut found = Vec::new();
    for (values, rows) in &groups {
        let scope = world.scope(chain.root, rows);
        let mut kept = true;
        for condition in having {
            kept &= scope.holds(condition)? == Some(true);
        }
        if kept {
            let mut row: Vec<_> =
                values.iter().zip(keys).map(|(value, key)| Nested::Value(value.clone(), key.value.of())).collect();
            for aggregate in aggregates {
                row.push(Nested::Value(scope.value(&aggregate.value)?, aggregate.value.of()));
            }
            found.push((order.iter().map(|key| scope.value(&key.value)).collect::<Result<Vec<_>>>()?, flat(row)));
        }
    }
    found.sort_by(|(a, _), (b, _)| by(&order, a, b));
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// A single value stands for itself.
fn flat(mut values: Vec<Nested>) -> Nested {
    if values.len() == 1 { values.remove(0) } else { Nested::Tuple(values) }
}

fn loaded(world: Around<'_>, table: TableId, row: &Row, load: &Load) -> Result<Nested> {
    let only = [row];
    let scope = world.scope(table, &only);
    let value = |item: &Item| Ok(Nested::Value(scope.value(&item.value)?, item.value.of()));
    Ok(match load {
        Load::Rows => Nested::Row(row.clone()),
        Load::Fields(items) => flat(items.iter().map(value).collect::<Result<_>>()?),
        Load::Values(item) => Nested::Tuple(vec![Nested::Row(row.clone()), value(item)?]),
        Load::Exclude(excluded) => {
            let own = |column: &usize| !excluded.contains(&(0, *column));
            Nested::Row((0..row.len()).filter(own).map(|column| row[column].clone()).collect())
        }
        Load::Shape(shape, prefetches) => {
            let mut prefetches = prefetches.iter();
            shaped(world, row, &shapes(table)[*shape], &mut prefetches)?
        }
        Load::View(view) => {
            let views = views(table);
            let mut lists = views[*view].lists.iter();
            shaped(world, row, &views[*view].parts, &mut lists)?
        }
        Load::Groups { .. } | Load::Distinct(_) => unreachable!("groups are not rows"),
    })
}

/// A row with its parts, a tuple unless there are none. The lists take their conditions in the order of the parts.
fn shaped<'p>(
    world: Around<'_>,
    row: &Row,
    parts: &[Part],
    prefetches: &mut (impl Iterator<Item = &'p Prefetch> + Clone),
) -> Result<Nested> {
    let mut all = vec![Nested::Row(row.clone())];
    for part in parts {
        all.push(match part {
            Part::One { table, relation, parts } => match world.world.one(*table, *relation, row) {
                Some(target) => shaped(world, target, parts, prefetches)?,
                None => {
                    skip(parts, prefetches);
                    Nested::Nothing
                }
            },
            Part::Many { table, relation, parts } => {
                let many = &table.table().manies[*relation];
                let prefetch = prefetches.next().expect("one for each list");
                let rows = listed(world, many.target, world.world.related(many, row), prefetch)?;
                let behind = prefetches.clone();
                let mut list = Vec::new();
                for row in rows {
                    *prefetches = behind.clone();
                    list.push(shaped(world, row, parts, prefetches)?);
                }
                if list.is_empty() {
                    skip(parts, prefetches);
                }
                Nested::List(list)
            }
            Part::Count { table, relation } => {
                let number = world.world.related(&table.table().manies[*relation], row).len();
                Nested::Value(Datum::Int(i64::try_from(number).unwrap()), Type::Int)
            }
        });
    }
    Ok(flat(all))
}

/// Those of the related rows that a list means.
pub fn listed<'w>(
    world: Around<'_>,
    table: TableId,
    related: Vec<&'w Row>,
    prefetch: &Prefetch,
) -> Result<Vec<&'w Row>> {
    let mut rows = Vec::new();
    for row in related {
        let only = [row];
        let scope = world.scope(table, &only);
        if prefetch.filter.as_ref().map_or(Ok(Some(true)), |filter| scope.holds(filter))? == Some(true) {
            rows.push(row);
        }
    }
    let slice = Slice { order: prefetch.order.clone(), limit: prefetch.limit, offset: 0 };
    sliced(world, table, rows, &slice)
}

fn skip<'p>(parts: &[Part], prefetches: &mut impl Iterator<Item = &'p Prefetch>) {
    for part in parts {
        match part {
            Part::One { parts, .. } => skip(parts, prefetches),
            Part::Many { parts, .. } => {
                prefetches.next();
                skip(parts, prefetches);
            }
            Part::Count { .. } => {}
        }
    }
}
