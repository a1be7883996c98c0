//! The models that the tests of logs have in common.

use sqliter::DbOptions;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
pub struct Author {
    pub pk: Key<Author>,
    #[model(unique)]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
pub struct Book {
    pub pk: Key<Book>,
    pub title: String,
    pub pages: Option<i64>,
    #[model(on_delete = cascade)]
    pub author_id: Key<Author>,
}

pub async fn open(options: DbOptions) -> sqliter::Result<Db> {
    let db = options.open().await?;
    db.create_tables::<(Author, Book)>().await?;
    Ok(db)
}

pub fn author(name: &str) -> NewAuthor {
    NewAuthor { name: name.to_owned() }
}
