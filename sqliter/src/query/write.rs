//! A write as a value, which can be told to give back what it has written.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Waiting, Poll};

use super::Entity;
use super::load::Shape;
use super::returning::{Most, Returned, Returning};
use crate::error::Result;
use crate::model::{Columns, Model};
use crate::session::{Call, Pending, Session};
use crate::sql::Sql;

/// What a write does, for the library.
pub trait Work<M: Model>: Send + Sized + 'static {
    /// Writes, and gives what was written as the shape says.
    #[doc(hidden)]
    fn giving<S: Shape<M>>(self, session: &Session, shape: S, most: Most) -> Pending<'_, Vec<S::Output>>;

    /// The statements that write, for tables that are as described.
    #[doc(hidden)]
    fn statements(self, session: &Session) -> Result<Vec<Sql>>;
}

/// A write to rows of the model `M`. Awaited, it gives what the method says that began it; [`returning`](Self::returning) and
/// [`returning_rows`](Self::returning_rows) give what was written instead.
#[must_use = "nothing is written before this is awaited"]
pub struct Write<'s, M: ?Sized, W, T> {
    session: &'s Session,
    call: Call<'s, W, T>,
    begin: Begin<'s, W, T>,
    model: PhantomData<fn() -> M>,
}

/// How the write runs when it is awaited itself.
type Begin<'s, W, T> = fn(&'s Session, W) -> Pending<'s, T>;

impl<M: Model, W, T> fmt::Debug for Write<'_, M, W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write").field("table", &M::TABLE.name).finish_non_exhaustive()
    }
}

impl<'s, M, W, T> Write<'s, M, W, T> {
    pub(crate) const fn new(session: &'s Session, work: W, begin: Begin<'s, W, T>) -> Self {
        Self { session, call: Call::Told(work), begin, model: PhantomData }
    }
}

impl<'s, M: Model, W: Work<M>, T: 's> Write<'s, M, W, T> {
    /// Gives back values of the rows that are written, as a tuple: as they are after an insert, an update or a soft deletion, with
    /// what SQLite has chosen or computed, and as they were before a deletion for good, when the turn of each came: a foreign key that
    /// was set to `NULL` with a row that went before it is `NULL`. Calls for several rows give them in the order
    /// of what they were given. Of a row that was there, an upsert gives the values that it has afterwards; one that is ignored is not
    /// given.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Project { pk: Key<Project>, #[model(unique)] name: String, #[model(default = 7)] last_number: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Project>().await?;
    /// let (key,): (Key<Project>,) =
    ///     db.insert(Project::builder().name("rust")).returning(|p| p.pk).fetch_required().await?;
    /// let (number,): (i64,) = db
    ///     .select::<Project>()
    ///     .filter(|p| p.pk.eq(key))
    ///     .update(|p| p.last_number.add(1))
    ///     .returning(|p| p.last_number)
    ///     .fetch_required()
    ///     .await?;
    /// assert_eq!(number, 8);
    ///
    /// let drafts = ["sql", "rust"].map(|name| Project::builder().name(name));
    /// let keys: Vec<(Key<Project>,)> =
    ///     db.bulk_upsert(drafts, |p| p.name).update(|p| p.name).returning(|p| p.pk).fetch_all().await?;
    /// assert_eq!(keys[1], (key,));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the write; before anything runs, [`Error::ReturningRelated`](crate::Error::ReturningRelated) when a value is computed
    /// from related rows.
    pub fn returning<V: Returned<M>>(
        self,
        values: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Returning<'s, <V::Tuple as Shape<M>>::Output> {
        self.giving(values(Columns::COLUMNS).into_tuple())
    }

    /// Gives back the rows that are written, as [`returning`](Self::returning) gives values of them: generated columns included.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Login { pk: Key<Login>, expires: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Login>().await?;
    /// # db.bulk_insert([5, 15].map(|expires| Login::builder().expires(expires))).await?;
    /// let gone: Vec<Login> =
    ///     db.select::<Login>().filter(|l| l.expires.lt(10)).delete().returning_rows().fetch_all().await?;
    /// assert_eq!(gone[0].expires, 5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the write.
    pub fn returning_rows(self) -> Returning<'s, M> {
        self.giving(Entity::<M>::new())
    }

    /// The statements that this write runs, in their order, as plain data: for tests and logs, or to be run elsewhere, as by
    /// something that keeps copies of the database. Nothing is written.
    ///
    /// Rows to insert are a statement each. Times and versions are written as they are now. All statements of a write belong into
    /// one transaction. They are for tables that are as the models describe them; over tables of other programs, which guarantee less,
    /// what runs also looks for rows by other statements. What an update computes passes functions of the library, as `checked_i64`,
    /// which other connections do not have. What the library tells of a write that SQLite does not, that rows were
    /// ignored, which foreign key is broken, which row it was, is not in them.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// let db = Db::memory().await?;
    /// let insert = db.insert(Book::builder().title("Emma").pages(474)).to_sql()?;
    /// assert_eq!(insert[0].to_string(), r#"INSERT INTO "books" ("title", "pages") VALUES (?, ?) -- 'Emma', 474"#);
    ///
    /// let longer = db.select::<Book>().filter(|b| b.title.eq("Emma")).update(|b| b.pages.set(500)).to_sql()?;
    /// assert_eq!(longer[0].text, r#"UPDATE "books" SET "pages" = ? WHERE "title" = ?"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite;
    /// [`Error::ConflictColumns`](crate::Error::ConflictColumns) when the columns of an upsert do not tell rows apart.
    pub fn to_sql(self) -> Result<Vec<Sql>> {
        self.call.into_told()?.statements(self.session)
    }

    fn giving<S: Shape<M>>(self, shape: S) -> Returning<'s, S::Output> {
        let (session, work) = (self.session, self.call.into_told());
        Returning::new(M::TABLE.name, move |most| Box::pin(async move { work?.giving(session, shape, most).await }))
    }
}

// Nothing in it is pinned.
impl<M: ?Sized, W, T> Unpin for Write<'_, M, W, T> {}

// Of any `M`, so that the compiler reports what is no model once, and not again for the `.await`.
impl<M: ?Sized, W, T> Future for Write<'_, M, W, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Waiting<'_>) -> Poll<Self::Output> {
        let Self { session, call, begin, .. } = &mut *self;
        call.poll(cx, |work| begin(session, work))
    }
}
