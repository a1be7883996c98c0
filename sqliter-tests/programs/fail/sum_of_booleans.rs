//! Rows for which something is true are counted by a filter of the count.
use sqliter::prelude::*;

#[derive(Model)]
struct Task {
    pk: Key<Task>,
    done: bool,
}

fn query(db: &Db) {
    let _ = db.select::<Task>().annotate(|t| t.done.sum());
}

fn main() {}
