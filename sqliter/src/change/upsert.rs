//! Inserting a row unless it is there: `upsert` and `get_or_create`.

use std::fmt;

use super::conflict::{self, UniqueColumns};
use super::insert::{InsertInto, not_inserted, writes};
use super::insertion::{self, Insert, NewRows};
use super::new_values::{find, several};
use super::upsert_sets::UpsertSets;
use super::write_rows::{Existing, Then};
use crate::engine::{Connection, Pace};
use crate::error::Result;
use crate::model::{Columns, Draft, Model, NewModel};
use crate::query::{Entity, Most};
use crate::session::{Pending, Session};
use crate::sql::RowValues;
use crate::sql::ast::Selected;
use crate::table::ColumnInfo;

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
        Upsert { session: self, new: NewRows::one(draft.build(), Vec::new()), unique: named(columns) }
    }

    /// As [`upsert`](Self::upsert) for any number of rows, in their order, in one transaction, all or nothing. Inside a
    /// transaction it is a savepoint. If two drafts have the same values, the second finds the row of the first.
    ///
    /// Awaited it gives the number of rows that were written. What they are, also those that were there, is given by
    /// [`returning_rows`](crate::bounds::Write::returning_rows):
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, #[model(unique)] name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Tag>().await?;
    /// # db.insert(Tag::builder().name("sql")).await?;
    /// let drafts = || ["rust", "sql"].map(|name| Tag::builder().name(name));
    /// assert_eq!(db.bulk_upsert(drafts(), |t| t.name).ignore().await?, 1, "one was there");
    /// let tags = db.bulk_upsert(drafts(), |t| t.name).update(|t| t.name).returning_rows().fetch_all().await?;
    /// assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["rust", "sql"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn bulk_upsert<I, U>(
        &self,
        drafts: I,
        columns: impl FnOnce(&<<I::Item as Draft>::Model as Model>::Columns<<I::Item as Draft>::Model>) -> U,
    ) -> BulkUpsert<'_, <I::Item as Draft>::Model>
    where
        I: IntoIterator,
        I::Item: Draft,
        U: UniqueColumns<<I::Item as Draft>::Model>,
    {
        let new = NewRows::of_drafts(drafts);
        BulkUpsert { session: self, new, unique: named(columns) }
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
    /// [`Error::ConflictColumns`](crate::Error::ConflictColumns) when the columns do not tell rows apart, before anything runs;
    /// [`Error::Decode`](crate::Error::Decode) when the stored row does not fit; else as [`insert`](Self::insert).
    pub fn get_or_create<D: Draft, U: UniqueColumns<D::Model>>(
        &self,
        draft: D,
        columns: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> U,
    ) -> Pending<'_, (D::Model, bool)> {
        let (new, unique) = (draft.build(), named(columns));
        get_or_create(self, new, unique)
    }

    /// As [`get_or_create`](Self::get_or_create) for any number of rows, in their order, in one transaction, all or nothing.
    /// Of two drafts with the same values the second one finds the first.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, #[model(unique)] name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Tag>().await?;
    /// # db.insert(Tag::builder().name("sql")).await?;
    /// let drafts = ["rust", "sql"].map(|name| Tag::builder().name(name));
    /// let tags: Vec<(Tag, bool)> = db.bulk_get_or_create(drafts, |t| t.name).await?;
    /// assert_eq!(tags.iter().map(|(_, created)| *created).collect::<Vec<_>>(), [true, false]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`get_or_create`](Self::get_or_create), for the first row that is refused; no row is kept then.
    pub fn bulk_get_or_create<I, U>(
        &self,
        drafts: I,
        columns: impl FnOnce(&<<I::Item as Draft>::Model as Model>::Columns<<I::Item as Draft>::Model>) -> U,
    ) -> Pending<'_, Vec<(<I::Item as Draft>::Model, bool)>>
    where
        I: IntoIterator,
        I::Item: Draft,
        U: UniqueColumns<<I::Item as Draft>::Model>,
    {
        let new = NewRows::of_drafts(drafts);
        let new = new.unless(Existing { unique: named(columns), then: Then::Give });
        Box::pin(
            async move { insertion::giving(self, new, Entity::<<I::Item as Draft>::Model>::new(), Most::Any).await },
        )
    }

    /// As [`upsert`](Self::upsert) with [`update`](Upsert::update), and tells what it has done: the row as it is afterwards,
    /// and `true` when it was inserted.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Visitor { pk: Key<Visitor>, #[model(unique)] email: String, name: String, #[model(default = 1)] visits: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Visitor>().await?;
    /// let draft = Visitor::builder().email("ada@example.org").name("Ada");
    /// let (ada, created) = db.update_or_create(draft, |v| v.email, |v| (v.name, v.visits.add(1))).await?;
    /// assert!(created);
    /// assert_eq!(ada.visits, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Upsert::update`].
    pub fn update_or_create<D: Draft, U: UniqueColumns<D::Model>, C: UpsertSets<D::Model>>(
        &self,
        draft: D,
        columns: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> U,
        changes: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> C,
    ) -> Pending<'_, (D::Model, bool)> {
        let existing = Existing { unique: named(columns), then: changed(changes) };
        let new = NewRows::one(draft.build(), Vec::new()).unless(existing);
        Box::pin(update_or_create(self, new))
    }
}

