//! Inserting rows.

use std::time::SystemTime;

use super::insertion::{self, Insert, NewRow, NewRows};
use super::new_values::telling_apart;
use super::{row_values, values};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys::explain_written;
use crate::model::{Arguments, Draft, Model, NewModel};
use crate::session::Session;
use crate::sql::RowValues;
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::Encoded;

impl Session {
    /// Inserts a row and gives it back with its key, its timestamps and its generated columns: as it was written. What a trigger changes
    /// afterwards is read by [`get`](Self::get). With [`returning`](crate::bounds::Write::returning) it gives chosen values instead.
    ///
    /// # Errors
    ///
    /// The violated constraint, [`Error::Encode`](crate::Error::Encode),
    /// [`Error::NotATable`](crate::Error::NotATable) for a view or a virtual table,
    /// [`Error::SchemaDiffers`](crate::Error::SchemaDiffers) when the table of the file chooses no key,
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema ignores the row, or
    /// [`Error::RecordInsertion`](crate::Error::RecordInsertion).
    pub fn insert<D: Draft>(&self, draft: D) -> Insert<'_, D::Model> {
        let new = NewRows::one(draft.build(), Vec::new());
        Insert::new(self, new, |session, new| match const { D::Model::TABLE.has_generated() } {
            true => Box::pin(insertion::one(session, new)),
            false => Box::pin(insert_one(session, new)),
        })
    }

    /// Inserts any number of rows in one transaction, all or nothing, and gives them back in their order with keys and
    /// timestamps. Inside a transaction it is a savepoint.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert), for the first row that is refused; the error says which one it is
    /// ([`Error::refused_row`]). No row is kept then.
    pub fn bulk_insert<I>(&self, drafts: I) -> Insert<'_, <I::Item as Draft>::Model, Vec<<I::Item as Draft>::Model>>
    where
        I: IntoIterator,
        I::Item: Draft,
    {
        let new = NewRows::of_drafts(drafts);
        Insert::new(self, new, |session, new| match const { <I::Item as Draft>::Model::TABLE.has_generated() } {
            true => Box::pin(insertion::all(session, new)),
            false => Box::pin(insert_many(session, new)),
        })
    }
}

/// Inserts a row of which SQLite computes nothing, so that it need not be read.
async fn insert_one<M: Model>(session: &Session, mut new: NewRows<M>) -> Result<M> {
    let context = insertion::context::<M>();
    let (new, _) = new.rows.pop().ok_or_else(|| not_inserted(context))?;
    let now = session.now();
    let into = InsertInto::table_of::<M>(now);
    let insert_one = move |new: &mut M::New, connection: &mut Connection| into.insert_alone(connection, &writes(new));
    let (new, row_id) = session.write_from(new, context, Pace::Short, insert_one).await?;
    new.into_model(row_id, now).ok_or_else(|| not_inserted(context))
}

/// As [`insert_one`], for any number of rows.
async fn insert_many<M: Model>(session: &Session, new: NewRows<M>) -> Result<Vec<M>> {
    if new.rows.is_empty() {
        return Ok(Vec::new());
    }
    let (now, context) = (session.now(), insertion::context::<M>());
    let (number, pace) = (new.rows.len(), Pace::of_rows(new.rows.len()));
    let into = InsertInto::table_of::<M>(now);
    let insert = move |new: &mut Vec<NewRow<M>>, connection: &mut Connection| {
        let write = |row: usize, arguments: &mut Arguments<'_>| match new.get(row) {
            Some((new, _)) => new.write(arguments),
            None => Ok(()),
        };
        into.insert_many(connection, new.len(), &write)
    };
    let (new, row_ids) = session.write_from(new.rows, context, pace, insert).await?;
    let models = move || {
        let rows = new.into_iter().zip(row_ids);
        rows.map(|((new, _), row_id)| new.into_model(row_id, now).ok_or_else(|| not_inserted(context))).collect()
    };
    session.of_many(number, models).await?
}

/// The error of an insert that gives back no row.
pub(super) fn not_inserted(context: Context<'_>) -> Error {
    Error::ignored(context.operation, context.subject)
}

