//! When foreign keys are enforced: at once, at the end of some work, or not during it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Connection;
use super::handle::has_broken_references;
use super::limits::regardless;
use crate::error::{Context, Result, SqliteError, code};
use crate::sql::Statement;

impl Connection {
    /// Runs the work in a transaction of its own while foreign keys are not enforced. A connection that cannot enforce
    /// them again afterwards is given up with its lease.
    ///
    /// The [pragma](https://www.sqlite.org/pragma.html#pragma_foreign_keys) does nothing inside a transaction.
    pub(crate) fn without_foreign_keys<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.batch("PRAGMA foreign_keys = OFF", context)?;
        self.is_spoiled = true;
        let worked = catch_unwind(AssertUnwindSafe(|| self.atomically(context, work)));
        // The job may have been cancelled, which must not stop this.
        let restored = regardless(|| self.batch("PRAGMA foreign_keys = ON", context));
        self.is_spoiled = restored.is_err() || !self.ask::<bool>("PRAGMA foreign_keys").unwrap_or(false);
        match worked {
            Ok(result) => result.and_then(|value| restored.map(|()| value)),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Runs the work, inside a transaction, while foreign keys are looked at when the work ends, restricting ones included:
    /// so it does not matter in which order rows go that refer to each other. What fails must be undone.
    pub(crate) fn deferring_foreign_keys<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        // SQLite tells only that there are broken references, and not which ones: those of the program that are to be mended
        // before the commit would hide those of the work.
        if has_broken_references(self.sqlite()) {
            return work(self);
        }
        let asked = Statement { text: "PRAGMA defer_foreign_keys".to_owned(), arguments: Vec::new() };
        let are_deferred = self.integer(&asked, context)? != 0;
        self.batch("PRAGMA defer_foreign_keys = ON", context)?;
        let worked = work(self);
        // To switch it off makes SQLite forget what is broken.
        let is_broken = has_broken_references(self.sqlite());
        // Where a cancellation keeps this from running, the transaction is rolled back, which does the same.
        let restored = match are_deferred {
            true => Ok(()),
            false => self.batch("PRAGMA defer_foreign_keys = OFF", context),
        };
        let value = worked?;
        restored?;
        match is_broken {
            false => Ok(value),
            true => {
                let message = "FOREIGN KEY constraint failed".to_owned();
                Err(self.error(context, SqliteError { code: code::FOREIGN_KEY, message }))
            }
        }
    }
}
