//! The typed chain.

use std::marker::PhantomData;
use std::time::Duration;

use super::{Dictionary, Load, LoadsRows, Projection, Query, QueryPlan, Selection, SqlWriter, explain, run};
use crate::engine::Sql;
use crate::error::{Error, Result};
use crate::expr::ast::Expr;
use crate::expr::{Assignments, Column, Condition, Orders, Path};
use crate::model::{Columns, Model};
use crate::relation::{Append, Entity, JoinedSet, PrefetchedSet};
use crate::session::{Pending, Session};
use crate::value::{ColumnType, Record};

/// A query over the model `M`, begun by [`Session::select`].
///
/// Nothing runs before one of the terminal methods is awaited: `fetch_…`, [`count`](Self::count),
/// [`exists`](Self::exists), [`update`](Select::update), [`delete`](Select::delete). A chain is a value: clone it to
/// run it twice.
///
/// ```
/// use sqliter::prelude::*;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
///     pages: i64,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Book>().await?;
/// db.bulk_insert([
///     Book::builder().title("Emma").pages(474),
///     Book::builder().title("Persuasion").pages(249),
/// ])
/// .await?;
///
/// let long = db.select::<Book>().filter(|b| b.pages.gt(300));
/// assert_eq!(long.clone().count().await?, 1);
/// let titles: Vec<String> = long.only(|b| b.title).fetch_all().await?;
/// assert_eq!(titles, ["Emma"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a query does nothing until one of its fetch methods is awaited"]
pub struct Select<'s, M, L = Entity<M>> {
    session: &'s Session,
    query: Query,
    load: L,
    model: PhantomData<fn() -> M>,
}

impl<M, L: Clone> Clone for Select<'_, M, L> {
    fn clone(&self) -> Self {
        Self { session: self.session, query: self.query.clone(), load: self.load.clone(), model: PhantomData }
    }
}

impl<M, L> std::fmt::Debug for Select<'_, M, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Select").field("query", &self.query).finish_non_exhaustive()
    }
}

impl<'s, M: Model> Select<'s, M> {
    pub(crate) const fn new(session: &'s Session) -> Self {
        Self { session, query: Query::new(M::TABLE), load: Entity::new(), model: PhantomData }
    }

    pub(crate) fn with_filter(mut self, filter: Expr) -> Self {
        self.query.filters.push(filter);
        self
    }
}

/// Which rows, in which order.
impl<'s, M: Model, L: Load> Select<'s, M, L> {
    /// Keeps the rows that meet the condition, besides all earlier conditions.
    pub fn filter(mut self, condition: impl FnOnce(&M::Columns<M>) -> Condition<M>) -> Self {
        self.query.filters.push(condition(M::Columns::<M>::COLUMNS).into_expr());
        self
    }

    /// As [`filter`](Self::filter) when there is a value, else nothing.
    pub fn filter_some<V>(self, value: Option<V>, condition: impl FnOnce(&M::Columns<M>, V) -> Condition<M>) -> Self {
        match value {
            Some(value) => self.filter(|columns| condition(columns, value)),
            None => self,
        }
    }

    /// Sorts by the keys, after the keys of earlier calls.
    ///
    /// Rows that are equal in all of them come in the order of the primary key, in the direction of the last sort key.
    pub fn order<O: Orders<M>>(mut self, keys: impl FnOnce(&M::Columns<M>) -> O) -> Self {
        keys(M::Columns::<M>::COLUMNS).push_onto(&mut self.query.order);
        self
    }

    /// At most this many rows; 0 gives none. A later call replaces an earlier one.
    pub const fn limit(mut self, rows: u64) -> Self {
        self.query.limit = Some(rows);
        self
    }

    /// Skips this many rows. A later call replaces an earlier one.
    pub const fn offset(mut self, rows: u64) -> Self {
        self.query.offset = rows;
        self
    }

    /// Reads from the database even when the result is cached, and does not cache it.
    pub const fn bypass_cache(mut self) -> Self {
        self.query.cache.bypass = true;
        self
    }

