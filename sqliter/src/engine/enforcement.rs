//! When foreign keys are enforced: at once, at the end of some work, or not during it.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Connection;
use super::handle::has_broken_references;
use super::limits::regardless;
use crate::error::{Context, Result, SqliteError, code};
use crate::sql::Statement;

/// A setting of a connection, by the pragma that asks for it and those that make it.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) ask: &'static str,
    pub(super) on: &'static str,
    pub(super) off: &'static str,
}

impl Setting {
    /// The name of the pragma.
    pub(super) fn name(&self) -> &'static str {
        self.ask.strip_prefix("PRAGMA ").unwrap_or(self.ask)
    }
}

pub(super) const FOREIGN_KEYS: Setting =
    Setting { ask: "PRAGMA foreign_keys", on: "PRAGMA foreign_keys = ON", off: "PRAGMA foreign_keys = OFF" };

/// A setting with the value that it has again when the work is over that needs another one.
pub(super) type Changed = (&'static Setting, bool);

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

    /// From now on foreign keys are not enforced, until [`set_back`](Self::set_back).
    pub(crate) fn suspend_foreign_keys(&mut self, context: Context<'_>) -> Result<()> {
        self.change(&FOREIGN_KEYS, false, context)
    }

    /// Runs the work, outside of a transaction, while a setting of the connection has another value. Afterwards it has the one
    /// it had, however the work ends.
    fn with_setting<T>(
        &mut self,
        setting: &'static Setting,
        value: bool,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let worked = catch_unwind(AssertUnwindSafe(|| {
            self.change(setting, value, context)?;
            work(self)
        }));
        let restored = self.set_back(context);
        match worked {
            Ok(result) => result.and_then(|value| restored.map(|()| value)),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Gives a setting another value, outside of a transaction, until [`set_back`](Self::set_back).
    fn change(&mut self, setting: &'static Setting, value: bool, context: Context<'_>) -> Result<()> {
        let before: bool = self.ask(setting.ask).map_err(|source| self.error(context, source))?;
        self.changed.push((setting, before));
        self.set(setting, value, context)
    }

    /// Gives all settings the values that they had. Where that fails, it is tried again when the connection goes back to its
    /// lane, which gives up one that cannot be set back.
    pub(crate) fn set_back(&mut self, context: Context<'_>) -> Result<()> {
        // The job may have been cancelled, which must not stop this.
        regardless(|| {
            while let Some((setting, before)) = self.changed.last().copied() {
                self.set(setting, before, context)?;
                self.changed.pop();
            }
            Ok(())
        })
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
        let asked = Statement::new("PRAGMA defer_foreign_keys", Vec::new());
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
    use crate::engine::busy::Waiting;
    use crate::engine::cancellation::{CancelOnDrop, Ticket};
    use crate::engine::limits::on_thread;
    use crate::engine::open::Opener;
    use crate::engine::{Location, Log, Wishes};
    use crate::error::{Error, Operation};

    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "test");

    async fn connection(on_connect: &[String]) -> Connection {
        let opener = Opener::new(
            Location::memory(),
            Log::default(),
            Wishes { on_connect: Arc::from(on_connect), ..Wishes::default() },
        );
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
            let (cancelled, _) = on_thread(std::slice::from_ref(&ticket), Waiting::new(Duration::ZERO), None, || {
                connection.without_foreign_keys(CONTEXT, |it| {
                    drop(CancelOnDrop(Arc::clone(&ticket)));
                    it.integer(&Statement::new("SELECT 1", Vec::new()), CONTEXT)
                })
            });
            assert!(cancelled.is_err());
            assert_eq!(is_enforced(&connection), before);
            connection.abandon().unwrap();
        }
    }

    #[tokio::test]
    async fn a_connection_is_set_back_when_it_goes_back() {
        let mut connection = connection(&[]).await;
        // Inside the transaction that this leaves open, the pragma does nothing.
        let left = connection.with_setting(&FOREIGN_KEYS, false, CONTEXT, |it| it.batch("BEGIN", CONTEXT));
        assert!(left.unwrap_err().to_string().contains("had no effect"));
        assert!(!is_enforced(&connection));
        connection.abandon().unwrap();
        assert!(is_enforced(&connection));
    }

    #[tokio::test]
    async fn a_connection_that_cannot_be_set_back_is_given_up() {
        const STUCK: Setting = Setting { ask: "PRAGMA foreign_keys", on: "nonsense", off: "PRAGMA foreign_keys = OFF" };
        let mut connection = connection(&[]).await;
        assert!(connection.with_setting(&STUCK, false, CONTEXT, |_| Ok(())).is_err());
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
