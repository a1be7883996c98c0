//! What a statement was for.

use std::time::Duration;

use super::{Error, Operation, SqliteError, code, report};

/// What a statement was for, to turn SQLite's report into the right error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) operation: Operation,
    /// The table, or the statement for [`Operation::Execute`].
    pub(crate) subject: &'a str,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(operation: Operation, subject: &'a str) -> Self {
        Self { operation, subject }
    }

    /// The error for SQLite's report; `limit` is the busy timeout.
    pub(crate) fn error(self, source: SqliteError, limit: Duration) -> Error {
        let Self { operation, subject } = self;
        let table = subject.to_owned();
        match source.primary_code() {
            code::BUSY | code::LOCKED => Error::Busy { operation, table, limit, source },
            code::CONSTRAINT => report::violation(operation, subject, source),
            _ => match operation {
                Operation::CreateTable => Error::TableCreation { table, source },
                Operation::DropTable => Error::TableDeletion { table, source },
                Operation::Insert => Error::RecordInsertion { table, source },
                Operation::Update => Error::RecordUpdate { table, source },
                Operation::Delete => Error::RecordDeletion { table, source },
                Operation::Fetch => Error::RecordFetch { table, source },
                Operation::Open | Operation::Close => {
                    Error::Connection { path: table, reason: source.to_string(), source: Some(Box::new(source)) }
                }
                Operation::Migrate => Error::CannotMigrate { reason: source.to_string(), source: Some(source) },
                Operation::Execute => Error::SqlExecution { sql: table, source },
            },
        }
    }
}
