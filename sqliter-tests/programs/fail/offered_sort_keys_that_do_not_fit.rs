//! A request sorts by columns and computed values of the model.
use sqliter::prelude::*;

#[derive(Clone, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Clone, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn offered() {
    let _ = sqliter::Sorting::<Book>::new().by("author", |b| b.author);
    let _ = sqliter::Sorting::<Author>::new().by("books", |a| a.books);
    let _ = sqliter::Sorting::<Book>::new().by("pages", |b| b.pages.sum());
    let _ = sqliter::Sorting::<Book>::new().by("title", |b| "title");
}

fn main() {}
