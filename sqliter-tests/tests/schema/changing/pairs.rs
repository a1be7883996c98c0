//! Versions of a table.

use sqliter::schema::Decisions;

use super::Pair;

/// As it is told by nobody.
fn nothing(decisions: Decisions) -> Decisions {
    decisions
}

const PLAIN: Pair = Pair {
    name: "",
    old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
    new: "",
    rows: "INSERT INTO t (pk, a) VALUES (1, 'x'), (5, 'y'), (9, 'z'), (12, 'gone'); DELETE FROM t WHERE pk = 12;",
    up: nothing,
    down: None,
    changed: &[],
    renamed: &[],
    after: &[],
};

const UNIQUE_NAMES: &str = "INSERT INTO t (pk, a, b) VALUES (1, 'x', 1), (5, 'y', 2), (9, NULL, 3), (20, 'gone', 4); DELETE FROM t WHERE pk = 20;";

/// Two columns beside the key.
const TWO: Pair = Pair {
    old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER)",
    rows: UNIQUE_NAMES,
    ..PLAIN
};

pub(super) fn pairs() -> Vec<Pair> {
    [added(), dropped(), renamed(), columns(), keys(), constraints(), kinds(), indexes(), whole()]
        .into_iter()
        .flatten()
        .collect()
}

fn added() -> Vec<Pair> {
    vec![
        Pair {
            name: "a column that takes NULL is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER)",
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT DISTINCT b FROM t", "NULL")],
            ..PLAIN
        },
        Pair {
            name: "a column is added before others",
            new: "CREATE TABLE t (b INTEGER, pk INTEGER PRIMARY KEY AUTOINCREMENT, c TEXT DEFAULT 'q', a TEXT)",
            down: Some(|it| it.drop_column("t", "b").drop_column("t", "c")),
            after: &[("SELECT DISTINCT c FROM t", "q")],
            ..PLAIN
        },
        Pair {
            name: "a column with NOT NULL and a default is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER NOT NULL DEFAULT 7)",
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT DISTINCT b FROM t", "7")],
            ..PLAIN
        },
        Pair {
            name: "a column with NOT NULL gets a value",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT NOT NULL)",
            up: |it| it.value("t", "b", "a || '!'"),
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT b FROM t ORDER BY pk", "x! y! z!")],
            ..PLAIN
        },
        Pair {
            name: "a column that takes NULL gets a value",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER)",
            up: |it| it.value("t", "b", "pk * 2"),
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT b FROM t ORDER BY pk", "2 10 18")],
            ..PLAIN
        },
        Pair {
            name: "a column with a check is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER DEFAULT 0 CHECK (b IN (0, 1)))",
            down: Some(|it| it.drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a column with a check of the table is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, CONSTRAINT \"b is small\" CHECK (b < 10))",
            down: Some(|it| it.drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a column with a check about two is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT, CHECK (b <> a))",
            down: Some(|it| it.drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a unique column that takes NULL is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER UNIQUE)",
            down: Some(|it| it.drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a unique column gets values",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER NOT NULL UNIQUE)",
            up: |it| it.value("t", "b", "pk").rows_satisfy("t"),
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT b FROM t ORDER BY pk", "1 5 9")],
            ..PLAIN
        },
        Pair {
            name: "a foreign key that takes NULL is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, FOREIGN KEY (b) REFERENCES t (pk) ON DELETE SET NULL ON UPDATE CASCADE)",
            down: Some(|it| it.drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a foreign key to a new table is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER REFERENCES w DEFERRABLE INITIALLY DEFERRED); CREATE TABLE w (pk INTEGER PRIMARY KEY); CREATE INDEX idx_t_b ON t (b)",
            down: Some(|it| it.drop_column("t", "b").drop("w")),
            ..PLAIN
        },
        Pair {
            name: "a foreign key with NOT NULL gets a value",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER NOT NULL REFERENCES t (pk))",
            up: |it| it.value("t", "b", "1"),
            down: Some(|it| it.drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a computed column is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT GENERATED ALWAYS AS (a || '?') VIRTUAL)",
            down: Some(nothing),
            after: &[("SELECT b FROM t ORDER BY pk", "x? y? z?")],
            ..PLAIN
        },
        Pair {
            name: "a computed and stored column is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT AS (a || '?') STORED NOT NULL)",
            down: Some(nothing),
            after: &[("SELECT b FROM t ORDER BY pk", "x? y? z?")],
            ..PLAIN
        },
        Pair {
            name: "a column with a collating sequence is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT DEFAULT 'Ab' COLLATE NOCASE)",
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT count(*) FROM t WHERE b = 'aB'", "3")],
            ..PLAIN
        },
        Pair {
            name: "a column whose default is the time is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT count(*) FROM t WHERE b > '2020'", "3")],
            ..PLAIN
        },
        Pair {
            name: "a column whose default is computed is added",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER NOT NULL DEFAULT (1 + 2), c TEXT DEFAULT ('it''s'))",
            down: Some(|it| it.drop_column("t", "b").drop_column("t", "c")),
            after: &[("SELECT DISTINCT b, c FROM t", "3|it's")],
            ..PLAIN
        },
    ]
}

