//! Only rows or keys of the related model, which are stored, can be related.
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

async fn relate(db: &Db, book: &Book, author: &Author) {
    let _ = book.tags(db).add([author]).await;
    let _ = book.tags(db).add([Author::key(1)]).await;
    let _ = book.tags(db).add([1]).await;
    let _ = book.tags(db).set([Tag::builder().name("rust")]).await;
}

fn main() {}
