//! An insert as a value, which can be told to give back what it has written.

use super::given::{Given, Taken};
use super::insert_given::ColumnValue;
use super::write_rows::{Existing, Rows};
use crate::engine::{Connection, Pace, RowRef};
use crate::error::{Context, Error, Operation, Result};
use crate::model::{Draft, Model, NewModel};
use crate::query::{Entity, Most, Shape, Work, Write, prepared, read};
use crate::session::{Pending, Session};
use crate::sql::Sql;
use crate::sql::ast::Selected;

/// Rows to insert. Awaited, it gives what the method says that began it.
pub type Insert<'s, M, T = M> = Write<'s, M, NewRows<M>, T>;

/// A row with the values that are given for it.
pub(crate) type NewRow<M> = (<M as Model>::New, Vec<ColumnValue<M>>);

/// Rows to insert, and what becomes of those that are there.
pub struct NewRows<M: Model> {
    pub(crate) rows: Vec<NewRow<M>>,
    pub(crate) existing: Option<Existing>,
    /// Whether the call is for many rows, so that an error names the row.
    pub(crate) many: bool,
}

impl<M: Model> NewRows<M> {
    pub(crate) fn one(new: M::New, given: Vec<ColumnValue<M>>) -> Self {
        Self { rows: vec![(new, given)], existing: None, many: false }
    }

    pub(crate) const fn many(rows: Vec<NewRow<M>>) -> Self {
        Self { rows, existing: None, many: true }
    }

    pub(crate) fn of_drafts(drafts: impl IntoIterator<Item: Draft<Model = M>>) -> Self {
        Self::many(drafts.into_iter().map(|draft| (draft.build(), Vec::new())).collect())
    }

    pub(crate) fn unless(self, existing: Existing) -> Self {
        Self { existing: Some(existing), ..self }
    }
}

impl<M: Model> Work<M> for NewRows<M> {
    fn giving<S: Shape<M>>(self, session: &Session, shape: S, most: Most) -> Pending<'_, Vec<S::Output>> {
        Box::pin(async move {
            let given = giving::<M, S>(session, self, shape, most).await?;
            Ok(given.into_iter().map(|(row, _)| row).collect())
        })
    }

    fn statements(self, session: &Session) -> Result<Vec<Sql>> {
        Rows::of(&self, session.now(), Vec::new())?.statements()
    }
}

pub(super) const fn context<M: Model>() -> Context<'static> {
    Context::new(Operation::Insert, M::TABLE.name)
}

/// What the insert gives back of each row that was written, or that was there and is given; and whether it was written.
pub(super) async fn giving<M: Model, S: Shape<M>>(
    session: &Session,
    new: NewRows<M>,
    mut shape: S,
    most: Most,
) -> Result<Vec<(S::Output, bool)>> {
    let returning = prepared::<M, S>(&mut shape)?;
    let rows = Rows::of(&new, session.now(), returning)?;
    let context = context::<M>();
    let write = move |connection: &mut Connection| {
        let mut given = Given::of(&rows);
        let decode = |row: &RowRef<'_>| read::<M, S>(&shape, row);
        rows.write_whole(connection, context, most, &mut given.taking(&decode))?;
        Ok(given.in_order())
    };
    match new.rows.len() {
        0 => Ok(Vec::new()),
        number => session.write(context, Pace::of_rows(number), write).await,
    }
}

/// The row as it is after an upsert; and whether it was inserted.
pub(super) async fn telling<M: Model>(session: &Session, new: NewRows<M>) -> Result<Vec<(M, bool)>> {
    let rows = Rows::of(&new, session.now(), Selected::row(None, M::TABLE).collect())?;
    let context = context::<M>();
    let write = move |connection: &mut Connection| {
        connection.writing_whole(context, |connection| {
            let is_there = rows.any_is_there(connection, context)?;
            let mut given = Vec::with_capacity(rows.number());
            rows.write(connection, context, &mut |_, _, row: &RowRef<'_>| {
                given.push((M::decode(row)?, !is_there));
                Ok(())
            })?;
            Ok(given)
        })
    };
    session.write(context, Pace::Short, write).await
}

/// The only row of an insert, as it is stored. Without one, the schema has ignored it.
pub(super) async fn one<M: Model>(session: &Session, new: NewRows<M>) -> Result<M> {
    all(session, new).await?.pop().ok_or_else(|| Error::ignored(Operation::Insert, M::TABLE.name))
}

/// All rows of an insert, as they are stored.
pub(super) async fn all<M: Model>(session: &Session, new: NewRows<M>) -> Result<Vec<M>> {
    let given = giving::<M, _>(session, new, Entity::<M>::new(), Most::Any).await?;
    Ok(given.into_iter().map(|(row, _)| row).collect())
}

/// The number of the rows that were written.
pub(super) async fn number<M: Model>(session: &Session, new: NewRows<M>) -> Result<u64> {
    let rows = Rows::of(&new, session.now(), Vec::new())?;
    let context = context::<M>();
    match new.rows.len() {
        0 => Ok(0),
        number => {
            let write = move |connection: &mut Connection| {
                let write = |connection: &mut Connection| rows.write(connection, context, &mut |_, _, _| Ok(()));
                Ok(connection.writing_rows(number, context, write)?.number)
            };
            session.write(context, Pace::of_rows(number), write).await
        }
    }
}

/// The new row, of which SQLite computes nothing, unless one is there, which is left as it is.
pub(super) async fn one_unless_there<M: Model>(session: &Session, mut new: NewRows<M>) -> Result<Option<M>> {
    let now = session.now();
    let rows = Rows::of(&new, now, Vec::new())?;
    let Some((draft, _)) = new.rows.pop() else { return Ok(None) };
    let context = context::<M>();
    let write = move |_: &mut M::New, connection: &mut Connection| {
        connection.writing(context, |connection| rows.write(connection, context, &mut |_, _, _| Ok(())))
    };
    let (draft, Taken { number, row_id }) = session.write_from(draft, context, Pace::Short, write).await?;
    match number {
        0 => Ok(None),
        _ => draft.into_model(row_id, now).map(Some).ok_or_else(|| Error::ignored(Operation::Insert, M::TABLE.name)),
    }
}

/// The row as it is after an upsert.
pub(super) async fn one_written<M: Model>(session: &Session, new: NewRows<M>) -> Result<M> {
    all(session, new).await?.pop().ok_or_else(|| Error::ignored(Operation::Update, M::TABLE.name))
}
