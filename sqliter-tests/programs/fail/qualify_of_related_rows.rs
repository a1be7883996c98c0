//! Related rows are limited; by values over windows, the rows of a chain are chosen.
use sqliter::prelude::*;
use sqliter::window::row_number;

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

fn query(db: &Db) {
    let _ = db.select::<Author>().prefetch_related(|a| a.books.qualify(|b| row_number().over(|w| w.order(b.title.asc())).le(3)));
    let _ = db.select::<Author>().prefetch_related(|a| {
        a.books.filter(|b| b.title.ne("")).qualify(|b| row_number().over(|w| w.order(b.title.asc())).le(3))
    });
}

fn main() {}
