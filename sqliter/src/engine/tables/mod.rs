//! What a connection knows of the tables of its database.
//!
//! A table is looked at when a model's statement needs it first. What is known holds as long as the versions of the
//! schemas stay what they were: they are compared when SQLite compiles a statement, and once in each transaction that
//! writes. The connection knows for itself, as temporary and attached tables are its own, and changes that are not
//! committed too.

mod file;
mod over;
mod rules;

use std::cell::RefCell;
use std::sync::Arc;

use rusqlite::{CachedStatement, StatementStatus};

use super::connection::{only_on_thread, report};
use super::{Connection, words};
use crate::error::{Context, Result, SqliteError, code};
use crate::sql;
use crate::table::{Fit, Fits, Seen, TableInfo};

use rules::Rules;

/// The first words of statements that change no schema.
const LEAVES_SCHEMA: [&str; 13] = [
    "SELECT",
    "WITH",
    "VALUES",
    "INSERT",
    "REPLACE",
    "UPDATE",
    "DELETE",
    "EXPLAIN",
    "BEGIN",
    "COMMIT",
    "END",
    "SAVEPOINT",
    "RELEASE",
];

/// How often a call begins anew because the schema changes under it.
const ATTEMPTS: usize = 16;

/// What is known.
#[derive(Default)]
pub(super) struct Tables(RefCell<Known>);

#[derive(Default)]
struct Known {
    fits: Arc<Fits>,
    /// The last one that was found to be as its model says; 0 for none.
    last_described: usize,
    /// What the versions were when they were looked up.
    versions: Vec<i64>,
    /// The databases that the connection has open, once they are known.
    databases: Option<Arc<[Database]>>,
    /// Whether the versions were compared in the present transaction.
    compared: bool,
    /// Whether the present transaction may have changed the schema.
    altered: bool,
    /// `None` when they were not looked up.
    rules: Option<Rules>,
}

/// A database that the connection has open.
struct Database {
    name: String,
    /// The statement that asks for the version of its schema.
    asks_version: String,
}

impl Known {
    fn forget(&mut self) {
        self.fits = Arc::default();
        self.last_described = 0;
        self.rules = None;
        self.versions.clear();
    }
}

impl Connection {
    /// Whether SQLite has compiled the statement for another schema than the one that is known, which is forgotten then.
    pub(super) fn is_of_another_schema(&self, statement: &rusqlite::Statement<'_>) -> Result<bool, SqliteError> {
        if compiled(statement).is_none() {
            return Ok(false);
        }
        let changed = self.has_changed()?;
        // Where that could not be told, it is asked again.
        statement.reset_status(StatementStatus::RePrepare);
        Ok(changed)
    }

    /// What the table of a model is, inside a transaction that writes.
    pub(crate) fn fit(&self, table: &'static TableInfo, context: Context<'_>) -> Result<Arc<Fit>> {
        self.fit_of(Seen::Table(table), context)
    }

    /// As [`fit`](Self::fit), of a table of pairs too.
    pub(crate) fn fit_of(&self, seen: Seen, context: Context<'_>) -> Result<Arc<Fit>> {
        self.compare_once().map_err(|source| self.error(context, source))?;
        self.fits(&[seen], context)?;
        let known = self.tables.0.borrow();
        Ok(known.fits.get(&seen.address()).cloned().unwrap_or_else(|| Arc::new(seen.fit(None))))
    }

    /// Takes the transaction for one whose schema must be compared anew: a statement that is no model's has run.
    pub(super) fn has_run(&self, sql: &str) {
        let mut known = self.tables.0.borrow_mut();
        known.compared = false;
        if words::is_first_of(sql, &["ROLLBACK"]) {
            if known.altered {
                known.forget();
            }
        } else if !words::is_first_of(sql, &LEAVES_SCHEMA) {
            known.databases = None;
            known.altered |= !self.sqlite().is_autocommit();
        }
    }

    /// What is known of the tables, after a look at those that are new; `None` when all are as described.
    fn fits(&self, seen: &[Seen], context: Context<'_>) -> Result<Option<Arc<Fits>>> {
        self.look(seen).map_err(|source| self.error(context, source))
    }

    /// What was looked up in a transaction that changed the schema says nothing when it is over.
    fn forget_altered(&self) {
        let mut known = self.tables.0.borrow_mut();
        if known.altered && self.sqlite().is_autocommit() {
            known.altered = false;
            known.forget();
        }
    }

