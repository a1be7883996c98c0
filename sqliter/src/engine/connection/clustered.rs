//! Transactions that are committed by a cluster.

use std::cell::RefCell;
use std::sync::Arc;

use super::Connection;
use super::report::report;
use crate::engine::cluster::{NotDone, Recording, Replicator, SchemaChange};
use crate::engine::handle::has_broken_references;
use crate::engine::words;
use crate::error::{Context, Error, Result, SqliteError};

/// How many bytes of statements are kept for a transaction that may come to change the schema.
const MOST: usize = 16 << 20;

/// A connection of a database whose writes go to a cluster.
pub(in crate::engine) struct Clustered {
    /// The transaction that is recorded. It ends before the connection.
    open: RefCell<Option<Open>>,
    replicator: Arc<dyn Replicator>,
}

/// The transaction that is open.
struct Open {
    recording: Box<dyn Recording>,
    numbers: Numbers,
    statements: Vec<String>,
    bytes: usize,
    /// Why its statements cannot be sent.
    cannot: Option<&'static str>,
}

/// What a transaction changes that is no row: SQLite's numbers of the schema, of the program, and of its version.
#[derive(PartialEq)]
struct Numbers([i64; 3]);

/// Why a transaction was not committed. Nothing of it is kept here.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Failed {
    Sqlite(SqliteError),
    Cluster(NotDone),
}

impl From<SqliteError> for Failed {
    fn from(source: SqliteError) -> Self {
        Self::Sqlite(source)
    }
}

impl Clustered {
    pub(in crate::engine) fn new(replicator: Arc<dyn Replicator>) -> Self {
        Self { open: RefCell::default(), replicator }
    }
}

impl Connection {
    /// Whether what is written goes to a cluster.
    pub(crate) const fn is_clustered(&self) -> bool {
        self.clustered.is_some()
    }

    /// Begins a transaction that writes.
    pub(crate) fn begin(&mut self, context: Context<'_>) -> Result<()> {
        self.try_begin().map_err(|source| self.error(context, source))
    }

    /// As [`begin`](Self::begin), with SQLite's own report.
    pub(in crate::engine) fn try_begin(&mut self) -> Result<(), SqliteError> {
        self.try_batch("BEGIN IMMEDIATE")?;
        self.has_begun()
    }

    /// A transaction that writes has begun. Where it cannot be recorded, it ends.
    pub(in crate::engine) fn has_begun(&mut self) -> Result<(), SqliteError> {
        let Some(clustered) = &self.clustered else { return Ok(()) };
        let begun = clustered.replicator.record(&self.sqlite).and_then(|recording| {
            let numbers = Numbers::read(&self.sqlite)?;
            Ok(Open { recording, numbers, statements: Vec::new(), bytes: 0, cannot: None })
        });
        match begun {
            Ok(open) => {
                clustered.open.replace(Some(open));
                Ok(())
            }
            Err(error) => {
                let failed = report(error);
                self.control("ROLLBACK")?;
                Err(failed)
            }
        }
    }

    /// Commits the open transaction.
    pub(crate) fn commit(&mut self, context: Context<'_>) -> Result<()> {
        self.try_commit(context).map_err(|failed| self.not_committed(context, failed))
    }

    /// As [`commit`](Self::commit), with what has failed.
    pub(in crate::engine) fn try_commit(&mut self, context: Context<'_>) -> Result<(), Failed> {
        if !self.is_clustered() {
            return Ok(self.try_batch("COMMIT")?);
        }
        self.count();
        let mut failed = None;
        let told = self.log.statement("COMMIT", |_| {
            self.replicate(context).map_err(|why| {
                let error = self.not_committed(context, why.clone());
                failed = Some(why);
                error
            })
        });
        self.has_run("ROLLBACK");
        drop(told);
        failed.map_or(Ok(()), Err)
    }

    /// As [`commit`](Self::commit), for a transaction that is no statement of the user's: it is told when it fails.
    pub(in crate::engine) fn commit_untold(&mut self, context: Context<'_>) -> Result<()> {
        let done = match self.is_clustered() {
            true => self.replicate(context),
            false => self.control("COMMIT").map_err(Failed::Sqlite),
        };
        self.has_run(if self.is_clustered() { "ROLLBACK" } else { "COMMIT" });
        let Err(failed) = done else { return Ok(()) };
        let failed = self.not_committed(context, failed);
        self.log.statement("COMMIT", |_| Err(failed))
    }

