//! The statements of views: what is read, in which moment, and what is cached.

use std::time::Duration;

use super::tracker::*;
use sqliter::prelude::*;

#[derive(Debug, PartialEq, View)]
#[view(Project)]
struct ProjectName {
    name: String,
}

#[derive(Debug, PartialEq, View)]
#[view(Issue)]
struct Card {
    title: String,
    project: ProjectName,
    #[view(count)]
    comments: i64,
    #[view(with = |i| i.votes.any(|v| v.user_id.eq(User::key(2))))]
    voted: bool,
}

#[tokio::test]
async fn the_row_and_its_to_one_relations_are_one_statement() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await?;
    let query = db.select::<Issue>().filter(|i| i.project.name.eq("Rocket")).view::<Card>();
    assert_eq!(
        query.to_sql()?.text,
        r#"SELECT t0."title", t1."name", t1."pk", "#.to_owned()
            + r#"(SELECT COUNT(*) FROM "comments" AS t2 WHERE t2."issue_id" = t0."pk"), "#
            + r#"(+EXISTS (SELECT 1 FROM "votes" AS t3 WHERE t3."issue_id" = t0."pk" AND t3."user_id" = ?)) "#
            + r#"FROM "issues" AS t0 JOIN "projects" AS t1 ON t1."pk" = t0."project_id" WHERE t1."name" = ?"#
    );
    assert_eq!(counted(&db, 1, query.fetch_all()).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn views_by_one_statement_are_cached() -> sqliter::Result<()> {
    let cache = CacheOptions::default().ttl(Duration::from_secs(60));
    let folder = tempfile::tempdir().unwrap();
    let db = Db::options().path(folder.path().join("tracker.db")).cache(cache).open().await?;
    db.create_tables::<(Org, Project)>().await?;
    let org = db.insert(Org::builder().name("Acme")).await?;
    db.insert(Project::builder().name("Rocket").org_id(&org)).await?;
    let names = || db.select::<Project>().view::<ProjectName>().fetch_all();
    let first = names().await?;
    assert_eq!(counted(&db, 0, names()).await?, first);
    db.insert(Project::builder().name("Boat").org_id(&org)).await?;
    assert_eq!(names().await?.len(), 2);
    Ok(())
}
