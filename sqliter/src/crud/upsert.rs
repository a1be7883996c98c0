//! Inserting a row unless it is there: `upsert` and `get_or_create`.

use std::fmt;
use std::time::SystemTime;

use super::changes::{Change, Changes};
use super::conflict::{self, UniqueColumns};
use super::insert::{all_returned, insert, insert_statement, row_of};
use super::{Written, ignored};
use crate::engine::{Connection, Pace, Statement};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::ast::{Expr, Set};
use crate::foreign_keys;
use crate::model::{ColumnInfo, Columns, Draft, Model, TableInfo};
use crate::query::{SqlWriter, WRITTEN};
use crate::session::{Pending, Session};
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
            let mut tail = on_conflict(M::TABLE, &self.unique);
            tail.push("NOTHING");
            self.write(row, Vec::new(), tail).await
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
        let mut tail = on_conflict(M::TABLE, &self.unique);
        tail.push("UPDATE");
        for (i, change) in changes.iter().enumerate() {
            tail.push(if i == 0 { " SET " } else { ", " });
            tail.name(change.column().name);
            tail.push(" = ");
            match change {
                Change::New(column) => {
                    tail.push("excluded.");
                    tail.name(column.name);
                }
                Change::Set(set) => tail.assigned(M::TABLE, set),
            }
        }
        let changed = changes.into_iter().filter_map(|change| match change {
            Change::New(column) => Some((column, value_of(&row, column).clone())),
            Change::Set(Set { column, value: Expr::Value(value) }) => Some((column, value)),
            Change::Set(_) => None,
        });
        let changed = changed.collect();
        self.write(row, changed, tail).await?.ok_or_else(|| ignored(Operation::Update, M::TABLE))
    }

    /// Inserts the row with what the tail says about a conflict; gives the row, if one was written. `changed` are the
    /// values for the row that is there.
    async fn write(self, row: Written, changed: Written, mut tail: SqlWriter) -> Result<Option<M>> {
        let Self { session, unique, .. } = self;
        all_returned(&mut tail, M::TABLE);
        let statement = insert_statement(M::TABLE, Some(WRITTEN), &row, tail)?;
        let context = context::<M>();
        session
            .write(context, Pace::Short, move |connection| {
                connection.atomically(context, |connection| {
                    let written = connection.query(&statement, context, M::decode);
                    if matches!(written, Ok(ref rows) if !rows.is_empty()) {
                        return written.map(|mut rows| rows.pop());
                    }
                    let find = find(M::TABLE, &unique, &row)?;
                    let is_there = |connection: &mut Connection| -> Result<bool> {
                        Ok(!connection.query(&find, context, |_| Ok(()))?.is_empty())
                    };
                    match written {
                        // Nothing was written: the row is there already, or the schema has ignored it.
                        Ok(_) if is_there(connection)? => Ok(None),
                        Ok(_) => Err(ignored(Operation::Insert, M::TABLE)),
                        Err(error @ Error::ForeignKeyViolation { .. }) => {
                            let written = if is_there(connection).unwrap_or(false) { changed } else { row };
                            Err(foreign_keys::explain_reference(connection, error, written.into_iter()))
                        }
                        Err(error) => Err(error),
                    }
                })
            })
            .await
    }

    async fn get_or_create(self) -> Result<(M, bool)> {
        let (row, now) = self.row()?;
        let find = find(M::TABLE, &self.unique, &row)?;
        let Self { session, new, .. } = self;
        let context = context::<M>();
        session
            .write(context, Pace::Short, move |connection| {
                connection.atomically(context, |connection| match connection.query(&find, context, M::decode)?.pop() {
                    Some(row) => Ok((row, false)),
                    None => Ok((insert(connection, new, now)?, true)),
                })
            })
            .await
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

/// Selects the row that has the values of a new row in these columns.
fn find(table: &'static TableInfo, unique: &[&'static ColumnInfo], row: &Written) -> Result<Statement> {
    let mut sql = SqlWriter::new(table);
    sql.push("SELECT ");
    sql.names(table.columns);
    sql.push(" FROM ");
    sql.name(table.name);
    for (i, column) in unique.iter().enumerate() {
        sql.push(if i == 0 { " WHERE " } else { " AND " });
        sql.name(column.name);
        sql.push(" = ");
        sql.bind(value_of(row, column).clone());
    }
    sql.finish()
}

/// `ON CONFLICT (…) DO`.
fn on_conflict(table: &'static TableInfo, unique: &[&'static ColumnInfo]) -> SqlWriter {
    let mut sql = SqlWriter::upserting(table);
    sql.push(" ON CONFLICT (");
    sql.names(unique.iter().copied());
    sql.push(") DO ");
    sql
}
