//! What would lose data, or may fail on rows that exist, is never done unasked.

use sqliter::schema::{Decisions, Need, Schema};

fn needs(old: &str, new: &str) -> Vec<Need> {
    let [old, new] = [old, new].map(|sql| Schema::from_sql([sql]).unwrap());
    let diff = old.diff(&new).unwrap();
    let needs = diff.needs(&Decisions::new()).unwrap();
    assert_eq!(diff.sql(&Decisions::new()).is_err(), !needs.is_empty());
    needs
}

#[test]
fn every_loss_and_every_risk_is_asked_for() {
    for (old, new, asked) in [
        ("a", "", "t.a is not among the columns"),
        ("a", "b", "t.a is not among the columns"),
        ("", "a NOT NULL", "t.a is new, NOT NULL and without a default"),
        ("", "a NOT NULL DEFAULT NULL", "t.a is new, NOT NULL and without a default"),
        ("", "a DEFAULT 1 UNIQUE", "t.a is new and unique, and all rows would get its default"),
        ("a", "a NOT NULL", "t.a may be NULL and becomes NOT NULL"),
        ("a TEXT", "a INTEGER", "t.a is TEXT and becomes INTEGER"),
        ("a INTEGER", "a REAL", "t.a is INTEGER and becomes REAL"),
        ("a", "a TEXT", "t.a is of no type and becomes TEXT"),
        ("a", "a CHECK (a > 0)", "rows of t may violate what is new, CHECK (a > 0)"),
        ("a CHECK (a IN (1, 2))", "a CHECK (a IN (1, 3))", "rows of t may violate what is new, CHECK (a IN (1, 3))"),
        ("a CHECK (a > 1)", "a CHECK (a > 0)", "rows of t may violate what is new, CHECK (a > 0)"),
        ("a", "a UNIQUE", "rows of t may violate what is new, UNIQUE (\"a\")"),
        ("a", "a REFERENCES t (pk)", "rows of t may violate what is new, FOREIGN KEY (\"a\")"),
        ("a UNIQUE", "a UNIQUE COLLATE NOCASE", "rows of t may violate what is new"),
        ("a", "a AS (1 + 1)", "t.a is not among the columns"),
        (
            "a AS (pk)",
            "a AS (pk) NOT NULL",
            "rows of t may violate what is new, \"a\" NOT NULL GENERATED ALWAYS AS (pk)",
        ),
    ] {
        let table = |column: &str| match column {
            "" => "CREATE TABLE t (pk INTEGER PRIMARY KEY)".to_owned(),
            column => format!("CREATE TABLE t (pk INTEGER PRIMARY KEY, {column})"),
        };
        let needs = needs(&table(old), &table(new));
        assert!(needs.iter().any(|need| need.to_string().starts_with(asked)), "{old} to {new}: {needs:?}");
    }
}

#[test]
fn tables_and_indexes_are_asked_for() {
    const OLD: &str = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a);";
    for (old, new, asked) in [
        ("CREATE INDEX theirs ON t (a)", "", "the index theirs of t, INDEX (a), is not among"),
        ("", "CREATE UNIQUE INDEX idx_t_a ON t (a)", "rows of t may violate what is new, UNIQUE INDEX (a)"),
        ("CREATE VIEW w AS SELECT 1", "CREATE TABLE w (pk)", "w is taken by something else, which must go first"),
        ("CREATE TABLE w (pk)", "CREATE VIEW w AS SELECT 1", "w is taken by something else, which must go first"),
    ] {
        let needs = needs(&format!("{OLD}{old}"), &format!("{OLD}{new}"));
        assert!(needs.iter().any(|need| need.to_string().starts_with(asked)), "{old} to {new}: {needs:?}");
    }
    let strict = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a ANY)";
    assert_eq!(needs(strict, &format!("{strict} STRICT")).len(), 1);
    assert_eq!(needs(strict, &format!("{strict} WITHOUT ROWID")).len(), 1);
    assert_eq!(
        needs("CREATE TABLE t (pk INTEGER, a, PRIMARY KEY (pk))", "CREATE TABLE t (pk INTEGER, a, PRIMARY KEY (a))")
            .len(),
        1
    );
}

