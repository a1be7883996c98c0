//! A version is raised by itself.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(unique)]
    title: String,
    #[model(version)]
    version: i64,
}

async fn by_query(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.version.add(1)).await;
}

async fn by_upsert(db: &Db) {
    let draft = Book::builder().title("Emma");
    let _ = db.upsert(draft, |b| b.title).update(|b| b.version).await;
}

fn by_builder() {
    let _ = Book::builder().title("Emma").version(1);
}

fn main() {}
