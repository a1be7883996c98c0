//! What a field is loaded from.

use super::tracker::*;
use sqliter::prelude::*;
use sqliter_tests::listener::sql_of;

#[derive(Debug, PartialEq, View)]
#[view(User)]
pub struct UserName {
    pub name: String,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct IssueCard {
    #[view(flatten)]
    issue: Issue,
    project: Project,
    assignee: Option<UserName>,
    labels: Vec<Label>,
    #[view(count)]
    comments: i64,
    #[view(with = |i| i.project.org.name)]
    organisation: String,
}

#[tokio::test]
async fn one_struct_says_what_is_loaded() -> sqliter::Result<()> {
    let Tracker { db, project, crash, typo, bug, urgent, .. } = tracker().await?;
    let query = db.select::<Issue>().order(|i| i.pk.asc()).view::<IssueCard>();
    let cards: Vec<IssueCard> = counted(&db, snapshot_of(2), query.fetch_all()).await?;
    let expected = [
        IssueCard {
            issue: crash,
            project: project.clone(),
            assignee: Some(UserName { name: "Ada".to_owned() }),
            labels: vec![bug, urgent],
            comments: 3,
            organisation: "Acme".to_owned(),
        },
        IssueCard {
            issue: typo,
            project,
            assignee: None,
            labels: vec![],
            comments: 0,
            organisation: "Acme".to_owned(),
        },
    ];
    assert_eq!(cards, expected);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Line {
    title: String,
    #[view(column = points)]
    size: i64,
    #[view(relation = assignee)]
    by: Option<UserName>,
    closed: Option<bool>,
    #[view(with = |i| i.assignee.born)]
    born: Option<i64>,
    #[view(with = |i| i.project.org)]
    org: Org,
}

#[tokio::test]
async fn only_what_the_fields_name_is_read() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let query = db.select::<Issue>().view::<Line>();
    assert_eq!(
        query.to_sql()?.text,
        r#"SELECT t0."title", t0."points", t1."name", t1."pk", t0."closed", t1."born", t3."pk", t3."name" FROM "issues" AS t0 "#
            .to_owned()
            + r#"LEFT JOIN "users" AS t1 ON t1."pk" = t0."assignee_id" LEFT JOIN "projects" AS t2 ON t2."pk" = t0."project_id" "#
            + r#"LEFT JOIN "orgs" AS t3 ON t3."pk" = t2."org_id""#
    );
    let lines = counted(&db, 1, query.order(|i| i.pk.asc()).fetch_all()).await?;
    let org = || Org { pk: Org::key(1), name: "Acme".to_owned() };
    let expected = [
        Line {
            title: "Crash".to_owned(),
            size: 8,
            by: Some(UserName { name: "Ada".to_owned() }),
            closed: Some(false),
            born: Some(1815),
            org: org(),
        },
        Line { title: "Typo".to_owned(), size: 0, by: None, closed: None, born: None, org: org() },
    ];
    assert_eq!(lines, expected);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Values {
    #[view(with = |i| i.points + 1)]
    more: i64,
    #[view(with = |i| i.title.lower())]
    title: String,
    #[view(with = |i| i.assignee.name.coalesce("nobody"))]
    by: String,
    #[view(with = |i| i.comments.aggregate(|c| c.words.sum()))]
    words: Option<i64>,
    #[view(with = |i| i.points.gt(5) & i.closed.eq(false))]
    hot: bool,
    #[view(with = |i| i.votes.any(|v| v.user.name.eq("Bob")))]
    voted: bool,
    #[view(with = |i| i.closed.eq(true))]
    done: bool,
    #[view(with = large)]
    large: bool,
    #[view(count, relation = comments, filter = |c| c.author.name.eq("Ada") & c.words.gt(1))]
    long_ones: i64,
}

fn large<P: sqliter::model::Path>(issue: &IssueColumns<P>) -> sqliter::Condition<P::Root> {
    issue.points.gt(7)
}

#[tokio::test]
async fn values_and_conditions_are_fields() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let rows = counted(&db, 1, db.select::<Issue>().order(|i| i.pk.asc()).view::<Values>().fetch_all()).await?;
    let crash = Values {
        more: 9,
        title: "crash".to_owned(),
        by: "Ada".to_owned(),
        words: Some(13),
        hot: true,
        voted: true,
        done: false,
        large: true,
        long_ones: 1,
    };
    let typo = Values {
        more: 1,
        title: "typo".to_owned(),
        by: "nobody".to_owned(),
        words: None,
        hot: false,
        voted: false,
        // Where it is unknown, it is not so.
        done: false,
        large: false,
        long_ones: 0,
    };
    assert_eq!(rows, [crash, typo]);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct WithComments {
    title: String,
    #[view(filter = |c| c.words.lt(6), order = |c| c.text.desc())]
    comments: Vec<CommentText>,
    #[view(relation = comments, order = |c| c.words.desc(), limit = 2)]
    longest: Vec<Comment>,
}

#[derive(Debug, PartialEq, View)]
#[view(Comment)]
struct CommentText {
    text: String,
    author: UserName,
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_limited_beside_each_row() -> sqliter::Result<()> {
    let Tracker { db, typo, bob, .. } = tracker().await?;
    for (text, words) in [("x", 1), ("y", 3), ("z", 2)] {
        db.insert(Comment::builder().text(text).words(words).issue_id(&typo).author_id(&bob)).await?;
    }
    let query = db.select::<Issue>().order(|i| i.pk.asc()).view::<WithComments>();
    let rows = counted(&db, snapshot_of(3), query.fetch_all()).await?;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            let comments: Vec<_> = row.comments.iter().map(|c| (c.text.as_str(), c.author.name.as_str())).collect();
            let longest: Vec<_> = row.longest.iter().map(|c| (c.text.as_str(), c.words)).collect();
            (row.title.as_str(), comments, longest)
        })
        .collect();
    let expected = [
        ("Crash", vec![("c", "Ada"), ("a", "Ada")], vec![("b", 7), ("a", 5)]),
        ("Typo", vec![("z", "Bob"), ("y", "Bob"), ("x", "Bob")], vec![("y", 3), ("z", 2)]),
    ];
    assert_eq!(told, expected);
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct WithOneComment {
    title: String,
    #[view(first, relation = comments, filter = |c| c.words.lt(7), order = |c| c.words.desc())]
    longest: Option<CommentText>,
    #[view(first)]
    votes: Option<Vote>,
    #[view(first, with = |i| i.project.issues, order = |i| i.title.desc())]
    last_of_project: Option<Issue>,
}

#[tokio::test]
async fn the_first_of_the_related_rows_is_an_option() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let query = db.select::<Issue>().order(|i| i.pk.asc()).view::<WithOneComment>();
    let (rows, statements) = sql_of(query.fetch_all()).await;
    let told: Vec<_> = rows?
        .into_iter()
        .map(|row| {
            let longest = row.longest.map(|c| (c.text, c.author.name));
            (row.title, longest, row.votes.map(|v| v.pk), row.last_of_project.map(|i| i.title))
        })
        .collect();
    let longest = Some(("a".to_owned(), "Ada".to_owned()));
    let last = Some("Typo".to_owned());
    let expected =
        [("Crash".to_owned(), longest, Some(Vote::key(1)), last.clone()), ("Typo".to_owned(), None, None, last)];
    assert_eq!(told, expected);
    assert_eq!(statements.len(), 6); // the issues, three lists, and a transaction around them
    assert_eq!(
        statements[3],
        r#"SELECT * FROM (SELECT t0."pk" AS c0, t0."issue_id" AS c1, t0."user_id" AS c2, k.rowid AS position, "#
            .to_owned()
            + r#"row_number() OVER (PARTITION BY k.rowid ORDER BY t0."pk") AS number FROM rarray(?) AS k "#
            + r#"CROSS JOIN "votes" AS t0 WHERE t0."issue_id" = k.value) WHERE number > 0 AND number <= 1 ORDER BY position, number"#
    );
    Ok(())
}

#[derive(Debug, PartialEq, View)]
#[view(Project)]
struct AboutProject {
    about: Option<String>,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Orphan {
    project: AboutProject,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Unassigned {
    title: String,
    assignee: Option<AboutUser>,
}

#[derive(Debug, PartialEq, View)]
#[view(User)]
struct AboutUser {
    born: Option<i64>,
}

#[tokio::test]
async fn a_required_row_that_is_not_there_is_an_error_whatever_is_read_of_it() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tracker.db");
    let Tracker { db, .. } = tracker_in(Db::open(&path).await?).await?;
    assert_eq!(db.select::<Issue>().view::<Orphan>().fetch_all().await?.len(), 2);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM projects; DELETE FROM users").unwrap();
    match db.select::<Issue>().view::<Orphan>().fetch_all().await.unwrap_err() {
        sqliter::Error::MissingParent { table, column, target, .. } => {
            assert_eq!((table.as_str(), column.as_str(), target.as_str()), ("issues", "project_id", "projects"));
        }
        other => panic!("{other:?}"),
    }
    // Where there may be none, there is none.
    let crash = db.select::<Issue>().order(|i| i.pk.asc()).view::<Unassigned>().fetch_required().await?;
    assert_eq!(crash, Unassigned { title: "Crash".to_owned(), assignee: None });
    Ok(())
}
