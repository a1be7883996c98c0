//! A write gives back columns of its own model.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[derive(Model)]
struct Shelf {
    pk: Key<Shelf>,
    name: String,
}

async fn write(db: &Db, name: sqliter::Column<Shelf, String>) {
    let _ = db.select::<Book>().delete().returning(|_| name).fetch_all().await;
    let _ = db.select::<Book>().delete().returning(|b| b.name).fetch_all().await;
    let _ = db.select::<Book>().delete().returning(|b| b).fetch_all().await;
}

fn main() {}
