//! An insert is given columns of the model that it inserts.
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

fn restore(db: &Db, author: &Author) {
    let draft = Book::builder().title("Emma").pages(300).author_id(author);
    let _ = db.insert_with(Author::builder().email("a@x").name("Ada").visits(1), |a| {
        let _ = db.insert_with(draft, |_| a.pk.given(Author::key(7)));
    });
}

fn main() {}
