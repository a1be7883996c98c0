//! `filter`, `order`, `limit` and `count` are about related rows.
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
#[view(Issue)]
struct IssueCard {
    #[view(filter = |t| t.eq("Crash"))]
    title: String,
    #[view(count)]
    reporter: i64,
    #[view(limit = 1)]
    assignee: Option<User>,
}

fn main() {}
