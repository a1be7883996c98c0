//! What a database file holds, as text, to see whether two hold the same.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Result};

/// What hiqlite keeps for itself, and what SQLite counts for its plans: another thing in each file.
const OF_THE_FILE: &[&str] = &["_metadata", "sqlite_stat"];

/// The schema and all rows of a file, with their row ids, the counters of AUTOINCREMENT included, a line each.
///
/// # Errors
///
/// What SQLite says.
pub fn dump(file: &Path) -> Result<Vec<String>> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    dump_of(&connection)
}

/// As [`dump`], of what a connection has open.
///
/// # Errors
///
/// What SQLite says.
pub fn dump_of(connection: &Connection) -> Result<Vec<String>> {
    let transaction = connection.unchecked_transaction()?;
    let mut lines = Vec::new();
    let mut tables = Vec::new();
    let mut schema = transaction.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")?;
    let mut rows = schema.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, name, sql): (String, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if OF_THE_FILE.iter().any(|own| name.trim_start_matches("sqlite_autoindex_").starts_with(own)) {
            continue;
        }
        lines.push(format!("{kind} {name}: {}", sql.unwrap_or_default()));
        if kind == "table" {
            tables.push(name);
        }
    }
    for table in tables {
        let quoted = table.replace('"', "\"\"");
        let by_row_id = transaction.prepare(&format!("SELECT rowid, * FROM \"{quoted}\" ORDER BY rowid"));
        let by_key = || transaction.prepare(&format!("SELECT * FROM \"{quoted}\" ORDER BY 1, 2"));
        let mut statement = by_row_id.or_else(|_| by_key())?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values: Vec<String> = (0..columns).map(|at| row.get_ref(at).map(shown)).collect::<Result<_>>()?;
            lines.push(format!("{table}: {}", values.join(", ")));
        }
    }
    Ok(lines)
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{:x} real", number.to_bits()),
        ValueRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
    }
}
