//! `with_count` counts rows related to the model that the query selects.
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

fn query(db: &Db) {
    let _ = db.select::<Author>().filter(|a| {
        let _ = db.select::<Book>().with_count(|_| a.books);
        a.books.any(|b| b.title.eq("x"))
    });
    let _ = db.select::<Author>().with_count(|a| a.books.tags);
}

fn main() {}
