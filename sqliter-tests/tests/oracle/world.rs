//! The rows, as the oracle holds them.

use super::catalog::{Link, Many, TABLES, TableId};
use super::datum::Datum;
use super::random::Random;
use super::values::{CODES, RATES, TEXTS, decimal, value};

pub type Row = Vec<Datum>;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct World {
    tables: [Vec<Row>; 6],
    /// Books with tags.
    pub tags: Vec<(Datum, Datum)>,
    /// The smaller key first.
    pub friends: Vec<(Datum, Datum)>,
}

impl World {
    pub fn rows(&self, table: TableId) -> &Vec<Row> {
        &self.tables[table as usize]
    }

    pub fn rows_mut(&mut self, table: TableId) -> &mut Vec<Row> {
        &mut self.tables[table as usize]
    }

    pub fn find(&self, table: TableId, key: &Datum) -> Option<&Row> {
        self.rows(table).iter().find(|row| row[0].compare(key).is_some_and(std::cmp::Ordering::is_eq))
    }

    /// The row at the end of a path over to-one relations.
    pub fn follow<'w>(&'w self, table: TableId, row: &'w Row, path: usize) -> Option<&'w Row> {
        let (mut table, mut row) = (table, row);
        for &one in &table.table().paths[path].ones {
            row = self.one(table, one, row)?;
            table = table.table().ones[one].target;
        }
        Some(row)
    }

    /// The row that a to-one relation leads to. A required one leads to one that is deleted softly too.
    pub fn one(&self, table: TableId, relation: usize, row: &Row) -> Option<&Row> {
        let table = table.table();
        let one = &table.ones[relation];
        let found = self.find(one.target, &row[one.column])?;
        (!table.columns[one.column].nullable || !one.target.table().is_deleted(found)).then_some(found)
    }

    /// The rows that a to-many relation leads to, each once.
    pub fn related(&self, many: &Many, row: &Row) -> Vec<&Row> {
        let key = &row[0];
        let targets = self.rows(many.target).iter().filter(|target| !many.target.table().is_deleted(target));
        let one_of = |pairs: &[(Datum, Datum)], target: &Datum, reversed: bool| {
            pairs.iter().any(|(a, b)| if reversed { a == target && b == key } else { a == key && b == target })
        };
        match many.link {
            Link::Referrer(one) => {
                let column = many.target.table().ones[one].column;
                targets.filter(|target| target[column] == *key).collect()
            }
            Link::Tags { reversed } => targets.filter(|target| one_of(&self.tags, &target[0], reversed)).collect(),
            Link::Friends => targets
                .filter(|target| one_of(&self.friends, &target[0], false) || one_of(&self.friends, &target[0], true))
                .collect(),
            Link::Reviewers { reversed } => {
                let pairs: Vec<_> =
                    self.rows(TableId::Review).iter().map(|review| (review[1].clone(), review[2].clone())).collect();
                targets.filter(|target| one_of(&pairs, &target[0], reversed)).collect()
            }
        }
    }

