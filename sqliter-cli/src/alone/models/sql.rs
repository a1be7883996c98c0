//! Pieces of a schema as the SQL that attributes take.

use sqliter::schema::{Column, ForeignKey, OnConflict, Part, PrimaryKey, Table, Unique};

use crate::alone::file::quoted;

/// The definition of a column behind its name, without its checks and its foreign key.
pub(super) fn definition(column: &Column, key: Option<&PrimaryKey>, unique: bool) -> String {
    let mut parts = Vec::new();
    let declared = clean(column.declared_type.as_str());
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
        let default = clean(default.as_str());
        parts.push(if is_one_word(&default) { format!("DEFAULT {default}") } else { format!("DEFAULT ({default})") });
    }
    if !column.collation.eq_ignore_ascii_case("BINARY") {
        parts.push(format!("COLLATE {}", bare(&column.collation)));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        parts.push(format!("GENERATED ALWAYS AS ({}) {kind}", inner(generated.expression.as_str())));
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

/// An expression without parentheses around the whole, comments and line breaks.
pub(super) fn inner(sql: &str) -> String {
    let mut sql = clean(sql);
    while let Some(without) = sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'))
        && is_balanced(without)
    {
        sql = without.trim().to_owned();
    }
    sql
}

/// Whether every parenthesis is opened before it is closed.
fn is_balanced(sql: &str) -> bool {
    let mut depth = 0_i64;
    for piece in pieces(sql) {
        match piece {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// The text without comments, with one space for any other number of them.
pub(super) fn clean(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    for piece in pieces(sql) {
        let is_space = piece.starts_with(char::is_whitespace) || piece.starts_with("--") || piece.starts_with("/*");
        match is_space {
            true if !text.ends_with(' ') => text.push(' '),
            true => {}
            false => text.push_str(piece),
        }
    }
    text.trim().to_owned()
}

fn is_one_word(sql: &str) -> bool {
    let sql = sql.trim_start_matches(['+', '-']);
    let number_of_pieces = pieces(sql).count();
    number_of_pieces == 1 || sql.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
        // `x'00'` is two pieces here, and one word to SQLite.
        || (number_of_pieces == 2 && sql.to_ascii_lowercase().starts_with("x'"))
}

/// The text in pieces: quoted texts and names, comments, and single characters or runs of letters for all else.
fn pieces(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = match first {
            '\'' | '"' | '`' => quoted_end(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |at| at + 1),
            '-' if rest.starts_with("--") => rest.find('\n').map_or(rest.len(), |at| at + 1),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let (piece, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(piece)
    })
}

/// Where a quoted text ends; a doubled quote stands for one.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
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
pub(super) fn has_text_in_double_quotes(sql: &str, table: &Table) -> bool {
    pieces(sql).filter(|piece| piece.starts_with('"')).any(|piece| {
        let name = piece.trim_matches('"').replace("\"\"", "\"");
        table.column(&name).is_none() && !["rowid", "_rowid_", "oid"].contains(&name.to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_lose_what_says_nothing() {
        for (sql, expected) in [
            ("( a  > 0 -- more\n)", "a > 0"),
            ("(a) = (b)", "(a) = (b)"),
            ("a = '--' /* x */ || \"b  c\"", "a = '--' || \"b  c\""),
            ("('it''s  )')", "'it''s  )'"),
        ] {
            assert_eq!(inner(sql), expected);
        }
        assert!(["'a b'", "-1.5", "CURRENT_TIMESTAMP", "x'00'", "NULL", "\"a\""].iter().all(|sql| is_one_word(sql)));
        assert!(!is_one_word("datetime('now')") && !is_one_word("1 + 2"));
    }
}
