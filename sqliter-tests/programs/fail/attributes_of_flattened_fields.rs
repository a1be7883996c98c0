//! `prefix` goes with `flatten`, and `column` does not.
use sqliter::Row;

#[derive(Debug, Row)]
struct Person {
    name: String,
}

#[derive(Debug, Row)]
struct Listed {
    #[row(flatten, column = "reporter")]
    reporter: Person,
    #[row(prefix = "assignee_")]
    assignee: Person,
    #[row(flatten = "editor_")]
    editor: Person,
    #[row(flaten)]
    author: Person,
}

fn main() {}