    /// A few random rows in every table, as the schema allows them.
    pub fn random(random: &mut Random) -> Self {
        let mut world = Self::default();
        for table in TABLES {
            let wanted = match table {
                TableId::Country | TableId::Rate => random.below(4) + 1,
                _ => random.below(7) + 1,
            };
            for _ in 0..wanted {
                if let Some(row) = world.random_row(random, table) {
                    world.rows_mut(table).push(row);
                }
            }
        }
        let pairs = |world: &Self, random: &mut Random, left: TableId, right: TableId| {
            let mut pairs = Vec::new();
            for _ in 0..random.below(12) {
                let pair = (random.pick(world.rows(left))[0].clone(), random.pick(world.rows(right))[0].clone());
                if !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
            pairs
        };
        if !world.rows(TableId::Book).is_empty() && !world.rows(TableId::Tag).is_empty() {
            world.tags = pairs(&world, random, TableId::Book, TableId::Tag);
        }
        if !world.rows(TableId::Person).is_empty() {
            for (a, b) in pairs(&world, random, TableId::Person, TableId::Person) {
                let pair = if a.sort(&b).is_le() { (a, b) } else { (b, a) };
                if !world.friends.contains(&pair) {
                    world.friends.push(pair);
                }
            }
        }
        world
    }

    /// A row that can be inserted with the next key, or `None` where one that it needs is missing or a unique value is
    /// taken.
    pub fn random_row(&self, random: &mut Random, table: TableId) -> Option<Row> {
        let description = table.table();
        let mut row = Vec::new();
        for (i, column) in description.columns.iter().enumerate() {
            let one = description.ones.iter().find(|one| one.column == i);
            row.push(if i == 0 {
                self.new_key(random, table)?
            } else if column.nullable && random.chance(if description.soft == Some(i) { 70 } else { 35 }) {
                Datum::Null
            } else if let Some(one) = one {
                let targets = self.rows(one.target);
                if targets.is_empty() {
                    if !column.nullable {
                        return None;
                    }
                    Datum::Null
                } else {
                    random.pick(targets)[0].clone()
                }
            } else {
                value(random, column.of)
            });
        }
        let taken = description.unique.iter().any(|unique| self.same_row(table, &row, unique).is_some());
        (!taken).then_some(row)
    }

    /// The row with the same values in these columns, none of them `NULL`.
    pub fn same_row(&self, table: TableId, row: &Row, columns: &[usize]) -> Option<&Row> {
        // Among the rows that are not deleted, where the columns are unique there alone.
        let live = table.table().live && columns != [0];
        let counts = |row: &Row| !live || !table.table().is_deleted(row);
        self.rows(table)
            .iter()
            .filter(|other| counts(row) && counts(other))
            .find(|other| columns.iter().all(|&c| row[c].compare(&other[c]).is_some_and(std::cmp::Ordering::is_eq)))
    }

    fn new_key(&self, random: &mut Random, table: TableId) -> Option<Datum> {
        let key = match table {
            TableId::Country => Datum::Text((*random.pick(&CODES)).to_owned()),
            TableId::Rate => decimal(random.pick::<&str>(&RATES)),
            _ => self.next_key(table),
        };
        self.find(table, &key).is_none().then_some(key)
    }

    /// The next automatic key, as long as no row was deleted.
    pub fn next_key(&self, table: TableId) -> Datum {
        let last = self.rows(table).iter().map(|row| match row[0] {
            Datum::Int(key) => key,
            _ => 0,
        });
        Datum::Int(last.max().unwrap_or(0) + 1)
    }

    /// Without a row, if no other refers to it.
    pub fn without(&self, table: TableId, index: usize) -> Option<Self> {
        let mut smaller = self.clone();
        let key = smaller.rows_mut(table).remove(index)[0].clone();
        smaller.is_consistent(table, &key).then_some(smaller)
    }

    fn is_consistent(&self, gone: TableId, key: &Datum) -> bool {
        let referred = TABLES.iter().any(|table| {
            let ones = table.table().ones.iter().filter(|one| one.target == gone);
            ones.into_iter().any(|one| self.rows(*table).iter().any(|row| row[one.column] == *key))
        });
        let paired = match gone {
            TableId::Book => self.tags.iter().any(|(book, _)| book == key),
            TableId::Tag => self.tags.iter().any(|(_, tag)| tag == key),
            TableId::Person => self.friends.iter().any(|(a, b)| a == key || b == key),
            _ => false,
        };
        !referred && !paired
    }

    /// In an order that does not depend on how it was read.
    pub fn sorted(mut self) -> Self {
        for rows in &mut self.tables {
            rows.sort_by(|a, b| a[0].sort(&b[0]));
        }
        let by_pair = |a: &(Datum, Datum), b: &(Datum, Datum)| a.0.sort(&b.0).then_with(|| a.1.sort(&b.1));
        self.tags.sort_by(by_pair);
        self.friends.sort_by(by_pair);
        self
    }
}

/// A text that stands in rows.
pub fn text(random: &mut Random) -> String {
    (*random.pick(&TEXTS)).to_owned()
}