#[test]
fn views_and_triggers_that_would_not_work_any_more_are_asked_for() {
    const OLD: &str = "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT, b TEXT);
        CREATE VIEW v AS SELECT a FROM t;
        CREATE VIEW vv AS SELECT * FROM v;
        CREATE VIEW broken_before AS SELECT missing FROM t;
        CREATE TRIGGER tt AFTER UPDATE OF b ON t BEGIN UPDATE t SET b = new.a WHERE pk = new.pk; END;
        CREATE TRIGGER fine AFTER UPDATE ON t BEGIN DELETE FROM t WHERE pk = 0; END;";
    let [old, new] = [OLD, "CREATE TABLE t (pk INTEGER PRIMARY KEY, b TEXT DEFAULT 'b')"]
        .map(|sql| Schema::from_sql([sql]).unwrap());
    let diff = old.diff(&new).unwrap();
    let dropped = Decisions::new().drop_column("t", "a");
    let names: Vec<_> = diff.needs(&dropped).unwrap().iter().map(ToString::to_string).collect();
    assert!(names.iter().any(|need| need.starts_with("v works no longer (no such column: a")), "{names:?}");
    assert!(names.iter().any(|need| need.starts_with("tt works no longer (no such column: new.a")), "{names:?}");
    assert_eq!(names.len(), 3, "{names:?}");
    let told = dropped.drop("v").drop("vv").drop("tt");
    let sql = diff.sql(&told).unwrap();
    assert!(
        sql.contains(&"DROP VIEW \"vv\"".to_owned()) && sql.contains(&"DROP TRIGGER \"tt\"".to_owned()),
        "{sql:#?}"
    );
}

#[test]
fn views_and_triggers_that_work_no_longer_anyway_are_kept() {
    let old = Schema::from_sql([
        "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)",
        "CREATE VIEW gone AS SELECT x FROM missing",
        "CREATE TRIGGER lost AFTER INSERT ON t BEGIN INSERT INTO missing VALUES (1); END",
    ]);
    let new = Schema::from_sql(["CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT DEFAULT 'a')"]).unwrap();
    let old = old.unwrap();
    let sql = old.diff(&new).unwrap().sql(&Decisions::new()).unwrap();
    let made = Schema::from_sql([vec![old.to_string()], sql].concat()).unwrap();
    assert_eq!((made.views, made.triggers), (old.views, old.triggers));
    assert!(made.tables == new.tables);
}

#[test]
fn tables_that_nobody_knows_are_named_and_go_when_that_is_told() {
    let old = "CREATE TABLE t (pk INTEGER PRIMARY KEY); CREATE TABLE w (t_pk REFERENCES t ON DELETE CASCADE)";
    let [old, new] = [old, "CREATE TABLE t (pk INTEGER PRIMARY KEY)"].map(|sql| Schema::from_sql([sql]).unwrap());
    let diff = old.diff(&new).unwrap();
    assert!(diff.is_empty());
    assert_eq!(diff.others(), ["w"]);
    assert_eq!(diff.sql(&Decisions::new().drop("W")).unwrap(), ["DROP TABLE \"w\""]);
}

#[test]
fn the_renames_of_the_way_back_are_those_of_the_way_there() {
    let [old, new] =
        ["CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)", "CREATE TABLE u (pk INTEGER PRIMARY KEY, b TEXT)"]
            .map(|sql| Schema::from_sql([sql]).unwrap());
    let told = Decisions::new().rename_table("t", "u").rename_column("u", "a", "b");
    let up = old.diff(&new).unwrap().sql(&told).unwrap();
    let down = new.diff(&old).unwrap().sql(&told.reversed()).unwrap();
    assert_eq!(up, ["ALTER TABLE \"t\" RENAME TO \"u\"", "ALTER TABLE \"u\" RENAME COLUMN \"a\" TO \"b\""]);
    assert_eq!(down, ["ALTER TABLE \"u\" RENAME TO \"t\"", "ALTER TABLE \"t\" RENAME COLUMN \"b\" TO \"a\""]);
    assert_eq!(told.reversed().reversed(), told);
}

#[test]
fn a_name_that_another_rename_frees_is_taken_after_it() {
    let [old, new] = [
        "CREATE TABLE t (a TEXT, b TEXT); CREATE TABLE u (x TEXT)",
        "CREATE TABLE u (b TEXT, c TEXT); CREATE TABLE v (x TEXT)",
    ]
    .map(|sql| Schema::from_sql([sql]).unwrap());
    let told = Decisions::new()
        .rename_table("t", "u")
        .rename_table("u", "v")
        .rename_column("u", "a", "b")
        .rename_column("u", "b", "c");
    let diff = old.diff(&new).unwrap();
    let up = [
        "ALTER TABLE \"u\" RENAME TO \"v\"",
        "ALTER TABLE \"t\" RENAME TO \"u\"",
        "ALTER TABLE \"u\" RENAME COLUMN \"b\" TO \"c\"",
        "ALTER TABLE \"u\" RENAME COLUMN \"a\" TO \"b\"",
    ];
    assert_eq!(diff.sql(&told).unwrap(), up);
    let back = new.diff(&old).unwrap().sql(&told.reversed()).unwrap();
    let made = Schema::from_sql([vec![old.to_string()], up.map(str::to_owned).to_vec(), back].concat()).unwrap();
    assert!(made.diff(&old).unwrap().is_empty());
    // Told again, where it has been done, it means nothing.
    assert!(new.diff(&new).unwrap().sql(&told).unwrap().is_empty());
}
