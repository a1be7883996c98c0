//! The typed chain.

use std::marker::PhantomData;
use std::time::Duration;

use super::selection::expressions;
use super::{
    Aggregates, Append, AsRow, AtMostSixteen, ChoosesValues, Cursor, DistinctValues, Entity, Excludes, GivesRows,
    Grouped, Groups, HasGroups, HasPairs, JoinedSet, Load, LoadsModels, LoadsRows, NoPairs, OneStatement, Page,
    PairChange, PrefetchedSet, Projection, QueryPlan, Records, RowStream, Selection, Shape, SingleSelection, change,
    explain, page, run, stream,
};
use crate::error::{Error, Result};
use crate::expr::{Assignments, Computed, Counted, Filter, Having, Orders};
use crate::model::{AsKey, Columns, Model, Writes};
use crate::row::{Record, Row};
use crate::session::{Pending, Session};
use crate::sql::{Query, Sql, SqlWriter, ast::Expr};
use crate::value::Value;

/// A tuple with more appended.
type Grown<T, U> = <T as Append<U>>::Output;

/// The number of related rows beside each row.
type Count<M> = (Computed<M, i64>,);

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
pub struct Select<'s, M, S = Entity<M>, P = NoPairs> {
    session: &'s Session,
    query: Query,
    shape: S,
    pairs: P,
    model: PhantomData<fn() -> M>,
}

impl<M, S: Clone, P: Clone> Clone for Select<'_, M, S, P> {
    fn clone(&self) -> Self {
        Self {
            session: self.session,
            query: self.query.clone(),
            shape: self.shape.clone(),
            pairs: self.pairs.clone(),
            model: PhantomData,
        }
    }
}

impl<M, S, P> std::fmt::Debug for Select<'_, M, S, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Select").field("query", &self.query).finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a query over the rows of a model.
    pub const fn select<M: Model>(&self) -> Select<'_, M> {
        Select::new(self)
    }
}

impl<'s, M: Model> Select<'s, M> {
    pub(crate) const fn new(session: &'s Session) -> Self {
        Self { session, query: Query::new(M::TABLE), shape: Entity::new(), pairs: NoPairs, model: PhantomData }
    }

    /// The rows that meet the condition, related by the pairs.
    pub(crate) fn related<P>(mut self, condition: Expr, pairs: P) -> Select<'s, M, Entity<M>, P> {
        self.query.filters.push(condition);
        Select { session: self.session, query: self.query, shape: self.shape, pairs, model: PhantomData }
    }
}

impl<'s, M: Model, S, P> Select<'s, M, S, P> {
    /// The rows as an ordinary query, if the chain is the many-to-many relation of a row; else nothing changes. Every
    /// other method of a chain does this by itself.
    pub fn select(self) -> Select<'s, M, S> {
        Select { session: self.session, query: self.query, shape: self.shape, pairs: NoPairs, model: PhantomData }
    }

    fn reshaped<N>(self, shape: N) -> Select<'s, M, N> {
        Select { session: self.session, query: self.query, shape, pairs: NoPairs, model: PhantomData }
    }
}

