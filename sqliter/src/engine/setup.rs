//! What a new connection goes through, of the engine and of the pool alike.
//!
//! All of it that reads the database runs on the thread that sqlx has for the connection: there it may wait for the
//! transaction of another program, and keeps no thread of the runtime.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::claim::{Claims, Obstacle};
use super::connection::refuse_nul;
use super::open::Location;
use super::wishes::{FileUse, Wishes};
use super::{file_state, functions, handle, own_functions};
use crate::error::{SqliteError, code};

/// How a new connection is set up.
#[derive(Debug, Clone)]
pub(super) struct SetUp {
    pub(super) location: Location,
    pub(super) wishes: Wishes,
    /// The right to use the file, if there is one.
    pub(super) claims: Option<Arc<Claims>>,
}

impl SetUp {
    /// Opens a connection and sets it up.
    pub(super) async fn connect(&self, options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
        let begun = Instant::now();
        let claim = match &self.claims {
            Some(claims) => Some(claims.claim_within(self.wishes.busy_timeout).await.map_err(in_the_way)?),
            None => None,
        };
        let is_open = self.claims.as_ref().is_some_and(|claims| claims.is_open());
        self.claims.as_ref().map_or(Ok(()), |claims| claims.check()).map_err(in_the_way)?;
        let left = self.wishes.busy_timeout.saturating_sub(begun.elapsed());
        let options = options.clone().busy_timeout(left).create_if_missing(!is_open && !self.reads_only());
        let mut owner = SqliteConnection::connect_with(&options).await?;
        self.apply(&mut owner, begun).await?;
        // The connection has it now.
        drop(claim);
        Ok(owner)
    }

    pub(super) const fn reads_only(&self) -> bool {
        self.wishes.file_use.reads_only()
    }

    /// Sets up a connection of the pool. What it wrote would come to no other machine of a cluster.
    pub(super) async fn apply_to_pool(&self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        self.apply(connection, Instant::now()).await?;
        if self.wishes.replicator.is_some() {
            sqlx::query("PRAGMA query_only = ON").execute(connection).await?;
        }
        Ok(())
    }

    /// Sets up a connection whose opening began at that time.
    pub(super) async fn apply(&self, owner: &mut SqliteConnection, begun: Instant) -> Result<(), sqlx::Error> {
        let sqlite = handle::attach(owner).await?;
        functions::set_up(&sqlite).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        own_functions::set_up(&sqlite, &self.wishes).map_err(sqlx::Error::Configuration)?;
        if let Some(claims) = &self.claims {
            let claim = claims.claim().map_err(in_the_way)?;
            claims.found(&claim).map_err(in_the_way)?;
            functions::keep(&sqlite, claim).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        }
        drop(sqlite);
        match (&self.location, self.wishes.file_use) {
            (Location::File(_), FileUse::Shared | FileUse::Exclusive) => self.begin_log(owner, begun).await?,
            (Location::File(path), FileUse::Immutable) => {
                file_state::check_settled(path).map_err(sqlx::Error::Configuration)?
            }
            (Location::File(_), FileUse::ReadOnly) | (Location::Memory(_), _) => {}
        }
        let encoding: String = sqlx::query_scalar("PRAGMA encoding").fetch_one(&mut *owner).await?;
        if encoding != "UTF-8" {
            let reason = "its text is stored as UTF-16, and only UTF-8 is supported: `sqlite3 old.db .dump | sqlite3 new.db` makes a \
                          file of it that opens";
            return Err(sqlx::Error::Configuration(reason.into()));
        }
        for sql in self.wishes.on_connect.iter() {
            run(sql, owner).await?;
        }
        if self.claims.as_ref().is_some_and(|claims| claims.is_exclusive()) {
            // Their locks would be as fragile, and nothing guards them.
            let attached = "SELECT COUNT(*) FROM pragma_database_list WHERE seq > 1 AND file <> ''";
            if sqlx::query_scalar::<_, i64>(attached).fetch_one(&mut *owner).await? > 0 {
                let reason = "with `exclusive`, no other file can be attached; open it as a `Db` of its own";
                return Err(sqlx::Error::Configuration(reason.into()));
            }
        }
        Ok(())
    }

    /// Gives the database a write-ahead log, if it has none.
    ///
    /// That takes two locks, one after the other. Holding the first of them, SQLite does not wait for the second, as two that
    /// wait for each other would do so for ever. So what is waited for is a lock of everything, which is given back at once.
    async fn begin_log(&self, owner: &mut SqliteConnection, begun: Instant) -> Result<(), sqlx::Error> {
        let mut waited = false;
        loop {
            let changed = sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *owner).await;
            let left = self.wishes.busy_timeout.saturating_sub(begun.elapsed());
            match changed {
                Ok(_) if !waited => return Ok(()),
                Ok(_) => break,
                Err(error) if left.is_zero() || !is_busy(&error) => return Err(error),
                Err(_) => waited = true,
            }
            set_patience(owner, left).await?;
            sqlx::raw_sql("BEGIN EXCLUSIVE; ROLLBACK").execute(&mut *owner).await?;
        }
        set_patience(owner, self.wishes.busy_timeout).await
    }
}

/// How long a new connection waits for a lock.
async fn set_patience(owner: &mut SqliteConnection, limit: Duration) -> Result<(), sqlx::Error> {
    let set = handle::attach(owner).await?.busy_timeout(limit);
    set.map_err(|error| sqlx::Error::Configuration(Box::new(error)))
}

/// Runs SQL of the user on a new connection.
async fn run(sql: &str, owner: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let failed = |reason: String| sqlx::Error::Configuration(Box::new(OnConnect { sql: sql.to_owned(), reason }));
    refuse_nul(sql).map_err(|source| failed(source.to_string()))?;
    if let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *owner).await {
        return Err(match report(&error) {
            Some(report) if report.primary_code() != code::BUSY => failed(report.to_string()),
            _ => error,
        });
    }
    match handle::attach(owner).await?.is_autocommit() {
        true => Ok(()),
        false => Err(failed("it leaves a transaction open; end it with COMMIT".to_owned())),
    }
}

fn in_the_way(obstacle: Obstacle) -> sqlx::Error {
    sqlx::Error::Configuration(Box::new(obstacle))
}

/// SQLite's report in an error of sqlx.
pub(super) fn report(error: &sqlx::Error) -> Option<SqliteError> {
    let error = error.as_database_error()?;
    Some(SqliteError { code: error.code()?.parse().ok()?, message: error.message().to_owned() })
}

pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    report(error).is_some_and(|report| report.primary_code() == code::BUSY)
}

/// SQL of the user for new connections that failed.
#[derive(Debug, thiserror::Error)]
#[error("the SQL of `on_connect` failed: {reason}: {sql}")]
struct OnConnect {
    sql: String,
    reason: String,
}
