//! The statements that create a table and its indexes.

use crate::error::Result;
use crate::table::{ColumnInfo, TableInfo, quoted};
use crate::value::{Storage, Value};

pub(super) fn create_table(table: &TableInfo, exists_ok: bool) -> Result<String> {
    let mut parts = Vec::with_capacity(table.columns.len());
    for (i, column) in table.columns.iter().enumerate() {
        parts.push(column_definition(table, column, i == table.key)?);
    }
    for column in table.columns {
        if let Some(key) = column.references {
            let target = (key.table)();
            parts.push(format!(
                "FOREIGN KEY ({}) REFERENCES {}({}) ON DELETE {} ON UPDATE {}",
                quoted(column.name),
                quoted(target.name),
                quoted(target.key_column().name),
                key.on_delete.as_sql(),
                key.on_update.as_sql(),
            ));
        }
    }
    Ok(format!(
        "CREATE TABLE {}{} ({}){}",
        if exists_ok { "IF NOT EXISTS " } else { "" },
        quoted(table.name),
        parts.join(", "),
        if table.strict { " STRICT" } else { "" },
    ))
}

fn column_definition(table: &TableInfo, column: &ColumnInfo, is_key: bool) -> Result<String> {
    let name = quoted(column.name);
    let mut sql = format!("{name} {}", column.storage.as_sql());
    if is_key {
        // SQLite lets NULL into primary keys that are not integers, unless told otherwise.
        sql.push_str(if table.auto_key { " PRIMARY KEY AUTOINCREMENT" } else { " PRIMARY KEY NOT NULL" });
    } else if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(default) = column.default {
        let value = default().map_err(|error| error.at(table.name, column.name))?;
        // In parentheses, as one that is no plain literal must be.
        match &value {
            Value::Text(text) if text.contains('\0') => sql.push_str(&format!(" DEFAULT ({value})")),
            _ => sql.push_str(&format!(" DEFAULT {value}")),
        }
    }
    if column.unique && !is_key {
        sql.push_str(" UNIQUE");
    }
    if !(table.strict || is_key && table.auto_key) {
        sql.push_str(&class_check(column));
    }
    sql.push_str(&form_check(column, column.name));
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
pub(super) fn form_check(column: &ColumnInfo, name: &str) -> String {
    column.check_constraint(name).map(|constraint| format!(" {constraint}")).unwrap_or_default()
}

/// An index with its name.
pub(super) struct Index {
    pub(super) name: String,
    pub(super) sql: String,
}

/// The indexes on foreign keys, then those that the model declares, each once.
pub(super) fn indexes(table: &TableInfo) -> Vec<Index> {
    let keys = table.columns.iter().enumerate().filter(|(i, column)| *i != table.key && column.references.is_some());
    let mut indexes: Vec<Index> = keys.map(|(_, column)| index(table, &[column.name], false)).collect();
    for declared in table.indexes {
        let declared = index(table, declared.columns, declared.unique);
        if !indexes.iter().any(|known| known.sql == declared.sql) {
            indexes.push(declared);
        }
    }
    indexes
}

fn index(table: &TableInfo, columns: &[&str], unique: bool) -> Index {
    let (kind, suffix) = if unique { ("UNIQUE INDEX", "_unique") } else { ("INDEX", "") };
    let name = format!("idx_{}_{}{suffix}", table.name, columns.join("_"));
    let columns: Vec<_> = columns.iter().map(|name| quoted(name)).collect();
    let sql =
        format!("CREATE {kind} IF NOT EXISTS {} ON {} ({})", quoted(&name), quoted(table.name), columns.join(", "),);
    Index { name, sql }
}

pub(super) fn drop_table(name: &str) -> String {
    format!("DROP TABLE IF EXISTS {}", quoted(name))
}

/// The tables so that each comes after those that it refers to, as far as there are no cycles.
pub(super) fn in_dependency_order(tables: &[&'static TableInfo]) -> Vec<&'static TableInfo> {
    let mut ordered: Vec<&'static TableInfo> = Vec::with_capacity(tables.len());
    let mut waiting = tables.to_vec();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|table| {
            !table.columns.iter().filter_map(|column| column.references).any(|key| {
                let target = (key.table)().name;
                target != table.name && waiting.iter().any(|other| other.name == target)
            })
        });
        // In a cycle any is as good as the next; SQLite allows references to tables that come later.
        ordered.push(waiting.remove(ready.unwrap_or(0)));
    }
    ordered
}