/// The columns that a closure names.
pub(crate) fn named<M: Model, U: UniqueColumns<M>>(
    columns: impl FnOnce(&M::Columns<M>) -> U,
) -> Vec<&'static ColumnInfo> {
    let mut unique = Vec::new();
    columns(Columns::COLUMNS).push_onto(&mut unique);
    unique
}

/// What a closure says that is written into a row that is there.
fn changed<M: Model, C: UpsertSets<M>>(changes: impl FnOnce(&M::Columns<M>) -> C) -> Then {
    let mut sets = Vec::new();
    changes(Columns::COLUMNS).push_onto(&mut sets);
    if sets.is_empty() { Then::Give } else { Then::Update(sets) }
}

/// An insert of a row that may be there already, from [`Session::upsert`]. Finish it with `.ignore()` or `.update(…)`.
///
/// When the row is there, a table whose keys SQLite chooses leaves out the key that the new row would have had.
#[must_use = "nothing is inserted before `.ignore()` or `.update(…)` is awaited"]
pub struct Upsert<'s, M: Model> {
    session: &'s Session,
    new: NewRows<M>,
    unique: Vec<&'static ColumnInfo>,
}

/// Inserts of rows that may be there already, from [`Session::bulk_upsert`]. Finish it with `.ignore()` or `.update(…)`.
#[must_use = "nothing is inserted before `.ignore()` or `.update(…)` is awaited"]
pub struct BulkUpsert<'s, M: Model> {
    session: &'s Session,
    new: NewRows<M>,
    unique: Vec<&'static ColumnInfo>,
}

impl<M: Model> fmt::Debug for Upsert<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<M>(f, "Upsert", &self.unique)
    }
}

impl<M: Model> fmt::Debug for BulkUpsert<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug::<M>(f, "BulkUpsert", &self.unique)
    }
}

fn debug<M: Model>(f: &mut fmt::Formatter<'_>, name: &str, unique: &[&ColumnInfo]) -> fmt::Result {
    let unique: Vec<_> = unique.iter().map(|column| column.name).collect();
    f.debug_struct(name).field("table", &M::TABLE.name).field("unique", &unique).finish_non_exhaustive()
}

impl<'s, M: Model> Upsert<'s, M> {
    /// Inserts the row and gives it, or changes nothing and gives `None` when it is there.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictColumns`](crate::Error::ConflictColumns) when the columns do not tell rows apart, before anything runs; else as
    /// [`insert`](Session::insert), for all other constraints.
    pub fn ignore(self) -> Insert<'s, M, Option<M>> {
        let Self { session, new, unique } = self;
        let new = new.unless(Existing { unique, then: Then::Ignore });
        Insert::new(session, new, |session, new| match const { M::TABLE.has_generated() } {
            true => Box::pin(async move { Ok(insertion::all(session, new).await?.pop()) }),
            false => Box::pin(insertion::one_unless_there(session, new)),
        })
    }

    /// Inserts the row, or writes these columns of the row that is there; gives the row as it is afterwards.
    /// [`update_or_create`](Session::update_or_create) also says which of the two it was.
    ///
    /// A bare column takes the value of the new row, as in `|v| v.name`; `.set(…)`, `.add(…)` and the like compute from
    /// the stored row, as in `|v| v.visits.add(1)`. `updated_at` is set too, unless it is among them, and a version raised.
    /// With no column at all, as in `|_| ()`, the row that is there stays as it is.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictColumns`](crate::Error::ConflictColumns) when the columns do not tell rows apart, before anything runs; the violated
    /// constraint of the insert or of the update, [`Error::Encode`](crate::Error::Encode), [`Error::Ignored`](crate::Error::Ignored) when the schema ignores the row,
    /// [`Error::RecordInsertion`](crate::Error::RecordInsertion), or [`Error::Decode`](crate::Error::Decode) when the stored row does not fit. Nothing is changed then.
    pub fn update<C: UpsertSets<M>>(self, changes: impl FnOnce(&M::Columns<M>) -> C) -> Insert<'s, M> {
        let Self { session, new, unique } = self;
        let new = new.unless(Existing { unique, then: changed(changes) });
        Insert::new(session, new, |session, new| Box::pin(insertion::one_written(session, new)))
    }
}

