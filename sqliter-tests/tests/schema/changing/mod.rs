//! A schema becomes another one, up and down, with rows, children that cascade, views and triggers around it.

mod pairs;
pub(crate) mod random;
mod silent;
mod unasked;

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value;
use sqliter::schema::{Decisions, Schema};

/// Two versions of a table, with what lies between them.
struct Pair {
    name: &'static str,
    /// The table `t`, and what belongs to it.
    old: &'static str,
    new: &'static str,
    /// Rows of the old version.
    rows: &'static str,
    up: fn(Decisions) -> Decisions,
    /// What is told on the way back; `None` where there is none.
    down: Option<fn(Decisions) -> Decisions>,
    /// Columns of `t` whose values change.
    changed: &'static [&'static str],
    /// From the old name to the new one, of columns of `t`.
    renamed: &'static [(&'static str, &'static str)],
    /// Questions about the new version, with the answers as text.
    after: &'static [(&'static str, &'static str)],
}

/// What every pair stands among: children that cascade, one of them twice, and what others keep.
fn surroundings(name: &str) -> [String; 2] {
    let tables = format!(
        "CREATE TABLE child (pk INTEGER PRIMARY KEY, t_pk INTEGER NOT NULL REFERENCES {name} (pk) ON DELETE CASCADE, note TEXT);
         CREATE TABLE grandchild (pk INTEGER PRIMARY KEY, child_pk INTEGER NOT NULL REFERENCES child (pk) ON DELETE CASCADE);"
    );
    let others = format!(
        "CREATE TABLE log (what TEXT, pk INTEGER);
         CREATE VIEW v AS SELECT pk AS k FROM {name} WHERE pk > 0 -- all\n;
         CREATE VIEW vv AS SELECT count(*) AS n, max(k) AS k FROM v;
         CREATE VIEW unrelated AS SELECT note FROM child;
         CREATE TRIGGER t_inserted AFTER INSERT ON {name} BEGIN INSERT INTO log VALUES ('insert', new.pk); END;
         CREATE TRIGGER t_deleted AFTER DELETE ON {name} BEGIN INSERT INTO log VALUES ('delete', old.pk); END;
         CREATE TRIGGER child_inserted AFTER INSERT ON child WHEN (SELECT n FROM vv) > 0
           BEGIN INSERT INTO log SELECT 'child', pk FROM {name} WHERE pk = new.t_pk; END;
         CREATE TRIGGER v_inserted INSTEAD OF INSERT ON v BEGIN INSERT INTO log VALUES ('view', new.k); END;"
    );
    [tables, others]
}

const CHILDREN: &str = "INSERT INTO child (t_pk, note) SELECT pk, 'a' FROM {t} UNION ALL SELECT pk, 'b' FROM {t};
    INSERT INTO grandchild (child_pk) SELECT pk FROM child; DELETE FROM log;";

/// A table of a database: its rows by their row ids, or their keys.
type Rows = BTreeMap<String, BTreeMap<String, Value>>;

fn rows(sqlite: &Connection, table: &str) -> Rows {
    let quoted = format!("\"{}\"", table.replace('"', "\"\""));
    let with = |key: &str| -> rusqlite::Result<Rows> {
        let mut statement = sqlite.prepare(&format!("SELECT {key}, * FROM {quoted}"))?;
        let names: Vec<String> = statement.column_names().iter().map(|name| name.to_ascii_lowercase()).collect();
        let rows = statement.query_map([], |row| {
            let key = format!("{:?}", row.get::<_, Value>(0)?);
            let values = names.iter().enumerate().skip(1);
            Ok((key, values.map(|(i, name)| Ok((name.clone(), row.get(i)?))).collect::<rusqlite::Result<_>>()?))
        })?;
        rows.collect()
    };
    with("rowid").or_else(|_| with("pk")).unwrap()
}

fn text(sqlite: &Connection, sql: &str) -> String {
    let mut statement = sqlite.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        let cells = (0..width).map(|i| {
            row.get_ref(i).map(|value| match value {
                rusqlite::types::ValueRef::Null => "NULL".to_owned(),
                rusqlite::types::ValueRef::Integer(i) => i.to_string(),
                rusqlite::types::ValueRef::Real(r) => format!("{r:?}"),
                rusqlite::types::ValueRef::Text(t) => String::from_utf8_lossy(t).into_owned(),
                rusqlite::types::ValueRef::Blob(b) => format!("{b:?}"),
            })
        });
        Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join("|"))
    });
    rows.unwrap().collect::<rusqlite::Result<Vec<_>>>().unwrap().join(" ")
}

