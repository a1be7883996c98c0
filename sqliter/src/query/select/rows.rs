//! Which rows a chain is about, in which order.

use std::time::Duration;

use super::Select;
use crate::error::Result;
use crate::expr::{Filter, HasSearch, Orders, Qualify, Search};
use crate::model::{Columns, Model};
use crate::query::{Filters, GivesRows, Load, Parameters, Sorting};
use crate::sql::ast::{Expr, SortKey};

/// Which rows, in which order.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Keeps the rows that meet the condition, and all earlier conditions.
    pub fn filter<C: Filter<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.filters.push(condition(M::Columns::<M>::COLUMNS).into_condition().into_expr());
        chain
    }

    /// Keeps the rows that meet a condition on values over windows. The windows are over the rows that the chain has chosen so far;
    /// later conditions choose among the rows that are kept. A limit before this call limits the rows that the windows are over, a
    /// later one the rows that are kept. `count`, pages, `update` and `delete` mean the rows that are kept.
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// use sqliter::window::row_number;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Issue { pk: Key<Issue>, project: String, created: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Issue>().await?;
    /// # db.bulk_insert([("a", 1), ("a", 2), ("b", 1)].map(|(p, c)| Issue::builder().project(p).created(c))).await?;
    /// let newest_of_each: Vec<Issue> = db
    ///     .select::<Issue>()
    ///     .qualify(|i| row_number().over(|w| w.partition_by(i.project).order(i.created.desc())).eq(1))
    ///     .order(|i| i.project.asc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(newest_of_each.iter().map(|i| i.created).collect::<Vec<_>>(), [2, 1]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// In SQL it is a subquery, as SQLite computes windows after it has filtered.
    pub fn qualify<C: Qualify<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S>
    where
        S: GivesRows<M>,
    {
        let mut chain = self.select();
        chain.query.qualify(condition(M::Columns::<M>::COLUMNS).into_condition().into_expr());
        chain
    }

    /// As [`filter`](Self::filter) when there is a value, else nothing.
    pub fn filter_some<V, C: Filter<M>>(
        self,
        value: Option<V>,
        condition: impl FnOnce(&M::Columns<M>, V) -> C,
    ) -> Select<'s, M, S> {
        match value {
            Some(value) => self.filter(|columns| condition(columns, value)),
            None => self.select(),
        }
    }

    /// Keeps the rows that match a [search](crate::search), those that match best before the others: a
    /// [`filter`](Self::filter) by the condition, and an [`order`](Self::order) by [`rank`](crate::search::Search::rank) after the
    /// keys of earlier calls.
    ///
    /// `.search(|b| b.search.matches(words))` and `.filter(|b| b.search.matches(words))` keep the same rows. Where their order
    /// does not matter, `filter` need not compute how well each of them matches.
    ///
    /// # Errors
    ///
    /// [`Error::NotSearched`](crate::Error::NotSearched), when the chain runs, where the condition is not one that each row must
    /// match.
    pub fn search<C: Filter<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S>
    where
        M: HasSearch,
    {
        let mut chain = self.filter(condition);
        let value = Search::<M>::OF_PATH.rank().expr();
        chain.query.order.push(SortKey { value, descending: false, nulls: None });
        chain
    }

    /// Sorts by the keys, after the keys of earlier calls: a later call adds keys, which count where all earlier ones are
    /// equal. [`reorder`](Self::reorder) replaces them.
    ///
    /// Rows that are equal in all of them come in the order of the primary key, groups in the order of what they are
    /// grouped by, in the direction of the last sort key. An order with a limit or an offset before
    /// [`group_by`](Self::group_by), [`annotate`](Self::annotate) or [`distinct`](Self::distinct) says which rows are
    /// grouped, and does not sort the groups.
    pub fn order<O: Orders<M, S::Level>>(self, keys: impl FnOnce(&M::Columns<M>) -> O) -> Select<'s, M, S> {
        let mut chain = self.select();
        keys(M::Columns::<M>::COLUMNS).push_onto(&mut chain.query.order);
        chain
    }

    /// Filters as a request asks for it, by what the program offers. `?` passes the error on to the caller.
    ///
    /// # Errors
    ///
    /// [`Error::Parameters`](crate::Error::Parameters) with all parameters that are not offered, and all values that cannot be read.
    pub fn filter_by(self, offered: &Filters<M>, parameters: impl Parameters) -> Result<Select<'s, M, S>> {
        let mut chain = self.select();
        chain.query.filters.extend(offered.conditions(&parameters)?);
        Ok(chain)
    }

    /// Sorts as a request asks for it, by what the program offers: names with commas between them, and a `-` before a name
    /// that is sorted in the other direction. As with [`order`](Self::order), these keys count after those of earlier
    /// calls. An empty text adds none.
    ///
    /// # Errors
    ///
    /// [`Error::Parameters`](crate::Error::Parameters) when a name is not offered, or comes twice.
    pub fn order_by(self, offered: &Sorting<M>, names: impl AsRef<str>) -> Result<Select<'s, M, S>> {
        let mut chain = self.select();
        chain.query.order.extend(offered.keys(names.as_ref())?);
        Ok(chain)
    }

    /// Sorts by these keys alone: those of earlier calls do not count any more, nor does
    /// [`in_random_order`](Self::in_random_order).
    pub fn reorder<O: Orders<M, S::Level>>(self, keys: impl FnOnce(&M::Columns<M>) -> O) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.order.clear();
        chain.order(keys)
    }

    /// Reverses the order: all sort keys so far in the other direction, `NULL` at the other end. Without a sort key,
    /// the primary key in descending order, or what groups are grouped by.
    ///
    /// It is the order that is reversed, so a limit keeps other rows: `.order(|b| b.pages.asc()).reversed().limit(3)` and
    /// `.order(|b| b.pages.asc()).limit(3).reversed()` both give the three longest, the longest first.
    pub fn reversed(self) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query = chain.query.turned();
        chain
    }

    /// In a random order, a new one each time, after the sort keys of earlier calls. With a [`limit`](Self::limit), some
    /// rows at random: `.in_random_order().limit(3)`. SQLite gives each row of the query a random number and sorts all of
    /// them, however few are kept.
    ///
    /// The result is not cached. There are no pages of it: [`page_after`](Self::page_after) is
    /// [`Error::Cursor`](crate::Error::Cursor).
    pub fn in_random_order(self) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.cache.bypass = true;
        chain.query.order.push(SortKey { value: Expr::random(), descending: false, nulls: None });
        chain
    }

    /// At most this many rows; 0 gives none. A later call replaces an earlier one.
    ///
    /// Before [`group_by`](Self::group_by), [`annotate`](Self::annotate) or [`distinct`](Self::distinct) it says which
    /// rows are grouped, after them how many groups come: `.order(|b| b.rating.desc()).limit(3).annotate(|b|
    /// b.rating.avg())` is the average of the three best.
    pub fn limit(self, rows: u64) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.limit = Some(rows);
        chain
    }

    /// Skips this many rows. A later call replaces an earlier one. With groups, as [`limit`](Self::limit).
    pub fn offset(self, rows: u64) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.offset = rows;
        chain
    }

    /// Reads from the database even when the result is cached, and does not cache it.
    pub fn bypass_cache(self) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.cache.bypass = true;
        chain
    }

    /// How long the result may be cached, instead of the time that the database was opened with.
    pub fn cache_ttl(self, ttl: Duration) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.cache.ttl = Some(ttl);
        chain
    }

    /// How long the call that ends the chain may take, with what it waits for: see [`Session::timeout`](crate::Session::timeout).
    /// A later call replaces an earlier one.
    pub fn timeout(self, time: Duration) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.timeout = Some(time);
        chain
    }
}
