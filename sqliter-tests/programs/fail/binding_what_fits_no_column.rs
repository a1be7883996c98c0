//! What is bound is a value of a type that fits a column.
use sqliter::prelude::*;

struct Title(String);

async fn find(db: &Db, title: Title) {
    let title = db.query::<String>("SELECT title FROM books WHERE title = ?").bind(title).fetch_one().await.unwrap();
}

fn main() {}
