//! Writing the deletion of rows, one after the other by their keys.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::by_key;
use crate::engine::{Connection, Pace, RowRef, Runs, SqlText};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{AsKey, Model};
use crate::query::{Most, Shape, Work, prepared, read};
use crate::session::{Pending, Session};
use crate::sql::ast::Selected;
use crate::sql::{Argument, Delete, Deleted, OverTables, Query, Sql, SqlWriter, Statement, Written};
use crate::table::{CachedSql, Fit, RowStatement, TableInfo};
use crate::value::{Encoded, KeyValues};

/// The keys of rows to delete.
#[derive(Debug)]
pub struct KeysToDelete {
    keys: Result<Vec<KeyValues>>,
    for_good: bool,
    many: bool,
}

impl KeysToDelete {
    pub(super) fn one<K: AsKey>(key: K) -> Self {
        Self { keys: key.as_key().stored().map(|key| vec![key]), for_good: false, many: false }
    }

    pub(super) const fn many(keys: Result<Vec<KeyValues>>) -> Self {
        Self { keys, for_good: false, many: true }
    }

    pub(super) fn for_good(self) -> Self {
        Self { for_good: true, ..self }
    }

    fn rows<M: Model>(self) -> Result<Rows> {
        let Self { keys, for_good, many } = self;
        Ok(Rows { table: M::TABLE, cached: M::cached_sql(), keys: keys?, for_good, many })
    }
}

impl<M: Model> Work<M> for KeysToDelete {
    fn giving<S: Shape<M>>(self, session: &Session, shape: S, most: Most) -> Pending<'_, Vec<S::Output>> {
        Box::pin(delete_giving::<M, S>(session, self, shape, most))
    }

    fn statements(self, session: &Session) -> Result<Vec<Sql>> {
        let (rows, now) = (self.rows::<M>()?, session.now());
        rows.keys.iter().map(|key| Ok(rows.statement(key, now, Vec::new())?.written.plain().clone())).collect()
    }
}

pub(super) async fn delete<M: Model>(session: &Session, keys: KeysToDelete) -> Result<()> {
    let rows = keys.rows::<M>()?;
    let Some(first) = rows.keys.first() else { return Ok(()) };
    let (context, pace) = (rows.context(), Pace::of_rows(rows.keys.len()));
    let marking = if rows.is_soft() { Some(rows.statement(first, session.now(), Vec::new())?) } else { None };
    let delete = move |connection: &mut Connection| {
        if let [key] = rows.keys.as_slice() {
            let alone = match &marking {
                Some(marking) => {
                    let operation = marking.written.statement().operation();
                    connection.write_alone(operation, &marking.written, context)?
                }
                None => {
                    let text = RowStatement::Delete.texts(rows.table, rows.cached)?.into();
                    connection.write_row_alone(context.operation, text, rows.table, &|sink| give(key, sink))
                }
            };
            if alone.is_some() {
                return Ok(());
            }
        }
        let delete = |connection: &mut Connection| rows.delete(connection, marking.as_ref());
        connection.writing_rows(rows.keys.len(), context, delete)
    };
    session.write(context, pace, delete).await
}

async fn delete_giving<M: Model, S: Shape<M>>(
    session: &Session,
    keys: KeysToDelete,
    mut shape: S,
    most: Most,
) -> Result<Vec<S::Output>> {
    let returning = prepared::<M, S>(&mut shape)?;
    let rows = keys.rows::<M>()?;
    let Some(first) = rows.keys.first() else { return Ok(Vec::new()) };
    let (context, pace) = (rows.context(), Pace::of_rows(rows.keys.len()));
    let statement = rows.statement(first, session.now(), returning)?;
    let delete = move |connection: &mut Connection| {
        let delete = |connection: &mut Connection| {
            let mut given = Vec::with_capacity(rows.keys.len());
            rows.delete_giving(connection, &statement, &mut |row| {
                given.push(read::<M, S>(&shape, row)?);
                Ok(())
            })?;
            most.check(given.len(), context)?;
            Ok(given)
        };
        match rows.keys.len() {
            1 => connection.writing_whole(context, delete),
            _ => connection.atomically(context, delete),
        }
    };
    session.write(context, pace, delete).await
}

