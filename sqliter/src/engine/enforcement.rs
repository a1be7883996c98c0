//! When foreign keys are enforced: at once, at the end of some work, or not during it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Connection;
use super::handle::has_broken_references;
use super::limits::regardless;
use crate::error::{Context, Result, SqliteError, code};
use crate::sql::Statement;

/// A setting of a connection, by the pragma that asks for it and those that make it.
struct Setting {
    ask: &'static str,
    on: &'static str,
    off: &'static str,
}

const FOREIGN_KEYS: Setting =
    Setting { ask: "PRAGMA foreign_keys", on: "PRAGMA foreign_keys = ON", off: "PRAGMA foreign_keys = OFF" };

impl Connection {
    /// Runs the work in a transaction of its own while foreign keys are not enforced.
    ///
    /// The [pragma](https://www.sqlite.org/pragma.html#pragma_foreign_keys) does nothing inside a transaction.
    pub(crate) fn without_foreign_keys<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.with_setting(&FOREIGN_KEYS, false, context, |connection| connection.atomically(context, work))
    }

    /// Runs the work, outside of a transaction, while a setting of the connection has another value. Afterwards it has the one
    /// it had, however the work ends; a connection that cannot be set back is given up with its lease.
    fn with_setting<T>(
        &mut self,
        setting: &Setting,
        value: bool,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before: bool = self.ask(setting.ask).map_err(|source| self.error(context, source))?;
        self.is_spoiled = true;
        let worked = catch_unwind(AssertUnwindSafe(|| {
            self.set(setting, value, context)?;
            work(self)
        }));
        // The job may have been cancelled, which must not stop this.
        let restored = regardless(|| self.set(setting, before, context));
        self.is_spoiled = restored.is_err();
        match worked {
            Ok(result) => result.and_then(|value| restored.map(|()| value)),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Makes a setting, and looks whether it is made.
    fn set(&mut self, setting: &Setting, value: bool, context: Context<'_>) -> Result<()> {
        let sql = if value { setting.on } else { setting.off };
        self.batch(sql, context)?;
        match self.ask::<bool>(setting.ask) {
            Ok(set) if set == value => Ok(()),
            Ok(_) => {
                let message = format!("{sql} had no effect");
                Err(self.error(context, SqliteError { code: code::ERROR, message }))
            }
            Err(source) => Err(self.error(context, source)),
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::engine::cancellation::{CancelOnDrop, Ticket};
    use crate::engine::limits::on_thread;
    use crate::engine::open::Opener;
    use crate::engine::{Location, Log};
    use crate::error::{Error, Operation};

    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "test");

    async fn connection(on_connect: &[String]) -> Connection {
        let opener =
            Opener::new(Location::memory(), false, Duration::from_secs(1), Log::default(), Arc::from(on_connect));
        opener.unwrap().connect().await.unwrap()
    }

    fn is_enforced(connection: &Connection) -> bool {
        connection.ask("PRAGMA foreign_keys").unwrap()
    }

    #[tokio::test]
    async fn a_setting_has_its_value_again_however_the_work_ends() {
        for before in [true, false] {
            let sql = format!("PRAGMA foreign_keys = {before}");
            let mut connection = connection(&[sql]).await;
            let seen = connection.without_foreign_keys(CONTEXT, |connection| Ok(is_enforced(connection)));
            assert!(!seen.unwrap());
            assert_eq!(is_enforced(&connection), before);
            let failed = connection.without_foreign_keys(CONTEXT, |it| it.batch("nonsense", CONTEXT));
            assert!(matches!(failed, Err(Error::SqlExecution { .. })), "{failed:?}");
            assert_eq!(is_enforced(&connection), before);
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                connection.without_foreign_keys(CONTEXT, |_| -> Result<()> { panic!("on purpose") })
            }));
            assert!(panicked.is_err());
            assert_eq!(is_enforced(&connection), before);
            let ticket = Arc::new(Ticket::default());
            let (cancelled, _) = on_thread(std::slice::from_ref(&ticket), Duration::ZERO, None, || {
                connection.without_foreign_keys(CONTEXT, |it| {
                    drop(CancelOnDrop(Arc::clone(&ticket)));
                    it.integer(&Statement { text: "SELECT 1".to_owned(), arguments: Vec::new() }, CONTEXT)
                })
            });
            assert!(cancelled.is_err());
            assert_eq!(is_enforced(&connection), before);
            connection.abandon().unwrap();
        }
    }

    #[tokio::test]
    async fn a_connection_that_cannot_be_set_back_is_given_up() {
        let mut connection = connection(&[]).await;
        // Inside the transaction that this leaves open, the pragma does nothing.
        let left = connection.with_setting(&FOREIGN_KEYS, false, CONTEXT, |it| it.batch("BEGIN", CONTEXT));
        assert!(left.unwrap_err().to_string().contains("had no effect"));
        assert!(!is_enforced(&connection));
        assert!(connection.abandon().is_err());
    }

    #[tokio::test]
    async fn the_work_does_not_begin_where_the_setting_cannot_be_made() {
        let mut connection = connection(&[]).await;
        connection.batch("BEGIN", CONTEXT).unwrap();
        let begun = connection.without_foreign_keys(CONTEXT, |_| -> Result<()> { panic!("it has begun") });
        assert!(begun.unwrap_err().to_string().contains("had no effect"));
        assert!(is_enforced(&connection));
        connection.abandon().unwrap();
    }
}
