//! The database in a form that rust-query takes.

use std::fs;
use std::path::Path;

use common::Result;
use common::data::SCHEMA;
use rusqlite::Connection;

/// Replaces the file by one with the same rows and without AUTOINCREMENT: rust-query refuses SQLite's own table
/// `sqlite_sequence`, as it is not STRICT.
pub(crate) fn without_autoincrement(path: &Path) -> Result<()> {
    let mut new = path.to_owned().into_os_string();
    new.push("-new");
    let connection = Connection::open(&new)?;
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    connection.execute_batch(&SCHEMA.replace(" AUTOINCREMENT", ""))?;
    connection.execute("ATTACH ? AS original", [path.to_str().ok_or("the path is not UTF-8")?])?;
    connection.execute_batch(
        "BEGIN;
         INSERT INTO users SELECT * FROM original.users ORDER BY pk;
         INSERT INTO authors SELECT * FROM original.authors ORDER BY pk;
         INSERT INTO books SELECT * FROM original.books ORDER BY pk;
         COMMIT;
         DETACH original;
         ANALYZE;
         PRAGMA wal_checkpoint(TRUNCATE)",
    )?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(fs::rename(new, path)?)
}
