//! Pages that go on where the page before ended, whatever was inserted or deleted in between.

use std::ops::Range;
use std::pin::Pin;
use std::task::{Context as Waiting, Poll};

use serde::{Deserialize, Serialize};

use super::{Cursor, GivesRows, Shape, run};
use crate::engine::RowRef;
use crate::error::{Error, Operation, Result};
use crate::model::Model;
use crate::session::{Call, Pending, Session};
use crate::sql::ast::{Comparison, Expr, Nulls, Search, Selected, Several, SortKey};
use crate::sql::{Query, SqlWriter, Statement};
use crate::table::TableInfo;
use crate::value::Value;

/// Some rows of a query, from [`Select::page_after`](crate::Select::page_after) or
/// [`page_before`](crate::Select::page_before).
///
/// In JSON it is `{"rows": […], "next": "…", "previous": null}`, with `"total": …` where it was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in the order of the chain.
    pub rows: Vec<T>,
    /// Where the next page begins, for [`page_after`](crate::Select::page_after); `None` on the last page.
    pub next: Option<Cursor>,
    /// Where the previous page ends, for [`page_before`](crate::Select::page_before); `None` on the first page.
    pub previous: Option<Cursor>,
    /// How many rows all pages have together, with [`PageQuery::with_total`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The page with what the function makes of each row.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title("Emma")).await?;
    /// let titles = db.select::<Book>().page_after(None, 20).await?.map(|book| book.title);
    /// assert_eq!(titles.rows, ["Emma"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        let Self { rows, next, previous, total } = self;
        Page { rows: rows.into_iter().map(each).collect(), next, previous, total }
    }

    /// Whether no row comes before this page.
    pub const fn is_first(&self) -> bool {
        self.previous.is_none()
    }

    /// Whether no row comes after this page.
    pub const fn is_last(&self) -> bool {
        self.next.is_none()
    }
}

/// The reading of a page, from [`Select::page_after`](crate::Select::page_after) or
/// [`page_before`](crate::Select::page_before); runs when it is awaited.
#[must_use = "nothing is read before this is awaited"]
pub struct PageQuery<'s, T> {
    call: Call<'s, ReadPage<'s, T>, Page<T>>,
    with_total: bool,
}

/// The work, given whether the total is wanted. The type does not name the chain, so that the compiler reports a chain
/// without pages once, and not again for the `.await`.
type ReadPage<'s, T> = Box<dyn FnOnce(bool) -> Pending<'s, Page<T>> + Send + 's>;

impl<T> std::fmt::Debug for PageQuery<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageQuery").field("with_total", &self.with_total).finish_non_exhaustive()
    }
}

impl<T> PageQuery<'_, T> {
    /// Counts the rows of all pages too, as [`Page::total`]: those that the chain's filters keep. The page and the count
    /// are of the same moment, and are not cached.
    pub fn with_total(mut self) -> Self {
        self.with_total = true;
        self
    }
}

// Nothing in it is pinned.
impl<T> Unpin for PageQuery<'_, T> {}

impl<T> Future for PageQuery<'_, T> {
    type Output = Result<Page<T>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Waiting<'_>) -> Poll<Self::Output> {
        let Self { call, with_total } = &mut *self;
        call.poll(cx, |read| read(*with_total))
    }
}

/// What a page is asked of.
pub(super) struct Asked<'s, S> {
    pub(super) session: &'s Session,
    pub(super) query: Query,
    pub(super) shape: S,
    pub(super) cursor: Option<Cursor>,
    pub(super) rows: u64,
    pub(super) way: Way,
}

/// Which way a page goes from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    After,
    Before,
}

impl<'s, S> Asked<'s, S> {
    pub(super) fn by<M: Model>(self) -> PageQuery<'s, S::Output>
    where
        S: GivesRows<M>,
    {
        let read: ReadPage<'s, S::Output> = Box::new(move |with_total| Box::pin(page::<M, S>(self, with_total)));
        PageQuery { call: Call::Told(read), with_total: false }
    }
}

async fn page<M: Model, S: GivesRows<M>>(asked: Asked<'_, S>, with_total: bool) -> Result<Page<S::Output>> {
    let Asked { session, query, shape, cursor, rows, way } = asked;
    let all = Query { order: Vec::new(), limit: None, offset: 0, ..query.clone() };
    let mut columns = Vec::new();
    shape.columns(&mut columns);
    if columns.iter().any(|column| column.expr.has_window()) {
        let reason = "a page would compute values over windows without the rows of the pages before; read rows that have such values \
                      by `limit` and `offset`";
        return Err(Error::Cursor { reason: reason.to_owned() });
    }
    let plan = Plan::new(query, &all, cursor, rows, way)?;
    if rows == 0 {
        let total = if with_total { Some(run::number(session, all, SqlWriter::count).await?) } else { None };
        let back = plan.cursor.as_ref().map(Cursor::on_the_other_side);
        return Ok(directed(way, Vec::new(), Edges { ahead: plan.cursor, back }, total));
    }
    let (query, shape) = (plan.query.clone(), (shape, plan.sorted_by()));
    let (found, total) = if with_total {
        let (found, total) = run::rows_and_number::<M, _>(session, query, shape, all, SqlWriter::count).await?;
        (found, Some(total))
    } else {
        (run::rows::<M, _>(session, query, shape, None).await?, None)
    };
    let (mut found, places): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let (kept, edges) = plan.edges(session, places, rows).await?;
    found.truncate(kept.end);
    found.drain(..kept.start);
    Ok(directed(way, found, edges, total))
}

