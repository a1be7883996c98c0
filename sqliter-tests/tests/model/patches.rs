//! Writing some columns of one row: the struct that the derive generates for it, and what it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{from_str, json, to_value};
use sqliter::prelude::*;
use sqliter::{Error, Json};
use sqliter_tests::listener::sql_of;

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch(
    derive(Debug, Clone, PartialEq, Deserialize, Serialize),
    serde(deny_unknown_fields, rename_all = "camelCase")
))]
struct Issue {
    pk: Key<Issue>,
    title: String,
    due_date: Option<i64>,
    assignee_id: Option<Key<User>>,
    #[model(default = 0)]
    points: i64,
    #[model(default = Json(serde_json::Value::Null))]
    meta: Json<serde_json::Value>,
    #[model(generated = "points * 2")]
    double: i64,
    #[model(patch(skip), default = "open")]
    status: String,
    #[model(patch(serde(rename = "type")), unique)]
    kind: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// Without derives, under a name of its own, and with some fields only.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch(only(b, c), name = "LineChange"))]
struct Line {
    #[model(pk)]
    order: i64,
    #[model(pk)]
    number: String,
    a: i64,
    b: i64,
    c: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch)]
struct Bare {
    pk: Key<Bare>,
    r#type: String,
}

struct Tracker {
    db: Db,
    issue: Issue,
    /// Seconds since 1970.
    clock: Arc<AtomicU64>,
}

async fn tracker() -> Tracker {
    let clock = Arc::new(AtomicU64::new(10));
    let told = Arc::clone(&clock);
    let now = move || UNIX_EPOCH + Duration::from_secs(told.load(Ordering::SeqCst));
    let db = Db::options().memory().clock(now).open().await.unwrap();
    db.create_tables::<(User, Issue, Line, Bare)>().await.unwrap();
    let user = db.insert(User::builder().name("Ada")).await.unwrap();
    let issue = db.insert(Issue::builder().title("Old").due_date(7).assignee_id(&user).points(3)).await.unwrap();
    clock.store(20, Ordering::SeqCst);
    Tracker { db, issue, clock }
}

#[tokio::test]
async fn a_patch_writes_what_it_has_and_gives_the_row_as_it_is() -> sqliter::Result<()> {
    let Tracker { db, issue, .. } = tracker().await;
    let patch = IssuePatch { title: Some("New".into()), points: Some(4), ..Default::default() };
    let (patched, statements) = sql_of(db.patch(issue.pk, patch)).await;
    let patched = patched?;
    let wanted = Issue { title: "New".into(), points: 4, double: 8, updated_at: 20, ..issue.clone() };
    assert_eq!(patched, wanted);
    assert_eq!(db.get(issue.pk).await?, Some(wanted));
    let columns = r#""pk", "title", "due_date", "assignee_id", "points", "meta", "double", "status", "kind", "created_at", "updated_at""#;
    assert_eq!(
        statements,
        [format!(
            r#"UPDATE "issues" SET "title" = ?, "points" = ?, "updated_at" = ? WHERE "pk" = ? RETURNING {columns}"#
        )]
    );
    Ok(())
}

#[tokio::test]
async fn none_in_some_clears_a_nullable_column() -> sqliter::Result<()> {
    let Tracker { db, issue, .. } = tracker().await;
    // The row itself names its key too.
    let patched = db.patch(&issue, IssuePatch { assignee_id: Some(None), ..Default::default() }).await?;
    assert_eq!((patched.assignee_id, patched.due_date), (None, Some(7)));
    Ok(())
}

#[tokio::test]
async fn an_empty_patch_reads() -> sqliter::Result<()> {
    let Tracker { db, issue, .. } = tracker().await;
    let (read, statements) = sql_of(db.patch(issue.pk, IssuePatch::default())).await;
    assert_eq!(read?, issue);
    assert_eq!(statements.len(), 1);
    assert!(statements[0].starts_with("SELECT"), "{statements:?}");
    Ok(())
}

