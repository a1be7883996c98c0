//! A to-one relation is compared by a key.
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

fn by_method(db: &Db, ada: &Author) {
    let _ = db.select::<Book>().filter(|b| b.author.eq(ada));
}

fn by_list(db: &Db, authors: &[Author]) {
    let _ = db.select::<Book>().filter(|b| b.author.is_in(authors));
}

fn by_operator(db: &Db, ada: &Author) {
    let _ = db.select::<Book>().filter(|b| b.author == ada);
}

fn main() {}
