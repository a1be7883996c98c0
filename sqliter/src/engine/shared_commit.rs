//! One commit for many jobs.
//!
//! Each job runs in a savepoint of its own and is answered after the commit. A job that is running is not interrupted,
//! as SQLite would roll the whole transaction back: such jobs are short. When nobody wants its result any more, it is
//! undone.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::log::Frame;
use super::{Connection, locked};
use crate::error::{Context, Error, Operation, Result, SqliteError, code};
use crate::sql::Statement;

/// After how much work what is done is committed, and the rest goes on in another transaction.
const WORK: Duration = Duration::from_millis(10);

/// What a job gave, or its panic, and how long it took.
pub(super) type Answer<T> = (thread::Result<Result<T>>, Duration);

/// A job that shares a commit with others.
pub(super) trait Member: Send {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;

    /// What the job runs in.
    fn frame(&self) -> &Frame;

    fn run(&mut self, connection: &mut Connection, way: Way);

    /// SQLite's report, when the job failed with one.
    fn report(&self) -> Option<SqliteError>;

    /// Tells what the job gave, or that it was not kept.
    fn answer(self: Box<Self>, connection: &Connection, kept: Result<(), &SqliteError>);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Part of an open transaction.
    Together,
    /// With a commit of its own.
    Alone,
}

/// A job and who waits for it.
pub(super) struct Waiting<T, J> {
    /// Shared with the caller, who may take it back before it runs.
    pub(super) job: Arc<Mutex<Option<J>>>,
    pub(super) context: Context<'static>,
    pub(super) frame: Frame,
    pub(super) sender: oneshot::Sender<Answer<T>>,
    pub(super) answer: Option<Answer<T>>,
}

impl<T, J> Member for Waiting<T, J>
where
    T: Send,
    J: FnOnce(&mut Connection) -> Result<T> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.sender.is_closed()
    }

    fn frame(&self) -> &Frame {
        &self.frame
    }

    fn run(&mut self, connection: &mut Connection, way: Way) {
        let Some(job) = locked(&self.job).take() else { return };
        let (context, sender) = (self.context, &self.sender);
        let work = || match way {
            Way::Alone => job(connection),
            Way::Together => connection.atomically(context, |connection| {
                let value = job(connection)?;
                match sender.is_closed() {
                    true => Err(Error::TransactionLost),
                    false => Ok(value),
                }
            }),
        };
        let started = Instant::now();
        let result = self.frame.run(|| catch_unwind(AssertUnwindSafe(work)));
        self.answer = Some((result, started.elapsed()));
    }

    fn report(&self) -> Option<SqliteError> {
        match &self.answer {
            Some((Ok(Err(error)), _)) => error.sqlite().cloned(),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, connection: &Connection, kept: Result<(), &SqliteError>) {
        let answer = match (self.answer, kept) {
            (Some((Ok(Ok(_)), elapsed)), Err(report)) => {
                Some((Ok(Err(connection.error(self.context, report.clone()))), elapsed))
            }
            (None, Err(report)) => Some((Ok(Err(connection.error(self.context, report.clone()))), Duration::ZERO)),
            (answer, _) => answer,
        };
        if let Some(answer) = answer {
            // Whoever waited may have gone in the meantime.
            let _ = self.sender.send(answer);
        }
    }
}

/// Runs jobs in as few transactions as may be.
pub(super) fn run_together(connection: &mut Connection, mut members: VecDeque<Box<dyn Member>>) {
    while !members.is_empty() {
        share_commit(connection, &mut members);
    }
}