    /// Rolls back, and has done on all machines what the transaction did.
    fn replicate(&self, context: Context<'_>) -> Result<(), Failed> {
        let Some(clustered) = &self.clustered else { return Ok(()) };
        let Some(open) = clustered.open.take() else {
            return Err(Failed::Cluster(NotDone::Refused("the transaction was not recorded".to_owned())));
        };
        if has_broken_references(&self.sqlite) {
            // It cannot be committed, and SQLite says why.
            return Ok(self.control("COMMIT")?);
        }
        let proposal = self.proposal(open);
        self.control("ROLLBACK")?;
        match proposal? {
            Some(proposal) => clustered.replicator.propose(proposal, context.time_left()).map_err(Failed::Cluster),
            None => Ok(()),
        }
    }

    fn proposal(&self, mut open: Open) -> Result<Option<Vec<u8>>, Failed> {
        let numbers = Numbers::read(&self.sqlite).map_err(report)?;
        let schema = match (numbers == open.numbers, open.cannot) {
            (true, _) => None,
            (false, Some(why)) => return Err(Failed::Cluster(NotDone::Refused(why.to_owned()))),
            (false, None) => {
                let foreign_keys =
                    self.sqlite.query_row("PRAGMA foreign_keys", [], |row| row.get(0)).map_err(report)?;
                Some(SchemaChange { statements: &open.statements, foreign_keys })
            }
        };
        Ok(open.recording.proposal(&self.sqlite, schema).map_err(report)?)
    }

    fn not_committed(&self, context: Context<'_>, failed: Failed) -> Error {
        match failed {
            Failed::Sqlite(source) => self.error(context, source),
            Failed::Cluster(not_done) => not_done.into_error(),
        }
    }

    /// The transaction is over, however it ended.
    pub(super) fn forget_recording(&self) {
        if let Some(clustered) = &self.clustered {
            clustered.open.replace(None);
        }
    }

    /// A statement has run, which takes no arguments.
    pub(in crate::engine) fn note_text(&self, sql: &str) {
        if !self.is_clustered() || begins_or_ends(sql) {
            return;
        }
        self.note(|| Ok(sql.to_owned()));
    }

    /// A statement has run, which may have written.
    pub(in crate::engine) fn note_run(&self, statement: &rusqlite::Statement<'_>, text: &str) {
        const LIST: &str = "a list of values as an argument cannot be sent in a transaction that changes the schema";
        const LONG: &str = "the values of a statement are too long to be sent in a transaction that changes the schema";
        if !self.is_clustered() || (statement.readonly() && !words::is_first_of(text, &["PRAGMA"])) {
            return;
        }
        self.note(|| match text.contains("rarray(") {
            true => Err(LIST),
            false => statement.expanded_sql().ok_or(LONG),
        });
    }

    fn note(&self, sql: impl FnOnce() -> Result<String, &'static str>) {
        const MUCH: &str = "the transaction changes the schema and has run more than 16 MiB of statements";
        let Some(clustered) = &self.clustered else { return };
        let mut open = clustered.open.borrow_mut();
        let Some(open) = open.as_mut().filter(|open| open.cannot.is_none()) else { return };
        match sql() {
            Ok(sql) => {
                open.bytes += sql.len();
                open.statements.push(sql);
            }
            Err(why) => open.cannot = Some(why),
        }
        if open.bytes > MOST {
            open.cannot = Some(MUCH);
        }
        if open.cannot.is_some() {
            open.statements = Vec::new();
        }
    }
}

impl Numbers {
    fn read(sqlite: &rusqlite::Connection) -> rusqlite::Result<Self> {
        let read = |pragma| sqlite.prepare_cached(pragma)?.query_row([], |row| row.get(0));
        Ok(Self([read("PRAGMA schema_version")?, read("PRAGMA application_id")?, read("PRAGMA user_version")?]))
    }
}

/// Whether a text begins or ends a transaction, and no savepoint.
fn begins_or_ends(sql: &str) -> bool {
    let ends = words::is_first_of(sql, &["ROLLBACK"]) && !words::is_rollback_to(sql);
    ends || words::is_first_of(sql, &["BEGIN", "COMMIT", "END"])
}

impl NotDone {
    /// What the program is told.
    pub(in crate::engine) fn into_error(self) -> Error {
        match self {
            Self::Conflict => Error::Conflict,
            Self::Refused(reason) => Error::NotReplicated { reason },
            Self::Unknown(reason) => Error::CommitUnknown { reason },
        }
    }
}
