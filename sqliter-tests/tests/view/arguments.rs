//! Values that depend on an argument.

use super::tracker::*;
use sqliter::prelude::*;

#[derive(Debug, Clone)]
struct Viewer {
    user: Key<User>,
    names: Vec<String>,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue, args(viewer: Viewer, at_least: i64))]
struct Seen {
    title: String,
    #[view(with = |i| i.votes.any(|v| v.user_id.eq(viewer.user)))]
    voted: bool,
    #[view(filter = |c| c.author_id.eq(viewer.user) & c.words.ge(at_least))]
    comments: Vec<SeenComment>,
    #[view(count, relation = comments, filter = |c| c.author.name.is_in(viewer.names))]
    by_friends: i64,
    #[view(args(viewer.user))]
    assignee: Option<SeenUser>,
}

#[derive(Debug, PartialEq, View)]
#[view(Comment)]
struct SeenComment {
    text: String,
}

#[derive(Debug, PartialEq, View)]
#[view(User, args(viewer: Key<User>))]
struct SeenUser {
    name: String,
    #[view(with = |u| u.pk.eq(viewer))]
    me: bool,
}

#[tokio::test]
async fn a_view_is_that_of_whoever_looks() -> sqliter::Result<()> {
    let Tracker { db, ada, bob, .. } = tracker().await?;
    let seen = |user: &User, names: &[&str]| {
        let viewer = Viewer { user: user.pk, names: names.iter().map(|&name| name.to_owned()).collect() };
        db.select::<Issue>().order(|i| i.pk.asc()).view_with::<Seen>((viewer, 2)).fetch_required()
    };
    let text = |text: &str| SeenComment { text: text.to_owned() };
    let assignee = |me| Some(SeenUser { name: "Ada".to_owned(), me });
    let title = || "Crash".to_owned();
    let for_ada =
        Seen { title: title(), voted: false, comments: vec![text("a")], by_friends: 1, assignee: assignee(true) };
    let for_bob =
        Seen { title: title(), voted: true, comments: vec![text("b")], by_friends: 2, assignee: assignee(false) };
    assert_eq!(seen(&ada, &["Bob"]).await?, for_ada);
    assert_eq!(seen(&bob, &["Ada", "Cleo"]).await?, for_bob);
    Ok(())
}

#[tokio::test]
async fn an_argument_alone_is_no_tuple() -> sqliter::Result<()> {
    let Tracker { db, bob, .. } = tracker().await?;
    let users = db.select::<User>().order(|u| u.pk.asc()).view_with::<SeenUser>(bob.pk).fetch_all().await?;
    assert_eq!(users.iter().map(|user| user.me).collect::<Vec<_>>(), [false, true]);
    Ok(())
}
