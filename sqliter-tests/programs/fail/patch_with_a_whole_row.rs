//! A whole row is no patch.
use sqliter::prelude::*;

#[derive(Clone, Model)]
#[model(patch)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn save(db: &Db, book: Book) -> sqliter::Result<()> {
    db.patch(book.pk, book).await?;
    Ok(())
}

fn main() {}
