//! What several chains give together.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::Select;
use crate::error::Result;
use crate::expr::{ChainsOfTogether, OfTogether, Orders};
use crate::model::Model;
use crate::query::{Cursor, NoPairs, OneStatement, PageQuery, QueryPlan, RowStream, SameRows, Shape, United, Unites};
use crate::row::Record;
use crate::session::Pending;
use crate::sql::ast::{Derived, DerivedColumn, Expr, Selected, SortKey};
use crate::sql::{self, Combination, Deleted, Giving, Query, Sql};

/// What several chains give together, begun by [`union_all`](Select::union_all), [`union`](Select::union),
/// [`intersect`](Select::intersect) or [`except`](Select::except): sorted, limited, counted and read page by page as one.
#[must_use = "a query does nothing until one of its fetch methods is awaited"]
pub struct SelectTogether<'s, M, S> {
    chain: Select<'s, M, United<S>>,
}

impl<M, S: Clone> Clone for SelectTogether<'_, M, S> {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone() }
    }
}

impl<M, S> std::fmt::Debug for SelectTogether<'_, M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.chain.fmt(f)
    }
}

/// What the chain gives together with others. An order and a limit of each are its own: they say which of its rows are meant.
/// Only what the other chain says is used, not the session that it was begun with.
impl<'s, M: Model, S: Unites<M>, P> Select<'s, M, S, P> {
    /// All rows of this chain and of another one that gives the same, over the same model or another: `UNION ALL`.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Comment { pk: Key<Comment>, text: String, at: i64 }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Note { pk: Key<Note>, title: String, at: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Comment, Note)>().await?;
    /// # db.insert(Comment::builder().text("first").at(1)).await?;
    /// # db.insert(Note::builder().title("second").at(2)).await?;
    /// let activity = db
    ///     .select::<Comment>()
    ///     .fields(|c| (c.text, c.at))
    ///     .union_all(db.select::<Note>().fields(|n| (n.title, n.at)))
    ///     .order(|(_, at)| at.desc());
    /// assert_eq!(activity.clone().count().await?, 2);
    /// let newest: Vec<(String, i64)> = activity.limit(1).fetch_all().await?;
    /// assert_eq!(newest, [("second".to_owned(), 2)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn union_all<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> SelectTogether<'s, M, S>
    where
        Z::Output: SameRows<S::Output>,
    {
        self.together().with(Combination::UnionAll, other)
    }

    /// The rows of this chain and of another one that gives the same, each once: `UNION`. `NULL` is a value here.
    pub fn union<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> SelectTogether<'s, M, S>
    where
        Z::Output: SameRows<S::Output>,
    {
        self.together().with(Combination::Union, other)
    }

    /// The rows that this chain and another one both give, each once: `INTERSECT`.
    pub fn intersect<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> SelectTogether<'s, M, S>
    where
        Z::Output: SameRows<S::Output>,
    {
        self.together().with(Combination::Intersect, other)
    }

    /// The rows of this chain that another one does not give, each once: `EXCEPT`.
    pub fn except<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> SelectTogether<'s, M, S>
    where
        Z::Output: SameRows<S::Output>,
    {
        self.together().with(Combination::Except, other)
    }

    /// This chain alone, as one of several.
    fn together(self) -> SelectTogether<'s, M, S> {
        let Self { session, query, shape, .. } = self;
        let (cache, timeout) = (query.cache, query.timeout);
        let together = sql::United { first: giving(query, &shape), others: Vec::new() };
        let mut query = Query::new(M::TABLE).with(Deleted::Included);
        (query.cache, query.timeout, query.together) = (cache, timeout, Some(Arc::new(together)));
        SelectTogether {
            chain: Select { session, query, shape: United::new(shape), pairs: NoPairs, model: PhantomData },
        }
    }
}

/// What a chain selects, of the rows that it would fetch.
fn giving<M>(query: Query, shape: &impl Shape<M>) -> Giving {
    let mut columns = Vec::new();
    shape.columns(&mut columns);
    let query = if query.is_unlimited() { query } else { query.ordered() };
    Giving { query, columns }
}

