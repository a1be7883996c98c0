//! The texts of the statements about one row.

use std::sync::Arc;

use super::SqlWriter;
use super::ast::{Expr, Selected, Set};
use super::change::{Delete, Insert, Update};
use super::{Deleted, Query, WriteSql};
use crate::error::Result;
use crate::table::{CachedSql, ColumnInfo, Fit, Fits, RowStatement, Seen, TableInfo, Texts};
use crate::value::Value;

impl RowStatement {
    /// The texts for a table as it is described; they are kept in `cached`.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub(crate) fn texts(self, table: &'static TableInfo, cached: &'static CachedSql) -> Result<&'static Texts> {
        cached.texts(self, || self.written(SqlWriter::new(table), table))
    }

    /// The texts for a table as it is in the file; they are kept as long as what is known of that table.
    ///
    /// # Errors
    ///
    /// When they cannot be meant.
    pub(crate) fn texts_for<'f>(
        self,
        table: &'static TableInfo,
        cached: &'static CachedSql,
        fit: &'f Arc<Fit>,
    ) -> Result<&'f Texts> {
        if fit.is_plain {
            return self.texts(table, cached);
        }
        fit.cached.texts(self, || {
            let fits = Fits::from([(Seen::Table(table).address(), Arc::clone(fit))]);
            self.written(SqlWriter::new(table).fitting(Arc::new(fits)), table)
        })
    }

    fn written(self, mut sql: SqlWriter, table: &'static TableInfo) -> Result<Texts> {
        // What is bound later is written like any value.
        const LATER: Value = Value::Null;
        let row = || {
            table.key_columns().fold(Query::new(table), |rows, column| rows.filtered(Expr::has_value(column, LATER)))
        };
        match self {
            Self::Select => sql.select(&Selected::row(None, table).collect::<Vec<_>>(), &row()),
            Self::Insert => {
                let row = table.inserted().map(|column| (column, LATER)).collect();
                Insert { table, row, conflict: None, returning: Vec::new() }.write(&mut sql);
            }
            Self::Update | Self::UpdateReturning => {
                let sets = table.updated().map(|column| Set { column, value: Expr::Value(LATER) }).collect();
                let version = table.version_column();
                let rows =
                    version.into_iter().fold(row(), |rows, column| rows.filtered(Expr::has_value(column, LATER)));
                let returns = self == Self::UpdateReturning;
                let returning = if returns { Selected::row(None, table).collect() } else { Vec::new() };
                Update { rows, sets, returning }.write(&mut sql);
            }
            Self::Delete => Delete::for_good(row().with(Deleted::Included), Vec::new()).write(&mut sql),
        }
        let lets_go: Vec<&'static ColumnInfo> = match self {
            Self::Select | Self::Insert => Vec::new(),
            // What an update keeps of a row is read.
            Self::Update | Self::UpdateReturning | Self::Delete => table.columns_of_any_length().collect(),
        };
        let (statement, _) = sql.finish_freeing(&lets_go)?;
        Ok(Texts { text: statement.text, in_place: statement.in_place })
    }
}
