//! The chain over rows and those related to them, as pairs.

use std::marker::PhantomData;
use std::time::Duration;

use super::Select;
use crate::error::Result;
use crate::expr::{Assignments, Filter, Orders};
use crate::model::{Columns, Model, Path, Writes};
use crate::query::{
    Aggregates, Change, Cursor, Flat, GivesRows, GivesValues, LoadsRows, OneEach, OneStatement, PageQuery, Projection,
    QueryPlan, RowStream, Selection, Shape, SingleSelection,
};
use crate::row::Record;
use crate::session::Pending;
use crate::sql::Sql;

/// A query over pairs: rows of the model `M`, each with one of the rows related to it, which the path `Q` leads to. Begun by
/// [`join_related`](Select::join_related) or [`left_join_related`](Select::left_join_related).
///
/// Its closures get the columns of both sides. Everything else is as in a [`Select`]: nothing runs before a terminal method is
/// awaited, a limit counts pairs, and equal pairs come in the order of both keys.
#[must_use = "a query does nothing until one of its fetch methods is awaited"]
pub struct SelectBoth<'s, M, Q, S> {
    chain: Select<'s, M, S>,
    path: PhantomData<fn() -> Q>,
}

impl<M, Q, S: Clone> Clone for SelectBoth<'_, M, Q, S> {
    fn clone(&self) -> Self {
        Self::new(self.chain.clone())
    }
}

impl<M, Q, S> std::fmt::Debug for SelectBoth<'_, M, Q, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.chain.fmt(f)
    }
}

impl<'s, M, Q, S> SelectBoth<'s, M, Q, S> {
    pub(super) const fn new(chain: Select<'s, M, S>) -> Self {
        Self { chain, path: PhantomData }
    }
}

/// The columns of a model, reached from a query by the path `Q`.
type At<Q> = <<Q as Path>::Model as Model>::Columns<Q>;

/// Which pairs, in which order.
impl<'s, M: Model, Q: Path<Root = M>, S: GivesRows<M>> SelectBoth<'s, M, Q, S> {
    /// Keeps the pairs that meet the condition, and all earlier conditions.
    pub fn filter<C: Filter<M>>(self, condition: impl FnOnce(&M::Columns<M>, &At<Q>) -> C) -> Self {
        Self::new(self.chain.filter(|own| condition(own, At::<Q>::COLUMNS)))
    }

    /// As [`filter`](Self::filter) when there is a value, else nothing.
    pub fn filter_some<V, C: Filter<M>>(
        self,
        value: Option<V>,
        condition: impl FnOnce(&M::Columns<M>, &At<Q>, V) -> C,
    ) -> Self {
        match value {
            Some(value) => self.filter(|own, related| condition(own, related, value)),
            None => self,
        }
    }

    /// Sorts by the keys, after the keys of earlier calls. Pairs that are equal in all of them come in the order of both
    /// keys, that of the model first.
    pub fn order<O: Orders<M>>(self, keys: impl FnOnce(&M::Columns<M>, &At<Q>) -> O) -> Self {
        Self::new(self.chain.order(|own| keys(own, At::<Q>::COLUMNS)))
    }

    /// Sorts by these keys alone.
    pub fn reorder<O: Orders<M>>(self, keys: impl FnOnce(&M::Columns<M>, &At<Q>) -> O) -> Self {
        Self::new(self.chain.reorder(|own| keys(own, At::<Q>::COLUMNS)))
    }

    /// As [`Select::reversed`].
    pub fn reversed(self) -> Self {
        Self::new(self.chain.reversed())
    }

    /// At most this many pairs; 0 gives none. A later call replaces an earlier one.
    pub fn limit(self, pairs: u64) -> Self {
        Self::new(self.chain.limit(pairs))
    }

    /// Skips this many pairs. A later call replaces an earlier one.
    pub fn offset(self, pairs: u64) -> Self {
        Self::new(self.chain.offset(pairs))
    }

    /// As [`Select::bypass_cache`].
    pub fn bypass_cache(self) -> Self {
        Self::new(self.chain.bypass_cache())
    }

    /// As [`Select::cache_ttl`].
    pub fn cache_ttl(self, ttl: Duration) -> Self {
        Self::new(self.chain.cache_ttl(ttl))
    }

