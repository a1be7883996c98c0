//! What is loaded beside whole rows: relations, joined and prefetched, nested in each other, and counts.
//!
//! The type of a chain says what it loads, so that there is a list of shapes; what their to-many relations filter, sort
//! and limit is random.

use sqliter::relation::{Many, Relation, ToMany};
use sqliter::{Model, Order, Select};

use super::access::Root;
use super::catalog::TableId;
use super::schema::*;
use super::terminals::{Got, Terminal, rows, streamed};
use super::tree::Prefetch;
use super::typed::{condition, order};

#[derive(Debug, Clone)]
pub enum Part {
    One { table: TableId, relation: usize, parts: Vec<Part> },
    Many { table: TableId, relation: usize, parts: Vec<Part> },
    Count { table: TableId, relation: usize },
}

impl Part {
    /// The to-many relations with the tables they lead to, in the order of their conditions.
    pub fn lists(parts: &[Self]) -> Vec<TableId> {
        let mut lists = Vec::new();
        for part in parts {
            match part {
                Self::One { parts, .. } => lists.extend(Self::lists(parts)),
                Self::Many { table, relation, parts } => {
                    lists.push(table.table().manies[*relation].target);
                    lists.extend(Self::lists(parts));
                }
                Self::Count { .. } => {}
            }
        }
        lists
    }
}

/// A part by the name of its relation.
macro_rules! part {
    ($table:expr, one $name:ident $([$($inner:tt)*])?) => {{
        let relation = $table.table().ones.iter().position(|one| one.name == stringify!($name)).unwrap();
        let _target = $table.table().ones[relation].target;
        Part::One { table: $table, relation, parts: parts!(_target, $($($inner)*)?) }
    }};
    ($table:expr, many $name:ident $([$($inner:tt)*])?) => {{
        let relation = $table.table().manies.iter().position(|many| many.name == stringify!($name)).unwrap();
        let _target = $table.table().manies[relation].target;
        Part::Many { table: $table, relation, parts: parts!(_target, $($($inner)*)?) }
    }};
    ($table:expr, count $name:ident) => {{
        let relation = $table.table().manies.iter().position(|many| many.name == stringify!($name)).unwrap();
        Part::Count { table: $table, relation }
    }};
}

macro_rules! parts {
    ($table:expr, $($kind:ident $name:ident $([$($inner:tt)*])?),*) => {
        vec![$(part!($table, $kind $name $([$($inner)*])?)),*]
    };
}

/// The shapes of a table, in the order of [`Shaped::shape`].
pub fn shapes(table: TableId) -> Vec<Vec<Part>> {
    match table {
        TableId::Country => vec![parts!(table, many people), parts!(table, many people [one mentor, many books])],
        TableId::Rate => vec![parts!(table, many books [one author])],
        TableId::Person => vec![
            parts!(table, one mentor, one country),
            parts!(table, many books),
            parts!(table, many friends),
            parts!(table, one mentor [one country], many edited [many tags]),
            parts!(table, many reviewed),
            parts!(table, count books, count friends),
        ],
        TableId::Book => vec![
            parts!(table, one author, one editor, one rate),
            parts!(table, one author [one mentor, one country]),
            parts!(table, many tags, many reviews [one reviewer]),
            parts!(table, one editor [one country], count tags, many reviewers),
        ],
        TableId::Tag => {
            vec![parts!(table, one parent [one parent]), parts!(table, many books [one editor], many children)]
        }
        TableId::Review => vec![
            parts!(table, one book [one author], one reviewer),
            parts!(table, one book [one editor [one country], one rate]),
        ],
    }
}

/// A to-many relation with what the case says about it.
pub fn list<R: Relation<Source = M, Cardinality = Many, Target: Root>, M: Model>(
    relation: ToMany<M, R>,
    prefetches: &mut std::slice::Iter<'_, Prefetch>,
) -> sqliter::bounds::Prefetch<R> {
    let prefetch = prefetches.next().expect("one for each list");
    let keys = |columns: &<R::Target as Model>::Columns<R::Target>| -> Vec<Order<R::Target>> {
        prefetch.order.iter().map(|key| order(columns, key)).collect()
    };
    let mut list = relation.order(keys);
    if let Some(filter) = &prefetch.filter {
        list = list.filter(|columns| condition(columns, filter));
    }
    match prefetch.limit {
        Some(limit) => list.limit(limit),
        None => list,
    }
}

