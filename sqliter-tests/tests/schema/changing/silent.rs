//! What a change of the schema would lose, or do wrong, without a word.

use rusqlite::Connection;
use rusqlite::types::Value;
use sqliter::Error;
use sqliter::schema::{Decisions, Need, Schema};

fn schema(sql: &str) -> Schema {
    Schema::from_sql([sql]).unwrap()
}

fn needs(old: &str, new: &str, told: &Decisions) -> Vec<Need> {
    schema(old).diff(&schema(new)).unwrap().needs(told).unwrap()
}

/// The statements as one script, as they stand in a file.
fn script(old: &str, new: &str, told: &Decisions) -> String {
    let statements = schema(old).diff(&schema(new)).unwrap().sql(told).unwrap();
    statements.iter().map(|statement| format!("{statement};\n")).collect()
}

/// A database with rows, after the change or what keeps it from being made.
fn changed(old: &str, rows: &str, new: &str, told: &Decisions) -> rusqlite::Result<Connection> {
    let sqlite = Connection::open_in_memory()?;
    sqlite.execute_batch(&format!("PRAGMA foreign_keys = OFF; {old}; {rows}"))?;
    sqlite.execute_batch(&script(old, new, told))?;
    Ok(sqlite)
}

fn values(sqlite: &Connection, sql: &str) -> Vec<Value> {
    let mut statement = sqlite.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_comment_at_the_end_of_a_statement_takes_nothing_in() {
    let old = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT); CREATE VIEW w AS SELECT a FROM t -- of others\n";
    let new = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT NOT NULL); \
        CREATE INDEX i ON t (a) WHERE a > 'b' -- some\n; CREATE INDEX j ON t (a, pk) /* open";
    let told = Decisions::new().value("t", "a", "a -- as it is");
    let sqlite = changed(old, "INSERT INTO t (a) VALUES ('x')", new, &told).unwrap();
    assert_eq!(values(&sqlite, "SELECT a FROM w"), [Value::Text("x".to_owned())]);
    assert_eq!(values(&sqlite, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'"), [Value::Integer(2)]);

    let views = "CREATE VIEW v AS SELECT 1 AS x -- one\n; CREATE VIEW w AS SELECT 2 AS x /* two */";
    let printed = schema(views).to_string();
    assert_eq!(printed, "CREATE VIEW v AS SELECT 1 AS x;\nCREATE VIEW w AS SELECT 2 AS x;\n");
    assert_eq!(schema(&printed), schema(views));
}

#[test]
fn a_constraint_that_drops_rows_which_violate_it_drops_none_of_those_that_exist() {
    let old = "CREATE TABLE t (pk INTEGER, a TEXT)";
    let rows = "INSERT INTO t VALUES (1, 'x'), (2, 'x'), (2, NULL)";
    let told = Decisions::new().rows_satisfy("t").value("t", "a", "a").value("t", "pk", "pk");
    for new in [
        "CREATE TABLE t (pk INTEGER, a TEXT UNIQUE ON CONFLICT REPLACE)",
        "CREATE TABLE t (pk INTEGER, a TEXT NOT NULL ON CONFLICT IGNORE)",
        "CREATE TABLE t (pk INTEGER PRIMARY KEY ON CONFLICT IGNORE, a TEXT)",
        "CREATE TABLE t (pk INTEGER, a TEXT, PRIMARY KEY (pk) ON CONFLICT REPLACE)",
    ] {
        assert!(changed(old, rows, new, &told).is_err(), "{new}");
        let fits = "INSERT INTO t VALUES (1, 'x'), (2, 'y')";
        let sqlite = changed(old, fits, new, &told).unwrap();
        assert_eq!(values(&sqlite, "SELECT a FROM t ORDER BY a").len(), 2, "{new}");
    }
}

