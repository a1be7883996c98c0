//! Creating, reading, updating and deleting rows by their key.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use crate::engine::{Access, Argument, Connection, Pace, Statement};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::ast::Expr;
use crate::foreign_keys;
use crate::model::{Arguments, ColumnInfo, Draft, Model, NewModel, TableInfo};
use crate::query::{self, Query, SqlWriter};
use crate::relation::Entity;
use crate::session::{Pending, Session};
use crate::value::{AsKey, ColumnType, Encoded, Key, Value};

/// Above this number of rows a bulk insert does not count as short.
const FEW_ROWS: usize = 64;

impl Session {
    /// Inserts a row and gives it back with its key and timestamps.
    ///
    /// # Errors
    ///
    /// The violated constraint, [`Error::Encode`] or [`Error::RecordInsertion`].
    pub fn insert<D: Draft>(&self, draft: D) -> Pending<'_, D::Model> {
        Box::pin(async move {
            let new = draft.build();
            let now = self.now();
            let context = Context::new(Operation::Insert, D::Model::TABLE.name);
            self.run(Access::Write, context, Pace::Short, move |connection| insert(connection, new, now)).await
        })
    }

    /// Inserts any number of rows in one transaction, all or nothing, and gives them back in their order with keys and
    /// timestamps. Inside a transaction it is a savepoint.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); no row is kept then.
    pub fn bulk_insert<I>(&self, drafts: I) -> Pending<'_, Vec<<I::Item as Draft>::Model>>
    where
        I: IntoIterator,
        I::Item: Draft,
    {
        let new: Vec<_> = drafts.into_iter().map(Draft::build).collect();
        Box::pin(async move {
            if new.is_empty() {
                return Ok(Vec::new());
            }
            let now = self.now();
            let pace = if new.len() <= FEW_ROWS { Pace::Short } else { Pace::Long };
            let context = Context::new(Operation::Insert, <I::Item as Draft>::Model::TABLE.name);
            self.run(Access::Write, context, pace, move |connection| {
                connection.atomically(context, |connection| insert_all(connection, new, now))
            })
            .await
        })
    }

    /// The row with this key, or `None`. Takes a key, or a row to read it anew.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when a stored value does not fit, [`Error::RecordFetch`] when SQLite refuses the query.
    pub fn get<K: AsKey>(&self, key: K) -> Get<'_, K::Model> {
        let table = K::Model::TABLE;
        let mut query = Query::new(table);
        query.filters.push(key_is(table, &key.as_key()));
        Get { session: self, query, model: PhantomData }
    }

    /// Writes all columns of the row with the same key, and sets `updated_at` in the database and in the model. The
    /// model is left as it was when that fails.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when there is no row with this key; the violated constraint, [`Error::Encode`] or
    /// [`Error::RecordUpdate`].
    pub fn update<'a, M: Model>(&'a self, model: &'a mut M) -> Pending<'a, ()> {
        Box::pin(self.update_row(model))
    }

    async fn update_row<M: Model>(&self, model: &mut M) -> Result<()> {
        let table = M::TABLE;
        let now = self.now();
        let key = model.primary_key();
        let statement = update_statement(model, &key, now)?;
        let context = Context::new(Operation::Update, table.name);
        self.run(Access::Write, context, Pace::Short, move |connection| match connection.try_execute(&statement) {
            Ok(0) => Err(not_found(&key)),
            Ok(_) => Ok(()),
            Err(report) => {
                let error = connection.error(context, report);
                let values = statement.arguments.into_iter().filter_map(|argument| match argument {
                    Argument::Value(value) => Some(value),
                    Argument::List(_) => None,
                });
                Err(foreign_keys::explain_reference(connection, error, table.updated().zip(values)))
            }
        })
        .await?;
        model.touch(now);
        Ok(())
    }

    /// Deletes the row with this key, and what its foreign keys cascade to. Takes a key or the row.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when there is none, [`Error::ForeignKeyViolation`] when the row is still referred to,
    /// or [`Error::RecordDeletion`].
    pub fn delete<K: AsKey>(&self, key: K) -> Pending<'_, ()> {
        Box::pin(self.delete_row(key.as_key()))
    }

    async fn delete_row<M: Model>(&self, key: Key<M>) -> Result<()> {
        let mut query = Query::new(M::TABLE);
        query.filters.push(key_is(M::TABLE, &key));
        match query::delete(self, query, Some(Pace::Short)).await? {
            0 => Err(not_found(&key)),
            _ => Ok(()),
        }
    }
}

