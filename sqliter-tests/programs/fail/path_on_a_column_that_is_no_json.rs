//! A path leads into a document, which a text or a number is not.
use sqliter::prelude::*;

#[derive(Model)]
struct Image {
    pk: Key<Image>,
    title: String,
    pages: Option<i64>,
}

fn query(db: &Db) {
    let _ = db.select::<Image>().filter(|i| i.title.path::<i64>("$.size").gt(2));
    let _ = db.select::<Image>().filter(|i| i.pages.items::<String>("$").contains("x"));
    let _ = db.select::<Image>().update(|i| i.title.set_path("$.size", 3));
}

fn main() {}
