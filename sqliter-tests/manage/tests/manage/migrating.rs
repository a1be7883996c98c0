//! `migrate`, `undo` and `status`, and the whole way of a change.

use crate::program::{FIRST, Place, SECOND, WIDE, rows};

#[test]
fn a_change_of_a_struct_becomes_a_migration_that_keeps_the_rows_and_can_be_undone() {
    let place = Place::with_a_book();
    place.run(FIRST, &["check"]).with(0).says("the migrations lead to the models");

    // The struct is another one now.
    let found = place.run(SECOND, &["check"]).with(1);
    found.says("books.language: the column is missing").says("ALTER TABLE \"books\" ADD COLUMN");
    place.run(SECOND, &["diff", "Add the language"]).with(0).says("wrote ");
    let up = place.file("_add_the_language.up.sql");
    assert_eq!(up, "ALTER TABLE \"books\" ADD COLUMN \"language\" TEXT NOT NULL DEFAULT 'en';\n");
    let down = place.file("_add_the_language.down.sql");
    assert_eq!(down, "ALTER TABLE \"books\" DROP COLUMN \"language\";\n");

    place.run(SECOND, &["status", "--check"]).with(1).says("pending    ").says("add the language");
    place.run(SECOND, &["migrate"]).with(0).says("applied ").says("add the language");
    place.run(SECOND, &["status", "--check"]).with(0);
    place.run(SECOND, &["check"]).with(0);
    place.run(SECOND, &["drift"]).with(0);
    assert_eq!(place.rows("SELECT pk, title, pages, language, author_id FROM books"), ["3 Emma 400 en 7"]);
    place.run(SECOND, &["migrate"]).with(0).says("nothing is pending");

    place.run(SECOND, &["revert"]).with(0).says("undone ");
    assert_eq!(place.rows("SELECT * FROM books"), ["3 Emma 400 7"]);
    place.run(FIRST, &["drift"]).with(0);
}

#[test]
fn programs_read_json() {
    let place = Place::new();
    let diff = place.run(FIRST, &["diff", "create", "--json"]).with(0).json();
    assert_eq!(diff["files"].as_array().unwrap().len(), 2);
    assert_eq!(diff["no_way_back"], serde_json::Value::Null);
    let version = diff["version"].as_i64().unwrap();
    assert!(version > 20_260_000_000_000, "a time, as sqlx writes it: {version}");

    let dry = place.run(FIRST, &["migrate", "--dry-run", "--json"]).with(0).json();
    assert_eq!(dry["applied"][0]["version"], version);
    assert!(!place.database().exists(), "looking makes no file");
    let applied = place.run(FIRST, &["migrate", "--json"]).with(0).json();
    assert_eq!(applied["applied"][0]["version"], version);
    assert_eq!(applied["applied"][0]["description"], "create");
    let status = place.run(FIRST, &["status", "--json"]).with(0).json();
    assert_eq!(status["migrations"][0]["state"], "applied");
    assert!(status["migrations"][0]["applied_at"].is_string());

    let undone = place.run(FIRST, &["undo", "--json"]).with(0).json();
    assert_eq!(undone["undone"][0]["version"], version);
    assert_eq!(place.rows("SELECT name FROM sqlite_schema WHERE name IN ('books', 'authors')"), [""; 0]);
}

