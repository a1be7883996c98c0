//! `add`, `remove`, `set` and `clear` come right after the relation.
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

async fn relate(db: &Db, book: &Book, tag: &Tag) {
    let _ = book.tags(db).filter(|t| t.name.eq("a")).add([tag]).await;
    let _ = book.tags(db).limit(1).clear().await;
    let _ = db.select::<Tag>().remove([tag]).await;
}

fn main() {}
