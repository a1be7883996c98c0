//! What is wrong with the attribute of a full-text search.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(titel, pages desc, title, title, tokenise = "trigram"))]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search)]
struct Page {
    pk: Key<Page>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(text, rank, prefix = "two"))]
struct Note {
    pk: Key<Note>,
    text: String,
    rank: String,
    search: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(view = "SELECT pk, title FROM books", search(title))]
struct Title {
    #[model(pk)]
    pk: i64,
    title: String,
}

fn main() {}
