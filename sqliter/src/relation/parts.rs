//! What a query loads beside the model, as a tuple of parts.

use std::marker::PhantomData;

use crate::engine::{Connection, Row};
use crate::error::Result;
use crate::expr::PerRow;
use crate::model::Model;
use crate::query::Load;
use crate::sql::ast::Selected;

/// Something that a query loads beside each row of the model `M`: a related row or a list of them.
pub trait Part<M>: Clone + Send + Sync + 'static {
    /// What the statement of the query gives for it: the related row, or the key that a list is fetched by.
    #[doc(hidden)]
    type Cell: Send + 'static;
    /// What the caller gets.
    type Output: Send + 'static;
    /// Whether further statements are needed.
    #[doc(hidden)]
    const DEFERRED: bool;

    /// Appends the columns that the statement selects for it.
    #[doc(hidden)]
    fn columns(&self, columns: &mut Vec<Selected>);

    /// Reads the columns from a position on and moves it behind them. The row starts at the columns of `M`.
    #[doc(hidden)]
    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cell>;

    /// Runs the further statements.
    #[doc(hidden)]
    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>>;

    /// What the caller gets, when no further statements are needed.
    #[doc(hidden)]
    fn ready(cell: Self::Cell) -> Option<Self::Output>;
}

/// A part that comes with the statement of the query, by a join.
pub trait JoinedPart<M>: Part<M> {
    #[doc(hidden)]
    fn output(cell: Self::Cell) -> Self::Output;
}

/// A tuple of joined parts.
pub trait JoinedParts<M>: Parts<M> {
    #[doc(hidden)]
    fn output(model: M, cells: Self::Cells) -> Self::Output;
}

impl<M: Send + 'static> JoinedParts<M> for () {
    fn output(model: M, (): ()) -> M {
        model
    }
}

/// A tuple of parts; empty for the model alone.
pub trait Parts<M>: Clone + Send + Sync + 'static {
    /// The cells of all parts.
    #[doc(hidden)]
    type Cells: Send + 'static;
    /// The model alone, or a tuple of the model and what the parts load.
    type Output: Send + 'static;
    /// Whether further statements are needed.
    #[doc(hidden)]
    const DEFERRED: bool;

    #[doc(hidden)]
    fn columns(&self, columns: &mut Vec<Selected>);

    #[doc(hidden)]
    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cells>;

    #[doc(hidden)]
    fn finish(&self, connection: &mut Connection, rows: Vec<(M, Self::Cells)>) -> Result<Vec<Self::Output>>;

    #[doc(hidden)]
    fn ready(rows: Vec<(M, Self::Cells)>) -> Option<Vec<Self::Output>>;
}

impl<M: Send + 'static> Parts<M> for () {
    type Cells = ();
    type Output = M;
    const DEFERRED: bool = false;

    fn columns(&self, _: &mut Vec<Selected>) {}

    fn decode(&self, _: &Row<'_>, _: &mut usize) -> Result<()> {
        Ok(())
    }

    fn finish(&self, _: &mut Connection, rows: Vec<(M, ())>) -> Result<Vec<M>> {
        Ok(rows.into_iter().map(|(model, ())| model).collect())
    }

    fn ready(rows: Vec<(M, ())>) -> Option<Vec<M>> {
        Some(rows.into_iter().map(|(model, ())| model).collect())
    }
}

/// A tuple with another behind it.
pub trait Append<T> {
    /// The elements of both.
    type Output;

    /// The elements of both.
    #[doc(hidden)]
    fn append(self, tail: T) -> Self::Output;
}