/// Writes the values of a new row.
pub(super) type WritesNew<'n> = &'n dyn Fn(&mut Arguments<'_>) -> Result<()>;

pub(super) fn writes<N: NewModel>(new: &N) -> impl Fn(&mut Arguments<'_>) -> Result<()> {
    |arguments| new.write(arguments)
}

/// A table that rows are inserted into, at a time.
#[derive(Clone, Copy)]
pub(super) struct InsertInto {
    table: &'static TableInfo,
    cached: &'static CachedSql,
    now: SystemTime,
}

impl InsertInto {
    pub(super) fn table_of<M: Model>(now: SystemTime) -> Self {
        Self { table: M::TABLE, cached: M::cached_sql(), now }
    }

    const fn context(self) -> Context<'static> {
        Context::new(Operation::Insert, self.table.name)
    }

    /// Inserts a row by one statement without a transaction around it, if that is known to be right, else in one; gives its row id.
    fn insert_alone(self, connection: &mut Connection, new: WritesNew<'_>) -> Result<i64> {
        let text = RowStatement::Insert.texts(self.table, self.cached)?;
        let write = |sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| new(&mut self.arguments(sink));
        match connection.write_row_alone(Operation::Insert, text.into(), self.table, &write) {
            Some(wrote) => Ok(wrote.row_id),
            None => connection.writing(self.context(), |connection| self.insert(connection, new)),
        }
    }

    /// Inserts a row in a transaction; gives its row id.
    pub(super) fn insert(self, connection: &mut Connection, new: WritesNew<'_>) -> Result<i64> {
        let mut inserted = 0;
        let rows = self.insert_all(connection, 1, &|_, arguments| new(arguments), &mut |row_id| inserted = row_id);
        rows.map_err(|(error, _)| error)?;
        Ok(inserted)
    }

    /// Inserts so many rows, all or nothing; gives their row ids.
    fn insert_many(self, connection: &mut Connection, number: usize, new: WritesNewRow<'_>) -> Result<Vec<i64>> {
        connection.writing_rows(number, self.context(), |connection| {
            let mut row_ids = Vec::with_capacity(number);
            let rows = self.insert_all(connection, number, new, &mut |row_id| row_ids.push(row_id));
            rows.map_err(|refused| match refused {
                (error, Some((index, row))) => error.in_row(index, || telling_apart(self.table, &row)),
                (error, None) => error,
            })?;
            Ok(row_ids)
        })
    }

    /// Inserts so many rows; tells the row id of each. An error comes with the number of its row, and what was to be written.
    fn insert_all(
        self,
        connection: &mut Connection,
        number: usize,
        new: WritesNewRow<'_>,
        inserted: &mut dyn FnMut(i64),
    ) -> Result<(), (Error, Option<(usize, RowValues)>)> {
        let (table, context) = (self.table, self.context());
        let unprepared = |error| (error, None);
        let fit = connection.fit(table, context).map_err(unprepared)?;
        fit.check_insertable(context, false).map_err(unprepared)?;
        let text = RowStatement::Insert.texts(table, self.cached).map_err(unprepared)?;
        let write = |row: usize, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| new(row, &mut self.arguments(sink));
        let mut done = |_, changed, row_id| {
            // Else the row id is that of another row.
            if changed == 0 {
                return Err(Error::ignored(Operation::Insert, table.name));
            }
            inserted(row_id);
            Ok(())
        };
        let refused = connection.repeat(text.into(), number, context, &write, &mut done);
        refused.map_err(|(error, refused)| match refused {
            Some(refused) => {
                // What has no form in SQLite is left out.
                let row = row_values(table.inserted(), |sink| write(refused, sink)).unwrap_or_default();
                (explain_written(connection, table, error, values(&row)), Some((refused, row)))
            }
            None => (error, None),
        })
    }

    fn arguments<'a>(self, sink: &'a mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Arguments<'a> {
        Arguments::new(self.table, self.now, sink)
    }

    /// The values that an insert writes, those that are given in the place of the draft's.
    pub(super) fn row(self, new: WritesNew<'_>, given: RowValues) -> Result<RowValues> {
        let mut row = row_values(self.table.inserted(), |sink| new(&mut self.arguments(sink).with_given(&given)))?;
        if self.table.auto_key {
            let key = self.table.key_column();
            row.extend(given.into_iter().rev().find(|(column, _)| column.name == key.name));
        }
        Ok(row)
    }
}

/// Writes the values of one of new rows, by its number.
type WritesNewRow<'n> = &'n dyn Fn(usize, &mut Arguments<'_>) -> Result<()>;
