//! The image of a database, to make others like it in no time.

use std::sync::Mutex;

use rusqlite::backup::{Backup, StepResult};

use super::connection::report;
use super::{Connection, locked};
use crate::error::{Context, Result, SqliteError, code};

/// All pages of a database, in memory.
pub(crate) struct Image(Mutex<rusqlite::Connection>);

impl Image {
    /// That of the database of a connection.
    pub(crate) fn of(connection: &Connection, context: Context<'_>) -> Result<Self> {
        let copied = || {
            let mut image = rusqlite::Connection::open_in_memory().map_err(report)?;
            copy(connection.sqlite(), &mut image)?;
            Ok(image)
        };
        copied().map(|image| Self(Mutex::new(image))).map_err(|source| connection.error(context, source))
    }

    /// Makes the database of a connection the same.
    pub(crate) fn restore(&self, connection: &mut Connection, context: Context<'_>) -> Result<()> {
        let restored = copy(&locked(&self.0), connection.sqlite_mut());
        // All that was known of the schema is another.
        connection.has_run("ALTER");
        restored.map_err(|source| connection.error(context, source))
    }
}

fn copy(from: &rusqlite::Connection, to: &mut rusqlite::Connection) -> Result<(), SqliteError> {
    const ALL: i32 = -1;
    let step = Backup::new(from, to).and_then(|backup| backup.step(ALL)).map_err(report)?;
    match step {
        StepResult::Done => Ok(()),
        other => Err(SqliteError { code: code::BUSY, message: format!("the database is in use: {other:?}") }),
    }
}