fn dropped() -> Vec<Pair> {
    const NEW: &str = "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)";
    const DROP: fn(Decisions) -> Decisions = |it| it.drop_column("t", "b");
    let dropped = |name, old| Pair { name, old, new: NEW, up: DROP, rows: UNIQUE_NAMES, ..PLAIN };
    vec![
        Pair { down: Some(nothing), ..dropped("a column goes", TWO.old) },
        dropped(
            "an indexed column goes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX idx_t_b ON t (b); CREATE INDEX idx_t_ab ON t (a, b)",
        ),
        Pair {
            down: Some(nothing),
            ..dropped(
                "a unique column goes",
                "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER UNIQUE)",
            )
        },
        Pair {
            rows: PLAIN.rows,
            down: Some(nothing),
            ..dropped(
                "a foreign key goes",
                "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER REFERENCES t (pk) ON DELETE CASCADE)",
            )
        },
        Pair {
            down: Some(nothing),
            ..dropped(
                "a column with a check goes",
                "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER CHECK (b > 0))",
            )
        },
        dropped(
            "a column of a check about two goes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, CHECK (b <> a))",
        ),
        dropped(
            "a column of a key of two goes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, UNIQUE (a, b))",
        ),
        Pair {
            name: "a computed column goes unasked",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, c AS (a || b), d AS (b + 1) STORED)",
            new: TWO.old,
            down: Some(nothing),
            ..TWO
        },
        Pair {
            name: "a column stays that is not known",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, c INTEGER)",
            up: |it| it.keep_column("t", "b"),
            after: &[("SELECT b FROM t ORDER BY pk", "1 2 3")],
            ..TWO
        },
        Pair {
            name: "a column stays that is not known in a table made anew",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER DEFAULT 4 CHECK (b > 0), UNIQUE (b), FOREIGN KEY (b) REFERENCES w (x)); CREATE TABLE w (x INTEGER PRIMARY KEY)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, UNIQUE (a))",
            rows: "INSERT INTO w VALUES (1), (2); INSERT INTO t VALUES (3, 'x', 1), (8, 'y', 2)",
            up: |it| it.keep_column("t", "b").value("t", "a", "a").rows_satisfy("t"),
            after: &[
                ("SELECT b FROM t ORDER BY pk", "1 2"),
                ("SELECT count(*) FROM pragma_index_list('t')", "2"),
                ("SELECT \"table\" FROM pragma_foreign_key_list('t')", "w"),
            ],
            ..PLAIN
        },
    ]
}

