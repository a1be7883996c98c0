//! Where a relation is due, a column is none, the foreign key included.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

async fn query(db: &Db, books: &[Book]) {
    let _ = db.select::<Book>().select_related(|b| b.author_id);
    let _ = db.select::<Book>().prefetch_related(|b| b.title);
    let _ = db.select::<Author>().prefetch_related(|a| a.books.with(|b| b.author_id));
    let _ = db.fetch_related(books, |b| b.author_id).await;
}

fn main() {}
