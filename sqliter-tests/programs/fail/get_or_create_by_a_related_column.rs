//! What tells rows apart are columns of the model itself.
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

fn get(db: &Db, author: &Author) {
    let draft = Book::builder().title("Emma").pages(300).author_id(author);
    let _ = db.get_or_create(draft, |b| (b.title, b.author.email));
}

fn main() {}
