//! A query as plain data.

use crate::cache::CacheUse;
use crate::expr::ast::{Expr, SortKey};
use crate::model::TableInfo;

/// Which rows of a table, in which order.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) table: &'static TableInfo,
    /// All of them must hold.
    pub(crate) filters: Vec<Expr>,
    pub(crate) order: Vec<SortKey>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    pub(crate) cache: CacheUse,
}

impl Query {
    pub(crate) const fn new(table: &'static TableInfo) -> Self {
        Self {
            table,
            filters: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            cache: CacheUse { bypass: false, ttl: None },
        }
    }

    /// Whether all rows that pass the filters are meant.
    pub(crate) const fn is_unlimited(&self) -> bool {
        self.limit.is_none() && self.offset == 0
    }

    /// In an order that leaves nothing open: after the sort keys comes the primary key, in the direction of the last of
    /// them. So all statements over the rows agree which ones a limit keeps, and the order read backwards is its
    /// reverse. An index on the last sort key serves the primary key too.
    pub(crate) fn ordered(mut self) -> Self {
        let key = self.table.key_column();
        let is_key = |sort: &SortKey| matches!(&sort.value, Expr::Column(reference) if reference.path.is_none() && reference.column.name == key.name);
        if !self.order.iter().any(is_key) {
            let descending = self.order.last().is_some_and(|sort| sort.descending);
            self.order.push(SortKey { value: Expr::column(None, key), descending, nulls: None });
        }
        self
    }

    /// As [`ordered`](Self::ordered), unless any order will do: there is no sort key and all rows are meant.
    pub(crate) fn settled(self) -> Self {
        if self.order.is_empty() && self.is_unlimited() { self } else { self.ordered() }
    }

    /// The same rows read backwards.
    pub(crate) fn reversed(self) -> Self {
        let mut query = self.ordered();
        query.order = query.order.into_iter().map(SortKey::reversed).collect();
        query
    }

    /// At most one row.
    pub(crate) fn single(mut self) -> Self {
        self.limit = Some(self.limit.unwrap_or(1).min(1));
        self
    }
}
