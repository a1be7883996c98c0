//! A view says which model it is a view of.
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
struct IssueCard {
    title: String,
}

#[derive(View)]
#[view(Issue)]
struct Pair(String, i64);

#[derive(View)]
#[view(Issue)]
struct Nothing {}

#[derive(View)]
#[view(Issue)]
enum State {
    Open,
}

#[derive(View)]
#[view(Issue, User)]
struct Both {
    pk: Key<Issue>,
}

#[derive(View)]
#[view(Issue)]
struct Borrowed<'a> {
    title: &'a str,
}

#[derive(View)]
#[view(Issue, arguments(viewer: Key<User>))]
struct Given {
    title: String,
}

#[derive(View)]
#[view(Issue, args(viewer))]
struct Untyped {
    title: String,
}

#[derive(View)]
#[view(model = Issue)]
struct Named {
    title: String,
}

fn main() {}
