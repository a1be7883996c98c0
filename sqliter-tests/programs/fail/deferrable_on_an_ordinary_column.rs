//! Only a foreign key can wait for the end of the transaction.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(deferrable)]
    pages: i64,
}

fn main() {}
