//! What `diff` must be told, and what it does with it.

use crate::program::{FIRST, FOURTH, Place, SECOND, THIRD};

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
