//! The ends of a chain that gives views.

use super::fields::UserName;
use super::tracker::*;
use sqliter::Record;
use sqliter::bounds::AsView;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, View)]
#[view(Issue)]
struct Title {
    title: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(Issue)]
struct Labelled {
    title: String,
    labels: Vec<Label>,
}

/// A chain that gives views has a type that can be written down.
fn open(session: &Session) -> sqliter::Select<'_, Issue, AsView<Issue, Labelled>> {
    session.select::<Issue>().filter(|i| i.points.ge(0)).view()
}

#[tokio::test]
async fn a_chain_of_views_has_the_ends_of_every_chain() -> sqliter::Result<()> {
    let Tracker { db, crash, bug, urgent, .. } = tracker().await?;
    let titles = |labelled: Vec<Labelled>| labelled.into_iter().map(|row| row.title).collect::<Vec<_>>();
    let first = Labelled { title: "Crash".to_owned(), labels: vec![bug, urgent] };
    let chain = || open(&db).order(|i| i.title.asc());
    assert_eq!(titles(chain().fetch_all().await?), ["Crash", "Typo"]);
    assert_eq!(chain().fetch_first().await?, Some(first.clone()));
    assert_eq!(chain().fetch_one().await?, Some(first.clone()));
    assert_eq!(chain().fetch_last().await?.map(|row| row.title).as_deref(), Some("Typo"));
    assert_eq!(chain().filter(|i| i.pk.eq(&crash)).fetch_only().await?, first);
    assert!(matches!(chain().fetch_only().await, Err(sqliter::Error::SeveralRecords { .. })));
    assert_eq!((chain().count().await?, chain().limit(1).count().await?, chain().exists().await?), (2, 1, true));
    assert_eq!(chain().clone().filter_some(Some("Typo"), |i, title| i.title.eq(title)).count().await?, 1);
    let nobody = chain().filter(|i| i.title.eq("none"));
    assert!(matches!(nobody.fetch_required().await, Err(sqliter::Error::RecordNotFound { .. })));
    Ok(())
}

#[tokio::test]
async fn pages_and_streams_are_of_views() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let chain = || open(&db).order(|i| i.title.desc());
    let page = chain().page_after(None, 1).await?;
    assert_eq!((page.rows[0].title.as_str(), page.rows[0].labels.len()), ("Typo", 0));
    let page = chain().page_after(page.next, 1).await?;
    assert_eq!((page.rows[0].title.as_str(), page.rows[0].labels.len()), ("Crash", 2));
    assert_eq!(page.next, None);
    let page = chain().page_before(page.previous, 1).with_total().await?;
    assert_eq!((page.rows[0].title.as_str(), page.total), ("Typo", Some(2)));

    let mut stream = db.select::<Issue>().order(|i| i.pk.asc()).view::<Title>().fetch_stream();
    let mut titles = Vec::new();
    while let Some(row) = stream.next().await {
        titles.push(row?.title);
    }
    assert_eq!(titles, ["Crash", "Typo"]);
    Ok(())
}

#[tokio::test]
async fn relations_of_a_row_are_views_too() -> sqliter::Result<()> {
    let Tracker { db, ada, crash, bug, .. } = tracker().await?;
    let assigned: Vec<Title> = ada.assigned(&db).view::<Title>().fetch_all().await?;
    assert_eq!(assigned, [Title { title: "Crash".to_owned() }]);
    let names: Vec<Labelled> = bug.issues(&db).view::<Labelled>().fetch_all().await?;
    assert_eq!(names[0].labels.len(), 2);
    let assignee: Option<UserName> = crash.assignee(&db).view::<UserName>().fetch().await?;
    assert_eq!(assignee, Some(UserName { name: "Ada".to_owned() }));
    let records: Vec<Record> = db.select::<Issue>().order(|i| i.pk.asc()).view::<Title>().fetch_dicts().await?;
    assert_eq!(records[0].get("title"), Some(&sqliter::Value::Text("Crash".to_owned())));
    Ok(())
}

#[tokio::test]
async fn a_row_is_read_by_its_key_as_a_view() -> sqliter::Result<()> {
    let Tracker { db, crash, .. } = tracker().await?;
    let row: Option<Labelled> = db.get(crash.pk).view::<Labelled>().await?;
    assert_eq!(row.map(|row| row.labels.len()), Some(2));
    assert_eq!(db.get(Issue::key(99)).view::<Title>().await?, None);
    Ok(())
}

#[tokio::test]
async fn views_are_loaded_for_rows_in_hand() -> sqliter::Result<()> {
    let Tracker { db, ada, bob, crash, typo, .. } = tracker().await?;
    let users = [bob, ada];
    let assigned: Vec<Vec<Title>> = counted(&db, 1, db.fetch_related(&users, |u| u.assigned.view::<Title>())).await?;
    assert_eq!(assigned, [vec![], vec![Title { title: "Crash".to_owned() }]]);
    let labelled: Vec<Vec<Labelled>> =
        counted(&db, snapshot_of(2), db.fetch_related(&users, |u| u.assigned.view::<Labelled>())).await?;
    assert_eq!(labelled[1][0].labels.len(), 2);
    let issues = [typo, crash];
    let names: Vec<Option<UserName>> =
        counted(&db, 1, db.fetch_related(&issues, |i| i.assignee.view::<UserName>())).await?;
    assert_eq!(names, [None, Some(UserName { name: "Ada".to_owned() })]);
    Ok(())
}

#[tokio::test]
async fn tuples_take_views_of_related_rows() -> sqliter::Result<()> {
    let Tracker { db, crash, typo, .. } = tracker().await?;
    let rows: Vec<(Issue, Option<UserName>, Vec<Title>)> = db
        .select::<Issue>()
        .order(|i| i.pk.asc())
        .select_related(|i| i.assignee.view::<UserName>())
        .prefetch_related(|i| i.parts.view::<Title>().order(|p| p.title.asc()))
        .fetch_all()
        .await?;
    let ada = UserName { name: "Ada".to_owned() };
    assert_eq!(rows, [(crash, Some(ada), vec![Title { title: "Typo".to_owned() }]), (typo, None, vec![])]);
    Ok(())
}
