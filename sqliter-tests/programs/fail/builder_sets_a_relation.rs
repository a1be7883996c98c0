//! A builder sets the fields of the model; related rows are stored on their own.
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

fn build(author: &Author, book: Book, tag: Tag) {
    let _ = Book::builder().title("Emma").author(author);
    let _ = Book::builder().title("Emma").author_id(author).tags([tag]);
    let _ = Author::builder().name("Jane").books([book]);
}

fn main() {}
