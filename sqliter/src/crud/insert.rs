//! Inserting rows.

use std::slice;
use std::time::SystemTime;

use super::given::{Given, Givens};
use super::row_values;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{Arguments, Columns, Draft, Model, ModelImpl, NewModel};
use crate::session::{Pending, Session};
use crate::sql::{Insert, OverTables, RowValues, Written, ast::Selected};
use crate::table::RowStatement;
use crate::value::Encoded;

impl Session {
    /// Inserts a row and gives it back with its key and timestamps: as it was written. What a trigger changes about it
    /// afterwards, [`get`](Self::get) reads.
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
            let insert_one = move |new: &mut <D::Model as Model>::New, connection: &mut Connection| {
                connection.writing(context, |connection| insert(connection, new, now))
            };
            let (new, row_id) = self.write_from(new, context, Pace::Short, insert_one).await?;
            Ok(new.into_model(row_id, now))
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
            let now = self.now();
            let context = Context::new(Operation::Insert, <I::Item as Draft>::Model::TABLE.name);
            let pace = Pace::of_rows(new.len());
            let insert = move |new: &mut Vec<_>, connection: &mut Connection| {
                connection.atomically(context, |connection| {
                    let mut row_ids = Vec::with_capacity(new.len());
                    insert_all(connection, new, now, |row_id| row_ids.push(row_id))?;
                    Ok(row_ids)
                })
            };
            let (new, row_ids) = self.write_from(new, context, pace, insert).await?;
            let rows = new.into_iter().zip(row_ids);
            Ok(rows.map(|(new, row_id)| new.into_model(row_id, now)).collect())
        })
    }

    /// As [`insert`](Self::insert), with values of the caller's own for the key, the timestamps or any other column of
    /// the model, as an import or the restoring of a backup needs them. They override what the draft says; what is not
    /// given is as in `insert`. The row that is given back is the one that the database has, but for what a trigger
    /// changes after the insert.
    ///
    /// An automatic key that is chosen later exceeds the largest that was ever given or chosen.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Author { pk: Key<Author>, name: String, created_at: i64, updated_at: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Author>().await?;
    /// let draft = Author::builder().name("Ada");
    /// let ada = db
    ///     .insert_with(draft, |a| (a.pk.given(Author::key(7)), a.created_at.given(1_700_000_000)))
    ///     .await?;
    /// assert_eq!((ada.pk, ada.created_at), (Author::key(7), 1_700_000_000));
    /// assert_eq!(db.insert(Author::builder().name("Bea")).await?.pk, Author::key(8));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert), [`Error::UniqueViolation`](crate::Error::UniqueViolation) when the key is taken;
    /// no row is kept then.
    pub fn insert_with<D: Draft, G: Givens<D::Model>>(
        &self,
        draft: D,
        given: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> G,
    ) -> Pending<'_, D::Model> {
        let row = (draft.build(), collect(given(Columns::COLUMNS)));
        Box::pin(async move {
            self.insert_given(vec![row])
                .await?
                .pop()
                .ok_or_else(|| Error::ignored(Operation::Insert, D::Model::TABLE.name))
        })
    }

    /// As [`bulk_insert`](Self::bulk_insert), with values of the caller's own as in
    /// [`insert_with`](Self::insert_with): each draft comes with what they are made of.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Author { pk: Key<Author>, name: String, created_at: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Author>().await?;
    /// let saved = [(7, "Ada", 1_700_000_000), (9, "Bea", 1_700_000_060)];
    /// let rows = saved.map(|(key, name, created)| (Author::builder().name(name), (key, created)));
    /// let authors = db
    ///     .bulk_insert_with(rows, |a, (key, created)| (a.pk.given(Author::key(key)), a.created_at.given(created)))
    ///     .await?;
    /// assert_eq!(authors[1].pk, Author::key(9));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`insert_with`](Self::insert_with); no row is kept then.
    pub fn bulk_insert_with<D: Draft, V, G: Givens<D::Model>>(
        &self,
        rows: impl IntoIterator<Item = (D, V)>,
        given: impl Fn(&<D::Model as Model>::Columns<D::Model>, V) -> G,
    ) -> Pending<'_, Vec<D::Model>> {
        let rows =
            rows.into_iter().map(|(draft, values)| (draft.build(), collect(given(Columns::COLUMNS, values)))).collect();
        Box::pin(self.insert_given(rows))
    }

    async fn insert_given<N: NewModel>(&self, rows: Vec<(N, Vec<Given<N::Model>>)>) -> Result<Vec<N::Model>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let table = N::Model::TABLE;
        let now = self.now();
        let rows = rows
            .into_iter()
            .map(|(new, given)| {
                let given = given.into_iter().map(Given::into_written).collect::<Result<RowValues>>()?;
                row_of(&new, given, now)
            })
            .collect::<Result<Vec<_>>>()?;
        let context = Context::new(Operation::Insert, table.name);
        self.write(context, Pace::of_rows(rows.len()), move |connection| {
            connection.atomically(context, |connection| {
                rows.iter().map(|row| insert_returning(connection, row.clone())).collect()
            })
        })
        .await
    }
}

fn collect<M, G: Givens<M>>(given: G) -> Vec<Given<M>> {
    let mut all = Vec::new();
    given.push_onto(&mut all);
    all
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
            Ok(row) => explained(connection, error, &row),
            Err(_) => error,
        },
        None => error,
    })
}

/// The error of an insert, with the columns of its row that refer to no row.
fn explained(connection: &mut Connection, error: Error, row: &RowValues) -> Error {
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

fn insert_returning<M: Model>(connection: &mut Connection, row: RowValues) -> Result<M> {
    let context = Context::new(Operation::Insert, M::TABLE.name);
    let key = M::TABLE.key_column();
    let key_is_given = row.iter().any(|(column, _)| column.name == key.name);
    connection.fit(M::TABLE, context)?.check_insertable(context, key_is_given)?;
    let returning = Selected::row(None, M::TABLE).collect();
    let insert = Written::new(M::TABLE, Insert { table: M::TABLE, row, conflict: None, returning })?;
    match connection.query(insert.plain(), context, M::decode) {
        Ok(mut rows) => rows.pop().ok_or_else(|| Error::ignored(Operation::Insert, M::TABLE.name)),
        Err(error) => Err(explained(connection, error, &insert.statement().row)),
    }
}
