//! `group_by` begins a report; it does not follow what says what each row gives.
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
    pages: i64,
    author_id: Key<Author>,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().fields(|b| (b.title, b.pages)).group_by(|b| b.title);
    let _ = db.select::<Book>().select_related(|b| b.author).group_by(|b| b.title);
    let _ = db.select::<Book>().only(|b| b.title).annotate(|_| count());
    let _ = db.select::<Book>().exclude(|b| b.title).group_by(|b| b.title);
}

fn main() {}
