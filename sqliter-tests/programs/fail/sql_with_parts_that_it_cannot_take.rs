//! The parts of `sql` are a tuple, one for each `?`; its text is part of the program.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn one_part(db: &Db) {
    let _ = db.select::<Book>().filter(|b| sql::<bool>("? GLOB 'E*'", b.title));
}

fn part_of_another_type(db: &Db) {
    let _ = db.select::<Book>().filter(|b| sql::<bool>("? = ?", (b.pages, 5_u8)));
}

fn text_of_the_user(db: &Db, typed: String) {
    let _ = db.select::<Book>().filter(|b| sql::<bool>(&typed, (b.title,)));
}

fn number_as_a_condition(db: &Db) {
    let _ = db.select::<Book>().filter(|b| sql::<i64>("length(?)", (b.title,)));
}

fn main() {}