    fn look(&self, seen: &[Seen]) -> Result<Option<Arc<Fits>>, SqliteError> {
        self.forget_altered();
        for _ in 0..ATTEMPTS {
            let next = {
                let known = self.tables.0.borrow();
                let mut all_plain = true;
                let mut fits = seen.iter().map(|seen| (seen, known.fits.get(&seen.address())));
                let next = fits.find(|(_, fit)| {
                    all_plain &= fit.is_none_or(|fit| fit.is_plain);
                    fit.is_none()
                });
                match next {
                    Some((next, _)) => *next,
                    None if all_plain => return Ok(None),
                    None => return Ok(Some(Arc::clone(&known.fits))),
                }
            };
            only_on_thread()?;
            self.follow_schema()?;
            let before = self.tables.0.borrow().versions.clone();
            let file = self.look_at(&next.name())?;
            if self.versions()? == before {
                let fit = Arc::new(next.fit(file.as_ref()));
                let mut known = self.tables.0.borrow_mut();
                Arc::make_mut(&mut known.fits).insert(next.address(), fit);
            }
        }
        Err(changing())
    }

    /// Compares the schema once in a transaction.
    fn compare_once(&self) -> Result<(), SqliteError> {
        let inside = !self.sqlite().is_autocommit();
        if inside && self.tables.0.borrow().compared {
            return Ok(());
        }
        self.has_changed()?;
        if inside {
            self.look_for_rules()?;
        }
        self.tables.0.borrow_mut().compared = inside;
        Ok(())
    }

    /// The schema that a statement was compiled for is looked at, if it is another than the one that is known: not in place.
    pub(super) fn follow_schema_of(&self, statement: &rusqlite::Statement<'_>) -> Result<(), SqliteError> {
        if self.is_of_another_schema(statement)? || self.tables.0.borrow().rules.is_none() {
            self.follow_schema()?;
        }
        Ok(())
    }

    /// The present schema is looked at, if it is another than the one that is known.
    fn follow_schema(&self) -> Result<(), SqliteError> {
        self.has_changed()?;
        self.look_for_rules()?;
        // It may have changed again meanwhile.
        self.has_changed().map(drop)
    }

    /// Whether the schema is another than the one that is known, which is forgotten then: on a thread, as SQLite reads the whole
    /// schema anew for the next statement.
    pub(super) fn has_changed(&self) -> Result<bool, SqliteError> {
        let versions = self.versions()?;
        if self.tables.0.borrow().versions == versions {
            return Ok(false);
        }
        only_on_thread()?;
        let mut known = self.tables.0.borrow_mut();
        known.forget();
        known.versions = versions;
        Ok(true)
    }

    /// The [version](https://www.sqlite.org/pragma.html#pragma_schema_version) of each database of the connection.
    fn versions(&self) -> Result<Vec<i64>, SqliteError> {
        let databases = self.databases()?;
        let mut versions = Vec::with_capacity(databases.len());
        for database in &*databases {
            versions.extend(self.ask_all(&database.asks_version, [], |row| row.get::<_, i64>(0))?);
        }
        Ok(versions)
    }

    /// The databases that the connection has open.
    fn databases(&self) -> Result<Arc<[Database]>, SqliteError> {
        if let Some(known) = &self.tables.0.borrow().databases {
            return Ok(Arc::clone(known));
        }
        let names = self.ask_all("PRAGMA database_list", [], |row| row.get::<_, String>(1))?;
        let databases = names.into_iter().map(|name| Database { asks_version: sql::schema_version(&name), name });
        let databases: Arc<[Database]> = databases.collect();
        self.tables.0.borrow_mut().databases = Some(Arc::clone(&databases));
        Ok(databases)
    }

    /// All rows of a statement that is not the user's: neither told nor counted.
    pub(super) fn ask_all<T, const N: usize>(
        &self,
        sql: &str,
        arguments: [&str; N],
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, SqliteError> {
        let mut statement: CachedStatement<'_> = self.ready()?.prepare_cached(sql).map_err(report)?;
        let rows = statement.query_map(rusqlite::params_from_iter(arguments), read).map_err(report)?;
        rows.collect::<rusqlite::Result<_>>().map_err(report)
    }
}

/// When a statement was compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compiled {
    /// It has not run yet.
    Now,
    /// Anew, while it ran, as the schema was another one; nobody has looked at that yet.
    Anew,
}

/// Whether a statement was compiled for a schema that nobody has compared with the one that is known.
pub(super) fn compiled(statement: &rusqlite::Statement<'_>) -> Option<Compiled> {
    if statement.get_status(StatementStatus::Run) == 0 {
        return Some(Compiled::Now);
    }
    (statement.get_status(StatementStatus::RePrepare) != 0).then_some(Compiled::Anew)
}

fn changing() -> SqliteError {
    SqliteError { code: code::SCHEMA, message: "the schema is changed again and again".to_owned() }
}
