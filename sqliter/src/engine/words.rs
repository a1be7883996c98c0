//! What the text of a statement says before SQLite reads it.

/// Whether the first keyword of a statement, after spaces, semicolons and comments, is one of these.
pub(super) fn is_first_of(sql: &str, words: &[&str]) -> bool {
    let first = first(sql);
    words.iter().any(|word| word.eq_ignore_ascii_case(first))
}

/// The first keyword of a statement; empty when there is none.
fn first(sql: &str) -> &str {
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

/// Whether SQLite may count the rows of a table in one step.
pub(super) fn may_count_at_once(sql: &str) -> bool {
    sql.as_bytes().windows(6).any(|part| part.eq_ignore_ascii_case(b"count("))
}

/// Where the text has a NUL character: SQLite would stop reading there, without a word.
pub(super) fn nul(sql: &str) -> Option<usize> {
    sql.bytes().position(|byte| byte == 0)
}

/// Why a statement of the user is not run, and what to do instead.
pub(super) fn refusal(sql: &str) -> Option<&'static str> {
    const TRANSACTION: &str = "a transaction belongs to one connection: begin it with `db.transaction(…)` or `db.begin()`, \
        inside one too, and end it with `tx.commit()` or `tx.rollback()`";
    is_first_of(sql, &["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"]).then_some(TRANSACTION)
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
    fn statements_of_transactions_are_refused() {
        for text in ["begin", "BEGIN IMMEDIATE", "/**/end", "savepoint a", "RELEASE a", "ROLLBACK TO a"] {
            assert!(refusal(text).is_some(), "{text}");
        }
        for text in ["SELECT 'COMMIT'", "EXPLAIN COMMIT", "beginning", "UPDATE \"commit\" SET a = 1", ""] {
            assert!(refusal(text).is_none(), "{text}");
        }
    }
}