/// Runs jobs in one transaction, at least one, and takes them out.
fn share_commit(connection: &mut Connection, members: &mut VecDeque<Box<dyn Member>>) {
    let Some(first) = next(members) else { return };
    match first.frame().run(|| connection.try_batch("BEGIN IMMEDIATE")) {
        Ok(()) => {}
        Err(report) => {
            members.push_front(first);
            return members.drain(..).for_each(|member| answer(member, connection, Err(&report)));
        }
    }
    if first.frame().run(|| must_commit_alone(connection)) {
        let undone = first.frame().run(|| connection.try_batch("ROLLBACK"));
        members.push_front(first);
        while let Some(mut member) = next(members) {
            if undone.is_ok() {
                member.run(connection, Way::Alone);
            }
            answer(member, connection, undone.as_ref().copied());
        }
        return;
    }
    let started = Instant::now();
    let mut done = Vec::new();
    let mut following = Some(first);
    while let Some(mut member) = following {
        member.run(connection, Way::Together);
        done.push(member);
        if connection.is_autocommit() {
            let report = done.last().and_then(|member| member.report()).unwrap_or_else(rolled_back);
            return done.into_iter().for_each(|member| answer(member, connection, Err(&report)));
        }
        following = if started.elapsed() < WORK { next(members) } else { None };
    }
    let committed = match done.first() {
        Some(first) => first.frame().run(|| commit(connection)),
        None => Ok(()),
    };
    done.into_iter().for_each(|member| answer(member, connection, committed.as_ref().copied()));
}

/// The next one that somebody still waits for.
fn next(members: &mut VecDeque<Box<dyn Member>>) -> Option<Box<dyn Member>> {
    loop {
        let member = members.pop_front()?;
        if member.is_wanted() {
            return Some(member);
        }
        contained(|| drop(member));
    }
}

fn answer(member: Box<dyn Member>, connection: &Connection, kept: Result<(), &SqliteError>) {
    contained(|| member.answer(connection, kept));
}

/// Values that nobody wants any more are dropped here, and a panic of theirs is nobody's.
fn contained(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}

fn commit(connection: &mut Connection) -> Result<(), SqliteError> {
    let committed = connection.try_batch("COMMIT");
    if committed.is_err() && !connection.is_autocommit() {
        connection.try_batch("ROLLBACK")?;
    }
    committed
}

fn rolled_back() -> SqliteError {
    SqliteError { code: code::ABORT_ROLLBACK, message: "abort due to ROLLBACK".to_owned() }
}

/// Whether what one job does could undo what others did, or keep the part of a job that failed: by foreign keys that
/// SQLite checks at the commit, and by the actions `ROLLBACK` and `FAIL` of constraints and triggers.
fn must_commit_alone(connection: &mut Connection) -> bool {
    const ALONE: i64 = -1;
    let state = format!(
        "SELECT CASE WHEN (SELECT defer_foreign_keys FROM pragma_defer_foreign_keys) \
         OR EXISTS (SELECT 1 FROM pragma_database_list WHERE name NOT IN ('main', 'temp')) \
         OR EXISTS (SELECT 1 FROM sqlite_temp_schema {ACTS_ON_OTHERS}) \
         THEN {ALONE} ELSE (SELECT schema_version & 0xffffffff FROM pragma_schema_version) END"
    );
    let version = match look(connection, state) {
        Ok(ALONE) | Err(_) => return true,
        Ok(version) => version,
    };
    if let Some((_, alone)) = connection.commits_alone.filter(|(known, _)| *known == version) {
        return alone;
    }
    let alone = look(connection, format!("SELECT EXISTS (SELECT 1 FROM sqlite_schema {ACTS_ON_OTHERS})"));
    let alone = alone.map_or(true, |found| found != 0);
    connection.commits_alone = Some((version, alone));
    alone
}

const ACTS_ON_OTHERS: &str = "WHERE upper(sql) GLOB '*DEFERRED*' OR upper(sql) GLOB '*ROLLBACK*' \
                              OR upper(sql) GLOB '*CONFLICT*FAIL*' OR upper(sql) GLOB '*RAISE*FAIL*'";

fn look(connection: &mut Connection, text: String) -> Result<i64> {
    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "looking for what commits alone");
    connection.integer(&Statement { text, arguments: Vec::new() }, CONTEXT)
}
