//! The related rows of loaded rows: `book.author(&db)`, `book.tags(&db)`, `db.fetch_related(…)`.

mod create;
mod fetch_related;
mod links;
mod one;
mod pairs;
mod referring;

use std::time::UNIX_EPOCH;

use crate::error::Result;
use crate::model::{Arguments, Model};
use crate::sql::ast::Expr;
use crate::table::{ColumnInfo, Link, RelationInfo};
use crate::value::{Encoded, Value};

pub use fetch_related::FetchRelated;
pub use links::{Links, PairsOf, linked_rows};
pub use one::LazyOne;
pub use referring::{RefersTo, Rows, related_rows};

/// The value of the column that a relation starts from, in a loaded row.
fn source_value<M: Model>(relation: &RelationInfo, row: &M) -> Result<Value> {
    value_in(relation.source_column(), row)
}

/// The value of a column in a loaded row.
fn value_in<M: Model>(column: &ColumnInfo, row: &M) -> Result<Value> {
    let table = M::TABLE;
    let position =
        table.columns.iter().position(|own| own.name == column.name).or(table.key.first().copied()).unwrap_or_default();
    let mut value = Value::Null;
    let mut sink = |encoded: Encoded<'_>| {
        value = encoded.into_value();
        Ok(())
    };
    let mut arguments = Arguments::new(table, UNIX_EPOCH, &mut sink);
    row.write_one(position, &mut arguments)?;
    Ok(value)
}

/// The condition that rows of the target meet when they are related by this value.
fn target_is(relation: &'static RelationInfo, key: Value) -> Expr {
    match relation.link {
        Link::Junction(_) => Expr::Linked { relation, key },
        Link::ForeignKey(_) | Link::Referrer(_) => Expr::is(relation.target_column(), Expr::Value(key)),
    }
}
