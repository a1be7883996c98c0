//! Inserting a row unless it is there: `upsert` and `get_or_create`.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::changes::{Change, Changes};
use super::conflict::{self, UniqueColumns};
use super::insert::{all_returned, insert, insert_row, row_of};
use super::{Written, ignored};
use crate::engine::{Connection, OverTables, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{Columns, Draft, Model, NewModel};
use crate::query;
use crate::session::{Pending, Session};
use crate::sql::ast::{Expr, Set};
use crate::sql::{SqlWriter, WRITTEN};
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

/// An insert of a row that may be there already, from [`Session::upsert`]. It runs with one of its two ends.
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
        Box::pin(async move {
            let (row, _) = self.row()?;
            self.write(row, Vec::new(), Vec::new()).await
        })
    }

    /// Inserts the row, or writes these columns of the row that is there; gives the row as it is afterwards.
    ///
    /// A bare column takes the value of the new row, as in `|v| v.name`; `.set(…)`, `.add(…)` and the like compute from
    /// the stored row, as in `|v| v.visits.add(1)`. `updated_at` is set too, unless it is among them. With no column at
    /// all, as in `|_| ()`, the row that is there stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictColumns`] when the columns do not tell rows apart, before anything runs; the violated
    /// constraint of the insert or of the update, [`Error::Encode`], [`Error::Ignored`] when the schema ignores the row,
    /// [`Error::RecordInsertion`], or [`Error::Decode`] when the stored row does not fit. Nothing is changed then.
    pub fn update<C: Changes<M>>(self, changes: impl FnOnce(&M::Columns<M>) -> C) -> Pending<'s, M> {
        let mut changed = Vec::new();
        changes(Columns::COLUMNS).push_onto(&mut changed);
        Box::pin(self.insert_or_update(changed))
    }

    async fn insert_or_update(self, mut changes: Vec<Change>) -> Result<M> {
        if changes.is_empty() {
            return Ok(self.get_or_create().await?.0);
        }
        let (row, _) = self.row()?;
        for column in M::TABLE.columns {
            // The new row has the time of this upsert.
            if column.now.is_some() && changes.iter().all(|change| change.column().name != column.name) {
                changes.push(Change::New(column));
            }
        }
        let changed = changes.iter().filter_map(|change| match change {
            Change::New(column) => Some((*column, value_of(&row, column).clone())),
            Change::Set(Set { column, value: Expr::Value(value) }) => Some((*column, value.clone())),
            Change::Set(_) => None,
        });
        let changed = changed.collect();
        self.write(row, changed, changes).await?.ok_or_else(|| ignored(Operation::Update, M::TABLE))
    }

    /// Inserts the row, or makes the changes to the one that is there; gives the row, if one was written. `changed` are
    /// the values that the changes write.
    async fn write(self, row: Written, changed: Written, changes: Vec<Change>) -> Result<Option<M>> {
        let Self { session, unique, .. } = self;
        let context = context::<M>();
        let meant = Arc::new((row, unique, changes));
        let written = Arc::clone(&meant);
        let upsert = query::Written::new(M::TABLE, move |sql: &mut SqlWriter| {
            let (row, unique, changes) = &*written;
            upsert::<M>(sql, row, unique, changes);
        })?;
        session
            .write(context, Pace::Short, move |connection| {
                let (row, unique, changes) = &*meant;
                connection.atomically(context, |connection| {
                    let fit = connection.fit(M::TABLE, context)?;
                    fit.check_insertable(context, false)?;
                    let written = if fit.finds_by_index(M::TABLE, unique) {
                        let statement = connection.fitting(&upsert, context)?;
                        connection.query(&statement, context, M::decode).map(|mut rows| rows.pop())
                    } else {
                        insert_or_change(connection, row, unique, changes)
                    };
                    if matches!(written, Ok(Some(_))) {
                        return written;
                    }
                    match written {
                        // Nothing was written: the row is there already, or the schema has ignored it.
                        Ok(_) if is_there(connection, M::TABLE, unique, row)? => Ok(None),
                        Ok(_) => Err(ignored(Operation::Insert, M::TABLE)),
                        Err(error @ Error::ForeignKeyViolation { .. }) => {
                            let is_there = is_there(connection, M::TABLE, unique, row).unwrap_or(false);
                            let written = if is_there { &changed } else { row };
                            Err(foreign_keys::explain_reference(connection, error, written.iter().cloned()))
                        }
                        Err(error) => Err(error),
                    }
                })
            })
            .await
    }

    async fn get_or_create(self) -> Result<(M, bool)> {
        let (row, now) = self.row()?;
        let Self { session, new, unique } = self;
        let context = context::<M>();
        let find_or_insert = move |new: &mut M::New, connection: &mut Connection| {
            connection.atomically(context, |connection| match stored::<M>(connection, &unique, &row)? {
                Some(row) => Ok(Ok(row)),
                None => insert(connection, new, now).map(Err),
            })
        };
        let (new, found) = session.write_from(new, context, Pace::Short, find_or_insert).await?;
        Ok(match found {
            Ok(row) => (row, false),
            Err(row_id) => (new.into_model(row_id, now), true),
        })
    }

    /// The values of the new row and their time, once the columns are known to tell rows apart.
    fn row(&self) -> Result<(Written, SystemTime)> {
        conflict::check(M::TABLE, &self.unique)?;
        let now = self.session.now();
        Ok((row_of(&self.new, Vec::new(), now)?, now))
    }
}