fn renamed() -> Vec<Pair> {
    vec![
        Pair {
            name: "a column is renamed",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, c TEXT)",
            up: |it| it.rename_column("t", "a", "c"),
            down: Some(|it| it.rename_column("t", "c", "a")),
            renamed: &[("a", "c")],
            ..PLAIN
        },
        Pair {
            name: "a column of a check, an index and a computed column is renamed",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT CHECK (a <> ''), b INTEGER, d AS (a || '.')); CREATE INDEX idx_t_a ON t (a, lower(a)) WHERE a > 'a'",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, c TEXT CHECK (c <> ''), b INTEGER, d AS (c || '.')); CREATE INDEX idx_t_c ON t (c, lower(c)) WHERE c > 'a'",
            up: |it| it.rename_column("t", "a", "c"),
            down: Some(|it| it.rename_column("t", "c", "a")),
            renamed: &[("a", "c")],
            ..TWO
        },
        Pair {
            name: "a column that triggers and views name is renamed, and the table made anew",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE TABLE log2 (a TEXT); CREATE VIEW va AS SELECT a AS x FROM t; CREATE TRIGGER ta AFTER UPDATE OF a ON t BEGIN INSERT INTO log2 VALUES (new.a); END",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, c TEXT NOT NULL DEFAULT '-', b INTEGER)",
            up: |it| it.rename_column("t", "a", "c").value("t", "c", "coalesce(c, 'none')"),
            after: &[("SELECT x FROM va ORDER BY 1", "none x y"), ("SELECT c FROM t WHERE pk = 9", "none")],
            changed: &["a"],
            ..TWO
        },
        Pair {
            name: "the key is renamed",
            old: "CREATE TABLE t (a TEXT, pk INTEGER PRIMARY KEY AUTOINCREMENT, b INTEGER)",
            new: "CREATE TABLE t (a TEXT COLLATE NOCASE, pk INTEGER PRIMARY KEY AUTOINCREMENT, d INTEGER)",
            up: |it| it.rename_column("T", "B", "D"),
            down: Some(|it| it.rename_column("t", "d", "b")),
            renamed: &[("b", "d")],
            ..TWO
        },
        Pair {
            name: "a table is renamed",
            new: "CREATE TABLE u (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
            up: |it| it.rename_table("t", "u"),
            down: Some(|it| it.rename_table("u", "t")),
            ..PLAIN
        },
        Pair {
            name: "a table and its indexes are renamed, and a column is added",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); CREATE INDEX idx_t_a ON t (a)",
            new: "CREATE TABLE u (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER DEFAULT 1); CREATE INDEX idx_u_a ON u (a)",
            up: |it| it.rename_table("t", "u"),
            down: Some(|it| it.rename_table("u", "t").drop_column("t", "b")),
            ..PLAIN
        },
        Pair {
            name: "a table and a column are renamed, and the table made anew",
            new: "CREATE TABLE u (pk INTEGER PRIMARY KEY AUTOINCREMENT, c TEXT NOT NULL)",
            up: |it| it.rename_table("t", "u").rename_column("u", "a", "c").value("u", "c", "c"),
            down: Some(|it| it.rename_table("u", "t").rename_column("t", "c", "a")),
            renamed: &[("a", "c")],
            ..PLAIN
        },
    ]
}

fn columns() -> Vec<Pair> {
    vec![
        Pair {
            name: "text becomes numbers",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT) STRICT",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER) STRICT",
            rows: "INSERT INTO t VALUES (2, '12'), (3, '7 apples'), (4, NULL)",
            up: |it| it.value("t", "a", "CAST(a AS INTEGER)"),
            down: Some(|it| it.value("t", "a", "a")),
            changed: &["a"],
            after: &[("SELECT typeof(a), a FROM t ORDER BY pk", "integer|12 integer|7 null|NULL")],
            ..PLAIN
        },
        Pair {
            name: "numbers become text",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER) STRICT",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT) STRICT",
            rows: "INSERT INTO t VALUES (2, 12), (3, -7)",
            up: |it| it.value("t", "a", "a"),
            down: Some(|it| it.value("t", "a", "a")),
            changed: &["a"],
            after: &[("SELECT typeof(a), a FROM t ORDER BY pk", "text|12 text|-7")],
            ..PLAIN
        },
        Pair {
            name: "numbers become anything unasked",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER) STRICT",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a ANY) STRICT",
            rows: "INSERT INTO t VALUES (2, 12), (3, -7)",
            down: Some(|it| it.value("t", "a", "a")),
            ..PLAIN
        },
        Pair {
            name: "a type has another name",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a INT, b TEXT)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a BIGINT, b TEXT)",
            rows: "INSERT INTO t VALUES (2, 12, 'x'), (3, 'word', 'y')",
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "NULL becomes a value",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, b INTEGER)",
            up: |it| it.value("t", "a", "coalesce(a, 'none')"),
            down: Some(nothing),
            changed: &["a"],
            after: &[("SELECT a FROM t ORDER BY pk", "x y none")],
            ..TWO
        },
        Pair {
            name: "a column takes NULL",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
            down: Some(|it| it.value("t", "a", "a")),
            ..PLAIN
        },
        Pair {
            name: "a default changes, comes and goes",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT DEFAULT 'a', b INTEGER, c DEFAULT 1)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT DEFAULT 'b', b INTEGER DEFAULT (1 + 1), c)",
            down: Some(nothing),
            ..TWO
        },
        Pair {
            name: "a column has another collating sequence",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT COLLATE NOCASE)",
            down: Some(nothing),
            after: &[("SELECT pk FROM t WHERE a = 'X'", "1")],
            ..PLAIN
        },
        Pair {
            name: "a unique column has another collating sequence",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE COLLATE NOCASE)",
            up: |it| it.rows_satisfy("t"),
            down: Some(|it| it.rows_satisfy("t")),
            ..PLAIN
        },
        Pair {
            name: "a column is computed in another way",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, c AS (b + 1) STORED)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, c AS (b + 2) VIRTUAL)",
            down: Some(nothing),
            after: &[("SELECT c FROM t ORDER BY pk", "3 4 5")],
            ..TWO
        },
        Pair {
            name: "a column is computed from now on",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER AS (length(a)) STORED)",
            up: |it| it.drop_column("t", "b"),
            down: Some(nothing),
            changed: &["b"],
            after: &[("SELECT b FROM t ORDER BY pk", "1 1 NULL")],
            ..TWO
        },
        Pair {
            name: "a column is no longer computed",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER AS (length(a)))",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER)",
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT b FROM t ORDER BY pk", "1 1 1")],
            ..PLAIN
        },
    ]
}

