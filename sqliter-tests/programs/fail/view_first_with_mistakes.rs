//! The first of related rows is an option, as there may be none, and is asked of a to-many relation.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

#[derive(View)]
#[view(Author)]
struct Required {
    #[view(first, relation = books)]
    book: Book,
}

#[derive(View)]
#[view(Author)]
struct Several {
    #[view(first)]
    books: Vec<Book>,
}

#[derive(View)]
#[view(Book)]
struct OfOne {
    #[view(first)]
    author: Option<Author>,
}

#[derive(View)]
#[view(Author)]
struct Limited {
    #[view(first, limit = 2)]
    books: Option<Book>,
    #[view(first, column = name)]
    named: Option<String>,
    #[view(first, count, relation = books)]
    counted: i64,
}

fn main() {}
