//! Opening a database file that exists.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::failure::Failure;

/// How long another program is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Opens a file for reading.
pub(super) fn read(path: &Path) -> Result<Connection, Failure> {
    open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Opens a file for reading and writing, with foreign keys on.
pub(super) fn write(path: &Path) -> Result<Connection, Failure> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(|error| of_file(path, error))?;
    Ok(connection)
}

fn open(path: &Path, mode: OpenFlags) -> Result<Connection, Failure> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Failure::Missing(path.to_owned())),
        Err(error) => return Err(Failure::CannotOpen { file: path.to_owned(), reason: error.to_string() }),
        Ok(found) if found.is_dir() => {
            return Err(Failure::CannotOpen { file: path.to_owned(), reason: "it is a folder".to_owned() });
        }
        Ok(_) => {}
    }
    let failed = |error| of_file(path, error);
    let connection = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    // SQLite looks into the file when it is asked for the first time.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
    Ok(connection)
}

/// The failure of what is done with the file itself.
pub(super) fn of_file(path: &Path, error: rusqlite::Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Failure::NoDatabase(path.to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::Busy(path.to_owned()),
        _ => Failure::CannotOpen { file: path.to_owned(), reason: error.to_string() },
    }
}

/// The failure of a statement that is run on the file.
pub(super) fn of_statement(path: &Path, error: rusqlite::Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Failure::NoDatabase(path.to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::Busy(path.to_owned()),
        _ => Failure::Statement(error.to_string()),
    }
}