/// Which rows, in which order.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Keeps the rows that meet the condition, besides all earlier conditions.
    pub fn filter<C: Filter<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.filters.push(condition(M::Columns::<M>::COLUMNS).into_condition().into_expr());
        chain
    }

    /// As [`filter`](Self::filter) when there is a value, else nothing.
    pub fn filter_some<V, C: Filter<M>>(
        self,
        value: Option<V>,
        condition: impl FnOnce(&M::Columns<M>, V) -> C,
    ) -> Select<'s, M, S> {
        match value {
            Some(value) => self.filter(|columns| condition(columns, value)),
            None => self.select(),
        }
    }

    /// Sorts by the keys, after the keys of earlier calls.
    ///
    /// Rows that are equal in all of them come in the order of the primary key, groups in the order of what they are
    /// grouped by, in the direction of the last sort key. An order with a limit or an offset before
    /// [`group_by`](Self::group_by), [`annotate`](Self::annotate) or [`distinct`](Self::distinct) says which rows are
    /// grouped, and does not sort the groups.
    pub fn order<O: Orders<M, S::Level>>(self, keys: impl FnOnce(&M::Columns<M>) -> O) -> Select<'s, M, S> {
        let mut chain = self.select();
        keys(M::Columns::<M>::COLUMNS).push_onto(&mut chain.query.order);
        chain
    }

    /// At most this many rows; 0 gives none. A later call replaces an earlier one.
    ///
    /// Before [`group_by`](Self::group_by), [`annotate`](Self::annotate) or [`distinct`](Self::distinct) it says which
    /// rows are grouped, after them how many groups come: `.order(|b| b.rating.desc()).limit(3).annotate(|b|
    /// b.rating.avg())` is the average of the three best.
    pub fn limit(self, rows: u64) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.limit = Some(rows);
        chain
    }

    /// Skips this many rows. A later call replaces an earlier one. With groups, as [`limit`](Self::limit).
    pub fn offset(self, rows: u64) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.offset = rows;
        chain
    }

    /// Reads from the database even when the result is cached, and does not cache it.
    pub fn bypass_cache(self) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.cache.bypass = true;
        chain
    }

    /// How long the result may be cached, instead of the time that the database was opened with.
    pub fn cache_ttl(self, ttl: Duration) -> Select<'s, M, S> {
        let mut chain = self.select();
        chain.query.cache.ttl = Some(ttl);
        chain
    }

    /// Loads one column, or one computed value, instead of the whole model.
    pub fn only<V: SingleSelection<M>>(
        self,
        column: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Projection<M, V>>
    where
        S: GivesRows<M>,
    {
        self.reshaped(Projection::new(column(M::Columns::<M>::COLUMNS)))
    }

    /// Loads a tuple of columns and computed values instead of the whole model.
    pub fn fields<V: Selection<M>>(self, columns: impl FnOnce(&M::Columns<M>) -> V) -> Select<'s, M, Projection<M, V>>
    where
        S: GivesRows<M>,
    {
        self.reshaped(Projection::new(columns(M::Columns::<M>::COLUMNS)))
    }

    /// Groups the rows that have the same values, and gives these values for each group; `NULL` is a value here.
    /// Further calls group by further values. A [`limit`](Self::limit) or [`offset`](Self::offset) so far is about the
    /// rows that are grouped, a later one about the groups.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, category: String, amount: f64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.insert(Sale::builder().category("tea").amount(21.0)).await?;
    /// let report: Vec<(String, i64, Option<f64>)> = db
    ///     .select::<Sale>()
    ///     .group_by(|s| s.category)
    ///     .annotate(|s| (count(), s.amount.avg()))
    ///     .having(|s| s.amount.sum().gt(20.0))
    ///     .order(|s| s.amount.sum().desc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(report, [("tea".to_owned(), 1, Some(21.0))]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn group_by<V: Selection<M>>(
        mut self,
        values: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Grouped<M, Grown<S::Items, V::Tuple>>>
    where
        S: Groups<M>,
        S::Items: Append<V::Tuple, Output: AtMostSixteen>,
    {
        let values = values(M::Columns::<M>::COLUMNS);
        self.query.group(expressions::<M>(&values));
        self.grouped(values.into_tuple())
    }

    /// Gives aggregates of each group beside what the groups are grouped by. Without `group_by` all rows are one group,
    /// also when there are none, so that exactly one row comes. Further calls give further aggregates. A
    /// [`limit`](Self::limit) before is about the rows, as for [`group_by`](Self::group_by).
    pub fn annotate<V: Aggregates<M>>(
        mut self,
        aggregates: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Grouped<M, Grown<S::Items, V::Tuple>>>
    where
        S: Groups<M>,
        S::Items: Append<V::Tuple, Output: AtMostSixteen>,
    {
        self.query.group(Vec::new());
        self.grouped(aggregates(M::Columns::<M>::COLUMNS).into_tuple())
    }

    fn grouped<T>(self, further: T) -> Select<'s, M, Grouped<M, Grown<S::Items, T>>>
    where
        S: Groups<M>,
        S::Items: Append<T, Output: AtMostSixteen>,
    {
        let Self { session, query, shape, .. } = self;
        let shape = Grouped::new(shape.into_items().append(further));
        Select { session, query, shape, pairs: NoPairs, model: PhantomData }
    }

    /// Gives each row, or each group, as a struct that derives [`Row`](crate::Row): its fields are filled by the names of
    /// what the chain selects. A column is called by its own name, `count()` is `count`, `s.amount.sum()` is
    /// `sum_amount`, and whatever has an [`alias`](crate::bounds::Computed::alias) is called by that.
    ///
    /// ```
    /// use sqliter::Row;
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, country: String, amount: f64 }
    /// #[derive(Debug, PartialEq, Row)]
    /// struct CountryTotal {
    ///     country: String,
    ///     total: Option<f64>,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.insert(Sale::builder().country("at").amount(1.5)).await?;
    /// let totals: Vec<CountryTotal> = db
    ///     .select::<Sale>()
    ///     .group_by(|s| s.country)
    ///     .annotate(|s| s.amount.sum().alias("total"))
    ///     .into_rows::<CountryTotal>()
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(totals, [CountryTotal { country: "at".to_owned(), total: Some(1.5) }]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A field without its column is [`Error::MissingColumn`] when the query runs.
    pub fn into_rows<R: Row>(self) -> Select<'s, M, AsRow<S, R>>
    where
        S: OneStatement<M>,
    {
        let Self { session, query, shape, .. } = self;
        Select { session, query, shape: AsRow::of(shape), pairs: NoPairs, model: PhantomData }
    }
}

/// What the groups give.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Keeps the groups that meet the condition, besides all earlier conditions. A condition on what the groups are
    /// grouped by belongs in [`filter`](Self::filter): it holds for all rows of a group or for none.
    pub fn having<C: Having<M>>(self, condition: impl FnOnce(&M::Columns<M>) -> C) -> Select<'s, M, S>
    where
        S: HasGroups,
    {
        let mut chain = self.select();
        let condition = condition(M::Columns::<M>::COLUMNS).into_condition().into_expr();
        chain.query.grouping.get_or_insert_default().having.push(condition);
        chain
    }

    /// Each chosen value, or combination of values, once: `SELECT DISTINCT`, written as `GROUP BY`. A
    /// [`limit`](Self::limit) before is about the rows that the values are of, a later one about the values.
    pub fn distinct(self) -> Select<'s, M, DistinctValues<S>>
    where
        S: ChoosesValues,
    {
        let Self { session, mut query, shape, .. } = self;
        query.group(expressions(&shape));
        Select { session, query, shape: DistinctValues::new(shape), pairs: NoPairs, model: PhantomData }
    }
}

