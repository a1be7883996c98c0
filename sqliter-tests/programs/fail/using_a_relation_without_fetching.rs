//! The method of a relation only describes what to read.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

async fn read(db: &Db, book: &Book, author: &Author) -> sqliter::Result<()> {
    let name = book.author(db).await?.name;
    let books: Vec<Book> = author.books(db);
    let tags = book.tags(db).await?;
    Ok(())
}

fn main() {}
