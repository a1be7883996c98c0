//! The library of the guide: what its examples work on.

use std::future::Future;
use std::pin::Pin;

include!("../../../sqliter/src/guide/library.rs");

/// A database with the tables and rows of the guide. Boxed, so that it is compiled here and not in each example.
pub fn library() -> Pin<Box<dyn Future<Output = sqliter::Result<Db>> + Send>> {
    Box::pin(async {
        let db = Db::memory().await?;
        db.create_tables::<(Author, Book, Tag, Review)>().await?;
        fill(&db).await?;
        Ok(db)
    })
}
