//! Inserting rows, each with columns of its own, where rows with the same unique values may be there already.

use std::cell::Cell;
use std::time::SystemTime;

use super::conflict;
use super::given::{Finding, Inserting, Take, Taken, run_once};
use super::insert::{InsertInto, writes};
use super::insert_given::ColumnValue;
use super::insertion::NewRows;
use super::new_values::{
    find, known_value, several, taken_by_deleted, telling_apart, value_of, with_timestamps, with_values,
};
use super::values;
use crate::engine::{Connection, RowRef};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::Model;
use crate::query::Most;
use crate::sql::ast::{Expr, Selected};
use crate::sql::{
    Argument, Conflict, Deleted, Insert, OverTables, RowValues, Sql, SqlWriter, Update, UpsertSet, Written,
};
use crate::table::{ColumnInfo, TableInfo};
use crate::value::Value;

/// What is done when a row with the same values in unique columns is there.
pub(crate) struct Existing {
    pub(crate) unique: Vec<&'static ColumnInfo>,
    pub(crate) then: Then,
}

/// What is done to a row that is there.
pub(crate) enum Then {
    /// Nothing; it is not given back.
    Ignore,
    /// Nothing; it is given back as it is.
    Give,
    /// These columns are written, and `updated_at`.
    Update(Vec<UpsertSet>),
}

/// Rows as they are written.
pub(crate) struct Rows {
    table: &'static TableInfo,
    rows: Vec<RowValues>,
    unique: Option<Vec<&'static ColumnInfo>>,
    gives_existing: bool,
    /// What is written into a row that is there.
    changes: Vec<UpsertSet>,
    /// What is given back of each row.
    returning: Vec<Selected>,
    many: bool,
}

impl Rows {
    /// The rows with what they write at a time, once the columns are known to tell rows apart.
    pub(crate) fn of<M: Model>(new: &NewRows<M>, now: SystemTime, returning: Vec<Selected>) -> Result<Self> {
        let into = InsertInto::table_of::<M>(now);
        let mut rows = new.rows.iter().map(|(new, given)| {
            let given = given.iter().cloned().map(ColumnValue::into_parts).collect::<Result<_>>()?;
            into.row(&writes(new), given)
        });
        Self::new(M::TABLE, &mut rows, new.existing.as_ref(), new.many, returning)
    }

    fn new(
        table: &'static TableInfo,
        new: &mut dyn Iterator<Item = Result<RowValues>>,
        existing: Option<&Existing>,
        many: bool,
        returning: Vec<Selected>,
    ) -> Result<Self> {
        let (mut unique, mut changes, mut gives_existing) = (None, Vec::new(), false);
        if let Some(existing) = existing {
            conflict::check(table, &existing.unique)?;
            unique = Some(existing.unique.clone());
            match &existing.then {
                Then::Ignore => {}
                Then::Give => gives_existing = true,
                Then::Update(sets) => changes = with_timestamps(table, sets.clone()),
            }
        }
        let mut rows = Vec::with_capacity(new.size_hint().0);
        for (index, row) in new.enumerate() {
            rows.push(row.map_err(|error| if many { error.in_row(index, Vec::new) } else { error })?);
        }
        Ok(Self { table, rows, unique, gives_existing, changes, returning, many })
    }

    pub(crate) const fn number(&self) -> usize {
        self.rows.len()
    }

