//! What a connection knows of the tables of its database.
//!
//! A table is looked at when a model's statement needs it first. What is known holds as long as the versions of the
//! schemas stay what they were: they are compared when SQLite compiles a statement, and once in each transaction that
//! writes. The connection knows for itself, as temporary and attached tables are its own, and changes that are not
//! committed too.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rusqlite::{CachedStatement, StatementStatus};

use super::connection::{Borrowed, only_on_thread, report};
use super::{Connection, RowRef, words};
use crate::error::{Context, Operation, Result, SqliteError, code};
use crate::sql::{self, OverTables, Statement};
use crate::table::{FileColumn, FileKind, FileTable, Fit, Fits, Seen, TableInfo};
use crate::value::KeyValues;

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

/// What the schema does beside what a statement says.
#[derive(Debug, Clone, Copy, Default)]
struct Rules {
    has_triggers: bool,
    /// Whether a conflict clause may keep a part of what a failed statement did.
    keeps_parts: bool,
    /// Whether a foreign key deletes or changes the rows that refer to a deleted one, or has to look for them in a whole table.
    cascades: bool,
    /// Whether a conflict clause may leave out rows.
    leaves_out: bool,
    /// Whether a conflict clause may delete the rows that are in the way of one that is written.
    replaces: bool,
    /// Whether a foreign key refers to columns that an update of a row may change.
    follows_updates: bool,
    /// Whether it has what goes wrong without an error when values cannot be long: modules of virtual tables do not look
    /// whether they could bind a value, and `printf` gives `NULL` in the place of a long text.
    bears_no_limit: bool,
}

impl Rules {
    /// Whether a statement may change rows of other tables, or look at any number of them. What it is called is not all that it
    /// does: an insert or an update may replace rows, and an upsert or a soft deletion is an update.
    fn reaches_others(self, operation: Operation) -> bool {
        let may_delete = operation == Operation::Delete || self.replaces;
        self.has_triggers || self.follows_updates || (may_delete && self.cascades)
    }

