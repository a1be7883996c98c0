//! Inserting rows.

use std::slice;
use std::time::SystemTime;

use super::insert_given::insert_rows;
use super::row_values;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{Arguments, Draft, Model, ModelImpl, NewModel};
use crate::session::{Pending, Session};
use crate::sql::RowValues;
use crate::table::{RowStatement, TableInfo};
use crate::value::Encoded;

impl Session {
    /// Inserts a row and gives it back with its key, its timestamps and its generated columns: as it was written. What a
    /// trigger changes about it afterwards, [`get`](Self::get) reads.
    ///
    /// # Errors
    ///
    /// The violated constraint, [`Error::Encode`](crate::Error::Encode),
    /// [`Error::NotATable`](crate::Error::NotATable) for a view or a virtual table,
    /// [`Error::SchemaDiffers`](crate::Error::SchemaDiffers) when the table of the file chooses no key,
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema ignores the row, or
    /// [`Error::RecordInsertion`](crate::Error::RecordInsertion).
    pub fn insert<D: Draft>(&self, draft: D) -> Pending<'_, D::Model> {
        Box::pin(async move {
            let new = draft.build();
            let now = self.now();
            let context = Context::new(Operation::Insert, D::Model::TABLE.name);
            if D::Model::TABLE.has_generated() {
                return insert_rows(self, vec![(new, Vec::new())]).await?.pop().ok_or_else(|| not_inserted(context));
            }
            let insert_one = move |new: &mut <D::Model as Model>::New, connection: &mut Connection| match insert_alone(
                connection, new, now,
            ) {
                Some(row_id) => Ok(row_id),
                None => connection.writing(context, |connection| insert(connection, new, now)),
            };
            let (new, row_id) = self.write_from(new, context, Pace::Short, insert_one).await?;
            new.into_model(row_id, now).ok_or_else(|| not_inserted(context))
        })
    }

    /// Inserts any number of rows in one transaction, all or nothing, and gives them back in their order with keys and
    /// timestamps. Inside a transaction it is a savepoint.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); no row is kept then.
    pub fn bulk_insert<I>(&self, drafts: I) -> Pending<'_, Vec<<I::Item as Draft>::Model>>
    where
        I: IntoIterator,
        I::Item: Draft,
    {
        let new: Vec<_> = drafts.into_iter().map(Draft::build).collect();
        Box::pin(async move {
            if new.is_empty() {
                return Ok(Vec::new());
            }
            let table = <I::Item as Draft>::Model::TABLE;
            if table.has_generated() {
                return insert_rows(self, new.into_iter().map(|new| (new, Vec::new())).collect()).await;
            }
            let now = self.now();
            let context = Context::new(Operation::Insert, table.name);
            let (number, pace) = (new.len(), Pace::of_rows(new.len()));
            let insert = move |new: &mut Vec<_>, connection: &mut Connection| {
                connection.atomically(context, |connection| {
                    let mut row_ids = Vec::with_capacity(new.len());
                    insert_all(connection, new, now, |row_id| row_ids.push(row_id))?;
                    Ok(row_ids)
                })
            };
            let (new, row_ids) = self.write_from(new, context, pace, insert).await?;
            let models = move || {
                let rows = new.into_iter().zip(row_ids);
                rows.map(|(new, row_id)| new.into_model(row_id, now).ok_or_else(|| not_inserted(context))).collect()
            };
            self.of_many(number, models).await?
        })
    }
}

/// The error of an insert that gives back no row.
pub(super) fn not_inserted(context: Context<'_>) -> Error {
    Error::ignored(context.operation, context.subject)
}

/// Inserts a row by one statement without a transaction around it, if that is known to be right; gives its row id.
fn insert_alone<N: NewModel>(connection: &mut Connection, new: &N, now: SystemTime) -> Option<i64> {
    let table = N::Model::TABLE;
    let text = RowStatement::Insert.text(table, N::Model::cached_sql()).ok()?;
    let wrote = connection.write_row_alone(text, table, &|sink| new.write(&mut Arguments::new(table, now, sink)))?;
    Some(wrote.row_id)
}

/// Inserts a row; gives its row id.
pub(super) fn insert<N: NewModel>(connection: &mut Connection, new: &N, now: SystemTime) -> Result<i64> {
    let mut inserted = 0;
    insert_all(connection, slice::from_ref(new), now, |row_id| inserted = row_id)?;
    Ok(inserted)
}

/// Inserts rows; tells the row id of each.
fn insert_all<N: NewModel>(
    connection: &mut Connection,
    new: &[N],
    now: SystemTime,
    mut inserted: impl FnMut(i64),
) -> Result<()> {
    let table = N::Model::TABLE;
    let context = Context::new(Operation::Insert, table.name);
    connection.fit(table, context)?.check_insertable(context, false)?;
    let text = RowStatement::Insert.text(table, N::Model::cached_sql())?;
    let write =
        |new: &&N, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| new.write(&mut Arguments::new(table, now, sink));
    let done = |_: &N, changed, row_id| {
        // Else the row id is that of another row.
        if changed == 0 {
            return Err(Error::ignored(Operation::Insert, table.name));
        }
        inserted(row_id);
        Ok(())
    };
    connection.repeat(text, new, context, write, done).map_err(|(error, refused)| match refused {
        Some(refused) => match row_values(table.inserted(), |sink| write(&refused, sink)) {
            Ok(row) => explained(connection, table, error, &row),
            Err(_) => error,
        },
        None => error,
    })
}

/// The error of a write, with the columns of its row that refer to no row, or whose check is violated.
pub(super) fn explained(connection: &mut Connection, table: &TableInfo, error: Error, row: &RowValues) -> Error {
    let error = table.with_checked_column(error);
    foreign_keys::explain_reference(connection, error, row.iter().map(|(column, value)| (*column, value)))
}

/// The values that an insert writes, those that are given in the place of the draft's.
pub(super) fn row_of<N: NewModel>(new: &N, given: RowValues, now: SystemTime) -> Result<RowValues> {
    let table = N::Model::TABLE;
    let mut row =
        row_values(table.inserted(), |sink| new.write(&mut Arguments::new(table, now, sink).with_given(&given)))?;
    if table.auto_key {
        let key = table.key_column();
        row.extend(given.into_iter().rev().find(|(column, _)| column.name == key.name));
    }
    Ok(row)
}