/// Further chains, and the order and limit of all.
impl<'s, M: Model, S: Unites<M>> SelectTogether<'s, M, S> {
    /// All rows so far and those of another chain: `UNION ALL`. A limit so far is about the rows so far.
    pub fn union_all<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> Self
    where
        Z::Output: SameRows<S::Output>,
    {
        self.with(Combination::UnionAll, other)
    }

    /// The rows so far and those of another chain, each once: `UNION`.
    pub fn union<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> Self
    where
        Z::Output: SameRows<S::Output>,
    {
        self.with(Combination::Union, other)
    }

    /// Those of the rows so far that another chain gives too, each once: `INTERSECT`.
    pub fn intersect<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> Self
    where
        Z::Output: SameRows<S::Output>,
    {
        self.with(Combination::Intersect, other)
    }

    /// Those of the rows so far that another chain does not give, each once: `EXCEPT`.
    pub fn except<N: Model, Z: Unites<N>, Q>(self, other: Select<'_, N, Z, Q>) -> Self
    where
        Z::Output: SameRows<S::Output>,
    {
        self.with(Combination::Except, other)
    }

    fn with<N: Model, Z: Unites<N>, Q>(mut self, how: Combination, other: Select<'_, N, Z, Q>) -> Self {
        let (query, shape) = other.into_query();
        let other = giving(query, &shape);
        let query = &mut self.chain.query;
        if !query.is_unlimited() {
            let following = Query::new(M::TABLE).with(Deleted::Included);
            let so_far = std::mem::replace(query, following);
            (query.cache, query.timeout) = (so_far.cache, so_far.timeout);
            let first = giving::<M>(so_far, &self.chain.shape);
            query.together = Some(Arc::new(sql::United { first, others: Vec::new() }));
        }
        if let Some(together) = &mut query.together {
            Arc::make_mut(together).others.push((how, other));
        }
        self
    }

    /// Sorts by the keys, after the keys of earlier calls. The closure gets what the first chain selects: the columns of the model of
    /// whole rows, the value or tuple of `only`, `fields` and groups. Rows that are equal in all keys come in the order of all their
    /// values.
    ///
    /// # Errors
    ///
    /// Sorted by something else than one of the selected values, the query is [`Error::NotSelected`](crate::Error::NotSelected).
    pub fn order<O: Orders<M, OfTogether>>(mut self, keys: impl FnOnce(S::Keys) -> O) -> Self {
        let mut own = Vec::new();
        keys(self.chain.shape.first().keys()).push_onto(&mut own);
        let mut columns = Vec::new();
        self.chain.shape.first().columns(&mut columns);
        self.chain.query.order.extend(own.into_iter().map(|key| among(&columns, key)));
        self
    }

    /// At most this many rows; 0 gives none. A later call replaces an earlier one.
    pub fn limit(mut self, rows: u64) -> Self {
        self.chain = self.chain.limit(rows);
        self
    }

    /// Skips this many rows. A later call replaces an earlier one.
    pub fn offset(mut self, rows: u64) -> Self {
        self.chain = self.chain.offset(rows);
        self
    }

    /// As [`Select::bypass_cache`].
    pub fn bypass_cache(mut self) -> Self {
        self.chain = self.chain.bypass_cache();
        self
    }

    /// As [`Select::cache_ttl`].
    pub fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.chain = self.chain.cache_ttl(ttl);
        self
    }

    /// As [`Select::timeout`].
    pub fn timeout(mut self, time: Duration) -> Self {
        self.chain = self.chain.timeout(time);
        self
    }
}

/// The sort key by the name that the value has among those that are given together.
fn among(columns: &[Selected], key: SortKey) -> SortKey {
    let column = match columns.iter().position(|column| column.expr == key.value) {
        Some(position) => DerivedColumn::United { position, first: key.value.into() },
        None => DerivedColumn::NotSelected(Selected::new(key.value).name()),
    };
    SortKey { value: Expr::Derived(Box::new(Derived { column })), ..key }
}

