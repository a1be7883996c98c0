//! The SQL that creates tables and indexes.

use crate::error::Result;
use crate::table::{Collation, ColumnInfo, ForeignKey, Generated, IndexPart, Indexed, TableInfo, quoted};
use crate::value::{Storage, Value};

/// The column that the models with relations of sqliter-py select, and never write.
pub(crate) const PYTHON_COLUMN: &str = "db_context";

/// Creates the table or the view of a model; `for_python` with the column that sqliter-py needs.
///
/// # Errors
///
/// [`Error::Encode`](crate::Error::Encode) when a default has no form in SQLite.
pub(crate) fn create_table(table: &TableInfo, exists_ok: bool, for_python: bool) -> Result<String> {
    if let Some(select) = table.view {
        let exists_ok = if exists_ok { "IF NOT EXISTS " } else { "" };
        return Ok(format!("CREATE VIEW {exists_ok}{} AS {select}", quoted(table.name)));
    }
    let mut parts = Vec::with_capacity(table.columns.len());
    for (i, column) in table.columns.iter().enumerate() {
        parts.push(column_definition(table, column, table.is_key(i))?);
    }
    if for_python && !has_python_column(table) {
        parts.push(python_column());
    }
    // A key whose columns are defined in SQL is declared there too.
    if table.has_composite_key() && table.key_columns().any(|column| column.definition.is_none()) {
        parts.push(format!("PRIMARY KEY ({})", names(table.key_columns().map(|column| column.name))));
    }
    for column in table.columns {
        if let Some(key) = column.references {
            parts.push(reference(column.name, key));
        }
    }
    for index in table.indexes.iter().filter(|index| index.constraint) {
        let columns = index.parts.iter().map(|part| Part::from(part).value).collect::<Vec<_>>().join(", ");
        parts.push(format!("UNIQUE ({columns})"));
    }
    parts.extend(table.checks_of_groups().map(|check| check.to_sql()));
    parts.extend(table.checks.iter().map(|check| check.to_sql()));
    parts.extend(table.constraints.iter().map(|&sql| sql.to_owned()));
    let options = match (table.strict, table.without_rowid) {
        (true, true) => " STRICT, WITHOUT ROWID",
        (true, false) => " STRICT",
        (false, true) => " WITHOUT ROWID",
        (false, false) => "",
    };
    Ok(table_of(table.name, &parts, options, exists_ok))
}

/// Whether the model itself has the column that sqliter-py needs.
fn has_python_column(table: &TableInfo) -> bool {
    table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(PYTHON_COLUMN))
}

fn python_column() -> String {
    format!("{} TEXT", quoted(PYTHON_COLUMN))
}

/// Adds the column that sqliter-py needs to a table that was created without it.
pub(crate) fn add_python_column(table: &str) -> String {
    format!("ALTER TABLE {} ADD COLUMN {}", quoted(table), python_column())
}

/// Creates a table of pairs, given the columns of both sides with the tables that they refer to. The primary key is the
/// original's. The comment stays in the text that SQLite keeps.
pub(crate) fn create_pairs(
    name: &str,
    sides: [(&str, &'static TableInfo); 2],
    comment: &str,
    exists_ok: bool,
) -> String {
    let mut parts = vec![format!("{comment} \"id\" INTEGER PRIMARY KEY AUTOINCREMENT")];
    parts.extend(sides.map(|(column, side)| {
        let key = side.key_column();
        format!("{} {} NOT NULL{}", quoted(column), key.storage.as_sql(), form_check(key, column))
    }));
    parts.extend(sides.map(|(column, side)| cascading(column, side)));
    parts.push(format!("UNIQUE ({})", names(sides.map(|(column, _)| column))));
    table_of(name, &parts, " STRICT", exists_ok)
}

/// An index of a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) name: String,
    pub(crate) table: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) unique: bool,
    pub(crate) filter: Option<&'static str>,
}

/// A part of an index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// What is indexed, in SQL.
    pub(crate) value: String,
    pub(crate) descending: bool,
}

impl Part {
    /// A column, from its smallest value on.
    pub(crate) fn of(column: &str) -> Self {
        Self { value: quoted(column), descending: false }
    }
}

impl From<&IndexPart> for Part {
    fn from(part: &IndexPart) -> Self {
        let value = match part.value {
            Indexed::Column(name) => quoted(name),
            Indexed::Expression(sql) => sql.to_owned(),
        };
        Self { value, descending: part.descending }
    }
}

impl Index {
    /// Creates it unless there is an index of its name.
    pub(crate) fn to_sql(&self) -> String {
        self.written("")
    }

