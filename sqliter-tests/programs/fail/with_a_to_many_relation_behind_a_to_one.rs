//! Behind a joined relation only joined ones are loaded.
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
    let _ = db.select::<Comment>().select_related(|c| c.book.with(|b| b.tags));
}

fn main() {}
