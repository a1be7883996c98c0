//! What is related is a list.
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

async fn relate(db: &Db, book: &Book, tag: &Tag) {
    let _ = book.tags(db).add(tag).await;
    let _ = book.tags(db).remove(tag.pk).await;
}

fn main() {}
