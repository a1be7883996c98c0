//! Which rows are taken together is said in each of the chains; together they are sorted by what they give.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn query(db: &Db) {
    let books = || db.select::<Book>();
    let _ = books().union(books()).filter(|b| b.pages.gt(3));
    let _ = books().union_all([books(), books()]);
    let _ = books().only(|b| b.title).union(books().only(|b| b.title)).order(|b| b.title.asc());
    let _ = books().union(books()).order(|b| b.pages);
    let _ = books().union(books()).update(|b| b.pages.set(1)).await;
    let _ = books().union(books()).delete().await;
    let _ = books().union(books()).group_by(|b| b.title);
    let _ = books().prefetch_related(|b| b.pages).union(books());
}

fn main() {}
