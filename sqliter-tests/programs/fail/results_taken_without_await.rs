//! `?` is for the result, which is there when the call was awaited.
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

async fn calls(db: &Db) -> sqliter::Result<()> {
    db.insert(Author::builder().name("Ada"))?;
    db.get(Author::key(1))?;
    db.select::<Book>().fetch_all()?;
    db.select::<Book>().page_after(None, 20)?;
    db.select::<Book>().update(|b| b.title.set("Emma"))?;
    Ok(())
}

fn main() {}
