//! Rows that are deleted for good are neither read nor restored.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    author_id: Key<Author>,
}

async fn read(db: &Db) {
    let _ = db.select::<Book>().with_deleted().fetch_all().await;
    let _ = db.select::<Book>().only_deleted().fetch_all().await;
    let _ = db.get(Book::key(1)).with_deleted().await;
    let _ = db.select::<Author>().prefetch_related(|a| a.books.with_deleted()).fetch_all().await;
}

async fn write(db: &Db) {
    let _ = db.restore(Book::key(1)).await;
    let _ = db.delete_for_good(Book::key(1)).await;
    let _ = db.select::<Book>().restore().await;
    let _ = db.select::<Book>().delete_for_good().await;
}

fn main() {}
