//! What is offered is of the model that the chain selects, and a request gives names with values.
use sqliter::prelude::*;

#[derive(Clone, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Clone, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn query(db: &Db, sorting: &sqliter::Sorting<Author>, filters: &sqliter::Filters<Book>) -> sqliter::Result<()> {
    let _ = db.select::<Book>().order_by(sorting, "name")?;
    let _ = db.select::<Book>().filter_by(filters, 7)?;
    let _ = db.select::<Book>().filter_by(filters, ["title", "pages"])?;
    let _ = db.select::<Book>().order_by("title");
    Ok(())
}

fn main() {}