    /// How long the result may be cached, instead of the time that the database was opened with.
    pub const fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.query.cache.ttl = Some(ttl);
        self
    }

    /// Loads one column instead of the whole model.
    pub fn only<P: Path<Root = M>, T: ColumnType>(
        self,
        column: impl FnOnce(&M::Columns<M>) -> Column<P, T>,
    ) -> Select<'s, M, Projection<M, Column<P, T>>> {
        self.load(Projection::new(column(M::Columns::<M>::COLUMNS)))
    }

    /// Loads a tuple of columns instead of the whole model.
    pub fn fields<S: Selection<M>>(self, columns: impl FnOnce(&M::Columns<M>) -> S) -> Select<'s, M, Projection<M, S>> {
        self.load(Projection::new(columns(M::Columns::<M>::COLUMNS)))
    }

    fn load<N>(self, load: N) -> Select<'s, M, N> {
        Select { session: self.session, query: self.query, load, model: PhantomData }
    }
}

impl<'s, M: Model> Select<'s, M> {
    /// Loads all columns but these, as dictionaries. Further calls exclude further columns.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct User { pk: Key<User>, name: String, secret: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<User>().await?;
    /// # db.insert(User::builder().name("Ada").secret("x")).await?;
    /// let rows = db.select::<User>().exclude(|u| u.secret).fetch_dicts().await?;
    /// assert_eq!(rows[0].get("name"), Some(&Value::Text("Ada".to_owned())));
    /// assert_eq!(rows[0].get("secret"), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn exclude<S: Selection<M>>(self, columns: impl FnOnce(&M::Columns<M>) -> S) -> Select<'s, M, Dictionary<M>> {
        self.load(Dictionary::of(Entity::new())).exclude(columns)
    }
}

impl<'s, M: Model, T> Select<'s, M, Entity<M, T>> {
    /// Loads to-one relations beside each row, by joins in the same statement: a `Book` becomes a `(Book, Author)`,
    /// behind a nullable key a `(Book, Option<Author>)`. Further calls add further relations.
    pub fn select_related<S: JoinedSet<M>>(
        self,
        relations: impl FnOnce(&M::Columns<M>) -> S,
    ) -> Select<'s, M, Entity<M, T::Output>>
    where
        T: Append<S::Tuple>,
    {
        self.append(relations(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Fetches to-many relations beside the rows, by one further statement for each relation, whatever the number of
    /// rows: an `Author` becomes an `(Author, Vec<Book>)`. All statements see the same state of the database. Further
    /// calls add further relations.
    pub fn prefetch_related<S: PrefetchedSet<M>>(
        self,
        relations: impl FnOnce(&M::Columns<M>) -> S,
    ) -> Select<'s, M, Entity<M, T::Output>>
    where
        T: Append<S::Tuple>,
    {
        self.append(relations(M::Columns::<M>::COLUMNS).into_tuple())
    }
}

impl<'s, M: Model, T> Select<'s, M, Entity<M, T>> {
    /// Loads further parts beside each row.
    fn append<N>(self, further: N) -> Select<'s, M, Entity<M, T::Output>>
    where
        T: Append<N>,
    {
        Select { session: self.session, query: self.query, load: self.load.append(further), model: PhantomData }
    }
}

impl<M: Model> Select<'_, M, Dictionary<M>> {
    /// Excludes further columns.
    pub fn exclude<S: Selection<M>>(mut self, columns: impl FnOnce(&M::Columns<M>) -> S) -> Self {
        let mut excluded = Vec::new();
        columns(M::Columns::<M>::COLUMNS).push_onto(&mut excluded);
        self.load.exclude(excluded);
        self
    }
}

/// Reading. The order of the rows is that of the chain; without one, that of the primary key if there is a limit or an
/// offset, else whichever comes easiest to SQLite.
impl<M: Model, L: Load> Select<'_, M, L> {
    /// All rows.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when a stored value does not fit, [`Error::RecordFetch`] when SQLite refuses the query.
    pub async fn fetch_all(self) -> Result<Vec<L::Output>> {
        run::rows(self.session, self.query.settled(), self.load, None).await
    }

    /// The first row that comes, or `None`.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(self) -> Result<Option<L::Output>> {
        Ok(run::rows(self.session, self.query.settled().single(), self.load, None).await?.pop())
    }

