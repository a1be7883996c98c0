//! What the text of a statement says before SQLite reads it.

use std::sync::LazyLock;

use regex::Regex;

/// Whether the first keyword of a statement, after spaces, semicolons and comments, is one of these.
pub(super) fn is_first_of(sql: &str, words: &[&str]) -> bool {
    let first = first(sql);
    words.iter().any(|word| word.eq_ignore_ascii_case(first))
}

/// The first keyword of a statement; empty when there is none.
pub(super) fn first(sql: &str) -> &str {
    let rest = statement(sql);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// The text from its first statement on.
pub(super) fn statement(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        // A byte order mark counts as a space: https://www.sqlite.org/src/file/src/tokenize.c
        rest = rest.trim_start_matches([' ', '\t', '\n', '\u{c}', '\r', ';', '\u{feff}']);
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
    }
}

/// Parts the first statement of a text, with what stands before it, from the rest, as SQLite's own
/// [`sqlite3_complete`](https://www.sqlite.org/c3ref/complete.html) does: a trigger has statements inside, and ends with `;END;`.
pub(super) fn split_first(sql: &str) -> (&str, &str) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        /// Nothing yet.
        Start,
        Explain,
        /// `CREATE`, or `CREATE TEMP`.
        Create,
        /// A statement that ends with the next semicolon.
        Other,
        /// A trigger; that it ends with a semicolon says nothing yet.
        Trigger,
        /// A semicolon in a trigger.
        Semicolon,
        /// `END` after such a semicolon.
        End,
    }
    let mut seen = Seen::Start;
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let (token, length) = token(rest);
        at += length;
        let is = |word: &str| {
            token == Token::Word && sql.get(at - length..at).is_some_and(|it| it.eq_ignore_ascii_case(word))
        };
        seen = match (seen, token) {
            (_, Token::Space) => continue,
            (Seen::Start, Token::Semicolon) => Seen::Start,
            (Seen::Start | Seen::Explain, _) if is("CREATE") => Seen::Create,
            (Seen::Start, _) if is("EXPLAIN") => Seen::Explain,
            // EXPLAIN QUERY PLAN
            (Seen::Explain, _) if is("QUERY") || is("PLAN") => Seen::Explain,
            (Seen::Create, _) if is("TEMP") || is("TEMPORARY") => Seen::Create,
            (Seen::Create, _) if is("TRIGGER") => Seen::Trigger,
            (Seen::Explain | Seen::Create | Seen::Other | Seen::End, Token::Semicolon) => {
                return sql.split_at_checked(at).unwrap_or((sql, ""));
            }
            (Seen::Trigger | Seen::Semicolon, Token::Semicolon) => Seen::Semicolon,
            (Seen::Semicolon, _) if is("END") => Seen::End,
            (Seen::Trigger | Seen::Semicolon | Seen::End, _) => Seen::Trigger,
            (Seen::Start | Seen::Explain | Seen::Create | Seen::Other, _) => Seen::Other,
        };
    }
    (sql, "")
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    /// Spaces, or a comment.
    Space,
    Semicolon,
    Word,
    /// Something else, such as text in quotes.
    Other,
}

/// The first token of a text that is not empty, and its length.
fn token(sql: &str) -> (Token, usize) {
    let until = |end: &str, from: usize| {
        let rest = sql.get(from..).unwrap_or_default();
        rest.find(end).map_or(sql.len(), |at| from + at + end.len())
    };
    let Some(first) = sql.chars().next() else { return (Token::Space, 0) };
    match first {
        ';' => (Token::Semicolon, 1),
        ' ' | '\t' | '\n' | '\u{c}' | '\r' | '\u{feff}' => (Token::Space, first.len_utf8()),
        '-' if sql.starts_with("--") => (Token::Space, until("\n", 2)),
        '/' if sql.starts_with("/*") => (Token::Space, until("*/", 2)),
        '[' => (Token::Other, until("]", 1)),
        // A quote that is doubled begins the next token where this one ends.
        '\'' | '"' | '`' => (Token::Other, until(first.encode_utf8(&mut [0; 4]), 1)),
        _ if is_in_word(first) => (Token::Word, sql.find(|c| !is_in_word(c)).unwrap_or(sql.len())),
        _ => (Token::Other, first.len_utf8()),
    }
}

fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || (!c.is_ascii() && c != '\u{feff}')
}

/// Whether SQLite may count the rows of a table in one step.
pub(super) fn may_count_at_once(sql: &str) -> bool {
    has(sql, b"count(")
}

/// Whether the text may call SQLite's function `format`, or `printf`, which is another name of it.
pub(super) fn calls_format(sql: &str) -> bool {
    /// Spaces and comments may stand between, and the name may be quoted.
    static CALL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?is)\b(printf|format)\b["`\]]?(\s|/\*.*?\*/|--[^\n]*\n)*\("#).ok());
    (has(sql, b"printf") || has(sql, b"format")) && CALL.as_ref().is_none_or(|call| call.is_match(sql))
}