/// What is read for a page, whatever the rows are.
struct Plan {
    cursor: Option<Cursor>,
    /// By which a cursor is known to belong to the query.
    order: Statement,
    /// The rows of the page, that of the cursor before them, and one behind them.
    query: Query,
    /// The rows on the other side of the cursor.
    other_side: Option<Query>,
}

impl Plan {
    fn new(query: Query, all: &Query, cursor: Option<Cursor>, rows: u64, way: Way) -> Result<Self> {
        let mut query = query.ordered();
        if query.order.iter().any(|key| key.value.is_random()) {
            let reason = "rows in random order have no pages, as their order is another one each time";
            return Err(Error::Cursor { reason: reason.to_owned() });
        }
        if query.order.iter().any(|key| key.value.has_window()) {
            let reason = "rows that are sorted by a value over a window have no pages, as it is another one when rows come or go; \
                          sort by columns, or read them by `limit` and `offset`";
            return Err(Error::Cursor { reason: reason.to_owned() });
        }
        let order = order_of(&query)?;
        if way == Way::Before {
            query.order = query.order.into_iter().map(SortKey::reversed).collect();
        }
        let mut other_side = None;
        if let Some(cursor) = &cursor {
            cursor.check(&order, &query.order)?;
            let backwards: Vec<_> = query.order.iter().cloned().map(SortKey::reversed).collect();
            let mut other = all.clone();
            other.filters.extend(beyond(&backwards, &cursor.values, !cursor.with_row));
            other_side = Some(other);
            query.filters.extend(beyond(&query.order, &cursor.values, true));
        }
        // The row of the cursor comes too, by which it is known that there are rows on the other side of it. One row more
        // shows whether there is a page behind.
        let starts_behind = cursor.as_ref().is_some_and(|cursor| !cursor.with_row);
        query.limit = Some(rows.saturating_add(1 + u64::from(starts_behind)));
        query.offset = 0;
        Ok(Self { cursor, order, query, other_side })
    }

    fn sorted_by(&self) -> SortedBy {
        let keys = &self.query.order;
        SortedBy {
            table: self.query.table,
            keys: keys.iter().map(|key| Selected::by_value(key.value.clone())).collect(),
            start: self.cursor.as_ref().and_then(|cursor| at(keys, cursor)).map(Selected::by_value),
        }
    }

    /// Which of the rows at these places are those of the page, and the cursors at its edges.
    async fn edges(self, session: &Session, places: Vec<Place>, rows: u64) -> Result<(Range<usize>, Edges)> {
        let Self { cursor, order, query, other_side } = self;
        // The next page would begin after both.
        if let Some([twice, _]) = places.array_windows().find(|[one, next]| one.values == next.values) {
            if query.together.is_some() {
                let reason = "two rows are equal in all their values, so that no page can begin between them; take each once by \
                              `union`, or read the rows by `limit` and `offset`";
                return Err(Error::Cursor { reason: reason.to_owned() });
            }
            let key_columns = query.table.key_columns().map(|column| Expr::column(None, column));
            let at = key_columns.filter_map(|column| query.order.iter().position(|sort| sort.value == column));
            let key = at.filter_map(|at| twice.values.get(at).cloned()).collect();
            return Err(run::key_not_unique(Operation::Fetch, query.table, &key));
        }
        let start = usize::from(places.first().is_some_and(|place| place.is_start));
        let is_other_side = match other_side {
            Some(other_side) => start == 1 || run::number(session, other_side, SqlWriter::exists).await? != 0,
            None => false,
        };
        let wanted = usize::try_from(rows).unwrap_or(usize::MAX);
        let end = places.len().min(start.saturating_add(wanted));
        let kept = places.get(start..end).unwrap_or_default();
        let cursor_of = |place: &Place| Cursor::new(&order, place.values.clone());
        let ahead = if places.len() > end { kept.last().map(cursor_of) } else { None };
        let back = match (is_other_side, kept.first()) {
            (false, _) => None,
            (true, Some(first)) => Some(cursor_of(first)),
            (true, None) => cursor.as_ref().map(Cursor::on_the_other_side),
        };
        Ok((start..end, Edges { ahead, back }))
    }
}

/// The cursors at the edges of a page, in the direction in which it was read and back.
struct Edges {
    ahead: Option<Cursor>,
    back: Option<Cursor>,
}

