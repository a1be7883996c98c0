//! A `CASE` is a value when `otherwise` or `end` has closed it.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| case_when(b.pages.gt(400), "long"));
    let _ = db.select::<Book>().fields(|b| (b.title, case_when(b.pages.gt(400), "long")));
    let _ = db.select::<Book>().group_by(|b| case_when(b.pages.gt(400), "long"));
}

fn main() {}