macro_rules! parts {
    ($($name:ident)+) => {
        impl<Root: Send + 'static, $($name: Part<Root>),+> Parts<Root> for ($($name,)+) {
            type Cells = ($($name::Cell,)+);
            type Output = (Root, $($name::Output),+);
            const DEFERRED: bool = $($name::DEFERRED)||+;

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn columns(&self, columns: &mut Vec<Selected>) {
                let ($($name,)+) = self;
                $($name.columns(columns);)+
            }

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cells> {
                let ($($name,)+) = self;
                Ok(($($name.decode(row, position)?,)+))
            }

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn finish(&self, connection: &mut Connection, rows: Vec<(Root, Self::Cells)>) -> Result<Vec<Self::Output>> {
                if !Self::DEFERRED {
                    return Ok(Self::ready(rows).unwrap_or_default());
                }
                let count = rows.len();
                let mut models = Vec::with_capacity(count);
                parts!(@columns $($name)+ => count rows models);
                parts!(@finish self connection $($name)+);
                let mut output = Vec::with_capacity(count);
                $(let mut $name = $name.into_iter();)+
                for model in models {
                    match ($($name.next(),)+) {
                        ($(Some($name),)+) => output.push((model, $($name),+)),
                        _ => break,
                    }
                }
                Ok(output)
            }

            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn ready(rows: Vec<(Root, Self::Cells)>) -> Option<Vec<Self::Output>> {
                rows.into_iter()
                    .map(|(model, ($($name,)+))| Some((model, $(<$name as Part<Root>>::ready($name)?),+)))
                    .collect()
            }
        }
    };
    (@joined $($name:ident)+) => {
        impl<Root: Send + 'static, $($name: JoinedPart<Root>),+> JoinedParts<Root> for ($($name,)+) {
            #[expect(non_snake_case, reason = "the names of the types serve for the values")]
            fn output(model: Root, cells: Self::Cells) -> Self::Output {
                let ($($name,)+) = cells;
                (model, $(<$name as JoinedPart<Root>>::output($name)),+)
            }
        }
    };
    (@columns $($name:ident)+ => $count:ident $rows:ident $models:ident) => {
        $(let mut $name = Vec::with_capacity($count);)+
        for (model, cells) in $rows {
            $models.push(model);
            parts!(@push cells $($name)+);
        }
    };
    (@push $cells:ident $($name:ident)+) => {
        parts!(@push_each $cells [$($name)+] [0 1 2 3 4 5 6 7]);
    };
    (@push_each $cells:ident [] [$($rest:tt)*]) => {};
    (@push_each $cells:ident [$name:ident $($names:ident)*] [$index:tt $($rest:tt)*]) => {
        $name.push($cells.$index);
        parts!(@push_each $cells [$($names)*] [$($rest)*]);
    };
    (@finish $self:ident $connection:ident $($name:ident)+) => {
        parts!(@finish_each $self $connection [$($name)+] [0 1 2 3 4 5 6 7]);
    };
    (@finish_each $self:ident $connection:ident [] [$($rest:tt)*]) => {};
    (@finish_each $self:ident $connection:ident [$name:ident $($names:ident)*] [$index:tt $($rest:tt)*]) => {
        let $name = $self.$index.finish($connection, $name)?;
        parts!(@finish_each $self $connection [$($names)*] [$($rest)*]);
    };
}

parts!(@joined A);
parts!(@joined A B);
parts!(@joined A B C);
parts!(@joined A B C D);
parts!(@joined A B C D E);
parts!(@joined A B C D E F);
parts!(@joined A B C D E F G);
parts!(@joined A B C D E F G H);

parts!(A);
parts!(A B);
parts!(A B C);
parts!(A B C D);
parts!(A B C D E);
parts!(A B C D E F);
parts!(A B C D E F G);
parts!(A B C D E F G H);

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
    ($($head:ident)+) => {
        impl<$($head),+> NonEmpty for ($($head,)+) {}

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

/// The model, with the parts that are loaded beside it.
pub struct Entity<M, T = ()> {
    parts: T,
    model: PhantomData<fn() -> M>,
}

impl<M> Entity<M> {
    pub(crate) const fn new() -> Self {
        Self { parts: (), model: PhantomData }
    }
}

impl<M, T> Entity<M, T> {
    pub(crate) const fn of(parts: T) -> Self {
        Self { parts, model: PhantomData }
    }

    pub(crate) fn into_parts(self) -> T {
        self.parts
    }
}

impl<M, T: Clone> Clone for Entity<M, T> {
    fn clone(&self) -> Self {
        Self::of(self.parts.clone())
    }
}

impl<M: Model, T: Parts<M>> Load for Entity<M, T> {
    type Level = PerRow;
    type Parts = T;
    type Items = ();
    type Values = ();
    type Cell = (M, T::Cells);
    type Output = T::Output;
    type Plan = ();
    const DEFERRED: bool = T::DEFERRED;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.extend(Selected::row(None, M::TABLE));
        self.parts.columns(columns);
    }

    fn plan(&self, _: &[Selected]) -> Result<()> {
        Ok(())
    }

    fn decode(&self, (): &(), row: &Row<'_>) -> Result<Self::Cell> {
        let model = M::decode(row)?;
        let mut position = M::TABLE.columns.len();
        Ok((model, self.parts.decode(row, &mut position)?))
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<T::Output>> {
        self.parts.finish(connection, cells)
    }

    fn ready(&self, cells: Vec<Self::Cell>) -> Option<Vec<T::Output>> {
        T::ready(cells)
    }
}