/// The schema of a database by the text of its statements.
fn schema_of(sqlite: &Connection) -> Schema {
    let mut statement = sqlite
        .prepare(
            "SELECT s.sql FROM sqlite_schema AS s LEFT JOIN pragma_table_list AS l ON l.name = s.name AND s.type = 'table' \
             WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND l.type IS NOT 'shadow' \
             ORDER BY s.type = 'trigger', s.type = 'view', s.type = 'index', s.rowid",
        )
        .unwrap();
    let sql: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    Schema::from_sql(sql).unwrap()
}

/// Runs the statements as `db.migrate` does.
fn migrate(sqlite: &Connection, statements: &[String], name: &str) {
    sqlite.execute_batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
    let script: String = statements.iter().map(|sql| format!("{sql};\n")).collect();
    sqlite.execute_batch(&script).unwrap_or_else(|error| panic!("{name}: {error}\nof {statements:#?}"));
    assert_eq!(text(sqlite, "PRAGMA foreign_key_check"), "", "{name}: {statements:#?}");
    assert_eq!(text(sqlite, "PRAGMA integrity_check"), "ok", "{name}");
    sqlite.execute_batch("COMMIT; PRAGMA foreign_keys = ON").unwrap();
}

fn ordinary(schema: &Schema, table: &str) -> Vec<(String, String)> {
    let columns = schema.table(table).map(|table| table.columns.as_slice()).unwrap_or_default();
    let columns = columns.iter().filter(|column| column.generated.is_none());
    columns.map(|column| (column.name.to_ascii_lowercase(), column.declared_type.to_string().to_uppercase())).collect()
}

/// All rows of both versions are there, with the values of the columns that are the same.
fn same_rows(pair: &Pair, old: &BTreeMap<String, Rows>, sqlite: &Connection, back: bool) {
    let schema = schema_of(sqlite);
    for (table, old) in old {
        let (own, other) = names(pair);
        let is_t = *table == own;
        let table = if is_t { other } else { table.clone() };
        if schema.table(&table).is_none() {
            continue;
        }
        let new = rows(sqlite, &table);
        assert_eq!(new.len(), old.len(), "{}: rows of {table}", pair.name);
        let columns = ordinary(&schema, &table);
        for (key, old) in old {
            // A key that takes the place of the row id, or gives it up, has its number.
            let row = new.get(key).unwrap_or_else(|| panic!("{}: {table} lost {key}: {new:?}", pair.name));
            for (column, value) in old {
                let rename = pair.renamed.iter().find(|(from, to)| is_t && (if back { to } else { from }) == column);
                let name = rename.map_or(column.as_str(), |(from, to)| if back { from } else { to });
                let is_changed = is_t && pair.changed.iter().any(|changed| *changed == name || changed == column);
                if is_changed || !columns.iter().any(|(own, _)| own == name) {
                    continue;
                }
                assert_eq!(row.get(name), Some(value), "{}: {table}.{name} of {key}", pair.name);
            }
        }
    }
}

/// The name of the table in both versions.
fn names(pair: &Pair) -> (String, String) {
    let renamed = pair.new.contains("CREATE TABLE u ");
    ("t".to_owned(), if renamed { "u" } else { "t" }.to_owned())
}

fn all_rows(sqlite: &Connection) -> BTreeMap<String, Rows> {
    let schema = schema_of(sqlite);
    let tables = schema.tables.iter().filter(|table| table.kind == sqliter::schema::TableKind::Ordinary);
    tables.map(|table| (table.name.clone(), rows(sqlite, &table.name))).collect()
}

const COUNTERS: &str = "SELECT seq FROM sqlite_sequence WHERE name IN ('t', 'u')";

