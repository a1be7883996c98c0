//! The longer texts of errors.

use super::{Operation, code};

/// What could not be done.
pub(super) fn cannot(operation: Operation, table: &str) -> String {
    match operation {
        Operation::CreateTable => format!("cannot create the table {table}"),
        Operation::DropTable => format!("cannot drop the table {table}"),
        Operation::Insert => format!("cannot insert into {table}"),
        Operation::Update => format!("cannot update {table}"),
        Operation::Delete => format!("cannot delete from {table}"),
        Operation::Fetch => format!("cannot read from {table}"),
        Operation::Execute => format!("cannot execute {table}"),
    }
}

pub(super) fn no_such_table(table: &str, missing: &str, referred_by: &[String]) -> String {
    match referred_by {
        _ if table.eq_ignore_ascii_case(missing) => {
            "the table does not exist; create it with `create_table` or by a migration".to_owned()
        }
        [] => {
            format!("the table {missing} does not exist; create it with `create_table` of its model, or by a migration")
        }
        [one] => {
            format!("{one} refers to the table {missing}, which does not exist; create it, or drop what refers to it")
        }
        many => format!(
            "{} refer to the table {missing}, which does not exist; create it, or drop what refers to it",
            many.join(", ")
        ),
    }
}

/// What to do about a report of SQLite whose own words do not say it; empty when they do.
pub(super) fn advice(code: i32, message: &str) -> &'static str {
    match code {
        code::READONLY_DBMOVED => return ": the database file was moved or deleted while it was open",
        code::READONLY_ROLLBACK => {
            return ": a transaction that was cut off must be rolled back first, and the file may only be read";
        }
        code::READONLY_RECOVERY | code::READONLY_CANTINIT | code::READONLY_DIRECTORY => {
            return ": SQLite must write files beside the database, and may not do so in this folder";
        }
        _ => {}
    }
    match code::primary(code) {
        code::READONLY => ": the file may only be read",
        code::IOERR => ": the system could not read or write the file; look at the disk and the log of the system",
        code::CORRUPT => {
            ": the file is damaged; `PRAGMA integrity_check` tells where, and https://www.sqlite.org/recovery.html how to \
             save its rows"
        }
        code::FULL => ": no room is left on the disk, or the file has reached its `PRAGMA max_page_count`",
        code::CANTOPEN => {
            ": the file or one beside it is missing or may not be opened, or no file descriptors are left"
        }
        code::PROTOCOL => ": too many processes locked the file at the same moment; try again",
        code::TOOBIG => ": SQLite takes at most 1,000,000,000 bytes in a value, a row or a statement",
        code::MISMATCH => ": the key of such a table takes whole numbers only",
        code::MISUSE => ": this is a mistake of the library; please report it",
        code::NOTADB => ": the file is no SQLite database, or an encrypted one",
        code::ERROR if message == "too many SQL variables" => {
            ": bind a list as its JSON, and read it by `IN (SELECT value FROM json_each(?))`"
        }
        _ => "",
    }
}

/// A column in words, with its table where there is one.
pub(super) fn place(table: &str, column: &str) -> String {
    if table.is_empty() { column.to_owned() } else { format!("{table}.{column}") }
}

pub(super) fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}"),
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
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

/// A broken reference in words: which column refers to nothing, or which still refers to what is to go.
pub(super) fn foreign_key(operation: Operation, table: &str, columns: &[String]) -> String {
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
