//! The rows that refer to a row: `author.books(&db)`, and new ones among them.

use std::fmt;

use super::links::{key_of, related_by};
use super::value_in;
use crate::change::{Insert, UniqueColumns, get_or_create, named};
use crate::error::{Error, Operation, SqliteError, code};
use crate::model::{DraftOf, Key, Model, Referrers, Relation};
use crate::query::{Entity, Select};
use crate::session::{Pending, Session};
use crate::table::ColumnInfo;

/// The rows that refer to a row, from the generated method of a `has_many` relation: `ada.books(&db)`, or
/// `Author::key(1).books(&db)` for a row that is not loaded.
///
/// It is a [`Select`] over these rows, with all that a chain has. Besides, [`create`](Select::create),
/// [`bulk_create`](Select::bulk_create) and [`get_or_create`](Select::get_or_create) insert rows that refer to the row.
pub type Rows<'s, R> = Select<'s, <R as Relation>::Target, Entity<<R as Relation>::Target>, RefersTo<R>>;

/// The row that the rows of the relation `R` refer to.
pub struct RefersTo<R: Relation> {
    key: Key<R::Source>,
}

impl<R: Relation> Clone for RefersTo<R> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone() }
    }
}

impl<R: Relation> fmt::Debug for RefersTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefersTo").field("relation", &R::INFO.name).field("key", &self.key).finish()
    }
}

/// The rows that refer to the row with a key. For generated code.
pub fn related_rows<'s, R: Relation>(session: &'s Session, source: &Key<R::Source>) -> Rows<'s, R> {
    Select::new(session).related(related_by::<R>(key_of::<R>(source)), RefersTo { key: source.clone() })
}

/// New rows that refer to the row. Their foreign key need not be set; if it is, it is replaced by the row of the relation.
impl<'s, R: Referrers> Rows<'s, R> {
    /// Inserts a row that refers to the row of the relation.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(books = Book::author))]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// let ada = db.insert(Author::builder().name("Ada")).await?;
    /// let letters = ada.books(&db).create(Book::builder().title("Letters")).await?;
    /// assert_eq!(letters.author_id, ada.pk);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Session::insert`]: [`Error::ForeignKeyViolation`] when the row of the relation is not there.
    pub fn create<D>(self, draft: D) -> Insert<'s, R::Target>
    where
        D: DraftOf<R::Column, Key<R::Source>, Model = R::Target>,
    {
        let (session, RefersTo { key }) = self.into_pairs();
        session.insert(draft.build_for(key))
    }

    /// As [`create`](Self::create) for any number of rows, all or nothing, in their order.
    ///
    /// # Errors
    ///
    /// As [`Session::bulk_insert`].
    pub fn bulk_create<I>(self, drafts: I) -> Insert<'s, R::Target, Vec<R::Target>>
    where
        I: IntoIterator,
        I::Item: DraftOf<R::Column, Key<R::Source>, Model = R::Target>,
    {
        let (session, RefersTo { key }) = self.into_pairs();
        session.bulk_insert(drafts.into_iter().map(|draft| draft.build_for(key.clone())))
    }

    /// The row that has the draft's values in these unique columns, or the draft inserted, as [`Session::get_or_create`]; `true`
    /// when it was inserted. Where values are unique among the rows of one row, its foreign key is one of the columns:
    /// `|b| (b.title, b.author_id)`.
    ///
    /// # Errors
    ///
    /// [`Error::UniqueViolation`] when the row that has the values refers to another row; else as [`Session::get_or_create`].
    pub fn get_or_create<D, U>(
        self,
        draft: D,
        columns: impl FnOnce(&<R::Target as Model>::Columns<R::Target>) -> U,
    ) -> Pending<'s, (R::Target, bool)>
    where
        D: DraftOf<R::Column, Key<R::Source>, Model = R::Target>,
        U: UniqueColumns<R::Target>,
    {
        let (session, RefersTo { key }) = self.into_pairs();
        let (stored, new, unique) = (key.stored(), draft.build_for(key), named(columns));
        Box::pin(async move {
            let (row, created) = get_or_create(session, new, unique.clone()).await?;
            match created || value_in(R::INFO.target_column(), &row)? == stored?.first {
                true => Ok((row, created)),
                false => Err(of_another::<R>(&unique)),
            }
        })
    }
}

/// The row that has the values refers to another row.
fn of_another<R: Relation>(unique: &[&'static ColumnInfo]) -> Error {
    let (table, names) = (R::Target::TABLE.name, unique.iter().map(|column| column.name));
    let named = names.clone().map(|name| format!("{table}.{name}")).collect::<Vec<_>>().join(", ");
    Error::UniqueViolation {
        operation: Operation::Insert,
        table: table.to_owned(),
        columns: names.map(str::to_owned).collect(),
        index: None,
        deleted: false,
        row: None,
        source: SqliteError {
            code: code::UNIQUE,
            message: format!("a row with another {} has the same values in {named}", R::INFO.target_column().name),
        },
    }
}
