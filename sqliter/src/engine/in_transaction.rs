//! What is done around the jobs of a transaction: savepoints, and what becomes of a job that nobody waits for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::cancellation::Ticket;
use super::job::{Kind, Part};
use super::lane::{Lane, Role};
use super::limits::regardless;
use super::savepoints::{Level, OUTERMOST};
use super::{Connection, locked};
use crate::error::{Context, Error, Operation, Result};

impl Lane {
    /// Whether much is undone before the job, or by it.
    pub(super) fn undoes_much(&self, kind: Kind, connection: &Connection) -> bool {
        let Role::Transaction { savepoints, .. } = &self.role else { return false };
        connection.has_changed_much() && (kind.part == Part::Undoes || locked(savepoints).undone_from().is_some())
    }

    /// What comes before each job of a transaction: those inside it that are over are undone, and the one that the job is in
    /// has its savepoint.
    pub(super) fn before(&self, connection: &mut Connection, kind: Kind) -> Result<()> {
        let Role::Transaction { savepoints, lost, .. } = &self.role else { return Ok(()) };
        if kind.part == Part::Begins {
            return Ok(());
        }
        if connection.is_autocommit() {
            let reason = locked(lost).clone();
            return Err(reason.map_or(Error::TransactionEnded, |reason| Error::TransactionLost { reason }));
        }
        let undone = {
            let mut savepoints = locked(savepoints);
            if kind.level == OUTERMOST && savepoints.are_none() {
                return Ok(());
            }
            savepoints.undone_from()
        };
        if let Some(number) = undone {
            undo_savepoint(connection, number)?;
            locked(savepoints).gone_from(number);
        }
        let missing = locked(savepoints).without_savepoint(kind.level).ok_or(Error::TransactionEnded)?;
        for level in missing {
            let number = locked(savepoints).count() + 1;
            control(connection, &format!("SAVEPOINT nested_{number}"))?;
            locked(savepoints).has_begun(level);
        }
        let Some(number) = locked(savepoints).number(kind.level) else { return Ok(()) };
        match kind.part {
            Part::Keeps => control(connection, &format!("RELEASE nested_{number}"))?,
            Part::Undoes => undo_savepoint(connection, number)?,
            Part::Inside | Part::Begins | Part::Ends => return Ok(()),
        }
        locked(savepoints).gone_from(number);
        Ok(())
    }

    /// Runs a job, and remembers why when SQLite rolls the transaction back that it is in.
    pub(super) fn inside(
        &self,
        connection: &mut Connection,
        kind: Kind,
        work: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<()> {
        let result = work(connection);
        if let (Err(error), Role::Transaction { lost, .. }) = (&result, &self.role)
            && kind.part == Part::Inside
            && connection.is_autocommit()
        {
            locked(lost).get_or_insert_with(|| error.to_string());
        }
        result
    }

    /// A transaction begins inside another one.
    pub(crate) fn begin_inside(&self, level: Level) -> Level {
        match &self.role {
            Role::Transaction { savepoints, .. } => locked(savepoints).begin(level),
            Role::Readers(_) | Role::Writer => OUTERMOST,
        }
    }

    /// A transaction inside another one is over. What was not kept is undone before the next job.
    pub(crate) fn end_inside(&self, level: Level) {
        if let Role::Transaction { savepoints, .. } = &self.role {
            locked(savepoints).end(level);
        }
    }
}

fn undo_savepoint(connection: &mut Connection, number: usize) -> Result<()> {
    control(connection, &format!("ROLLBACK TO nested_{number}; RELEASE nested_{number}"))
}

/// It must be done even if the job that it comes before was cancelled: what is over is over.
fn control(connection: &mut Connection, sql: &str) -> Result<()> {
    connection.batch(sql, Context::new(Operation::Execute, sql))
}

/// Runs a job that writes inside a transaction, on a thread, where its future may be dropped meanwhile: then it comes to its end
/// and is undone, so that the transaction goes on as if it had not been.
pub(super) fn undone_when_cancelled(
    connection: &mut Connection,
    ticket: &Ticket,
    work: impl FnOnce(&mut Connection) -> Result<()>,
) -> thread::Result<Result<()>> {
    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "SAVEPOINT job");
    let control = |connection: &mut Connection, sql: &str| {
        let done = regardless(|| connection.control(sql));
        connection.has_run(sql);
        done.map_err(|source| connection.error(CONTEXT, source))
    };
    if let Err(error) = control(connection, "SAVEPOINT job") {
        return Ok(Err(error));
    }
    let ended = catch_unwind(AssertUnwindSafe(|| work(connection)));
    if connection.is_autocommit() {
        return ended;
    }
    let is_cancelled = ticket.is_cancelled();
    let undone = match is_cancelled || ended.is_err() {
        true => control(connection, "ROLLBACK TO job"),
        false => Ok(()),
    };
    let released = undone.and_then(|()| control(connection, "RELEASE job"));
    match released {
        // It is not done, as it was undone.
        Ok(()) if is_cancelled && matches!(ended, Ok(Ok(()))) => Ok(Err(Error::TransactionEnded)),
        Ok(()) => ended,
        // Rather no transaction than one with half of a job in it.
        Err(error) => Ok(control(connection, "ROLLBACK").and(Err(error))),
    }
}
