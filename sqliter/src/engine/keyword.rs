//! What a statement of the user is, by its first keyword.
//!
//! In SQLite's grammar the first keyword alone decides which kind of statement follows, so that nothing has to be
//! prepared to know it. An authorizer would tell as much, but SQLite calls it from C for every statement of the
//! connection, and neither rusqlite nor sqlx sets one on a handle that they share.

/// The kinds that are treated apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is no statement, but at most comments.
    Empty,
    /// It reads, or writes behind `WITH`.
    Select,
    /// It writes rows, and may return them.
    Change,
    Explain,
    Pragma,
    /// It begins or ends a transaction or a savepoint.
    Transaction(Boundary),
    /// It attaches or detaches a database.
    Attachment,
    /// It changes the schema or the file, and returns no rows.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    Begin,
    Commit,
    Rollback,
    Savepoint,
}

impl Kind {
    /// Whether the statement returns rows, if it has columns. SQLite gives columns to `ALTER TABLE` too, of which it
    /// returns none.
    pub(super) const fn returns_rows(self) -> bool {
        matches!(self, Self::Select | Self::Change | Self::Explain | Self::Pragma)
    }

    pub(super) fn of(sql: &str) -> Self {
        let begin = beginning(sql);
        if begin.is_empty() {
            return Self::Empty;
        }
        let end = begin.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(begin.len());
        let keyword = begin.get(..end).unwrap_or_default();
        let found = KEYWORDS.iter().find(|(known, _)| keyword.eq_ignore_ascii_case(known));
        found.map_or(Self::Other, |(_, kind)| *kind)
    }
}

const KEYWORDS: [(&str, Kind); 17] = [
    ("SELECT", Kind::Select),
    ("WITH", Kind::Select),
    ("VALUES", Kind::Select),
    ("INSERT", Kind::Change),
    ("REPLACE", Kind::Change),
    ("UPDATE", Kind::Change),
    ("DELETE", Kind::Change),
    ("EXPLAIN", Kind::Explain),
    ("PRAGMA", Kind::Pragma),
    ("BEGIN", Kind::Transaction(Boundary::Begin)),
    ("COMMIT", Kind::Transaction(Boundary::Commit)),
    ("END", Kind::Transaction(Boundary::Commit)),
    ("ROLLBACK", Kind::Transaction(Boundary::Rollback)),
    ("SAVEPOINT", Kind::Transaction(Boundary::Savepoint)),
    ("RELEASE", Kind::Transaction(Boundary::Savepoint)),
    ("ATTACH", Kind::Attachment),
    ("DETACH", Kind::Attachment),
];

/// The text without what SQLite skips before a statement: spaces, comments, semicolons, a byte order mark.
fn beginning(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start_matches([' ', '\t', '\n', '\x0c', '\r', ';', '\u{feff}']);
        if let Some(comment) = sql.strip_prefix("--") {
            sql = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(comment) = sql.strip_prefix("/*") {
            // One that is not closed goes to the end.
            sql = comment.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            return sql;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keyword_is_found_behind_all_that_sqlite_skips() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        let skipped =
            ["", " ", "\t\r\n\x0c", ";", " ; ;", "-- note\n", "/* BEGIN */", "/**/", "/***/;--x\n\u{feff}", "--\n"];
        for before in skipped {
            for (keyword, kind) in [("begin", Kind::Transaction(Boundary::Begin)), ("Select 1", Kind::Select)] {
                let sql = format!("{before}{keyword}/**/");
                assert_eq!(Kind::of(&sql), kind, "{sql:?}");
                // SQLite reads it alike.
                assert!(sqlite.prepare(&sql).is_ok(), "{sql:?}");
            }
        }
    }

    #[test]
    fn a_text_is_empty_if_sqlite_finds_no_statement() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        for sql in ["", " ", ";", ";;", "--", "-- BEGIN", "/* BEGIN", "/* */ ; -- x\n", "\u{feff}"] {
            assert_eq!(Kind::of(sql), Kind::Empty, "{sql:?}");
            assert_eq!(sqlite.prepare(sql).unwrap().column_count(), 0, "{sql:?}");
            sqlite.execute_batch(sql).unwrap();
        }
        for sql in ["/ BEGIN", "- BEGIN", "*/ BEGIN", "\u{b}BEGIN", "\u{a0}BEGIN", "x"] {
            assert_eq!(Kind::of(sql), Kind::Other, "{sql:?}");
            assert!(sqlite.prepare(sql).is_err(), "{sql:?}");
        }
    }

    #[test]
    fn words_that_only_begin_like_a_keyword_are_others() {
        for sql in ["BEGINNING", "CREATE TABLE t (x)", "\"BEGIN\"", "(SELECT 1)"] {
            assert_eq!(Kind::of(sql), Kind::Other, "{sql:?}");
        }
        assert_eq!(Kind::of("EXPLAIN BEGIN"), Kind::Explain);
        assert_eq!(Kind::of("WITH x AS (SELECT 1) DELETE FROM t"), Kind::Select);
        assert_eq!(Kind::of("VALUES(1)"), Kind::Select);
        assert_eq!(Kind::of("END"), Kind::Transaction(Boundary::Commit));
    }

    #[test]
    fn what_returns_rows_has_columns_and_is_of_such_a_kind() {
        let sqlite = rusqlite::Connection::open_in_memory().unwrap();
        sqlite.execute_batch("CREATE TABLE t (a, b)").unwrap();
        let returns_rows = |sql: &str| Kind::of(sql).returns_rows() && sqlite.prepare(sql).unwrap().column_count() > 0;
        for sql in [
            "SELECT 1",
            "VALUES (1)",
            "WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 2 RETURNING a",
            "REPLACE INTO t VALUES (1, 2) RETURNING *",
            "DELETE FROM t RETURNING a",
            "EXPLAIN QUERY PLAN SELECT 1",
            "PRAGMA user_version",
        ] {
            assert!(returns_rows(sql), "{sql}");
        }
        for sql in [
            "WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 2",
            "UPDATE t SET a = 1",
            "CREATE TABLE u AS SELECT 1",
            "CREATE INDEX i ON t (a)",
            "ALTER TABLE t RENAME TO u",
            "ALTER TABLE t ADD COLUMN c",
            "ALTER TABLE t DROP COLUMN b",
            "DROP TABLE t",
            "ANALYZE",
            "REINDEX",
            "VACUUM",
            "PRAGMA user_version = 1",
        ] {
            assert!(!returns_rows(sql), "{sql}");
        }
    }
}
