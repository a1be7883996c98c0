//! A field of a view has the type of its column.
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
    title: i64,
    // It may be NULL.
    closed: bool,
    #[view(with = |i| i.assignee.name)]
    assigned_to: String,
    #[view(count)]
    comments: u32,
    #[view(with = |i| i.title.eq("Crash"))]
    crash: i64,
}

fn main() {}
