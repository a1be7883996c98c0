//! What is done where tables and indexes are created.

use crate::engine::Connection;
use crate::error::{Context, Error, Result, SqliteError, code};
use crate::sql::{Argument, Index, Statement};
use crate::value::Value;

pub(super) fn create_indexes(
    connection: &mut Connection,
    table: &str,
    indexes: &[Index],
    context: Context<'_>,
) -> Result<()> {
    let refused = |connection: &Connection, message| Err(refusal(connection, context, message));
    for (i, index) in indexes.iter().enumerate() {
        if indexes.iter().take(i).any(|other| other.name.eq_ignore_ascii_case(&index.name)) {
            return refused(connection, format!("two indexes have the name {}; rename a column", index.name));
        }
        // IF NOT EXISTS looks at the name only, which another table may have taken.
        let owner = Statement::new(
            "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?",
            vec![Argument::Value(Value::Text(index.name.clone()))],
        );
        let owners = connection.texts(&owner, context)?;
        if let Some(other) = owners.iter().flatten().find(|owner| !owner.eq_ignore_ascii_case(table)) {
            let message = format!("the index name {} is taken by an index of the table {other}", index.name);
            return refused(connection, message);
        }
        connection.batch(&index.to_sql(), context)?;
    }
    Ok(())
}

/// An error that SQLite does not notice.
pub(super) fn refusal(connection: &Connection, context: Context<'_>, message: String) -> Error {
    connection.error(context, SqliteError { code: code::ERROR, message })
}

pub(super) fn first_column(connection: &mut Connection, sql: &str, context: Context<'_>) -> Result<Vec<String>> {
    let statement = Statement::new(sql, Vec::new());
    Ok(connection.texts(&statement, context)?.into_iter().flatten().collect())
}
