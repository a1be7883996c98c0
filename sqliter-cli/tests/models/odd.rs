//! The tables of odd.db, as `sqliter models` has read them.

// Clippy takes a column that two indexes have for an attribute that is given twice.
#![allow(clippy::duplicated_attributes)]

use sqliter::prelude::*;
use sqliter::{Any, Row};

/// A row of the table `type`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "type")]
#[model(strict = false)]
#[model(has_many(types_by_type_row = Type2::type_row))]
#[model(has_many(types_by_async_row = Type2::async_row))]
pub struct Type {
    #[model(pk, column = "self", sql = "INTEGER PRIMARY KEY")]
    pub self_: Key<Type>,
    #[model(sql = "TEXT")]
    pub r#fn: Option<String>,
    #[model(column = "2nd place", sql = "TEXT")]
    pub column_2nd_place: Option<String>,
    #[model(column = "a-b", sql = "TEXT")]
    pub a_b_2: Option<String>,
    #[model(sql = "TEXT")]
    pub a_b: Option<String>,
    #[model(column = "A B", sql = "TEXT DEFAULT 'it''s'")]
    pub a_b_3: Option<String>,
    #[model(column = "say \"hi\"", sql = "TEXT")]
    pub say_hi: Option<String>,
    #[model(sql = "TEXT", plain)]
    pub pk: Option<String>,
}

/// A row of the table `types`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "types")]
#[model(strict = false)]
pub struct Type2 {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<Type2>,
    #[model(column = "type", sql = "INTEGER", relation = "type_row", on_delete = no_action, on_update = no_action, index = false)]
    pub type_id: Option<Key<Type>>,
    #[model(sql = "INTEGER", relation = "async_row", on_delete = cascade, on_update = no_action, index = false)]
    pub async_id: Option<Key<Type>>,
    #[model(sql = "TEXT DEFAULT CURRENT_TIMESTAMP", plain)]
    pub created_at: Option<String>,
    #[model(sql = "DATETIME DEFAULT (datetime('now'))", plain)]
    pub updated_at: Option<String>,
}

/// A row of the table `new_types`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "new_types")]
#[model(strict = false)]
#[model(has_many(new_types_by_clone_2 = NewType3::clone_2))]
pub struct NewType3 {
    #[model(sql = "INTEGER PRIMARY KEY AUTOINCREMENT")]
    pub pk: Key<NewType3>,
    #[model(sql = "TEXT")]
    pub builder: Option<String>,
    #[model(sql = "TEXT")]
    pub key: Option<String>,
    #[model(sql = "INTEGER", relation = "clone_2", on_delete = set_null, on_update = no_action, index = false)]
    pub clone_id: Option<Key<NewType3>>,
}

/// A row of the table `keys`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "keys")]
#[model(strict = false)]
#[model(constraint = "PRIMARY KEY (\"b\" COLLATE NOCASE, \"a\" DESC) ON CONFLICT REPLACE")]
pub struct KeyRow {
    #[model(pk, sql = "TEXT")]
    pub b: String,
    #[model(pk, sql = "INTEGER")]
    pub a: i64,
    #[model(sql = "")]
    pub c: Option<Any>,
}

/// A row of the table `uses_keys`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "uses_keys")]
#[model(strict = false)]
#[model(constraint = "FOREIGN KEY (\"y\", \"x\") REFERENCES \"keys\" (\"b\", \"a\") ON UPDATE CASCADE")]
pub struct UsesKey {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<UsesKey>,
    #[model(sql = "INTEGER")]
    pub x: Option<i64>,
    #[model(sql = "TEXT")]
    pub y: Option<String>,
}

/// A row of the table `no_key`.
///
/// It is no model, as it has no primary key, and no columns that are NOT NULL and unique.
///
/// ```sql
/// CREATE TABLE no_key (a, b INTEGER);
/// ```
///
/// Read it by `db.query::<NoKey>("SELECT * FROM \"no_key\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct NoKey {
    pub a: Option<Any>,
    pub b: Option<i64>,
}

/// A row of the table `mixed`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "mixed")]
#[model(strict = false)]
#[model(index(expr = "lower(name) DESC", number, name = "mixed_lower"))]
#[model(index(expr = "\"name\" COLLATE BINARY", flag, unique, where = "flag = 1 AND name <> ';'", name = "mixed by name"))]
#[model(constraint = "UNIQUE (\"name\") ON CONFLICT FAIL")]
#[model(check(expr = "length(name) < 20", name = "short name"))]
#[model(check = "price > 0")]
pub struct Mixed {
    #[model(pk, sql = "INT PRIMARY KEY NOT NULL")]
    pub id: i64,
    #[model(sql = "")]
    pub anything: Option<Any>,
    #[model(sql = "DECIMAL(10,2) NOT NULL ON CONFLICT IGNORE DEFAULT (1 + 1)")]
    pub number: f64,
    #[model(sql = "BOOLEAN NOT NULL DEFAULT FALSE")]
    pub flag: bool,
    #[model(sql = "DEFAULT word")]
    pub word: Option<String>,
    #[model(sql = "INTEGER DEFAULT 0x1F")]
    pub hex: Option<i64>,
    #[model(sql = "VARCHAR(20) COLLATE NOCASE", collate = nocase)]
    pub name: Option<String>,
    #[model(sql = "INT GENERATED ALWAYS AS (length(name)) VIRTUAL", generated = "length(name)")]
    pub name_length: Option<i64>,
    #[model(sql = "REAL")]
    pub price: Option<f64>,
}

