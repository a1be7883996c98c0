//! `add`, `remove` and `set` take a key, a row, or several of them.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

async fn relate(db: &Db, book: &Book, tag: Tag) {
    let _ = book.tags(db).add(1).await;
    let _ = book.tags(db).add(book).await;
    let _ = book.tags(db).remove([book]).await;
    let _ = book.tags(db).set(["rust"]).await;
    let _ = book.tags(db).add(tag).await;
}

fn main() {}
