//! Rows that lead to each other: as data, at random, and what they are. `reached_typed.rs` says how they are written.

use super::answer::{Answer, Nested, by, chosen, row_values};
use super::catalog::TableId;
use super::datum::Datum;
use super::eval::{Result, Undefined};
use super::generate::{Place, cond};
use super::generate_chain::{row_key, rows, slice};
use super::random::Random;
use super::terminals::Terminal;
use super::tree::{Chain, Cond, Expr, Slice, SortKey};
use super::types::Type;
use super::world::{Row, World};

/// A chain of rows, and what is reached through them.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaching {
    /// Rows that get another parent before, of whatever row.
    pub moves: Vec<(Datum, Datum)>,
    pub chain: Chain,
    pub what: Reached,
    pub levels: Option<u64>,
    pub terminal: Terminal,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Reached {
    /// Rows below a row or, with `true`, above it, with what is said of them behind.
    Rows { above: bool, key: Datum, reorder: bool, filters: Vec<Cond>, slice: Slice, with_depth: bool },
    /// Trees that begin at rows that meet a condition, at most so many behind some.
    Trees { start: Cond, limit: Option<u64>, offset: u64 },
}

/// What should come.
pub enum Expected {
    Rows(Answer),
    Trees(Vec<Nested>),
    /// The error of rows that lead to each other in a circle.
    Cycle,
}

/// The column of the parent.
pub fn parent(table: TableId) -> usize {
    let name = if table == TableId::Tag { "parent" } else { "mentor" };
    table.table().ones.iter().find(|one| one.name == name).unwrap().column
}

impl Reaching {
    pub fn random(random: &mut Random, world: &World) -> Option<Self> {
        let table = *random.pick(&[TableId::Tag, TableId::Tag, TableId::Person]);
        let place = Place::of(table);
        let all = world.rows(table);
        if all.is_empty() {
            return None;
        }
        let moves = (0..random.below(5)).map(|_| (random.pick(all)[0].clone(), random.pick(all)[0].clone())).collect();
        let mut chain = rows(random, table);
        if random.chance(40) {
            chain.filters = Vec::new();
        }
        let what = if random.chance(50) {
            let key = if random.chance(90) { random.pick(all)[0].clone() } else { Datum::Int(99) };
            Reached::Rows {
                above: random.chance(40),
                key,
                reorder: random.chance(15),
                filters: (0..random.below(4) / 2).map(|_| cond(random, place, 1)).collect(),
                slice: slice(random, |random| row_key(random, place)),
                with_depth: random.chance(50),
            }
        } else {
            let column = parent(table);
            let own = Expr::Column { path: 0, column, of: table.table().columns[column].of };
            let start = if random.chance(40) { Cond::Null(own, false) } else { cond(random, place, 1) };
            let limited = random.chance(25);
            let limit = (limited && random.chance(70)).then(|| random.below(4) as u64);
            Reached::Trees { start, limit, offset: if limited { random.below(3) as u64 } else { 0 } }
        };
        let levels = random.chance(30).then(|| random.below(4) as u64);
        let terminal = match random.below(8) {
            0 => Terminal::Count,
            1 => Terminal::First,
            2 => Terminal::Last,
            3 => Terminal::Pages(vec![random.below(3) as u64 + 1]),
            _ => Terminal::All,
        };
        Some(Self { moves, chain, what, levels, terminal })
    }

    /// The rows after those that get another parent.
    pub fn moved(&self, world: &World) -> World {
        let mut world = world.clone();
        let column = parent(self.chain.root);
        for (key, parent) in self.possible_moves(&world) {
            for row in world.rows_mut(self.chain.root).iter_mut().filter(|row| row[0] == key) {
                row[column] = parent.clone();
            }
        }
        world
    }

    /// Those to rows that are there.
    pub fn possible_moves(&self, world: &World) -> Vec<(Datum, Datum)> {
        let known = |key: &Datum| world.find(self.chain.root, key).is_some();
        self.moves.iter().filter(|(_, parent)| known(parent)).cloned().collect()
    }

