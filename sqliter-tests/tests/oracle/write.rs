//! Writes as data, and random ones.
//!
//! A new write is a variant of [`Write`] with what it does in `predict.rs`, how it is run in `write_typed.rs`, and its
//! text in `print_write.rs`.

use super::catalog::{TABLES, TableId};
use super::datum::Datum;
use super::generate::{Place, expr, root, same_column_elsewhere};
use super::generate_chain::rows;
use super::random::Random;
use super::tree::{Arithmetic, Chain, Expr};
use super::types::Type;
use super::values::value;
use super::world::{Row, World};

#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// `insert`, `bulk_insert` of several, or `insert_with` the key.
    Insert {
        table: TableId,
        rows: Vec<Row>,
        with_key: bool,
    },
    /// `update` of a row in hand, `bulk_update` of several.
    Save {
        table: TableId,
        rows: Vec<Row>,
    },
    /// `delete` by key.
    Remove {
        table: TableId,
        key: Datum,
    },
    Update {
        chain: Chain,
        sets: Vec<(usize, Expr)>,
    },
    Delete {
        chain: Chain,
        how: Deletion,
    },
    /// Deletes the row of a key for good, or takes its deletion back.
    Undelete {
        table: TableId,
        key: Datum,
        how: Deletion,
    },
    /// `bulk_delete`.
    RemoveAll {
        table: TableId,
        keys: Vec<Datum>,
    },
    /// `bulk_get`, which writes nothing.
    GetAll {
        table: TableId,
        keys: Vec<Datum>,
    },
    /// Writes these columns of a row, if it has the version.
    Patch {
        table: TableId,
        key: Datum,
        patch: Vec<(usize, Datum)>,
        version: Option<i64>,
    },
    /// Upsert, by the number of a unique index; without changes it ignores the new row. `update_or_create` tells whether
    /// the row is new.
    Upsert {
        table: TableId,
        row: Row,
        unique: usize,
        changes: Option<Changes>,
        tells: bool,
    },
    /// `bulk_upsert`.
    UpsertAll {
        table: TableId,
        rows: Vec<Row>,
        unique: usize,
        changes: Option<Changes>,
    },
    GetOrCreate {
        table: TableId,
        row: Row,
        unique: usize,
    },
    Pairs {
        pairs: Pairs,
        key: Datum,
        change: Change,
        others: Vec<Datum>,
    },
}

impl Write {
    /// The table whose rows it gives back.
    pub const fn table(&self) -> TableId {
        match self {
            Self::Insert { table, .. }
            | Self::Save { table, .. }
            | Self::Remove { table, .. }
            | Self::Undelete { table, .. }
            | Self::RemoveAll { table, .. }
            | Self::GetAll { table, .. }
            | Self::Patch { table, .. }
            | Self::UpsertAll { table, .. }
            | Self::Upsert { table, .. }
            | Self::GetOrCreate { table, .. } => *table,
            Self::Update { chain, .. } | Self::Delete { chain, .. } => chain.root,
            Self::Pairs { pairs, .. } => pairs.tables().0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    AsTheModelSays,
    ForGood,
    TakenBack,
}

/// What an upsert writes into the row that is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Columns that take the value of the new row.
    pub new: Vec<usize>,
    pub sets: Vec<(usize, Expr)>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.sets.is_empty()
    }
}

/// The many-to-many relations of rows in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    TagsOfBook,
    BooksOfTag,
    Friends,
    ReviewersOfBook,
    ReviewedByPerson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Add,
    Remove,
    Set,
    Clear,
}

impl Pairs {
    pub const fn tables(self) -> (TableId, TableId) {
        match self {
            Self::TagsOfBook => (TableId::Book, TableId::Tag),
            Self::BooksOfTag => (TableId::Tag, TableId::Book),
            Self::Friends => (TableId::Person, TableId::Person),
            Self::ReviewersOfBook => (TableId::Book, TableId::Person),
            Self::ReviewedByPerson => (TableId::Person, TableId::Book),
        }
    }
}