    /// Creates it on a temporary table.
    pub(super) fn to_temporary_sql(&self) -> String {
        self.written("temp.")
    }

    fn written(&self, database: &str) -> String {
        let parts =
            self.parts.iter().map(|part| format!("{}{}", part.value, if part.descending { " DESC" } else { "" }));
        format!(
            "CREATE {} IF NOT EXISTS {database}{} ON {} ({}){}",
            if self.unique { "UNIQUE INDEX" } else { "INDEX" },
            quoted(&self.name),
            quoted(&self.table),
            parts.collect::<Vec<_>>().join(", "),
            self.filter.map(|filter| format!(" WHERE {filter}")).unwrap_or_default(),
        )
    }
}

fn table_of(name: &str, parts: &[String], options: &str, exists_ok: bool) -> String {
    format!(
        "CREATE TABLE {}{} ({}){options}",
        if exists_ok { "IF NOT EXISTS " } else { "" },
        quoted(name),
        parts.join(", "),
    )
}

fn names(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    names.into_iter().map(|name| quoted(name.as_ref())).collect::<Vec<_>>().join(", ")
}

fn reference(column: &str, key: ForeignKey) -> String {
    let target = (key.table)();
    format!(
        "FOREIGN KEY ({}) REFERENCES {}({}) ON DELETE {} ON UPDATE {}{}",
        quoted(column),
        quoted(target.name),
        quoted(target.key_column().name),
        key.on_delete.as_sql(),
        key.on_update.as_sql(),
        if key.deferrable { " DEFERRABLE INITIALLY DEFERRED" } else { "" },
    )
}

/// The reference of a pair to one of its sides.
fn cascading(column: &str, side: &TableInfo) -> String {
    format!(
        "FOREIGN KEY ({}) REFERENCES {}({}) ON DELETE CASCADE ON UPDATE CASCADE",
        quoted(column),
        quoted(side.name),
        quoted(side.key_column().name),
    )
}

fn column_definition(table: &TableInfo, column: &ColumnInfo, is_key: bool) -> Result<String> {
    if let Some(definition) = column.definition {
        return Ok(format!("{} {definition}", quoted(column.name)));
    }
    let mut sql = format!("{} {}", quoted(column.name), column.storage.as_sql());
    if column.declared_collation != Collation::Binary {
        sql.push_str(&format!(" COLLATE {}", column.declared_collation.as_sql()));
    }
    if let Some(Generated { expression, stored }) = column.generated {
        sql.push_str(&format!(" GENERATED ALWAYS AS ({expression}) {}", if stored { "STORED" } else { "VIRTUAL" }));
    }
    if is_key {
        // SQLite lets NULL into primary keys that are not integers, unless told otherwise.
        sql.push_str(match (table.auto_key, table.has_composite_key()) {
            (true, _) => " PRIMARY KEY AUTOINCREMENT",
            (false, false) => " PRIMARY KEY NOT NULL",
            (false, true) => " NOT NULL",
        });
    } else if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(default) = column.default {
        let value = default().map_err(|error| error.at(table.name, column.name))?;
        // In parentheses, as one that is no plain literal must be.
        match &value {
            Value::Text(text) if text.contains('\0') => sql.push_str(&format!(" DEFAULT ({value})")),
            Value::Text(_) | Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => {
                sql.push_str(&format!(" DEFAULT {value}"));
            }
        }
    }
    if column.unique && !is_key {
        sql.push_str(" UNIQUE");
    }
    if !(table.strict || is_key && table.auto_key) {
        sql.push_str(&class_check(column));
    }
    sql.push_str(&form_check(column, column.name));
    for check in column.declared_checks() {
        sql.push(' ');
        sql.push_str(&check.to_sql());
    }
    Ok(sql)
}

/// What STRICT does by itself.
fn class_check(column: &ColumnInfo) -> String {
    let name = quoted(column.name);
    let class = match column.storage {
        Storage::Integer => "integer",
        Storage::Real => "real",
        Storage::Text => "text",
        Storage::Blob => "blob",
        Storage::Any => return String::new(),
    };
    if column.nullable {
        return format!(" CHECK (typeof({name}) IN ('{class}', 'null'))");
    }
    format!(" CHECK (typeof({name}) = '{class}')")
}

/// What keeps all but the values and forms of the column's type out, in a column of this name.
fn form_check(column: &ColumnInfo, name: &str) -> String {
    column.check_constraint(name).map(|constraint| format!(" {constraint}")).unwrap_or_default()
}
