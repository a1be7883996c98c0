//! Statements as users write them.

use rusqlite::CachedStatement;

use super::connection::{bind_all, report};
use super::keyword::{Boundary, Kind};
use super::{Access, Connection, Row, Statement};
use crate::error::{Context, Error, Operation, Result, SqliteError};

/// How many rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    /// The first one. A statement that writes is run to its end all the same.
    First,
}

impl Connection {
    /// Runs one statement that returns no rows; gives the number of rows changed.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Result<u64> {
        let returns_rows = || Error::ReturnsRows { sql: statement.text.clone() };
        let kind = admitted(statement)?;
        let mut prepared = self.prepare_raw(statement)?;
        // Some pragmas have columns and no rows; all else would write before it returns the first row.
        if has_rows(kind, &prepared) && kind != Kind::Pragma {
            return Err(returns_rows());
        }
        self.count();
        self.log.statement(&statement.text, |progress| {
            progress.prepared = true;
            progress.arguments(&statement.arguments);
            let before = self.total_changes();
            match prepared.raw_execute() {
                // A statement that changes no rows leaves the number of the statement before it.
                Ok(changed) => progress.rows = if self.total_changes() == before { 0 } else { changed as u64 },
                Err(rusqlite::Error::ExecuteReturnedResults) => return Err(returns_rows()),
                Err(error) => return Err(self.raw_error(statement, report(error))),
            }
            Ok(progress.rows)
        })
    }

    /// Runs one statement that returns rows and reads them by what `reader` makes of the names of the columns.
    /// Gives `None` without running it if it writes and the access is for reading.
    pub(crate) fn query_raw<R, T>(
        &mut self,
        statement: &Statement,
        access: Access,
        wanted: Wanted,
        reader: impl Fn(&[&str]) -> Result<R>,
        read: impl Fn(&R, &Row<'_>) -> Result<T>,
    ) -> Result<Option<Vec<T>>> {
        let kind = admitted(statement)?;
        // Some pragmas run in no transaction.
        if kind != Kind::Select {
            self.end_snapshot().map_err(|source| self.raw_error(statement, source))?;
        }
        let prepared = self.prepare_raw(statement)?;
        if !has_rows(kind, &prepared) {
            return Err(Error::ReturnsNoRows { sql: statement.text.clone() });
        }
        if prepared.readonly() {
            let rows = self.step(statement, prepared, wanted, reader, read)?;
            self.commit_in_snapshot().map_err(|source| self.raw_error(statement, source))?;
            return Ok(Some(rows));
        }
        if access == Access::Read {
            return Ok(None);
        }
        drop(prepared);
        let run = |connection: &mut Self| {
            let prepared = connection.prepare_raw(statement)?;
            let mut rows = connection.step(statement, prepared, Wanted::All, reader, read)?;
            if wanted == Wanted::First {
                rows.truncate(1);
            }
            Ok(rows)
        };
        let rows = if kind == Kind::Pragma { run(self) } else { self.atomically(raw_context(statement), run) };
        rows.map(Some)
    }

    /// SQLite prepares a statement anew when the schema has changed, so that the columns are known after the first step.
    fn step<R, T>(
        &self,
        statement: &Statement,
        mut prepared: CachedStatement<'_>,
        wanted: Wanted,
        reader: impl Fn(&[&str]) -> Result<R>,
        read: impl Fn(&R, &Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.count();
        self.log.statement(&statement.text, |progress| {
            progress.prepared = true;
            progress.arguments(&statement.arguments);
            let mut known = None;
            let mut decoded = Vec::new();
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().map_err(|error| self.raw_error(statement, report(error)))? {
                progress.rows += 1;
                let reader = match &mut known {
                    Some(reader) => reader,
                    none => none.insert(reader(&row.as_ref().column_names())?),
                };
                decoded.push(read(reader, &Row::new(row))?);
                if wanted == Wanted::First {
                    break;
                }
            }
            drop(rows);
            if known.is_none() {
                reader(&prepared.column_names())?;
            }
            Ok(decoded)
        })
    }

    /// The statement with its arguments, if it is one statement and these are as many as it takes.
    fn prepare_raw(&self, statement: &Statement) -> Result<CachedStatement<'_>> {
        let sqlite = self.ready().map_err(|source| self.raw_error(statement, source))?;
        let mut prepared = match sqlite.prepare_cached(&statement.text) {
            Ok(prepared) => prepared,
            Err(rusqlite::Error::MultipleStatement) => {
                return Err(Error::SeveralStatements { sql: statement.text.clone() });
            }
            Err(error) => {
                let refused = self.raw_error(statement, report(error));
                return self.log.statement(&statement.text, |_| Err(refused));
            }
        };
        let (expected, given) = (prepared.parameter_count(), statement.arguments.len());
        if expected != given {
            return Err(Error::ArgumentCount { sql: statement.text.clone(), expected, given });
        }
        bind_all(&mut prepared, &statement.arguments).map_err(|source| self.raw_error(statement, source))?;
        Ok(prepared)
    }

    fn raw_error(&self, statement: &Statement, source: SqliteError) -> Error {
        self.error(raw_context(statement), source)
    }
}

fn raw_context(statement: &Statement) -> Context<'_> {
    Context::new(Operation::Execute, &statement.text)
}

fn has_rows(kind: Kind, prepared: &CachedStatement<'_>) -> bool {
    kind.returns_rows() && prepared.column_count() > 0
}

/// The kind of a statement, if it is one that the library runs.
fn admitted(statement: &Statement) -> Result<Kind> {
    let sql = || statement.text.clone();
    let refused = |reason| Err(Error::StatementRefused { sql: sql(), reason });
    match Kind::of(&statement.text) {
        Kind::Empty => Err(Error::EmptyStatement { sql: sql() }),
        Kind::Transaction(Boundary::Begin) => refused(
            "a transaction is begun by `db.transaction(…)` or `db.begin()`, as the next statement may run on another \
             connection",
        ),
        Kind::Transaction(Boundary::Commit) => refused(
            "a transaction is committed by `tx.commit()`, or by the closure of `db.transaction` that returns `Ok`",
        ),
        Kind::Transaction(Boundary::Rollback) => refused(
            "a transaction is rolled back by `tx.rollback()`, or by the closure of `db.transaction` that returns `Err`",
        ),
        Kind::Transaction(Boundary::Savepoint) => refused(
            "a savepoint is a transaction inside another: `tx.transaction(…)` or `tx.begin()`, ended by `commit()` or \
             `rollback()`",
        ),
        Kind::Attachment => refused(
            "it would reach one of several connections; attach a database to all of them by \
             `Db::options().on_connect(…)`, or open it as a `Db` of its own",
        ),
        kind @ (Kind::Select | Kind::Change | Kind::Explain | Kind::Pragma | Kind::Other) => Ok(kind),
    }
}
