//! A relation is written through foreign keys, or by `add`, `remove`, `set` and `clear`.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn write(mut author: Author, mut book: Book) {
    author.books = Vec::new();
    book.tags = Vec::new();
    book.author = author;
}

fn main() {}
