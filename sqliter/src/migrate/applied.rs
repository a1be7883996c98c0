//! What was applied to the database, and what is to be done.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use super::call::Direction;
use super::migrations::{Migrations, Step};
use crate::engine::{Connection, Scratch};
use crate::error::{Context, Error, Operation, Result};
use crate::sql;
use crate::value::{Value, ValueRef};

/// A migration that was applied by a call, or undone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppliedMigration {
    /// Its version.
    pub version: i64,
    /// What the name of its file says.
    pub description: String,
    /// How long it ran, without the checks before the commit.
    pub took: Duration,
}

/// What a migration is to a database, from [`Db::migration_status`](crate::Db::migration_status).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MigrationStatus {
    /// Its version.
    pub version: i64,
    /// What the name of its file says; of one that the program does not have, what it said.
    pub description: String,
    /// Whether it was applied.
    pub state: MigrationState,
    /// When it was applied, in UTC, as `2026-01-31 12:00:00`.
    pub applied_at: Option<String>,
    /// Whether the program knows how to undo it: by a file `.down.sql`, or the `down` of one in Rust.
    pub can_be_undone: bool,
}

/// Whether a migration was applied to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MigrationState {
    /// It was.
    Applied,
    /// Not yet.
    Pending,
    /// It was applied, and its file is another one now.
    Changed,
    /// It was applied, and the program does not have it.
    Missing,
    /// It runs without a transaction, and was begun.
    Unfinished,
}

/// A row of the table.
#[derive(Debug)]
pub(super) struct AppliedRow {
    version: i64,
    description: String,
    is_done: bool,
    checksum: Vec<u8>,
    applied_at: Option<String>,
}

/// Reads the table; without one, nothing was applied.
pub(super) fn read(connection: &mut Connection, table: &str) -> Result<Vec<AppliedRow>> {
    let statement = sql::select_applied(table);
    let text = |value: Result<ValueRef<'_>, String>| match value {
        Ok(ValueRef::Text(text)) => Some(text.to_owned()),
        _ => None,
    };
    let read = connection.query(&statement, Context::new(Operation::Execute, &statement.text), |row| {
        let checksum = match row.value(3) {
            Ok(ValueRef::Blob(checksum)) => checksum.to_vec(),
            _ => Vec::new(),
        };
        Ok(AppliedRow {
            version: row.integer(0).unwrap_or_default(),
            description: text(row.value(1)).unwrap_or_default(),
            is_done: row.integer(2) != Some(0),
            checksum,
            applied_at: text(row.value(4)),
        })
    });
    match read {
        Err(error) if error.sqlite().is_some_and(|report| report.missing_table().is_some()) => Ok(Vec::new()),
        read => read,
    }
}

/// Reads the table of a file, which is only read.
fn read_file(path: &Path, table: &str) -> Result<Vec<AppliedRow>> {
    let sql = sql::select_applied(table).text;
    let rows = match Scratch::of_file(path)?.rows(5, &sql, &[]) {
        Err(error) if error.missing_table().is_some() => Vec::new(),
        rows => rows.map_err(|source| Error::SqlExecution { sql, source })?,
    };
    let row = |cells: Vec<Value>| {
        let mut cells = cells.into_iter();
        let mut next = || cells.next().unwrap_or(Value::Null);
        let integer = |value| if let Value::Integer(integer) = value { Some(integer) } else { None };
        AppliedRow {
            version: integer(next()).unwrap_or_default(),
            description: next().into_text().unwrap_or_default(),
            is_done: integer(next()) != Some(0),
            checksum: if let Value::Blob(checksum) = next() { checksum } else { Vec::new() },
            applied_at: next().into_text(),
        }
    };
    Ok(rows.into_iter().map(row).collect())
}

impl Migrations {
    /// What each migration is to a database file, in the order of their versions, as
    /// [`Db::migration_status`](crate::Db::migration_status) tells it of one that is open. The file is only read: no setting of it
    /// is changed, and it may be one that cannot be written. Other programs are waited for as long as a [`Db`](crate::Db) waits by
    /// default.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when there is no such file, or it is no database; [`Error::CannotMigrate`] when two migrations have the
    /// same version.
    pub fn status_of_file(&self, path: impl AsRef<Path>) -> Result<Vec<MigrationStatus>> {
        self.check()?;
        Ok(status(self, &read_file(path.as_ref(), &self.table)?))
    }
}

