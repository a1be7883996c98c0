//! The ends of a chain that read.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Select;
use crate::error::{Error, Operation, Result};
use crate::model::{Key, Model};
use crate::query::page::{Asked, Way};
use crate::query::{
    Cursor, GivesRows, LoadsModels, OneStatement, PageQuery, QueryPlan, Records, RowStream, Shape, explain, run, stream,
};
use crate::row::Record;
use crate::session::Pending;
use crate::sql::{Sql, SqlWriter};

/// Reading. The order of the rows is that of the chain; without one, that of the primary key if there is a limit or an
/// offset, else the one that is easiest for SQLite.
impl<'s, M: Model, S: Shape<M>, P> Select<'s, M, S, P> {
    /// All rows.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when a stored value does not fit, [`Error::MissingParent`] when a required key leads to no row,
    /// [`Error::RecordFetch`] when SQLite refuses the query; before it runs, [`Error::Encode`] when a value of the chain
    /// has no form in SQLite, [`Error::RegularExpression`], [`Error::TooDeep`] or [`Error::NotGrouped`].
    pub async fn fetch_all(self) -> Result<Vec<S::Output>> {
        run::rows::<M, _>(self.session, self.query.settled(), self.shape, None).await
    }

    /// The first row that comes, or `None`.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(self) -> Result<Option<S::Output>> {
        Ok(run::rows::<M, _>(self.session, self.query.settled().single(), self.shape, None).await?.pop())
    }

    /// The first row in the order of the chain, or of the key if the chain has none.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_first(mut self) -> Result<Option<S::Output>> {
        self.query = self.query.ordered();
        self.fetch_one().await
    }

    /// The last row in the order of the chain, or of the key if the chain has none. With a limit or an offset it is the
    /// last of the rows that [`fetch_all`](Self::fetch_all) gives.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_last(self) -> Result<Option<S::Output>> {
        run::last::<M, _>(self.session, self.query, self.shape).await
    }

    /// As [`fetch_one`](Self::fetch_one), for a row that must be there. Of several rows it is the first;
    /// [`fetch_only`](Self::fetch_only) refuses them.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when there is none, else as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_required(self) -> Result<S::Output> {
        match self.fetch_one().await? {
            Some(row) => Ok(row),
            None => Err(Error::RecordNotFound { table: M::TABLE.name.to_owned(), key: None }),
        }
    }

    /// The only row.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when there is none, [`Error::SeveralRecords`] when there are more, else as
    /// [`fetch_all`](Self::fetch_all).
    pub async fn fetch_only(self) -> Result<S::Output> {
        let query = self.query.settled().at_most(2);
        Error::only(run::rows::<M, _>(self.session, query, self.shape, None).await?, M::TABLE.name.to_owned())
    }

    /// All rows as [records](Record): the loaded columns by their names.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_dicts(self) -> Result<Vec<Record>> {
        run::rows::<M, _>(self.session, self.query.settled(), Records::<M, S>::of(self.shape), None).await
    }

    /// All rows one after another, without all of them in memory; they are neither read from the cache nor cached.
    ///
    /// The rows are those of one moment. Streams have connections of their own, in addition to those of
    /// [`max_readers`](crate::DbOptions::max_readers): up to 16 run at a time, and others wait for one of them to end. Inside a
    /// transaction a stream holds the connection of the transaction, whose other statements wait. Of a database in memory the
    /// rows are read at once, so that nobody waits for the stream.
    ///
    /// As long as a stream of a file is open, its moment is kept, and the write-ahead log grows. So it ends with
    /// [`Error::StreamTimeout`] when no row is taken for longer than
    /// [`stream_timeout`](crate::DbOptions::stream_timeout).
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// let mut books = db.select::<Book>().fetch_stream();
    /// while let Some(book) = books.next().await {
    ///     println!("{}", book?.title);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn fetch_stream(self) -> RowStream<S::Output>
    where
        S: OneStatement<M>,
    {
        stream::stream::<M, _>(self.session, self.query.settled(), self.shape)
    }

    /// Up to `rows` rows after the cursor, or the first page without one, in the order of the chain and
    /// then of the key. The chain's own limit and offset do not count.
    ///
    /// The page begins after the last row of the page before, found by what it was sorted by
    /// ([keyset pagination](https://use-the-index-luke.com/no-offset)). So no row comes twice or is left out because
    /// others were inserted or deleted in between, and with an index on the order a late page is as fast as the first.
    ///
    /// The page tells where the next one begins and where the previous one ends. [`PageQuery::with_total`] also counts the
    /// rows of all pages.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.bulk_insert(["a", "b", "c"].map(|title| Book::builder().title(title))).await?;
    /// let books = db.select::<Book>().order(|b| b.title.asc());
    /// let first = books.clone().page_after(None, 2).with_total().await?;
    /// assert_eq!((first.rows.len(), first.total), (2, Some(3)));
    /// let second = books.clone().page_after(first.next.clone(), 2).await?;
    /// assert_eq!((second.rows.len(), second.next), (1, None));
    /// let back = books.page_before(second.previous, 2).await?;
    /// assert_eq!(back.rows, first.rows);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cursor`] when the cursor belongs to a query over another model or with another order, the values in it
    /// included, or was changed, when the order is random, or when values over windows are loaded or sorted by, which would be
    /// others on each page; [`Error::KeyNotUnique`] when two rows are equal in everything that they are sorted by, their key
    /// included; else as [`fetch_all`](Self::fetch_all).
    pub fn page_after(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output>
    where
        S: GivesRows<M>,
    {
        self.page(cursor, rows, Way::After)
    }

    /// Up to `rows` rows before the cursor, or the last page without one, in the order of the chain: the way back from
    /// [`page_after`](Self::page_after). Where more rows than these come before the cursor, it gives the last of them.
    ///
    /// # Errors
    ///
    /// As [`page_after`](Self::page_after).
    pub fn page_before(self, cursor: Option<Cursor>, rows: u64) -> PageQuery<'s, S::Output>
    where
        S: GivesRows<M>,
    {
        self.page(cursor, rows, Way::Before)
    }

    fn page(self, cursor: Option<Cursor>, rows: u64, way: Way) -> PageQuery<'s, S::Output>
    where
        S: GivesRows<M>,
    {
        let Self { session, query, shape, .. } = self;
        Asked { session, query, shape, cursor, rows, way }.by::<M>()
    }

    /// All rows by their keys.
    ///
    /// ```
    /// # use std::collections::HashMap;
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # let emma = db.insert(Book::builder().title("Emma")).await?;
    /// let wanted = [Book::key(1), Book::key(7)];
    /// let books: HashMap<Key<Book>, Book> = db.select::<Book>().filter(|b| b.pk.is_in(wanted)).fetch_map().await?;
    /// assert_eq!(books.get(&Book::key(1)), Some(&emma));
    /// assert_eq!(books.get(&Book::key(7)), None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::KeyNotUnique`] when two rows have the same key, as other programs' tables and views may have them; else as
    /// [`fetch_all`](Self::fetch_all).
    pub fn fetch_map(self) -> Pending<'s, HashMap<Key<M>, S::Output>>
    where
        S: LoadsModels<M>,
    {
        let Self { session, query, shape, .. } = self;
        Box::pin(async move {
            let rows = run::rows::<M, _>(session, query.settled(), shape, None).await?;
            let mut map = HashMap::with_capacity(rows.len());
            for row in rows {
                match map.entry(S::key_of(&row)) {
                    Entry::Vacant(place) => drop(place.insert(row)),
                    Entry::Occupied(place) => {
                        return Err(run::key_not_unique(Operation::Fetch, M::TABLE, &place.key().stored()?));
                    }
                }
            }
            Ok(map)
        })
    }

    /// How many rows the chain would fetch, with its limit and offset.
    ///
    /// # Errors
    ///
    /// [`Error::RecordFetch`] when SQLite refuses the query.
    pub async fn count(self) -> Result<u64> {
        run::number(self.session, self.query, SqlWriter::count).await
    }

    /// Whether the chain would fetch a row. Stops at the first.
    ///
    /// # Errors
    ///
    /// [`Error::RecordFetch`] when SQLite refuses the query.
    pub async fn exists(self) -> Result<bool> {
        Ok(run::number(self.session, self.query, SqlWriter::exists).await? != 0)
    }

    /// The statement that [`fetch_all`](Self::fetch_all) runs, for tests and logs. Over tables of other programs, which
    /// guarantee less than the models say, the statement that runs also calls functions that compare columns; the log
    /// and [`explain`](Self::explain) show it.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] when a value of a filter has no form in SQLite.
    pub fn to_sql(&self) -> Result<Sql> {
        let mut columns = Vec::new();
        self.shape.columns(&mut columns);
        run::statement(&self.query.clone().settled(), &columns)
    }
}

impl<'s, M: Model, S: Shape<M>, P> Select<'s, M, S, P> {
    /// SQLite's plan for the statement that [`fetch_all`](Self::fetch_all) runs: which tables it scans, which indexes it
    /// uses, what it sorts. The statement itself is not run. What `prefetch_related` loads takes further statements,
    /// which are not part of the plan.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(index(title))]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// let plan = db.select::<Book>().filter(|b| b.title.eq("Emma")).explain().await?;
    /// assert!(plan.uses_index("idx_books_title"), "{plan}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] when a value of a filter has no form in SQLite, [`Error::RecordFetch`] when SQLite refuses the
    /// query.
    pub fn explain(&self) -> Pending<'s, QueryPlan> {
        let mut columns = Vec::new();
        self.shape.columns(&mut columns);
        Box::pin(explain::plan(self.session, self.query.clone().settled(), columns))
    }
}
