//! There would be no end to what such a view loads.
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
struct Answer {
    text: String,
    #[view(with = |c| c.issue.comments)]
    others: Vec<Answer>,
}

fn main() {}
