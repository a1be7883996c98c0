//! Statements as users write them.

use std::cell::Cell;

use rusqlite::CachedStatement;

use super::connection::{bind_all, refuse_nul, report};
use super::{Access, Connection, Pace, RowRef, lasting, words};
use crate::error::{Context, Error, Operation, Result, SqliteError};
use crate::sql::Statement;

/// How many rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    /// The first one. A statement that writes is run to its end all the same.
    First,
    /// The first two, likewise.
    FirstTwo,
}

impl Wanted {
    const fn most(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::First => 1,
            Self::FirstTwo => 2,
        }
    }
}

/// The columns of a statement.
pub(crate) struct Described<'s>(&'s rusqlite::Statement<'s>);

impl Described<'_> {
    /// Their names.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.column_names()
    }

    /// The table that each comes from, if it comes straight from one.
    pub(crate) fn tables(&self) -> Vec<Option<String>> {
        self.0.columns_with_metadata().iter().map(|column| column.table_name().map(str::to_owned)).collect()
    }
}

impl Connection {
    /// Runs one statement that returns no rows; gives the number of rows changed.
    pub(crate) fn execute(&mut self, statement: &Statement) -> Result<u64> {
        let returns_rows = || Error::ReturnsRows { sql: statement.text.clone() };
        let mut prepared = self.prepare_raw(statement)?;
        // It would write before it returns the first row.
        if returns_what_it_writes(statement, &prepared) {
            return Err(returns_rows());
        }
        self.count();
        let done = self.log.statement(&statement.text, |progress| {
            progress.prepared = true;
            progress.arguments(&statement.arguments);
            let before = self.total_changes();
            match prepared.raw_execute() {
                // A statement that changes no rows leaves the number of the statement before it.
                Ok(changed) => progress.changed(if self.total_changes() == before { 0 } else { changed as u64 }),
                Err(rusqlite::Error::ExecuteReturnedResults) => return Err(returns_rows()),
                Err(error) => return Err(self.raw_error(statement, report(error))),
            }
            self.note_run(&prepared, &statement.text);
            self.has_scanned(&prepared, &statement.text);
            Ok(progress.rows)
        });
        self.has_run(&statement.text);
        done
    }

