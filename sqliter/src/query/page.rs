//! Pages that go on where the page before ended, whatever was inserted or deleted in between.

use super::{Cursor, GivesRows, Shape, run};
use crate::engine::Row;
use crate::error::{Operation, Result};
use crate::session::Session;
use crate::sql::ast::{Comparison, Expr, Nulls, Selected, SortKey};
use crate::sql::{Query, SqlWriter, Statement};
use crate::table::TableInfo;
use crate::value::Value;

/// Some rows of a query, from [`Select::page_after`](crate::Select::page_after).
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows, in the order of the chain.
    pub rows: Vec<T>,
    /// Where the next page begins; `None` after the last row.
    pub next: Option<Cursor>,
}

pub(super) async fn page<M, S: GivesRows<M>>(
    session: &Session,
    mut query: Query,
    shape: S,
    after: Option<Cursor>,
    rows: u64,
) -> Result<Page<S::Output>> {
    let table = query.table;
    query = query.ordered();
    let order = order_of(&query)?;
    if let Some(cursor) = &after {
        let values = cursor.values_for(&order, &query.order)?.to_vec();
        match behind(&query.order, values) {
            Some(conditions) => query.filters.extend(conditions),
            None => return Ok(Page { rows: Vec::new(), next: None }),
        }
    }
    if rows == 0 {
        return Ok(Page { rows: Vec::new(), next: after });
    }
    let keys = query.order.iter().map(|key| Selected::by_value(key.value.clone())).collect();
    // One row more shows whether there is a next page.
    query.limit = Some(rows.saturating_add(1));
    query.offset = 0;
    let keys_are_at: Vec<_> = table
        .key_columns()
        .filter_map(|column| query.order.iter().position(|sort| sort.value == Expr::column(None, column)))
        .collect();
    let mut found = run::rows::<M, _>(session, query, (shape, SortedBy { table, keys }), None).await?;
    // The next page would begin after both.
    if let Some([(_, twice), _]) = found.array_windows().find(|[one, next]| one.1 == next.1) {
        let key = keys_are_at.iter().filter_map(|place| twice.get(*place).cloned()).collect();
        return Err(run::key_not_unique(Operation::Fetch, table, &key));
    }
    let wanted = usize::try_from(rows).unwrap_or(usize::MAX);
    let next = if found.len() > wanted {
        found.truncate(wanted);
        found.last().map(|(_, values)| Cursor::new(&order, values.clone()))
    } else {
        None
    };
    Ok(Page { rows: found.into_iter().map(|(row, _)| row).collect(), next })
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

/// The conditions that the rows after these values meet, one value for each key; `None` when there can be no such row.
fn behind(keys: &[SortKey], values: Vec<Value>) -> Option<Vec<Expr>> {
    let mut conditions = Vec::new();
    let mut behind: Option<Expr> = None;
    for (i, (key, value)) in keys.iter().zip(values).enumerate().rev() {
        let by_this_key = further(key, &value, false);
        if let (0, Some(_)) = (i, &behind) {
            // Says nothing new, but an index on the first key is searched by it.
            conditions.extend(further(key, &value, true));
        }
        let by_later_keys = behind.map(|behind| same(key, value).and(behind));
        behind = match (by_this_key, by_later_keys) {
            (Some(this), Some(later)) => Some(this.or(later)),
            (this, later) => this.or(later),
        };
    }
    conditions.push(behind?);
    Some(conditions)
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
}

impl<M> Shape<M> for SortedBy {
    type Cell = Vec<Value>;
    type Output = Vec<Value>;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.extend(self.keys.iter().cloned());
    }

    fn width(&self) -> usize {
        self.keys.len()
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Vec<Value>> {
        let start = *position;
        *position += self.keys.len();
        let keys = self.keys.iter().zip(start..);
        keys.map(|(key, at)| row.owned(self.table.name, || key.name().into_owned(), at)).collect()
    }

    fn ready(&self, values: Vec<Value>) -> Option<Vec<Value>> {
        Some(values)
    }
}
