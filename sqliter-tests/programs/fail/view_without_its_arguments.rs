//! A view that takes arguments is given them.
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
#[view(User, args(viewer: Key<User>))]
struct UserCard {
    #[view(with = |u| u.pk.eq(viewer))]
    me: bool,
}

#[derive(View)]
#[view(Issue)]
struct IssueCard {
    assignee: Option<UserCard>,
    #[view(args(1))]
    reporter: UserCard,
    #[view(with = |i| i.reporter_id.eq(viewer))]
    mine: bool,
}

fn query(db: &Db) {
    let _ = db.select::<User>().view::<UserCard>();
    let _ = db.select::<User>().view_with::<UserCard>(1);
}

fn main() {}
