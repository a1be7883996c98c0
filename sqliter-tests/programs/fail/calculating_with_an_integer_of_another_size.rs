//! Queries calculate with `i64` and `f64`.
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

fn sum(db: &Db, n: i32) {
    let _ = db.select::<Book>().only(|b| b.pages + n);
}

fn product(db: &Db, x: f32) {
    let _ = db.select::<Book>().only(|b| (b.pages + 1) * x);
}

fn number_first(db: &Db, n: u8) {
    let _ = db.select::<Book>().only(|b| n * b.pages);
}

fn compared(db: &Db, n: u32) {
    let _ = db.select::<Book>().filter(|b| (b.pages + 1).gt(n));
}

fn main() {}
