//! What a write gives back of the rows that it has written.

use std::fmt;

use super::load::{self, ReadsGroup, Shape};
use crate::column::ColumnType;
use crate::engine::Connection;
use crate::error::{Context, Error, Result};
use crate::expr::{Aliased, Assignable, Column, Computed, Condition, Group};
use crate::model::{At, Embedded, GeneratedOf, KeyOf, MaybeOf, Model, Path, VersionOf};
use crate::session::Pending;
use crate::sql::Statement;

/// What a write can give back of each row: a column of the model, what is computed from such columns, or a tuple of up to
/// sixteen of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a write to `{M}` can give back",
    label = "expected columns of `{M}` itself, or what is computed from them",
    note = "write `.returning(|b| (b.pk, b.title))` for chosen columns, `.returning_rows()` for whole rows",
    note = "SQLite gives back nothing of related rows: give back the key that leads to them, `.returning(|b| b.author_id)`, and \
            read them afterwards"
)]
pub trait Returned<M>: Shape<M> {
    /// The values as a tuple.
    #[doc(hidden)]
    type Tuple: Shape<M>;

    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

macro_rules! single {
    ($([$($generics:tt)*] $item:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M: Model, $($generics)*> Returned<M> for $item {
            type Tuple = (Self,);

            fn into_tuple(self) -> (Self,) {
                (self,)
            }
        }
    )*};
}

single! {
    [T: ColumnType] Column<M, T>;
    [T: ColumnType] Column<KeyOf<M>, T>;
    [T: ColumnType] Column<GeneratedOf<M>, T>;
    [T: ColumnType] Column<VersionOf<M>, T>;
    [P: Path<Root = M> + Assignable, T: ColumnType] Column<MaybeOf<P>, T>;
    [P: Path<Root = M, Nullability: ReadsGroup<T>> + Assignable, T: Embedded, A: At<P::Model>] Group<P, T, A>;
    [T: ColumnType] Computed<M, T>;
    [] Condition<M>;
    [E: Returned<M>] Aliased<E>;
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: Returned<M>),+> Returned<M> for ($($name,)+) {
            type Tuple = Self;

            fn into_tuple(self) -> Self {
                self
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);

/// How many rows a write may give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// Any number.
    Any,
    /// One: more are an error, and nothing is written.
    One,
}

/// Gives the rows that a write has written.
type Run<'s, R> = Box<dyn FnOnce(Most) -> Pending<'s, Vec<R>> + Send + 's>;

/// A write that gives back what it has written. It runs when one of its methods is awaited.
///
/// The rows are as they are after the write, a soft deletion included, and as they were before a deletion for good; what a trigger
/// changes about them afterwards is not seen. A value that does not fit its type is [`Error::Decode`], and nothing is written then.
#[must_use = "nothing is written before one of the fetch methods is awaited"]
pub struct Returning<'s, R> {
    table: &'static str,
    run: Run<'s, R>,
}

impl<R> fmt::Debug for Returning<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returning").field("table", &self.table).finish_non_exhaustive()
    }
}

impl<'s, R: Send + 's> Returning<'s, R> {
    pub(crate) fn new(table: &'static str, run: impl FnOnce(Most) -> Pending<'s, Vec<R>> + Send + 's) -> Self {
        Self { table, run: Box::new(run) }
    }

    /// Writes, and gives all rows that were written. Those of a bulk call come in the order of what it was given; those of a
    /// chain in no particular order, whatever the order of the chain.
    ///
    /// # Errors
    ///
    /// As the write itself; [`Error::Decode`] when a value does not fit. Nothing is written then.
    pub fn fetch_all(self) -> Pending<'s, Vec<R>> {
        (self.run)(Most::Any)
    }

    /// Writes, and gives one of the rows that were written, or `None` when there is none. All rows are written, not only the
    /// one that is given.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub fn fetch_one(self) -> Pending<'s, Option<R>> {
        let rows = (self.run)(Most::Any);
        Box::pin(async move { Ok(rows.await?.into_iter().next()) })
    }

    /// As [`fetch_one`](Self::fetch_one), for a write that must meet a row.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when no row was written, else as [`fetch_all`](Self::fetch_all).
    pub fn fetch_required(self) -> Pending<'s, R> {
        let Self { table, run } = self;
        let rows = run(Most::Any);
        Box::pin(async move {
            let row = rows.await?.into_iter().next();
            row.ok_or_else(|| Error::RecordNotFound { table: table.to_owned(), key: None })
        })
    }

    /// Writes exactly one row, and gives it.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when no row was written, [`Error::SeveralRecords`] when there would be more, else as
    /// [`fetch_all`](Self::fetch_all). Nothing is written then.
    pub fn fetch_only(self) -> Pending<'s, R> {
        let Self { table, run } = self;
        let rows = run(Most::One);
        Box::pin(async move { Error::only(rows.await?, table.to_owned()) })
    }
}

/// Runs a statement to its end and gives the rows that it has written.
pub(crate) fn written<M, S: Shape<M>>(
    connection: &mut Connection,
    statement: &Statement,
    shape: &S,
    most: Most,
    context: Context<'_>,
) -> Result<Vec<S::Output>> {
    let rows = connection.query(statement, context, |row| load::read(shape, row))?;
    most.check(rows.len(), context)?;
    Ok(rows)
}

impl Most {
    /// Refuses more rows than may be.
    pub(crate) fn check(self, rows: usize, context: Context<'_>) -> Result<()> {
        match (self, rows) {
            (Self::One, found @ 2..) => Err(Error::SeveralRecords { table: context.subject.to_owned(), found }),
            (Self::One | Self::Any, _) => Ok(()),
        }
    }
}