#[tokio::test]
async fn a_patch_of_no_row_is_an_error() {
    let Tracker { db, .. } = tracker().await;
    for patch in [IssuePatch::default(), IssuePatch { points: Some(1), ..Default::default() }] {
        match db.patch(Issue::key(9), patch).await {
            Err(Error::RecordNotFound { table, key }) => {
                assert_eq!((table.as_str(), key.as_deref()), ("issues", Some("9")))
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_patch_that_a_constraint_refuses_changes_nothing() -> sqliter::Result<()> {
    let Tracker { db, issue, .. } = tracker().await;
    db.insert(Issue::builder().title("other").kind("bug")).await?;
    let taken = IssuePatch { title: Some("x".into()), kind: Some(Some("bug".into())), ..Default::default() };
    match db.patch(issue.pk, taken).await {
        Err(Error::UniqueViolation { columns, .. }) => assert_eq!(columns, ["kind"]),
        other => panic!("{other:?}"),
    }
    let nobody = IssuePatch { assignee_id: Some(Some(User::key(9))), ..Default::default() };
    match db.patch(issue.pk, nobody).await {
        Err(Error::ForeignKeyViolation { columns, .. }) => assert_eq!(columns, ["assignee_id"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(db.get(issue.pk).await?, Some(issue));
    Ok(())
}

#[tokio::test]
async fn two_patches_of_different_columns_both_stay() -> sqliter::Result<()> {
    let Tracker { db, issue, .. } = tracker().await;
    let title = IssuePatch { title: Some("t".into()), ..Default::default() };
    let points = IssuePatch { points: Some(9), ..Default::default() };
    let (a, b) = tokio::join!(db.patch(issue.pk, title), db.patch(issue.pk, points));
    a?;
    b?;
    let stored = db.get(issue.pk).await?.unwrap();
    assert_eq!((stored.title.as_str(), stored.points), ("t", 9));
    Ok(())
}

#[tokio::test]
async fn a_patch_of_a_row_that_cannot_be_read_is_undone_in_a_transaction_too() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await;
    db.execute(r#"CREATE TABLE old (pk INTEGER PRIMARY KEY AUTOINCREMENT, a INTEGER, b)"#).await?;
    db.execute("INSERT INTO old VALUES (1, 1, 'no number')").await?;

    #[derive(Debug, PartialEq, Model)]
    #[model(table = "old", patch)]
    struct Old {
        pk: Key<Old>,
        a: i64,
        b: i64,
    }

    let change = || OldPatch { a: Some(2), ..Default::default() };
    assert!(matches!(db.patch(Old::key(1), change()).await, Err(Error::Decode { .. })));
    db.transaction(async |tx| {
        assert!(matches!(tx.patch(Old::key(1), change()).await, Err(Error::Decode { .. })));
        Ok(())
    })
    .await?;
    let (a,): (i64,) = db.query("SELECT a FROM old").fetch_required().await?;
    assert_eq!(a, 1);
    Ok(())
}

#[tokio::test]
async fn a_key_of_several_columns_names_the_row_of_a_patch() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await;
    let lines = [("x", 1), ("y", 2)].map(|(number, b)| Line::builder().order(1).number(number).a(0).b(b).c(5));
    db.bulk_insert(lines).await?;
    let (patched, statements) =
        sql_of(db.patch(Line::key((1, "y".to_owned())), LineChange { b: Some(7), c: None })).await;
    assert_eq!(patched?, Line { order: 1, number: "y".into(), a: 0, b: 7, c: Some(5) });
    assert_eq!(
        statements,
        [r#"UPDATE "lines" SET "b" = ? WHERE "order" = ? AND "number" = ? RETURNING "order", "number", "a", "b", "c""#]
    );
    assert_eq!(db.select::<Line>().only(|l| l.b).fetch_all().await?, [1, 7]);
    Ok(())
}

#[tokio::test]
async fn a_patch_without_any_option_is_a_plain_struct() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await;
    let bare = db.insert(Bare::builder().r#type("a")).await?;
    assert_eq!(db.patch(bare.pk, BarePatch { r#type: Some("b".into()) }).await?.r#type, "b");
    Ok(())
}

#[test]
fn absent_stays_null_clears_and_a_value_sets() {
    let read = |text: &str| from_str::<IssuePatch>(text);
    assert_eq!(read("{}").unwrap(), IssuePatch::default());
    let patch = read(r#"{"title": "t", "dueDate": null, "assigneeId": 3, "meta": null, "type": "x"}"#).unwrap();
    let wanted = IssuePatch {
        title: Some("t".into()),
        due_date: Some(None),
        assignee_id: Some(Some(User::key(3))),
        points: None,
        meta: Some(Json(serde_json::Value::Null)),
        kind: Some(Some("x".into())),
    };
    assert_eq!(patch, wanted);
    // A column that takes no NULL is not cleared in silence.
    let refused = read(r#"{"title": null}"#).unwrap_err();
    assert!(refused.to_string().contains("invalid type: null"), "{refused}");
    // Neither the key, nor what is skipped, computed or set by itself.
    for other in ["pk", "status", "double", "createdAt", "updatedAt"] {
        let refused = read(&format!(r#"{{"{other}": 1}}"#)).unwrap_err();
        assert!(refused.to_string().contains("unknown field"), "{refused}");
    }
}

#[test]
fn a_patch_is_written_as_it_is_read() {
    let patch = IssuePatch { due_date: Some(None), points: Some(2), ..Default::default() };
    assert_eq!(to_value(&patch).unwrap(), json!({"dueDate": null, "points": 2}));
    assert_eq!(from_str::<IssuePatch>(&serde_json::to_string(&patch).unwrap()).unwrap(), patch);
}

#[tokio::test]
async fn an_update_takes_what_is_set_only_sometimes() -> sqliter::Result<()> {
    let Tracker { db, clock, .. } = tracker().await;
    clock.store(30, Ordering::SeqCst);
    let update = |title: Option<&'static str>, points: Option<i64>| {
        db.select::<Issue>().update(move |i| (title.map(|t| i.title.set(t)), points.map(|p| i.points.add(p))))
    };
    let (changed, statements) = sql_of(update(None, Some(2))).await;
    assert_eq!(changed?, 1);
    assert_eq!(statements, [r#"UPDATE "issues" SET "points" = checked_i64("points" + ?, 'points'), "updated_at" = ?"#]);
    assert_eq!(db.select::<Issue>().only(|i| i.points).fetch_only().await?, 5);
    // Of nothing there is no statement, and `updated_at` stays.
    let (changed, statements) = sql_of(update(None, None)).await;
    assert_eq!((changed?, statements), (0, vec![]));
    assert_eq!(db.select::<Issue>().update(|i| None::<()>.map(|()| i.points.set(0))).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_upsert_takes_what_is_set_only_sometimes() -> sqliter::Result<()> {
    let Tracker { db, .. } = tracker().await;
    let draft = |title: &str| Issue::builder().title(title).kind("bug").points(1);
    db.insert(draft("a")).await?;
    let stays: Option<i64> = None;
    let found = db.upsert(draft("b"), |i| i.kind).update(|i| (i.title, stays.map(|p| i.points.add(p)))).await?;
    assert_eq!((found.title.as_str(), found.points), ("b", 1));
    Ok(())
}
