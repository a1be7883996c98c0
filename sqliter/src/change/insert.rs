//! Inserting rows.

use std::time::SystemTime;

use super::insertion::{self, Insert, NewRow, NewRows};
use super::write_rows::telling_apart;
use super::{row_values, values};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys::explain_written;
use crate::model::{Arguments, Draft, Model, ModelImpl, NewModel};
use crate::session::Session;
use crate::sql::RowValues;
use crate::table::RowStatement;
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
        Insert::new(self, new, |session, new| Box::pin(insert_one(session, new)))
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
        Insert::new(self, new, |session, new| Box::pin(insert_many(session, new)))
    }
}

async fn insert_one<M: Model>(session: &Session, mut new: NewRows<M>) -> Result<M> {
    let context = insertion::context::<M>();
    if M::TABLE.has_generated() {
        return insertion::one(session, new).await;
    }
    let (new, _) = new.rows.pop().ok_or_else(|| not_inserted(context))?;
    let now = session.now();
    let insert_one = move |new: &mut M::New, connection: &mut Connection| match insert_alone(connection, new, now) {
        Some(row_id) => Ok(row_id),
        None => connection.writing(context, |connection| insert(connection, new, now)),
    };
    let (new, row_id) = session.write_from(new, context, Pace::Short, insert_one).await?;
    new.into_model(row_id, now).ok_or_else(|| not_inserted(context))
}

async fn insert_many<M: Model>(session: &Session, new: NewRows<M>) -> Result<Vec<M>> {
    if M::TABLE.has_generated() || new.rows.is_empty() {
        return insertion::all(session, new).await;
    }
    let (now, context) = (session.now(), insertion::context::<M>());
    let (number, pace) = (new.rows.len(), Pace::of_rows(new.rows.len()));
    let insert = move |new: &mut Vec<NewRow<M>>, connection: &mut Connection| {
        connection.writing_rows(new.len(), context, |connection| {
            let mut row_ids = Vec::with_capacity(new.len());
            let rows = new.iter().map(|(new, _)| new);
            insert_all(connection, rows, now, |row_id| row_ids.push(row_id)).map_err(|refused| match refused {
                (error, Some((index, row))) => error.in_row(index, || telling_apart(M::TABLE, &row)),
                (error, None) => error,
            })?;
            Ok(row_ids)
        })
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

/// Inserts a row by one statement without a transaction around it, if that is known to be right; gives its row id.
fn insert_alone<N: NewModel>(connection: &mut Connection, new: &N, now: SystemTime) -> Option<i64> {
    let table = N::Model::TABLE;
    let insert = RowStatement::Insert.texts(table, N::Model::cached_sql()).ok()?;
    let write = |sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| new.write(&mut Arguments::new(table, now, sink));
    let wrote = connection.write_row_alone(Operation::Insert, insert.into(), table, &write)?;
    Some(wrote.row_id)
}

/// Inserts a row; gives its row id.
pub(super) fn insert<N: NewModel>(connection: &mut Connection, new: &N, now: SystemTime) -> Result<i64> {
    let mut inserted = 0;
    insert_all(connection, [new], now, |row_id| inserted = row_id).map_err(|(error, _)| error)?;
    Ok(inserted)
}

/// Inserts rows; tells the row id of each. An error comes with the index of its row, and what was to be written.
fn insert_all<'n, N: NewModel>(
    connection: &mut Connection,
    new: impl IntoIterator<Item = &'n N>,
    now: SystemTime,
    mut inserted: impl FnMut(i64),
) -> Result<(), (Error, Option<(usize, RowValues)>)> {
    let table = N::Model::TABLE;
    let context = Context::new(Operation::Insert, table.name);
    let unprepared = |error| (error, None);
    let fit = connection.fit(table, context).map_err(unprepared)?;
    fit.check_insertable(context, false).map_err(unprepared)?;
    let insert = RowStatement::Insert.texts(table, N::Model::cached_sql()).map_err(unprepared)?;
    let write = |(_, new): &(usize, &N), sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| {
        new.write(&mut Arguments::new(table, now, sink))
    };
    let done = |_: &(usize, &N), changed, row_id| {
        // Else the row id is that of another row.
        if changed == 0 {
            return Err(Error::ignored(Operation::Insert, table.name));
        }
        inserted(row_id);
        Ok(())
    };
    let refused = connection.repeat(insert.into(), new.into_iter().enumerate(), context, write, done);
    refused.map_err(|(error, refused)| match refused {
        Some(refused) => {
            // What has no form in SQLite is left out.
            let row = row_values(table.inserted(), |sink| write(&refused, sink)).unwrap_or_default();
            (explain_written(connection, table, error, values(&row)), Some((refused.0, row)))
        }
        None => (error, None),
    })
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