impl<'s, M: Model> BulkUpsert<'s, M> {
    /// Inserts the rows that are not there; gives their number.
    ///
    /// # Errors
    ///
    /// As [`Upsert::ignore`], for the first row that is refused; the error says which one it is
    /// ([`Error::refused_row`](crate::Error::refused_row)). No row is kept then.
    pub fn ignore(self) -> Insert<'s, M, u64> {
        self.finish(Then::Ignore)
    }

    /// Inserts each row, or writes these columns of the row that is there, as [`Upsert::update`]; gives how many rows were
    /// written.
    ///
    /// # Errors
    ///
    /// As [`Upsert::update`], for the first row that is refused; the error says which one it is
    /// ([`Error::refused_row`](crate::Error::refused_row)). Nothing is changed then.
    pub fn update<C: UpsertSets<M>>(self, changes: impl FnOnce(&M::Columns<M>) -> C) -> Insert<'s, M, u64> {
        self.finish(changed(changes))
    }

    fn finish(self, then: Then) -> Insert<'s, M, u64> {
        let Self { session, new, unique } = self;
        Insert::new(session, new.unless(Existing { unique, then }), |session, new| {
            Box::pin(insertion::number(session, new))
        })
    }
}

/// What became of a row that was asked for.
enum Found<M> {
    /// It was there.
    Stored(M),
    /// It was inserted with this row id.
    CreatedAs(i64),
}

pub(crate) fn get_or_create<'s, M: Model>(
    session: &'s Session,
    new: M::New,
    unique: Vec<&'static ColumnInfo>,
) -> Pending<'s, (M, bool)> {
    match const { M::TABLE.has_generated() } {
        true => {
            let new = NewRows::<M>::one(new, Vec::new()).unless(Existing { unique, then: Then::Give });
            Box::pin(async move { given_one(insertion::giving(session, new, Entity::<M>::new(), Most::Any).await?) })
        }
        false => Box::pin(find_or_create(session, new, unique)),
    }
}

/// As [`get_or_create`], for rows of which SQLite computes nothing.
async fn find_or_create<M: Model>(
    session: &Session,
    new: M::New,
    unique: Vec<&'static ColumnInfo>,
) -> Result<(M, bool)> {
    conflict::check(M::TABLE, &unique)?;
    let (context, now) = (insertion::context::<M>(), session.now());
    let into = InsertInto::table_of::<M>(now);
    let row = into.row(&writes(&new), Vec::new())?;
    let find_or_insert = move |new: &mut M::New, connection: &mut Connection| {
        connection.writing(context, |connection| match stored::<M>(connection, &unique, &row)? {
            Some(row) => Ok(Found::Stored(row)),
            None => into.insert(connection, &writes(new)).map(Found::CreatedAs),
        })
    };
    let (new, found) = session.write_from(new, context, Pace::Short, find_or_insert).await?;
    Ok(match found {
        Found::Stored(row) => (row, false),
        Found::CreatedAs(row_id) => (new.into_model(row_id, now).ok_or_else(|| not_inserted(context))?, true),
    })
}

async fn update_or_create<M: Model>(session: &Session, new: NewRows<M>) -> Result<(M, bool)> {
    given_one(insertion::telling(session, new).await?)
}

/// The only row that was written or given. Without one, the schema has ignored it.
pub(crate) fn given_one<M: Model>(given: Vec<(M, bool)>) -> Result<(M, bool)> {
    given.into_iter().next().ok_or_else(|| not_inserted(insertion::context::<M>()))
}

/// The row that has the values of a new row in these columns.
fn stored<M: Model>(connection: &mut Connection, unique: &[&'static ColumnInfo], row: &RowValues) -> Result<Option<M>> {
    let find = find(M::TABLE, unique, row, &Selected::row(None, M::TABLE).collect::<Vec<_>>())?;
    let mut found = connection.query_over(&find, insertion::context::<M>(), M::decode)?;
    match found.len() {
        0 | 1 => Ok(found.pop()),
        _ => Err(several(M::TABLE, unique)),
    }
}
