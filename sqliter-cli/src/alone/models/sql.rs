//! Pieces of a schema as the SQL that attributes take.

use sqliter::schema::{Column, ForeignKey, OnConflict, Part, PrimaryKey, SqlText, Table, Unique, quoted};

/// The definition of a column behind its name, without its checks and its foreign key.
pub(super) fn definition(column: &Column, key: Option<&PrimaryKey>, unique: bool) -> String {
    let mut parts = Vec::new();
    let declared = column.declared_type.plain();
    if !declared.is_empty() {
        parts.push(declared);
    }
    if let Some(key) = key {
        let mut text = "PRIMARY KEY".to_owned();
        if key.parts.iter().any(|part| part.descending) {
            text.push_str(" DESC");
        }
        text.push_str(on_conflict(key.on_conflict));
        if key.autoincrement {
            text.push_str(" AUTOINCREMENT");
        }
        parts.push(text);
    }
    if column.not_null {
        parts.push(format!("NOT NULL{}", on_conflict(column.not_null_on_conflict)));
    }
    if unique {
        parts.push("UNIQUE".to_owned());
    }
    if let Some(default) = &column.default {
        let text = default.plain();
        parts.push(if default.is_one_word() { format!("DEFAULT {text}") } else { format!("DEFAULT ({text})") });
    }
    if !column.collation.eq_ignore_ascii_case("BINARY") {
        parts.push(format!("COLLATE {}", bare(&column.collation)));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        parts.push(format!("GENERATED ALWAYS AS ({}) {kind}", generated.expression.plain()));
    }
    parts.join(" ")
}

pub(super) fn primary_key(key: &PrimaryKey) -> String {
    format!("PRIMARY KEY ({}){}", parts(&key.parts), on_conflict(key.on_conflict))
}

pub(super) fn unique(unique: &Unique) -> String {
    format!("UNIQUE ({}){}", parts(&unique.parts), on_conflict(unique.on_conflict))
}

pub(super) fn foreign_key(key: &ForeignKey) -> String {
    let list = |names: &[String]| names.iter().map(|name| bare(name)).collect::<Vec<_>>().join(", ");
    let mut text = format!("FOREIGN KEY ({}) REFERENCES {}", list(&key.columns), bare(&key.table));
    if !key.references.is_empty() {
        text.push_str(&format!(" ({})", list(&key.references)));
    }
    for (when, action) in [("ON DELETE", &key.on_delete), ("ON UPDATE", &key.on_update)] {
        if !action.eq_ignore_ascii_case("NO ACTION") {
            text.push_str(&format!(" {when} {action}"));
        }
    }
    if key.deferred {
        text.push_str(" DEFERRABLE INITIALLY DEFERRED");
    }
    text
}

fn parts(parts: &[Part]) -> String {
    let part = |part: &Part| {
        let collation = part.collation.as_ref().map(|name| format!(" COLLATE {}", bare(name))).unwrap_or_default();
        format!("{}{collation}{}", bare(&part.column), if part.descending { " DESC" } else { "" })
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
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

/// A name, in quotes unless it is a plain word that is surely none of SQL's: one with an underscore or a capital after a small
/// letter.
pub(super) fn bare(name: &str) -> String {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_own = ["BINARY", "NOCASE", "RTRIM"].iter().any(|own| own.eq_ignore_ascii_case(name))
        || (name.contains('_') && !name.to_ascii_lowercase().starts_with("current_"));
    if is_word && is_own { name.to_owned() } else { quoted(name) }
}

/// Whether a column is another name of the [row id](https://www.sqlite.org/lang_createtable.html#rowid).
pub(super) fn is_row_id(table: &Table, column: &Column) -> bool {
    let Some(key) = &table.primary_key else { return false };
    let [part] = key.parts.as_slice() else { return false };
    part.column.eq_ignore_ascii_case(&column.name)
        && !part.descending
        && !table.without_rowid
        && column.declared_type.as_str().eq_ignore_ascii_case("INTEGER")
}

/// Whether a name stands in a piece of SQL as a text in double quotes, which only SQLite's lenient reading takes.
pub(super) fn has_text_in_double_quotes(sql: &SqlText, table: &Table) -> bool {
    sql.tokens().into_iter().filter(|token| token.starts_with('"')).any(|token| {
        let name = token.trim_matches('"').replace("\"\"", "\"");
        table.column(&name).is_none() && !["rowid", "_rowid_", "oid"].contains(&name.to_ascii_lowercase().as_str())
    })
}
