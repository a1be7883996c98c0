//! An insert is given columns of its own model.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    email: String,
    name: String,
    visits: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(unique)]
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn insert(db: &Db, author: &Author) {
    let draft = Book::builder().title("Emma").pages(300).author_id(author);
    let _ = db.insert_with(draft, |b| b.author.name.given("Jane"));
}

fn main() {}