    /// Whether a statement may delete rows that it does not name, as a trigger can for one that deletes.
    fn deletes_others(self, operation: Operation) -> bool {
        self.replaces || (operation == Operation::Delete && (self.cascades || self.has_triggers))
    }
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
    /// Runs a query over tables of models and decodes its rows while it steps.
    pub(crate) fn query_over<T>(
        &mut self,
        statement: &dyn OverTables,
        context: Context<'_>,
        mut decode: impl FnMut(&RowRef<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut decoded = Vec::new();
        self.each_over(statement, context, &mut |row| {
            decoded.push(decode(row)?);
            Ok(())
        })?;
        Ok(decoded)
    }

    /// Runs a query over tables of models and gives each of its rows while it steps.
    pub(crate) fn each_over(
        &mut self,
        statement: &dyn OverTables,
        context: Context<'_>,
        each: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<()> {
        if statement.may_format() {
            self.leave_to_thread(context)?;
        }
        for _ in 0..ATTEMPTS {
            let found = match self.fits(statement.tables(), context)? {
                None => self.attempt(statement.plain(), context, each)?,
                Some(fits) => self.attempt(&statement.fitted(&fits)?, context, each)?,
            };
            if found {
                return Ok(());
            }
        }
        Err(self.error(context, changing()))
    }

    /// Reads the row that has a key, by a statement that has run before on a table that is as described. `None` when it is
    /// not so; then no row counts that was given.
    pub(crate) fn row_by_key(
        &mut self,
        text: &str,
        table: &'static TableInfo,
        key: &KeyValues,
        context: Context<'_>,
        found: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Option<Result<()>> {
        if !self.is_as_described(Seen::Table(table)) {
            return None;
        }
        let failed = |error| self.error(context, report(error));
        let mut prepared = self.ready().ok()?.prepare_cached(text).ok()?;
        if compiled(&prepared).is_some() {
            return None;
        }
        for (value, index) in key.iter().zip(1..) {
            if let Err(error) = prepared.raw_bind_parameter(index, Borrowed(value)) {
                return Some(Err(failed(error)));
            }
        }
        self.count();
        let bytes = Cell::new(0);
        let mut rows = prepared.raw_query();
        // Its key is unique, so that there is no other.
        match rows.next() {
            Ok(Some(row)) if compiled(row.as_ref()).is_none() => Some(found(&RowRef::new(row, &bytes))),
            // The schema may be another one.
            Ok(Some(_)) => None,
            Ok(None) => {
                drop(rows);
                compiled(&prepared).is_none().then_some(Ok(()))
            }
            Err(error) => Some(Err(failed(error))),
        }
    }

    /// Whether the table is what its model says.
    fn is_as_described(&self, seen: Seen) -> bool {
        let address = seen.address();
        {
            let known = self.tables.0.borrow();
            if known.last_described == address && !known.altered {
                return true;
            }
        }
        let is_as_described = matches!(self.look(&[seen]), Ok(None));
        if is_as_described {
            self.tables.0.borrow_mut().last_described = address;
        }
        is_as_described
    }

    /// Runs a query if the schema is the one that is known. Gives `false` before the first row if it is another.
    fn attempt(
        &self,
        statement: &Statement,
        context: Context<'_>,
        each: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<bool> {
        self.each_while(statement, context, |prepared| Ok(!self.is_of_another_schema(prepared)?), each)
    }

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

    /// The statement as the tables are, inside a transaction that writes.
    pub(crate) fn fitting<'s>(
        &self,
        statement: &'s dyn OverTables,
        context: Context<'_>,
    ) -> Result<Cow<'s, Statement>> {
        self.compare_once().map_err(|source| self.error(context, source))?;
        match self.fits(statement.tables(), context)? {
            None => Ok(Cow::Borrowed(statement.plain())),
            Some(fits) => statement.fitted(&fits).map(Cow::Owned),
        }
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

    /// The table of a file as it is now.
    pub(crate) fn file_table(&self, name: &str, context: Context<'_>) -> Result<Option<FileTable>> {
        self.look_at(name).map_err(|source| self.error(context, source))
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
            let name = match next {
                Seen::Table(table) => table.name.into(),
                Seen::Pairs(relation) => relation.table_of_pairs().unwrap_or_default(),
            };
            let file = self.look_at(&name)?;
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

    /// Whether the tables are known to be as described, in a schema without rules of its own for a statement that fails. What a
    /// foreign key does besides is counted as changed even when it is undone, so that nobody would know whether the statement
    /// is.
    pub(super) fn writes_alone(&self, operation: Operation, seen: &[Seen]) -> bool {
        self.forget_altered();
        let known = self.tables.0.borrow();
        let is_plain = |seen: &Seen| {
            known.fits.get(&seen.address()).is_some_and(|fit| fit.is_plain && fit.kind == FileKind::Table)
        };
        known.rules.is_some_and(|rules| !rules.keeps_parts && !rules.reaches_others(operation))
            && !known.altered
            && seen.iter().all(is_plain)
    }

    /// Whether writing one row may write, or look at, any number of others.
    pub(super) fn may_write_many(&self, operation: Operation) -> bool {
        self.tables.0.borrow().rules.is_none_or(|rules| rules.reaches_others(operation))
    }

    /// Whether writing one row may delete others, of which SQLite frees what is long in one step: not in a small database. Where
    /// the rules are not known, a thread looks for them.
    pub(super) fn may_delete_long(&self, operation: Operation) -> bool {
        self.tables.0.borrow().rules.is_some_and(|rules| rules.deletes_others(operation)) && !self.is_small()
    }

    /// Whether the schema may ignore a row that is written, by a trigger or a conflict clause, without an error; inside a
    /// transaction that writes.
    pub(crate) fn may_ignore_rows(&self, context: Context<'_>) -> Result<bool> {
        self.compare_once().map_err(|source| self.error(context, source))?;
        Ok(self.tables.0.borrow().rules.is_none_or(|rules| rules.has_triggers || rules.leaves_out))
    }

    fn look_for_rules(&self) -> Result<(), SqliteError> {
        if self.tables.0.borrow().rules.is_some() {
            return Ok(());
        }
        only_on_thread()?;
        let mut rules = Rules::default();
        for database in &*self.databases()? {
            let found = self.ask_all(&sql::rules_of(&database.name), [&database.name], |row| {
                Ok(Rules {
                    has_triggers: row.get(0)?,
                    keeps_parts: row.get(1)?,
                    cascades: row.get(2)?,
                    follows_updates: row.get(3)?,
                    leaves_out: row.get(4)?,
                    replaces: row.get(5)?,
                    bears_no_limit: row.get(6)?,
                })
            })?;
            for found in found {
                rules.has_triggers |= found.has_triggers;
                rules.keeps_parts |= found.keeps_parts;
                rules.cascades |= found.cascades;
                rules.leaves_out |= found.leaves_out;
                rules.replaces |= found.replaces;
                rules.follows_updates |= found.follows_updates;
                rules.bears_no_limit |= found.bears_no_limit;
            }
        }
        self.tables.0.borrow_mut().rules = Some(rules);
        Ok(())
    }

    /// Whether nothing goes wrong when SQLite touches no long values.
    pub(super) fn bears_limit(&self) -> bool {
        self.tables.0.borrow().rules.is_some_and(|rules| !rules.bears_no_limit)
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

    fn look_at(&self, name: &str) -> Result<Option<FileTable>, SqliteError> {
        // Temporary tables hide those of the file, and those the attached ones.
        const NAMED: &str = "SELECT t.schema, t.type, t.wr, t.strict FROM pragma_table_list(?1) AS t \
            JOIN pragma_database_list AS d ON d.name = t.schema COLLATE NOCASE ORDER BY d.seq <> 1, d.seq LIMIT 1";
        let found = self.ask_all(NAMED, [name], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
        })?;
        let Some((schema, kind, without_rowid, strict)) = found.into_iter().next() else { return Ok(None) };
        let kind = match kind.as_str() {
            "view" => FileKind::View,
            "virtual" => FileKind::Virtual,
            _ => FileKind::Table,
        };
        let sql = self.ask_all(&sql::schema_of(&schema), [name], |row| row.get::<_, Option<String>>(0))?;
        const COLUMNS: &str = "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1, ?2)";
        let mut columns = self.ask_all(COLUMNS, [name, &schema], |row| {
            Ok(FileColumn {
                name: row.get(0)?,
                declared_type: row.get(1)?,
                not_null: row.get(2)?,
                key: row.get(3)?,
                collation: None,
            })
        })?;
        if kind != FileKind::View {
            for column in &mut columns {
                let known = self.sqlite().column_metadata(Some(schema.as_str()), name, column.name.as_str());
                let (_, collation, ..) = known.map_err(report)?;
                column.collation = collation.map(|name| name.to_string_lossy().into_owned());
            }
        }
        const INDEXES: &str = "SELECT name, origin FROM pragma_index_list(?1, ?2) WHERE \"unique\" AND NOT partial";
        // An expression has no name.
        const INDEXED: &str = "SELECT ifnull(name, '') FROM pragma_index_xinfo(?1, ?2) WHERE key ORDER BY seqno";
        let indexes =
            self.ask_all(INDEXES, [name, &schema], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let key_is_indexed = indexes.iter().any(|(_, origin)| origin == "pk");
        let mut unique = Vec::with_capacity(indexes.len());
        for (index, _) in &indexes {
            unique.push(self.ask_all(INDEXED, [index, &schema], |row| row.get::<_, String>(0))?);
        }
        let sql = sql.into_iter().flatten().next().unwrap_or_default();
        Ok(Some(FileTable { kind, without_rowid, strict, sql, columns, unique, key_is_indexed }))
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
