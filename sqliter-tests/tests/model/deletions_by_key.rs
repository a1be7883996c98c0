//! Deletions by keys, softly and for good, and what they give back.

use std::time::{Duration, UNIX_EPOCH};

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error};
use sqliter_tests::listener::sql_of;

#[derive(Debug, Clone, PartialEq, Model)]
struct Issue {
    pk: Key<Issue>,
    title: String,
    #[model(default = 10)]
    points: i64,
    #[model(version)]
    version: i64,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    #[model(generated = "upper(text)")]
    loud: String,
    issue_id: Option<Key<Issue>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    #[model(pk)]
    number: i64,
    #[model(pk)]
    part: String,
    amount: i64,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

fn line(number: i64, part: &str) -> Key<Line> {
    Line::key((number, part.to_owned()))
}

async fn filled() -> Db {
    let now = || UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let db = Db::options().memory().clock(now).cache(CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Issue, Note, Line)>().await.unwrap();
    db.bulk_insert(["a", "b", "c"].map(|title| Issue::builder().title(title))).await.unwrap();
    db.bulk_insert(["x", "y", "z"].map(|text| Note::builder().text(text).issue_id(Issue::key(3)))).await.unwrap();
    let new = |number: i64, part: &str| Line::builder().number(number).part(part).amount(number * 10);
    db.bulk_insert([new(1, "a"), new(1, "b"), new(2, "a")]).await.unwrap();
    db
}

#[tokio::test]
async fn a_deletion_by_a_key_gives_the_row_as_it_was_and_a_soft_one_as_it_is_then() -> sqliter::Result<()> {
    let db = filled().await;
    let (gone, statements) = sql_of(db.delete(Note::key(1)).returning_rows().fetch_required()).await;
    let gone = gone?;
    assert_eq!((gone.text.as_str(), gone.loud.as_str()), ("x", "X"));
    assert_eq!(db.get(Note::key(1)).await?, None);
    assert_eq!(statements, [r#"DELETE FROM "notes" WHERE "pk" = ? RETURNING "pk", "text", "loud", "issue_id""#]);
    let (gone, statements) =
        sql_of(db.delete(Issue::key(1)).returning(|i| (i.version, i.deleted_at)).fetch_all()).await;
    assert_eq!(gone?, [(2, Some(1_800_000_000))]);
    assert_eq!(
        statements,
        [
            r#"UPDATE "issues" SET "deleted_at" = ?, "version" = checked_i64("version" + ?, 'version') WHERE "pk" = ? AND "deleted_at" IS NULL RETURNING "version", "deleted_at""#
        ]
    );
    // Deleted already, or not.
    for key in [1, 2] {
        let (gone, statements) = sql_of(db.delete_for_good(Issue::key(key)).returning_rows().fetch_only()).await;
        assert_eq!((gone?.version, statements.len()), (3 - key, 1));
        assert_eq!(db.get(Issue::key(key)).with_deleted().await?, None);
        assert_eq!(
            statements,
            [r#"DELETE FROM "issues" WHERE "pk" = ? RETURNING "pk", "title", "points", "version", "deleted_at""#]
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_deletion_by_a_key_is_one_statement() -> sqliter::Result<()> {
    let db = filled().await;
    let (deleted, statements) = sql_of(db.delete_for_good(Issue::key(1))).await;
    deleted?;
    assert_eq!(statements, [r#"DELETE FROM "issues" WHERE "pk" = ?"#]);
    db.transaction(async |tx| {
        tx.delete(Issue::key(2)).await?;
        tx.delete_for_good(Issue::key(2)).await?;
        assert!(matches!(tx.delete_for_good(Issue::key(2)).await, Err(Error::RecordNotFound { .. })));
        tx.delete(Note::key(2)).await
    })
    .await?;
    assert_eq!(db.select::<Issue>().with_deleted().count().await?, 1);
    assert_eq!(db.select::<Note>().count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn rows_of_several_keys_are_given_in_the_order_of_the_keys() -> sqliter::Result<()> {
    let db = filled().await;
    let keys = [Issue::key(3), Issue::key(1), Issue::key(3)];
    // What is computed has arguments of its own, behind the key.
    let given = db
        .bulk_delete(keys)
        .returning(|i| (i.title, i.points * 7, i.pk.is_in([Issue::key(1), Issue::key(9)]), i.version))
        .fetch_all()
        .await?;
    assert_eq!(given, [("c".to_owned(), 70, false, 2), ("a".to_owned(), 70, true, 2)]);
    let given = db.bulk_delete([Note::key(2), Note::key(1)]).returning(|n| n.text.concat("!")).fetch_all().await?;
    assert_eq!(given, [("y!".to_owned(),), ("x!".to_owned(),)]);
    assert_eq!(db.bulk_delete([] as [Key<Note>; 0]).returning_rows().fetch_all().await?, []);
    let lines = db.bulk_delete([line(2, "a"), line(1, "b")]).returning(|l| (l.part, l.amount + 1));
    assert_eq!(lines.fetch_all().await?, [("a".to_owned(), 21), ("b".to_owned(), 11)]);
    assert_eq!(db.select::<Line>().only(|l| l.amount).fetch_all().await?, [10]);
    assert_eq!(db.delete_for_good(line(2, "a")).returning_rows().fetch_only().await?.amount, 20);
    Ok(())
}

#[tokio::test]
async fn a_row_that_is_not_there_is_named_and_nothing_is_deleted() -> sqliter::Result<()> {
    let db = filled().await;
    db.delete(Issue::key(2)).await?;
    let keys = [Issue::key(1), Issue::key(1), Issue::key(2)];
    for error in [
        db.bulk_delete(keys).returning_rows().fetch_all().await.unwrap_err(),
        db.delete(Issue::key(2)).returning_rows().fetch_all().await.unwrap_err(),
    ] {
        assert!(matches!(&error, Error::RecordNotFound { key: Some(key), .. } if key == "2"), "{error}");
    }
    let error = db.delete_for_good(Issue::key(9)).returning_rows().fetch_one().await.unwrap_err();
    assert!(matches!(&error, Error::RecordNotFound { key: Some(key), .. } if key == "9"), "{error}");
    assert_eq!(db.select::<Issue>().count().await?, 2);
    let error = db.delete_for_good(Issue::key(3)).returning_rows().fetch_all().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot delete issues: notes.issue_id still refers to it");
    // More rows than are expected.
    let error = db.bulk_delete([Issue::key(1), Issue::key(3)]).returning_rows().fetch_only().await.unwrap_err();
    assert!(matches!(error, Error::SeveralRecords { found: 2, .. }));
    assert_eq!(db.select::<Issue>().count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn many_rows_are_deleted_by_one_statement_that_runs_for_each_key() -> sqliter::Result<()> {
    const MANY: i64 = 20_000;
    let db = filled().await;
    let issues = db.bulk_insert((0..MANY).map(|n| Issue::builder().title(n.to_string()))).await?;
    let notes = db.bulk_insert((0..MANY).map(|n| Note::builder().text(n.to_string()))).await?;
    // Each key comes twice.
    let before = db.statement_count();
    db.bulk_delete(issues.iter().chain(&issues)).await?;
    let softly = db.statement_count() - before;
    let given = db.bulk_delete(notes.iter().chain(&notes)).returning(|n| n.pk).fetch_all().await?;
    let for_good = db.statement_count() - before - softly;
    assert_eq!((softly, for_good), (3, 3), "the statement, and what begins and ends the transaction");
    assert_eq!(given.len(), MANY as usize);
    assert_eq!(db.select::<Issue>().count().await?, 3);
    assert_eq!(db.select::<Issue>().only_deleted().count().await?, MANY as u64);
    assert_eq!(db.select::<Note>().count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn tables_of_another_program_are_deleted_from_by_keys() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE issues (pk INTEGER, title TEXT, points TEXT, version INT, deleted_at TEXT)").await?;
    db.execute("INSERT INTO issues VALUES (1, 'a', 1, 1, NULL), (2, 'b', 2, 1, NULL), (3, 'c', 3, 1, NULL), (3, 'd', 3, 1, NULL)")
        .await?;
    let gone = db.bulk_delete([Issue::key(2), Issue::key(1), Issue::key(2)]).returning(|i| (i.title, i.version));
    assert_eq!(gone.fetch_all().await?, [("b".to_owned(), 2), ("a".to_owned(), 2)]);
    assert_eq!(db.select::<Issue>().count().await?, 2);
    assert!(matches!(db.bulk_delete([Issue::key(3)]).await, Err(Error::KeyNotUnique { .. })));
    assert!(matches!(db.delete_for_good(Issue::key(3)).await, Err(Error::KeyNotUnique { .. })));
    assert_eq!(db.delete_for_good(Issue::key(1)).returning_rows().fetch_only().await?.version, 2);
    db.delete_for_good(Issue::key(2)).await?;
    assert_eq!(db.select::<Issue>().with_deleted().count().await?, 2);
    Ok(())
}
