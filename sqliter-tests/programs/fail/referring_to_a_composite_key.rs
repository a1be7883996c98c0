//! A key of several columns is no single column.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    #[model(pk)]
    order: i64,
    #[model(pk)]
    number: i64,
}

#[derive(Model)]
struct Comment {
    pk: Key<Comment>,
    line_id: Key<Line>,
}

#[derive(Model)]
struct Remark {
    pk: Key<Remark>,
    line_id: Option<Key<Line>>,
}

#[derive(Model)]
#[model(many_to_many(lines = Line))]
struct Tag {
    pk: Key<Tag>,
}

#[derive(Model)]
#[model(many_to_many(tags = Tag))]
struct Cell {
    #[model(pk)]
    row: i64,
    #[model(pk)]
    column: i64,
}

fn main() {}
