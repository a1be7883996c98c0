//! What a query loads, behind its type: so running queries is compiled once, and not for each chain.

use std::any::Any;
use std::marker::PhantomData;

use super::Shape;
use super::shape::read;
use crate::engine::{Connection, RowRef};
use crate::error::{Error, Result};

/// The rows of a query while they are read.
pub(crate) trait Loading: Any + Send {
    /// Begins anew: what was read before does not count.
    fn begin(&mut self);

    fn row(&mut self, row: &RowRef<'_>) -> Result<()>;

    /// Runs the further statements of a shape that is deferred.
    fn finish(&mut self, connection: &mut Connection) -> Result<()>;
}

/// A shape with the rows that it has become.
pub(crate) struct Loaded<M, S: Shape<M>> {
    shape: S,
    /// What the statement gave, if further statements are needed.
    cells: Vec<S::Cell>,
    rows: Vec<S::Output>,
    model: PhantomData<fn() -> M>,
}

impl<M: 'static, S: Shape<M>> Loaded<M, S> {
    pub(crate) fn of(shape: S) -> Box<dyn Loading> {
        Box::new(Self { shape, cells: Vec::new(), rows: Vec::new(), model: PhantomData })
    }

    /// The rows of what [`of`](Self::of) made for this shape.
    pub(crate) fn rows(loading: Box<dyn Loading>) -> Result<Vec<S::Output>> {
        let loading: Box<dyn Any> = loading;
        match loading.downcast::<Self>() {
            Ok(loaded) => Ok(loaded.rows),
            Err(_) => Err(lost_rows()),
        }
    }
}

impl<M: 'static, S: Shape<M>> Loading for Loaded<M, S> {
    fn begin(&mut self) {
        self.cells.clear();
        self.rows.clear();
    }

    fn row(&mut self, row: &RowRef<'_>) -> Result<()> {
        if S::DEFERRED {
            self.cells.push(self.shape.decode(row, &mut 0)?);
        } else {
            self.rows.push(read(&self.shape, row)?);
        }
        Ok(())
    }

    fn finish(&mut self, connection: &mut Connection) -> Result<()> {
        if S::DEFERRED {
            self.rows = self.shape.finish(connection, std::mem::take(&mut self.cells))?;
        }
        Ok(())
    }
}

pub(crate) fn lost_rows() -> Error {
    Error::NoResult { reason: "the rows of a query were lost".to_owned() }
}
