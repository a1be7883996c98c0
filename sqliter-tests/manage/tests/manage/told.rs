//! What `diff` must be told, and what it does with it.

use crate::program::{CONSTRAINED, FIRST, FOURTH, Place, RENAMED, SECOND, THIRD};

const TOLD: [&str; 8] = [
    "diff",
    "isbn",
    "--rename",
    "books.title=heading",
    "--drop",
    "books.pages",
    "--value",
    "books.isbn='isbn of ' || heading",
];

#[test]
fn nothing_is_guessed_and_the_options_that_tell_it_are_named() {
    let place = Place::with_a_book();
    let files = place.files();
    let asked = place.run(THIRD, &["diff", "isbn"]).with(1);
    let asked = asked.says("no migration is written before this is told").says("--rename books.title=heading");
    let asked = asked.says("--drop books.pages").says("--keep books.pages").says("--value books.isbn=SQL");
    assert_eq!(asked.err, "");
    assert_eq!(place.files(), files);

    let asked = place.run(THIRD, &["diff", "isbn", "--json"]).with(1).json();
    let options: Vec<_> =
        asked["needs"].as_array().unwrap().iter().flat_map(|need| need["options"].as_array().unwrap()).collect();
    assert!(options.iter().any(|option| *option == "--value books.isbn=SQL"), "{asked}");
    assert_eq!(asked["files"], serde_json::json!([]));
}

#[test]
fn what_is_told_is_done_and_undone() {
    let place = Place::with_a_book();
    place
        .run(THIRD, &TOLD)
        .with(0)
        .says("RENAME COLUMN \"title\" TO \"heading\"")
        .says("it cannot be undone: books.pages");
    let up = place.file("_isbn.sql");
    assert!(up.contains("heading"), "{up}");
    place.run(THIRD, &["migrate"]).with(0);
    assert_eq!(place.rows("SELECT pk, heading, isbn, author_id FROM books"), ["3 Emma isbn of Emma 7"]);
    place.run(THIRD, &["drift"]).with(0);
    place.run(THIRD, &["undo"]).with(3).says("cannot be undone");
    place.run(THIRD, &["diff", "more"]).with(0).says("nothing to do: the migrations lead to the models");
}

#[test]
fn a_rename_can_be_undone() {
    let place = Place::with_a_book();
    let told =
        ["diff", "isbn", "--rename", "books.title=heading", "--value", "books.isbn=heading", "--keep", "books.pages"];
    place.run(THIRD, &told).with(0).says("-- down");
    place.run(THIRD, &["migrate"]).with(0);
    assert_eq!(place.rows("SELECT pk, heading, isbn, pages FROM books"), ["3 Emma Emma 400"]);
    place.run(THIRD, &["check"]).with(1).says("books.pages");
    place.run(THIRD, &["undo"]).with(0);
    assert_eq!(place.rows("SELECT pk, title, pages, author_id FROM books"), ["3 Emma 400 7"]);
    place.run(FIRST, &["drift"]).with(0);
}