fn check(pair: &Pair) {
    let name = pair.name;
    let (old_name, new_name) = names(pair);
    let sqlite = Connection::open_in_memory().unwrap();
    let [tables, others] = surroundings(&old_name);
    sqlite.execute_batch(&format!("PRAGMA foreign_keys = ON; {}; {tables} {others}", pair.old)).unwrap();
    sqlite.execute_batch(pair.rows).unwrap_or_else(|error| panic!("{name}: {error}"));
    sqlite.execute_batch(&CHILDREN.replace("{t}", &old_name)).unwrap();
    let old = schema_of(&sqlite);
    let [tables, _] = surroundings(&new_name);
    let new = Schema::from_sql([pair.new, &tables]).unwrap();
    let old_rows = all_rows(&sqlite);
    let has_counter = |schema: &Schema, name| schema.table(name).is_some_and(sqliter::schema::Table::is_autoincrement);
    let keeps_counter = has_counter(&old, &old_name) && has_counter(&new, &new_name);
    let counter = keeps_counter.then(|| text(&sqlite, COUNTERS));

    let diff = old.diff(&new).unwrap();
    assert!(!diff.is_empty(), "{name}: no difference");
    let decisions = (pair.up)(Decisions::new());
    let statements = diff.sql(&decisions).unwrap_or_else(|error| panic!("{name}: {error}"));
    let rebuilds = statements.iter().any(|sql| sql.starts_with("INSERT"));
    if rebuilds {
        is_refused_with_foreign_keys_on(&sqlite, &statements, name);
    }
    migrate(&sqlite, &statements, name);
    let made = schema_of(&sqlite);
    let left = made.diff(&new).unwrap();
    let left = left.sql(&decisions).unwrap_or_else(|error| panic!("{name}: {error}: {made}"));
    assert!(left.is_empty(), "{name}: {left:#?}");
    same_rows(pair, &old_rows, &sqlite, false);
    assert_eq!(counter, keeps_counter.then(|| text(&sqlite, COUNTERS)), "{name}: the counter");
    for (question, answer) in pair.after {
        assert_eq!(text(&sqlite, question), *answer, "{name}: {question}");
    }
    what_others_keep_works(&sqlite, &old, &new_name, name);

    let Some(down) = pair.down else { return };
    let [tables, _] = surroundings(&old_name);
    let wanted = Schema::from_sql([pair.old, &tables]).unwrap();
    let new_rows = all_rows(&sqlite);
    let statements = schema_of(&sqlite).diff(&wanted).unwrap().sql(&down(Decisions::new()));
    let statements = statements.unwrap_or_else(|error| panic!("{name}, down: {error}"));
    migrate(&sqlite, &statements, name);
    let back = schema_of(&sqlite);
    let left = back.diff(&wanted).unwrap();
    assert!(left.is_empty(), "{name}, down: {left}");
    let swapped = Pair { old: pair.new, new: pair.old, ..*pair };
    let new_rows = new_rows.into_iter().map(|(table, rows)| {
        let table = if table == new_name { old_name.clone() } else { table };
        (table, rows)
    });
    same_rows(&swapped, &new_rows.collect(), &sqlite, true);
    what_others_keep_works(&sqlite, &old, &old_name, name);
}

/// With foreign keys on, nothing happens, and no child is deleted.
fn is_refused_with_foreign_keys_on(sqlite: &Connection, statements: &[String], name: &str) {
    sqlite.execute_batch("PRAGMA foreign_keys = ON; BEGIN").unwrap();
    let error = statements.iter().find_map(|sql| sqlite.execute_batch(sql).err());
    let error =
        error.unwrap_or_else(|| panic!("{name}: rows may follow their foreign keys: {statements:#?}")).to_string();
    assert!(error.contains("foreign keys are off"), "{name}: {error}");
    sqlite.execute_batch("ROLLBACK").unwrap();
}

fn what_others_keep_works(sqlite: &Connection, old: &Schema, table: &str, name: &str) {
    let now = schema_of(sqlite);
    let names = |schema: &Schema| {
        let triggers = schema.triggers.iter().map(|trigger| trigger.name.clone());
        let mut names: Vec<_> = schema.views.iter().map(|view| view.name.clone()).chain(triggers).collect();
        names.sort();
        names
    };
    assert_eq!(names(&now), names(old), "{name}");
    sqlite.execute_batch("SAVEPOINT works; DELETE FROM log").unwrap();
    let count = text(sqlite, &format!("SELECT count(*), max(pk) FROM {table}"));
    assert_eq!(text(sqlite, "SELECT n, k FROM vv"), count, "{name}");
    let key = text(sqlite, "SELECT max(k) FROM v");
    sqlite
        .execute_batch(&format!("INSERT INTO child (t_pk, note) VALUES ({key}, 'new'); INSERT INTO v VALUES (7)"))
        .unwrap();
    let children = text(sqlite, &format!("SELECT count(*) FROM child WHERE t_pk = {key}"));
    assert_eq!(children, "3", "{name}");
    sqlite
        .execute_batch(&format!("DELETE FROM {table} WHERE pk = {key}"))
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(text(sqlite, "SELECT what FROM log ORDER BY rowid"), "child view delete", "{name}");
    assert_eq!(text(sqlite, &format!("SELECT count(*) FROM child WHERE t_pk = {key}")), "0", "{name}: the cascade");
    sqlite.execute_batch("ROLLBACK TO works; RELEASE works").unwrap();
}

#[test]
fn every_change_keeps_rows_children_counters_views_and_triggers() {
    let pairs = pairs::pairs();
    assert!(pairs.len() >= 60, "{}", pairs.len());
    let failed: Vec<_> = pairs.iter().filter(|pair| std::panic::catch_unwind(|| check(pair)).is_err()).collect();
    assert!(failed.is_empty(), "{:#?}", failed.iter().map(|pair| pair.name).collect::<Vec<_>>());
    assert!(pairs.iter().filter(|pair| pair.down.is_some()).count() >= 40);
}
