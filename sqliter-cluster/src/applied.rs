//! What the machines have agreed on, done in the file of this one.

use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior};
use serde::{Deserialize, Serialize};
use sqliter::cluster::ApplyingConnection;

use crate::changes::{Changes, ready};
use crate::clock::Clock;

/// What the log holds.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Proposal {
    /// The version of the database that it was made for. On another one it does nothing.
    pub(crate) base: i64,
    pub(crate) change: Change,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Change {
    Rows(Changes),
    Schema {
        statements: Vec<String>,
        foreign_keys: bool,
        /// The time when it was proposed.
        now: String,
    },
}

/// What became of a proposal; the same on every machine.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Done,
    /// Another one came first.
    Conflict,
    /// SQLite refuses it.
    Refused(String),
}

/// How many entries a file has, and how many of them were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Version {
    pub(crate) applied: i64,
    pub(crate) version: i64,
}

impl Version {
    /// That of a file. Before the first entry it has no table for it.
    pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Self> {
        const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_cluster')";
        if !connection.prepare_cached(IS_THERE)?.query_row([], |row| row.get(0))? {
            return Ok(Self::default());
        }
        let mut read = connection.prepare_cached("SELECT applied, version FROM sqlite_cluster")?;
        let version = read.query_row([], |row| Ok(Self { applied: row.get(0)?, version: row.get(1)? })).optional()?;
        Ok(version.unwrap_or_default())
    }

    /// The name is one of SQLite's own, so that the table is in nobody's list of tables, and nobody drops it.
    fn write(self, connection: &Connection) -> rusqlite::Result<()> {
        const SET: &str = "UPDATE sqlite_cluster SET applied = ?, version = ?";
        let Self { applied, version } = self;
        if Self::read(connection)? == Self::default() {
            connection.execute_batch(
                "PRAGMA writable_schema = ON; \
                CREATE TABLE IF NOT EXISTS sqlite_cluster (applied INTEGER NOT NULL, version INTEGER NOT NULL) STRICT; \
                PRAGMA writable_schema = OFF; \
                INSERT INTO sqlite_cluster SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_cluster)",
            )?;
        }
        connection.prepare_cached(SET)?.execute((applied, version)).map(drop)
    }
}

/// The file, where entries are applied.
#[derive(Debug)]
pub(crate) struct Applied {
    connection: ApplyingConnection,
    clock: Clock,
}

impl Applied {
    pub(crate) fn new(connection: ApplyingConnection) -> rusqlite::Result<Self> {
        let clock = Clock::default();
        let sqlite = connection.sqlite();
        // Whoever writes here is waited for by trying again, so that stopping waits for nobody.
        sqlite.busy_timeout(std::time::Duration::from_millis(20))?;
        clock.give(sqlite)?;
        check_tables(sqlite)?;
        ready(sqlite)?;
        // As in scripts.
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, true)?;
        sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)?;
        Ok(Self { connection, clock })
    }

    pub(crate) const fn connection(&self) -> &ApplyingConnection {
        &self.connection
    }

    pub(crate) fn version(&self) -> rusqlite::Result<Version> {
        Version::read(self.connection.sqlite())
    }

    /// Applies an entry, and remembers it in the same transaction. Only what is a property of the data is an outcome; any other error
    /// leaves the file as it was.
    pub(crate) fn apply(&self, number: i64, bytes: &[u8]) -> rusqlite::Result<Outcome> {
        let sqlite = self.connection.sqlite();
        let proposal = postcard::from_bytes::<Proposal>(bytes);
        if let Ok(Proposal { change: Change::Schema { foreign_keys, now, .. }, .. }) = &proposal {
            self.clock.set(now);
            sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, true)?;
            sqlite.pragma_update(None, "foreign_keys", foreign_keys)?;
        }
        let outcome = apply(sqlite, number, proposal);
        if !sqlite.is_autocommit() {
            sqlite.execute_batch("ROLLBACK")?;
        }
        ready(sqlite)?;
        self.connection.has_committed();
        outcome
    }
}

fn apply(sqlite: &Connection, number: i64, proposal: postcard::Result<Proposal>) -> rusqlite::Result<Outcome> {
    let mut tx = Transaction::new_unchecked(sqlite, TransactionBehavior::Immediate)?;
    let now = Version::read(&tx)?;
    if number <= now.applied {
        // It was applied before the connection was opened.
        return Ok(Outcome::Conflict);
    }
    let mut outcome = Outcome::Done;
    match proposal {
        Err(error) => outcome = Outcome::Refused(error.to_string()),
        Ok(proposal) if proposal.base != now.version => outcome = Outcome::Conflict,
        Ok(proposal) => {
            let inner = tx.savepoint()?;
            let done = match &proposal.change {
                Change::Rows(changes) => changes.apply(&inner),
                Change::Schema { statements, .. } => {
                    let ran = statements.iter().try_for_each(|sql| run(&inner, sql));
                    ran.and_then(|()| check_tables(&inner))
                }
            };
            match done {
                Ok(()) => inner.commit()?,
                Err(error) if is_of_the_data(&error) => {
                    outcome = Outcome::Refused(error.to_string());
                    drop(inner);
                }
                Err(error) => return Err(error),
            }
        }
    }
    let version = now.version + i64::from(matches!(outcome, Outcome::Done));
    Version { applied: number, version }.write(&tx)?;
    tx.commit()?;
    Ok(outcome)
}

/// Refuses a table whose rows can be known by nothing: SQLite would record no change of them, and say nothing.
fn check_tables(sqlite: &Connection) -> rusqlite::Result<()> {
    const UNKNOWN: &str = "SELECT t.name FROM pragma_table_list AS t WHERE t.schema = 'main' AND t.type = 'table' \
        AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE pk > 0) \
        AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = '_rowid_' COLLATE NOCASE)";
    match sqlite.prepare(UNKNOWN)?.query_row([], |row| row.get::<_, String>(0)).optional()? {
        None => Ok(()),
        Some(table) => {
            let reason =
                format!("the table {table} has no primary key, and a column `_rowid_`: nothing tells its rows apart");
            let refused = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT);
            Err(rusqlite::Error::SqliteFailure(refused, Some(reason)))
        }
    }
}

/// Runs the statements of a text. What rows they return is not read.
fn run(sqlite: &Connection, sql: &str) -> rusqlite::Result<()> {
    let mut batch = Batch::new(sqlite, sql);
    while let Some(mut statement) = batch.next()? {
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// Whether every machine that has the same data has the same error.
fn is_of_the_data(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::ConstraintViolation | ErrorCode::OperationAborted | ErrorCode::TypeMismatch | ErrorCode::Unknown
        )
    )
}