/// Rows that are deleted by their keys.
struct Rows {
    table: &'static TableInfo,
    cached: &'static CachedSql,
    keys: Vec<KeyValues>,
    /// Whatever the model says.
    for_good: bool,
    /// Whether the call is for many rows, so that an error names the row.
    many: bool,
}

/// A statement that deletes the row of the first key, and how many of its arguments stand before and behind those of the key.
struct ByKey {
    written: Written<Delete>,
    before: usize,
    behind: usize,
}

impl ByKey {
    /// The arguments before those of the key, and behind them.
    fn beside<'s>(&self, statement: &'s Statement) -> (&'s [Argument], &'s [Argument]) {
        let arguments = statement.arguments.as_slice();
        let behind = arguments.len().saturating_sub(self.behind);
        (arguments.get(..self.before).unwrap_or_default(), arguments.get(behind..).unwrap_or_default())
    }
}

impl Rows {
    fn context(&self) -> Context<'static> {
        Context::new(Operation::Delete, self.table.name)
    }

    const fn is_soft(&self) -> bool {
        self.table.soft_delete.is_some() && !self.for_good
    }

    /// The row of a key, unless it is deleted softly already.
    fn row(&self, key: &KeyValues) -> Query {
        let row = by_key::with_key(self.table, key);
        if self.for_good { row.with(Deleted::Included) } else { row }
    }

    fn statement(&self, key: &KeyValues, now: SystemTime, returning: Vec<Selected>) -> Result<ByKey> {
        let delete = |returning| match self.is_soft() {
            true => Delete::new(self.row(key), now, returning),
            false => Delete::for_good(self.row(key), returning),
        };
        let silent = Written::new(self.table, delete(Vec::new()))?;
        let without = silent.plain().arguments.len();
        let written = if returning.is_empty() { silent } else { Written::new(self.table, delete(returning))? };
        let before = without.saturating_sub(self.table.key.len());
        let behind = written.plain().arguments.len().saturating_sub(without);
        Ok(ByKey { written, before, behind })
    }

    /// What the table is, if its rows can be deleted by their keys.
    fn prepare(&self, connection: &mut Connection) -> Result<Arc<Fit>> {
        let keys = || self.keys.iter().map(|key| Ok(key.clone()));
        by_key::writable(connection, self.table, keys(), self.context())
    }

    /// Deletes the rows in a transaction; by the statement, if there is one. What was deleted before one fails must be undone.
    fn delete(&self, connection: &mut Connection, by_key: Option<&ByKey>) -> Result<()> {
        let context = self.context();
        let fit = self.prepare(connection)?;
        let fitting = by_key.map(|by_key| connection.fitting(&by_key.written, context)).transpose()?;
        let (text, marks) = match by_key.zip(fitting.as_deref()) {
            Some((by_key, statement)) => (SqlText::from(statement), by_key.beside(statement).0),
            None => (RowStatement::Delete.texts_for(self.table, self.cached, &fit)?.into(), &[][..]),
        };
        let (mut without_effect, repeated) = (false, Repeated::new(&self.keys));
        let write = |row: usize, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| {
            for mark in marks {
                // What is written into a row are values.
                let Argument::Value(value) = mark else { continue };
                sink(value.as_encoded())?;
            }
            self.keys.get(row).map_or(Ok(()), |key| give(key, sink))
        };
        let mut done = |row, changed, _| {
            without_effect = changed == 0 && !repeated.came_before(row);
            if without_effect { Err(self.ignored()) } else { Ok(()) }
        };
        let deleted = connection.repeat(text, self.keys.len(), context, &write, &mut done);
        deleted.map_err(|(error, refused)| match refused {
            Some(index) => self.refused(connection, error, index, without_effect),
            None => error,
        })
    }

    /// As [`delete`](Self::delete), and takes what the statement gives back of each row.
    fn delete_giving(
        &self,
        connection: &mut Connection,
        by_key: &ByKey,
        take: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<()> {
        let context = self.context();
        self.prepare(connection)?;
        let statement = connection.fitting(&by_key.written, context)?.into_owned();
        let (before, behind) = by_key.beside(&statement);
        let mut runs = Deleting { rows: self, repeated: Repeated::new(&self.keys), without_effect: false, take };
        let mut bind = |run: usize, arguments: &mut Vec<Argument>| {
            arguments.clear();
            arguments.extend_from_slice(before);
            arguments.extend(self.keys.get(run).into_iter().flat_map(KeyValues::iter).cloned().map(Argument::Value));
            arguments.extend_from_slice(behind);
            Ok(())
        };
        let deleted = connection.repeat_query((&statement).into(), self.keys.len(), context, &mut bind, &mut runs);
        let without_effect = runs.without_effect;
        deleted.map_err(|(error, refused)| match refused {
            Some(index) => self.refused(connection, error, index, without_effect),
            None => error,
        })
    }

    fn ignored(&self) -> Error {
        Error::ignored(Operation::Delete, self.table.name)
    }

    /// Why a row was not deleted, and which one it was of several.
    fn refused(&self, connection: &mut Connection, error: Error, index: usize, without_effect: bool) -> Error {
        let Some(key) = self.keys.get(index) else { return error };
        let row = self.row(key);
        let error = match without_effect {
            true => by_key::unchanged(connection, &row, key, None, self.context()),
            false => explained(connection, &row, error),
        };
        if self.many { error.in_row(index, || by_key::named(self.table, key)) } else { error }
    }
}

