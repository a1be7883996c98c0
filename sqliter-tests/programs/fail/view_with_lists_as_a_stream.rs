//! A view with a to-many relation takes more than one statement.
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
    title: String,
    comments: Vec<Comment>,
}

#[derive(View)]
#[view(Comment)]
struct Answer {
    issue: IssueCard,
}

fn query(db: &Db) {
    let _ = db.select::<Issue>().view::<IssueCard>().fetch_stream();
    let _ = db.select::<Comment>().view::<Answer>().fetch_stream();
}

fn main() {}
