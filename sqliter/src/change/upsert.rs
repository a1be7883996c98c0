//! Inserting a row unless it is there: `upsert` and `get_or_create`.

use std::fmt;
use std::slice;
use std::time::SystemTime;

use super::conflict::{self, UniqueColumns};
use super::insert::{insert, not_inserted, row_of};
use super::insert_given::insert_returning;
use super::upsert_sets::UpsertSets;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{Columns, Draft, Model, NewModel};
use crate::session::{Pending, Session};
use crate::sql::ast::{Expr, Selected, Set};
use crate::sql::{Conflict, Insert, OverTables, Query, RowValues, SqlWriter, Update, UpsertSet, Written};
use crate::table::{ColumnInfo, TableInfo};
use crate::value::Value;

impl Session {
    /// Inserts a row, or does something else when a row with the same values in these unique columns is there:
    /// [`ignore`](Upsert::ignore) the new row, or [`update`](Upsert::update) the stored one.
    ///
    /// The columns are a natural key, a unique column, or a tuple of all columns of a unique index in any order. A row
    /// whose value is `NULL` in one of them is never there already: to SQLite
    /// [every `NULL` is different](https://www.sqlite.org/nulls.html).
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// #[derive(Debug, Clone, PartialEq, Model)]
    /// struct Visitor {
    ///     pk: Key<Visitor>,
    ///     #[model(unique)]
    ///     email: String,
    ///     name: String,
    ///     #[model(default = 1)]
    ///     visits: i64,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Visitor>().await?;
    /// for name in ["Ada", "Ada Lovelace"] {
    ///     let draft = Visitor::builder().email("ada@example.org").name(name);
    ///     // The new name, and one visit more than are stored.
    ///     db.upsert(draft, |v| v.email).update(|v| (v.name, v.visits.add(1))).await?;
    /// }
    /// let ada = db.select::<Visitor>().fetch_required().await?;
    /// assert_eq!((ada.name.as_str(), ada.visits), ("Ada Lovelace", 2));
    ///
    /// let again = Visitor::builder().email("ada@example.org").name("Ada");
    /// assert_eq!(db.upsert(again, |v| v.email).ignore().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upsert<D: Draft, U: UniqueColumns<D::Model>>(
        &self,
        draft: D,
        columns: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> U,
    ) -> Upsert<'_, D::Model> {
        let mut unique = Vec::new();
        columns(Columns::COLUMNS).push_onto(&mut unique);
        Upsert { session: self, new: draft.build(), unique }
    }

    /// The row that has the draft's values in these unique columns, or the draft inserted; `true` when it was inserted.
    ///
    /// Both happen under the write lock, so that of many tasks and processes that ask for the same row at once exactly
    /// one creates it. The columns are as for [`upsert`](Self::upsert): a row whose value is `NULL` in one of them is
    /// always inserted. A row that is there is given as it is stored, whatever else the draft says.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, #[model(unique)] name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Tag>().await?;
    /// let (rust, created) = db.get_or_create(Tag::builder().name("rust"), |t| t.name).await?;
    /// assert!(created);
    /// assert_eq!(db.get_or_create(Tag::builder().name("rust"), |t| t.name).await?, (rust, false));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::ConflictColumns`] when the columns do not tell rows apart, before anything runs;
    /// [`Error::Decode`] when the stored row does not fit; else as [`insert`](Self::insert).
    pub fn get_or_create<D: Draft, U: UniqueColumns<D::Model>>(
        &self,
        draft: D,
        columns: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> U,
    ) -> Pending<'_, (D::Model, bool)> {
        Box::pin(self.upsert(draft, columns).get_or_create())
    }
}

/// An insert of a row that may be there already, from [`Session::upsert`]. Finish it with `.ignore()` or `.update(…)`.
///
/// When the row is there, a table whose keys SQLite chooses leaves out the key that the new row would have had.
#[must_use = "nothing is inserted before `.ignore()` or `.update(…)` is awaited"]
pub struct Upsert<'s, M: Model> {
    session: &'s Session,
    new: M::New,
    unique: Vec<&'static ColumnInfo>,
}

impl<M: Model> fmt::Debug for Upsert<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unique: Vec<_> = self.unique.iter().map(|column| column.name).collect();
        f.debug_struct("Upsert").field("table", &M::TABLE.name).field("unique", &unique).finish_non_exhaustive()
    }
}

