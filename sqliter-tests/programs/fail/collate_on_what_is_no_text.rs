//! Only text has a collating sequence.
use sqliter::prelude::*;

#[derive(Clone, Copy, ColumnType)]
enum Status {
    Open,
    Closed,
}

#[derive(Model)]
struct Ticket {
    pk: Key<Ticket>,
    #[model(collate = nocase)]
    pages: i64,
    #[model(collate = nocase)]
    status: Status,
}

fn main() {}