fn keys() -> Vec<Pair> {
    vec![
        Pair {
            name: "keys are not given again",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT)",
            down: Some(nothing),
            after: &[("SELECT seq FROM sqlite_sequence", "9")],
            ..PLAIN
        },
        Pair {
            name: "a table without rows has its counter",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT DEFAULT 'x')",
            rows: "INSERT INTO t VALUES (1, 'x'), (77, 'y'), (100, 'z'); DELETE FROM t WHERE pk > 1",
            down: Some(nothing),
            after: &[("SELECT seq FROM sqlite_sequence WHERE name = 't'", "100")],
            ..PLAIN
        },
        Pair {
            name: "a table without a key has one, and the key is the row id",
            old: "CREATE TABLE t (pk INTEGER UNIQUE, a TEXT)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)",
            rows: "INSERT INTO t (rowid, pk, a) VALUES (3, 3, 'x'), (8, 8, 'y')",
            up: |it| it.rows_satisfy("t"),
            ..PLAIN
        },
        Pair {
            name: "a key of text",
            old: "CREATE TABLE t (pk TEXT PRIMARY KEY, a TEXT)",
            new: "CREATE TABLE t (pk TEXT PRIMARY KEY NOT NULL, a TEXT)",
            rows: "INSERT INTO t (rowid, pk, a) VALUES (3, '4', 'x'), (8, '5', 'y')",
            up: |it| it.value("t", "pk", "pk"),
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "a key of two columns",
            old: "CREATE TABLE t (pk INTEGER UNIQUE, a TEXT, b INTEGER, PRIMARY KEY (a))",
            new: "CREATE TABLE t (pk INTEGER UNIQUE, a TEXT, b INTEGER, PRIMARY KEY (a, b DESC))",
            up: |it| it.rows_satisfy("t"),
            down: Some(|it| it.rows_satisfy("t")),
            ..TWO
        },
        Pair {
            name: "the row id is kept where no column is its name",
            old: "CREATE TABLE t (pk INTEGER UNIQUE, rowid TEXT, a TEXT)",
            new: "CREATE TABLE t (pk INTEGER UNIQUE, rowid TEXT, a TEXT DEFAULT 'q')",
            rows: "INSERT INTO t (_rowid_, pk, rowid, a) VALUES (30, 3, 'r', 'x'), (80, 8, 's', 'y')",
            down: Some(nothing),
            after: &[("SELECT _rowid_ FROM t ORDER BY pk", "30 80")],
            ..PLAIN
        },
    ]
}

