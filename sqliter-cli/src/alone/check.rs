//! `sqliter check`.

use std::path::Path;

use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;
use sqliter::schema::{Column, Schema, Table, TableKind, quoted};
use sqliter_cli::output::{BAD, GOOD, Outcome, Output};
use sqliter_cli::progress::Progress;

use super::failure::Failure;
use super::file;
use super::schema;

/// Something that is wrong with a file.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Finding {
    /// What SQLite says of the file itself.
    Integrity { message: String },
    /// Rows that refer to nothing.
    ForeignKey { table: String, columns: Vec<String>, references: String, rows: i64, first_rowid: Option<i64> },
    /// A foreign key that SQLite cannot check.
    ForeignKeyUnusable { table: String, message: String },
    /// Values of another storage class than the type of the column asks for.
    Type { table: String, column: String, declared_type: String, found: String, rows: i64 },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integrity { message } => write!(f, "{message}"),
            Self::ForeignKey { table, columns, references, rows, first_rowid } => {
                write!(f, "{table}.{}: {rows} rows refer to no row of {references}", columns.join(", "))?;
                first_rowid.map_or(Ok(()), |rowid| write!(f, "; the first has the row id {rowid}"))
            }
            Self::ForeignKeyUnusable { table, message } => write!(f, "{table}: {message}"),
            Self::Type { table, column, declared_type, found, rows } => {
                write!(f, "{table}.{column}: {rows} values are {found}, and the column is {declared_type}")
            }
        }
    }
}

pub(super) fn run(path: &Path, output: Output) -> Result<Outcome, Failure> {
    let failed = |error| file::of_statement(path, error);
    let connection = file::read(path)?;
    let progress = Progress::new(output);
    progress.say(format!("checking {}", path.display()));
    let mut findings = integrity(&connection).map_err(failed)?;
    // The schema of a file that is damaged cannot be relied on.
    if findings.is_empty() {
        let schema = schema::read(path)?;
        for table in schema.tables.iter().filter(|table| table.kind == TableKind::Ordinary) {
            findings.extend(foreign_keys(&connection, table, &schema).map_err(failed)?);
            progress.say(format!("checking {}", table.name));
            findings.extend(types(&connection, table).map_err(failed)?);
        }
    }
    drop(progress);
    if output.is_json() {
        output
            .json(&json!({ "file": path.display().to_string(), "sound": findings.is_empty(), "findings": findings }))?;
    } else if findings.is_empty() {
        super::print(&format!("{}: nothing found in {}\n", output.paint(GOOD, "sound"), path.display()))?;
    } else {
        let lines: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
        let count = output.paint(BAD, format!("{} found in {}", findings.len(), path.display()));
        super::print(&format!("{lines}{count}\n"))?;
    }
    Ok(if findings.is_empty() { Outcome::Fine } else { Outcome::Found })
}

/// What SQLite finds: damaged pages, indexes that miss rows, broken NOT NULL, CHECK and STRICT.
fn integrity(connection: &Connection) -> rusqlite::Result<Vec<Finding>> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let messages = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>();
    match messages {
        Ok(messages) => {
            let wrong = messages.into_iter().filter(|message| message != "ok");
            Ok(wrong.map(|message| Finding::Integrity { message }).collect())
        }
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            Ok(vec![Finding::Integrity { message: error.to_string() }])
        }
        Err(error) => Err(error),
    }
}

fn foreign_keys(connection: &Connection, table: &Table, schema: &Schema) -> rusqlite::Result<Vec<Finding>> {
    const BROKEN: &str = "SELECT v.parent, v.fkid, count(*), min(v.rowid), \
        (SELECT json_group_array(k.\"from\") FROM pragma_foreign_key_list(?1) AS k WHERE k.id = v.fkid) \
        FROM pragma_foreign_key_check(?1) AS v GROUP BY v.fkid";
    if table.foreign_keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare(BROKEN)?;
    let found = statement.query_map([&table.name], |row| {
        let columns: String = row.get(4)?;
        let parent: String = row.get(0)?;
        let references = match schema.table(&parent) {
            Some(_) => parent,
            None => format!("{parent}, which does not exist"),
        };
        Ok(Finding::ForeignKey {
            table: table.name.clone(),
            columns: serde_json::from_str(&columns).unwrap_or_default(),
            references,
            rows: row.get(2)?,
            first_rowid: row.get(3)?,
        })
    })?;
    match found.collect::<rusqlite::Result<Vec<_>>>() {
        Ok(findings) => Ok(findings),
        // The key that is referred to is no key.
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown) => {
            Ok(vec![Finding::ForeignKeyUnusable { table: table.name.clone(), message: error.to_string() }])
        }
        Err(error) => Err(error),
    }
}

/// Values of storage classes that the types of their columns do not ask for. STRICT tables are SQLite's own business.
fn types(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if table.strict {
        return Ok(findings);
    }
    let checked: Vec<(&Column, &str)> =
        table.columns.iter().filter_map(|column| Some((column, classes(column.declared_type.as_str())?))).collect();
    if checked.is_empty() {
        return Ok(findings);
    }
    let unfit = |(column, classes): &(&Column, &str)| {
        format!("count(*) FILTER (WHERE typeof({}) NOT IN ({classes}))", quoted(&column.name))
    };
    let counts = checked.iter().map(unfit).collect::<Vec<_>>().join(", ");
    let counts = connection.query_row(&format!("SELECT {counts} FROM {}", quoted(&table.name)), [], |row| {
        (0..checked.len()).map(|i| row.get::<_, i64>(i)).collect::<rusqlite::Result<Vec<_>>>()
    })?;
    for ((column, classes), _) in checked.iter().zip(counts).filter(|(_, count)| *count > 0) {
        let (name, from) = (quoted(&column.name), quoted(&table.name));
        let sql =
            format!("SELECT typeof({name}), count(*) FROM {from} WHERE typeof({name}) NOT IN ({classes}) GROUP BY 1");
        let mut statement = connection.prepare(&sql)?;
        let found = statement.query_map([], |row| {
            Ok(Finding::Type {
                table: table.name.clone(),
                column: column.name.clone(),
                declared_type: column.declared_type.to_string(),
                found: row.get::<_, String>(0)?.to_ascii_uppercase(),
                rows: row.get(1)?,
            })
        })?;
        for finding in found {
            findings.push(finding?);
        }
    }
    Ok(findings)
}

/// The storage classes that a declared type asks for, if it is clear.
fn classes(declared: &str) -> Option<&'static str> {
    let declared = declared.to_ascii_uppercase();
    let has = |parts: &[&str]| parts.iter().any(|part| declared.contains(part));
    // The order is that of https://www.sqlite.org/datatype3.html#determination_of_column_affinity.
    if has(&["INT"]) {
        return Some("'integer', 'null'");
    }
    if has(&["CHAR", "CLOB", "TEXT"]) {
        return Some("'text', 'null'");
    }
    if has(&["BLOB"]) {
        return Some("'blob', 'null'");
    }
    if has(&["REAL", "FLOA", "DOUB"]) {
        return Some("'real', 'null'");
    }
    if has(&["DATE", "TIME"]) {
        return Some("'text', 'integer', 'real', 'null'");
    }
    if has(&["BOOL"]) {
        return Some("'integer', 'null'");
    }
    if has(&["DEC", "NUM"]) {
        return Some("'integer', 'real', 'null'");
    }
    None
}
