//! The to-many relations of a row, loaded or known by its key: `author.books(&db)`, `Book::key(1).tags(&db)`.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::pairs::Pairs;
use super::target_is;
use crate::change::{ColumnValues, given};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::model::{Key, Model, NamesRows, PairsIn, Relation};
use crate::query::{Entity, HasPairs, PairChange, Select};
use crate::session::{Pending, Session};
use crate::sql::{ChosenPairs, RowValues, ast::Expr};
use crate::table::{Link, RelationInfo};
use crate::value::{EncodeError, Value};

/// The related rows of a row over a table of pairs, from the generated method of the relation: `book.tags(&db)`, or
/// `Book::key(1).tags(&db)` for a row that is not loaded.
///
/// It is a [`Select`] over the related rows, with all that a chain has: [`filter`](Select::filter),
/// [`fetch_all`](Select::fetch_all), [`group_by`](Select::group_by) and so on. [`update`](Select::update) and
/// [`delete`](Select::delete) write the related rows themselves, whatever other rows they are related to.
/// [`add`](Select::add), [`remove`](Select::remove), [`set`](Select::set) and [`clear`](Select::clear) change only the
/// pairs.
pub type Links<'s, R> = Select<'s, <R as Relation>::Target, Entity<<R as Relation>::Target>, PairsOf<R>>;

/// The pairs of one row in the many-to-many relation `R`.
pub struct PairsOf<R> {
    /// The key of the row, if it has a form in SQLite.
    key: Result<Value, EncodeError>,
    relation: PhantomData<fn() -> R>,
}

impl<R> Clone for PairsOf<R> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), relation: PhantomData }
    }
}

impl<R: Relation> fmt::Debug for PairsOf<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PairsOf").field("relation", &R::INFO.name).field("key", &self.key).finish()
    }
}

/// The rows that are related to the row with a key over a table of pairs. For generated code.
pub fn linked_rows<'s, R: Relation>(session: &'s Session, source: &Key<R::Source>) -> Links<'s, R> {
    let key = key_of::<R>(source);
    let condition = related_by::<R>(key.clone());
    Select::new(session).related(condition, PairsOf { key, relation: PhantomData })
}

pub(super) fn key_of<R: Relation>(source: &Key<R::Source>) -> Result<Value, EncodeError> {
    source.stored().map(|key| key.first).map_err(|error| match error {
        Error::Encode { reason, .. } => EncodeError::new(reason),
        other => EncodeError::new(other.to_string()),
    })
}

/// The condition that rows meet when they are related by a key.
pub(super) fn related_by<R: Relation>(key: Result<Value, EncodeError>) -> Expr {
    match key {
        Ok(key) => target_is(R::INFO, key),
        Err(error) => Expr::Unencodable { place: R::Target::TABLE.key_column().name, error },
    }
}

impl<R: Relation> PairsOf<R> {
    /// The key of the row, as it is stored.
    pub(super) fn key(self) -> Result<Value> {
        key_or_error(R::INFO, self.key)
    }
}

fn key_or_error(relation: &RelationInfo, key: Result<Value, EncodeError>) -> Result<Value> {
    key.map_err(|error| error.at((relation.source)().name, relation.source_column().name))
}

/// Pairs that are rows of a model.
impl<'s, R: Relation> Links<'s, R> {
    /// Relates the row to a row or a key, or to several of them, as [`add`](Select::add), with values for the new pairs: the relation
    /// is declared with a model `through`, and the values are those of its columns. Both keys are those of the relation, whatever is
    /// given for them. Rows that are related already are skipped, and their pairs stay as they are.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(many_to_many(courses = Course, through = Enrolment))]
    /// # struct Student { pk: Key<Student>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Course { #[model(pk)] code: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # #[model(unique(student_id, course_id))]
    /// # struct Enrolment { pk: Key<Enrolment>, term: i64, student_id: Key<Student>, course_id: Key<Course> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(Student, Course, Enrolment)>().await?;
    /// # let student = db.insert(Student::builder().name("Ada")).await?;
    /// # let course = db.insert(Course::builder().code("SQL")).await?;
    /// student.courses(&db).add_with(&course, |e| e.term.given(2)).await?;
    /// assert_eq!(db.select::<Enrolment>().only(|e| e.term).fetch_all().await?, [2]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`add`](Select::add); [`Error::Encode`] when a value has no form in SQLite, and the violated constraint of the model.
    pub fn add_with<T: Model, N, K: NamesRows<R::Target, N>, G: ColumnValues<T>>(
        self,
        rows: K,
        values: impl FnOnce(&T::Columns<T>) -> G,
    ) -> Pending<'s, ()>
    where
        R: PairsIn<T>,
    {
        let (session, pairs) = self.into_pairs();
        let (others, given) = (rows.stored_keys(), given(values));
        Box::pin(change_pairs(session, R::INFO, pairs.key, PairChange::Add, others, given))
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Target = M>> HasPairs<M> for PairsOf<R> {
    fn change(self, session: &Session, change: PairChange, others: Result<Vec<Value>>) -> Pending<'_, ()> {
        Box::pin(change_pairs(session, R::INFO, self.key, change, others, Ok(RowValues::new())))
    }
}

async fn change_pairs(
    session: &Session,
    relation: &'static RelationInfo,
    key: Result<Value, EncodeError>,
    change: PairChange,
    others: Result<Vec<Value>>,
    given: Result<RowValues>,
) -> Result<()> {
    let source = (relation.source)();
    let key = key_or_error(relation, key)?;
    let (others, given) = (others?, given?);
    let context = Context::new(Operation::Update, source.name);
    // As many as one statement may write on the thread that asks.
    const FEW: usize = 16;
    let pace = match change {
        PairChange::Add | PairChange::Remove if others.len() <= FEW => Pace::Short,
        PairChange::Add | PairChange::Remove | PairChange::Set | PairChange::Clear => Pace::Long,
    };
    let (now, others) = (session.now(), Arc::from(others));
    let work = move |connection: &mut Connection| {
        let Link::Junction(junction) = relation.link else { return Ok(()) };
        let pairs = Pairs::new(relation, &junction, now).with(given.clone());
        pairs.leave_many(connection, context)?;
        let is_inside = !connection.is_autocommit();
        connection.writing(context, |connection| {
            let (removed, adds) = match change {
                PairChange::Add => (None, true),
                PairChange::Remove => (Some(ChosenPairs::With(Arc::clone(&others))), false),
                PairChange::Clear => (Some(ChosenPairs::All), false),
                // Mostly one of both does nothing, and is left out.
                PairChange::Set => {
                    let (removes, adds) = pairs.difference(connection, &key, &others)?;
                    (removes.then(|| ChosenPairs::Without(Arc::clone(&others))), adds)
                }
            };
            let is_one = removed.is_none() || !adds;
            let write = |connection: &mut Connection| {
                if let Some(removed) = &removed {
                    pairs.remove(connection, &key, removed)?;
                }
                if adds { pairs.add(connection, &key, &others) } else { Ok(()) }
            };
            // One statement is all or nothing by itself, unless it is looked at afterwards what the schema made of it.
            match is_inside && (!is_one || pairs.may_be_ignored(connection, context)?) {
                true => connection.atomically(context, write),
                false => write(connection),
            }
        })
    };
    session.write(context, pace, work).await
}
