//! A function that returns a chain says that it gives rows, if pages of it are read.
use sqliter::prelude::*;

#[derive(Clone, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Clone, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

use sqliter::bounds::{GivesRows, Load};

fn listed(db: &Db) -> sqliter::Select<'_, Book, impl Load<Book, Output = (Book, Author)>> {
    db.select::<Book>().select_related(|b| b.author)
}

fn counted(db: &Db) -> sqliter::Select<'_, Author, impl GivesRows<Author, Output = (Author, String)>> {
    db.select::<Author>().with_count(|a| a.books)
}

async fn page(db: &Db) {
    let _ = listed(db).page_after(None, 20).await;
}

fn main() {}
