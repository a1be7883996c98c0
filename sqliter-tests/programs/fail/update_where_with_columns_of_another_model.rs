//! The condition and the assignments are about one model.
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

fn update(db: &Db) {
    let _ = db.select::<Author>().filter(|a| {
        let _ = db.update_where::<Book, _>(|_| a.visits.gt(3), |_| a.visits.set(3));
        a.visits.gt(3)
    });
}

fn main() {}
