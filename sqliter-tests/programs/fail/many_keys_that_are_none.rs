//! `bulk_get` and `bulk_delete` take keys or rows, of one model.
use sqliter::prelude::*;

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn read(db: &Db, tag: Tag, draft: NewTag) {
    let _ = db.bulk_get([1, 2]).await;
    let _ = db.bulk_get(Tag::key(1)).await;
    let _ = db.bulk_delete([draft]).await;
    let _ = db.bulk_delete([tag]).await;
    let _ = db.bulk_delete([Tag::key(1), Book::key(1)]).await;
}

fn main() {}
