//! Statements as the text of a file that is read before it is applied.

/// Each statement with its semicolon; of a table each column and each constraint on a line of its own.
pub(super) fn script(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{};\n", laid_out(statement))).collect()
}

/// A `CREATE TABLE` over several lines, and any other statement as it is.
pub(super) fn laid_out(statement: &str) -> String {
    match taken_apart(statement) {
        Some((head, parts, tail)) => format!("{head}(\n    {}\n){tail}", parts.join(",\n    ")),
        None => statement.to_owned(),
    }
}

/// What stands before the columns of a table, the columns and constraints, and what stands behind them. None of a statement with a
/// comment, whose end may be that of its line.
fn taken_apart(statement: &str) -> Option<(&str, Vec<&str>, &str)> {
    if !statement.starts_with("CREATE TABLE ") {
        return None;
    }
    let mut head = None;
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    // The end of the text or name that the character is in.
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in statement.char_indices() {
        if let Some(end) = quote {
            if c == end {
                quote = None;
            }
            continue;
        }
        match (c, depth) {
            ('\'' | '"' | '`', _) => quote = Some(c),
            ('[', _) => quote = Some(']'),
            ('-', _) if before == '-' => return None,
            ('*', _) if before == '/' => return None,
            ('(', 0) => {
                head = statement.get(..at);
                (depth, start) = (1, at + 1);
            }
            ('(', _) => depth += 1,
            (',', 1) => {
                parts.push(statement.get(start..at)?.trim());
                start = at + 1;
            }
            (')', 1) => {
                parts.push(statement.get(start..at)?.trim());
                return Some((head?, parts, statement.get(at + 1..)?));
            }
            (')', _) => depth = depth.checked_sub(1)?,
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::laid_out;

    #[test]
    fn each_column_and_each_constraint_of_a_table_has_a_line() {
        let statement = r#"CREATE TABLE "a, (b" ("pk" INTEGER PRIMARY KEY, "x)" TEXT CHECK ("x)" IN ('it''s, (', ')')), [y,] INT, UNIQUE ("x)", [y,])) STRICT"#;
        let text = r#"CREATE TABLE "a, (b" (
    "pk" INTEGER PRIMARY KEY,
    "x)" TEXT CHECK ("x)" IN ('it''s, (', ')')),
    [y,] INT,
    UNIQUE ("x)", [y,])
) STRICT"#;
        assert_eq!(laid_out(statement), text);
        // As it is already, but for the spaces at the beginnings of lines.
        assert_eq!(laid_out(text), text);
    }

    #[test]
    fn other_statements_stay_as_they_are() {
        for statement in [
            r#"CREATE INDEX "i" ON "t" ("a", "b")"#,
            r#"CREATE VIRTUAL TABLE "s" USING fts5("a", "b")"#,
            "CREATE TABLE t (a INT, -- a comment, which ends here\n b INT)",
            "CREATE TABLE t (a INT, /* , */ b INT)",
            "CREATE TABLE t (a INT, b INT",
            "CREATE TABLE t AS SELECT 1",
        ] {
            assert_eq!(laid_out(statement), statement);
        }
    }
}
