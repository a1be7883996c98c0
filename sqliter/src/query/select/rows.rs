//! Which rows a chain is about, in which order.

use std::time::Duration;

use super::Select;
use crate::expr::{Filter, Orders};
use crate::model::{Columns, Model};
use crate::query::Load;

/// Which rows, in which order.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Keeps the rows that meet the condition, besides all earlier conditions.
    pub fn filter<C: Filter<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.filters.push(condition(M::Columns::<M>::COLUMNS).into_condition().into_expr());
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

    /// Sorts by the keys, after the keys of earlier calls.
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
    /// A later call replaces an earlier one. A stream is not limited by it.
    pub fn timeout(self, time: Duration) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.timeout = Some(time);
        chain
    }
}
