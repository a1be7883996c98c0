//! An enum column compares with its variants.
use sqliter::prelude::*;

#[derive(ColumnType)]
enum Status {
    Open,
    Done,
}

#[derive(Model)]
struct Task {
    pk: Key<Task>,
    status: Status,
}

fn query(db: &Db) {
    let _ = db.select::<Task>().filter(|t| t.status.eq("open"));
}

fn main() {}
