//! Pages that go on where the page before ended, whatever was inserted or deleted in between.

use std::future::IntoFuture;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::{Cursor, GivesRows, Shape, run};
use crate::engine::Row;
use crate::error::{Error, Operation, Result};
use crate::model::Model;
use crate::session::{Pending, Session};
use crate::sql::ast::{Comparison, Expr, Nulls, Selected, Several, SortKey};
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
pub struct PageQuery<'s, M, S> {
    pub(super) session: &'s Session,
    pub(super) query: Query,
    pub(super) shape: S,
    pub(super) cursor: Option<Cursor>,
    pub(super) rows: u64,
    pub(super) way: Way,
    pub(super) with_total: bool,
    pub(super) model: PhantomData<fn() -> M>,
}

/// Which way a page goes from its cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    After,
    Before,
}

impl<M, S> std::fmt::Debug for PageQuery<'_, M, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageQuery").field("query", &self.query).finish_non_exhaustive()
    }
}

impl<M, S> PageQuery<'_, M, S> {
    /// Counts the rows of all pages too, as [`Page::total`]: those that the chain's filters keep. The page and the count
    /// are of the same moment, and are not cached.
    pub const fn with_total(mut self) -> Self {
        self.with_total = true;
        self
    }
}

impl<'s, M: Model, S: GivesRows<M>> IntoFuture for PageQuery<'s, M, S> {
    type Output = Result<Page<S::Output>>;
    type IntoFuture = Pending<'s, Page<S::Output>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(page(self))
    }
}

async fn page<M, S: GivesRows<M>>(asked: PageQuery<'_, M, S>) -> Result<Page<S::Output>> {
    let PageQuery { session, query, shape, cursor, rows, way, with_total, .. } = asked;
    let table = query.table;
    let all = Query { order: Vec::new(), limit: None, offset: 0, ..query.clone() };
    let mut query = query.ordered();
    if query.order.iter().any(|key| key.value.is_random()) {
        let reason = "rows in random order have no pages, as their order is another one each time";
        return Err(Error::Cursor { reason: reason.to_owned() });
    }
    let order = order_of(&query)?;
    if let Some(cursor) = &cursor {
        cursor.check(&order, &query.order)?;
    }
    if rows == 0 {
        let total = if with_total { Some(run::number(session, all, SqlWriter::count).await?) } else { None };
        let back = cursor.as_ref().map(Cursor::on_the_other_side);
        return Ok(directed(way, Vec::new(), cursor, back, total));
    }
    if way == Way::Before {
        query.order = query.order.into_iter().map(SortKey::reversed).collect();
    }
    let keys = query.order.clone();
    let sorted_by = SortedBy {
        table,
        keys: keys.iter().map(|key| Selected::by_value(key.value.clone())).collect(),
        start: cursor.as_ref().and_then(|cursor| at(&keys, cursor)).map(Selected::by_value),
    };
    // The row of the cursor comes too, by which it is known that there are rows on the other side of it.
    let other_side = cursor.as_ref().map(|cursor| {
        let backwards: Vec<_> = keys.iter().cloned().map(SortKey::reversed).collect();
        let filters = all.filters.iter().cloned();
        let beyond = beyond(&backwards, &cursor.values, !cursor.with_row);
        Query { filters: filters.chain(beyond).collect(), ..all.clone() }
    });
    query.filters.extend(cursor.iter().flat_map(|cursor| beyond(&keys, &cursor.values, true)));
    // One row more shows whether there is a page behind.
    query.limit = Some(rows.saturating_add(1 + u64::from(sorted_by.start.is_some())));
    query.offset = 0;
    let shape = (shape, sorted_by);
    let (mut found, total) = if with_total {
        let (found, total) = run::rows_and_number::<M, _>(session, query, shape, all, SqlWriter::count).await?;
        (found, Some(total))
    } else {
        (run::rows::<M, _>(session, query, shape, None).await?, None)
    };
    // The next page would begin after both.
    if let Some([(_, twice), _]) = found.array_windows().find(|[one, next]| one.1.values == next.1.values) {
        let key_columns = table.key_columns().map(|column| Expr::column(None, column));
        let places = key_columns.filter_map(|column| keys.iter().position(|sort| sort.value == column));
        let key = places.filter_map(|place| twice.values.get(place).cloned()).collect();
        return Err(run::key_not_unique(Operation::Fetch, table, &key));
    }
    let mut is_other_side = found.first().is_some_and(|(_, place)| place.is_start);
    if is_other_side {
        found.remove(0);
    } else if let Some(other_side) = other_side {
        is_other_side = run::number(session, other_side, SqlWriter::exists).await? != 0;
    }
    let wanted = usize::try_from(rows).unwrap_or(usize::MAX);
    let there_is_more = found.len() > wanted;
    found.truncate(wanted);
    let cursor_of = |place: Option<&(_, Place)>| place.map(|(_, place)| Cursor::new(&order, place.values.clone()));
    let ahead = if there_is_more { cursor_of(found.last()) } else { None };
    let back = match (is_other_side, found.is_empty()) {
        (false, _) => None,
        (true, false) => cursor_of(found.first()),
        (true, true) => cursor.as_ref().map(Cursor::on_the_other_side),
    };
    Ok(directed(way, found.into_iter().map(|(row, _)| row).collect(), ahead, back, total))
}

/// The page of what was read in one direction, with the cursors in this direction and back.
fn directed<T>(way: Way, mut rows: Vec<T>, ahead: Option<Cursor>, back: Option<Cursor>, total: Option<u64>) -> Page<T> {
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

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Place> {
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