    /// As [`Select::timeout`].
    pub fn timeout(self, time: Duration) -> Self {
        Self::new(self.chain.timeout(time))
    }

    /// Loads one column of either side, or one computed value, for each pair.
    pub fn only<V: SingleSelection<M>>(
        self,
        column: impl FnOnce(&M::Columns<M>, &At<Q>) -> V,
    ) -> SelectBoth<'s, M, Q, Projection<M, V>> {
        SelectBoth::new(self.chain.only(|own| column(own, At::<Q>::COLUMNS)))
    }

    /// Loads a tuple of columns of both sides and of computed values for each pair: `.fields(|a, b| (a.name, b.title))`.
    pub fn fields<V: Selection<M>>(
        self,
        columns: impl FnOnce(&M::Columns<M>, &At<Q>) -> V,
    ) -> SelectBoth<'s, M, Q, Projection<M, V>> {
        SelectBoth::new(self.chain.fields(|own| columns(own, At::<Q>::COLUMNS)))
    }
}

/// Reading. The errors are those of [`Select::fetch_all`].
impl<'s, M: Model, Q, S: Shape<M>> SelectBoth<'s, M, Q, S> {
    /// All pairs.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_all(self) -> Result<Vec<S::Output>> {
        self.chain.fetch_all().await
    }

    /// The first pair that comes, or `None`.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_one(self) -> Result<Option<S::Output>> {
        self.chain.fetch_one().await
    }

    /// The first pair in the order of the chain, or of both keys if the chain has none.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_first(self) -> Result<Option<S::Output>> {
        self.chain.fetch_first().await
    }

    /// The last pair in the order of the chain, or of both keys if the chain has none.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_last(self) -> Result<Option<S::Output>> {
        self.chain.fetch_last().await
    }

    /// As [`fetch_one`](Self::fetch_one), for a pair that must be there.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is none, else as [`Select::fetch_all`].
    pub async fn fetch_required(self) -> Result<S::Output> {
        self.chain.fetch_required().await
    }

    /// The only pair.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_only`].
    pub async fn fetch_only(self) -> Result<S::Output> {
        self.chain.fetch_only().await
    }

    /// All pairs as [records](Record). Where both sides have a column of one name, a record has it twice, that of the model
    /// first; [`fields`](Self::fields) with an alias gives it another name.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_dicts(self) -> Result<Vec<Record>> {
        self.chain.fetch_dicts().await
    }

    /// All pairs one after another, as [`Select::fetch_stream`].
    pub fn fetch_stream(self) -> RowStream<S::Output>
    where
        S: OneStatement<M>,
    {
        self.chain.fetch_stream()
    }

    /// How many pairs the chain would fetch, with its limit and offset.
    ///
    /// # Errors
    ///
    /// As [`Select::count`].
    pub async fn count(self) -> Result<u64> {
        self.chain.count().await
    }

    /// Aggregates of the values that the pairs give, as [`Select::aggregate`]:
    /// `.fields(|a, b| (a.pk, b.pages)).aggregate(|(author, pages)| (author.distinct().count(), pages.sum()))`.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub fn aggregate<V: Aggregates<M>>(
        self,
        aggregates: impl FnOnce(S::Values) -> V,
    ) -> Pending<'s, <V::Tuple as Flat<M>>::Flat>
    where
        S: GivesValues<M>,
        V::Tuple: Flat<M>,
    {
        self.chain.aggregate(aggregates)
    }

    /// Whether the chain would fetch a pair. Stops at the first.
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

/// What needs each row once, and does not compile of pairs: the message says what to write instead.
#[doc(hidden)]
impl<'s, M: Model, Q: Path<Root = M>, S: GivesRows<M>> SelectBoth<'s, M, Q, S> {
    pub fn page_after(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output>
    where
        S: OneEach,
    {
        self.chain.page_after(cursor, rows)
    }

    pub fn page_before(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output>
    where
        S: OneEach,
    {
        self.chain.page_before(cursor, rows)
    }

    pub fn update<A: Assignments<M>>(self, changes: impl FnOnce(&M::Columns<M>, &At<Q>) -> A) -> Change<'s, M>
    where
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        self.chain.update(|own| changes(own, At::<Q>::COLUMNS))
    }

    pub fn delete(self) -> Change<'s, M>
    where
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        self.chain.delete()
    }
}
