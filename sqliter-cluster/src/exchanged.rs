//! Changes that cannot be made one after the other, as those of rows that exchange unique values: all rows that are changed are taken
//! out of their tables, and put back as they are to be.

use std::collections::HashMap;
use std::ffi::{CStr, c_int, c_uchar};
use std::ptr::null_mut;

use rusqlite::types::Value;
use rusqlite::{Connection, Error, Result, ffi, params_from_iter};

use crate::changes::check;

/// One change of a row. A value that an update leaves as it is is `None`.
struct Change {
    table: String,
    kind: Kind,
    /// Which columns the row is known by.
    is_key: Vec<bool>,
    old: Vec<Option<Value>>,
    new: Vec<Option<Value>>,
}

#[derive(PartialEq)]
enum Kind {
    Insert,
    Update,
    Delete,
}

/// A table as changes are about it.
struct Table {
    name: String,
    /// Its columns in their order, without those that are computed; before them the row id, where rows are known by it.
    columns: Vec<String>,
    /// Whether its rows have row ids that are no column among these.
    has_hidden_row_ids: bool,
}

/// Makes the changes, in a savepoint: all or none.
pub(crate) fn apply(connection: &Connection, changes: &[u8]) -> Result<()> {
    connection.execute_batch("SAVEPOINT cluster_exchange")?;
    let done = apply_inside(connection, changes);
    if done.is_err() {
        connection.execute_batch("ROLLBACK TO cluster_exchange")?;
    }
    connection.execute_batch("RELEASE cluster_exchange")?;
    done
}

fn apply_inside(connection: &Connection, changes: &[u8]) -> Result<()> {
    let mut tables = HashMap::new();
    let mut rows = Vec::new();
    for change in read(connection, changes)? {
        let table = match tables.get(&change.table) {
            Some(table) => table,
            None => {
                let table = Table::look(connection, &change.table, change.is_key.len())?;
                tables.entry(change.table.clone()).or_insert(table)
            }
        };
        let (row_id, values) = match change.kind {
            Kind::Insert => (None, change.new),
            Kind::Delete => {
                table.take(connection, &change)?;
                continue;
            }
            Kind::Update => {
                let (row_id, was) = table.take(connection, &change)?;
                let is = change.new.into_iter().zip(was).map(|(new, was)| new.or(Some(was))).collect();
                (row_id, is)
            }
        };
        rows.push((change.table, row_id, values));
    }
    // Those that were there come first, so that they keep their row ids.
    rows.sort_by_key(|(_, row_id, _)| row_id.is_none());
    for (table, row_id, values) in rows {
        if let Some(table) = tables.get(&table) {
            table.put(connection, row_id, values)?;
        }
    }
    Ok(())
}

impl Table {
    fn look(connection: &Connection, name: &str, columns: usize) -> Result<Self> {
        const COLUMNS: &str = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid";
        const ROW_ID: &str = "_rowid_";
        let mut known = connection.prepare(COLUMNS)?;
        let mut known: Vec<String> = known.query_map([name], |row| row.get(0))?.collect::<Result<_>>()?;
        if known.len() + 1 == columns {
            known.insert(0, ROW_ID.to_owned());
        }
        if known.len() != columns {
            return Err(aborted(&format!("the table {name} has {} columns, and not {columns}", known.len())));
        }
        let has_row_ids = connection.prepare(&format!("SELECT {ROW_ID} FROM {} LIMIT 0", quoted(name))).is_ok();
        let has_hidden_row_ids = has_row_ids && !known.iter().any(|column| column == ROW_ID);
        Ok(Self { name: name.to_owned(), columns: known, has_hidden_row_ids })
    }

    /// Takes a row out, and gives its row id, if that is hidden, and its values.
    fn take(&self, connection: &Connection, change: &Change) -> Result<(Option<Value>, Vec<Value>)> {
        let key = || self.columns.iter().zip(&change.is_key).filter(|(_, is_key)| **is_key);
        let is: Vec<_> = key().map(|(column, _)| format!("{} IS ?", quoted(column))).collect();
        let values: Vec<_> = change.old.iter().zip(&change.is_key).filter(|(_, is_key)| **is_key).collect();
        let values: Vec<_> = values.into_iter().filter_map(|(value, _)| value.clone()).collect();
        let (name, is, columns) = (quoted(&self.name), is.join(" AND "), self.listed());
        let hidden = if self.has_hidden_row_ids { "_rowid_" } else { "NULL" };
        let row = format!("SELECT {hidden}, {columns} FROM {name} WHERE {is}");
        let row = connection.prepare_cached(&row)?.query_row(params_from_iter(&values), |row| {
            let row_id = self.has_hidden_row_ids.then(|| row.get(0)).transpose()?;
            let values = (0..self.columns.len()).map(|column| row.get(column + 1)).collect::<Result<_>>()?;
            Ok((row_id, values))
        });
        let row = row.map_err(|error| match error {
            Error::QueryReturnedNoRows => aborted(&format!("a row of {} is not there", self.name)),
            error => error,
        })?;
        connection.prepare_cached(&format!("DELETE FROM {name} WHERE {is}"))?.execute(params_from_iter(&values))?;
        Ok(row)
    }

