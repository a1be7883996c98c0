//! The trait of everything that a query loads.

use crate::engine::{Connection, RowRef};
use crate::error::Result;
use crate::expr::Level;
use crate::sql::ast::Selected;

/// What a query over the model `M` loads for each row: the row itself, columns and computed values, related rows, or a
/// tuple of up to sixteen of these.
///
/// The columns of a shape stand side by side in the statement. A row is read in two steps, as some shapes need further
/// statements for all rows at once: [`decode`](Self::decode) reads a `Cell` while the statement steps, and then
/// [`ready`](Self::ready) makes one cell, or [`finish`](Self::finish) all of them, what the caller gets.
pub trait Shape<M>: Clone + Send + Sync + 'static {
    /// What the statement gives for a row.
    #[doc(hidden)]
    type Cell: Send + 'static;
    /// What the caller gets for a row.
    type Output: Send + 'static;
    /// Whether further statements are needed.
    #[doc(hidden)]
    const DEFERRED: bool = false;

    /// Appends the columns that the statement selects.
    #[doc(hidden)]
    fn columns(&self, columns: &mut Vec<Selected>);

    /// The number of these columns.
    #[doc(hidden)]
    fn width(&self) -> usize {
        let mut columns = Vec::new();
        self.columns(&mut columns);
        columns.len()
    }

    /// Finds out what is the same for all rows, before the first is read. The statement selects these columns of the
    /// shape from the position `start` on.
    #[doc(hidden)]
    fn prepare(&mut self, _columns: &[Selected], _start: usize) -> Result<()> {
        Ok(())
    }

    /// Reads the columns of the shape from a position on and moves it behind them. If the statement selects whole rows
    /// of `M`, the row starts at the columns of `M`; else it has none of them at its start, as `row.at(&[])`.
    #[doc(hidden)]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell>;

    /// What the caller gets for a row, or `None` when this takes further statements.
    #[doc(hidden)]
    fn ready(&self, cell: Self::Cell) -> Option<Self::Output>;

    /// What the caller gets for all rows. Runs the further statements.
    #[doc(hidden)]
    fn finish(&self, _connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>> {
        Ok(cells.into_iter().map(|cell| self.ready(cell).unwrap_or_else(unfinished)).collect())
    }
}

/// The shapes of chains, the third parameter of a [`Select`](crate::Select): all but the parts of a row by themselves.
pub trait Load<M>: Shape<M> {
    /// Whether the chain gives rows or groups of rows.
    type Level: Level;
    /// The row and what is loaded beside it so far, as a tuple. This and the next are here, not in the traits that need
    /// them, for all chains: so a wrong call violates one bound, and the message is that of the bound.
    #[doc(hidden)]
    type Parts;
    /// What the groups give so far, as a tuple.
    #[doc(hidden)]
    type Items;
}

/// Reads a row of a shape that needs no further statements.
pub(crate) fn read<M, S: Shape<M>>(shape: &S, row: &RowRef<'_>) -> Result<S::Output> {
    let cell = shape.decode(row, &mut 0)?;
    Ok(shape.ready(cell).unwrap_or_else(unfinished))
}

/// The columns of a shape, which is prepared for them as a statement of its own.
pub(crate) fn prepared<M, S: Shape<M>>(shape: &mut S) -> Result<Vec<Selected>> {
    let mut columns = Vec::new();
    shape.columns(&mut columns);
    shape.prepare(&columns, 0)?;
    Ok(columns)
}

/// What is ready is ready by itself: [`Shape::DEFERRED`] says of all others that they are finished together.
#[cold]
pub(super) fn unfinished<T>() -> T {
    unreachable!("only a shape that is deferred needs further statements")
}
