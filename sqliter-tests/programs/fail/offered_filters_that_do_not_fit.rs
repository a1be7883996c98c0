//! A request filters by what the column can do, and by types that serde reads.
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

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
enum Size {
    Small,
    Large,
}

#[derive(Clone, Model)]
struct Shirt {
    pk: Key<Shirt>,
    size: Size,
}

fn offered() {
    let _ = sqliter::Filters::<Book>::new().contains("pages", |b| b.pages);
    let _ = sqliter::Filters::<Book>::new().is_null("untitled", |b| b.title);
    let _ = sqliter::Filters::<Author>::new().eq("book", |a| a.books);
    let _ = sqliter::Filters::<Author>::new().eq("name", |a: &BookColumns<Book>| a.title);
    let _ = sqliter::Filters::<Shirt>::new().eq("size", |s| s.size);
    let _ = sqliter::Filters::<Shirt>::new().with("size", |s, size: Size| s.size.eq(size));
    let _ = sqliter::Filters::<Shirt>::new().with("size", |s, large: bool| large);
}

fn main() {}
