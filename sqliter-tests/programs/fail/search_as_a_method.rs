//! The search is a field of the columns, which says what rows match.
use sqliter::prelude::*;

#[derive(Model)]
#[model(search(title, body))]
struct Book {
    pk: Key<Book>,
    title: String,
    body: String,
    author_id: Key<Author>,
}

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.search("Emma"));
    let _ = db.select::<Book>().search("Emma");
    let _ = db.select::<Book>().filter(|b| b.title.matches("Emma"));
    let _ = db.select::<Book>().search(|b| b.search.matches("Emma")).order(|b| b.search.rank());
    let _ = db.select::<Book>().search(|b| b.search.eq("Emma"));
    let _ = db.select::<Book>().filter(|b| b.search.contains("Emma"));
    let _ = db.select::<Author>().filter(|a| a.books.matches("Emma"));
    let _ = db.select::<Book>().only(|b| b.search.snippet("<b>", "</b>"));
}

fn main() {}
