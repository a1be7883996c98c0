//! The ends of a chain, and what they give, whatever it loads.
//!
//! A new end is a variant of [`Terminal`] with its case in one of the functions here, what it should give in
//! `check.rs`, and its weight in `generate_chain.rs`.

use sqliter::bounds::{GivesRows, Load, OneStatement};
use sqliter::{Model, Record, Result, Select};

use super::access::Root;
use super::answer::Nested;
use super::catalog::TableId;
use super::schema::*;
use super::types::{Stored, Type};

/// The end of a chain.
#[derive(Debug, Clone, PartialEq)]
pub enum Terminal {
    All,
    /// Twice, the second time from the cache.
    Again,
    One,
    First,
    Last,
    Required,
    Count,
    Exists,
    Dicts,
    Stream,
    /// Pages of these sizes, the last one again and again, put together; there and back.
    Pages(Vec<u64>),
    /// What a relation of the fetched rows leads to, by one statement or row by row.
    Related(Side, bool),
    /// For a report.
    Sql,
}

/// A relation of a model, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    One(usize),
    Many(usize),
}

impl Side {
    pub fn name(self, table: TableId) -> &'static str {
        match self {
            Self::One(relation) => table.table().ones[relation].name,
            Self::Many(relation) => table.table().manies[relation].name,
        }
    }
}

#[derive(Debug)]
pub enum Got {
    Rows(Vec<Nested>),
    Row(Option<Nested>),
    Count(u64),
    Exists(bool),
    Dicts(Vec<Record>),
    Sql(String),
    /// The chain does not have this end.
    Nothing,
}

/// What a row of a result is to the oracle.
pub trait Output {
    fn nested(self) -> Nested;
}

macro_rules! models {
    ($($model:ident)*) => {$(
        impl Output for $model {
            fn nested(self) -> Nested {
                Nested::Row(self.into_row())
            }
        }
    )*};
}

models!(Country Rate Person Book Tag Review);

impl Output for Stored {
    fn nested(self) -> Nested {
        Nested::Stored(self.0)
    }
}

impl Output for i64 {
    fn nested(self) -> Nested {
        Nested::Value(super::datum::Datum::Int(self), Type::Int)
    }
}

impl Output for Record {
    fn nested(self) -> Nested {
        Nested::Tuple(self.iter().map(|(_, value)| Nested::Stored(value.clone())).collect())
    }
}

impl<T: Output> Output for Option<T> {
    fn nested(self) -> Nested {
        self.map_or(Nested::Nothing, Output::nested)
    }
}

impl<T: Output> Output for Vec<T> {
    fn nested(self) -> Nested {
        Nested::List(self.into_iter().map(Output::nested).collect())
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<$($name: Output),+> Output for ($($name,)+) {
            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn nested(self) -> Nested {
                let ($($name,)+) = self;
                Nested::Tuple(vec![$($name.nested()),+])
            }
        }
    )*};
}

tuples! {
    A B;
    A B C;
    A B C D;
}

/// The ends that every chain has.
pub async fn any<M: Model, S: Load<M, Output: Output>>(select: Select<'_, M, S>, terminal: &Terminal) -> Result<Got> {
    let nested = |row: Option<S::Output>| Got::Row(row.map(Output::nested));
    Ok(match terminal {
        Terminal::All => Got::Rows(select.fetch_all().await?.into_iter().map(Output::nested).collect()),
        Terminal::Again => {
            select.clone().fetch_all().await?;
            Got::Rows(select.fetch_all().await?.into_iter().map(Output::nested).collect())
        }
        Terminal::One => nested(select.fetch_one().await?),
        Terminal::First => nested(select.fetch_first().await?),
        Terminal::Last => nested(select.fetch_last().await?),
        Terminal::Required => match select.fetch_required().await {
            Ok(row) => nested(Some(row)),
            Err(sqliter::Error::RecordNotFound { .. }) => Got::Row(None),
            Err(error) => return Err(error),
        },
        Terminal::Count => Got::Count(select.count().await?),
        Terminal::Exists => Got::Exists(select.exists().await?),
        Terminal::Dicts => Got::Dicts(select.fetch_dicts().await?),
        Terminal::Sql => {
            let sql = select.to_sql()?;
            Got::Sql(format!("{}\n    {:?}", sql.text, sql.arguments))
        }
        Terminal::Stream | Terminal::Pages(_) | Terminal::Related(..) => Got::Nothing,
    })
}

/// The ends of chains that give groups.
pub async fn groups<M: Model, S: Load<M, Output: Output> + OneStatement<M>>(
    select: Select<'_, M, S>,
    terminal: &Terminal,
) -> Result<Got> {
    if *terminal != Terminal::Stream {
        return any(select, terminal).await;
    }
    let mut stream = select.fetch_stream();
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?.nested());
    }
    Ok(Got::Rows(rows))
}

/// The ends of chains that give rows.
pub async fn rows<M: Model, S: GivesRows<M, Output: Output>>(
    select: Select<'_, M, S>,
    terminal: &Terminal,
) -> Result<Got> {
    let Terminal::Pages(sizes) = terminal else { return any(select, terminal).await };
    let (mut rows, mut cursor, mut total) = (Vec::new(), None, None);
    for size in sizes.iter().chain(std::iter::repeat(sizes.last().unwrap_or(&1))) {
        let page = select.clone().page_after(cursor, *size);
        // One page tells how many rows all have.
        let page = if rows.is_empty() { page.await? } else { page.with_total().await? };
        total = page.total.or(total);
        rows.extend(page.rows.into_iter().map(Output::nested));
        match page.next {
            // As a client has it.
            Some(next) => cursor = Some(next.to_string().parse()?),
            None => break,
        }
    }
    if total.is_some_and(|total| total != rows.len() as u64) {
        return Ok(Got::Count(total.unwrap_or_default()));
    }
    let back = backwards(select, sizes).await?;
    // What differs from the way there is for the oracle to tell.
    Ok(Got::Rows(if back == rows { rows } else { back }))
}

/// The rows of the pages from the last one to the first.
async fn backwards<M: Model, S: GivesRows<M, Output: Output>>(
    select: Select<'_, M, S>,
    sizes: &[u64],
) -> Result<Vec<Nested>> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    for size in sizes.iter().chain(std::iter::repeat(sizes.last().unwrap_or(&1))) {
        let page = select.clone().page_before(cursor, *size).await?;
        let page_rows = page.rows.into_iter().map(Output::nested);
        rows.splice(0..0, page_rows);
        match page.previous {
            Some(previous) => cursor = Some(previous.to_string().parse()?),
            None => break,
        }
    }
    Ok(rows)
}

/// The ends of chains that give rows by one statement.
pub async fn streamed<M: Model, S: GivesRows<M, Output: Output> + OneStatement<M>>(
    select: Select<'_, M, S>,
    terminal: &Terminal,
) -> Result<Got> {
    match terminal {
        Terminal::Stream => groups(select, terminal).await,
        _ => rows(select, terminal).await,
    }
}