const fn context<M: Model>() -> Context<'static> {
    Context::new(Operation::Insert, M::TABLE.name)
}

/// The value that a new row has in a column. A key that SQLite chooses has none.
fn value_of<'r>(row: &'r Written, column: &ColumnInfo) -> &'r Value {
    row.iter().find(|(known, _)| known.name == column.name).map_or(&Value::Null, |(_, value)| value)
}

/// The row that has the values of a new row in these columns.
fn stored<M: Model>(connection: &mut Connection, unique: &[&'static ColumnInfo], row: &Written) -> Result<Option<M>> {
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

/// Whether a row has the values of a new row in these columns.
fn is_there(
    connection: &mut Connection,
    table: &'static TableInfo,
    unique: &[&'static ColumnInfo],
    row: &Written,
) -> Result<bool> {
    let find = find(table, unique, row)?;
    Ok(!connection.query_over(&find, Context::new(Operation::Insert, table.name), |_| Ok(()))?.is_empty())
}

/// Selects the rows that have the values of a new row in these columns.
fn find(table: &'static TableInfo, unique: &[&'static ColumnInfo], row: &Written) -> Result<impl OverTables> {
    query::Written::new(table, move |sql: &mut SqlWriter| {
        sql.push("SELECT ");
        sql.names(table.columns);
        sql.push(" FROM ");
        sql.name(table.name);
        has_values(sql, table, unique, row);
    })
}

/// The condition that a row has the values of a new row in these columns.
fn has_values(sql: &mut SqlWriter, table: &'static TableInfo, unique: &[&'static ColumnInfo], row: &Written) {
    for (i, column) in unique.iter().enumerate() {
        sql.push(if i == 0 { " WHERE " } else { " AND " });
        sql.equal(table, column);
        sql.bind(value_of(row, column).clone());
    }
}

/// The insert with what is done about a conflict, where a unique index finds it.
fn upsert<M: Model>(sql: &mut SqlWriter, row: &Written, unique: &[&'static ColumnInfo], changes: &[Change]) {
    sql.written_as_alias();
    insert_row(sql, M::TABLE, Some(WRITTEN), row);
    sql.push(" ON CONFLICT (");
    sql.names(unique.iter().copied());
    sql.push(if changes.is_empty() { ") DO NOTHING" } else { ") DO UPDATE SET " });
    set_changes(sql, M::TABLE, changes, |sql, column| {
        sql.push("excluded.");
        sql.name(column.name);
    });
    all_returned(sql, M::TABLE);
}

/// The changes of the row that is there, given how the value of the new row is written.
fn set_changes(
    sql: &mut SqlWriter,
    table: &'static TableInfo,
    changes: &[Change],
    new: impl Fn(&mut SqlWriter, &'static ColumnInfo),
) {
    for (i, change) in changes.iter().enumerate() {
        sql.push(if i == 0 { "" } else { ", " });
        sql.name(change.column().name);
        sql.push(" = ");
        match change {
            Change::New(column) => new(sql, column),
            Change::Set(set) => sql.assigned(table, set),
        }
    }
}

/// Inserts the row, or makes the changes to the one that is there, under the write lock: for tables whose unique index
/// may not find it.
fn insert_or_change<M: Model>(
    connection: &mut Connection,
    row: &Written,
    unique: &[&'static ColumnInfo],
    changes: &[Change],
) -> Result<Option<M>> {
    let context = context::<M>();
    let is_there = stored::<M>(connection, unique, row)?.is_some();
    if is_there && changes.is_empty() {
        return Ok(None);
    }
    let statement = query::Written::new(M::TABLE, |sql: &mut SqlWriter| {
        if is_there {
            sql.written_as_alias();
            sql.push("UPDATE ");
            sql.name(M::TABLE.name);
            sql.push(" AS ");
            sql.push(WRITTEN);
            sql.push(" SET ");
            set_changes(sql, M::TABLE, changes, |sql, column| sql.bind(value_of(row, column).clone()));
            has_values(sql, M::TABLE, unique, row);
        } else {
            insert_row(sql, M::TABLE, None, row);
        }
        all_returned(sql, M::TABLE);
    })?;
    let statement = connection.fitting(&statement, context)?;
    Ok(connection.query(&statement, context, M::decode)?.pop())
}
