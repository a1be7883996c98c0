//! One statement that runs many times and returns rows.

use std::cell::Cell;

use super::connection::{bind_all, interrupted, report};
use super::limits::must_stop;
use super::{Connection, RowRef, SqlText};
use crate::error::{Context, Error, Result};
use crate::sql::Argument;

/// Puts the arguments of the run with a number in the place of those of the run before.
pub(crate) type Binds<'b> = &'b mut dyn FnMut(usize, &mut Vec<Argument>) -> Result<()>;

/// What the runs of a statement have done.
pub(crate) trait Runs {
    /// The run with this number has returned a row.
    fn row(&mut self, run: usize, row: &RowRef<'_>) -> Result<()>;

    /// The run with this number is over: how many rows it has changed, and the row id of the last insert.
    fn done(&mut self, run: usize, changed: u64, row_id: i64) -> Result<()>;
}

impl Connection {
    /// Runs a statement as many times, each time to its end, with the arguments that `bind` gives.
    /// An error comes with the number of the run that it is about.
    pub(crate) fn repeat_query(
        &mut self,
        text: SqlText<'_>,
        times: usize,
        context: Context<'_>,
        bind: Binds<'_>,
        runs: &mut dyn Runs,
    ) -> Result<(), (Error, Option<usize>)> {
        self.log.statement(text.told, |progress| {
            let mut prepared =
                self.prepare(text.here(), progress).map_err(|source| (self.error(context, source), None))?;
            let writes = !prepared.readonly();
            let mut arguments = Vec::new();
            for run in 0..times {
                if must_stop() {
                    return Err((self.error(context, interrupted()), None));
                }
                bind(run, &mut arguments).map_err(|error| (error, Some(run)))?;
                progress.arguments(&arguments);
                let bound = bind_all(&mut prepared, &arguments);
                bound.map_err(|source| (self.error(context, source), Some(run)))?;
                let bytes = Cell::new(0);
                let mut rows = prepared.raw_query();
                let mut returned = 0;
                loop {
                    match rows.next() {
                        Ok(None) => break,
                        Ok(Some(row)) => {
                            returned += 1;
                            runs.row(run, &RowRef::new(row, &bytes)).map_err(|error| (error, Some(run)))?;
                            self.check_read(bytes.get(), context).map_err(|error| (error, None))?;
                        }
                        Err(error) => return Err((self.error(context, report(error)), Some(run))),
                    }
                }
                drop(rows);
                let changed = if writes { self.sqlite().changes() } else { 0 };
                match writes {
                    true => progress.changed(changed),
                    false => {
                        progress.returns();
                        progress.rows += returned;
                    }
                }
                runs.done(run, changed, self.sqlite().last_insert_rowid()).map_err(|error| (error, Some(run)))?;
            }
            self.has_scanned(&prepared, text.told);
            Ok(())
        })
    }
}
