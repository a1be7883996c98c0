//! The schema as data, for the generator and the oracle. It is made from the same lists as the typed access.

use std::sync::LazyLock;

use super::datum::Datum;
use super::types::Type;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableId {
    Country,
    Rate,
    Person,
    Book,
    Tag,
    Review,
}

/// In an order in which rows can be inserted.
pub const TABLES: [TableId; 6] =
    [TableId::Country, TableId::Rate, TableId::Person, TableId::Book, TableId::Tag, TableId::Review];

#[derive(Debug)]
pub struct Table {
    /// The name of the model.
    pub model: &'static str,
    /// The key comes first.
    pub columns: Vec<Column>,
    pub ones: Vec<One>,
    pub manies: Vec<Many>,
    /// The ways over to-one relations, as numbers of `ones`; the first leads nowhere.
    pub paths: Vec<Path>,
    /// The ways over several to-many relations, as numbers of `manies`.
    pub hops: Vec<Vec<usize>>,
    pub unique: Vec<Vec<usize>>,
    /// The column of the time at which a row was deleted softly, where rows are.
    pub soft: Option<usize>,
    pub version: Option<usize>,
    /// Whether its columns are unique among the rows that are not deleted.
    pub live: bool,
}

#[derive(Debug)]
pub struct Column {
    pub field: &'static str,
    pub of: Type,
    pub nullable: bool,
}

/// A to-one relation over a foreign key.
#[derive(Debug)]
pub struct One {
    pub name: &'static str,
    pub column: usize,
    pub target: TableId,
    pub on_delete: OnDelete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
    /// Refused at the end of the statement, if the reference is still there.
    NoAction,
}

#[derive(Debug)]
pub struct Many {
    pub name: &'static str,
    pub target: TableId,
    pub link: Link,
}

#[derive(Debug, Clone, Copy)]
pub enum Link {
    /// A foreign key of the target, by the number of its relation.
    Referrer(usize),
    /// The books and tags that stand in pairs, from the side of the book or that of the tag.
    Tags { reversed: bool },
    /// People in pairs, which count both ways.
    Friends,
    /// The books and people that have reviews in common.
    Reviewers { reversed: bool },
}

#[derive(Debug)]
pub struct Path {
    pub name: String,
    pub ones: Vec<usize>,
    pub target: TableId,
}

impl Table {
    /// Whether a row is deleted softly.
    pub fn is_deleted(&self, row: &[Datum]) -> bool {
        self.soft.is_some_and(|column| !row[column].is_null())
    }
}

impl TableId {
    pub fn table(self) -> &'static Table {
        static CATALOG: LazyLock<Vec<Table>> = LazyLock::new(|| TABLES.map(super::access::describe).into());
        &CATALOG[self as usize]
    }

    pub fn column(self, path: usize, column: usize) -> &'static Column {
        &self.table().paths[path].target.table().columns[column]
    }
}

/// What `access.rs` lists of a model.
pub struct Listed {
    pub model: &'static str,
    pub columns: Vec<Column>,
    pub ones: Vec<(&'static str, &'static str, TableId, OnDelete)>,
    pub manies: Vec<(&'static str, TableId, Link)>,
    pub paths: Vec<Vec<&'static str>>,
    pub hops: Vec<(TableId, Vec<&'static str>)>,
    pub unique: Vec<Vec<&'static str>>,
    pub soft: Option<&'static str>,
    pub version: Option<&'static str>,
    pub live: bool,
}

/// Turns names into numbers. The tables that paths lead to are given by `ones_of`.
pub fn number(
    listed: Listed,
    ones_of: impl Fn(TableId) -> Vec<(&'static str, TableId)>,
    manies_of: impl Fn(TableId) -> Vec<(&'static str, TableId)>,
    id: TableId,
) -> Table {
    let position = |field: &str| listed.columns.iter().position(|column| column.field == field).unwrap();
    let paths = listed.paths.iter().map(|names| {
        let mut target = id;
        let ones = names.iter().map(|name| {
            let ones = ones_of(target);
            let number = ones.iter().position(|(known, _)| known == name).unwrap();
            target = ones[number].1;
            number
        });
        let ones = ones.collect();
        Path { name: names.join("."), ones, target }
    });
    let paths = paths.collect();
    let hops = listed.hops.iter().map(|(_, names)| {
        let mut target = id;
        let hops = names.iter().map(|name| {
            let manies = manies_of(target);
            let number = manies.iter().position(|(known, _)| known == name).unwrap();
            target = manies[number].1;
            number
        });
        hops.collect()
    });
    let hops = hops.collect();
    let ones = listed.ones.iter().map(|&(name, field, target, on_delete)| One {
        name,
        column: position(field),
        target,
        on_delete,
    });
    let ones = ones.collect();
    let manies = listed.manies.iter().map(|&(name, target, link)| Many { name, target, link }).collect();
    let unique = listed.unique.iter().map(|fields| fields.iter().map(|field| position(field)).collect()).collect();
    let soft = listed.soft.map(position);
    let version = listed.version.map(position);
    let live = listed.live;
    Table { model: listed.model, columns: listed.columns, ones, manies, paths, hops, unique, soft, version, live }
}
