//! A list behind another relation is given with `with`.
use sqliter::prelude::*;

#[derive(Model)]
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

#[derive(Model)]
struct Comment {
    pk: Key<Comment>,
    text: String,
    book_id: Key<Book>,
}

fn query(db: &Db) {
    let _ = db.select::<Comment>().prefetch_related(|c| c.book.tags);
}

fn main() {}
