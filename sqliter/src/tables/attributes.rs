//! SQL in attributes: what is wrong with it, and where it stands.

use crate::engine::{Connection, Scratch};
use crate::error::{Error, SqliteError};
use crate::sql::{self, Trial};
use crate::table::TableInfo;

/// The error of creating a table or an index; of wrong SQL in an attribute of the model, the one that says where it stands.
pub(super) fn explained(connection: &mut Connection, table: &TableInfo, error: Error) -> Error {
    match &error {
        Error::TableCreation { .. } => mistake(connection, table).unwrap_or(error),
        _ => error,
    }
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
