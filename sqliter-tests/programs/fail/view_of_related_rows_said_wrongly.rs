//! What is said about the related rows of a view is said as in a chain; their number is an `i64`.
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
#[view(Issue)]
struct Counted {
    #[view(count)]
    comments: usize,
}

#[derive(View)]
#[view(Issue)]
struct Sorted {
    #[view(order = |c| c.words)]
    comments: Vec<Comment>,
}

#[derive(View)]
#[view(Issue)]
struct Filtered {
    #[view(filter = |c| c.words > 3)]
    comments: Vec<Comment>,
}

#[derive(View)]
#[view(Issue)]
struct Limited {
    #[view(limit = "3")]
    comments: Vec<Comment>,
}

fn main() {}