/// What is loaded beside the rows, or left out.
impl<'s, M: Model, S: Load<M>, P> Select<'s, M, S, P> {
    /// Loads all columns but these, as records. Further calls exclude further columns. Columns of related rows are
    /// not among those that are loaded, so excluding them changes nothing.
    ///
    /// ```
    /// # use sqliter::Value;
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
    pub fn exclude<V: Selection<M>>(self, columns: impl FnOnce(&M::Columns<M>) -> V) -> Select<'s, M, Records<M>>
    where
        S: Excludes<M>,
    {
        let Self { session, query, shape, .. } = self;
        let mut shape = shape.into_records();
        shape.exclude(expressions::<M>(&columns(M::Columns::<M>::COLUMNS)));
        Select { session, query, shape, pairs: NoPairs, model: PhantomData }
    }

    /// Loads to-one relations beside each row, by joins in the same statement: a `Book` becomes a `(Book, Author)`,
    /// behind a nullable key a `(Book, Option<Author>)`. Further calls add further relations.
    ///
    /// A row whose required key leads to no row, as a program leaves it that does not enforce foreign keys, is
    /// [`Error::MissingParent`] when it is fetched.
    pub fn select_related<R: JoinedSet<M>>(
        self,
        relations: impl FnOnce(&M::Columns<M>) -> R,
    ) -> Select<'s, M, Grown<S::Parts, R::Tuple>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<R::Tuple, Output: AtMostSixteen>,
    {
        self.append(relations(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Fetches to-many relations beside the rows, by one further statement for each relation, whatever the number of
    /// rows: an `Author` becomes an `(Author, Vec<Book>)`. All statements see the same state of the database. Further
    /// calls add further relations.
    pub fn prefetch_related<R: PrefetchedSet<M>>(
        self,
        relations: impl FnOnce(&M::Columns<M>) -> R,
    ) -> Select<'s, M, Grown<S::Parts, R::Tuple>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<R::Tuple, Output: AtMostSixteen>,
    {
        self.append(relations(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Counts related rows beside each row, by a subquery for each count, so that several do not multiply each other:
    /// an `Author` becomes an `(Author, i64)`. The path may lead over to-one relations, and by
    /// [`then`](crate::relation::ToMany::then) over several to-many ones.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(has_many(books = Book::author))]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, author_id: Key<Author> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Author, Book)>().await?;
    /// # db.insert(Author::builder().name("Ada")).await?;
    /// let authors: Vec<(Author, i64)> = db
    ///     .select::<Author>()
    ///     .with_count(|a| a.books)
    ///     .order(|a| a.books.count().desc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(authors[0].1, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_count<C: Counted<M>>(
        self,
        related: impl FnOnce(&M::Columns<M>) -> C,
    ) -> Select<'s, M, Grown<S::Parts, Count<M>>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<Count<M>, Output: AtMostSixteen>,
    {
        self.append((related(M::Columns::<M>::COLUMNS).counted(),))
    }

    /// Loads computed values beside each row: `.with_values(|a| a.books.aggregate(|b| b.pages.sum()))` makes an
    /// `(Author, Option<i64>)` of an `Author`.
    pub fn with_values<V: Selection<M>>(
        self,
        values: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Select<'s, M, Grown<S::Parts, V::Tuple>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<V::Tuple, Output: AtMostSixteen>,
    {
        self.append(values(M::Columns::<M>::COLUMNS).into_tuple())
    }

    /// Loads further parts beside each row.
    fn append<T>(self, further: T) -> Select<'s, M, Grown<S::Parts, T>>
    where
        S: LoadsModels<M>,
        S::Parts: Append<T, Output: AtMostSixteen>,
    {
        let Self { session, query, shape, .. } = self;
        Select { session, query, shape: shape.into_parts().append(further), pairs: NoPairs, model: PhantomData }
    }
}

/// Reading. The order of the rows is that of the chain; without one, that of the primary key if there is a limit or an
/// offset, else whichever comes easiest to SQLite.
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

    /// The last row in the order of the chain, or of the key if the chain has none: of the rows that
    /// [`fetch_all`](Self::fetch_all) gives in that order the last, also when a limit or an offset says which these are.
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
    /// The rows are those of one moment. Streams have connections of their own, besides those of
    /// [`max_readers`](crate::DbOptions::max_readers): up to 16 run at a time, and others wait for one of them to end. Inside a
    /// transaction a stream holds the connection of the transaction, whose other statements wait. Of a database in memory
    /// the rows are read at once, so that nobody waits for the stream.
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
    /// let first = books.clone().page_after(None, 2).await?;
    /// assert_eq!(first.rows.len(), 2);
    /// let second = books.page_after(first.next, 2).await?;
    /// assert_eq!((second.rows.len(), second.next), (1, None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Cursor`] when the cursor belongs to a query over another model or with another order, the values in it
    /// included, or was changed; [`Error::KeyNotUnique`] when two rows have all that they are sorted by in common, their
    /// key included; else as [`fetch_all`](Self::fetch_all).
    pub async fn page_after(self, cursor: Option<Cursor>, rows: u64) -> Result<Page<S::Output>>
    where
        S: GivesRows<M>,
    {
        page::page::<M, _>(self.session, self.query, self.shape, cursor, rows).await
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
    /// guarantee less than the models say, columns are compared by functions besides, as the log and
    /// [`explain`](Self::explain) tell.
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
        let mut columns = Vec::new();
        self.shape.columns(&mut columns);
        Box::pin(explain::plan(self.session, self.query.clone().settled(), columns))
    }
}

/// Writing. Both mean exactly the rows that the chain would fetch, with its limit and offset. On the many-to-many relation of
/// a row they are about the related rows themselves: `book.tags(&db).delete()` deletes the tags, also for other books, while
/// `book.tags(&db).clear()` only ends the relation to them.
impl<'s, M: Model, S: Shape<M>, P> Select<'s, M, S, P> {
    /// Updates the rows; gives their number. Sets `updated_at` too, unless an assignment does. All values are computed
    /// from the rows as they are before the update, those of related rows too.
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
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        let mut sets = Vec::new();
        assignments(M::Columns::<M>::COLUMNS).push_onto(&mut sets);
        Box::pin(change::update(self.session, self.query, sets))
    }

    /// Deletes the rows; gives their number, without those that a foreign key deletes with them.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`] when a row is still referred to, or [`Error::RecordDeletion`]; nothing is deleted
    /// then.
    pub fn delete(self) -> Pending<'s, u64>
    where
        S: LoadsRows,
        M::Access: Writes<M>,
    {
        Box::pin(change::delete(self.session, self.query))
    }
}

/// The table of pairs of a many-to-many relation, as in `book.tags(&db).add([&tag])`: it is the pairs that come and go,
/// not the rows. Each call is one transaction.
impl<'s, M: Model, S, P> Select<'s, M, S, P> {
    /// Relates the row to these rows or keys. Rows that are related already are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`] when one of the rows does not exist, [`Error::Ignored`] when the schema ignores a
    /// pair; nothing is changed then.
    #[expect(clippy::should_implement_trait, reason = "it has nothing to do with the operator")]
    pub fn add<I>(self, rows: I) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
        I: IntoIterator,
        I::Item: AsKey<Model = M>,
    {
        self.pairs.change(self.session, PairChange::Add, keys(rows))
    }

    /// Ends the relation to these rows or keys. Rows that are not related are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Ignored`] when the schema keeps a pair, or [`Error::RecordDeletion`] when SQLite refuses; nothing is
    /// changed then.
    pub fn remove<I>(self, rows: I) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
        I: IntoIterator,
        I::Item: AsKey<Model = M>,
    {
        self.pairs.change(self.session, PairChange::Remove, keys(rows))
    }

    /// Relates the row to exactly these rows or keys. Pairs that stay are not touched.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn set<I>(self, rows: I) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
        I: IntoIterator,
        I::Item: AsKey<Model = M>,
    {
        self.pairs.change(self.session, PairChange::Set, keys(rows))
    }

    /// Ends the relation to all rows. The rows themselves stay; [`delete`](Self::delete) deletes them.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove).
    pub fn clear(self) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
    {
        self.pairs.change(self.session, PairChange::Clear, Ok(Vec::new()))
    }
}

/// The keys of rows, which are one column each.
fn keys<I>(rows: I) -> Result<Vec<Value>>
where
    I: IntoIterator,
    I::Item: AsKey,
{
    rows.into_iter().map(|row| Ok(row.as_key().stored()?.first)).collect()
}
