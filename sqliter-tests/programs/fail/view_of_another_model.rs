//! A row is loaded as a view of its own model.
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
#[view(User)]
struct UserName {
    name: String,
}

struct Plain {
    text: String,
}

#[derive(View)]
#[view(Issue)]
struct IssueCard {
    comments: Vec<UserName>,
}

#[derive(View)]
#[view(Issue)]
struct Other {
    comments: Vec<Plain>,
    #[view(flatten)]
    issue: User,
}

fn query(db: &Db) {
    let _ = db.select::<Issue>().view::<UserName>();
    let _ = db.select::<Issue>().view::<Plain>();
}

fn main() {}
