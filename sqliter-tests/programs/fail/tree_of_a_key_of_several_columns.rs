//! A row of a tree refers to its parent by one column.
use sqliter::prelude::*;

#[derive(Model)]
struct Line {
    #[model(pk)]
    order: i64,
    #[model(pk)]
    number: i64,
    #[model(column = "above")]
    parent: Option<i64>,
}

fn query(db: &Db) {
    let _ = db.select::<Line>().tree(|l| l.parent, |l| l.number.eq(1));
    let _ = db.select::<Line>().descendants(|l| l.parent, Line::key((1, 2)));
}

fn main() {}