fn has(sql: &str, part: &[u8]) -> bool {
    sql.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

/// Where the text has a NUL character: SQLite would stop reading there, without a word.
pub(super) fn nul(sql: &str) -> Option<usize> {
    sql.bytes().position(|byte| byte == 0)
}

/// Whether a statement begins or ends a transaction or a savepoint.
pub(super) fn is_of_a_transaction(sql: &str) -> bool {
    is_first_of(sql, &["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"])
}

/// Why a statement of the user is not run, and what to do instead.
pub(super) fn refusal(sql: &str) -> Option<&'static str> {
    const TRANSACTION: &str = "a transaction belongs to one connection: begin it with `db.transaction(…)` or `db.begin()`, \
        inside one too, and end it with `tx.commit()` or `tx.rollback()`";
    is_of_a_transaction(sql).then_some(TRANSACTION)
}

/// Whether it goes back to a savepoint: `ROLLBACK TO a`, `ROLLBACK TRANSACTION TO SAVEPOINT a`.
pub(super) fn is_rollback_to(sql: &str) -> bool {
    let mut words = sql.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).skip(1);
    match words.next() {
        Some(word) if word.eq_ignore_ascii_case("TRANSACTION") => {
            words.next().is_some_and(|word| word.eq_ignore_ascii_case("TO"))
        }
        Some(word) => word.eq_ignore_ascii_case("TO"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_comes_after_spaces_comments_and_semicolons() {
        for text in [
            "COMMIT",
            " \t\r\n\u{c}COMMIT;",
            ";;COMMIT",
            "-- a comment\nCOMMIT",
            "/* a * comment */COMMIT",
            "/**/ -- x\n /* y */ ; COMMIT TRANSACTION",
            "\u{feff}COMMIT",
            "COMMIT--",
        ] {
            assert_eq!(first(text), "COMMIT", "{text:?}");
        }
        for text in ["", " ", ";", "-- COMMIT", "/* COMMIT", "/* COMMIT */", "--"] {
            assert_eq!((first(text), statement(text)), ("", ""), "{text:?}");
        }
        assert_eq!((first("(SELECT 1)"), statement(" (SELECT 1)")), ("", "(SELECT 1)"));
        assert_eq!(first("committed"), "committed");
    }

    #[test]
    fn calls_of_format_are_found_however_they_are_written() {
        for text in
            ["printf('%s', a)", "SELECT FORMAT (a)", "\"format\"(a)", "[printf] (a)", "format/* a */ -- b\n ('%s')"]
        {
            assert!(calls_format(text), "{text}");
        }
        for text in ["format TEXT", "(format)", "formats(a)", "informat(a)", "strftime('%s')", ""] {
            assert!(!calls_format(text), "{text}");
        }
    }

    #[test]
    fn a_text_is_parted_where_sqlite_parts_it() {
        let statements = [
            "SELECT 1;",
            " -- a comment; with a semicolon\n/* ; */ INSERT INTO a VALUES (';', \";\", `;`, [;], 'it''s;');",
            "\nCREATE TRIGGER a AFTER INSERT ON b BEGIN UPDATE c SET d = CASE WHEN 1 THEN 2 END; DELETE FROM e; END;",
            "create temp trigger f after delete on b begin select 1; end ;",
            "EXPLAIN QUERY PLAN SELECT 1;",
            "\u{feff}CREATE TABLE trigger_ (a, \"begin\" TEXT); ",
            "BEGIN;",
            "END;",
            "CREATE VIEW é AS SELECT 'CREATE TRIGGER';",
            "SELECT 2",
        ];
        let text = statements.concat();
        let (mut rest, mut found) = (text.as_str(), Vec::new());
        while !statement(rest).is_empty() {
            let (first, after) = split_first(rest);
            found.push(first);
            rest = after;
        }
        let trimmed = |texts: &[&str]| texts.iter().map(|text| text.trim().to_owned()).collect::<Vec<_>>();
        assert_eq!(trimmed(&found), trimmed(&statements));
        // Each is what SQLite itself takes for one statement.
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        for part in &found {
            assert!(!matches!(sqlite.prepare(part), Err(rusqlite::Error::MultipleStatement)), "{part}");
        }
        for open in ["SELECT 'a;", "/* ; ", "CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1;", "", "[;"] {
            assert_eq!(split_first(open), (open, ""));
        }
    }

    #[test]
    fn statements_of_transactions_are_refused() {
        for text in ["begin", "BEGIN IMMEDIATE", "/**/end", "savepoint a", "RELEASE a", "ROLLBACK TO a"] {
            assert!(refusal(text).is_some(), "{text}");
        }
        for text in ["SELECT 'COMMIT'", "EXPLAIN COMMIT", "beginning", "UPDATE \"commit\" SET a = 1", ""] {
            assert!(refusal(text).is_none(), "{text}");
        }
    }
}
