//! The texts of the statements about one row.

use std::sync::Arc;

use super::SqlWriter;
use super::ast::{Expr, Selected, Set};
use super::change::{Delete, Insert, Update};
use super::{Deleted, Query, WriteSql};
use crate::error::Result;
use crate::table::{CachedSql, Fit, Fits, RowStatement, Seen, TableInfo, quoted};
use crate::value::Value;

/// From how many bytes on SQLite frees the pages of a value on a thread, which it does in one step.
const LONG: u32 = 64 * 1024;

impl RowStatement {
    /// The text for a table as it is described; it is kept in `cached`.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn text(self, table: &'static TableInfo, cached: &'static CachedSql) -> Result<&'static str> {
        cached.text(self, || self.written(SqlWriter::new(table), table))
    }

    /// The text for a table as it is in the file; it is kept as long as what is known of that table.
    ///
    /// # Errors
    ///
    /// When it cannot be meant.
    pub(crate) fn text_for<'f>(
        self,
        table: &'static TableInfo,
        cached: &'static CachedSql,
        fit: &'f Arc<Fit>,
    ) -> Result<&'f str> {
        if fit.is_plain {
            return self.text(table, cached);
        }
        fit.cached.text(self, || {
            let fits = Fits::from([(Seen::Table(table).address(), Arc::clone(fit))]);
            self.written(SqlWriter::new(table).fitting(Arc::new(fits)), table)
        })
    }

    fn written(self, mut sql: SqlWriter, table: &'static TableInfo) -> Result<String> {
        // What is bound later is written like any value.
        const LATER: Value = Value::Null;
        let row = || {
            table.key_columns().fold(Query::new(table), |rows, column| rows.filtered(Expr::has_value(column, LATER)))
        };
        // SQLite tells the length without reading the value.
        let tests = table.columns_of_any_length().map(|it| format!("octet_length({}) > {LONG}", quoted(it.name)));
        let is_long = tests.collect::<Vec<_>>().join(" OR ");
        match self {
            Self::Select => sql.select(&Selected::row(None, table).collect::<Vec<_>>(), &row()),
            Self::Insert => {
                let row = table.inserted().map(|column| (column, LATER)).collect();
                Insert { table, row, conflict: None, returning: Vec::new() }.write(&mut sql);
            }
            Self::Update | Self::UpdateReturning | Self::UpdateUnlessLong => {
                let sets = table.updated().map(|column| Set { column, value: Expr::Value(LATER) }).collect();
                let version = table.version_column();
                let rows =
                    version.into_iter().fold(row(), |rows, column| rows.filtered(Expr::has_value(column, LATER)));
                let returns = self == Self::UpdateReturning;
                let returning = if returns { Selected::row(None, table).collect() } else { Vec::new() };
                Update { rows, sets, returning }.write(&mut sql);
            }
            Self::Delete | Self::DeleteUnlessLong => {
                Delete::for_good(row().with(Deleted::Included), Vec::new()).write(&mut sql);
            }
            Self::IsLong => sql.one_per_row(&row().with(Deleted::Included)),
        }
        let mut text = sql.finish()?.text;
        match self {
            Self::Select | Self::Insert | Self::Update | Self::UpdateReturning | Self::Delete => {}
            Self::IsLong if is_long.is_empty() => text.clear(),
            Self::IsLong => text.push_str(&format!(" AND ({is_long})")),
            Self::UpdateUnlessLong | Self::DeleteUnlessLong if is_long.is_empty() => {}
            Self::UpdateUnlessLong | Self::DeleteUnlessLong => text.push_str(&format!(" AND ({is_long}) IS NOT TRUE")),
        }
        Ok(text)
    }
}