fn constraints() -> Vec<Pair> {
    const SATISFIED: fn(Decisions) -> Decisions = |it| it.rows_satisfy("t");
    let with = |name, new| Pair { name, new, up: SATISFIED, down: Some(nothing), ..TWO };
    vec![
        with("a column becomes unique", "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE, b INTEGER)"),
        with(
            "two columns become unique",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, UNIQUE (b, a) ON CONFLICT IGNORE)",
        ),
        with("a check comes", "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER CHECK (b > 0))"),
        with(
            "a check with a name comes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, CONSTRAINT \"b, not a\" CHECK (b <> a))",
        ),
        with(
            "a foreign key comes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER, FOREIGN KEY (b) REFERENCES log3 (n)); CREATE TABLE log3 (n INTEGER PRIMARY KEY)",
        )
        .rows("INSERT INTO t VALUES (4, 'a', NULL)"),
        Pair {
            name: "a foreign key does something else",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER REFERENCES t (pk))",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER REFERENCES t ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED)",
            rows: "INSERT INTO t VALUES (1, 'root', NULL), (2, 'a', 1), (3, 'b', 2)",
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "an enum has a new variant",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL CHECK ((a IN ('x', 'y', 'z', 'gone'))))",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL CHECK ((a IN ('new', 'x', 'y', 'z', 'gone'))))",
            down: Some(SATISFIED),
            ..PLAIN
        },
        Pair {
            name: "a check has another name",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT CONSTRAINT one CHECK (a <> ''))",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT CONSTRAINT two CHECK (a <> ''))",
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "all constraints go",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE CHECK (a <> 'q'), b INTEGER NOT NULL UNIQUE, UNIQUE (a, b), CHECK (b > 0))",
            new: TWO.old,
            down: Some(|it| it.rows_satisfy("t").value("t", "b", "b")),
            ..TWO
        },
        Pair {
            name: "two tables that refer to each other are made anew",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, w_pk INTEGER REFERENCES w (pk)); CREATE TABLE w (pk INTEGER PRIMARY KEY, t_pk INTEGER REFERENCES t (pk) ON DELETE CASCADE)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT DEFAULT 'n', w_pk INTEGER REFERENCES w (pk)); CREATE TABLE w (pk INTEGER PRIMARY KEY, t_pk INTEGER DEFAULT 1 REFERENCES t (pk) ON DELETE CASCADE)",
            rows: "INSERT INTO t VALUES (1, 'a', NULL), (2, 'b', NULL); INSERT INTO w VALUES (5, 1), (6, 2); UPDATE t SET w_pk = 7 - pk WHERE 0; UPDATE t SET w_pk = 4 + pk",
            down: Some(nothing),
            after: &[("SELECT t_pk FROM w ORDER BY pk", "1 2")],
            ..PLAIN
        },
    ]
}

impl Pair {
    const fn rows(mut self, rows: &'static str) -> Self {
        self.rows = rows;
        self
    }
}

fn kinds() -> Vec<Pair> {
    const SATISFIED: fn(Decisions) -> Decisions = |it| it.rows_satisfy("t");
    vec![
        Pair {
            name: "a table becomes STRICT",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT) STRICT",
            up: SATISFIED,
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "a table becomes WITHOUT ROWID",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY, a TEXT) WITHOUT ROWID",
            up: SATISFIED,
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "a table WITHOUT ROWID is made anew",
            old: "CREATE TABLE t (pk INTEGER, a TEXT, b TEXT DEFAULT 'b', PRIMARY KEY (pk)) WITHOUT ROWID",
            new: "CREATE TABLE t (pk INTEGER, a TEXT, b TEXT DEFAULT 'c', PRIMARY KEY (pk)) WITHOUT ROWID",
            down: Some(nothing),
            ..PLAIN
        },
    ]
}

fn indexes() -> Vec<Pair> {
    const T: &str = "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER);";
    let with = |name, new| Pair { name, new, down: Some(nothing), ..TWO };
    vec![
        with(
            "an index comes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX idx_t_a ON t (a)",
        ),
        Pair {
            up: |it| it.rows_satisfy("t"),
            ..with(
                "a unique index comes",
                "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE UNIQUE INDEX idx_t_a ON t (a)",
            )
        },
        with(
            "an index over an expression, downwards, of some rows comes",
            "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX idx_t_x ON t (lower(a) DESC, b COLLATE NOCASE) WHERE b > 1",
        ),
        Pair {
            name: "an index of the same name does something else",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX idx_t_a ON t (a)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX idx_t_a ON t (a DESC) WHERE a IS NOT NULL",
            down: Some(nothing),
            ..TWO
        },
        Pair {
            name: "an index of another stays in a table made anew",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX theirs ON t (upper(a), b DESC); CREATE INDEX idx_t_b ON t (b)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT DEFAULT 'a', b INTEGER); CREATE INDEX idx_t_b ON t (b)",
            up: |it| it.keep("theirs"),
            after: &[("SELECT name FROM pragma_index_list('t') ORDER BY name", "idx_t_b theirs")],
            ..TWO
        },
        Pair {
            name: "an index of another goes when that is told",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX theirs ON t (a)",
            new: T,
            up: |it| it.drop("theirs"),
            down: Some(nothing),
            ..TWO
        },
    ]
}

