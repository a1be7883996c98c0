//! What transactions have changed, made again in another file.

use std::path::Path;

use rusqlite::Connection;
use sqliter_cluster::changes::{Changes, Recording, ready};
use sqliter_cluster::dump;
use tempfile::TempDir;

/// Tables of each kind: keys that SQLite chooses, natural keys, keys of two columns, pairs, cascades, a generated column, every
/// storage class; with triggers that write to other tables and to their own.
const SCHEMA: &str = "
CREATE TABLE authors (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, books INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE books (pk INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, pages INTEGER NOT NULL DEFAULT 0,
    loud TEXT GENERATED ALWAYS AS (upper(title)) STORED, twice INTEGER GENERATED ALWAYS AS (pages * 2),
    author_id INTEGER NOT NULL REFERENCES authors ON DELETE CASCADE, editor_id INTEGER REFERENCES authors ON DELETE SET NULL,
    version INTEGER NOT NULL DEFAULT 1) STRICT;
CREATE INDEX idx_books_author_id ON books (author_id);
CREATE INDEX idx_books_editor_id ON books (editor_id);
CREATE TABLE tags (name TEXT NOT NULL PRIMARY KEY, color TEXT NOT NULL DEFAULT 'red') STRICT;
CREATE TABLE books_tags (books_pk INTEGER NOT NULL REFERENCES books ON DELETE CASCADE,
    tags_pk TEXT NOT NULL REFERENCES tags ON DELETE CASCADE ON UPDATE CASCADE, PRIMARY KEY (books_pk, tags_pk)) STRICT;
CREATE TABLE codes (a TEXT NOT NULL, b INTEGER NOT NULL, value ANY, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
CREATE TABLE things (pk INTEGER PRIMARY KEY, yes INTEGER NOT NULL CHECK (yes IN (0, 1)), number INTEGER, real REAL, text TEXT,
    bytes BLOB, any ANY, day TEXT CHECK (day IS date(day))) STRICT;
CREATE TABLE loose (pk INTEGER PRIMARY KEY, a, b NUMERIC, c VARCHAR(10));
CREATE TABLE audit (pk INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL) STRICT;
CREATE TRIGGER counts AFTER INSERT ON books BEGIN UPDATE authors SET books = books + 1 WHERE pk = new.author_id; END;
CREATE TRIGGER uncounts AFTER DELETE ON books BEGIN
    UPDATE authors SET books = books - 1 WHERE pk = old.author_id;
    INSERT INTO audit (what) VALUES ('gone ' || old.title);
END;
CREATE TRIGGER versions AFTER UPDATE OF pages ON books WHEN old.pages <> new.pages BEGIN
    UPDATE books SET version = version + 1 WHERE pk = new.pk;
    INSERT INTO audit (what) VALUES (old.pages || ' to ' || new.pages);
END;
CREATE VIRTUAL TABLE found USING fts5(title, content='books', content_rowid='pk');
CREATE TRIGGER finds AFTER INSERT ON books BEGIN INSERT INTO found (rowid, title) VALUES (new.pk, new.title); END;
CREATE TRIGGER loses AFTER DELETE ON books BEGIN
    INSERT INTO found (found, rowid, title) VALUES ('delete', old.pk, old.title);
END;
";

fn file(folder: &Path, name: &str) -> Connection {
    let connection = Connection::open(folder.join(name)).unwrap();
    connection.pragma_update(None, "journal_mode", "wal").unwrap();
    connection.pragma_update(None, "synchronous", "off").unwrap();
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    connection
}

/// The same numbers for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end as u64) as i64
    }
}

