//! Two foreign keys to one model lead back under two names.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author, books = Book::editor))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    author_id: Key<Author>,
    #[model(relation = "author")]
    writer_id: Key<Author>,
    editor_id: Option<Key<Author>>,
}

fn main() {}
