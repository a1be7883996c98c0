//! The model of a view is named alone.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(comments = Comment::issue))]
struct Issue {
    pk: Key<Issue>,
    title: String,
    reporter_id: Key<User>,
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
#[view(model = Issue)]
struct IssueCard {
    title: String,
}

#[derive(View)]
#[view("issues")]
struct Line {
    title: String,
}

#[derive(View)]
#[view(Issues)]
struct Row {
    title: String,
}

fn main() {}
