//! What an index is over, and what it is given.
use sqliter::prelude::*;

#[derive(Model)]
#[model(
    index(where = "pages > 3"),
    index(title, wehre = "pages > 3"),
    index(title descending),
    index(title pages),
    index(title, name = pages),
    index(pages, name = "by_pages"),
    index(title, pages, name = "BY_PAGES"),
    index(pages, title),
    index(pages desc, title),
    index(expr = "lower(title"),
    index(author),
)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(index(desc))]
    pages: i64,
}

fn main() {}
