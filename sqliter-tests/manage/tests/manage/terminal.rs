//! The programs on a terminal: colours, and questions to a person.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;

use crate::program::{FIRST, FOURTH, Place, THIRD};

/// Runs a program on a terminal where a person types this.
fn on_a_terminal(command: &mut Command, typed: &str) -> (i32, String) {
    let terminal = nix::pty::openpty(None, None).unwrap();
    let program_side = || terminal.slave.try_clone().unwrap();
    let mut child = command.stdin(program_side()).stdout(program_side()).stderr(program_side()).spawn().unwrap();
    // The program has the only ones that are open, so that reading ends with it.
    *command = Command::new("true");
    drop(terminal.slave);
    let mut person = File::from(terminal.master);
    // And then Ctrl-D: whoever asks for more is told that there is none.
    person.write_all(format!("{typed}\x04").as_bytes()).unwrap();
    let mut seen = Vec::new();
    // On Linux, the end is an error.
    let _ = person.read_to_end(&mut seen);
    (child.wait().unwrap().code().unwrap(), String::from_utf8(seen).unwrap())
}

fn command(place: &Place, program: &str, arguments: &[&str]) -> Command {
    let mut command = place.command(program);
    command.arg("--migrations").arg(place.migrations()).env("DATABASE_URL", place.database()).args(arguments);
    command
}

#[test]
fn what_must_be_told_is_asked_for() {
    let place = Place::with_a_book();
    // The new name of pages, a number that there is not, that title is now heading; and what isbn is for old rows.
    let (code, seen) = on_a_terminal(&mut command(&place, THIRD, &["diff", "isbn"]), "1\n9\n2\n'i of ' || heading\n");
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("1) books.heading is its new name"), "{seen}");
    assert!(seen.contains("9 is none of the numbers"), "{seen}");
    let told = "--rename books.title=heading --drop books.pages --value 'books.isbn='\\''i of '\\'' || heading'";
    assert!(seen.contains(told), "{seen}");
    command(&place, THIRD, &["migrate"]).output().unwrap();
    assert_eq!(place.rows("SELECT pk, heading, isbn FROM books"), ["3 Emma i of Emma"]);
}

#[test]
fn a_table_is_asked_for() {
    let place = Place::with_a_book();
    let (code, seen) = on_a_terminal(&mut command(&place, FOURTH, &["diff", "writers"]), "1\n");
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("--rename authors=writers"), "{seen}");
    command(&place, FOURTH, &["migrate"]).output().unwrap();
    assert_eq!(place.rows("SELECT name FROM writers"), ["Jane"]);
}

#[test]
fn no_answer_writes_nothing() {
    let place = Place::with_a_book();
    let files = place.files();
    let (code, seen) = on_a_terminal(&mut command(&place, THIRD, &["diff", "isbn"]), "\n");
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("no migration is written"), "{seen}");
    // Whoever asks for JSON is a program.
    let (code, seen) = on_a_terminal(&mut command(&place, THIRD, &["diff", "isbn", "--json"]), "");
    assert_eq!(code, 1, "{seen}");
    assert!(seen.contains("\"needs\"") && !seen.contains("Number"), "{seen}");
    assert_eq!(place.files(), files);
}

#[test]
fn there_are_colours_unless_nobody_wants_them() {
    let place = Place::with_a_book();
    let status = || command(&place, FIRST, &["status"]);
    let (_, seen) = on_a_terminal(&mut status(), "");
    assert!(seen.contains("\x1b[32mapplied"), "{seen:?}");
    let (_, seen) = on_a_terminal(status().env("NO_COLOR", "1"), "");
    assert!(!seen.contains('\x1b') && seen.contains("applied"), "{seen:?}");
    let (_, seen) = on_a_terminal(status().env("TERM", "dumb"), "");
    assert!(!seen.contains('\x1b'), "{seen:?}");
    let (_, seen) = on_a_terminal(status().arg("--json"), "");
    assert!(!seen.contains('\x1b'), "{seen:?}");
}

#[test]
fn progress_is_shown_and_gone_at_the_end() {
    let place = Place::with_a_book();
    place.write(
        "30000101000000_long.sql",
        "CREATE TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT i FROM n;",
    );
    let (code, seen) = on_a_terminal(&mut command(&place, FIRST, &["migrate"]), "");
    assert_eq!(code, 0, "{seen}");
    assert!(seen.contains("1 of 1: 30000101000000 long, statement 1 of 1"), "{seen:?}");
    assert!(seen.trim_end().ends_with("ms)\x1b[0m"), "{seen:?}");
}
