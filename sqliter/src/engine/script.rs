//! Texts of several statements: migrations, and scripts of the user.

use super::connection::{refuse_nul, report};
use super::lasting::{PUT_BACK, compile, compile_in_script};
use super::limits::regardless;
use super::{Connection, functions, words};
use crate::error::{Context, Error, Operation, Result, SqliteError};
use crate::sql;

/// A statement of a script that failed.
#[derive(Debug)]
pub(crate) struct FailedStatement {
    /// The statement.
    pub(crate) sql: String,
    /// The line that it begins on, or that SQLite complains about, counted from 1.
    pub(crate) line: u32,
    pub(crate) error: Box<Error>,
}

/// Where the statements of a text run.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// In a migration, inside a transaction.
    Migration,
    /// In a migration without one.
    BareMigration,
    /// In a script of the user, which is one transaction.
    Script,
}

/// How many statements a text has.
pub(crate) fn count_statements(text: &str) -> usize {
    let (mut rest, mut count) = (text, 0);
    while !words::statement(rest).is_empty() {
        rest = words::split_first(rest).1;
        count += 1;
    }
    count
}

impl Connection {
    /// Runs the statements of a text one after the other; `next` gets the number of each before it runs, from 0. What they leave
    /// behind on the connection ends with the text: some settings, and what is temporary. The rest of that kind is refused. As
    /// for SQLite itself, double quotes may be around a text.
    ///
    /// Inside a transaction, what would begin or end one is refused. Outside of one, what the text leaves open is rolled back,
    /// and is an error.
    pub(crate) fn run_script(&mut self, text: &str, next: &mut dyn FnMut(usize)) -> Result<(), FailedStatement> {
        let failed = |sql: &str, line, error| FailedStatement { sql: sql.to_owned(), line, error: Box::new(error) };
        if let Err(source) = refuse_nul(text) {
            return Err(failed("", 1, Error::SqlExecution { sql: String::new(), source }));
        }
        let own = |source: SqliteError| failed("", 1, Error::SqlExecution { sql: String::new(), source });
        let mut settings = Vec::new();
        for setting in &PUT_BACK {
            settings.push(self.ask::<bool>(setting.ask).map_err(own)?);
        }
        let temporary = self.temporary().map_err(own)?;
        let is_inside = !self.is_autocommit();
        // The text may have been written for other programs.
        functions::set_quotes(self.sqlite(), true).map_err(report).map_err(own)?;
        let place = if is_inside { Place::Migration } else { Place::BareMigration };
        let ran = self.run_statements(text, place, next);
        functions::set_quotes(self.sqlite(), false).map_err(report).map_err(own)?;
        // The job may have been cancelled, which must not stop this.
        let ended = regardless(|| self.end_script(is_inside, &settings, &temporary));
        if text.to_ascii_lowercase().contains("writable_schema") {
            // What was written there is read now.
            self.try_batch("PRAGMA writable_schema = RESET").map_err(own)?;
        }
        ran.and(ended.map_err(|error| failed("", lines(text), error)))
    }

    /// Runs the statements of a text of the user in one transaction: all of them or none. What [`execute`](Self::execute)
    /// refuses is refused; rows are not read.
    pub(crate) fn execute_script(&mut self, text: &str, context: Context<'_>) -> Result<()> {
        self.atomically(context, |connection| {
            refuse_nul(text).map_err(|source| connection.error(context, source))?;
            connection.run_statements(text, Place::Script, &mut |_| ()).map_err(|failed| Error::Script {
                line: failed.line,
                sql: failed.sql,
                source: failed.error,
            })
        })
    }

    fn run_statements(&mut self, text: &str, place: Place, next: &mut dyn FnMut(usize)) -> Result<(), FailedStatement> {
        let mut rest = text;
        let mut number = 0;
        while !words::statement(rest).is_empty() {
            let before = text.len() - words::statement(rest).len();
            let (part, after) = words::split_first(rest);
            let sql = words::statement(part).trim_end();
            let sql = sql.strip_suffix(';').unwrap_or(sql);
            next(number);
            if let Err((error, offset)) = self.run_statement(sql, place) {
                let line = lines(text.get(..before + offset).unwrap_or(text));
                return Err(FailedStatement { sql: sql.to_owned(), line, error });
            }
            rest = after;
            number += 1;
        }
        Ok(())
    }

