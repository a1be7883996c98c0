//! When foreign keys are enforced: at once, or at the end of some work, or not during it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Connection;
use super::handle::has_broken_references;
use crate::error::{Context, Result, SqliteError, code};

impl Connection {
    /// Runs the work with foreign keys off. They can be switched outside of a transaction only:
    /// <https://www.sqlite.org/pragma.html#pragma_foreign_keys>. Where they cannot be switched on again, nobody gets the
    /// connection any more.
    pub(crate) fn without_foreign_keys<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if !self.is_autocommit() {
            let message = "foreign keys cannot be switched off inside a transaction".to_owned();
            return Err(self.error(context, SqliteError { code: code::ERROR, message }));
        }
        self.is_spoilt = true;
        self.batch("PRAGMA foreign_keys = OFF", context)?;
        let worked = catch_unwind(AssertUnwindSafe(|| work(self)));
        let restored = self.batch("PRAGMA foreign_keys = ON", context);
        self.is_spoilt = !self.is("PRAGMA foreign_keys").unwrap_or(false);
        match worked {
            Ok(Ok(value)) => restored.map(|()| value),
            Ok(error) => error,
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Runs the work with all foreign keys checked at its end only, `RESTRICT` among them, and fails when one is violated
    /// then. It must be undone when it fails.
    pub(crate) fn with_deferred_foreign_keys<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        // Which references the work broke cannot be told from those that were broken before.
        if has_broken_references(self.sqlite()) {
            return work(self);
        }
        let were_deferred = self.is("PRAGMA defer_foreign_keys").map_err(|report| self.error(context, report))?;
        self.batch("PRAGMA defer_foreign_keys = ON", context)?;
        let worked = work(self);
        // Switching it off makes SQLite forget what is broken. It does that itself when the transaction ends.
        let is_broken = has_broken_references(self.sqlite());
        if !were_deferred {
            self.batch("PRAGMA defer_foreign_keys = OFF", context)?;
        }
        let value = worked?;
        match is_broken {
            false => Ok(value),
            true => {
                let message = "FOREIGN KEY constraint failed".to_owned();
                Err(self.error(context, SqliteError { code: code::CONSTRAINT_FOREIGNKEY, message }))
            }
        }
    }
}
