//! The boundary between what is generic over the user's types and the engine, which is compiled once.

use std::any::Any;

use super::Connection;
use super::savepoints::{Level, OUTERMOST};
use crate::error::{Context, Error, Result};

/// Work for a connection. What it gives stays inside it.
///
/// It may run several times: in place at first and then on a thread, or in a transaction with others that was undone.
/// Every run begins anew, and the last one counts.
pub(crate) trait Job: Any + Send {
    fn run(&mut self, connection: &mut Connection) -> Result<()>;

    /// Lets go of what only its runs need, which may be much: it does not run again.
    fn has_run(&mut self);
}

/// A job with what it works on, and the place for what it gives.
pub(crate) struct Slot<S, T, W> {
    subject: S,
    /// None once it does not run again.
    work: Option<W>,
    given: Option<T>,
}

impl<S, T, W> Job for Slot<S, T, W>
where
    S: Send + 'static,
    T: Send + 'static,
    W: FnMut(&mut S, &mut Connection) -> Result<T> + Send + 'static,
{
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        self.given = None;
        let work = self.work.as_mut().ok_or_else(lost)?;
        self.given = Some(work(&mut self.subject, connection)?);
        Ok(())
    }

    fn has_run(&mut self) {
        self.work = None;
    }
}

/// A job that its caller has, and that the engine can take.
pub(crate) trait LentJob {
    fn run(&mut self, connection: &mut Connection) -> Result<()>;

    fn take(&mut self) -> Result<Box<dyn Job>>;
}

impl<S, T, W> LentJob for Option<Slot<S, T, W>>
where
    S: Send + 'static,
    T: Send + 'static,
    W: FnMut(&mut S, &mut Connection) -> Result<T> + Send + 'static,
{
    fn run(&mut self, connection: &mut Connection) -> Result<()> {
        self.as_mut().ok_or_else(lost)?.run(connection)
    }

    fn take(&mut self) -> Result<Box<dyn Job>> {
        Ok(Box::new(Option::take(self).ok_or_else(lost)?))
    }
}

/// What jobs are given to. No type of the user's is known there, so that it is compiled once.
pub(crate) trait RunsJobs: Sync {
    /// Runs a job at once, or gives it to the engine, which gives it back when it has run.
    fn run_job(
        &self,
        kind: Kind,
        context: Context<'static>,
        job: &mut (dyn LentJob + Send),
    ) -> impl Future<Output = Result<Option<Box<dyn Job>>>> + Send;
}

impl<S, T, W> Slot<S, T, W>
where
    S: Send + 'static,
    T: Send + 'static,
    W: FnMut(&mut S, &mut Connection) -> Result<T> + Send + 'static,
{
    /// Runs work as a job; `end` gets what it worked on, and what its last run gave.
    pub(crate) async fn run<R>(
        on: &impl RunsJobs,
        kind: Kind,
        context: Context<'static>,
        subject: S,
        work: W,
        end: fn(S, T) -> R,
    ) -> Result<R> {
        let mut slot = Some(Self { subject, work: Some(work), given: None });
        let slot = match on.run_job(kind, context, &mut slot).await? {
            Some(returned) => *(returned as Box<dyn Any + Send>).downcast::<Self>().map_err(|_| lost())?,
            None => slot.ok_or_else(lost)?,
        };
        Ok(end(slot.subject, slot.given.ok_or_else(lost)?))
    }
}

pub(super) fn lost() -> Error {
    Error::NoResult { reason: "the result of a job was lost".to_owned() }
}

/// What a job needs a connection for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
    /// Reading for as long as somebody takes the rows.
    Stream,
}

/// How long a job takes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// One row by its key, or few rows that are written.
    Short,
    /// Not known: it is tried in place, unless the statement with this fingerprint took too long before.
    Measured(u64),
    /// Many rows or the schema.
    Long,
}

impl Pace {
    /// That of writing so many rows.
    pub(crate) const fn of_rows(rows: usize) -> Self {
        const FEW: usize = 64;
        if rows <= FEW { Self::Short } else { Self::Long }
    }
}

/// What the engine knows of a job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(super) access: Access,
    pub(super) pace: Pace,
    /// Whether it may run in a savepoint beside other jobs, and share their commit.
    pub(super) shares: bool,
    pub(super) part: Part,
    /// The transaction that it is in, of those on the connection.
    pub(super) level: Level,
}

/// What a job is to the transaction on whose connection it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Inside,
    Begins,
    Ends,
    /// It makes what was done inside a transaction part of the one around it.
    Keeps,
    /// It undoes what was done inside a transaction, and goes on with the one around it.
    Undoes,
}

impl Kind {
    pub(crate) const fn new(access: Access, pace: Pace) -> Self {
        Self { access, pace, shares: false, part: Part::Inside, level: OUTERMOST }
    }

    /// Work that writes, and means the same inside a savepoint.
    pub(crate) const fn shared_write(pace: Pace) -> Self {
        Self { shares: true, ..Self::new(Access::Write, pace) }
    }

    /// The beginning of a transaction.
    pub(crate) const BEGIN: Self = Self { part: Part::Begins, ..Self::new(Access::Write, Pace::Short) };

    /// The beginning of a snapshot.
    pub(crate) const BEGIN_READ: Self = Self { part: Part::Begins, ..Self::new(Access::Read, Pace::Short) };

    /// The end of a transaction.
    pub(crate) const END: Self = Self { part: Part::Ends, ..Self::new(Access::Write, Pace::Short) };

    /// The end of a transaction inside another one, by which its work is kept.
    pub(crate) const KEEP: Self = Self { part: Part::Keeps, ..Self::new(Access::Write, Pace::Short) };

    /// The end of a transaction inside another one, by which its work is undone.
    pub(crate) const UNDO: Self = Self { part: Part::Undoes, ..Self::new(Access::Write, Pace::Short) };

    /// The same, when it takes its time.
    pub(crate) const fn long(self) -> Self {
        Self { pace: Pace::Long, ..self }
    }

    /// The same in another transaction on the connection.
    pub(crate) const fn at(self, level: Level) -> Self {
        Self { level, ..self }
    }

    pub(crate) const fn access(self) -> Access {
        self.access
    }
}
