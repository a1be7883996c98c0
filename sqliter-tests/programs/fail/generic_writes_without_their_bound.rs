//! Code over any model says that the rows of the model can be written.
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

async fn read<M: Model>(db: &Db, key: Key<M>) -> sqliter::Result<Option<M>> {
    db.get(key).await
}

async fn delete<M: Model>(db: &Db, key: Key<M>) -> sqliter::Result<()> {
    db.delete(key).await
}

async fn clear<M: Model>(db: &Db) -> sqliter::Result<u64> {
    db.select::<M>().delete().await
}

fn main() {}
