//! Statements about the table in which sqlx keeps what was applied. Its name is written as sqlx writes it: with a schema before
//! it, and in quotes, if the program gives it so.

use super::{Argument, Statement};
use crate::value::Value;

/// Creates the table as sqlx does.
pub(crate) fn create_applied(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (\n    version BIGINT PRIMARY KEY,\n    description TEXT NOT NULL,\n    \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,\n    success BOOLEAN NOT NULL,\n    \
         checksum BLOB NOT NULL,\n    execution_time BIGINT NOT NULL\n)"
    )
}

/// Version, description, whether it is done, checksum, and when it was applied.
pub(crate) fn select_applied(table: &str) -> Statement {
    let text = format!("SELECT version, description, success, checksum, installed_on FROM {table} ORDER BY version");
    Statement::new(text, Vec::new())
}

/// A row of the table.
pub(crate) struct AppliedRow<'a> {
    pub(crate) version: i64,
    pub(crate) description: &'a str,
    pub(crate) is_done: bool,
    pub(crate) checksum: &'a [u8],
    pub(crate) nanoseconds: i64,
}

pub(crate) fn insert_applied(table: &str, row: &AppliedRow<'_>) -> Statement {
    let text = format!(
        "INSERT INTO {table} (version, description, success, checksum, execution_time) VALUES (?1, ?2, ?3, ?4, ?5)"
    );
    let values = [
        Value::Integer(row.version),
        Value::Text(row.description.to_owned()),
        Value::Integer(row.is_done.into()),
        Value::Blob(row.checksum.to_vec()),
        Value::Integer(row.nanoseconds),
    ];
    Statement::new(text, values.map(Argument::Value).to_vec())
}

/// Says of a migration whether it is done.
pub(crate) fn set_done(table: &str, version: i64, is_done: bool) -> Statement {
    let text = format!("UPDATE {table} SET success = ?1 WHERE version = ?2");
    let values = [Value::Integer(is_done.into()), Value::Integer(version)];
    Statement::new(text, values.map(Argument::Value).to_vec())
}

pub(crate) fn delete_applied(table: &str, version: i64) -> Statement {
    let text = format!("DELETE FROM {table} WHERE version = ?1");
    Statement::new(text, vec![Argument::Value(Value::Integer(version))])
}