    /// Whether a row with the unique values of one of them is there.
    pub(super) fn any_is_there(&self, connection: &mut Connection, context: Context<'_>) -> Result<bool> {
        for row in &self.rows {
            if self.is_there(connection, row, Deleted::LeftOut, context)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes the rows in a transaction. What was written before one fails must be undone.
    pub(crate) fn write(&self, connection: &mut Connection, context: Context<'_>, take: Take<'_>) -> Result<Taken> {
        let rest = self.give_those_there(connection, context, take)?;
        self.write_rest(connection, &rest, context, take)
    }

    /// Writes the rows in a transaction of their own, or as a part of the open one that is undone when anything fails: also when
    /// more is given back than may be.
    pub(super) fn write_whole(
        &self,
        connection: &mut Connection,
        context: Context<'_>,
        most: Most,
        take: Take<'_>,
    ) -> Result<()> {
        let given = Cell::new(0);
        let mut take = |index, written, row: &RowRef<'_>| {
            given.set(given.get() + 1);
            take(index, written, row)
        };
        let rest = self.read_first(connection, context, &mut take)?;
        let is_read = rest.as_ref().is_some_and(Vec::is_empty);
        let mut write = |connection: &mut Connection| {
            self.write_after(rest.as_deref(), connection, context, &mut take)?;
            most.check(given.get(), context)
        };
        match self.number() {
            _ if is_read => write(connection),
            1 => connection.writing_whole(context, write),
            _ => connection.atomically(context, write),
        }
    }

    /// In an open transaction, where what is only read needs no savepoint, gives the rows that are there, and the indexes of the
    /// others.
    pub(crate) fn read_first(
        &self,
        connection: &mut Connection,
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<Option<Vec<usize>>> {
        match connection.is_autocommit() {
            true => Ok(None),
            false => self.give_those_there(connection, context, take).map(Some),
        }
    }

    /// Writes what [`read_first`](Self::read_first) has left.
    pub(crate) fn write_after(
        &self,
        rest: Option<&[usize]>,
        connection: &mut Connection,
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<Taken> {
        match rest {
            Some(rest) => self.write_rest(connection, rest, context, take),
            None => self.write(connection, context, take),
        }
    }

    /// As much as is done without writing: gives the rows that are there, if they are given as they are; gives back the indexes of
    /// those that are to be written. So they use up no keys, and where nothing is left, there is nothing to be undone.
    fn give_those_there(
        &self,
        connection: &mut Connection,
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<Vec<usize>> {
        let indexes: Vec<usize> = (0..self.rows.len()).collect();
        if self.gives_existing { self.give_existing(connection, &indexes, context, take) } else { Ok(indexes) }
    }

    /// Writes the rows at these indexes, as [`write`](Self::write).
    fn write_rest(
        &self,
        connection: &mut Connection,
        indexes: &[usize],
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<Taken> {
        let mut taken = Taken::default();
        // Rows with the same columns are written by one statement.
        for alike in indexes.chunk_by(|a, b| self.columns(*a).eq(self.columns(*b))) {
            self.write_alike(connection, alike, context, take, &mut taken)?;
        }
        Ok(taken)
    }

    /// The statement of each row.
    pub(crate) fn statements(&self) -> Result<Vec<Sql>> {
        self.rows.iter().map(|row| Ok(self.insert(row)?.plain().clone())).collect()
    }

    /// The statement that inserts a row, or makes the changes to the one that is there.
    fn insert(&self, row: &[(&'static ColumnInfo, Value)]) -> Result<Written<Insert>> {
        let conflict = self.unique.clone().map(|columns| {
            let live = conflict::only_live(self.table, &columns);
            Conflict { columns, update: self.changes.clone(), live }
        });
        Written::new(
            self.table,
            Insert { table: self.table, row: row.to_vec(), conflict, returning: self.returning.clone() },
        )
    }

    fn columns(&self, index: usize) -> impl Iterator<Item = &str> {
        self.rows.get(index).into_iter().flatten().map(|(column, _)| column.name)
    }

    fn write_alike(
        &self,
        connection: &mut Connection,
        indexes: &[usize],
        context: Context<'_>,
        take: Take<'_>,
        taken: &mut Taken,
    ) -> Result<()> {
        let row = |run: usize| indexes.get(run).and_then(|index| self.rows.get(*index)).map(Vec::as_slice);
        let first = row(0).unwrap_or_default();
        let key = self.table.key_column();
        let fit = connection.fit(self.table, context)?;
        fit.check_insertable(context, first.iter().any(|(column, _)| column.name == key.name))?;
        if let Some(unique) = self.unique.as_ref().filter(|unique| !fit.finds_by_index(self.table, unique)) {
            for index in indexes {
                let wrote = self.insert_or_change(connection, *index, unique, context, take);
                taken.number += wrote.map_err(|error| self.refused(connection, error, *index, context))?;
            }
            return Ok(());
        }
        let insert = self.insert(first)?;
        let insert = connection.fitting(&insert, context)?;
        let behind = insert.arguments.get(first.len()..).unwrap_or_default();
        let mut runs = Inserting {
            indexes,
            ignored: self.unique.is_none().then_some(self.table),
            take: &mut *take,
            taken: &mut *taken,
            not_written: Vec::new(),
        };
        let mut bind = |run: usize, arguments: &mut Vec<Argument>| {
            arguments.clear();
            arguments.extend(row(run).into_iter().flatten().map(|(_, value)| Argument::Value(value.clone())));
            arguments.extend_from_slice(behind);
            Ok(())
        };
        let done = connection.repeat_query((&*insert).into(), indexes.len(), context, &mut bind, &mut runs);
        let not_written = runs.not_written;
        match done {
            Ok(()) => self.see_to(connection, &not_written, context, take),
            Err((error, Some(run))) => {
                let index = indexes.get(run).copied().unwrap_or_default();
                Err(self.refused(connection, error, index, context))
            }
            Err((error, None)) => Err(error),
        }
    }

    /// What becomes of rows that were not written: each is there already, or the schema has ignored it.
    fn see_to(
        &self,
        connection: &mut Connection,
        not_written: &[usize],
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<()> {
        if self.gives_existing {
            // The first of two drafts for the same row has just been inserted.
            let missing = self.give_existing(connection, not_written, context, take)?;
            return match missing.first() {
                Some(index) => Err(self.not_there(connection, *index, context)?),
                None => Ok(()),
            };
        }
        let may_be_deleted = self.table.soft_delete.is_some();
        if not_written.is_empty()
            || (self.changes.is_empty() && !may_be_deleted && !connection.may_ignore_rows(self.table.name, context)?)
        {
            return Ok(());
        }
        for index in not_written {
            let Some(row) = self.rows.get(*index) else { continue };
            return Err(match self.is_there(connection, row, Deleted::LeftOut, context)? {
                true if self.changes.is_empty() => continue,
                true => self.named(Error::ignored(Operation::Update, self.table.name), *index),
                false => self.not_there(connection, *index, context)?,
            });
        }
        Ok(())
    }

    /// Why a row was not inserted that is not there: a row that is deleted softly has its values, or the schema has ignored it.
    fn not_there(&self, connection: &mut Connection, index: usize, context: Context<'_>) -> Result<Error> {
        let is_deleted = match self.rows.get(index) {
            Some(row) if self.table.soft_delete.is_some() => self.is_there(connection, row, Deleted::Only, context)?,
            _ => false,
        };
        let error = match is_deleted {
            true => taken_by_deleted(self.table, self.unique()),
            false => Error::ignored(Operation::Insert, self.table.name),
        };
        Ok(self.named(error, index))
    }

    /// Gives the rows that are there; gives back the indexes of those that are not.
    fn give_existing(
        &self,
        connection: &mut Connection,
        indexes: &[usize],
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<Vec<usize>> {
        let Some(first) = indexes.first().and_then(|index| self.rows.get(*index)) else { return Ok(Vec::new()) };
        let find = self.find(first, &self.returning)?;
        let find = connection.fitting(&find, context)?;
        let mut runs = Finding { indexes, take, found: 0, missing: Vec::new(), several: false };
        let mut bind = |run: usize, arguments: &mut Vec<Argument>| {
            if let Some(row) = indexes.get(run).and_then(|index| self.rows.get(*index)) {
                arguments.clone_from(&self.find(row, &self.returning)?.plain().arguments);
            }
            Ok(())
        };
        let found = connection.repeat_query((&*find).into(), indexes.len(), context, &mut bind, &mut runs);
        let Finding { missing, several, .. } = runs;
        found.map_err(|(error, _)| error)?;
        if several { Err(self.several()) } else { Ok(missing) }
    }

    fn several(&self) -> Error {
        several(self.table, self.unique())
    }

    fn unique(&self) -> &[&'static ColumnInfo] {
        self.unique.as_deref().unwrap_or_default()
    }

    fn is_there(
        &self,
        connection: &mut Connection,
        row: &RowValues,
        deleted: Deleted,
        context: Context<'_>,
    ) -> Result<bool> {
        let key = vec![Selected::new(Expr::column(None, self.table.key_column()))];
        let rows = with_values(self.table, self.unique(), row).with(deleted);
        let find = Written::new(self.table, move |sql: &mut SqlWriter| sql.select(&key, &rows))?;
        Ok(!connection.query_over(&find, context, |_| Ok(()))?.is_empty())
    }

    /// Selects the rows that have the unique values of a new row.
    fn find(&self, row: &RowValues, columns: &[Selected]) -> Result<impl OverTables> {
        find(self.table, self.unique(), row, columns)
    }

    /// Inserts the row, or makes the changes to the one that is there, under the write lock: for tables whose unique index may
    /// not find it. Gives how many were written.
    fn insert_or_change(
        &self,
        connection: &mut Connection,
        index: usize,
        unique: &[&'static ColumnInfo],
        context: Context<'_>,
        take: Take<'_>,
    ) -> Result<u64> {
        let Some(row) = self.rows.get(index) else { return Ok(0) };
        let key = [Selected::new(Expr::column(None, self.table.key_column()))];
        let there = connection.query_over(&self.find(row, &key)?, context, |_| Ok(()))?.len();
        let returning = self.returning.clone();
        let mut written = 0;
        match there {
            0 => {
                let insert = Insert { table: self.table, row: row.clone(), conflict: None, returning };
                let insert = Written::new(self.table, insert)?;
                let statement = connection.fitting(&insert, context)?;
                written = run_once(connection, &statement, index, context, take)?;
                if written == 0 {
                    return Err(Error::ignored(Operation::Insert, self.table.name));
                }
            }
            1 if !self.changes.is_empty() => {
                let sets = self.changes.iter().map(|change| change.with_new(value_of(row, change.column())));
                let rows = with_values(self.table, unique, row);
                let update = Written::new(self.table, Update { rows, sets: sets.collect(), returning })?;
                let statement = connection.fitting(&update, context)?;
                written = run_once(connection, &statement, index, context, take)?;
                if written == 0 {
                    return Err(Error::ignored(Operation::Update, self.table.name));
                }
            }
            1 if self.gives_existing => {
                self.give_existing(connection, &[index], context, take)?;
            }
            1 => {}
            _ => return Err(self.several()),
        }
        Ok(written)
    }

    /// An error of a row, with what broke in it, and which row it was.
    fn refused(&self, connection: &mut Connection, error: Error, index: usize, context: Context<'_>) -> Error {
        let Some(row) = self.rows.get(index) else { return error };
        let is_reference = matches!(error, Error::ForeignKeyViolation { .. });
        let is_changed = is_reference
            && !self.changes.is_empty()
            && self.unique.is_some()
            && self.is_there(connection, row, Deleted::LeftOut, context).unwrap_or(false);
        let error = if is_changed {
            let values: Vec<_> = self.changes.iter().filter_map(|change| known_value(change, row)).collect();
            foreign_keys::explain_reference(connection, error, values)
        } else {
            foreign_keys::explain_written(connection, self.table, error, values(row))
        };
        self.named(error, index)
    }

    fn named(&self, error: Error, index: usize) -> Error {
        match self.rows.get(index) {
            Some(row) if self.many => error.in_row(index, || telling_apart(self.table, row)),
            _ => error,
        }
    }
}