/// Runs a chain with a shape.
pub trait Shaped: Root {
    async fn shape(
        select: Select<'_, Self>,
        shape: usize,
        lists: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got>;
}

impl Shaped for Country {
    async fn shape(
        select: Select<'_, Self>,
        shape: usize,
        lists: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got> {
        let mut lists = lists.iter();
        match shape {
            0 => rows(select.prefetch_related(|c| list(c.people, &mut lists)), terminal).await,
            _ => {
                let people = |c: &CountryColumns<Self>| {
                    let people = list(c.people, &mut lists);
                    people.with(|p| (p.mentor, list(p.books, &mut lists)))
                };
                rows(select.prefetch_related(people), terminal).await
            }
        }
    }
}

impl Shaped for Rate {
    async fn shape(
        select: Select<'_, Self>,
        _: usize,
        lists: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got> {
        let mut lists = lists.iter();
        rows(select.prefetch_related(|r| list(r.books, &mut lists).with(|b| b.author)), terminal).await
    }
}

impl Shaped for Person {
    async fn shape(
        select: Select<'_, Self>,
        shape: usize,
        lists: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got> {
        let mut lists = lists.iter();
        match shape {
            0 => streamed(select.select_related(|p| (p.mentor, p.country)), terminal).await,
            1 => rows(select.prefetch_related(|p| list(p.books, &mut lists)), terminal).await,
            2 => rows(select.prefetch_related(|p| list(p.friends, &mut lists)), terminal).await,
            3 => {
                let select = select.select_related(|p| p.mentor.with(|m| m.country));
                let edited = |p: &PersonColumns<Self>| {
                    let edited = list(p.edited, &mut lists);
                    edited.with(|b| list(b.tags, &mut lists))
                };
                rows(select.prefetch_related(edited), terminal).await
            }
            4 => rows(select.prefetch_related(|p| list(p.reviewed, &mut lists)), terminal).await,
            _ => streamed(select.with_count(|p| p.books).with_count(|p| p.friends), terminal).await,
        }
    }
}

impl Shaped for Book {
    async fn shape(
        select: Select<'_, Self>,
        shape: usize,
        lists: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got> {
        let mut lists = lists.iter();
        match shape {
            0 => streamed(select.select_related(|b| (b.author, b.editor, b.rate)), terminal).await,
            1 => streamed(select.select_related(|b| b.author.with(|a| (a.mentor, a.country))), terminal).await,
            2 => {
                let both = |b: &BookColumns<Self>| {
                    (list(b.tags, &mut lists), list(b.reviews, &mut lists).with(|r| r.reviewer))
                };
                rows(select.prefetch_related(both), terminal).await
            }
            _ => {
                let select = select.select_related(|b| b.editor.with(|e| e.country)).with_count(|b| b.tags);
                rows(select.prefetch_related(|b| list(b.reviewers, &mut lists)), terminal).await
            }
        }
    }
}

impl Shaped for Tag {
    async fn shape(
        select: Select<'_, Self>,
        shape: usize,
        lists: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got> {
        let mut lists = lists.iter();
        match shape {
            0 => streamed(select.select_related(|t| t.parent.with(|p| p.parent)), terminal).await,
            _ => {
                let both =
                    |t: &TagColumns<Self>| (list(t.books, &mut lists).with(|b| b.editor), list(t.children, &mut lists));
                rows(select.prefetch_related(both), terminal).await
            }
        }
    }
}

impl Shaped for Review {
    async fn shape(
        select: Select<'_, Self>,
        shape: usize,
        _: &[Prefetch],
        terminal: &Terminal,
    ) -> sqliter::Result<Got> {
        match shape {
            0 => streamed(select.select_related(|r| (r.book.with(|b| b.author), r.reviewer)), terminal).await,
            _ => {
                let book = |r: &ReviewColumns<Self>| r.book.with(|b| (b.editor.with(|e| e.country), b.rate));
                streamed(select.select_related(book), terminal).await
            }
        }
    }
}
