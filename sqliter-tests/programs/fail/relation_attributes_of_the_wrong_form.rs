//! What the attributes of relations take.
use sqliter::prelude::*;

#[derive(Model)]
#[model(
    has_many = Book::author,
    has_one(Book::author),
    has_many(books = Book),
    has_many(books = "Book::author"),
    many_to_many(Tag),
    many_to_many(tags = "Tag"),
    many_to_many(tags = Tag, through = 3),
    many_to_many(labels = Tag, symmetrical = true),
    has_many(books = Book::author, through = "books"),
    many_to_many(marks = Tag, throug = "pairs"),
    many_to_many(notes = Tag, symetrical)
)]
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

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn main() {}
