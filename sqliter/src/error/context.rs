//! What a statement was for.

use std::time::{Duration, Instant};

use super::{Error, Operation, SqliteError, code, report};

/// What a statement was for, to turn SQLite's report into the right error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) operation: Operation,
    /// The table, or the statement for [`Operation::Execute`].
    pub(crate) subject: &'a str,
    /// By when it must be done.
    limit: Option<TimeLimit>,
}

/// A time limit of a call, and when it ends.
#[derive(Debug, Clone, Copy)]
struct TimeLimit {
    after: Duration,
    end: Instant,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(operation: Operation, subject: &'a str) -> Self {
        Self { operation, subject, limit: None }
    }

    /// The same, to be done within a time from now on. Of two limits the one that ends first counts.
    pub(crate) fn within(self, time: Option<Duration>) -> Self {
        // A time beyond the end of time never comes.
        let limit = time.and_then(|after| Some(TimeLimit { after, end: Instant::now().checked_add(after)? }));
        match (self.limit, limit) {
            (Some(own), Some(other)) if own.end <= other.end => self,
            (_, None) => self,
            (_, limit) => Self { limit, ..self },
        }
    }

    /// How much time is left, if it is limited.
    pub(crate) fn time_left(self) -> Option<Duration> {
        self.limit.map(|limit| limit.end.saturating_duration_since(Instant::now()))
    }

    /// The error of what was not done in time, if its time is over.
    pub(crate) fn late(self) -> Option<Error> {
        let limit = self.limit.filter(|limit| Instant::now() >= limit.end)?;
        Some(Error::Timeout { operation: self.operation, table: self.subject.to_owned(), after: limit.after })
    }

    /// The error for SQLite's report; `limit` is the busy timeout.
    pub(crate) fn error(self, source: SqliteError, limit: Duration) -> Error {
        let Self { operation, subject, .. } = self;
        let table = subject.to_owned();
        match source.primary_code() {
            code::BUSY | code::LOCKED => Error::Busy { operation, table, limit, source },
            code::CONSTRAINT => report::violation(operation, subject, source),
            _ => match operation {
                Operation::CreateTable => Error::TableCreation { table, source },
                Operation::DropTable => Error::TableDeletion { table, source },
                Operation::Insert => Error::RecordInsertion { table, source },
                Operation::Update => Error::RecordUpdate { table, source },
                Operation::Delete => Error::RecordDeletion { table, source },
                Operation::Fetch => Error::RecordFetch { table, source },
                Operation::Open | Operation::Close => {
                    Error::Connection { path: table, reason: source.to_string(), source: Some(Box::new(source)) }
                }
                Operation::Migrate => Error::CannotMigrate { reason: source.to_string(), source: Some(source) },
                Operation::Execute => Error::SqlExecution { sql: table, source },
            },
        }
    }
}
