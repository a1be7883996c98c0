//! Related rows of to-one relations, by joins in the same statement.

use std::fmt;
use std::marker::PhantomData;

use super::shape::Shape;
use super::{Append, AtMostSixteen, Entity, IntoShape, OneStatement};
use crate::engine::{Connection, RowRef};
use crate::error::{Error, Result};
use crate::expr::ToOne;
use crate::model::{AtMostOne, Columns, Model, Path, Relation, Via};
use crate::sql::ast::Selected;
use crate::value::Value;

/// One or several to-one relations, reached from the path `P`: what `select_related` takes.
#[diagnostic::on_unimplemented(
    message = "this is not a to-one relation of the model that is loaded here",
    label = "takes to-one relations of the model itself",
    note = "a to-many relation is loaded by `prefetch_related`: `.prefetch_related(|a| a.books)`",
    note = "a relation of a related row is given by `with`: `.select_related(|c| c.book.with(|b| b.author))`",
    note = "a foreign key is a column, and has a relation beside it: `author` for the field `author_id`"
)]
pub trait JoinedSet<P> {
    /// What is loaded, as a tuple.
    type Tuple;

    /// What is loaded, as a tuple.
    #[doc(hidden)]
    fn into_tuple(self) -> Self::Tuple;
}

/// The related row of a to-one relation that starts from the path `P`, with what is loaded beside it: `S`.
pub struct Joined<P, R, S = Entity<Via<P, R>>> {
    shape: S,
    relation: PhantomData<fn() -> (P, R)>,
}

impl<P, R> Joined<P, R> {
    pub(super) const fn new() -> Self {
        Self { shape: Entity::new(), relation: PhantomData }
    }
}

impl<P, R, S: Clone> Clone for Joined<P, R, S> {
    fn clone(&self) -> Self {
        Self { shape: self.shape.clone(), relation: PhantomData }
    }
}

impl<P, R: Relation, S> fmt::Debug for Joined<P, R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Joined({})", R::INFO.name)
    }
}

impl<P: Path, R: Relation<Cardinality: AtMostOne>> ToOne<P, R> {
    /// Loads further relations behind this one: `c.book.with(|b| b.author)`.
    pub fn with<S: JoinedSet<Via<P, R>>>(
        self,
        further: impl FnOnce(&<R::Target as Model>::Columns<Via<P, R>>) -> S,
    ) -> Joined<P, R, <(Entity<Via<P, R>>,) as Append<S::Tuple>>::Output>
    where
        (Entity<Via<P, R>>,): Append<S::Tuple, Output: AtMostSixteen>,
    {
        let further = further(<R::Target as Model>::Columns::<Via<P, R>>::COLUMNS).into_tuple();
        Joined { shape: (Entity::new(),).append(further), relation: PhantomData }
    }
}

impl<P, R, S> Joined<P, R, S>
where
    P: Path,
    R: Relation<Source = P::Model, Cardinality: AtMostOne>,
    S: Shape<R::Target>,
{
    /// Whether the row at a position is there: a `LEFT JOIN` without a match gives `NULL` for its key too.
    fn is_there(row: &RowRef<'_>, start: usize) -> bool {
        !R::Target::TABLE.key.iter().any(|position| row.is_null(start + position))
    }

    #[cold]
    fn missing(row: &RowRef<'_>) -> Error {
        Error::missing_parent(R::INFO, R::Target::TABLE, source_in::<R>(row))
    }
}

/// The value that a relation starts from, in a row at whose start are the columns of its source.
fn source_in<R: Relation>(row: &RowRef<'_>) -> Option<Value> {
    let column = R::INFO.source_column().name;
    let position = R::Source::TABLE.columns.iter().position(|own| own.name == column)?;
    row.own(position)
}

impl<P, R, S> Shape<P::Model> for Joined<P, R, S>
where
    P: Path,
    R: Relation<Source = P::Model, Cardinality: AtMostOne>,
    S: Shape<R::Target>,
{
    type Cell = <R::Cardinality as AtMostOne>::Of<S::Cell>;
    type Output = <R::Cardinality as AtMostOne>::Of<S::Output>;
    const DEFERRED: bool = S::DEFERRED;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.shape.columns(columns);
    }

    fn width(&self) -> usize {
        self.shape.width()
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.shape.prepare(columns, start)
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
        let start = *position;
        // Whether a required row is there is asked for only when it cannot be read.
        if !R::Cardinality::REQUIRED && !Self::is_there(row, start) {
            *position += self.shape.width();
            return R::Cardinality::absent().ok_or_else(|| Self::missing(row));
        }
        match self.shape.decode(&row.from(start), position) {
            Ok(cell) => Ok(R::Cardinality::present(cell)),
            Err(_) if !Self::is_there(row, start) => Err(Self::missing(row)),
            Err(error) => Err(error),
        }
    }

    #[inline]
    fn ready(&self, cell: Self::Cell) -> Option<Self::Output> {
        match R::Cardinality::into_option(cell) {
            Some(cell) => self.shape.ready(cell).map(R::Cardinality::present),
            None => R::Cardinality::absent(),
        }
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>> {
        let mut present = Vec::with_capacity(cells.len());
        let mut are_there = Vec::with_capacity(cells.len());
        for cell in cells {
            let cell = R::Cardinality::into_option(cell);
            are_there.push(cell.is_some());
            present.extend(cell);
        }
        let mut rows = self.shape.finish(connection, present)?.into_iter();
        let output = are_there.into_iter().map_while(|is_there| match is_there {
            true => rows.next().map(R::Cardinality::present),
            false => R::Cardinality::absent(),
        });
        Ok(output.collect())
    }
}

#[diagnostic::do_not_recommend]
impl<P, R, S> OneStatement<P::Model> for Joined<P, R, S>
where
    P: Path,
    R: Relation<Source = P::Model, Cardinality: AtMostOne>,
    S: OneStatement<R::Target>,
{
}

#[diagnostic::do_not_recommend]
impl<P: Path, R: Relation<Source = P::Model, Cardinality: AtMostOne>> JoinedSet<P> for ToOne<P, R> {
    type Tuple = (Joined<P, R>,);

    fn into_tuple(self) -> Self::Tuple {
        (Joined::new(),)
    }
}

#[diagnostic::do_not_recommend]
impl<P: Path, R: Relation<Source = P::Model, Cardinality: AtMostOne>, S> JoinedSet<P> for Joined<P, R, S> {
    type Tuple = (Self,);

    fn into_tuple(self) -> (Self,) {
        (self,)
    }
}

#[diagnostic::do_not_recommend]
impl<P, R> IntoShape for ToOne<P, R> {
    type Shape = Joined<P, R>;

    fn into_shape(self) -> Joined<P, R> {
        Joined::new()
    }
}

#[diagnostic::do_not_recommend]
impl<P, R, S> IntoShape for Joined<P, R, S> {
    type Shape = Self;

    fn into_shape(self) -> Self {
        self
    }
}
