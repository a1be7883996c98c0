//! Attributes of a field that contradict each other.
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
    #[view(flatten, column = title)]
    issue: Issue,
    #[view(with = |i| i.title, column = title)]
    title: String,
    #[view(count, limit = 3)]
    comments: i64,
    #[view(column = comments, order = |c| c.pk.desc())]
    newest: Vec<Comment>,
    #[view(relation = "comments")]
    named: Vec<Comment>,
    #[view(with = "i.title")]
    text: String,
    #[view(rename = title)]
    head: String,
    #[view(count = true)]
    number: i64,
    #[view(args(1))]
    args: String,
}

fn main() {}