fn whole() -> Vec<Pair> {
    vec![
        Pair {
            name: "a table comes",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); CREATE TABLE w (pk INTEGER PRIMARY KEY, t_pk REFERENCES t (pk)); CREATE INDEX idx_w_t_pk ON w (t_pk)",
            down: Some(|it| it.drop("w")),
            ..PLAIN
        },
        Pair {
            name: "a table goes",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE TABLE w (pk INTEGER PRIMARY KEY, t_pk REFERENCES t (pk) ON DELETE CASCADE)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT DEFAULT 'a', b INTEGER)",
            up: |it| it.drop("w"),
            after: &[("SELECT count(*) FROM sqlite_schema WHERE name = 'w'", "0")],
            ..TWO
        },
        Pair {
            name: "a view changes with its table, which is altered",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); CREATE VIEW tv AS SELECT pk, a FROM t; CREATE VIEW tvv AS SELECT pk FROM tv; CREATE TRIGGER tv_insert INSTEAD OF INSERT ON tv BEGIN INSERT INTO log VALUES ('tv', new.pk); END",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER DEFAULT 4); CREATE VIEW tv AS SELECT pk, a, b FROM t",
            down: Some(|it| it.drop_column("t", "b")),
            after: &[("SELECT b FROM tv", "4 4 4"), ("SELECT count(*) FROM tvv", "3")],
            ..PLAIN
        },
        Pair {
            name: "a view changes with its table, which is made anew",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE VIEW tv AS SELECT pk, b FROM t; CREATE TRIGGER tv_insert INSTEAD OF INSERT ON tv BEGIN INSERT INTO log VALUES ('tv', new.pk); END",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT NOT NULL, c INTEGER); CREATE VIEW tv AS SELECT pk, a, c FROM t",
            up: |it| it.value("t", "a", "coalesce(a, '-')").drop_column("t", "b"),
            changed: &["a"],
            after: &[("SELECT a FROM tv ORDER BY pk", "x y -")],
            ..TWO
        },
        Pair {
            name: "names need quotes",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, \"group by\" TEXT, \"a\"\"b\" INTEGER, 'select' TEXT, [x y] TEXT)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, \"group by\" TEXT DEFAULT 'it''s', \"a\"\"b\" INTEGER CHECK (\"a\"\"b\" > 0), \"select\" TEXT, `x y` TEXT)",
            rows: "INSERT INTO t VALUES (3, 'x', 1, 'y', 'z'), (4, 'x', 1, 'y', 'z')",
            up: |it| it.rows_satisfy("t"),
            down: Some(nothing),
            ..PLAIN
        },
        Pair {
            name: "a search index with its triggers stays",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE VIRTUAL TABLE texts USING fts5(a, content = 't', content_rowid = 'pk'); CREATE TRIGGER t_texts AFTER INSERT ON t BEGIN INSERT INTO texts (rowid, a) VALUES (new.pk, new.a); END",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER DEFAULT 2)",
            after: &[("SELECT rowid FROM texts WHERE texts MATCH 'y'", "5")],
            ..TWO
        },
        Pair {
            name: "much at once",
            old: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b INTEGER); CREATE INDEX idx_t_a ON t (a)",
            new: "CREATE TABLE t (pk INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL CHECK (title <> ''), b ANY, made_at TEXT NOT NULL, owner INTEGER REFERENCES w (pk)) STRICT; CREATE TABLE w (pk INTEGER PRIMARY KEY); CREATE INDEX idx_t_title ON t (title); CREATE INDEX idx_t_owner ON t (owner)",
            up: |it| {
                it.rename_column("t", "a", "title")
                    .value("t", "title", "coalesce(title, '?')")
                    .value("t", "b", "b")
                    .value("t", "made_at", "'2026-01-01'")
                    .rows_satisfy("t")
            },
            down: Some(|it| {
                it.rename_column("t", "title", "a")
                    .value("t", "b", "b")
                    .drop_column("t", "made_at")
                    .drop_column("t", "owner")
                    .drop("w")
            }),
            changed: &["title", "a"],
            ..TWO
        },
    ]
}