    /// Over the rows after the moves.
    pub fn expected(&self, world: &World) -> Result<Expected> {
        let through = chosen(world, &self.chain)?;
        match &self.what {
            Reached::Rows { above, key, reorder, filters, slice, with_depth } => {
                let mut found = self.steps(world, &through, *above, key);
                let kept = |row: &Row| super::answer::meets(world, self.chain.root, row, filters);
                let mut kept_rows = Vec::new();
                for (row, depth) in found.drain(..) {
                    if kept(row)? {
                        kept_rows.push((row, depth));
                    }
                }
                let order = self.order(*reorder, slice);
                let all = self.sorted(world, kept_rows, &order, !*reorder)?;
                let nested = |(row, depth): (&Row, u64)| {
                    let row_alone = Nested::Row(row.clone());
                    let depth = Nested::Value(Datum::Int(i64::try_from(depth).unwrap()), Type::Int);
                    if *with_depth { Nested::Tuple(vec![row_alone, depth]) } else { row_alone }
                };
                let all: Vec<_> = all.into_iter().map(nested).collect();
                let limit = slice.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
                let rows = all.iter().skip(usize::try_from(slice.offset).unwrap()).take(limit).cloned().collect();
                // A chain whose order is replaced by none gives its rows as SQLite finds them, unless it chooses some.
                let ordered = !*reorder || !order.is_empty() || slice.limit.is_some() || slice.offset > 0;
                Ok(Expected::Rows(Answer { rows, ordered, all }))
            }
            Reached::Trees { start, limit, offset } => self.trees(world, &through, start, (*limit, *offset)),
        }
    }

    fn order(&self, reorder: bool, behind: &Slice) -> Vec<SortKey> {
        let before = if reorder { Vec::new() } else { self.chain.whole_slice().order };
        before.into_iter().chain(behind.order.iter().cloned()).collect()
    }

    /// By the depth if it counts, then by the keys, and then by the primary key.
    fn sorted<'w>(
        &self,
        world: &World,
        rows: Vec<(&'w Row, u64)>,
        order: &[SortKey],
        by_depth: bool,
    ) -> Result<Vec<(&'w Row, u64)>> {
        let table = self.chain.root;
        let depth = SortKey { value: Expr::Literal(Datum::Null, Type::Int), descending: false, nulls: None };
        let key = Expr::Column { path: 0, column: 0, of: table.table().columns[0].of };
        let order: Vec<_> =
            by_depth.then_some(depth).into_iter().chain(super::answer::complete(order, &[key])).collect();
        let mut keyed = Vec::new();
        for (row, depth) in rows {
            let keys = &order[usize::from(by_depth)..];
            let depth_key = by_depth.then(|| Datum::Int(i64::try_from(depth).unwrap()));
            let values: Vec<_> = depth_key
                .into_iter()
                .chain(row_values(world, table, row, keys.iter().map(|key| &key.value))?)
                .collect();
            keyed.push((values, (row, depth)));
        }
        keyed.sort_by(|(a, _), (b, _)| by(&order, a, b));
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }

    /// The rows that steps from a row lead to.
    fn steps<'w>(&self, world: &'w World, through: &[&'w Row], above: bool, key: &Datum) -> Vec<(&'w Row, u64)> {
        let column = parent(self.chain.root);
        let mut found: Vec<(&Row, u64)> = Vec::new();
        let is_new =
            |found: &[(&Row, u64)], row: &Row| row[0] != *key && found.iter().all(|(known, _)| known[0] != row[0]);
        let mut last: Vec<Datum> = if above {
            world.find(self.chain.root, key).map(|row| row[column].clone()).into_iter().collect()
        } else {
            vec![key.clone()]
        };
        for depth in 1..=self.levels.unwrap_or(u64::MAX) {
            let at = if above { 0 } else { column };
            let is_next =
                |row: &Row| last.iter().any(|key| row[at].compare(key).is_some_and(std::cmp::Ordering::is_eq));
            let next: Vec<&Row> = through.iter().copied().filter(|row| is_next(row) && is_new(&found, row)).collect();
            if next.is_empty() {
                break;
            }
            last = next.iter().map(|row| row[if above { column } else { 0 }].clone()).collect();
            found.extend(next.into_iter().map(|row| (row, depth)));
        }
        found
    }

