//! The texts of errors that are put together from several parts.

use super::Operation;

/// A column in words, with its table where there is one.
pub(super) fn place(table: &str, column: &str) -> String {
    if table.is_empty() { column.to_owned() } else { format!("{table}.{column}") }
}

pub(super) fn migration(version: i64, description: &str) -> String {
    format!("migration {version} ({description})")
}

pub(super) fn failed_migration(version: i64, description: &str, line: Option<u32>) -> String {
    let line = line.map(|line| format!(" at line {line}")).unwrap_or_default();
    format!("{} failed{line}", migration(version, description))
}

/// What is left of a call that failed.
pub(super) fn kept_migrations(kept: &[i64], in_part: bool) -> String {
    let kept: Vec<_> = kept.iter().map(i64::to_string).collect();
    match (kept.as_slice(), in_part) {
        ([], false) => "; everything of the call was undone".to_owned(),
        ([], true) => "; it runs without a transaction, so what it did before stays".to_owned(),
        (kept, false) => format!("; of the call, only {} stays done", kept.join(", ")),
        (kept, true) => format!(
            "; it runs without a transaction, so what it did before stays, and so does {} of the same call",
            kept.join(", ")
        ),
    }
}

pub(super) fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}"),
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

pub(super) fn while_waited_for(waited_for: bool) -> &'static str {
    match waited_for {
        true => {
            " while a statement of its own transaction waited for it: a transaction has one connection, so read all rows \
            first, or page by page"
        }
        false => "",
    }
}

/// What would wait for what it stands inside, and what to do instead.
pub(super) fn inside_text(operation: Operation, table: &str, used: &str, kind: &str, begun: &str) -> String {
    let inside = format!("inside the {kind} begun at {begun}: it would wait for the end of that {kind}");
    match operation {
        Operation::Close => format!("cannot close {table} {inside}; close it afterwards"),
        _ => format!("cannot {operation} {table} on {used} {inside}; use the {kind} instead"),
    }
}

pub(super) fn bound(number: usize) -> String {
    match number {
        0 => "none was".to_owned(),
        1 => "1 was".to_owned(),
        _ => format!("{number} were"),
    }
}

pub(super) fn values(number: usize) -> String {
    if number == 1 { "1 value is".to_owned() } else { format!("{number} values are") }
}

/// Which columns are read as what, and which should be.
pub(super) fn other_columns_text(at: usize, read_as: &str, expected: &[String], columns: &[String]) -> String {
    let (found, expected) = (columns.join(", "), expected.join(", "));
    let last = at + columns.len().saturating_sub(1);
    let place = if last == at { format!("column {at}") } else { format!("columns {at} to {last}") };
    format!(
        "{place} of the query should be those of {read_as}: {expected}; found {found}. Each model of a tuple takes as many \
        columns as it has, in the order of the tuple"
    )
}

/// What is unique: columns, or an index.
pub(super) fn unique_text(columns: &[String], index: Option<&str>) -> String {
    index.map_or_else(|| columns.join(", "), |index| format!("the index {index}"))
}

/// Of a row that reading leaves out.
pub(super) const fn deleted_text(is_deleted: bool) -> &'static str {
    if is_deleted { ": a row that is deleted softly has the same values" } else { "" }
}

/// A broken reference in words: which column refers to nothing, or which still refers to what is to go.
pub(super) fn foreign_key_text(operation: Operation, table: &str, columns: &[String]) -> String {
    let columns = columns.join(", ");
    match operation {
        Operation::Insert | Operation::Update if !columns.is_empty() => {
            format!("cannot {operation} {table}: {columns} refers to a row that does not exist")
        }
        Operation::Delete | Operation::DropTable if !columns.is_empty() => {
            format!("cannot {operation} {table}: {columns} still refers to it")
        }
        _ => format!("{operation} violates a foreign key of {table}"),
    }
}
