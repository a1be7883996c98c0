//! What a chain loads is read by its own ends; only a write gives back what it has written.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn write(db: &Db) {
    let _ = db.select::<Book>().returning(|b| b.title).fetch_all().await;
    let _ = db.select::<Book>().only(|b| b.title).delete().returning_rows().fetch_all().await;
    let _: Vec<Book> = db.select::<Book>().delete().returning_rows().await;
}

fn main() {}
