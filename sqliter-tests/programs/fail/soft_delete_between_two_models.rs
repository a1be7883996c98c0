//! A pair is there or is not.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(tags = Tag, through = Tagging))]
struct Book {
    pk: Key<Book>,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
}

#[derive(Model)]
struct Tagging {
    pk: Key<Tagging>,
    book_id: Key<Book>,
    tag_id: Key<Tag>,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

fn main() {
    let _ = |book: Book, db: Db| async move { book.tags(&db).fetch_all().await };
}
