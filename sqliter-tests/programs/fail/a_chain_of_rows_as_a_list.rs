//! A chain inside another one gives one value for each row.
use sqliter::prelude::*;

#[derive(Model)]
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

fn whole_rows(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.author_id.is_in(db.select::<Author>().filter(|a| a.name.eq("Ada"))));
}

fn another_type(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.author_id.is_in(db.select::<Author>().only(|a| a.name)));
}

fn value_of_two(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.title.eq(db.select::<Author>().fields(|a| (a.name, a.pk))));
}

fn main() {}
