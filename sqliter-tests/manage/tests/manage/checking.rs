//! `check`, `drift`, `schema` and `graph`.

use crate::program::{FIRST, MISTAKEN, Place, SECOND, WIDE};

#[test]
fn migrations_that_fail_do_not_pass_the_check() {
    let place = Place::with_a_book();
    place.write("30000101000000_wrong.sql", "SELECT absent;");
    place.run(FIRST, &["check"]).with(1).says("no such column: absent");
    let report = place.run(FIRST, &["check", "--json"]).with(1).json();
    assert_eq!(report["ok"], false);
    assert!(report["error"].as_str().unwrap().contains("no such column: absent"), "{report}");
}

#[test]
fn the_check_gives_programs_the_differences() {
    let place = Place::with_a_book();
    assert_eq!(place.run(FIRST, &["check", "--json"]).with(0).json()["ok"], true);
    let report = place.run(SECOND, &["check", "--json"]).with(1).json();
    assert_eq!(report["ok"], false);
    assert_eq!(report["differences"][0]["table"], "books");
    assert_eq!(report["differences"][0]["subject"]["column"], "language");
    assert!(report["sql"][0].as_str().unwrap().starts_with("ALTER TABLE"), "{report}");
}

#[test]
fn wrong_sql_in_an_attribute_is_found() {
    let place = Place::new();
    place.write("0001_a.sql", "");
    place.run(MISTAKEN, &["check"]).with(1).says("pgaes > 0").says("pages");
    place.run(MISTAKEN, &["schema"]).with(3).says("pgaes > 0");
}

#[test]
fn migrations_in_rust_stand_between_the_files() {
    let place = Place::new();
    place.write("0009_a.sql", "INSERT INTO by_rust VALUES (1)");
    place.run(MISTAKEN, &["migrate"]).with(0).says("applied 7 in rust");
    assert_eq!(place.rows("SELECT count(*) FROM by_rust"), ["1"]);
}

#[test]
fn drift_is_told_and_the_file_is_only_read() {
    let place = Place::with_a_book();
    place.sql("PRAGMA journal_mode = DELETE");
    place.sql(
        "ALTER TABLE books ADD COLUMN note TEXT; CREATE TABLE of_others (a); CREATE VIRTUAL TABLE found USING fts5(a)",
    );
    let before = std::fs::read(place.database()).unwrap();
    let file = place.database();
    let file = file.to_str().unwrap();
    let told = place.run(FIRST, &["drift", file]).with(1).says("books.note: the column should not be there");
    told.says("no model has: of_others, found");
    let report = place.run(FIRST, &["drift", file, "--json"]).with(1).json();
    assert_eq!(report["needs"][0]["column"], "note");
    assert_eq!(report["others"], serde_json::json!(["of_others", "found"]));
    assert!(std::fs::read(place.database()).unwrap() == before);
}

#[test]
fn a_virtual_table_of_another_program_does_not_hinder() {
    let place = Place::with_a_book();
    place.sql(
        "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) \
         VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING module_of_others(a)')",
    );
    place.run(FIRST, &["drift"]).with(0);
    place.sql("DROP INDEX idx_books_author_id");
    place.run(FIRST, &["drift"]).with(1).says("idx_books_author_id is missing");
}

#[test]
fn the_schema_is_sql_that_sqlite_takes() {
    let place = Place::new();
    let schema = place.run(FIRST, &["schema"]).with(0);
    place.sql(&schema.out);
    place.run(FIRST, &["drift"]).with(0);
    let json = place.run(FIRST, &["schema", "--json"]).with(0).json();
    assert_eq!(json["tables"][0]["name"], "authors");
}

#[test]
fn the_graph_is_a_diagram_of_mermaid() {
    let place = Place::new();
    let graph = place.run(FIRST, &["graph"]).with(0);
    assert_eq!(
        graph.out,
        "erDiagram
    authors {
        INTEGER pk PK
        TEXT name
    }
    books {
        INTEGER pk PK
        TEXT title
        INTEGER pages
        INTEGER author_id FK
    }
    books }o--|| authors : \"author_id\"
"
    );
    assert_eq!(place.run(FIRST, &["graph", "--json"]).with(0).json()["mermaid"], graph.out);
}

#[test]
fn the_graph_tells_how_many_refer_and_whether_they_must() {
    let graph = Place::new().run(WIDE, &["graph"]).with(0).out;
    for line in [
        "shelves }o--o| shelves : \"parent_id\"",
        "shelves |o--|| books : \"first_id\"",
        "INTEGER parent_id FK \"or NULL\"",
        "INTEGER first_id FK, UK",
        "sales }o--|| books : \"book_id\"",
        "INTEGER book_id PK, FK",
        "books_shelves }o--|| shelves : \"shelves_pk\"",
    ] {
        assert!(graph.lines().any(|it| it.trim() == line), "{line} is not in {graph}");
    }
}
