//! SQL in attributes: what is wrong with it, and where it stands.

use crate::engine::{Connection, Scratch};
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
    check_view_by(table, |sql| connection.attempt_schema(&[sql]))
}

/// As [`check_view`] for all views of models, in an empty database, as far as they read tables of these models alone.
pub(super) fn check_views(tables: &[&'static TableInfo], statements: &[String]) -> Result<()> {
    if tables.iter().all(|table| table.view.is_none()) {
        return Ok(());
    }
    let failed = |source| Error::SqlExecution { sql: "a database in memory".to_owned(), source };
    let scratch = Scratch::new(false).map_err(failed)?;
    statements.iter().try_for_each(|sql| scratch.run(sql)).map_err(failed)?;
    for table in tables {
        check_view_by(table, |sql| match scratch.check(&sql) {
            Err(source) if source.missing_table().is_some() => Ok(()),
            other => other,
        })?;
    }
    Ok(())
}

fn check_view_by(table: &TableInfo, mut attempt: impl FnMut(String) -> Result<(), SqliteError>) -> Result<()> {
    let Some(view) = table.view else { return Ok(()) };
    let mistake = |reason| {
        let (model, place) = (table.model.to_owned(), "view".to_owned());
        Error::SqlInModel { model, place, sql: view.to_owned(), reason }
    };
    attempt(sql::select_none(None, table.name)).map_err(|source| mistake(source.message))?;
    for column in table.columns {
        let read = sql::select_none(Some(column.name), table.name);
        let missing = |_| mistake(format!("it gives no column {}", column.name));
        attempt(read).map_err(missing)?;
    }
    Ok(())
}

/// The first attribute whose SQL means nothing for the table of its model.
pub(crate) fn mistake(connection: &mut Connection, table: &TableInfo) -> Option<Error> {
    first_mistake(table, |statements| connection.attempt_schema(statements))
}

/// As [`mistake`], in an empty database.
pub(super) fn mistake_of(table: &TableInfo) -> Option<Error> {
    first_mistake(table, |statements| {
        let scratch = Scratch::new(false)?;
        statements.iter().try_for_each(|sql| scratch.run(sql))
    })
}

fn first_mistake(table: &TableInfo, mut attempt: impl FnMut(&[String]) -> Result<(), SqliteError>) -> Option<Error> {
    sql::trials(table).into_iter().find_map(|trial| {
        let SqliteError { message, .. } = attempt(&trial.statements).err()?;
        let Trial { place, sql, .. } = trial;
        Some(Error::SqlInModel { model: table.model.to_owned(), place, sql, reason: message })
    })
}
