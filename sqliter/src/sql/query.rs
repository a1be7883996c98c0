//! A query as plain data.

use std::sync::Arc;
use std::time::Duration;

use super::ast::{Expr, SortKey};
use super::facts::Belonging;
use super::{Beside, Reached, United};
use crate::table::{ColumnInfo, RelationInfo, TableInfo};
use crate::value::Storage;

/// Which rows of a table, in which order.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) table: &'static TableInfo,
    /// Only rows that this query would fetch: those that a limit has left before they were grouped.
    pub(crate) within: Option<Box<Self>>,
    /// Of the rows that pass the filters, those of which this holds, which is about the rows around each.
    pub(crate) qualify: Option<Expr>,
    /// What several queries give together, which stands in the place of the table.
    pub(crate) together: Option<Arc<United>>,
    /// The rows alone that lead to each other so.
    pub(crate) reached: Option<Arc<Reached>>,
    /// The related rows that are joined to its rows.
    pub(crate) beside: Vec<Arc<Beside>>,
    /// Which rows of a table whose rows are deleted softly.
    pub(crate) deleted: Deleted,
    /// All of them must hold.
    pub(crate) filters: Vec<Expr>,
    pub(crate) grouping: Option<Grouping>,
    pub(crate) order: Vec<SortKey>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    pub(crate) cache: CacheUse,
    /// How long the call may take.
    pub(crate) timeout: Option<Duration>,
}

/// Which rows of a table whose rows are deleted softly; of another table it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// Those that are not deleted.
    LeftOut,
    /// All.
    Included,
    /// Those that are deleted.
    Only,
}

/// The cache and the time do not matter for what is meant.
impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            table,
            within,
            qualify,
            together,
            reached,
            beside,
            deleted,
            filters,
            grouping,
            order,
            limit,
            offset,
            cache: _,
            timeout: _,
        } = self;
        *table == other.table
            && *within == other.within
            && *qualify == other.qualify
            && *together == other.together
            && *reached == other.reached
            && *beside == other.beside
            && *deleted == other.deleted
            && *filters == other.filters
            && *grouping == other.grouping
            && *order == other.order
            && (*limit, *offset) == (other.limit, other.offset)
    }
}

/// What the rows are grouped by; by nothing, all rows are one group.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Grouping {
    pub(crate) keys: Vec<Expr>,
    /// All of them must hold.
    pub(crate) having: Vec<Expr>,
}

impl Grouping {
    /// Whether each group has one value of the expression.
    fn determines(&self, expr: &Expr) -> bool {
        if self.keys.contains(expr) {
            return true;
        }
        match expr.belonging() {
            Belonging::Constant | Belonging::Group => true,
            Belonging::Row => false,
            Belonging::Parts => {
                let mut determined = true;
                expr.each_part(&mut |part| determined &= self.determines(part));
                determined
            }
        }
    }
}

impl Query {
    pub(crate) const fn new(table: &'static TableInfo) -> Self {
        Self {
            table,
            within: None,
            qualify: None,
            together: None,
            reached: None,
            beside: Vec::new(),
            deleted: Deleted::LeftOut,
            filters: Vec::new(),
            grouping: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            cache: CacheUse { bypass: false, ttl: None },
            timeout: None,
        }
    }

    /// Only rows that meet the condition too.
    pub(crate) fn filtered(mut self, condition: Expr) -> Self {
        self.filters.push(condition);
        self
    }

    /// The rows that a relation leads to.
    pub(crate) fn at_end_of(relation: &RelationInfo) -> Self {
        let mut rows = Self::new((relation.target)());
        if relation.leaves_out_deleted_by().is_none() {
            rows.deleted = Deleted::Included;
        }
        rows
    }

    /// These rows of a table whose rows are deleted softly.
    pub(crate) const fn with(mut self, deleted: Deleted) -> Self {
        self.deleted = deleted;
        self
    }