impl<'s, M: Model> Upsert<'s, M> {
    /// Inserts the row and gives it, or changes nothing and gives `None` when it is there.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictColumns`] when the columns do not tell rows apart, before anything runs; else as
    /// [`insert`](Session::insert), for all other constraints.
    pub fn ignore(self) -> Pending<'s, Option<M>> {
        Box::pin(async move { self.write(Vec::new()).await })
    }

    /// Inserts the row, or writes these columns of the row that is there; gives the row as it is afterwards.
    ///
    /// A bare column takes the value of the new row, as in `|v| v.name`; `.set(…)`, `.add(…)` and the like compute from
    /// the stored row, as in `|v| v.visits.add(1)`. `updated_at` is set too, unless it is among them, and a version raised.
    /// With no column at all, as in `|_| ()`, the row that is there stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictColumns`] when the columns do not tell rows apart, before anything runs; the violated
    /// constraint of the insert or of the update, [`Error::Encode`], [`Error::Ignored`] when the schema ignores the row,
    /// [`Error::RecordInsertion`], or [`Error::Decode`] when the stored row does not fit. Nothing is changed then.
    pub fn update<C: UpsertSets<M>>(self, changes: impl FnOnce(&M::Columns<M>) -> C) -> Pending<'s, M> {
        let mut changed = Vec::new();
        changes(Columns::COLUMNS).push_onto(&mut changed);
        Box::pin(self.insert_or_update(changed))
    }

    async fn insert_or_update(self, mut changes: Vec<UpsertSet>) -> Result<M> {
        if changes.is_empty() {
            return Ok(self.get_or_create().await?.0);
        }
        for column in M::TABLE.columns {
            // The new row has the time of this upsert.
            if column.now.is_some() && changes.iter().all(|change| change.column().name != column.name) {
                changes.push(UpsertSet::New(column));
            }
        }
        changes.extend(Set::next_version(M::TABLE).map(UpsertSet::Set));
        self.write(changes).await?.ok_or_else(|| Error::ignored(Operation::Update, M::TABLE.name))
    }

    /// Inserts the row, or makes the changes to the one that is there; gives the row, if one was written.
    async fn write(self, update: Vec<UpsertSet>) -> Result<Option<M>> {
        let (row, _) = self.row()?;
        let Self { session, unique, .. } = self;
        let context = context::<M>();
        let conflict = Some(Conflict { columns: unique, update });
        let upsert = Insert { table: M::TABLE, row, conflict, returning: Selected::row(None, M::TABLE).collect() };
        let upsert = Written::new(M::TABLE, upsert)?;
        session
            .write(context, Pace::Short, move |connection| {
                connection.atomically(context, |connection| upsert_row(connection, &upsert, context))
            })
            .await
    }

    async fn get_or_create(self) -> Result<(M, bool)> {
        let (row, now) = self.row()?;
        let Self { session, new, unique } = self;
        let context = context::<M>();
        let find_or_insert = move |new: &mut M::New, connection: &mut Connection| {
            connection.atomically(context, |connection| match stored::<M>(connection, &unique, &row)? {
                Some(row) => Ok(Found::Stored(row)),
                None if M::TABLE.has_generated() => {
                    let inserted = insert_returning(connection, slice::from_ref(&row), context)?.pop();
                    inserted.map(Found::Created).ok_or_else(|| not_inserted(context))
                }
                None => insert(connection, new, now).map(Found::CreatedAs),
            })
        };
        let (new, found) = session.write_from(new, context, Pace::Short, find_or_insert).await?;
        Ok(match found {
            Found::Stored(row) => (row, false),
            Found::Created(row) => (row, true),
            Found::CreatedAs(row_id) => (new.into_model(row_id, now).ok_or_else(|| not_inserted(context))?, true),
        })
    }

    /// The values of the new row and their time, once the columns are known to tell rows apart.
    fn row(&self) -> Result<(RowValues, SystemTime)> {
        conflict::check(M::TABLE, &self.unique)?;
        let now = self.session.now();
        Ok((row_of(&self.new, Vec::new(), now)?, now))
    }
}

/// What became of a row that was asked for.
enum Found<M> {
    /// It was there.
    Stored(M),
    /// It was inserted.
    Created(M),
    /// It was inserted with this row id.
    CreatedAs(i64),
}

const fn context<M: Model>() -> Context<'static> {
    Context::new(Operation::Insert, M::TABLE.name)
}

