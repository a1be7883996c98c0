//! An aggregate is of many rows; a row has aggregates of its related rows.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(comments = Comment::issue))]
struct Issue {
    pk: Key<Issue>,
    title: String,
    closed: Option<bool>,
    reporter_id: Key<User>,
    assignee_id: Option<Key<User>>,
}

#[derive(Model)]
struct User {
    pk: Key<User>,
    name: String,
}

#[derive(Model)]
struct Comment {
    pk: Key<Comment>,
    text: String,
    words: i64,
    issue_id: Key<Issue>,
}

#[derive(View)]
#[view(Comment)]
struct Words {
    #[view(with = |c| c.words.sum())]
    words: Option<i64>,
    #[view(with = |_| 5)]
    five: i64,
}

fn main() {}