    /// The first row in the order of the chain, or of the key if the chain has none.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_first(mut self) -> Result<Option<L::Output>> {
        self.query = self.query.ordered();
        self.fetch_one().await
    }

    /// The last row in the order of the chain, or of the key if the chain has none: the order is read backwards, so an
    /// offset skips rows from the end.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_last(mut self) -> Result<Option<L::Output>> {
        self.query = self.query.reversed();
        self.fetch_one().await
    }

    /// As [`fetch_one`](Self::fetch_one), for a row that must be there.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when there is none, else as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_required(self) -> Result<L::Output> {
        match self.fetch_one().await? {
            Some(row) => Ok(row),
            None => Err(Error::RecordNotFound { table: M::TABLE.name.to_owned(), key: None }),
        }
    }

    /// All rows, as dictionaries of the loaded columns.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_dicts(self) -> Result<Vec<Record>> {
        run::rows(self.session, self.query.settled(), Dictionary::<M, L>::of(self.load), None).await
    }

    /// How many rows the chain would fetch, with its limit and offset.
    ///
    /// # Errors
    ///
    /// [`Error::RecordFetch`] when SQLite refuses the query.
    pub async fn count(self) -> Result<u64> {
        run::number(self.session, &self.query, SqlWriter::count).await
    }

    /// Whether the chain would fetch a row. Stops at the first.
    ///
    /// # Errors
    ///
    /// [`Error::RecordFetch`] when SQLite refuses the query.
    pub async fn exists(self) -> Result<bool> {
        Ok(run::number(self.session, &self.query, SqlWriter::exists).await? != 0)
    }

    /// The statement that [`fetch_all`](Self::fetch_all) runs, for tests and logs.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] when a value of a filter has no form in SQLite.
    pub fn to_sql(&self) -> Result<Sql> {
        let mut columns = Vec::new();
        self.load.columns(&mut columns);
        run::statement(&self.query.clone().settled(), &columns)
    }
}

impl<'s, M: Model, L: Load> Select<'s, M, L> {
    /// How SQLite goes about the statement that [`fetch_all`](Self::fetch_all) runs, which is not run for that: which
    /// tables it scans, which indexes it uses, what it sorts. What `prefetch_related` loads takes statements of its own,
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
        Box::pin(explain::plan(self.session, M::TABLE.name, self.to_sql()))
    }
}

/// Writing. Both mean exactly the rows that the chain would fetch, with its limit and offset.
impl<'s, M: Model, L: Load> Select<'s, M, L> {
    /// Updates the rows; gives their number. Sets `updated_at` too, unless an assignment does.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title("").pages(9)).await?;
    /// let changed = db
    ///     .select::<Book>()
    ///     .filter(|b| b.title.eq(""))
    ///     .update(|b| (b.title.set("Untitled"), b.pages.add(1)))
    ///     .await?;
    /// assert_eq!(changed, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The violated constraint, or [`Error::RecordUpdate`]; nothing is changed then.
    pub fn update<A: Assignments<M>>(self, assignments: impl FnOnce(&M::Columns<M>) -> A) -> Pending<'s, u64>
    where
        L: LoadsRows,
    {
        let mut sets = Vec::new();
        assignments(M::Columns::<M>::COLUMNS).push_onto(&mut sets);
        Box::pin(run::update(self.session, self.query, sets))
    }

    /// Deletes the rows; gives their number, without those that a foreign key deletes with them.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`] when a row is still referred to, or [`Error::RecordDeletion`]; nothing is deleted
    /// then.
    pub fn delete(self) -> Pending<'s, u64>
    where
        L: LoadsRows,
    {
        Box::pin(run::delete(self.session, self.query, None))
    }
}