pub fn write(random: &mut Random, world: &World) -> Write {
    let table = if random.chance(60) { root(random) } else { *random.pick(&TABLES) };
    match random.below(100) {
        0..12 => {
            let number = *random.pick(&[1, 1, 1, 2, 3]);
            let with_key = random.chance(40);
            Write::Insert { table, rows: (0..number).map(|_| row(random, world, table)).collect(), with_key }
        }
        12..16 => patch(random, world, table),
        16..22 => {
            let number = *random.pick(&[1, 1, 2]);
            let rows = (0..number).map(|_| changed_row(random, world, table)).collect();
            Write::Save { table, rows }
        }
        22..32 => {
            let key = some_key(random, world, table);
            match random.below(3) {
                0 if table.table().soft.is_some() => Write::Undelete { table, key, how: Deletion::ForGood },
                1 if table.table().soft.is_some() => Write::Undelete { table, key, how: Deletion::TakenBack },
                _ => Write::Remove { table, key },
            }
        }
        32..57 => {
            let chain = rows(random, table);
            let number = *random.pick(&[1, 1, 2]);
            Write::Update { sets: sets(random, table, number), chain }
        }
        57..72 => {
            let how = match random.below(3) {
                0 if table.table().soft.is_some() => Deletion::ForGood,
                1 if table.table().soft.is_some() => Deletion::TakenBack,
                _ => Deletion::AsTheModelSays,
            };
            Write::Delete { chain: rows(random, table), how }
        }
        72..77 => upsert(random, world),
        77..79 => upserts(random, world),
        79 => {
            let keys = (0..random.below(4)).map(|_| some_key(random, world, table)).collect();
            if random.chance(70) { Write::RemoveAll { table, keys } } else { Write::GetAll { table, keys } }
        }
        80..86 => {
            let (table, row, unique) = conflicting(random, world);
            Write::GetOrCreate { table, row, unique }
        }
        _ => {
            use Pairs::*;
            let pairs = *random.pick(&[TagsOfBook, BooksOfTag, Friends, ReviewersOfBook, ReviewedByPerson]);
            let (table, target) = pairs.tables();
            let change = *random.pick(&[Change::Add, Change::Add, Change::Remove, Change::Set, Change::Clear]);
            let others = if change == Change::Clear { 0 } else { random.below(4) };
            let others = (0..others).map(|_| some_key(random, world, target)).collect();
            Write::Pairs { pairs, key: some_key(random, world, table), change, others }
        }
    }
}

/// A key that a row has, mostly.
fn some_key(random: &mut Random, world: &World, table: TableId) -> Datum {
    let rows = world.rows(table);
    if !rows.is_empty() && random.chance(88) {
        return random.pick(rows)[0].clone();
    }
    match table {
        TableId::Country | TableId::Rate => value(random, key_type(table)),
        // One that no new row gets.
        _ => Datum::Int(-1),
    }
}

/// The type of foreign keys to a table.
pub const fn key_type(table: TableId) -> Type {
    match table {
        TableId::Country => Type::CountryKey,
        TableId::Rate => Type::RateKey,
        TableId::Person => Type::PersonKey,
        TableId::Book => Type::BookKey,
        TableId::Tag => Type::TagKey,
        TableId::Review => Type::ReviewKey,
    }
}

/// Values for all columns, of which some may violate a constraint.
fn row(random: &mut Random, world: &World, table: TableId) -> Row {
    let description = table.table();
    let mut row = Vec::new();
    for (i, column) in description.columns.iter().enumerate() {
        let one = description.ones.iter().find(|one| one.column == i);
        row.push(if i == 0 {
            match table {
                TableId::Country | TableId::Rate => value(random, key_type(table)),
                _ if random.chance(10) => some_key(random, world, table),
                _ => world.next_key(table),
            }
        } else if column.nullable && random.chance(30) {
            Datum::Null
        } else if let Some(one) = one {
            some_key(random, world, one.target)
        } else {
            value(random, column.of)
        });
    }
    row
}

/// A row that is there, mostly, with other values.
fn changed_row(random: &mut Random, world: &World, table: TableId) -> Row {
    let mut new = row(random, world, table);
    if world.rows(table).is_empty() {
        return new;
    }
    let old = random.pick(world.rows(table)).clone();
    for (new, old) in new.iter_mut().zip(&old).skip(1) {
        if random.chance(60) {
            *new = old.clone();
        }
    }
    if random.chance(92) {
        new[0] = old[0].clone();
    }
    new
}

