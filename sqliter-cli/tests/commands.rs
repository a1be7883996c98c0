//! The commands of the program `sqliter` but for `models`.

#![allow(missing_docs, unreachable_pub)]

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

mod share;

const BOOKS: &str = "
    CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, price REAL, cover BLOB, author_id INTEGER REFERENCES authors);
    CREATE INDEX books_title ON books (title);
    INSERT INTO authors VALUES (1, 'Ada');
    INSERT INTO books VALUES (1, 'Notes', 9.5, x'00ff', 1), (20, 'Two
lines, \"quoted\"', NULL, NULL, NULL);";

struct Books {
    folder: TempDir,
    file: String,
}

fn books() -> Books {
    let folder = tempdir().unwrap();
    let file = share::file(folder.path(), "books.db", BOOKS).to_str().unwrap().to_owned();
    Books { folder, file }
}

impl Books {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn query(&self, arguments: &[&str]) -> Output {
        share::sqliter(["query", &self.file].iter().chain(arguments))
    }

    /// What a query prints.
    #[track_caller]
    fn rows(&self, arguments: &[&str]) -> String {
        share::printed(["query", &self.file].iter().chain(arguments))
    }
}

#[track_caller]
fn fails(output: &Output, code: i32, message: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert!(error.contains(message), "{error}");
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_missing_file_is_an_error_and_is_not_created() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("none.db").to_str().unwrap().to_owned();
    let to = folder.path().join("to.db").to_str().unwrap().to_owned();
    for arguments in [
        vec!["models", &file],
        vec!["schema", &file],
        vec!["check", &file],
        vec!["backup", &file, &to],
        vec!["query", &file, "SELECT 1"],
        vec!["query", "--write", &file, "SELECT 1"],
    ] {
        fails(&share::sqliter(&arguments), 3, "error: there is no file ");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_database_is_told() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("text.db");
    fs::write(&file, "this is a text, and longer than the sixteen bytes at which SQLite looks first\n".repeat(20))
        .unwrap();
    let path = file.to_str().unwrap();
    for command in ["models", "schema", "check"] {
        fails(&share::sqliter([command, path]), 3, "is no SQLite database");
        let output = share::sqliter([command, path, "--json"]);
        let error = parsed(&String::from_utf8(output.stdout).unwrap());
        assert!(error["error"].as_str().unwrap().ends_with("is no SQLite database"), "{error}");
    }
    fails(&share::sqliter(["schema", folder.path().to_str().unwrap()]), 3, "it is a folder");
}

#[test]
fn a_wrong_argument_suggests_the_right_one() {
    fails(&share::sqliter(["modles", "x.db"]), 2, "models");
    fails(&share::sqliter(["query", "x.db"]), 2, "<SQL>");
    fails(&share::sqliter(["schema", "x.db", "--jsn"]), 2, "--json");
    assert!(share::printed(["--help"]).contains("Exit codes:"));
}

#[test]
fn a_schema_is_printed_as_sql_and_as_json() {
    let books = books();
    let sql = share::printed(["schema", &books.file]);
    assert!(sql.ends_with("REFERENCES authors);\nCREATE INDEX books_title ON books (title);\n"), "{sql}");
    let again = Connection::open_in_memory().unwrap();
    again.execute_batch(&sql).unwrap();
    let schema = parsed(&share::printed(["schema", "--json", &books.file]));
    assert_eq!(schema["tables"][1]["columns"][2]["name"], "price");
    assert_eq!(schema["tables"][1]["indexes"][0]["name"], "books_title");
}

#[test]
fn rows_are_printed_as_an_aligned_table() {
    let books = books();
    let expected = "\
id  title                price  cover
--  -------------------  -----  -------
 1  Notes                  9.5  x'00ff'
20  Two⏎lines, \"quoted\"  NULL   NULL
(2 rows)
";
    assert_eq!(books.rows(&["SELECT id, title, price, cover FROM books"]), expected);
    assert_eq!(books.rows(&["SELECT 1 AS n WHERE 0"]), "n\n-\n(0 rows)\n");
}

#[test]
fn rows_are_printed_as_json() {
    let books = books();
    let rows = parsed(&books.rows(&["--json", "SELECT id, title, price, cover, id FROM books ORDER BY id"]));
    let expected = json!([
        { "id": 1, "title": "Notes", "price": 9.5, "cover": { "hex": "00ff" }, "id:1": 1 },
        { "id": 20, "title": "Two\nlines, \"quoted\"", "price": null, "cover": null, "id:1": 20 },
    ]);
    assert_eq!(rows, expected);
    assert_eq!(books.rows(&["--json", "SELECT 1 WHERE 0"]), "[]\n");
}

#[test]
fn rows_are_printed_as_csv() {
    let books = books();
    let expected = "id,title,price\n1,Notes,9.5\n20,\"Two\nlines, \"\"quoted\"\"\",\n";
    assert_eq!(books.rows(&["--csv", "SELECT id, title, price FROM books"]), expected);
    assert_eq!(books.rows(&["--csv", "SELECT '' AS a, NULL AS b"]), "a,b\n\"\",\n");
    fails(&books.query(&["--csv", "--json", "SELECT 1"]), 2, "cannot be used with");
}

#[test]
fn values_are_bound() {
    let books = books();
    let sql = "SELECT typeof(?1) AS a, typeof(?2) AS b, typeof(?3) AS c, typeof(?4) AS d, ?4 AS e";
    let rows = books.rows(&["--csv", sql, "--bind", "1", "--bind", "-1.5", "--bind", "null", "--bind", "\"7\""]);
    assert_eq!(rows, "a,b,c,d,e\ninteger,real,null,text,7\n");
    assert_eq!(books.rows(&["--csv", "SELECT id FROM books WHERE title = ?", "--bind", "Notes"]), "id\n1\n");
    fails(&books.query(&["SELECT ?"]), 2, "the statement has 1 placeholders, and --bind gives 0");
}

#[test]
fn a_query_changes_nothing_unless_told_to() {
    let books = books();
    fails(&books.query(&["DELETE FROM books"]), 2, "--write allows that");
    fails(&books.query(&["SELECT 1; SELECT 2"]), 2, "one statement at a time");
    fails(&books.query(&["SELECT isbn FROM books"]), 3, "no such column: isbn");
    fails(&books.query(&[" "]), 2, "there is no statement");
    assert_eq!(books.rows(&["--csv", "SELECT count(*) AS n FROM books;"]), "n\n2\n");
    // With foreign keys on.
    fails(&books.query(&["--write", "DELETE FROM authors"]), 3, "FOREIGN KEY constraint failed");
    assert_eq!(books.rows(&["--write", "UPDATE books SET price = 1"]), "2 rows changed\n");
    let deleted = books.rows(&["--write", "--json", "DELETE FROM books RETURNING id"]);
    assert_eq!(parsed(&deleted), json!([{ "id": 1 }, { "id": 20 }]));
    assert_eq!(books.rows(&["--csv", "SELECT count(*) AS n FROM books"]), "n\n0\n");
}

#[test]
fn a_sound_file_is_sound() {
    let books = books();
    assert_eq!(share::printed(["check", &books.file]), format!("sound: nothing found in {}\n", books.file));
    let found = parsed(&share::printed(["check", "--json", &books.file]));
    assert_eq!(found, json!({ "file": books.file, "sound": true, "findings": [] }));
}

#[test]
fn a_check_finds_broken_references_and_values_that_do_not_fit() {
    let folder = tempdir().unwrap();
    let sql = "PRAGMA foreign_keys = OFF;
        CREATE TABLE a (id INTEGER PRIMARY KEY, n INT, t VARCHAR(9), day DATE, b_id REFERENCES b, gone REFERENCES nowhere);
        CREATE TABLE b (id INTEGER PRIMARY KEY);
        CREATE TABLE c (code TEXT);
        CREATE TABLE d (code TEXT REFERENCES c (code));
        INSERT INTO a VALUES (5, 'many', x'00', 'today', 7, NULL), (6, 2, 'x', 3, 8, NULL), (7, 1.5, NULL, NULL, NULL, NULL);
        INSERT INTO d VALUES ('x');";
    let file = share::file(folder.path(), "broken.db", sql);
    let output = share::sqliter([Path::new("check"), &file]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for line in [
        "a.b_id: 2 rows refer to no row of b; the first has the row id 5\n",
        "a.n: 1 values are REAL, and the column is INT\n",
        "a.n: 1 values are TEXT, and the column is INT\n",
        "a.t: 1 values are BLOB, and the column is VARCHAR(9)\n",
        "d: foreign key mismatch - \"d\" referencing \"c\"",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
    let output = share::sqliter([Path::new("check"), &file, Path::new("--json")]);
    assert_eq!(output.status.code(), Some(1));
    let found = parsed(&String::from_utf8(output.stdout).unwrap());
    let expected = json!({ "kind": "foreign_key", "table": "a", "columns": ["b_id"], "references": "b", "rows": 2, "first_rowid": 5 });
    assert_eq!(found["findings"][0], expected);
    assert_eq!(found["findings"].as_array().unwrap().len(), 5);
}

#[test]
fn a_check_finds_damage() {
    let folder = tempdir().unwrap();
    let sql = "PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL) STRICT; CREATE INDEX i ON t (v);
        INSERT INTO t SELECT value, printf('%050d', value) FROM generate_series(1, 200);";
    let sql = sql.replace("generate_series(1, 200)", "(WITH RECURSIVE s (value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM s WHERE value < 200) SELECT value FROM s)");
    let file = share::file(folder.path(), "damaged.db", &sql);
    let db = Connection::open(&file).unwrap();
    db.execute_batch("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'v TEXT', 'v INTEGER') WHERE name = 't'").unwrap();
    drop(db);
    let output = share::sqliter([Path::new("check"), &file]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("non-INTEGER value in t.v"), "{text}");
    let mut bytes = fs::read(&file).unwrap();
    for byte in bytes.iter_mut().skip(512 * 5).take(512) {
        *byte = 0x5a;
    }
    fs::write(&file, bytes).unwrap();
    let output = share::sqliter([Path::new("check"), &file]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All commands but one read what SQLite turns into UTF-8 for them.
#[test]
fn a_file_with_text_in_utf_16_is_read_and_its_backup_says_how_else_to_copy_it() {
    let folder = tempdir().unwrap();
    let file = share::file(folder.path(), "old.db", &format!("PRAGMA encoding = 'UTF-16le';{BOOKS}"));
    let file = file.to_str().unwrap();
    let to = folder.path().join("to.db").to_str().unwrap().to_owned();
    assert!(share::printed(["query", file, "SELECT name FROM authors"]).contains("Ada"));
    share::printed(["check", file]);
    share::printed(["schema", file]);
    let refused = share::sqliter(["backup", file, &to]);
    let way = format!("this copies it: sqliter query --write \"{file}\" \"VACUUM INTO '{to}'\"");
    fails(&refused, 3, "stores its text as UTF-16le");
    fails(&refused, 3, &way);
    share::printed(["query", "--write", file, &format!("VACUUM INTO '{to}'")]);
    assert!(share::printed(["query", &to, "SELECT name FROM authors"]).contains("Ada"));
}

#[test]
fn a_backup_is_the_database_while_it_is_in_use() {
    let books = books();
    let db = Connection::open(&books.file).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; INSERT INTO authors VALUES (2, 'Bob'); BEGIN; INSERT INTO authors VALUES (3, 'Cy')",
    )
    .unwrap();
    let to = books.path("copy.db");
    let printed = share::printed(["backup", &books.file, &to]);
    assert!(printed.starts_with("copied ") && printed.ends_with(&format!("bytes, to {to}\n")), "{printed}");
    db.execute_batch("COMMIT").unwrap();
    let copy = Connection::open(&to).unwrap();
    let names: String = copy.query_row("SELECT group_concat(name) FROM authors", [], |row| row.get(0)).unwrap();
    assert_eq!(names, "Ada,Bob");
    drop(copy);
    fails(&share::sqliter(["backup", &books.file, &to]), 3, "the file exists; --force replaces it");
    let told = parsed(&share::printed(["backup", "--force", "--json", &books.file, &to]));
    assert_eq!(told["to"], to.as_str());
    let copy = Connection::open(&to).unwrap();
    let count: i64 = copy.query_row("SELECT count(*) FROM authors", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 3);
    fails(&share::sqliter(["backup", "--force", &books.file, &books.file]), 3, "not copied to itself");
    copy.execute_batch("PRAGMA journal_mode = WAL; INSERT INTO authors VALUES (9, 'Di')").unwrap();
    fails(&share::sqliter(["backup", "--force", &books.file, &to]), 3, "in use");
    let partial = |entry: fs::DirEntry| entry.file_name().to_string_lossy().ends_with(".partial");
    assert!(!fs::read_dir(books.folder.path()).unwrap().any(|entry| partial(entry.unwrap())));
}

#[test]
fn a_file_in_use_is_waited_for() {
    let books = books();
    let db = Connection::open(&books.file).unwrap();
    db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let file = books.file.clone();
    let waiting =
        std::thread::spawn(move || share::printed(["query", &file, "--csv", "SELECT count(*) AS n FROM books"]));
    std::thread::sleep(Duration::from_millis(500));
    assert!(!waiting.is_finished());
    db.execute_batch("COMMIT").unwrap();
    assert_eq!(waiting.join().unwrap(), "n\n2\n");
}

#[test]
fn nothing_is_coloured_where_it_is_no_terminal() {
    let books = books();
    for arguments in [vec!["check", &books.file], vec!["query", &books.file, "SELECT 1"]] {
        assert!(!share::printed(arguments).contains('\u{1b}'));
    }
    let output = share::sqliter(["schema", "nothing.db"]);
    assert!(!String::from_utf8(output.stderr).unwrap().contains('\u{1b}'));
}
