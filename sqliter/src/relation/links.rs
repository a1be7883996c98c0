//! The many-to-many relation of a row in hand.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use super::one::{source_value, target_is};
use super::pairs::Pairs;
use super::{Entity, JoinedSet, Many, PrefetchedSet, Relation};
use crate::column::ColumnType;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::expr::{Filter, Orders};
use crate::model::{AsKey, Model};
use crate::query::{Dictionary, Projection, Select, Selection, SingleSelection};
use crate::row::Record;
use crate::session::{Pending, Session};
use crate::sql::{ChosenPairs, ast::Expr};
use crate::table::Link;
use crate::value::{EncodeError, Value};

/// The related rows of a row in hand over a table of pairs, from the generated method of the relation:
/// `book.tags(&db)`.
///
/// [`add`](Self::add), [`remove`](Self::remove), [`set`](Self::set) and [`clear`](Self::clear) change the pairs, each
/// in one transaction; [`select`](Self::select) and the methods of a chain read the related rows. To update or delete
/// the related rows themselves write `.select().update(…)` or `.select().delete()`.
#[must_use = "nothing is read or written before one of its methods is awaited"]
pub struct Links<'s, R: Relation> {
    session: &'s Session,
    key: Result<Value>,
    relation: PhantomData<fn() -> R>,
}

impl<R: Relation> fmt::Debug for Links<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("relation", &R::INFO.name).field("key", &self.key).finish_non_exhaustive()
    }
}

type Columns<R> = <<R as Relation>::Target as Model>::Columns<<R as Relation>::Target>;

impl<'s, R: Relation<Arity = Many>> Links<'s, R> {
    /// For generated code.
    #[doc(hidden)]
    pub fn new(session: &'s Session, source: &R::Source) -> Self {
        Self { session, key: source_value(R::INFO, source), relation: PhantomData }
    }