/// Reading. The order is that of the chain; without one, that of all values if there is a limit or an offset, else the one
/// that is easiest for SQLite.
impl<'s, M: Model, S: Unites<M>> SelectTogether<'s, M, S> {
    /// All rows.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`]; [`Error::NotSelected`](crate::Error::NotSelected) as [`order`](Self::order).
    pub async fn fetch_all(self) -> Result<Vec<S::Output>> {
        self.chain.fetch_all().await
    }

    /// The first row that comes, or `None`.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(self) -> Result<Option<S::Output>> {
        self.chain.fetch_one().await
    }

    /// The first row in the order of the chain, or of all values if it has none.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_first(self) -> Result<Option<S::Output>> {
        self.chain.fetch_first().await
    }

    /// The last row in the order of the chain, or of all values if it has none.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_last(self) -> Result<Option<S::Output>> {
        self.chain.fetch_last().await
    }

    /// As [`fetch_one`](Self::fetch_one), for a row that must be there.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is none, else as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_required(self) -> Result<S::Output> {
        self.chain.fetch_required().await
    }

    /// All rows as [records](Record), by the names of what the first chain selects.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_dicts(self) -> Result<Vec<Record>> {
        self.chain.fetch_dicts().await
    }

    /// All rows one after another, as [`Select::fetch_stream`].
    pub fn fetch_stream(self) -> RowStream<S::Output>
    where
        S: OneStatement<M>,
    {
        self.chain.fetch_stream()
    }

    /// Up to `rows` rows after the cursor, as [`Select::page_after`]: in the order of the chain and then of all values, by which a page
    /// begins after the last row of the page before.
    ///
    /// # Errors
    ///
    /// As [`Select::page_after`]; [`Error::Cursor`](crate::Error::Cursor) too when two rows are equal in all values, as
    /// [`union_all`](Self::union_all) may give them.
    pub fn page_after(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output> {
        self.chain.page_after(cursor, rows)
    }

    /// Up to `rows` rows before the cursor, as [`Select::page_before`].
    ///
    /// # Errors
    ///
    /// As [`page_after`](Self::page_after).
    pub fn page_before(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output> {
        self.chain.page_before(cursor, rows)
    }

    /// How many rows the chain would fetch, with its limit and offset.
    ///
    /// # Errors
    ///
    /// As [`Select::count`].
    pub async fn count(self) -> Result<u64> {
        self.chain.count().await
    }

    /// Whether the chain would fetch a row. Stops at the first.
    ///
    /// # Errors
    ///
    /// As [`Select::exists`].
    pub async fn exists(self) -> Result<bool> {
        self.chain.exists().await
    }

    /// As [`Select::to_sql`].
    ///
    /// # Errors
    ///
    /// As [`Select::to_sql`].
    pub fn to_sql(&self) -> Result<Sql> {
        self.chain.to_sql()
    }

    /// As [`Select::explain`].
    ///
    /// # Errors
    ///
    /// As [`Select::explain`].
    pub fn explain(&self) -> Pending<'s, QueryPlan> {
        self.chain.explain()
    }
}

/// What rows of a table have, and rows of several chains together have not: the message says what to write instead.
#[doc(hidden)]
impl<'s, M, S> SelectTogether<'s, M, S> {
    pub fn filter<C>(self, _: C) -> Self
    where
        M: ChainsOfTogether,
    {
        M::never()
    }

    pub fn group_by<C>(self, _: C) -> Self
    where
        M: ChainsOfTogether,
    {
        M::never()
    }

    pub fn update<C>(self, _: C) -> Pending<'s, u64>
    where
        M: ChainsOfTogether,
    {
        M::never()
    }

    pub fn delete(self) -> Pending<'s, u64>
    where
        M: ChainsOfTogether,
    {
        M::never()
    }
}