/// The page of what was read in one direction.
fn directed<T>(way: Way, mut rows: Vec<T>, edges: Edges, total: Option<u64>) -> Page<T> {
    let Edges { ahead, back } = edges;
    match way {
        Way::After => Page { rows, next: ahead, previous: back, total },
        Way::Before => {
            rows.reverse();
            Page { rows, next: back, previous: ahead, total }
        }
    }
}

/// A statement that says which rows are sorted by what, by which a cursor knows the queries that it belongs to. Filters
/// may differ from page to page.
fn order_of(query: &Query) -> Result<Statement> {
    let mut all = Query::new(query.table);
    all.order.clone_from(&query.order);
    // How well rows match depends on what they must match.
    if query.order.iter().any(|key| key.value.has_search_value()) {
        let mut add = |search: &Search| all.filters.push(Expr::Search(Box::new(search.clone())));
        query.filters.iter().for_each(|filter| filter.each_match(&mut add));
    }
    all.reached.clone_from(&query.reached);
    let mut sql = SqlWriter::new(query.table);
    sql.select_keys(&all);
    sql.finish()
}

/// The condition that a row is the one of the cursor, unless the page begins with that row.
fn at(keys: &[SortKey], cursor: &Cursor) -> Option<Expr> {
    if cursor.with_row {
        return None;
    }
    keys.iter().zip(&cursor.values).map(|(key, value)| same(key, value.clone())).reduce(Expr::and)
}

/// The conditions that the rows after these values meet, one value for each key, or after them and with them.
fn beyond(keys: &[SortKey], values: &[Value], or_same: bool) -> Vec<Expr> {
    let mut conditions = Vec::new();
    let mut beyond: Option<Expr> = None;
    for (i, (key, value)) in keys.iter().zip(values).enumerate().rev() {
        let is_last = i + 1 == keys.len();
        let by_this_key = match further(key, value, or_same && is_last) {
            None if or_same && is_last => Some(match further(key, value, false) {
                Some(further) => further.or(same(key, value.clone())),
                None => same(key, value.clone()),
            }),
            known => known,
        };
        if let (0, Some(_)) = (i, &beyond) {
            // Says nothing new, but an index on the first key is searched by it.
            conditions.extend(further(key, value, true));
        }
        let by_later_keys = beyond.map(|beyond| same(key, value.clone()).and(beyond));
        beyond = match (by_this_key, by_later_keys) {
            (Some(this), Some(later)) => Some(this.or(later)),
            (this, later) => this.or(later),
        };
    }
    conditions.push(beyond.unwrap_or_else(|| Expr::Or(Several::default())));
    conditions
}

/// The condition that a row comes after the value by this key alone, or with it; `None` when none can.
fn further(key: &SortKey, value: &Value, or_same: bool) -> Option<Expr> {
    let nulls_last = key.nulls.map_or(key.descending, |nulls| nulls == Nulls::Last);
    let null_test = |negated| Expr::IsNull { value: key.value.clone().into(), negated };
    if *value == Value::Null {
        return (!nulls_last && !or_same).then(|| null_test(true));
    }
    let operator = match (key.descending, or_same) {
        (false, false) => Comparison::Greater,
        (false, true) => Comparison::GreaterOrEqual,
        (true, false) => Comparison::Less,
        (true, true) => Comparison::LessOrEqual,
    };
    let beyond = compare(key, operator, value.clone());
    if !nulls_last || !key.value.facts().nullable {
        return Some(beyond);
    }
    // NULL comes behind, and an alternative would hide the index.
    (!or_same).then(|| beyond.or(null_test(false)))
}

fn same(key: &SortKey, value: Value) -> Expr {
    match value {
        Value::Null => Expr::IsNull { value: key.value.clone().into(), negated: false },
        value => compare(key, Comparison::Equal, value),
    }
}

fn compare(key: &SortKey, operator: Comparison, value: Value) -> Expr {
    Expr::compare(key.value.clone(), operator, Expr::Value(value))
}

/// What the rows are sorted by.
#[derive(Clone)]
struct SortedBy {
    table: &'static TableInfo,
    keys: Vec<Selected>,
    /// Whether the row is the one of the cursor.
    start: Option<Selected>,
}

/// Where a row stands in the order.
struct Place {
    values: Vec<Value>,
    /// Whether the row is the one of the cursor.
    is_start: bool,
}

impl<M> Shape<M> for SortedBy {
    type Cell = Place;
    type Output = Place;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.extend(self.keys.iter().chain(&self.start).cloned());
    }

    fn width(&self) -> usize {
        self.keys.len() + usize::from(self.start.is_some())
    }

    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Place> {
        let mut values = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            values.push(row.owned(self.table.name, || key.name().into_owned(), *position)?);
            *position += 1;
        }
        let mut is_start = false;
        if self.start.is_some() {
            is_start = row.integer(*position) == Some(1);
            *position += 1;
        }
        Ok(Place { values, is_start })
    }

    fn ready(&self, place: Place) -> Option<Place> {
        Some(place)
    }
}
