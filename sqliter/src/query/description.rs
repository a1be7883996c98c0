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

    /// With the order of the key, unless there is an order.
    pub(crate) fn ordered(mut self) -> Self {
        if self.order.is_empty() {
            let value = Expr::column(None, self.table.key_column());
            self.order.push(SortKey { value, descending: false, nulls: None });
        }
        self
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
