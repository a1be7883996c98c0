//! Inserting rows with values of the caller's own, whatever the insert would write by itself.

use std::marker::PhantomData;

use super::insertion::{self, Insert, NewRows};
use crate::column::{ColumnType, IntoValue};
use crate::error::Result;
use crate::expr::Column;
use crate::model::{Columns, Draft, KeyOf, MaybeOf, Model, Path, VersionOf};
use crate::session::Session;
use crate::sql::RowValues;
use crate::table::ColumnInfo;
use crate::value::{EncodeError, Value};

impl Session {
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
    pub fn insert_with<D: Draft, G: ColumnValues<D::Model>>(
        &self,
        draft: D,
        given: impl FnOnce(&<D::Model as Model>::Columns<D::Model>) -> G,
    ) -> Insert<'_, D::Model> {
        let new = NewRows::one(draft.build(), collect(given(Columns::COLUMNS)));
        Insert::new(self, new, |session, new| Box::pin(insertion::one(session, new)))
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
    pub fn bulk_insert_with<D: Draft, V, G: ColumnValues<D::Model>>(
        &self,
        rows: impl IntoIterator<Item = (D, V)>,
        given: impl Fn(&<D::Model as Model>::Columns<D::Model>, V) -> G,
    ) -> Insert<'_, D::Model, Vec<D::Model>> {
        let rows =
            rows.into_iter().map(|(draft, values)| (draft.build(), collect(given(Columns::COLUMNS, values)))).collect();
        Insert::new(self, NewRows::many(rows), |session, new| Box::pin(insertion::all(session, new)))
    }
}

/// The values that a closure gives, beside their columns.
pub(crate) fn given<M: Model, G: ColumnValues<M>>(given: impl FnOnce(&M::Columns<M>) -> G) -> Result<RowValues> {
    collect(given(Columns::COLUMNS)).into_iter().map(ColumnValue::into_parts).collect()
}

fn collect<M, V: ColumnValues<M>>(values: V) -> Vec<ColumnValue<M>> {
    let mut all = Vec::new();
    values.push_onto(&mut all);
    all
}

/// A column with the value that [`Session::insert_with`](crate::Session::insert_with) stores in it.
#[derive(Debug)]
#[must_use = "the value is stored only by the insert that takes it"]
pub struct ColumnValue<M> {
    column: &'static ColumnInfo,
    value: Result<Value, EncodeError>,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for ColumnValue<M> {
    fn clone(&self) -> Self {
        Self { column: self.column, value: self.value.clone(), model: PhantomData }
    }
}

impl<M: Model> ColumnValue<M> {
    pub(super) fn into_parts(self) -> Result<(&'static ColumnInfo, Value)> {
        let Self { column, value, .. } = self;
        Ok((column, value.map_err(|error| error.at(M::TABLE.name, column.name))?))
    }
}

/// The columns that an insert can be given: those of the model itself, the primary key and the timestamps included, but not
/// what SQLite computes.
#[diagnostic::on_unimplemented(
    message = "an insert cannot be given this column",
    label = "a generated column, or a column of a related model",
    note = "an insert writes the columns of its own model only; the related row is inserted or updated by itself"
)]
pub trait OwnPath {}

#[diagnostic::do_not_recommend]
impl<M: Model> OwnPath for M {}

#[diagnostic::do_not_recommend]
impl<M: Model> OwnPath for KeyOf<M> {}

#[diagnostic::do_not_recommend]
impl<M: Model> OwnPath for VersionOf<M> {}

#[diagnostic::do_not_recommend]
impl<P: OwnPath> OwnPath for MaybeOf<P> {}

impl<P: Path, T: ColumnType> Column<P, T> {
    /// The value that an insert stores in the column, for [`Session::insert_with`](crate::Session::insert_with).
    pub fn given(self, value: impl IntoValue<T>) -> ColumnValue<P::Root>
    where
        P: OwnPath,
    {
        ColumnValue { column: self.info(), value: value.into_value(), model: PhantomData }
    }
}

/// What an insert is given: what `.given(…)` gives, a tuple of them or a `Vec`. Of two values for a column the later
/// counts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what an insert of `{M}` can be given",
    label = "expected `.given(…)` of each column",
    note = "write `|b| b.pk.given(Book::key(7))`, or several as a tuple: `|b| (b.pk.given(Book::key(7)), b.title.given(\"Emma\"))`"
)]
pub trait ColumnValues<M> {
    /// For the library.
    #[doc(hidden)]
    fn push_onto(self, given: &mut Vec<ColumnValue<M>>);
}

#[diagnostic::do_not_recommend]
impl<M> ColumnValues<M> for ColumnValue<M> {
    fn push_onto(self, given: &mut Vec<Self>) {
        given.push(self);
    }
}

#[diagnostic::do_not_recommend]
impl<M> ColumnValues<M> for Vec<ColumnValue<M>> {
    fn push_onto(self, given: &mut Self) {
        given.extend(self);
    }
}

/// Nothing is given: the insert writes what it does by itself.
#[diagnostic::do_not_recommend]
impl<M> ColumnValues<M> for () {
    fn push_onto(self, _: &mut Vec<ColumnValue<M>>) {}
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<M, $($name: ColumnValues<M>),+> ColumnValues<M> for ($($name,)+) {
            fn push_onto(self, given: &mut Vec<ColumnValue<M>>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(given);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
