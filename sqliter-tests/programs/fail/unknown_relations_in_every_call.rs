//! Wherever a closure names relations, it reaches only those that the model has.
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
    let _ = db.select::<Book>().select_related(|b| b.writer);
    let _ = db.select::<Author>().prefetch_related(|a| a.stories);
    let _ = db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.labels));
    let _ = db.select::<Author>().with_count(|a| a.stories);
}

fn main() {}