/// Runs a random statement; one that SQLite refuses has no effect.
fn statement(connection: &Connection, random: &mut Random) {
    let (a, b, c) = (random.below(60), random.below(60), random.below(1_000_000));
    let name = format!("n{}", random.below(80));
    let author = "(SELECT pk FROM authors WHERE pk >= ?1 ORDER BY pk LIMIT 1)";
    let book = "(SELECT pk FROM books ORDER BY abs(pk - ?1 * 17) LIMIT 1)";
    let run =
        |sql: &str, values: &[&dyn rusqlite::ToSql]| drop(connection.prepare_cached(sql).unwrap().execute(values));
    match random.below(24) {
        0 | 1 => run("INSERT INTO authors (name) VALUES (?)", &[&name]),
        2 => {
            run("INSERT INTO authors (name) VALUES (?1) ON CONFLICT (name) DO UPDATE SET books = books + 100", &[&name])
        }
        3 => run(&format!("DELETE FROM authors WHERE pk = {author} AND ?2 % 3 = 0"), &[&a, &b]),
        4 => run(&format!("UPDATE authors SET name = ?2 WHERE pk = {author}"), &[&a, &name]),
        5..=7 => {
            run(&format!("INSERT INTO books (title, pages, author_id) VALUES (?2, ?3, {author})"), &[&a, &name, &c])
        }
        8 => run(&format!("UPDATE books SET pages = pages + ?2 WHERE author_id = {author}"), &[&a, &b]),
        9 => run(
            &format!("UPDATE books SET pages = ?2, editor_id = (SELECT max(pk) FROM authors) WHERE pk = {book}"),
            &[&a, &c],
        ),
        10 => run(&format!("DELETE FROM books WHERE pk = {book}"), &[&a]),
        11 => run("INSERT OR IGNORE INTO tags (name) VALUES (?)", &[&name]),
        12 => run("UPDATE tags SET name = ?2 WHERE name = ?1", &[&format!("n{a}"), &name]),
        13 => run("DELETE FROM tags WHERE name = ? AND ? % 4 = 0", &[&name, &b]),
        14 => run(&format!("INSERT OR IGNORE INTO books_tags SELECT {book}, name FROM tags LIMIT 3"), &[&a]),
        15 => run("INSERT OR REPLACE INTO codes VALUES (?1, ?2, ?3)", &[&format!("c{}", a % 7), &(b % 9), &c]),
        16 => run("UPDATE codes SET value = ?1 WHERE b = ?2", &[&(c as f64 / 7.0), &(b % 9)]),
        17 => run("DELETE FROM codes WHERE a = ?", &[&format!("c{}", a % 7)]),
        18 => run(
            "INSERT OR REPLACE INTO things VALUES (?1, ?1 % 2, ?2, ?3, ?4, ?5, ?4, '2024-02-29')",
            &[&a, &(i64::MAX - c), &(c as f64 / 3.0), &format!("é{c}\0'\""), &vec![0_u8, c as u8, 255]],
        ),
        19 => run(
            "UPDATE things SET real = real * -1.5, number = NULL, text = NULL, bytes = zeroblob(?2) WHERE pk = ?1",
            &[&a, &b],
        ),
        20 => run("UPDATE things SET real = 9e999, any = ?2, day = NULL WHERE pk = ?1", &[&a, &b]),
        21 => run("INSERT OR REPLACE INTO loose VALUES (?1, ?2, ?3, ?2)", &[&a, &format!("{b}"), &format!("{c}.50")]),
        22 => run("DELETE FROM loose WHERE pk < ?", &[&(a / 8)]),
        // A row that comes and goes, and whose key is used up.
        _ => {
            run(&format!("INSERT INTO books (title, author_id) VALUES ('brief', {author})"), &[&a]);
            run("DELETE FROM books WHERE title = 'brief'", &[]);
        }
    }
}

/// What a transaction of random statements has changed; it is rolled back.
fn recorded(connection: &Connection, seed: u64) -> Changes {
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let recording = Recording::begin(connection).unwrap();
    transaction(connection, seed);
    let changes = recording.changes().unwrap();
    connection.execute_batch("ROLLBACK").unwrap();
    changes
}

fn transaction(connection: &Connection, seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    for _ in 0..=random.below(3) {
        statement(connection, &mut random);
    }
}

fn apply(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let applied = changes.apply(connection);
    connection.execute_batch(if applied.is_ok() { "COMMIT" } else { "ROLLBACK" }).unwrap();
    applied
}