    fn trees(
        &self,
        world: &World,
        through: &[&Row],
        start: &Cond,
        (limit, offset): (Option<u64>, u64),
    ) -> Result<Expected> {
        let (table, column) = (self.chain.root, parent(self.chain.root));
        let meets = |row: &Row| super::answer::meets(world, table, row, std::slice::from_ref(start));
        let order = self.order(false, &Slice::default());
        let sorted: Vec<&Row> = self
            .sorted(world, through.iter().map(|row| (*row, 0)).collect(), &order, false)?
            .into_iter()
            .map(|(row, _)| row)
            .collect();
        let mut meeting = Vec::new();
        let mut roots = Vec::new();
        for row in &sorted {
            let parent = world.find(table, &row[column]);
            if meets(row)? {
                meeting.push(*row);
                if !parent.map_or(Ok(false), meets)? {
                    roots.push(*row);
                }
            }
        }
        let limited = limit.is_some() || offset > 0;
        let below_of = |row: &Row| self.steps_down(&sorted, row);
        if limited {
            // One that is below another one counts as a tree of its own too, and does not come as one.
            for root in &roots {
                if roots.iter().any(|other| below_of(root).iter().any(|below| below[0] == other[0])) {
                    return Err(Undefined);
                }
            }
            let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
            roots = roots.into_iter().skip(usize::try_from(offset).unwrap()).take(limit).collect();
        }
        let begins = if limited || self.levels.is_some() { roots.clone() } else { meeting };
        let mut nodes: Vec<&Row> = Vec::new();
        for begin in begins {
            for row in std::iter::once(begin).chain(below_of(begin)) {
                if nodes.iter().all(|known| known[0] != row[0]) {
                    nodes.push(row);
                }
            }
        }
        // Each goes up until it comes to itself.
        for row in &nodes {
            let mut at = *row;
            for _ in 0..=nodes.len() {
                let Some(parent) = nodes.iter().find(|other| other[0] == at[column] && !at[column].is_null()) else {
                    break;
                };
                if parent[0] == row[0] {
                    return Ok(Expected::Cycle);
                }
                at = parent;
            }
        }
        let is_root = |row: &Row| roots.iter().any(|root| root[0] == row[0]);
        let mut trees = Vec::new();
        // In the order of the chain.
        for row in sorted.iter().filter(|row| is_root(row)) {
            if self.level(&nodes, &is_root, row) == Some(0) {
                trees.push(self.tree(&sorted, &nodes, &is_root, row, 0));
            }
        }
        Ok(Expected::Trees(trees))
    }

    /// What is below a row among these, as deep as it may.
    fn steps_down<'w>(&self, rows: &[&'w Row], from: &Row) -> Vec<&'w Row> {
        let column = parent(self.chain.root);
        let mut found: Vec<&Row> = Vec::new();
        let mut last = vec![from[0].clone()];
        for _ in 0..self.levels.unwrap_or(u64::MAX) {
            let next: Vec<&Row> = rows
                .iter()
                .copied()
                .filter(|row| last.contains(&row[column]) && !row[column].is_null())
                .filter(|row| found.iter().all(|known| known[0] != row[0]))
                .collect();
            if next.is_empty() {
                break;
            }
            last = next.iter().map(|row| row[0].clone()).collect();
            found.extend(next);
        }
        found
    }

    /// How deep a row stands in a tree, if it stands in one: below its parent, else as a root.
    fn level(&self, nodes: &[&Row], is_root: &impl Fn(&Row) -> bool, row: &Row) -> Option<u64> {
        let key = &row[parent(self.chain.root)];
        let above = nodes.iter().find(|other| !key.is_null() && other[0] == *key);
        let below = above.and_then(|above| self.level(nodes, is_root, above)).map(|level| level + 1);
        let below = below.filter(|level| self.levels.is_none_or(|levels| *level <= levels));
        below.or_else(|| is_root(row).then_some(0))
    }

    fn tree(&self, sorted: &[&Row], nodes: &[&Row], is_root: &impl Fn(&Row) -> bool, row: &Row, level: u64) -> Nested {
        let column = parent(self.chain.root);
        let is_child = |other: &&&Row| other[column] == row[0] && nodes.iter().any(|node| node[0] == other[0]);
        let children = sorted
            .iter()
            .filter(is_child)
            .filter(|child| self.level(nodes, is_root, child) == Some(level + 1))
            .map(|child| self.tree(sorted, nodes, is_root, child, level + 1));
        Nested::Tuple(vec![Nested::Row(row.clone()), Nested::List(children.collect())])
    }
}
