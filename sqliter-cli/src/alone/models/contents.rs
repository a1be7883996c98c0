//! What the columns of a file hold: SQLite lets values of any storage class into most.

use std::collections::HashMap;

use rusqlite::Connection;
use sqliter::schema::{Schema, TableKind};

use sqliter::schema::quoted;

/// The storage classes in a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Classes {
    pub(super) integer: bool,
    /// Whether there is an integer besides 0 and 1.
    pub(super) other_integer: bool,
    pub(super) real: bool,
    pub(super) text: bool,
    pub(super) blob: bool,
    pub(super) null: bool,
}

impl Classes {
    /// Whether all values but `NULL` are of these classes.
    pub(super) const fn within(self, integer: bool, real: bool, text: bool, blob: bool) -> bool {
        (integer || !self.integer) && (real || !self.real) && (text || !self.text) && (blob || !self.blob)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.within(false, false, false, false)
    }
}

/// A view with its columns and their declared types, or why it cannot be read.
#[derive(Debug)]
pub(super) struct ViewColumns {
    pub(super) name: String,
    pub(super) columns: Result<Vec<(String, String)>, String>,
}

/// What the tables and views of a file hold.
#[derive(Debug, Default)]
pub(super) struct Contents {
    columns: HashMap<(String, String), Classes>,
    pub(super) views: Vec<ViewColumns>,
}

impl Contents {
    pub(super) fn of(&self, table: &str, column: &str) -> Classes {
        self.columns.get(&(table.to_owned(), column.to_owned())).copied().unwrap_or_default()
    }
}

/// Reads each table once.
pub(super) fn read(connection: &Connection, schema: &Schema) -> rusqlite::Result<Contents> {
    let mut contents = Contents::default();
    for table in schema.tables.iter().filter(|table| table.kind == TableKind::Ordinary) {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        contents.add(connection, &table.name, &names)?;
    }
    for view in &schema.views {
        let columns = columns_of(connection, &view.name).and_then(|columns| {
            let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
            contents.add(connection, &view.name, &names).map(|()| columns)
        });
        let columns = columns.map_err(|error| error.to_string());
        contents.views.push(ViewColumns { name: view.name.clone(), columns });
    }
    Ok(contents)
}

fn columns_of(connection: &Connection, view: &str) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    statement.query_map([view], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// How many columns one statement looks at.
const AT_ONCE: usize = 100;

impl Contents {
    fn add(&mut self, connection: &Connection, table: &str, columns: &[&str]) -> rusqlite::Result<()> {
        for some in columns.chunks(AT_ONCE) {
            let looks = some.iter().map(|column| {
                let name = quoted(column);
                let classes = ["integer", "real", "text", "blob", "null"];
                let classes = classes.map(|class| format!("max(typeof({name}) = '{class}')")).join(", ");
                format!("{classes}, max(typeof({name}) = 'integer' AND {name} NOT IN (0, 1))")
            });
            let looks = looks.collect::<Vec<_>>().join(", ");
            let found = connection.query_row(&format!("SELECT {looks} FROM {}", quoted(table)), [], |row| {
                (0..some.len()).map(|i| classes(row, i * 6)).collect::<rusqlite::Result<Vec<_>>>()
            })?;
            for (column, classes) in some.iter().zip(found) {
                self.columns.insert((table.to_owned(), (*column).to_owned()), classes);
            }
        }
        Ok(())
    }
}

fn classes(row: &rusqlite::Row<'_>, start: usize) -> rusqlite::Result<Classes> {
    // Of no rows the largest is NULL.
    let flag = |i: usize| row.get::<_, Option<bool>>(start + i).map(Option::unwrap_or_default);
    Ok(Classes {
        integer: flag(0)?,
        real: flag(1)?,
        text: flag(2)?,
        blob: flag(3)?,
        null: flag(4)?,
        other_integer: flag(5)?,
    })
}
