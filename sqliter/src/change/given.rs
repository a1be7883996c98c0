//! What writing rows gives: each row that is given back, and how many were written.

use super::write_rows::Rows;
use crate::engine::{Connection, RowRef, Runs};
use crate::error::{Context, Error, Operation, Result};
use crate::sql::{Argument, Statement};
use crate::table::TableInfo;

/// How many rows were written, and the row id of the last one that was inserted.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Taken {
    pub(crate) number: u64,
    pub(crate) row_id: i64,
}

/// Takes what is given back of the row at an index, and whether it was written or was there.
pub(super) type Take<'t> = &'t mut dyn FnMut(usize, bool, &RowRef<'_>) -> Result<()>;

/// The rows that are given back, each at its index, and whether it was written: those that were there are found before the others
/// are written.
pub(crate) struct Given<T>(Vec<Option<(T, bool)>>);

impl<T> Given<T> {
    /// Room for what is given back of so many rows.
    pub(crate) fn of(rows: &Rows) -> Self {
        Self(std::iter::repeat_with(|| None).take(rows.number()).collect())
    }

    /// Takes rows, decoded.
    pub(crate) fn taking(
        &mut self,
        decode: &impl Fn(&RowRef<'_>) -> Result<T>,
    ) -> impl FnMut(usize, bool, &RowRef<'_>) -> Result<()> {
        |index, written, row| {
            let row = decode(row)?;
            if let Some(place) = self.0.get_mut(index) {
                *place = Some((row, written));
            }
            Ok(())
        }
    }

    /// In the order of what was asked for.
    pub(crate) fn in_order(self) -> Vec<(T, bool)> {
        self.0.into_iter().flatten().collect()
    }
}

/// Runs a statement that writes one row; gives how many it has written.
pub(super) fn run_once(
    connection: &mut Connection,
    statement: &Statement,
    index: usize,
    context: Context<'_>,
    take: Take<'_>,
) -> Result<u64> {
    let mut taken = Taken::default();
    let indexes = [index];
    let mut runs = Inserting { indexes: &indexes, ignored: None, take, taken: &mut taken, not_written: Vec::new() };
    let mut bind = |_: usize, arguments: &mut Vec<Argument>| {
        arguments.clone_from(&statement.arguments);
        Ok(())
    };
    connection.repeat_query(statement.into(), 1, context, &mut bind, &mut runs).map_err(|(error, _)| error)?;
    Ok(taken.number)
}

/// The runs of an insert.
pub(super) struct Inserting<'t> {
    /// The row of each run.
    pub(super) indexes: &'t [usize],
    /// The table, if a row that is not written must have been ignored.
    pub(super) ignored: Option<&'static TableInfo>,
    pub(super) take: Take<'t>,
    pub(super) taken: &'t mut Taken,
    pub(super) not_written: Vec<usize>,
}

impl Runs for Inserting<'_> {
    fn row(&mut self, run: usize, row: &RowRef<'_>) -> Result<()> {
        (self.take)(self.indexes.get(run).copied().unwrap_or_default(), true, row)
    }

    fn done(&mut self, run: usize, changed: u64, row_id: i64) -> Result<()> {
        match (changed, self.ignored) {
            (0, Some(table)) => return Err(Error::ignored(Operation::Insert, table.name)),
            (0, None) => self.not_written.extend(self.indexes.get(run)),
            _ => {
                self.taken.number += 1;
                self.taken.row_id = row_id;
            }
        }
        Ok(())
    }
}

/// The runs of a query for rows that are there.
pub(super) struct Finding<'t> {
    /// The row of each run.
    pub(super) indexes: &'t [usize],
    pub(super) take: Take<'t>,
    /// How many rows the present run has found.
    pub(super) found: usize,
    pub(super) missing: Vec<usize>,
    pub(super) several: bool,
}

impl Runs for Finding<'_> {
    fn row(&mut self, run: usize, row: &RowRef<'_>) -> Result<()> {
        self.found += 1;
        match self.found {
            1 => (self.take)(self.indexes.get(run).copied().unwrap_or_default(), false, row),
            _ => {
                self.several = true;
                Ok(())
            }
        }
    }

    fn done(&mut self, run: usize, _: u64, _: i64) -> Result<()> {
        if self.found == 0 {
            self.missing.extend(self.indexes.get(run));
        }
        self.found = 0;
        Ok(())
    }
}
