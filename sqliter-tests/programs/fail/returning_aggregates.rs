//! A write gives back values of each row: there are no groups.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn write(db: &Db) {
    let _ = db.select::<Book>().delete().returning(|b| b.pages.sum()).fetch_all().await;
    let _ = db.select::<Book>().delete().returning(|_| count()).fetch_one().await;
    let _ = db.select::<Book>().delete().returning(|b| b.pages.gt(1)).fetch_one().await;
}

fn main() {}
