//! Arguments are bound before the rows are fetched.
use sqliter::prelude::*;

async fn titles(db: &Db) {
    let titles = db.query::<String>("SELECT title FROM books WHERE pages > ?").fetch_all().bind(100).await.unwrap();
}

fn main() {}