    fn put(&self, connection: &Connection, row_id: Option<Value>, values: Vec<Option<Value>>) -> Result<()> {
        let row_ids = if row_id.is_some() { "_rowid_, " } else { "" };
        let places = vec!["?"; usize::from(row_id.is_some()) + values.len()].join(", ");
        let (name, columns) = (quoted(&self.name), self.listed());
        let insert = format!("INSERT OR ABORT INTO {name} ({row_ids}{columns}) VALUES ({places})");
        let values = values.into_iter().map(|value| value.unwrap_or(Value::Null));
        connection.prepare_cached(&insert)?.execute(params_from_iter(row_id.into_iter().chain(values)))?;
        Ok(())
    }

    fn listed(&self) -> String {
        self.columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What SQLite gives itself where changes do not fit.
fn aborted(reason: &str) -> Error {
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT), Some(reason.to_owned()))
}

/// The changes, in the order in which they stand.
fn read(connection: &Connection, changes: &[u8]) -> Result<Vec<Change>> {
    let length = c_int::try_from(changes.len()).map_err(|_| Error::InvalidQuery)?;
    let mut iterator = null_mut();
    // SAFETY: SQLite reads the buffer only, whatever the type of the argument says, and it outlives the iterator, which is ended below.
    // The pointers that the iterator gives are used before its next step.
    unsafe {
        let start = ffi::sqlite3changeset_start(&raw mut iterator, length, changes.as_ptr().cast_mut().cast());
        check(connection, start)?;
        let mut read = Vec::new();
        let ended = loop {
            match ffi::sqlite3changeset_next(iterator) {
                ffi::SQLITE_ROW => match next(connection, iterator) {
                    Ok(change) => read.push(change),
                    Err(error) => break Err(error),
                },
                ffi::SQLITE_DONE => break Ok(()),
                code => break check(connection, code),
            }
        };
        let finalized = check(connection, ffi::sqlite3changeset_finalize(iterator));
        ended.and(finalized)?;
        Ok(read)
    }
}

/// The change that an iterator stands at.
///
/// # Safety
///
/// The iterator must stand at a change.
unsafe fn next(connection: &Connection, iterator: *mut ffi::sqlite3_changeset_iter) -> Result<Change> {
    let (mut name, mut columns, mut operation, mut indirect) = (std::ptr::null(), 0, 0, 0);
    let (mut keys, mut key_columns): (*mut c_uchar, c_int) = (null_mut(), 0);
    // SAFETY: the caller says that the iterator stands at a change. SQLite gives the name of the table as text that ends with NUL, and a
    // byte for each column; both are copied here.
    let (table, is_key) = unsafe {
        let op =
            ffi::sqlite3changeset_op(iterator, &raw mut name, &raw mut columns, &raw mut operation, &raw mut indirect);
        check(connection, op)?;
        check(connection, ffi::sqlite3changeset_pk(iterator, &raw mut keys, &raw mut key_columns))?;
        let keys = std::slice::from_raw_parts(keys, usize::try_from(key_columns).unwrap_or(0));
        (CStr::from_ptr(name).to_string_lossy().into_owned(), keys.iter().map(|key| *key != 0).collect())
    };
    let kind = match operation {
        ffi::SQLITE_INSERT => Kind::Insert,
        ffi::SQLITE_UPDATE => Kind::Update,
        _ => Kind::Delete,
    };
    let values = |get: unsafe extern "C" fn(_, c_int, *mut *mut ffi::sqlite3_value) -> c_int| {
        (0..columns)
            .map(|column| {
                let mut value = null_mut();
                // SAFETY: as above; the column is one of the table, and the value is copied.
                unsafe {
                    check(connection, get(iterator, column, &raw mut value))?;
                    Ok((!value.is_null()).then(|| copied(value)))
                }
            })
            .collect::<Result<Vec<_>>>()
    };
    let old = if kind == Kind::Insert { Vec::new() } else { values(ffi::sqlite3changeset_old)? };
    let new = if kind == Kind::Delete { Vec::new() } else { values(ffi::sqlite3changeset_new)? };
    Ok(Change { table, kind, is_key, old, new })
}

/// # Safety
///
/// It must be a value of SQLite's, which nobody else uses meanwhile.
unsafe fn copied(value: *mut ffi::sqlite3_value) -> Value {
    // SAFETY: as the caller says. SQLite gives text and blobs with their lengths in bytes; a blob without bytes may be a null pointer.
    unsafe {
        let bytes = |start: *const u8| match start.is_null() {
            true => Vec::new(),
            false => {
                let length = usize::try_from(ffi::sqlite3_value_bytes(value)).unwrap_or(0);
                std::slice::from_raw_parts(start, length).to_vec()
            }
        };
        match ffi::sqlite3_value_type(value) {
            ffi::SQLITE_INTEGER => Value::Integer(ffi::sqlite3_value_int64(value)),
            ffi::SQLITE_FLOAT => Value::Real(ffi::sqlite3_value_double(value)),
            ffi::SQLITE_TEXT => {
                Value::Text(String::from_utf8_lossy(&bytes(ffi::sqlite3_value_text(value))).into_owned())
            }
            ffi::SQLITE_BLOB => Value::Blob(bytes(ffi::sqlite3_value_blob(value).cast())),
            _ => Value::Null,
        }
    }
}