    /// Runs one statement that returns rows and reads them by what `reader` makes of the columns.
    /// Gives `None` without running it if it writes and the access is for reading.
    pub(crate) fn query_raw<R, T>(
        &mut self,
        statement: &Statement,
        access: Access,
        wanted: Wanted,
        reader: impl Fn(Described<'_>) -> Result<R>,
        read: impl Fn(&R, &RowRef<'_>) -> Result<T>,
    ) -> Result<Option<Vec<T>>> {
        let prepared = self.prepare_raw(statement)?;
        if prepared.column_count() == 0 {
            return Err(Error::ReturnsNoRows { sql: statement.text.clone() });
        }
        if prepared.readonly() {
            if words::may_count_at_once(&statement.text) {
                self.walk(raw_context(statement))?;
            }
            if words::calls_format(&statement.text) {
                self.leave_to_thread(raw_context(statement))?;
            }
            let rows = self.step(statement, prepared, wanted, reader, read);
            self.has_run(&statement.text);
            return rows.map(Some);
        }
        if access == Access::Read {
            return Ok(None);
        }
        let keeps_all_or_nothing = returns_what_it_writes(statement, &prepared);
        drop(prepared);
        let run = |connection: &mut Self| {
            let prepared = connection.prepare_raw(statement)?;
            let mut rows = connection.step(statement, prepared, Wanted::All, reader, read)?;
            rows.truncate(wanted.most());
            Ok(rows)
        };
        // What else writes and returns rows are pragmas, of which some run in no transaction.
        let rows = match keeps_all_or_nothing {
            true => self.atomically(raw_context(statement), run),
            false => run(self),
        };
        self.has_run(&statement.text);
        rows.map(Some)
    }

    /// SQLite prepares a statement anew when the schema has changed, so that the columns are known after the first step.
    fn step<R, T>(
        &self,
        statement: &Statement,
        mut prepared: CachedStatement<'_>,
        wanted: Wanted,
        reader: impl Fn(Described<'_>) -> Result<R>,
        read: impl Fn(&R, &RowRef<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.count();
        self.log.statement(&statement.text, |progress| {
            progress.prepared = true;
            progress.arguments(&statement.arguments);
            progress.returns();
            let mut known = None;
            let mut decoded = Vec::new();
            let bytes = Cell::new(0);
            let mut rows = prepared.raw_query();
            while let Some(row) = rows.next().map_err(|error| self.raw_error(statement, report(error)))? {
                progress.rows += 1;
                let reader = match &mut known {
                    Some(reader) => reader,
                    none => none.insert(reader(Described(row.as_ref()))?),
                };
                decoded.push(read(reader, &RowRef::new(row, &bytes))?);
                self.check_read(bytes.get(), raw_context(statement))?;
                if decoded.len() == wanted.most() {
                    break;
                }
            }
            drop(rows);
            self.note_run(&prepared, &statement.text);
            // What it was compiled anew for may not bear the limits of work in place.
            self.follow_schema_of(&prepared).map_err(|source| self.raw_error(statement, source))?;
            self.has_scanned(&prepared, &statement.text);
            if known.is_none() {
                reader(Described(&prepared))?;
            }
            Ok(decoded)
        })
    }

    /// The statement with its arguments, if it is one statement and these are as many as it takes.
    fn prepare_raw(&self, statement: &Statement) -> Result<CachedStatement<'_>> {
        if words::statement(&statement.text).is_empty() {
            return Err(Error::NoStatement { sql: statement.text.clone() });
        }
        if let Some(reason) = words::refusal(&statement.text) {
            return Err(Error::Refused { sql: statement.text.clone(), reason });
        }
        refuse_nul(&statement.text).map_err(|source| self.raw_error(statement, source))?;
        let sqlite = self.ready().map_err(|source| self.raw_error(statement, source))?;
        let in_transaction = !self.is_autocommit();
        let (prepared, refused) = lasting::compile(in_transaction, || sqlite.prepare_cached(&statement.text));
        if let Some(reason) = refused {
            return Err(Error::Refused { sql: statement.text.clone(), reason });
        }
        let mut prepared = match prepared {
            Ok(prepared) => prepared,
            Err(rusqlite::Error::MultipleStatement) => {
                return Err(Error::SeveralStatements { sql: statement.text.clone() });
            }
            Err(error) => {
                let refused = self.raw_error(statement, report(error));
                return self.log.statement(&statement.text, |_| Err(refused));
            }
        };
        // Its text may be one of the library's own, which take what is compiled for what is known of the schema.
        self.follow_schema_of(&prepared).map_err(|source| self.raw_error(statement, source))?;
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

/// Whether it is an insert, update or delete with a `RETURNING` clause. To SQLite, pragmas and `ALTER TABLE` have columns
/// and may write too.
fn returns_what_it_writes(statement: &Statement, prepared: &CachedStatement<'_>) -> bool {
    prepared.column_count() > 0
        && !prepared.readonly()
        && words::is_first_of(&statement.text, &["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"])
}

/// Whether a statement may run in a transaction, and what it has done is undone with that.
pub(crate) fn is_undone_with_its_transaction(statement: &Statement) -> bool {
    const WRITE: [&str; 10] =
        ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "CREATE", "DROP", "ALTER", "REINDEX", "ANALYZE"];
    words::is_first_of(&statement.text, &WRITE)
}

/// Whether a statement sets a number in the head of the file that is the program's own.
pub(crate) fn sets_a_number_of_the_file(statement: &Statement) -> bool {
    let text = statement.text.to_ascii_lowercase();
    is_pragma(statement) && (text.contains("user_version") || text.contains("application_id"))
}

/// Whether a statement is a pragma.
pub(crate) fn is_pragma(statement: &Statement) -> bool {
    words::is_first_of(&statement.text, &["PRAGMA"])
}

/// Statements that only read may be stopped in the middle. Others, such as pragmas, are not: one that commits by itself
/// could have been done, and report all the same that it was interrupted.
pub(crate) fn pace_of(statement: &Statement, access: Access) -> Pace {
    let reads = access == Access::Read && words::is_first_of(&statement.text, &["SELECT", "WITH", "VALUES"]);
    if reads { Pace::Measured(statement.fingerprint()) } else { Pace::Long }
}