    /// The related rows as an ordinary query.
    pub fn select(self) -> Select<'s, R::Target> {
        select_related_by::<R>(self.session, self.key)
    }

    /// Keeps the related rows that meet the condition.
    pub fn filter<C: Filter<R::Target>>(self, condition: impl FnOnce(&Columns<R>) -> C) -> Select<'s, R::Target> {
        self.select().filter(condition)
    }

    /// Sorts the related rows.
    pub fn order<O: Orders<R::Target>>(self, keys: impl FnOnce(&Columns<R>) -> O) -> Select<'s, R::Target> {
        self.select().order(keys)
    }

    /// As [`filter`](Self::filter) when there is a value, else nothing.
    pub fn filter_some<V, C: Filter<R::Target>>(
        self,
        value: Option<V>,
        condition: impl FnOnce(&Columns<R>, V) -> C,
    ) -> Select<'s, R::Target> {
        self.select().filter_some(value, condition)
    }

    /// At most this many related rows.
    pub fn limit(self, rows: u64) -> Select<'s, R::Target> {
        self.select().limit(rows)
    }

    /// Skips this many related rows.
    pub fn offset(self, rows: u64) -> Select<'s, R::Target> {
        self.select().offset(rows)
    }

    /// As [`Select::bypass_cache`].
    pub fn bypass_cache(self) -> Select<'s, R::Target> {
        self.select().bypass_cache()
    }

    /// As [`Select::cache_ttl`].
    pub fn cache_ttl(self, ttl: Duration) -> Select<'s, R::Target> {
        self.select().cache_ttl(ttl)
    }

    /// Loads one column of the related rows.
    pub fn only<S: SingleSelection<R::Target>>(
        self,
        column: impl FnOnce(&Columns<R>) -> S,
    ) -> Select<'s, R::Target, Projection<R::Target, S>> {
        self.select().only(column)
    }

    /// Loads a tuple of columns of the related rows.
    pub fn fields<S: Selection<R::Target>>(
        self,
        columns: impl FnOnce(&Columns<R>) -> S,
    ) -> Select<'s, R::Target, Projection<R::Target, S>> {
        self.select().fields(columns)
    }

    /// Loads all columns of the related rows but these, as dictionaries.
    pub fn exclude<S: Selection<R::Target>>(
        self,
        columns: impl FnOnce(&Columns<R>) -> S,
    ) -> Select<'s, R::Target, Dictionary<R::Target>> {
        self.select().exclude(columns)
    }

    /// Loads to-one relations beside each related row; see [`Select::select_related`].
    pub fn select_related<S: JoinedSet<R::Target>>(
        self,
        relations: impl FnOnce(&Columns<R>) -> S,
    ) -> Select<'s, R::Target, Entity<R::Target, S::Tuple>> {
        self.select().select_related(relations)
    }

    /// Fetches to-many relations beside the related rows; see [`Select::prefetch_related`].
    pub fn prefetch_related<S: PrefetchedSet<R::Target>>(
        self,
        relations: impl FnOnce(&Columns<R>) -> S,
    ) -> Select<'s, R::Target, Entity<R::Target, S::Tuple>> {
        self.select().prefetch_related(relations)
    }

    /// All related rows.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_all(self) -> Result<Vec<R::Target>> {
        self.select().fetch_all().await
    }

    /// The first related row that comes, or `None`.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_one(self) -> Result<Option<R::Target>> {
        self.select().fetch_one().await
    }

    /// The first related row in the order of the key.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_first(self) -> Result<Option<R::Target>> {
        self.select().fetch_first().await
    }

    /// The last related row in the order of the key.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_last(self) -> Result<Option<R::Target>> {
        self.select().fetch_last().await
    }

    /// As [`fetch_one`](Self::fetch_one), for a row that must be there.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_required`].
    pub async fn fetch_required(self) -> Result<R::Target> {
        self.select().fetch_required().await
    }

    /// The only related row.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_only`].
    pub async fn fetch_only(self) -> Result<R::Target> {
        self.select().fetch_only().await
    }

    /// All related rows, as dictionaries.
    ///
    /// # Errors
    ///
    /// As [`Select::fetch_all`].
    pub async fn fetch_dicts(self) -> Result<Vec<Record>> {
        self.select().fetch_dicts().await
    }

    /// The number of related rows.
    ///
    /// # Errors
    ///
    /// As [`Select::count`].
    pub async fn count(self) -> Result<u64> {
        self.select().count().await
    }

    /// Whether there is a related row.
    ///
    /// # Errors
    ///
    /// As [`Select::exists`].
    pub async fn exists(self) -> Result<bool> {
        self.select().exists().await
    }

    /// Relates the row to these rows or keys; to which it is related already does not matter.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when one of the rows does not exist,
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema ignores a pair; nothing is changed then.
    #[expect(clippy::should_implement_trait, reason = "it has nothing to do with the operator")]
    pub fn add<I>(self, rows: I) -> Pending<'s, ()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        self.change(rows, Pace::of_rows, |connection, pairs, key, others| pairs.add(connection, key, others))
    }

    /// Ends the relation to these rows or keys; to which it is not related does not matter.
    ///
    /// # Errors
    ///
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema keeps a pair, or
    /// [`Error::RecordDeletion`](crate::Error::RecordDeletion) when SQLite refuses; nothing is changed then.
    pub fn remove<I>(self, rows: I) -> Pending<'s, ()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        self.change(rows, Pace::of_rows, |connection, pairs, key, others| {
            pairs.remove(connection, key, &ChosenPairs::With(others.into()))
        })
    }

    /// Relates the row to exactly these rows or keys. Pairs that stay are not touched.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn set<I>(self, rows: I) -> Pending<'s, ()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        self.change(
            rows,
            |_| Pace::Long,
            |connection, pairs, key, others| {
                pairs.remove(connection, key, &ChosenPairs::Without(others.clone().into()))?;
                pairs.add(connection, key, others)
            },
        )
    }

    /// Ends the relation to all rows.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove).
    pub async fn clear(self) -> Result<()> {
        let none: [&R::Target; 0] = [];
        self.change(none, |_| Pace::Long, |connection, pairs, key, _| pairs.remove(connection, key, &ChosenPairs::All))
            .await
    }

    fn change<I>(
        self,
        rows: I,
        pace: fn(usize) -> Pace,
        work: impl Fn(&mut Connection, &Pairs, &Value, Vec<Value>) -> Result<()> + Send + 'static,
    ) -> Pending<'s, ()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        let target = R::Target::TABLE;
        let others = rows
            .into_iter()
            .map(|row| match row.as_key().encode() {
                Ok(key) => Ok(key.into_value()),
                Err(error) => Err(error.at(target.name, target.key_column().name)),
            })
            .collect::<Result<Vec<_>>>();
        let Self { session, key, .. } = self;
        Box::pin(async move {
            let (key, others) = (key?, others?);
            let context = Context::new(Operation::Update, R::Source::TABLE.name);
            let now = session.now();
            session
                .write(context, pace(others.len()), move |connection| {
                    let Link::Junction(junction) = R::INFO.link else { return Ok(()) };
                    let pairs = Pairs::new(R::INFO, &junction, now);
                    connection.atomically(context, |connection| work(connection, &pairs, &key, others.clone()))
                })
                .await
        })
    }
}

/// The rows that refer to a row in hand, as a query.
pub fn related_rows<'s, R: Relation>(session: &'s Session, source: &R::Source) -> Select<'s, R::Target> {
    select_related_by::<R>(session, source_value(R::INFO, source))
}

/// The related rows of a key as a query.
fn select_related_by<R: Relation>(session: &Session, key: Result<Value>) -> Select<'_, R::Target> {
    let place = R::Target::TABLE.key_column().name;
    Select::new(session).with_filter(match key {
        Ok(key) => target_is(R::INFO, key),
        Err(error) => Expr::Unencodable { place, error: EncodeError::new(error.to_string()) },
    })
}