    /// The column that must be `NULL`, or must not with `true`, as rows are deleted softly.
    pub(crate) fn deleted_test(&self) -> Option<(&'static ColumnInfo, bool)> {
        let only = match self.deleted {
            Deleted::LeftOut => false,
            Deleted::Included => return None,
            Deleted::Only => true,
        };
        Some((self.table.soft_delete_column()?, only))
    }

    /// Whether all rows of the table are meant.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_unlimited()
            && self.filters.is_empty()
            && self.within.is_none()
            && self.together.is_none()
            && self.reached.is_none()
            && self.beside.is_empty()
            && self.deleted_test().is_none()
    }

    /// Whether all rows that pass the filters are meant.
    pub(crate) const fn is_unlimited(&self) -> bool {
        self.limit.is_none() && self.offset == 0
    }

    /// Whether many rows would be looked at: all that pass the filters are meant, and no index finds these.
    pub(crate) fn looks_at_many(&self) -> bool {
        (self.is_unlimited() || self.grouping.is_some())
            && !self.filters.iter().any(|filter| filter.is_found_by_index(self.table))
    }

    /// Whether all rows that pass the filters are meant, in the order of their key, and that is a number.
    pub(crate) fn is_in_order_of_integer_key(&self) -> bool {
        let has_integer_key = !self.table.has_composite_key() && self.table.key_column().storage == Storage::Integer;
        self.is_unlimited() && self.order.is_empty() && has_integer_key
    }

    /// Joins the groups that are there already, if any. The first ones are of the rows that the query means so far.
    pub(crate) fn group(&mut self, keys: Vec<Expr>) {
        if self.grouping.is_none() {
            self.limit_now();
            // Rows come level by level, groups do not.
            self.order.retain(|key| !key.value.is_depth());
        }
        self.grouping.get_or_insert_default().keys.extend(keys);
    }

    /// Makes what follows be about the rows that a limit has left so far.
    fn limit_now(&mut self) {
        if self.is_unlimited() {
            return;
        }
        let rows = self.begin_anew();
        self.within = Some(Box::new(rows.ordered()));
    }

    /// Gives the query so far, and leaves one over all rows of the same kind. What they match is said of these too, so that they can
    /// be sorted by how well they do, and selected with it.
    fn begin_anew(&mut self) -> Self {
        let mut following = Self::new(self.table).with(self.deleted);
        for filter in &self.filters {
            filter.each_match(&mut |search| following.filters.push(Expr::Search(Box::new(search.clone()))));
        }
        let rows = std::mem::replace(self, following);
        (self.cache, self.timeout) = (rows.cache, rows.timeout);
        self.reached.clone_from(&rows.reached);
        rows
    }

    /// Makes what follows be about the rows that are reached through those that the query means so far; gives the latter.
    pub(crate) fn through(&mut self) -> Self {
        let mut order = self.order.clone();
        order.retain(|key| !key.value.is_depth());
        let rows = self.begin_anew();
        (self.order, self.reached, self.deleted) = (order, None, Deleted::Included);
        if rows.is_unlimited() && rows.reached.is_none() {
            return Self { order: Vec::new(), ..rows };
        }
        let mut through = Self::new(rows.table).with(Deleted::Included);
        through.filters.clone_from(&self.filters);
        through.within = Some(Box::new(rows.into_list()));
        through
    }

    /// Joins related rows. Where the query is one of pairs from here on, a limit so far is about the rows that they are joined to, also
    /// where there is one pair for each: what chooses pairs comes behind it. The order stays.
    pub(crate) fn join(&mut self, beside: Beside) {
        let (order, joined) = (self.order.clone(), self.beside.clone());
        if beside.gives_pairs() {
            self.limit_now();
            (self.order, self.beside) = (order, joined);
        }
        self.beside.push(Arc::new(beside));
    }

    /// Makes what follows be about the rows of which this holds, which is about those around each; the order stays.
    pub(crate) fn qualify(&mut self, condition: Expr) {
        let (order, joined) = (self.order.clone(), self.beside.clone());
        self.limit_now();
        let rows = self.begin_anew();
        self.within = Some(Box::new(Self { order: Vec::new(), qualify: Some(condition), ..rows }));
        (self.order, self.beside) = (order, joined);
    }

    /// The first sort key of groups that not all rows of a group have in common.
    pub(crate) fn undetermined(&self) -> Option<&Expr> {
        let grouping = self.grouping.as_ref()?;
        self.order.iter().map(|sort| &sort.value).find(|value| !grouping.determines(value))
    }

    /// Whether a value is over windows of groups, and computed from what not all rows of a group have in common.
    pub(crate) fn is_undetermined_window(&self, value: &Expr) -> bool {
        self.grouping.as_ref().is_some_and(|grouping| value.has_window() && !grouping.determines(value))
    }

    /// What tells its rows apart, or its groups.
    pub(crate) fn ends(&self) -> Vec<Expr> {
        if let Some(grouping) = &self.grouping {
            return grouping.keys.clone();
        }
        if let Some(together) = &self.together {
            return together.values().collect();
        }
        let own = self.table.key_columns().map(|column| Expr::column(None, column));
        let beside =
            self.beside.iter().filter(|beside| beside.multiplies()).flat_map(|beside| {
                beside.rows.table.key_columns().map(|column| Expr::column(Some(beside.path), column))
            });
        own.chain(beside).collect()
    }

    /// In an order that leaves nothing open: after the sort keys comes the primary key, all of its columns in the direction
    /// of the last of them. So all statements over the rows agree which ones a limit keeps, and the order read backwards is its
    /// reverse. An index on the last sort key serves the primary key too. Rows that come once for each of their related rows are told
    /// apart by the keys of these too. Groups are told apart by all that they are
    /// grouped by.
    pub(crate) fn ordered(mut self) -> Self {
        let ends = self.ends();
        let descending = self.order.last().is_some_and(|sort| sort.descending);
        for value in ends {
            if self.order.iter().all(|sort| sort.value != value) {
                self.order.push(SortKey { value, descending, nulls: None });
            }
        }
        self
    }

    /// As [`ordered`](Self::ordered), unless any order will do: there is no sort key and all rows are meant.
    pub(crate) fn settled(self) -> Self {
        if self.order.is_empty() && self.is_unlimited() { self } else { self.ordered() }
    }

    /// With the order turned round; without one, that of the primary key or of the groups.
    pub(crate) fn turned(mut self) -> Self {
        if self.order.is_empty() {
            self = self.ordered();
        }
        self.order = self.order.into_iter().map(SortKey::reversed).collect();
        self
    }

    /// The same rows read backwards.
    pub(crate) fn reversed(self) -> Self {
        let mut query = self.ordered();
        query.order = query.order.into_iter().map(SortKey::reversed).collect();
        query
    }

    /// The same rows as a list, whose order does not matter.
    pub(crate) fn into_list(self) -> Self {
        if self.is_unlimited() { Self { order: Vec::new(), ..self } } else { self.ordered() }
    }

    /// The first of the rows, as a value of another query.
    pub(crate) fn into_value(self) -> Self {
        match &self.grouping {
            // All rows are one group.
            Some(grouping) if grouping.keys.is_empty() => Self { order: Vec::new(), ..self },
            _ => self.ordered().single(),
        }
    }

    /// Visits the conditions and values that say which rows are meant, in which order.
    pub(crate) fn each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        if let Some(within) = &self.within {
            within.each_expr(visit);
        }
        if let Some(reached) = &self.reached {
            reached.each_expr(visit);
        }
        self.filters.iter().chain(&self.qualify).for_each(&mut *visit);
        if let Some(Grouping { keys, having }) = &self.grouping {
            keys.iter().chain(having).for_each(&mut *visit);
        }
        self.order.iter().for_each(|key| visit(&key.value));
    }

    /// At most one row.
    pub(crate) fn single(self) -> Self {
        self.at_most(1)
    }

    /// At most this number of rows.
    pub(crate) fn at_most(mut self, rows: u64) -> Self {
        self.limit = Some(self.limit.unwrap_or(rows).min(rows));
        self
    }
}

/// What one query wants of the cache.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CacheUse {
    pub(crate) bypass: bool,
    pub(crate) ttl: Option<Duration>,
}
