//! The relation is one of the model of the rows.
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

#[derive(Model)]
struct Comment {
    pk: Key<Comment>,
    text: String,
    book_id: Key<Book>,
}

async fn read(db: &Db, books: &[Book], comments: &[Comment]) {
    let _ = db.fetch_related(comments, |c| c.book.author).await;
    let _ = db.fetch_related(books, |b| b.books).await;
}

fn main() {}
