//! The field of a view is a value of a row, or one over the rows around it.
use sqliter::prelude::*;
use sqliter::window::rank;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

#[derive(View)]
#[view(Book)]
struct Card {
    title: String,
    #[view(with = |b| b.pages.sum().sum_of_groups().over(|w| w))]
    all: Option<i64>,
    #[view(with = |_| rank())]
    place: i64,
}

fn main() {}