/// All rows without the row ids that nobody sees: a table without an integer key has others where rows came in another order.
fn seen(folder: &Path, name: &str) -> Vec<String> {
    let lines = dump(&folder.join(name)).unwrap();
    let hides = ["tags: ", "books_tags: "];
    let mut lines: Vec<String> = lines
        .into_iter()
        .map(|line| match hides.iter().find(|table| line.starts_with(*table)) {
            Some(table) => format!("{table}{}", line.split_once(", ").unwrap().1),
            None => line,
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn random_transactions_leave_the_same_files() {
    let number = std::env::var("TRANSACTIONS").ok().and_then(|number| number.parse().ok()).unwrap_or(5_000_u64);
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let [alone, writer] = ["alone", "writer"].map(|name| file(folder, name));
    let replicas = ["writer", "first", "second"].map(|name| file(folder, name));
    for connection in [&alone, &writer, &replicas[1], &replicas[2]] {
        connection.execute_batch(SCHEMA).unwrap();
    }
    for replica in &replicas {
        ready(replica).unwrap();
    }
    let (mut bytes, mut empty, mut exchanged) = (0, 0, 0);
    for seed in 1..=number {
        let changes = recorded(&writer, seed);
        bytes += changes.len();
        empty += u64::from(changes.is_empty());
        let applied = replicas.each_ref().map(|replica| apply(replica, &changes).is_ok());
        assert!(applied == [true; 3] || applied == [false; 3], "{seed}: {applied:?}");
        // On one machine the same transaction is done.
        match applied[0] {
            true => {
                alone.execute_batch("BEGIN IMMEDIATE").unwrap();
                transaction(&alone, seed);
                alone.execute_batch("COMMIT").unwrap();
            }
            false => exchanged += 1,
        }
        if seed % (number / 10).max(1) == 0 {
            let of_writer = dump(&folder.join("writer")).unwrap();
            assert!(of_writer == dump(&folder.join("first")).unwrap(), "{seed}");
            assert!(of_writer == dump(&folder.join("second")).unwrap(), "{seed}");
            let (alone, writer) = (seen(folder, "alone"), seen(folder, "writer"));
            let differ: Vec<_> = alone.iter().zip(&writer).filter(|(a, b)| a != b).take(5).collect();
            assert!(alone == writer, "{seed}: {differ:?}");
        }
    }
    for replica in &replicas {
        let check: String = replica.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        assert!(!replica.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
        let found = "INSERT INTO found (found, rank) VALUES ('integrity-check', 1)";
        replica.execute(found, []).unwrap();
    }
    println!(
        "{number} transactions, {empty} without a change, {} bytes each; {exchanged} could not be made again; the files are equal",
        bytes as u64 / number
    );
}

/// SQLite's changesets change each row at once from what it was to what it is, which these cannot be.
#[test]
fn rows_that_exchange_unique_values_are_taken_out_and_put_back() {
    const TABLES: &str = "CREATE TABLE seats (name TEXT NOT NULL PRIMARY KEY, place INTEGER NOT NULL UNIQUE ON CONFLICT REPLACE,
            next INTEGER GENERATED ALWAYS AS (place + 1) UNIQUE, bytes BLOB) STRICT;
        CREATE TABLE pairs (a, b, c UNIQUE, PRIMARY KEY (a, b)) WITHOUT ROWID; CREATE TABLE keyless (a UNIQUE, b);
        INSERT INTO seats (name, place, bytes) VALUES ('one', 1, x''), ('two', 2, x'00ff'), ('three', 3, NULL), ('four', 4, NULL);
        DELETE FROM seats WHERE name = 'three';
        INSERT INTO pairs VALUES (1, 1, 'x'), (1, 2, 2.5); INSERT INTO keyless VALUES (1, 'a'), ('b', 'b'), (NULL, 'c')";
    let folder = TempDir::new().unwrap();
    let [writer, other] = ["writer", "other"].map(|name| file(folder.path(), name));
    for connection in [&writer, &other] {
        connection.execute_batch(SCHEMA).unwrap();
        connection.execute_batch("INSERT INTO authors (name) VALUES ('a'), ('b')").unwrap();
        connection.execute_batch(TABLES).unwrap();
    }
    ready(&other).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let recording = Recording::begin(&writer).unwrap();
    writer
        .execute_batch(
            "UPDATE authors SET name = 'x' WHERE name = 'a'; UPDATE authors SET name = 'a' WHERE name = 'b';
            UPDATE authors SET name = 'b' WHERE name = 'x'; INSERT INTO authors (name) VALUES ('c');
            UPDATE seats SET place = 9 WHERE name = 'one'; UPDATE seats SET place = 1 WHERE name = 'two';
            UPDATE seats SET place = 2 WHERE name = 'one'; INSERT INTO seats (name, place) VALUES ('five', 5);
            UPDATE pairs SET c = 'y' WHERE c = 'x'; UPDATE pairs SET c = 'x' WHERE c = 2.5; UPDATE pairs SET c = 2.5 WHERE c = 'y';
            UPDATE keyless SET a = 7 WHERE a = 1; UPDATE keyless SET a = 1 WHERE a = 'b'; UPDATE keyless SET a = 'b' WHERE a = 7",
        )
        .unwrap();
    let changes = recording.changes().unwrap();
    writer.execute_batch("COMMIT").unwrap();
    apply(&other, &changes).unwrap();
    assert_eq!(dump(&folder.path().join("other")).unwrap(), dump(&folder.path().join("writer")).unwrap());
    // Where they do not fit, none of it is made.
    let before = dump(&folder.path().join("other")).unwrap();
    let refused = apply(&other, &changes).unwrap_err();
    let codes = [Some(rusqlite::ErrorCode::OperationAborted), Some(rusqlite::ErrorCode::ConstraintViolation)];
    assert!(codes.contains(&refused.sqlite_error_code()), "{refused}");
    assert_eq!(dump(&folder.path().join("other")).unwrap(), before);
}
