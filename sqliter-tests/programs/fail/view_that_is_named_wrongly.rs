//! A view is named by its type, and each row becomes one.
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
struct IssueCard {
    title: String,
}

fn query(db: &Db) {
    let _ = db.select::<Issue>().view(IssueCard);
    let _ = db.select::<Issue>().view::<Vec<IssueCard>>();
    let _ = db.select::<Issue>().view::<Option<IssueCard>>();
    let _ = db.select::<Issue>().view::<Issue, IssueCard>();
    let _ = db.select::<Issue>().fields(|i| (i.title, i.pk)).view::<IssueCard>();
}

fn main() {}
