//! Fields over windows: over the rows of the query, and in the view of a to-many relation over the related rows of each row.

use super::tracker::*;
use sqliter::prelude::*;
use sqliter::window::{rank, row_number};

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Numbered {
    title: String,
    #[view(with = |i| row_number().over(|w| w.partition_by(i.project_id).order(i.title.asc())))]
    number: i64,
    #[view(with = |i| i.points.sum().over(|w| w.partition_by(i.project.name)))]
    of_project: Option<i64>,
    #[view(with = |i| rank().over(|w| w.order(i.title.asc())).eq(1))]
    is_first: bool,
    #[view(order = |c| c.pk.asc())]
    comments: Vec<Line>,
}

#[derive(Debug, PartialEq, View)]
#[view(Comment)]
struct Line {
    text: String,
    #[view(with = |c| row_number().over(|w| w.order(c.words.desc())))]
    place: i64,
    #[view(with = |c| count().over(|w| w.partition_by(c.author_id)))]
    of_author: i64,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Longest {
    title: String,
    #[view(order = |c| c.words.desc(), limit = 2)]
    comments: Vec<Line>,
}

async fn comments(db: &Db, crash: &Issue, typo: &Issue, users: [&User; 2]) -> sqliter::Result<()> {
    db.select::<Comment>().delete().await?;
    let comment = |issue: &Issue, text: &str, words: i64, user: usize| {
        Comment::builder().text(text).words(words).issue_id(issue).author_id(users[user])
    };
    let all = [
        comment(crash, "a", 3, 0),
        comment(typo, "b", 9, 1),
        comment(crash, "c", 5, 1),
        comment(crash, "d", 4, 0),
        comment(typo, "e", 1, 1),
    ];
    db.bulk_insert(all).await.map(drop)
}

#[tokio::test]
async fn values_over_windows_are_fields() -> sqliter::Result<()> {
    let Tracker { db, crash, typo, ada, bob, .. } = tracker().await?;
    comments(&db, &crash, &typo, [&ada, &bob]).await?;
    let query = db.select::<Issue>().order(|i| i.pk.desc()).view::<Numbered>();
    assert_eq!(
        query.to_sql()?.text,
        r#"SELECT t0."title", row_number() OVER (PARTITION BY t0."project_id" ORDER BY t0."title", t0."pk"), "#
            .to_owned()
            + r#"SUM(t0."points") OVER (PARTITION BY t1."name"), ((rank() OVER (ORDER BY t0."title") = ?) IS TRUE), t0."pk" "#
            + r#"FROM "issues" AS t0 LEFT JOIN "projects" AS t1 ON t1."pk" = t0."project_id" ORDER BY t0."pk" DESC"#
    );
    let rows = query.fetch_all().await?;
    let line = |text: &str, place, of_author| Line { text: text.to_owned(), place, of_author };
    let points = Some(crash.points + typo.points);
    let expected = [
        Numbered {
            title: "Typo".to_owned(),
            number: 2,
            of_project: points,
            is_first: false,
            comments: vec![line("b", 1, 2), line("e", 2, 2)],
        },
        Numbered {
            title: "Crash".to_owned(),
            number: 1,
            of_project: points,
            is_first: true,
            comments: vec![line("a", 3, 2), line("c", 1, 1), line("d", 2, 2)],
        },
    ];
    assert_eq!(rows, expected);
    // The windows are over the rows that the chain chooses, and rows are chosen by them as before.
    let first = db.select::<Issue>().qualify(|i| row_number().over(|w| w.order(i.title.desc())).eq(1));
    let first = first.view::<Numbered>().fetch_required().await?;
    assert_eq!((first.title.as_str(), first.number, first.is_first), ("Typo", 1, true));
    Ok(())
}

/// Before the limit, as in any query.
#[tokio::test]
async fn windows_are_over_all_related_rows_of_a_row() -> sqliter::Result<()> {
    let Tracker { db, crash, typo, ada, bob, .. } = tracker().await?;
    comments(&db, &crash, &typo, [&ada, &bob]).await?;
    let rows = db.select::<Issue>().order(|i| i.pk.asc()).view::<Longest>().fetch_all().await?;
    let line = |text: &str, place, of_author| Line { text: text.to_owned(), place, of_author };
    assert_eq!(rows[0].comments, [line("c", 1, 1), line("d", 2, 2)]);
    assert_eq!(rows[1].comments, [line("b", 1, 2), line("e", 2, 2)]);
    // The same by the relation of rows that are loaded, twice the same row.
    let twice = [crash.clone(), crash];
    let lines: Vec<Vec<Line>> = db.fetch_related(&twice, |i| i.comments.view::<Line>()).await?;
    assert_eq!(lines[0].iter().map(|line| line.place).collect::<Vec<_>>(), [3, 1, 2]);
    assert_eq!(lines[0], lines[1]);
    Ok(())
}
