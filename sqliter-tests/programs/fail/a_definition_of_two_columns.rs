//! The SQL of a column defines one column, and a constraint is one constraint.
use sqliter::prelude::*;

#[derive(Model)]
#[model(constraint = "UNIQUE (title), UNIQUE (isbn)")]
struct Book {
    pk: Key<Book>,
    #[model(sql = "TEXT, price REAL")]
    title: String,
    #[model(sql = "TEXT CHECK (isbn IN ('a', 'b')")]
    isbn: String,
}

fn main() {}