/// Inserts the row or changes the one that is there, in a transaction; gives the row, if one was written.
fn upsert_row<M: Model>(
    connection: &mut Connection,
    upsert: &Written<Insert>,
    context: Context<'static>,
) -> Result<Option<M>> {
    let Insert { row, conflict: Some(Conflict { columns, update }), .. } = upsert.statement() else { return Ok(None) };
    let fit = connection.fit(M::TABLE, context)?;
    fit.check_insertable(context, false)?;
    // Of the row that is there, a long value may go, which is one step.
    if !update.is_empty() && M::TABLE.columns_of_any_length().next().is_some() {
        connection.walk(context)?;
    }
    let written = if fit.finds_by_index(M::TABLE, columns) {
        let statement = connection.fitting(upsert, context)?;
        connection.query(&statement, context, M::decode).map(|mut rows| rows.pop())
    } else {
        insert_or_change(connection, row, columns, update)
    };
    let is_there = |connection: &mut Connection| -> Result<bool> {
        let find = find(M::TABLE, columns, row)?;
        Ok(!connection.query_over(&find, context, |_| Ok(()))?.is_empty())
    };
    match written {
        Ok(Some(row)) => Ok(Some(row)),
        // Nothing was written: the row is there already, or the schema has ignored it.
        Ok(None) if is_there(connection)? => Ok(None),
        Ok(None) => Err(Error::ignored(Operation::Insert, M::TABLE.name)),
        Err(error @ Error::ForeignKeyViolation { .. }) => {
            let changed = is_there(connection).unwrap_or(false);
            let values: Vec<_> = match changed {
                true => update.iter().filter_map(|change| known_value(change, row)).collect(),
                false => row.iter().map(|(column, value)| (*column, value)).collect(),
            };
            Err(foreign_keys::explain_reference(connection, error, values))
        }
        Err(error) => Err(M::TABLE.with_checked_column(error)),
    }
}

/// What a change writes, if it does not depend on the row that is there.
fn known_value<'v>(change: &'v UpsertSet, row: &'v RowValues) -> Option<(&'static ColumnInfo, &'v Value)> {
    match change {
        UpsertSet::New(column) => Some((column, value_of(row, column))),
        UpsertSet::Set(Set { column, value: Expr::Value(value) }) => Some((column, value)),
        UpsertSet::Set(_) => None,
    }
}

/// The value that a new row has in a column. A key that SQLite chooses has none.
fn value_of<'r>(row: &'r RowValues, column: &ColumnInfo) -> &'r Value {
    row.iter().find(|(known, _)| known.name == column.name).map_or(&Value::Null, |(_, value)| value)
}

/// The row that has the values of a new row in these columns.
fn stored<M: Model>(connection: &mut Connection, unique: &[&'static ColumnInfo], row: &RowValues) -> Result<Option<M>> {
    let find = find(M::TABLE, unique, row)?;
    let mut found = connection.query_over(&find, context::<M>(), M::decode)?;
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(Error::SeveralRows {
            table: M::TABLE.name.to_owned(),
            columns: unique.iter().map(|column| column.name.to_owned()).collect(),
        }),
    }
}

/// Selects the rows that have the values of a new row in these columns.
fn find(table: &'static TableInfo, unique: &[&'static ColumnInfo], row: &RowValues) -> Result<impl OverTables> {
    let rows = with_values(table, unique, row);
    let columns: Vec<_> = Selected::row(None, table).collect();
    Written::new(table, move |sql: &mut SqlWriter| sql.select(&columns, &rows))
}

/// The rows that have the values of a new row in these columns.
fn with_values(table: &'static TableInfo, unique: &[&'static ColumnInfo], row: &RowValues) -> Query {
    unique
        .iter()
        .fold(Query::new(table), |rows, column| rows.filtered(Expr::has_value(column, value_of(row, column).clone())))
}

/// Inserts the row, or makes the changes to the one that is there, under the write lock: for tables whose unique index
/// may not find it.
fn insert_or_change<M: Model>(
    connection: &mut Connection,
    row: &RowValues,
    unique: &[&'static ColumnInfo],
    changes: &[UpsertSet],
) -> Result<Option<M>> {
    let context = context::<M>();
    let returning = Selected::row(None, M::TABLE).collect();
    let rows = if stored::<M>(connection, unique, row)?.is_none() {
        let insert = Insert { table: M::TABLE, row: row.clone(), conflict: None, returning };
        connection.query(Written::new(M::TABLE, insert)?.plain(), context, M::decode)
    } else if changes.is_empty() {
        return Ok(None);
    } else {
        let sets = changes.iter().map(|change| match change {
            UpsertSet::New(column) => Set { column, value: Expr::Value(value_of(row, column).clone()) },
            UpsertSet::Set(set) => set.clone(),
        });
        let update = Update { rows: with_values(M::TABLE, unique, row), sets: sets.collect(), returning };
        let update = Written::new(M::TABLE, update)?;
        connection.query(&*connection.fitting(&update, context)?, context, M::decode)
    };
    Ok(rows?.pop())
}