fn sets(random: &mut Random, table: TableId, number: usize) -> Vec<(usize, Expr)> {
    let mut sets: Vec<(usize, Expr)> = Vec::new();
    for _ in 0..number {
        let number = random.below(table.table().columns.len() - 1) + 1;
        // A version is not set.
        let number = if table.table().version == Some(number) { 1 } else { number };
        let column = &table.table().columns[number];
        if sets.iter().any(|(known, _)| *known == number) {
            continue;
        }
        let depth = *random.pick(&[0, 1, 2]);
        let value = if column.nullable && random.chance(15) {
            Expr::Literal(Datum::Null, column.of)
        } else if column.of == Type::Document || random.chance(35) {
            Expr::Literal(value(random, column.of), column.of)
        } else if column.of.numbers().is_some() && random.chance(40) {
            // `.add(…)` and the like.
            let own = Expr::Column { path: 0, column: number, of: column.of };
            let by = *random.pick(&[Arithmetic::Add, Arithmetic::Subtract, Arithmetic::Multiply]);
            let value = Expr::Literal(value(random, column.of), column.of);
            Expr::Arithmetic(Box::new(own), by, Box::new(value), column.of)
        } else if random.chance(30)
            && let Some(elsewhere) = same_column_elsewhere(random, Place::of(table), number)
        {
            elsewhere
        } else {
            expr(random, Place::of(table), column.of, depth)
        };
        sets.push((number, value));
    }
    sets
}

/// A new row of a table with unique columns, which is often there already.
fn conflicting(random: &mut Random, world: &World) -> (TableId, Row, usize) {
    use TableId::*;
    let table = *random.pick(&[Country, Rate, Person, Person, Book, Book, Tag]);
    let unique = random.below(table.table().unique.len());
    let mut new = row(random, world, table);
    if !world.rows(table).is_empty() && random.chance(60) {
        let old = random.pick(world.rows(table)).clone();
        for &column in &table.table().unique[unique] {
            new[column] = old[column].clone();
        }
    }
    (table, new, unique)
}

/// Some columns of a row that is there, mostly.
fn patch(random: &mut Random, world: &World, table: TableId) -> Write {
    let description = table.table();
    let key = some_key(random, world, table);
    let mut new = changed_row(random, world, table);
    let columns = 1..description.columns.len();
    let columns = columns.filter(|column| ![description.soft, description.version].contains(&Some(*column)));
    let patch =
        columns.filter(|_| random.chance(25)).map(|column| (column, std::mem::replace(&mut new[column], Datum::Null)));
    let patch = patch.collect();
    let stored =
        world.find(table, &key).zip(description.version).map(|(row, version)| super::store::number(&row[version]));
    let version = stored.filter(|_| random.chance(60)).map(|version| version + i64::from(random.chance(30)));
    Write::Patch { table, key, patch, version }
}

fn upserts(random: &mut Random, world: &World) -> Write {
    let (table, first, unique) = conflicting(random, world);
    let mut rows = vec![first];
    for _ in 0..random.below(3) {
        let mut next = row(random, world, table);
        // Of which some meet each other.
        let known = if random.chance(40) { Some(&rows[0]) } else { None };
        let known = known.or_else(|| world.rows(table).first().filter(|_| random.chance(50))).cloned();
        if let Some(known) = known {
            for &column in &table.table().unique[unique] {
                next[column] = known[column].clone();
            }
        }
        rows.push(next);
    }
    let changes = random.chance(70).then(|| changes(random, table)).filter(|changes| !changes.is_empty());
    Write::UpsertAll { table, rows, unique, changes }
}

fn upsert(random: &mut Random, world: &World) -> Write {
    let (table, row, unique) = conflicting(random, world);
    let changes = random.chance(70).then(|| changes(random, table));
    Write::Upsert { table, row, unique, tells: changes.is_some() && random.chance(40), changes }
}

fn changes(random: &mut Random, table: TableId) -> Changes {
    {
        let number = random.below(2);
        let sets = sets(random, table, number);
        let columns = table.table().columns.len();
        let mut new: Vec<usize> = (0..random.below(3)).map(|_| random.below(columns - 1) + 1).collect();
        new.sort_unstable();
        new.dedup();
        new.retain(|column| table.table().version != Some(*column));
        new.retain(|column| sets.iter().all(|(set, _)| set != column));
        Changes { new, sets }
    }
}
