//! A key that is not public cannot be changed from outside, so that an update reaches the row that was read.
use sqliter::prelude::*;

mod books {
    use sqliter::prelude::*;

    #[derive(Model)]
    pub struct Book {
        pk: Key<Book>,
        pub title: String,
    }
}

use books::Book;

async fn change(db: &Db, mut book: Book) -> sqliter::Result<()> {
    book.title = "Emma".to_owned();
    book.pk = Book::key(2);
    db.update(&mut book).await
}

fn main() {}
