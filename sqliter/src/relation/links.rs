//! The many-to-many relation of a row in hand.

use std::fmt;
use std::marker::PhantomData;

use super::one::{source_value, target_is};
use super::{Many, Relation};
use crate::engine::{Access, Argument, Connection, Pace, Statement};
use crate::error::{Context, Operation, Result};
use crate::expr::{Condition, Orders};
use crate::foreign_keys::quoted;
use crate::model::{Junction, Link, Model};
use crate::query::Select;
use crate::session::Session;
use crate::value::{AsKey, ColumnType, Encoded, Value};

/// The related rows of a row in hand over a table of pairs, from the generated method of the relation:
/// `book.tags(&db)`.
///
/// [`add`](Self::add), [`remove`](Self::remove), [`set`](Self::set) and [`clear`](Self::clear) change the pairs, each
/// in one transaction; [`select`](Self::select) and the methods of a chain read the related rows.
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
    pub fn filter(self, condition: impl FnOnce(&Columns<R>) -> Condition<R::Target>) -> Select<'s, R::Target> {
        self.select().filter(condition)
    }

    /// Sorts the related rows.
    pub fn order<O: Orders<R::Target>>(self, keys: impl FnOnce(&Columns<R>) -> O) -> Select<'s, R::Target> {
        self.select().order(keys)
    }

    /// At most this many related rows.
    pub fn limit(self, rows: u64) -> Select<'s, R::Target> {
        self.select().limit(rows)
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
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when one of the rows does not exist; nothing
    /// is changed then.
    pub async fn add<I>(self, rows: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        self.change(rows, |connection, pairs, key, others| pairs.add(connection, key, others)).await
    }

    /// Ends the relation to these rows or keys; to which it is not related does not matter.
    ///
    /// # Errors
    ///
    /// [`Error::RecordDeletion`](crate::Error::RecordDeletion) when SQLite refuses; nothing is changed then.
    pub async fn remove<I>(self, rows: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        self.change(rows, |connection, pairs, key, others| pairs.remove(connection, key, Some(others))).await
    }

    /// Relates the row to exactly these rows or keys.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub async fn set<I>(self, rows: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        self.change(rows, |connection, pairs, key, others| {
            pairs.remove(connection, key, None)?;
            pairs.add(connection, key, others)
        })
        .await
    }

    /// Ends the relation to all rows.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove).
    pub async fn clear(self) -> Result<()> {
        let none: [&R::Target; 0] = [];
        self.change(none, |connection, pairs, key, _| pairs.remove(connection, key, None)).await
    }

    async fn change<I>(
        self,
        rows: I,
        work: impl FnOnce(&mut Connection, &Pairs, &Value, Vec<Value>) -> Result<()> + Send + 'static,
    ) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsKey<Model = R::Target>,
    {
        let key = self.key?;
        let column = R::Target::TABLE.key_column();
        let others = rows
            .into_iter()
            .map(|row| match row.as_key().encode() {
                Ok(key) => Ok(Encoded::into_value(key)),
                Err(error) => Err(crate::Error::Encode {
                    table: R::Target::TABLE.name.to_owned(),
                    column: column.name.to_owned(),
                    reason: error.0,
                }),
            })
            .collect::<Result<Vec<_>>>()?;
        let context = Context::new(Operation::Update, R::Source::TABLE.name);
        self.session
            .run(Access::Write, context, Pace::Long, move |connection| {
                let Link::Junction(junction) = R::INFO.link else { return Ok(()) };
                let pairs = Pairs { names: junction.names() };
                connection.atomically(context, |connection| work(connection, &pairs, &key, others))
            })
            .await
    }
}

/// The rows that refer to a row in hand, as a query.
pub fn related_rows<'s, R: Relation>(session: &'s Session, source: &R::Source) -> Select<'s, R::Target> {
    select_related_by::<R>(session, source_value(R::INFO, source))
}

/// The related rows of a key as a query.
fn select_related_by<R: Relation>(session: &Session, key: Result<Value>) -> Select<'_, R::Target> {
    let column = R::Target::TABLE.key_column();
    Select::new(session).with_filter(match key {
        Ok(key) => target_is(R::INFO, key),
        Err(error) => crate::expr::ast::Expr::Unencodable { column, error: crate::EncodeError::new(error.to_string()) },
    })
}

/// The table of pairs, with what can be done to it.
struct Pairs {
    names: Junction,
}

impl Pairs {
    fn add(&self, connection: &mut Connection, key: &Value, others: Vec<Value>) -> Result<()> {
        let Junction { table, source, target, symmetrical } = &self.names;
        let sql = format!(
            "INSERT INTO {} ({}, {}) VALUES (?, ?) ON CONFLICT DO NOTHING",
            quoted(table),
            quoted(source),
            quoted(target),
        );
        let context = Context::new(Operation::Insert, table);
        for other in others {
            // A symmetrical pair is stored once, the smaller key on the left.
            let (left, right) = match *symmetrical && is_less(&other, key) {
                true => (other, key.clone()),
                false => (key.clone(), other),
            };
            let arguments = vec![Argument::Value(left), Argument::Value(right)];
            let statement = Statement { text: sql.clone(), arguments };
            if let Err(report) = connection.try_execute(&statement) {
                let mut error = connection.error(context, report);
                if let crate::Error::ForeignKeyViolation { columns, .. } = &mut error {
                    columns.push(target.to_string());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Removes the pairs with the others, or all.
    fn remove(&self, connection: &mut Connection, key: &Value, others: Option<Vec<Value>>) -> Result<()> {
        let Junction { table, source, target, symmetrical } = &self.names;
        let one_way = |from: &str, to: &str| match others {
            Some(_) => format!("({} = ? AND {} IN rarray(?))", quoted(from), quoted(to)),
            None => format!("{} = ?", quoted(from)),
        };
        let mut text = format!("DELETE FROM {} WHERE {}", quoted(table), one_way(source, target));
        if *symmetrical {
            text.push_str(" OR ");
            text.push_str(&one_way(target, source));
        }
        let mut arguments = vec![Argument::Value(key.clone())];
        arguments.extend(others.map(|others| Argument::List(others.into())));
        if *symmetrical {
            arguments.extend_from_within(..);
        }
        let context = Context::new(Operation::Delete, table);
        connection
            .try_execute(&Statement { text, arguments })
            .map(|_| ())
            .map_err(|report| connection.error(context, report))
    }
}

fn is_less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a < b,
        (Value::Text(a), Value::Text(b)) => a < b,
        (Value::Blob(a), Value::Blob(b)) => a < b,
        _ => false,
    }
}
