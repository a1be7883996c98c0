//! The parts of a table as SQL, in one way for each meaning: what means the same has the same tokens.

use super::{
    Check, Column, ForeignKey, Generated, Index, OnConflict, Part, PrimaryKey, Schema, SqlText, Table, Unique,
};
use crate::table::quoted;

/// The definition of a column without the constraints that belong to the table.
pub(super) fn column(column: &Column) -> String {
    let mut text = quoted(&column.name);
    if !column.declared_type.as_str().is_empty() {
        text.push_str(&format!(" {}", column.declared_type));
    }
    if column.not_null {
        text.push_str(&format!(" {}", not_null(column)));
    }
    if let Some(value) = &column.default {
        text.push_str(&format!(" {}", default(value)));
    }
    if !column.collation.eq_ignore_ascii_case("BINARY") {
        text.push_str(&format!(" COLLATE {}", quoted(&column.collation)));
    }
    if let Some(expression) = &column.generated {
        text.push_str(&format!(" {}", generated(expression)));
    }
    text
}

pub(super) fn default(value: &SqlText) -> String {
    match value.is_one_word() {
        true => format!("DEFAULT {value}"),
        false => format!("DEFAULT ({})", value.inner()),
    }
}

pub(super) fn not_null(column: &Column) -> String {
    match column.not_null {
        true => format!("NOT NULL{}", on_conflict(column.not_null_on_conflict)),
        false => "NULL".to_owned(),
    }
}

pub(super) fn generated(generated: &Generated) -> String {
    let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
    format!("GENERATED ALWAYS AS ({}) {kind}", generated.expression.inner())
}

pub(super) fn primary_key(key: &PrimaryKey, table: &Table) -> String {
    let autoincrement = if key.autoincrement { " AUTOINCREMENT" } else { "" };
    format!("PRIMARY KEY ({}{autoincrement}){}", parts(&key.parts, table), on_conflict(key.on_conflict))
}

pub(super) fn unique(unique: &Unique, table: &Table) -> String {
    format!("UNIQUE ({}){}", parts(&unique.parts, table), on_conflict(unique.on_conflict))
}

fn parts(parts: &[Part], table: &Table) -> String {
    let part = |part: &Part| {
        let collation = match table.collation_of(part) {
            name if name.is_empty() || name == "BINARY" => String::new(),
            name => format!(" COLLATE {}", quoted(&name)),
        };
        format!("{}{collation}{}", quoted(&part.column), if part.descending { " DESC" } else { "" })
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

pub(super) fn names(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

pub(super) fn foreign_key(key: &ForeignKey, schema: &Schema) -> String {
    format!("FOREIGN KEY ({}) {}", names(&key.columns), references(key, schema))
}

/// The clause of a foreign key that names what it refers to.
pub(super) fn references(key: &ForeignKey, schema: &Schema) -> String {
    let columns = match names(&key.referenced(schema)) {
        names if names.is_empty() => names,
        names => format!("({names})"),
    };
    let deferred = if key.deferred { " DEFERRABLE INITIALLY DEFERRED" } else { "" };
    let ForeignKey { table, on_delete, on_update, .. } = key;
    format!("REFERENCES {}{columns} ON DELETE {on_delete} ON UPDATE {on_update}{deferred}", quoted(table))
}

pub(super) fn check(check: &Check) -> String {
    match &check.name {
        Some(name) => format!("CONSTRAINT {} CHECK ({})", quoted(name), check.condition.inner()),
        None => format!("CHECK ({})", check.condition.inner()),
    }
}

/// What an index does, without its name and table.
pub(super) fn index(index: &Index) -> String {
    let term = |term: &super::Term| {
        let collation = match term.collation.as_str() {
            name if name.is_empty() || name.eq_ignore_ascii_case("BINARY") => String::new(),
            name => format!(" COLLATE {}", quoted(name)),
        };
        format!("{}{collation}{}", term.value.inner(), if term.descending { " DESC" } else { "" })
    };
    let unique = if index.unique { "UNIQUE " } else { "" };
    let terms = index.terms.iter().map(term).collect::<Vec<_>>().join(", ");
    let condition =
        index.condition.as_ref().map(|condition| format!(" WHERE {}", condition.inner())).unwrap_or_default();
    format!("{unique}INDEX ({terms}){condition}")
}

fn on_conflict(action: Option<OnConflict>) -> &'static str {
    match action {
        None | Some(OnConflict::Abort) => "",
        Some(OnConflict::Rollback) => " ON CONFLICT ROLLBACK",
        Some(OnConflict::Fail) => " ON CONFLICT FAIL",
        Some(OnConflict::Ignore) => " ON CONFLICT IGNORE",
        Some(OnConflict::Replace) => " ON CONFLICT REPLACE",
    }
}
