//! SQL in attributes: what is wrong with it, and where it stands.

use crate::engine::Connection;
use crate::error::{Error, Result, SqliteError};
use crate::sql::{self, Trial};
use crate::table::TableInfo;

/// The error of creating a table or an index; of wrong SQL in an attribute of the model, the one that says where it stands.
pub(super) fn explained(connection: &mut Connection, table: &TableInfo, error: Error) -> Error {
    match &error {
        Error::TableCreation { .. } => mistake(connection, table).unwrap_or(error),
        _ => error,
    }
}

/// Whether a view gives the columns of its model; a view is compiled only when it is read.
pub(super) fn check_view(connection: &mut Connection, table: &TableInfo) -> Result<()> {
    let Some(view) = table.view else { return Ok(()) };
    let mistake = |reason| {
        let (model, place) = (table.model.to_owned(), "view".to_owned());
        Error::SqlInModel { model, place, sql: view.to_owned(), reason }
    };
    connection.attempt_schema(&[sql::select_none(None, table.name)]).map_err(|source| mistake(source.message))?;
    for column in table.columns {
        let read = sql::select_none(Some(column.name), table.name);
        let missing = |_| mistake(format!("it gives no column {}", column.name));
        connection.attempt_schema(&[read]).map_err(missing)?;
    }
    Ok(())
}

/// The first attribute whose SQL means nothing for the table of its model.
pub(crate) fn mistake(connection: &mut Connection, table: &TableInfo) -> Option<Error> {
    sql::trials(table).into_iter().find_map(|trial| {
        let SqliteError { message, .. } = connection.attempt_schema(&trial.statements).err()?;
        let Trial { place, sql, .. } = trial;
        Some(Error::SqlInModel { model: table.model.to_owned(), place, sql, reason: message })
    })
}