#[test]
fn a_value_is_one_expression_for_each_row() {
    let old = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)";
    let new = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT, b TEXT NOT NULL)";
    for wrong in
        ["count(*)", "max(a)", "nothing", "1); DROP TABLE t; --", "1, 2", "a b", "", "1) FROM (SELECT 2", "'open"]
    {
        let error = schema(old).diff(&schema(new)).unwrap().sql(&Decisions::new().value("t", "b", wrong)).unwrap_err();
        assert!(
            matches!(&error, Error::SqlInValue { table, column, sql, .. } if (table.as_str(), column.as_str(), sql.as_str()) == ("t", "b", wrong)),
            "{wrong}: {error}"
        );
    }
    for right in ["'x'", "a || ')('", "(SELECT count(*) FROM t)", "row_number() OVER (ORDER BY a)", "pk /* key */"] {
        let told = Decisions::new().value("t", "b", right);
        let sqlite = changed(old, "INSERT INTO t (a) VALUES ('x'), ('y')", new, &told).unwrap();
        assert_eq!(values(&sqlite, "SELECT b FROM t").len(), 2, "{right}");
    }
}

#[test]
fn names_that_change_with_each_other_are_no_rename() {
    let table = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT)";
    let swapped = Decisions::new().rename_column("t", "a", "b").rename_column("t", "b", "a");
    let circle = swapped.clone().rename_column("t", "b", "c").rename_column("t", "c", "a");
    for (told, names) in [(&swapped, &["t.a", "t.b"][..]), (&circle, &["t.a", "t.b", "t.c"])] {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(needs(table, table, told), [Need::RenamedInCircle { names }]);
    }
    let tables = "CREATE TABLE t (pk INTEGER PRIMARY KEY); CREATE TABLE u (pk INTEGER PRIMARY KEY)";
    let told = Decisions::new().rename_table("t", "u").rename_table("u", "t");
    let names = vec!["t".to_owned(), "u".to_owned()];
    assert_eq!(needs(tables, tables, &told), [Need::RenamedInCircle { names }]);

    // One after the other, they are.
    let chain = Decisions::new().rename_column("t", "a", "b").rename_column("t", "b", "d");
    let new = "CREATE TABLE t (pk INTEGER PRIMARY KEY, b TEXT, d TEXT, c TEXT)";
    let sqlite = changed(table, "INSERT INTO t VALUES (1, 'was a', 'was b', 'c')", new, &chain).unwrap();
    assert_eq!(values(&sqlite, "SELECT b || ', ' || d FROM t"), [Value::Text("was a, was b".to_owned())]);
    // And when it has been done, there is nothing to do.
    assert_eq!(script(new, new, &chain), "");
}

#[test]
fn the_name_of_an_index_moves_to_another_table() {
    let two = |first: &str, second: &str| {
        format!(
            "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT); {first}; CREATE TABLE u (pk INTEGER PRIMARY KEY, a TEXT); {second}"
        )
    };
    let told = Decisions::new().drop("i");
    let (of_t, of_u) = (two("CREATE INDEX i ON t (a)", ""), two("", "CREATE INDEX i ON u (a)"));
    for (old, new, table) in [(&of_t, &of_u, "u"), (&of_u, &of_t, "t")] {
        assert!(matches!(needs(old, new, &Decisions::new()).as_slice(), [Need::Index { .. }]));
        let sqlite = changed(old, "INSERT INTO t VALUES (1, 'x')", new, &told).unwrap();
        let owner = values(&sqlite, "SELECT tbl_name FROM sqlite_schema WHERE name = 'i'");
        assert_eq!(owner, [Value::Text(table.to_owned())]);
        assert_eq!(values(&sqlite, "SELECT count(*) FROM t"), [Value::Integer(1)]);
        assert!(matches!(needs(old, new, &Decisions::new().keep("i")).as_slice(), [Need::InTheWay { .. }]));
    }
    // The index of a table that nobody asks about.
    let other = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT); CREATE INDEX i ON t (a)";
    for new in [
        "CREATE TABLE u (pk INTEGER PRIMARY KEY, a TEXT); CREATE INDEX i ON u (a)",
        "CREATE TABLE i (pk INTEGER PRIMARY KEY)",
        "CREATE VIEW i AS SELECT 1 AS pk",
    ] {
        assert!(
            matches!(needs(other, new, &Decisions::new()).as_slice(), [Need::InTheWay { name, .. }] if name == "i")
        );
        assert!(changed(other, "", new, &told).is_ok(), "{new}");
    }
}

