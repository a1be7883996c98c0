//! `with` goes on from the model that the relation leads to.
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

fn query(db: &Db) {
    let _ = db.select::<Comment>().select_related(|c| c.book.with(|_| c.book));
    let _ = db.select::<Book>().prefetch_related(|b| b.tags.with(|_| b.author));
}

fn main() {}
