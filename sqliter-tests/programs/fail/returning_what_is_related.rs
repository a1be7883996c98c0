//! A write gives back columns of the rows that it writes, and nothing of related rows.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

async fn write(db: &Db, draft: NewBook) {
    let books = db.select::<Book>();
    let _ = books.clone().update(|b| b.title.set("x")).returning(|b| b.author.name).fetch_all().await;
    let _ = books.clone().delete().returning(|b| (b.pk, b.author)).fetch_all().await;
    let _ = db.insert(draft).returning(|b| b.author.name).fetch_all().await;
    let _ = db.select::<Author>().delete().returning(|a| a.books).fetch_all().await;
}

fn main() {}