/// The runs of a deletion that gives back what it has deleted.
struct Deleting<'d> {
    rows: &'d Rows,
    repeated: Repeated<'d>,
    without_effect: bool,
    take: &'d mut dyn FnMut(&RowRef<'_>) -> Result<()>,
}

impl Runs for Deleting<'_> {
    fn row(&mut self, _: usize, row: &RowRef<'_>) -> Result<()> {
        (self.take)(row)
    }

    fn done(&mut self, run: usize, changed: u64, _: i64) -> Result<()> {
        self.without_effect = changed == 0 && !self.repeated.came_before(run);
        if self.without_effect { Err(self.rows.ignored()) } else { Ok(()) }
    }
}

/// Where each of some keys comes first. It is looked at when there is need, as most keys come once.
struct Repeated<'k> {
    keys: &'k [KeyValues],
    first: OnceCell<HashMap<String, usize>>,
}

impl<'k> Repeated<'k> {
    const fn new(keys: &'k [KeyValues]) -> Self {
        Self { keys, first: OnceCell::new() }
    }

    /// Whether the key at an index is that of a row that is gone already.
    fn came_before(&self, index: usize) -> bool {
        let first = self.first.get_or_init(|| {
            // Of two with the same key the one that is collected last counts.
            self.keys.iter().enumerate().rev().map(|(index, key)| (key.to_string(), index)).collect()
        });
        let first = self.keys.get(index).and_then(|key| first.get(&key.to_string()));
        first.is_some_and(|first| *first < index)
    }
}

/// The error, with the columns that still refer to the row.
fn explained(connection: &mut Connection, rows: &Query, error: Error) -> Error {
    // Whatever refers to a key of several columns, no model does.
    if rows.table.has_composite_key() {
        return error;
    }
    let mut keys = SqlWriter::new(rows.table);
    keys.select_keys(rows);
    match keys.finish() {
        Ok(keys) => foreign_keys::explain_referrers(connection, error, rows.table.name, &keys),
        Err(_) => error,
    }
}

/// Gives the values of a key, in the order of its columns.
fn give(key: &KeyValues, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()> {
    key.iter().try_for_each(|value| sink(value.as_encoded()))
}