/// The reading of one row by its key, from [`Session::get`]; runs when it is awaited.
#[derive(Debug)]
#[must_use = "nothing is read before this is awaited"]
pub struct Get<'s, M> {
    session: &'s Session,
    query: Query,
    model: PhantomData<fn() -> M>,
}

impl<M> Get<'_, M> {
    /// Reads from the database even when the row is cached, and does not cache it.
    pub const fn bypass_cache(mut self) -> Self {
        self.query.cache.bypass = true;
        self
    }

    /// How long the row may be cached, instead of the time that the database was opened with.
    pub const fn cache_ttl(mut self, ttl: Duration) -> Self {
        self.query.cache.ttl = Some(ttl);
        self
    }
}

impl<'s, M: Model> IntoFuture for Get<'s, M> {
    type Output = Result<Option<M>>;
    type IntoFuture = Pending<'s, Option<M>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let rows = query::rows(self.session, self.query, Entity::<M>::new(), Some(Pace::Short));
            Ok(rows.await?.pop())
        })
    }
}

/// The condition that the key column has this value.
fn key_is<M: Model>(table: &'static TableInfo, key: &Key<M>) -> Expr {
    use crate::expr::ast::Comparison;
    let column = table.key_column();
    let right = Expr::value(key.encode().map(Encoded::into_value), column.name);
    Expr::Compare { left: Box::new(Expr::column(None, column)), operator: Comparison::Equal, right: Box::new(right) }
}

fn not_found<M: Model>(key: &Key<M>) -> Error {
    let key = key.encode().ok().map(|value| value.into_value().to_string());
    Error::RecordNotFound { table: M::TABLE.name.to_owned(), key }
}

fn insert<N: NewModel>(connection: &mut Connection, new: N, now: SystemTime) -> Result<N::Model> {
    match insert_all(connection, vec![new], now)?.pop() {
        Some(model) => Ok(model),
        None => Err(Error::RecordNotFound { table: N::Model::TABLE.name.to_owned(), key: None }),
    }
}

fn insert_all<N: NewModel>(connection: &mut Connection, new: Vec<N>, now: SystemTime) -> Result<Vec<N::Model>> {
    let table = N::Model::TABLE;
    let context = Context::new(Operation::Insert, table.name);
    let mut inserted = Vec::with_capacity(new.len());
    let write =
        |new: &N, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| new.write(&mut Arguments::new(table, now, sink));
    let done = |new: N, row_id| inserted.push(new.into_model(row_id, now));
    match connection.repeat(&insert_sql(table)?, new, context, write, done) {
        Ok(()) => Ok(inserted),
        Err((error, None)) => Err(error),
        Err((error, Some(refused))) => {
            let written = written(table.inserted(), |sink| write(&refused, sink))?;
            Err(foreign_keys::explain_reference(connection, error, written.into_iter()))
        }
    }
}

/// The values that a row writes, beside their columns.
fn written(
    columns: impl Iterator<Item = &'static ColumnInfo>,
    write: impl FnOnce(&mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
) -> Result<Vec<(&'static ColumnInfo, Value)>> {
    let mut values = Vec::new();
    write(&mut |value| {
        values.push(value.into_value());
        Ok(())
    })?;
    Ok(columns.zip(values).collect())
}

fn insert_sql(table: &'static TableInfo) -> Result<String> {
    let mut sql = SqlWriter::new(table);
    sql.push("INSERT INTO ");
    sql.name(table.name);
    let columns = table.inserted().count();
    if columns == 0 {
        sql.push(" DEFAULT VALUES");
    } else {
        sql.push(" (");
        sql.names(table.inserted());
        sql.push(") VALUES (?");
        for _ in 1..columns {
            sql.push(", ?");
        }
        sql.push(")");
    }
    Ok(sql.finish()?.text)
}

fn update_statement<M: Model>(model: &M, key: &Key<M>, now: SystemTime) -> Result<Statement> {
    let table = M::TABLE;
    let mut values = written(table.updated(), |sink| model.write(&mut Arguments::new(table, now, sink)))?;
    let key_column = table.key_column();
    let key = key.encode().map_err(|error| error.at(table.name, key_column.name))?;
    if values.is_empty() {
        // A model that is nothing but its key: the update tells only whether the row is there.
        values.push((key_column, key.clone().into_value()));
    }
    let mut sql = SqlWriter::new(table);
    sql.push("UPDATE ");
    sql.name(table.name);
    for (i, (column, value)) in values.into_iter().enumerate() {
        sql.push(if i == 0 { " SET " } else { ", " });
        sql.name(column.name);
        sql.push(" = ");
        sql.bind(value);
    }
    sql.push(" WHERE ");
    sql.name(key_column.name);
    sql.push(" = ");
    sql.bind(key.into_value());
    sql.finish()
}