    /// Runs one statement to its end. Gives where SQLite complains with its error.
    fn run_statement(&mut self, sql: &str, place: Place) -> Result<(), (Box<Error>, usize)> {
        const OWN_TRANSACTION: &str = "the text runs in a transaction already, which ends after it; leave this out, or begin the text with `-- no-transaction`";
        const PLACEHOLDER: &str = "nothing gives a placeholder its value here, and it would be NULL: write the value itself, or run this \
            statement from Rust with `execute` and `bind`";
        let is_control = words::is_first_of(sql, &["BEGIN", "COMMIT", "END"])
            || words::is_first_of(sql, &["ROLLBACK"]) && !words::is_rollback_to(sql);
        const ONE_TRANSACTION: &str = "a script is one transaction, which begins and ends with it; leave this out";
        let refused = match place {
            Place::Migration => is_control.then_some(OWN_TRANSACTION),
            Place::BareMigration => None,
            Place::Script => words::refusal(sql).map(|_| ONE_TRANSACTION),
        };
        if let Some(reason) = refused {
            return Err((Box::new(Error::Refused { sql: sql.to_owned(), reason }), 0));
        }
        self.count();
        let mut offset = 0;
        let mut refused = None;
        let context = Context::new(Operation::Execute, sql);
        let ran = self.log.statement(sql, |progress| {
            let mut failed = |error: rusqlite::Error| {
                if let rusqlite::Error::SqlInputError { offset: at, .. } = &error {
                    offset = usize::try_from(*at).unwrap_or(0);
                }
                self.error(context, report(error))
            };
            let sqlite = self.ready().map_err(|source| self.error(context, source))?;
            let (prepared, reason) = match place {
                Place::Migration | Place::BareMigration => compile_in_script(|| sqlite.prepare(sql)),
                Place::Script => compile(true, || sqlite.prepare(sql)),
            };
            refused = reason;
            let mut prepared = prepared.map_err(&mut failed)?;
            if prepared.parameter_count() > 0 {
                refused = Some(PLACEHOLDER);
                return Ok(());
            }
            progress.prepared = true;
            let before = self.total_changes();
            let mut rows = prepared.raw_query();
            while rows.next().map_err(&mut failed)?.is_some() {}
            drop(rows);
            progress.changed(self.total_changes() - before);
            self.note_text(sql);
            Ok(())
        });
        self.has_run(sql);
        match (ran, refused) {
            (_, Some(reason)) => Err((Box::new(Error::Refused { sql: sql.to_owned(), reason }), 0)),
            (Err(error), None) => Err((Box::new(error), offset)),
            (Ok(()), None) if place != Place::BareMigration && self.is_autocommit() => {
                let reason = "a statement of the text ended the transaction that it runs in".to_owned();
                Err((Box::new(Error::TransactionLost { reason }), 0))
            }
            (Ok(()), None) => Ok(()),
        }
    }

    /// The kind and the name of everything temporary on the connection.
    fn temporary(&self) -> Result<Vec<(String, String)>, SqliteError> {
        // Triggers before their tables, which would take them along.
        const ALL: &str = "SELECT type, name FROM temp.sqlite_schema \
            WHERE type IN ('trigger', 'view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type = 'table'";
        self.ask_all(ALL, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Puts back what a script has left behind.
    fn end_script(&mut self, is_inside: bool, settings: &[bool], temporary: &[(String, String)]) -> Result<()> {
        const LEFT_OPEN: &str = "the text leaves a transaction open; end it with COMMIT";
        let context = Context::new(Operation::Execute, "the end of the script");
        let is_left_open = !is_inside && !self.is_autocommit();
        if is_left_open {
            self.batch("ROLLBACK", context)?;
        }
        for (setting, before) in PUT_BACK.iter().zip(settings) {
            if self.ask::<bool>(setting.ask).map_err(|source| self.error(context, source))? != *before {
                // Where it cannot be put back now, it is when the connection goes back to its lane.
                self.changed.push((setting, *before));
                self.batch(if *before { setting.on } else { setting.off }, context)?;
                self.changed.pop();
            }
        }
        let left = self.temporary().map_err(|source| self.error(context, source))?;
        for (kind, name) in left.iter().filter(|made| !temporary.contains(made)) {
            self.batch(&sql::drop_temporary(kind, name), context)?;
        }
        match is_left_open {
            false => Ok(()),
            true => Err(Error::Refused { sql: "BEGIN".to_owned(), reason: LEFT_OPEN }),
        }
    }
}

/// The number of the last line of a text.
fn lines(text: &str) -> u32 {
    u32::try_from(1 + text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}
