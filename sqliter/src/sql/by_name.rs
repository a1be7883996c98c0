//! Statements about what is known by its name only, whether or not a model describes it.

use super::Statement;
use crate::table::push_quoted;

/// `SELECT column FROM table`; with a column and a statement, of the rows whose value in that column it selects.
pub(crate) fn select_column(column: &str, table: &str, among: Option<(&str, &Statement)>) -> Statement {
    let mut text = "SELECT ".to_owned();
    push_quoted(&mut text, column);
    rows(text, table, among)
}

/// Whether a table has a row whose value in a column a statement selects.
pub(crate) fn any_among(table: &str, column: &str, values: &Statement) -> Statement {
    let mut any = rows("SELECT EXISTS (SELECT 1".to_owned(), table, Some((column, values)));
    any.text.push(')');
    any
}

fn rows(mut text: String, table: &str, among: Option<(&str, &Statement)>) -> Statement {
    text.push_str(" FROM ");
    push_quoted(&mut text, table);
    let Some((column, values)) = among else { return Statement::new(text, Vec::new()) };
    text.push_str(" WHERE ");
    push_quoted(&mut text, column);
    text.push_str(" IN (");
    text.push_str(&values.text);
    text.push(')');
    Statement::new(text, values.arguments.clone())
}

/// Says which program the file belongs to.
pub(crate) fn set_application_id(id: i32) -> String {
    format!("PRAGMA application_id = {id}")
}

/// Asks for the [version](https://www.sqlite.org/pragma.html#pragma_schema_version) of a database of the connection.
pub(crate) fn schema_version(database: &str) -> String {
    named("PRAGMA ", database, ".schema_version")
}

/// Asks for the statement that created a table or view of a database, whose name is the first argument.
pub(crate) fn schema_of(database: &str) -> String {
    named("SELECT sql FROM ", database, ".sqlite_schema WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE")
}

/// Asks which tables and views have triggers that stand in a database; of a temporary one they may belong to another.
pub(crate) fn tables_with_triggers(database: &str) -> String {
    named("SELECT DISTINCT tbl_name FROM ", database, ".sqlite_schema WHERE type = 'trigger'")
}

/// Asks of a database, which is the first argument too, whether it has [conflict
/// clauses](https://www.sqlite.org/lang_conflict.html) by which a failed statement keeps what it did, foreign keys that do
/// something to the rows that refer to a deleted one, or have no index to find them, foreign keys to columns beside a primary key,
/// conflict clauses by which a row is left out, and virtual tables or calls of `printf`.
pub(crate) fn rules_of(database: &str) -> String {
    const RULES: &str = ".sqlite_schema) SELECT \
        EXISTS (SELECT 1 FROM s WHERE instr(upper(sql), 'CONFLICT') AND instr(upper(sql), 'FAIL')), \
        EXISTS (SELECT 1 FROM s, pragma_foreign_key_list(s.name, ?1) AS k \
        WHERE s.type = 'table' AND (k.on_delete NOT IN ('RESTRICT', 'NO ACTION') OR k.seq = 0 AND NOT EXISTS (SELECT 1 \
        FROM pragma_index_list(s.name, ?1) AS i, pragma_index_info(i.name, ?1) AS c WHERE NOT i.partial AND c.seqno = 0 \
        AND c.name = k.\"from\" COLLATE NOCASE) AND NOT EXISTS (SELECT 1 FROM pragma_table_info(s.name, ?1) AS p \
        WHERE p.pk = 1 AND p.name = k.\"from\" COLLATE NOCASE))), \
        EXISTS (SELECT 1 FROM s, pragma_foreign_key_list(s.name, ?1) AS k, pragma_table_info(k.\"table\", ?1) AS p \
        WHERE s.type = 'table' AND p.pk = 0 AND p.name = k.\"to\" COLLATE NOCASE), \
        EXISTS (SELECT 1 FROM s WHERE instr(upper(sql), 'CONFLICT') AND instr(upper(sql), 'IGNORE')), \
        EXISTS (SELECT 1 FROM s WHERE instr(upper(sql), 'CONFLICT') AND instr(upper(sql), 'REPLACE')), \
        EXISTS (SELECT 1 FROM s WHERE sql LIKE 'CREATE VIRTUAL %' OR instr(lower(sql), 'printf') OR calls_format(sql))";
    named("WITH s AS (SELECT type, name, sql FROM ", database, RULES)
}

/// Reads nothing of a table or a view, to see whether it can be read, or whether it has a column.
pub(crate) fn select_none(column: Option<&str>, table: &str) -> String {
    let mut text = "SELECT ".to_owned();
    match column {
        Some(column) => push_quoted(&mut text, column),
        None => text.push('1'),
    }
    text.push_str(" FROM ");
    push_quoted(&mut text, table);
    text.push_str(" LIMIT 0");
    text
}

/// Drops a table if it exists.
pub(crate) fn drop_table(name: &str) -> String {
    named("DROP TABLE IF EXISTS ", name, "")
}

/// Drops a view if it exists.
pub(crate) fn drop_view(name: &str) -> String {
    named("DROP VIEW IF EXISTS ", name, "")
}

/// Drops something temporary: a table, a view or a trigger.
pub(crate) fn drop_temporary(kind: &str, name: &str) -> String {
    named(&format!("DROP {kind} IF EXISTS temp."), name, "")
}

/// Asks how SQLite goes about a statement.
#[cfg(feature = "testing")]
pub(crate) fn explain(sql: &str) -> String {
    format!("EXPLAIN QUERY PLAN {sql}")
}

/// Creates an index on columns.
#[cfg(feature = "testing")]
pub(crate) fn create_index(name: &str, table: &str, columns: &[String]) -> String {
    let mut text = named("CREATE INDEX ", name, " ON ");
    push_quoted(&mut text, table);
    for (i, column) in columns.iter().enumerate() {
        text.push_str(if i == 0 { " (" } else { ", " });
        push_quoted(&mut text, column);
    }
    text.push(')');
    text
}

/// Drops an index.
#[cfg(feature = "testing")]
pub(crate) fn drop_index(name: &str) -> String {
    named("DROP INDEX ", name, "")
}

fn named(before: &str, name: &str, after: &str) -> String {
    let mut text = before.to_owned();
    push_quoted(&mut text, name);
    text.push_str(after);
    text
}
