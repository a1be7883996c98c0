//! All mistakes in a struct are reported at once.
use sqliter::prelude::*;

#[derive(Model)]
#[model(tabel = "books", index(titel))]
struct Book {
    id: i64,
    #[model(on_delete = cascade)]
    title: String,
}

fn main() {}