#[test]
fn a_view_becomes_a_table_and_a_table_a_view_when_that_is_told() {
    let base = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)";
    let view = format!("{base}; CREATE VIEW v AS SELECT pk, a FROM t");
    let table = format!("{base}; CREATE TABLE v (pk INTEGER PRIMARY KEY, a TEXT)");
    for (old, new, kind) in [(&view, &table, "table"), (&table, &view, "view")] {
        assert!(matches!(needs(old, new, &Decisions::new()).as_slice(), [Need::InTheWay { name, .. }] if name == "v"));
        let sqlite = changed(old, "INSERT INTO t VALUES (1, 'x')", new, &Decisions::new().drop("v")).unwrap();
        assert_eq!(values(&sqlite, "SELECT type FROM sqlite_schema WHERE name = 'v'"), [Value::Text(kind.to_owned())]);
    }
}

#[test]
fn texts_of_digits_do_not_become_numbers_unasked() {
    let old = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a ANY, b TEXT) STRICT";
    let new = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a ANY, b TEXT)";
    assert!(matches!(needs(old, new, &Decisions::new()).as_slice(), [Need::Value { column, .. }] if column == "a"));
    // Without such a column, nothing changes.
    let (old, new) =
        ("CREATE TABLE t (pk INTEGER PRIMARY KEY, b TEXT) STRICT", "CREATE TABLE t (pk INTEGER PRIMARY KEY, b TEXT)");
    let sqlite = changed(old, "INSERT INTO t VALUES (1, '007')", new, &Decisions::new()).unwrap();
    assert_eq!(values(&sqlite, "SELECT b FROM t"), [Value::Text("007".to_owned())]);
}

#[test]
fn a_key_that_is_null_is_given_no_number_unasked() {
    let new = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)";
    let old = "CREATE TABLE t (pk INT PRIMARY KEY, a TEXT)";
    assert!(matches!(needs(old, new, &Decisions::new()).as_slice(), [Need::Value { column, .. }] if column == "pk"));
    let strict = |sql: &str| format!("{sql} STRICT");
    let old = strict("CREATE TABLE t (pk INT NOT NULL PRIMARY KEY, a TEXT)");
    assert_eq!(needs(&old, &strict(new), &Decisions::new()), []);
}

#[test]
fn what_others_left_broken_stands_in_the_way_of_no_rename() {
    let broken = "CREATE VIEW bad AS SELECT nix FROM nowhere; CREATE VIEW own AS SELECT of_a_program(a) AS x FROM t; \
        CREATE TRIGGER on_bad INSTEAD OF INSERT ON bad BEGIN SELECT 1; END; \
        CREATE TRIGGER bad_too AFTER DELETE ON other BEGIN INSERT INTO nowhere VALUES (1); END";
    let old = format!(
        "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT); CREATE TABLE other (pk INTEGER PRIMARY KEY); {broken}"
    );
    let old = old.as_str();
    let column = "CREATE TABLE t (pk INTEGER PRIMARY KEY, b TEXT)";
    let table = "CREATE TABLE u (pk INTEGER PRIMARY KEY, a TEXT)";
    for (new, told, question) in [
        (column, Decisions::new().rename_column("t", "a", "b"), "SELECT b FROM t"),
        (table, Decisions::new().rename_table("t", "u"), "SELECT a FROM u"),
    ] {
        let sqlite = changed(old, "INSERT INTO t VALUES (1, 'x')", new, &told).unwrap();
        assert_eq!(values(&sqlite, question), [Value::Text("x".to_owned())]);
        let kept = "SELECT group_concat(name, ' ' ORDER BY name) FROM sqlite_schema WHERE type IN ('view', 'trigger')";
        assert_eq!(values(&sqlite, kept), [Value::Text("bad bad_too on_bad own".to_owned())]);
    }
}
