//! Pairs have values where they are rows of a model, on the side that names the model.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(tags = Tag), many_to_many(readers = Reader, through = Loan))]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

#[derive(Model)]
struct Reader {
    pk: Key<Reader>,
    name: String,
}

#[derive(Model)]
struct Loan {
    pk: Key<Loan>,
    days: i64,
    book_id: Key<Book>,
    reader_id: Key<Reader>,
}

async fn write(db: &Db, book: &Book, tag: &Tag, reader: &Reader) {
    let _ = book.tags(db).add_with(tag, |t| t.name.given("x")).await;
    let _ = book.readers(db).add_with(reader, |l| l.days.given("x")).await;
    let _ = book.readers(db).add_with(tag, |l| l.days.given(3)).await;
}

fn main() {}