/// A row of the table `a`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "a")]
#[model(strict = false)]
pub struct A {
    #[model(pk, sql = "INTEGER PRIMARY KEY", relation = "b", deferrable)]
    pub id: Key<B>,
}

/// A row of the table `b`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "b")]
#[model(strict = false)]
#[model(constraint = "FOREIGN KEY (\"id\") REFERENCES \"a\" (\"id\")")]
#[model(has_one(a = A::b))]
pub struct B {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<B>,
}

/// A row of the table `profile`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "profile")]
#[model(strict = false)]
pub struct Profile {
    #[model(pk, sql = "INTEGER PRIMARY KEY", on_delete = cascade, on_update = no_action)]
    pub user_id: Key<User>,
    #[model(sql = "TEXT")]
    pub bio: Option<String>,
}

/// A row of the table `user`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "user")]
#[model(strict = false)]
#[model(constraint = "FOREIGN KEY (\"boss\") REFERENCES \"user\" ON DELETE SET DEFAULT")]
#[model(has_one(profile = Profile::user))]
pub struct User {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<User>,
    #[model(sql = "INTEGER DEFAULT 1", default = 1)]
    pub boss: Option<i64>,
}

/// A row of the table `missing_parent`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "missing_parent")]
#[model(strict = false)]
#[model(constraint = "FOREIGN KEY (other_id) REFERENCES \"nowhere\" (\"id\")")]
pub struct MissingParent {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<MissingParent>,
    #[model(sql = "INTEGER")]
    pub other_id: Option<i64>,
}

/// A row of the table `real_key`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "real_key")]
#[model(strict = false)]
#[model(constraint = "PRIMARY KEY (\"r\")")]
pub struct RealKey {
    #[model(sql = "REAL")]
    pub r: Option<f64>,
    #[model(pk, sql = "TEXT NOT NULL UNIQUE")]
    pub t: String,
}

/// A row of the table `nullable_key`.
///
/// It is no model, as k may be NULL.
///
/// ```sql
/// CREATE TABLE nullable_key (k TEXT PRIMARY KEY, v);
/// ```
///
/// Read it by `db.query::<NullableKey>("SELECT * FROM \"nullable_key\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct NullableKey {
    pub k: Option<String>,
    pub v: Option<i64>,
}

/// A row of the table `strict_any`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "strict_any")]
pub struct StrictAny {
    #[model(pk, sql = "INTEGER PRIMARY KEY")]
    pub id: Key<StrictAny>,
    pub v: Option<Any>,
    pub w: Any,
}

/// A row of the table `größe`.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "größe")]
#[model(strict = false)]
pub struct Größe {
    #[model(sql = "REAL")]
    pub länge: Option<f64>,
    #[model(pk, column = "😀", sql = "TEXT NOT NULL UNIQUE")]
    pub column: String,
}

/// A row of the view `odd view`.
///
/// It is no model, as nothing tells its rows apart for sure.
///
/// ```sql
/// CREATE VIEW "odd view" AS SELECT count(*), max(price) AS "max(price)", anything FROM mixed;
/// ```
///
/// Read it by `db.query::<OddView>("SELECT * FROM \"odd view\"")`.
#[derive(Debug, Clone, PartialEq, Row)]
pub struct OddView {
    #[row(column = "count(*)")]
    pub count: Option<i64>,
    #[row(column = "max(price)")]
    pub max_price: Option<f64>,
    pub anything: Option<String>,
}

/// All models.
pub type All = (
    Type,
    Type2,
    NewType3,
    KeyRow,
    UsesKey,
    Mixed,
    A,
    B,
    Profile,
    User,
    MissingParent,
    RealKey,
    StrictAny,
    Größe,
);

// The table nameless has no form: the name of a column is empty or begins with sqlite_.
// CREATE TABLE nameless ("" TEXT, id INTEGER PRIMARY KEY);

// The virtual table words is no model: its module gives its rows.
// CREATE VIRTUAL TABLE words USING fts5(word, content='');

// The virtual table boxes is no model: its module gives its rows.
// CREATE VIRTUAL TABLE boxes USING rtree(id, min_x, max_x);

// The view broken cannot be read: no such table: main.nowhere
// CREATE VIEW broken AS SELECT * FROM nowhere;

// The trigger touched stays in the file; models say nothing of triggers.
// CREATE TRIGGER touched AFTER UPDATE ON types BEGIN UPDATE types SET updated_at = datetime('now') WHERE id = NEW.id; END;
