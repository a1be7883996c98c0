//! Running statements over tables of models, written for what these are.

use std::borrow::Cow;
use std::cell::Cell;

use super::{ATTEMPTS, changing, compiled};
use crate::engine::connection::{Borrowed, report};
use crate::engine::{Connection, RowRef};
use crate::error::{Context, Result};
use crate::sql::{OverTables, Statement};
use crate::table::{Seen, TableInfo};
use crate::value::KeyValues;

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

    /// The statement as the tables are, inside a transaction that writes. One that may free a long value is left to a thread.
    pub(crate) fn fitting<'s>(
        &self,
        statement: &'s dyn OverTables,
        context: Context<'_>,
    ) -> Result<Cow<'s, Statement>> {
        self.leave_freeing(statement, context)?;
        self.compare_once().map_err(|source| self.error(context, source))?;
        match self.fits(statement.tables(), context)? {
            None => Ok(Cow::Borrowed(statement.plain())),
            Some(fits) => statement.fitted(&fits).map(Cow::Owned),
        }
    }
}
