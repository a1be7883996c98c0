//! What tells the rows of a table apart.

use sqliter::schema::{Column, Part, Table};

use super::column;
use super::contents::Contents;
use super::sql;

/// The key of a table.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The columns, in the order of the key.
    pub(super) columns: Vec<String>,
    pub(super) kind: KeyKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// `INTEGER PRIMARY KEY`, whose values SQLite chooses.
    RowId,
    /// Another primary key.
    Primary,
    /// Columns that are never `NULL` and unique together.
    Unique,
}

/// How many columns a key of a model has at most.
const MOST: usize = 8;

/// The key, or why there is none.
pub(super) fn of(table: &Table, contents: &Contents) -> Result<Key, String> {
    let mut reason = "it has no primary key, and no columns that are NOT NULL and unique".to_owned();
    if let Some(key) = &table.primary_key {
        let names: Vec<String> = key.parts.iter().map(|part| part.column.clone()).collect();
        match hindrance(table, &names, contents, true) {
            None => {
                let is_row_id = names.len() == 1 && columns(table, &names).any(|column| sql::is_row_id(table, column));
                return Ok(Key { columns: names, kind: if is_row_id { KeyKind::RowId } else { KeyKind::Primary } });
            }
            Some(hindrance) => reason = hindrance,
        }
    }
    let constraints = table.unique.iter().map(|unique| unique.parts.iter().map(|part| part.column.clone()).collect());
    let indexes = table.indexes.iter().filter(|index| index.unique && index.condition.is_none()).map(|index| {
        // An expression is the name of no column.
        index.terms.iter().map(|term| term.value.as_str().to_owned()).collect::<Vec<String>>()
    });
    let mut candidates = constraints.chain(indexes);
    candidates
        .find(|names| hindrance(table, names, contents, false).is_none())
        .map(|columns| Key { columns, kind: KeyKind::Unique })
        .ok_or(reason)
}

fn columns<'t>(table: &'t Table, names: &'t [String]) -> impl Iterator<Item = &'t Column> {
    names.iter().filter_map(|name| table.column(name))
}

/// Why columns cannot be the key of a model.
fn hindrance(table: &Table, names: &[String], contents: &Contents, is_primary: bool) -> Option<String> {
    if names.len() > MOST {
        return Some(format!("its key has more than {MOST} columns"));
    }
    names.iter().find_map(|name| {
        let Some(column) = table.column(name) else { return Some(format!("{name} is no column")) };
        let found = contents.of(&table.name, &column.name);
        let is_row_id = sql::is_row_id(table, column);
        if column.generated.is_some() {
            return Some(format!("{name} is generated"));
        }
        if !is_row_id && !column.not_null && (!is_primary || found.null) {
            return Some(format!("{name} may be NULL"));
        }
        let ty = column::of(table, column, found);
        (!ty.is_key() && ty != column::Type::Bool).then(|| format!("a key of the type {} has no form", ty.written()))
    })
}

/// Whether a part of a key says no more than its column.
pub(super) fn is_plain(part: &Part) -> bool {
    part.collation.is_none() && !part.descending
}

/// Whether something of the table already begins with a column: then it needs no index of its own.
pub(super) fn is_led_by(table: &Table, column: &str, but: &str) -> bool {
    let is = |name: &str| name.eq_ignore_ascii_case(column);
    let first = |parts: &[Part]| parts.first().is_some_and(|part| is(&part.column));
    table.primary_key.as_ref().is_some_and(|key| first(&key.parts))
        || table.unique.iter().any(|unique| first(&unique.parts))
        || table
            .indexes
            .iter()
            .any(|index| index.name != but && index.terms.first().is_some_and(|term| is(term.value.as_str())))
}