#[test]
fn a_failure_is_told_and_changes_nothing() {
    let place = Place::with_a_book();
    place.write("30000101000000_a.sql", "CREATE TABLE a (b);");
    place.write("30000101000001_wrong.sql", "INSERT INTO absent VALUES (1);");
    let failed = place.run(FIRST, &["migrate"]).with(3);
    assert!(failed.err.starts_with("error: "), "{failed:?}");
    failed.says("30000101000001").says("no such table: absent");
    assert_eq!(place.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'a'"), ["0"]);
    let failed = place.run(FIRST, &["migrate", "--json"]).with(3).json();
    assert!(failed["error"].as_str().unwrap().contains("no such table: absent"), "{failed}");
}

#[test]
fn versions_are_migrated_to_and_undone_to() {
    let place = Place::new();
    for number in 1..=3 {
        place.write(&format!("000{number}_t.up.sql"), &format!("CREATE TABLE t{number} (a);"));
        place.write(&format!("000{number}_t.down.sql"), &format!("DROP TABLE t{number};"));
    }
    let tables = || place.rows("SELECT name FROM sqlite_schema WHERE name LIKE 't_' ORDER BY 1");
    place.run(FIRST, &["migrate", "--to", "2"]).with(0);
    assert_eq!(tables(), ["t1", "t2"]);
    place.run(FIRST, &["migrate", "--to", "9"]).with(3).says("there is no migration 9");
    place.run(FIRST, &["migrate", "--to", "9", "--dry-run"]).with(3).says("there is no migration 9");
    place.run(FIRST, &["migrate", "--dry-run"]).with(0).says("would apply 3 t");
    place.run(FIRST, &["migrate"]).with(0);
    place.run(FIRST, &["undo", "--dry-run"]).with(0).says("would undo 3 t");
    assert_eq!(tables(), ["t1", "t2", "t3"]);
    place.run(FIRST, &["undo", "--to", "1"]).with(0);
    assert_eq!(tables(), ["t1"]);

    place.write("0001_t.up.sql", "CREATE TABLE t1 (a, b);");
    place.run(FIRST, &["status"]).with(0).says("changed    1 t");
    place.run(FIRST, &["migrate", "--dry-run"]).with(3).says("changed");
    place.run(FIRST, &["migrate"]).with(3).says("was changed after it was applied");
    // Versions go on as they began.
    place.write("0001_t.up.sql", "CREATE TABLE t1 (a);");
    place.run(FIRST, &["diff", "create", "--keep", "t1", "--keep", "t2", "--keep", "t3"]).with(0);
    place.file("0004_create.up.sql");
}

#[test]
fn a_copy_is_made_before_on_request() {
    let place = Place::with_a_book();
    let copy = place.path("copy.db");
    let copy_to = copy.to_str().unwrap();
    place.run(FIRST, &["migrate", "--backup-to", copy_to]).with(0).says("nothing is pending");
    assert!(!copy.exists());
    place.run(SECOND, &["diff", "language"]).with(0);
    place.run(SECOND, &["migrate", "--backup-to", copy_to]).with(0).says("copied the database to");
    assert_eq!(rows(&copy, "SELECT * FROM books"), ["3 Emma 400 7"]);
    place.run(SECOND, &["undo", "--backup-to", copy_to]).with(3).says("copy.db");
    assert_eq!(place.rows("SELECT language FROM books"), ["en"]);
}

#[test]
fn what_sqlx_has_applied_is_applied() {
    let place = Place::with_a_book();
    assert_eq!(place.rows("SELECT description, success FROM _sqlx_migrations"), ["create 1"]);
}

#[test]
fn views_pairs_and_keys_of_two_columns_come_and_go() {
    let place = Place::with_a_book();
    place.run(WIDE, &["diff", "shop"]).with(0);
    let up = place.file("_shop.up.sql");
    assert!(up.contains("CREATE VIEW") && up.contains("PRIMARY KEY (\"book_id\", \"year\")"), "{up}");
    place.run(WIDE, &["migrate"]).with(0);
    place.run(WIDE, &["drift"]).with(0);
    assert_eq!(place.rows("SELECT * FROM long_books"), ["3 Emma"]);
    place.run(WIDE, &["diff", "shop"]).with(0).says("nothing to do");
    place.run(WIDE, &["undo"]).with(0);
    assert_eq!(
        place.rows("SELECT name FROM sqlite_schema WHERE name NOT LIKE '%sql%' ORDER BY name"),
        ["authors", "books", "idx_books_author_id"]
    );
    assert_eq!(place.rows("SELECT * FROM books"), ["3 Emma 400 7"]);
}

/// A file that is not in the mode in which the library opens files.
#[test]
fn to_look_at_a_file_changes_nothing_in_it() {
    let place = Place::with_a_book();
    place.sql("PRAGMA journal_mode = DELETE");
    let bytes = || std::fs::read(place.database()).unwrap();
    let before = bytes();
    place.write("99990101000000_more.sql", "CREATE TABLE more (pk INTEGER PRIMARY KEY)");
    place.run(FIRST, &["status"]).with(0).says("applied").says("pending");
    place.run(FIRST, &["status", "--check"]).with(1);
    place.run(FIRST, &["migrate", "--dry-run"]).with(0).says("would apply 99990101000000 more");
    place.run(FIRST, &["undo", "--dry-run"]).with(0).says("would undo");
    let (down, away) = (place.file("_create.down.sql"), place.path("down"));
    let file = place.files().into_iter().find(|file| file.to_string_lossy().ends_with(".down.sql")).unwrap();
    std::fs::rename(&file, &away).unwrap();
    place.run(FIRST, &["undo", "--dry-run"]).with(3).says("would undo nothing").says(".down.sql");
    std::fs::write(&file, down).unwrap();
    place.run(FIRST, &["drift"]).with(0);
    place.run(FIRST, &["check"]).with(0);
    assert!(bytes() == before);

    std::fs::write(place.database(), "this is no database, but a text that is long enough to be told from one")
        .unwrap();
    place.run(FIRST, &["status"]).with(3).says("file is not a database");
}
