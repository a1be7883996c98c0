//! Tuples of shapes, and how they grow.

use super::shape::{Load, Shape, unfinished};
use super::{Entity, GivesRows, LoadsModels, OneStatement};
use crate::engine::{Connection, RowRef};
use crate::error::Result;
use crate::expr::PerRow;
use crate::model::{Key, Model};
use crate::sql::ast::Selected;

macro_rules! shapes {
    ($($name:ident $at:tt)+) => {
        impl<M, $($name: Shape<M>),+> Shape<M> for ($($name,)+) {
            type Cell = ($($name::Cell,)+);
            type Output = ($($name::Output,)+);
            const DEFERRED: bool = $($name::DEFERRED)||+;

            fn columns(&self, columns: &mut Vec<Selected>) {
                $(self.$at.columns(columns);)+
            }

            fn width(&self) -> usize {
                0 $(+ self.$at.width())+
            }

            fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
                let mut done = 0;
                $(
                    let end = done + self.$at.width();
                    self.$at.prepare(columns.get(done..end).unwrap_or_default(), start + done)?;
                    done = end;
                )+
                let _ = done;
                Ok(())
            }

            #[inline]
            fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
                Ok(($(self.$at.decode(row, position)?,)+))
            }

            #[inline]
            fn ready(&self, cell: Self::Cell) -> Option<Self::Output> {
                Some(($(self.$at.ready(cell.$at)?,)+))
            }

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>> {
                if !Self::DEFERRED {
                    return Ok(cells.into_iter().map(|cell| self.ready(cell).unwrap_or_else(unfinished)).collect());
                }
                let mut rows = Vec::with_capacity(cells.len());
                let mut parts = ($(Vec::<$name::Cell>::with_capacity(cells.len()),)+);
                for cell in cells {
                    $(parts.$at.push(cell.$at);)+
                }
                let mut parts = ($(self.$at.finish(connection, parts.$at)?.into_iter(),)+);
                while let ($(Some($name),)+) = ($(parts.$at.next(),)+) {
                    rows.push(($($name,)+));
                }
                Ok(rows)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<M, $($name: OneStatement<M>),+> OneStatement<M> for ($($name,)+) {}
    };
}

crate::tuples::each_tuple_with_positions!(shapes);

/// The row with parts beside it.
macro_rules! rows {
    ($row:ident $($part:ident)*) => {
        impl<M: Model, $($part: Shape<M>),*> Load<M> for (Entity<M>, $($part,)*) {
            type Level = PerRow;
            type Parts = Self;
            type Items = ();
        }

        #[diagnostic::do_not_recommend]
        impl<M: Model, $($part: Shape<M>),*> LoadsModels<M> for (Entity<M>, $($part,)*) {
            fn into_parts(self) -> Self {
                self
            }

            fn key_of((row, ..): &Self::Output) -> Key<M> {
                row.primary_key()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<M: Model, $($part: Shape<M>),*> GivesRows<M> for (Entity<M>, $($part,)*) {}
    };
}

crate::tuples::each_tuple!(rows);

/// A tuple that another can be appended to.
pub trait Append<T> {
    /// The elements of both, if they are at most sixteen.
    type Output;

    /// The elements of both.
    #[doc(hidden)]
    fn append(self, tail: T) -> Self::Output;
}

/// Tuples that are not too long to be loaded.
#[diagnostic::on_unimplemented(
    message = "this would be more than sixteen values for each row",
    label = "a query gives at most sixteen values for each row",
    note = "the row itself counts as one, and so does each value, each related row and each list of related rows"
)]
pub trait AtMostSixteen {}

/// What comes of a tuple that gets too long.
#[derive(Debug, Clone, Copy)]
pub struct TooMany;

impl<T> Append<T> for TooMany {
    type Output = Self;

    fn append(self, _: T) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T> Append<T> for () {
    type Output = T;

    fn append(self, tail: T) -> T {
        tail
    }
}

/// The tuples that are not empty.
pub trait NonEmpty {}

/// A tuple with one more element.
pub trait Push<T> {
    /// The elements and the new one.
    type Output;

    #[doc(hidden)]
    fn push(self, last: T) -> Self::Output;
}

macro_rules! push {
    // Sixteen elements are the most.
    (A B C D E F G H I J K L N O Q S) => {
        impl<A, B, C, D, E, F, G, H, I, J, K, L, N, O, Q, S, Last> Push<Last>
            for (A, B, C, D, E, F, G, H, I, J, K, L, N, O, Q, S)
        {
            type Output = TooMany;

            fn push(self, _: Last) -> TooMany {
                TooMany
            }
        }
    };
    ($($head:ident)+) => {
        impl<$($head,)+ Last> Push<Last> for ($($head,)+) {
            type Output = ($($head,)+ Last,);

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn push(self, last: Last) -> Self::Output {
                let ($($head,)+) = self;
                ($($head,)+ last,)
            }
        }
    };
}

#[diagnostic::do_not_recommend]
impl<H: NonEmpty + Push<A>, A> Append<(A,)> for H {
    type Output = H::Output;

    fn append(self, (a,): (A,)) -> H::Output {
        self.push(a)
    }
}

macro_rules! append {
    ($first:ident) => {
        push!($first);
    };
    ($first:ident $($rest:ident)+) => {
        push!($first $($rest)+);

        #[diagnostic::do_not_recommend]
        impl<Head, $first, $($rest),+> Append<($first, $($rest),+)> for Head
        where
            Head: NonEmpty + Push<$first>,
            Head::Output: Append<($($rest,)+)>,
        {
            type Output = <Head::Output as Append<($($rest,)+)>>::Output;

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn append(self, ($first, $($rest),+): ($first, $($rest),+)) -> Self::Output {
                self.push($first).append(($($rest,)+))
            }
        }
    };
}

crate::tuples::each_tuple!(append);

macro_rules! short_enough {
    ($($name:ident)+) => {
        impl<$($name),+> NonEmpty for ($($name,)+) {}

        #[diagnostic::do_not_recommend]
        impl<$($name),+> AtMostSixteen for ($($name,)+) {}
    };
}

crate::tuples::each_tuple!(short_enough);

/// What a tuple gives, of one element the element itself.
pub trait Flat<M>: Shape<M> {
    /// A value or a tuple of values.
    type Flat: Send + 'static;

    #[doc(hidden)]
    fn flat(values: Self::Output) -> Self::Flat;
}

macro_rules! flat {
    ($only:ident) => {
        impl<M, $only: Shape<M>> Flat<M> for ($only,) {
            type Flat = $only::Output;

            fn flat((value,): Self::Output) -> $only::Output {
                value
            }
        }
    };
    ($($name:ident)+) => {
        impl<M, $($name: Shape<M>),+> Flat<M> for ($($name,)+) {
            type Flat = Self::Output;

            fn flat(values: Self::Output) -> Self::Output {
                values
            }
        }
    };
}

crate::tuples::each_tuple!(flat);