/// What each migration is to a database to which these were applied.
pub(super) fn status(migrations: &Migrations, applied: &[AppliedRow]) -> Vec<MigrationStatus> {
    let of_row = |row: &AppliedRow| match migrations.step(row.version) {
        _ if !row.is_done => MigrationState::Unfinished,
        None => MigrationState::Missing,
        Some(step) if step.checksum != row.checksum => MigrationState::Changed,
        Some(_) => MigrationState::Applied,
    };
    let known = applied.iter().map(|row| MigrationStatus {
        version: row.version,
        description: row.description.clone(),
        state: of_row(row),
        applied_at: row.applied_at.clone(),
        can_be_undone: migrations.step(row.version).is_some_and(|step| step.down.is_some()),
    });
    let pending = migrations.steps.iter().filter(|step| !is_applied(step, applied)).map(|step| MigrationStatus {
        version: step.version,
        description: step.description.clone(),
        state: MigrationState::Pending,
        applied_at: None,
        can_be_undone: step.down.is_some(),
    });
    let mut all: Vec<_> = known.chain(pending).collect();
    all.sort_by_key(|status| status.version);
    all
}

fn is_applied(step: &Step, applied: &[AppliedRow]) -> bool {
    applied.iter().any(|row| row.version == step.version)
}

/// The version that was applied before another one; 0 for none.
pub(super) fn before(applied: &[AppliedRow], version: i64) -> i64 {
    applied.iter().rev().find(|row| row.version < version).map_or(0, |row| row.version)
}

/// The versions that are to be applied or undone, in this order, so that `to` is the last one that is applied afterwards.
pub(super) fn pending(
    migrations: &Migrations,
    applied: &[AppliedRow],
    direction: Direction,
    to: Option<i64>,
) -> Result<VecDeque<i64>> {
    migrations.check()?;
    let refused = |reason| Err(Error::CannotMigrate { reason, source: None });
    if let Some(to) = to.filter(|to| *to != 0 && migrations.step(*to).is_none()) {
        return refused(format!("there is no migration {to} to go to"));
    }
    if let Some(row) = applied.iter().find(|row| !row.is_done) {
        let (version, description, table) = (row.version, row.description.clone(), migrations.table.to_string());
        return Err(Error::MigrationUnfinished { version, description, table });
    }
    let missing =
        |row: &AppliedRow| Error::MigrationMissing { version: row.version, description: row.description.clone() };
    let mut known = Vec::new();
    for row in applied {
        match migrations.step(row.version) {
            Some(step) => known.push((step, row)),
            None if migrations.ignores_missing => {}
            None => return Err(missing(row)),
        }
    }
    match direction {
        Direction::Up => {
            if let Some((step, _)) = known.iter().find(|(step, row)| step.checksum != row.checksum) {
                let (version, description) = (step.version, step.description.clone());
                return Err(Error::MigrationChanged { version, description });
            }
            let wanted = |step: &&Step| to.is_none_or(|to| step.version <= to) && !is_applied(step, applied);
            Ok(migrations.steps.iter().filter(wanted).map(|step| step.version).collect())
        }
        Direction::Down => {
            let to = to.unwrap_or_else(|| applied.last().map_or(0, |last| before(applied, last.version)));
            let mut versions = VecDeque::new();
            for row in applied.iter().rev().filter(|row| row.version > to) {
                match migrations.step(row.version) {
                    Some(Step { down: Some(_), .. }) => versions.push_back(row.version),
                    Some(Step { version, description, .. }) => {
                        return refused(format!(
                            "migration {version} ({description}) cannot be undone, as nothing says how: there is no file \
                             `.down.sql` of it, and no `down` of one in Rust"
                        ));
                    }
                    None => return Err(missing(row)),
                }
            }
            Ok(versions)
        }
    }
}