#[test]
fn a_table_without_a_model_is_asked_for_when_others_are_new() {
    let place = Place::with_a_book();
    let asked = place.run(FOURTH, &["diff", "writers"]).with(1);
    asked.says("--rename authors=writers").says("--rename books=writers").says("--drop books").says("--keep books");
    place.run(FOURTH, &["diff", "writers", "--rename", "authors=writers", "--keep", "books"]).with(0);
    place.run(FOURTH, &["migrate"]).with(0);
    assert_eq!(place.rows("SELECT name, title FROM books JOIN writers ON author_id = writers.pk"), ["Jane Emma"]);
    place.run(FOURTH, &["diff", "no books"]).with(0).says("nothing to do");

    place.run(FOURTH, &["diff", "no books", "--drop", "books"]).with(0).says("DROP TABLE \"books\"");
    place.run(FOURTH, &["migrate"]).with(0);
    place.run(FOURTH, &["undo", "--to", "0"]).with(0);
    assert_eq!(place.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%sql%'"), [""; 0]);
}

#[test]
fn an_answer_about_nothing_is_a_mistake_on_the_command_line() {
    let place = Place::with_a_book();
    let files = place.files();
    for (wrong, says) in [
        (["--rename", "books.titel=heading"], "there is nothing of this name"),
        (["--rename", "books.title=headnig"], "has no column headnig"),
        (["--rename", "books.title"], "write it as --rename OLD=NEW"),
        (["--drop", "bokos"], "there is nothing of this name"),
        (["--drop", "books"], "a model has this table"),
        (["--keep", "books.nothing"], "there is nothing of this name"),
        (["--value", "books.ibsn=1"], "no model has the column books.ibsn"),
        (["--rows-satisfy", "bokos"], "no model has the table bokos"),
    ] {
        place.run(THIRD, &["diff", "isbn", wrong[0], wrong[1]]).with(2).says(says);
    }
    place.run(THIRD, &["diff", "?"]).with(2).says("no name for a migration");
    assert_eq!(place.files(), files);
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Place::new();
    place.run(FIRST, &["diff", "create", "--dry-run"]).with(0).says("CREATE TABLE").says("nothing is written");
    assert!(!place.migrations().exists());
}

#[test]
fn nothing_to_do_is_fine() {
    let place = Place::with_a_book();
    let files = place.files();
    place.run(FIRST, &["diff", "again"]).with(0).says("nothing to do");
    assert_eq!(place.run(FIRST, &["diff", "again", "--json"]).with(0).json()["files"], serde_json::json!([]));
    assert_eq!(place.files(), files);
    assert!(place.run(SECOND, &["diff", "again"]).with(0).out.contains("ADD COLUMN"));
}

#[test]
fn renames_that_the_models_tell_are_not_asked_for_and_can_be_undone() {
    let place = Place::with_a_book();
    place.run(RENAMED, &["diff", "writers"]).with(0).says("-- down");
    place.run(RENAMED, &["migrate"]).with(0);
    assert_eq!(place.rows("SELECT called, title FROM books JOIN writers ON writer_id = writers.pk"), ["Jane Emma"]);
    place.run(RENAMED, &["drift"]).with(0);
    place.run(RENAMED, &["diff", "writers"]).with(0).says("nothing to do");
    place.run(RENAMED, &["undo"]).with(0);
    assert_eq!(place.rows("SELECT name, title FROM books JOIN authors ON author_id = authors.pk"), ["Jane Emma"]);
    place.run(FIRST, &["drift"]).with(0);
}

#[test]
fn rows_that_do_not_fit_stop_a_migration_and_the_way_back_without_a_trace() {
    let place = Place::with_a_book();
    place.run(CONSTRAINED, &["diff", "unique"]).with(1).says("--rows-satisfy books");
    place.run(CONSTRAINED, &["diff", "unique", "--rows-satisfy", "books"]).with(0).says("-- down");
    place.sql("INSERT INTO books (title, pages, author_id) VALUES ('Emma', 1, 7)");
    place.run(CONSTRAINED, &["migrate"]).with(3).says("violates uniqueness of new_books (title)");
    place.run(FIRST, &["drift"]).with(0);
    place.sql("UPDATE books SET title = 'Emma again' WHERE pages = 1");
    place.run(CONSTRAINED, &["migrate"]).with(0);
    place.run(CONSTRAINED, &["drift"]).with(0);

    place.sql("UPDATE books SET pages = NULL WHERE pk = 3");
    place.run(CONSTRAINED, &["undo"]).with(3).says("puts NULL into new_books.pages");
    place.run(CONSTRAINED, &["drift"]).with(0);
    place.sql("UPDATE books SET pages = 5 WHERE pk = 3");
    place.run(CONSTRAINED, &["undo"]).with(0);
    place.run(FIRST, &["drift"]).with(0);
    assert_eq!(place.rows("SELECT title, pages FROM books ORDER BY pk"), ["Emma 5", "Emma again 1"]);
}

#[test]
fn an_index_of_others_is_asked_for_and_kept() {
    let place = Place::with_a_book();
    place.write("30000101000000_by_hand.sql", "CREATE INDEX by_hand ON books (title);");
    place.run(FIRST, &["diff", "index"]).with(1).says("--drop by_hand").says("--keep by_hand");
    place
        .run(FIRST, &["diff", "index", "--keep", "by_hand"])
        .with(0)
        .says("nothing to do")
        .says("it stays as it is: books");
    place.run(FIRST, &["diff", "index", "--drop", "by_hand"]).with(0).says("DROP INDEX \"by_hand\"").says("-- down");
    // It comes after all others, and can be undone.
    assert_eq!(place.file("30000101000001_index.up.sql"), "DROP INDEX \"by_hand\";\n");
    place.run(FIRST, &["migrate"]).with(0);
    place.run(FIRST, &["undo"]).with(0);
    assert_eq!(place.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'by_hand'"), ["1"]);
}

#[test]
fn wrong_sql_in_an_answer_writes_nothing() {
    let place = Place::with_a_book();
    let files = place.files();
    let told =
        ["diff", "isbn", "--rename", "books.title=heading", "--drop", "books.pages", "--value", "books.isbn=absent"];
    place.run(THIRD, &told).with(2).says("no such column: absent");
    assert_eq!(place.files(), files);
}

#[test]
fn what_the_first_migration_makes_goes_with_those_that_refer_first() {
    let place = Place::with_a_book();
    assert_eq!(place.file("_create.down.sql"), "DROP TABLE \"books\";\nDROP TABLE \"authors\";\n");
}

#[test]
fn an_option_that_means_nothing_is_refused() {
    let place = Place::with_a_book();
    let files = place.files();
    let title = ["diff", "x", "--rename", "books.title=pages"];
    place.run(SECOND, &title).with(2).says("--rename books.title=pages: books has a column pages already");
    let swap = [&title[..], &["--rename", "books.pages=title"]].concat();
    place.run(SECOND, &swap).with(1).says("have changed their names with each other").says("books.title");
    let value = |value| ["diff", "x", "--value", value];
    place.run(SECOND, &value("books.title='x'")).with(2).says("the column stays as it is");
    place.run(SECOND, &value("books.language=nix")).with(2).says("the value `nix` for books.language");
    place.run(SECOND, &value("books.language=max(title)")).with(2).says("it makes one row of all rows");
    assert_eq!(place.files(), files);
    place.run(SECOND, &value("books.language=upper(title)")).with(0);
    place.run(SECOND, &["migrate"]).with(0);
    assert_eq!(place.rows("SELECT title, language FROM books"), ["Emma EMMA"]);
}

#[test]
fn what_has_the_name_of_a_table_goes_when_that_is_told() {
    let place = Place::with_a_book();
    place.write("99990101000000_view.sql", "CREATE VIEW writers AS SELECT pk, name FROM authors -- all of them");
    place.run(FOURTH, &["diff", "writers"]).with(1).says("writers is taken by something else").says("--drop writers");
    place.run(FOURTH, &["diff", "writers", "--drop", "writers"]).with(0).says("DROP VIEW \"writers\"");
    place.run(FOURTH, &["migrate"]).with(0);
    place.run(FOURTH, &["check"]).with(0);
    place.run(FOURTH, &["undo"]).with(0);
    assert_eq!(place.rows("SELECT name FROM writers"), ["Jane"]);
}
