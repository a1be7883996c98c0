//! Transactions: commit, rollback, drop, error, panic, and who sees what.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Post {
    pk: Key<Post>,
    user_id: Key<User>,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(User, Post)>().await?;
    Ok(db)
}

fn user(name: &str) -> NewUser {
    NewUser { name: name.to_owned() }
}

async fn names(session: &Session) -> sqliter::Result<Vec<String>> {
    session.select::<User>().order(|u| u.pk.asc()).only(|u| u.name).fetch_all().await
}

#[derive(Debug, PartialEq)]
enum Failure {
    Own(u8),
    Database(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closure_that_returns_ok_commits() -> sqliter::Result<()> {
    let db = open().await?;
    let key = db
        .try_transaction(async |tx| {
            assert!(tx.in_transaction());
            let a = tx.insert(user("a")).await?;
            tx.insert(Post::builder().user_id(&a)).await?;
            Ok::<_, Error>(a.pk)
        })
        .await?;
    assert!(!db.in_transaction());
    assert_eq!(db.get(key).await?.unwrap().name, "a");
    assert_eq!(db.select::<Post>().count().await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_rolls_back_and_continues_unchanged() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(user("before")).await?;
    let own = db
        .try_transaction(async |tx| {
            tx.insert(user("a")).await?;
            Err::<(), _>(Failure::Own(7))
        })
        .await;
    assert_eq!(own, Err(Failure::Own(7)));
    let database = db
        .try_transaction(async |tx| {
            tx.insert(user("a")).await?;
            tx.insert(user("before")).await?;
            Ok::<_, Failure>(())
        })
        .await;
    assert_eq!(database, Err(Failure::Database("insert violates uniqueness of users (name)".to_owned())));
    assert_eq!(names(&db).await?, ["before"]);
    db.insert(user("a")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn begin_with_commit_rollback_and_drop() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    tx.insert(user("committed")).await?;
    tx.commit().await?;
    let tx = db.begin().await?;
    tx.insert(user("rolled back")).await?;
    tx.rollback().await?;
    let tx = db.begin().await?;
    tx.insert(user("dropped")).await?;
    drop(tx);
    assert_eq!(names(&db).await?, ["committed"]);
    assert_eq!(db.insert(user("next")).await?.pk, User::key(2));
    Ok(())
}

#[tokio::test]
async fn commit_rollback_and_drop_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| tx.insert(user("committed")).await).await?;
    let failed = db
        .try_transaction(async |tx| {
            tx.insert(user("failed")).await?;
            Err::<(), _>(Failure::Own(1))
        })
        .await;
    assert_eq!(failed, Err(Failure::Own(1)));
    let tx = db.begin().await?;
    tx.insert(user("dropped")).await?;
    drop(tx);
    let tx = db.begin().await?;
    tx.insert(user("rolled back")).await?;
    tx.rollback().await?;
    assert_eq!(names(&db).await?, ["committed"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_the_closure_rolls_back() -> sqliter::Result<()> {
    let db = open().await?;
    let inside = db.clone();
    let task = tokio::spawn(async move {
        inside
            .try_transaction(async |tx| {
                tx.insert(user("a")).await?;
                tx.try_transaction(async |inner| {
                    inner.insert(user("b")).await?;
                    if names(inner).await?.len() == 2 {
                        panic!("on purpose");
                    }
                    Ok::<_, Error>(())
                })
                .await
            })
            .await
    });
    assert!(task.await.unwrap_err().is_panic());
    assert!(names(&db).await?.is_empty());
    assert_eq!(db.insert(user("a")).await?.pk, User::key(1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_future_rolls_back() -> sqliter::Result<()> {
    let db = open().await?;
    let (reached, wait) = tokio::sync::oneshot::channel::<()>();
    let inside = db.clone();
    let task = tokio::spawn(async move {
        inside
            .try_transaction(async |tx| {
                tx.insert(user("a")).await?;
                reached.send(()).unwrap();
                std::future::pending::<()>().await;
                Ok::<_, Error>(())
            })
            .await
    });
    wait.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(names(&db).await?.is_empty());
    db.insert(user("a")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_write_takes_part() -> sqliter::Result<()> {
    let db = open().await?;
    let mut kept = db.insert(user("kept")).await?;
    let gone = db.insert(user("gone")).await?;
    let before = db.select::<User>().fetch_all().await?;
    let tx = db.begin().await?;
    tx.insert(user("inserted")).await?;
    tx.bulk_insert((0..100).map(|i| user(&i.to_string()))).await?;
    kept.name = "updated".to_owned();
    tx.update(&mut kept).await?;
    tx.delete(&gone).await?;
    tx.select::<User>().filter(|u| u.name.eq("7")).update(|u| u.name.set("seven")).await?;
    tx.select::<User>().filter(|u| u.name.eq("8")).delete().await?;
    tx.execute("INSERT INTO users (name) VALUES ('raw')").await?;
    tx.drop_table::<Post>().await?;
    assert_eq!(tx.select::<User>().count().await?, 102);
    tx.rollback().await?;
    assert_eq!(db.select::<User>().fetch_all().await?, before);
    assert_eq!(db.table_names().await?, ["users", "posts"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn others_see_nothing_before_the_end_and_the_transaction_sees_its_own() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seen.db");
    let db = Db::open(&path).await?;
    db.create_table::<User>().await?;
    let other = Db::open(&path).await?;
    let tx = db.begin().await?;
    let mut a = tx.insert(user("a")).await?;
    a.name = "b".to_owned();
    tx.update(&mut a).await?;
    assert_eq!(tx.get(a.pk).await?.as_ref(), Some(&a));
    assert_eq!(names(&tx).await?, ["b"]);
    for outside in [&db, &other] {
        assert!(names(outside).await?.is_empty());
    }
    tx.commit().await?;
    for outside in [&db, &other] {
        assert_eq!(names(outside).await?, ["b"]);
    }
    db.close().await?;
    other.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_statement_that_is_caught_undoes_only_itself() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| {
        let a = tx.insert(user("a")).await?;
        assert!(matches!(tx.insert(user("a")).await, Err(Error::UniqueViolation { .. })));
        assert!(matches!(
            tx.insert(Post::builder().user_id(User::key(9))).await,
            Err(Error::ForeignKeyViolation { .. })
        ));
        assert!(matches!(tx.delete(User::key(9)).await, Err(Error::RecordNotFound { .. })));
        assert!(matches!(tx.execute("nonsense").await, Err(Error::SqlExecution { .. })));
        tx.insert(Post::builder().user_id(&a)).await?;
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!((names(&db).await?, db.select::<Post>().count().await?), (vec!["a".to_owned()], 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_write_of_another_task_is_not_part_of_the_transaction() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    tx.insert(user("inside")).await?;
    let other = db.clone();
    let waiting = tokio::spawn(async move { other.insert(user("outside")).await });
    tokio::task::yield_now().await;
    tx.rollback().await?;
    waiting.await.unwrap()?;
    assert_eq!(names(&db).await?, ["outside"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_many_tasks_follow_each_other() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("many.db")).await?;
    db.create_table::<User>().await?;
    let tasks: Vec<_> = (0..10)
        .map(|task| {
            let db = db.clone();
            tokio::spawn(async move {
                db.try_transaction(async |tx| {
                    let count = tx.select::<User>().count().await?;
                    tokio::task::yield_now().await;
                    tx.insert(user(&count.to_string())).await?;
                    if task % 2 == 0 { Ok(()) } else { Err(Failure::Own(task)) }
                })
                .await
            })
        })
        .collect();
    for (i, task) in (0..).zip(tasks) {
        let expected = if i % 2 == 0 { Ok(()) } else { Err(Failure::Own(i)) };
        assert_eq!(task.await.unwrap(), expected);
    }
    // Read-then-write never met another writer's row.
    assert_eq!(names(&db).await?, ["0", "1", "2", "3", "4"]);
    db.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_one_transaction_may_run_at_once() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| {
        let (a, b, count) = tokio::join!(tx.insert(user("a")), tx.insert(user("b")), tx.select::<User>().count());
        assert_ne!(a?.pk, b?.pk);
        assert!(count? <= 2);
        let (c, taken, rows) = tokio::join!(
            tx.bulk_insert((0..1000).map(|i| user(&i.to_string()))),
            tx.insert(user("a")),
            tx.select::<User>().fetch_all(),
        );
        assert_eq!(c?.len(), 1000);
        assert!(matches!(taken, Err(Error::UniqueViolation { .. })));
        assert!(matches!(rows?.len(), 2 | 1002));
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(db.select::<User>().count().await?, 1002);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_rolls_everything_back() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    tx.insert(user("a")).await?;
    tx.execute("PRAGMA defer_foreign_keys = ON").await?;
    tx.insert(Post::builder().user_id(User::key(99))).await?;
    let error = tx.commit().await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
    assert!(names(&db).await?.is_empty());
    assert_eq!(db.select::<Post>().count().await?, 0);
    assert!(matches!(db.insert(Post::builder().user_id(User::key(99))).await, Err(Error::ForeignKeyViolation { .. })));
    db.insert(user("a")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_over_a_session_serve_both() -> sqliter::Result<()> {
    async fn add(session: &Session, name: &str) -> sqliter::Result<usize> {
        session.insert(user(name)).await?;
        Ok(names(session).await?.len())
    }
    let db = open().await?;
    assert_eq!(add(&db, "a").await?, 1);
    assert_eq!(db.try_transaction(async |tx| add(tx, "b").await).await?, 2);
    let tx = db.begin().await?;
    assert_eq!(add(&tx, "c").await?, 3);
    drop(tx);
    assert_eq!(names(&db).await?, ["a", "b"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cloned_from_a_transaction_ends_with_it() -> sqliter::Result<()> {
    let db = Db::options().busy_timeout(std::time::Duration::from_millis(200)).open().await?;
    db.create_table::<User>().await?;
    for commit in [true, false] {
        let tx = db.begin().await?;
        let kept: Session = (*tx).clone();
        kept.insert(user(if commit { "committed" } else { "dropped" })).await?;
        if commit {
            tx.commit().await?;
        } else {
            drop(tx);
        }
        // The clone keeps neither the transaction nor the connection.
        db.insert(user(if commit { "next" } else { "last" })).await?;
        assert!(matches!(kept.insert(user("late")).await, Err(Error::TransactionEnded)));
    }
    assert_eq!(names(&db).await?, ["committed", "next", "last"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_a_transaction_everything_is_committed_at_once() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("committed.db");
    let db = Db::open(&path).await?;
    let other = rusqlite::Connection::open(&path).unwrap();
    let found = |sql: &str| other.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    db.create_table::<User>().await?;
    let mut a = db.insert(user("a")).await?;
    assert_eq!(found("SELECT count(*) FROM users WHERE name = 'a'"), 1);
    db.create_table::<Post>().await?;
    assert_eq!(found("SELECT count(*) FROM posts"), 0);
    db.bulk_insert([user("b"), user("c")]).await?;
    assert_eq!(found("SELECT count(*) FROM users"), 3);
    a.name = "A".to_owned();
    db.update(&mut a).await?;
    assert_eq!(found("SELECT count(*) FROM users WHERE name = 'A'"), 1);
    db.select::<User>().filter(|u| u.name.ne("A")).update(|u| u.name.set(u.name.upper())).await?;
    assert_eq!(found("SELECT count(*) FROM users WHERE name IN ('A', 'B', 'C')"), 3);
    db.delete(&a).await?;
    db.select::<User>().filter(|u| u.name.eq("B")).delete().await?;
    assert_eq!(found("SELECT count(*) FROM users"), 1);
    db.execute("DELETE FROM users").await?;
    assert_eq!(found("SELECT count(*) FROM users"), 0);
    db.drop_table::<Post>().await?;
    assert_eq!(found("SELECT count(*) FROM sqlite_schema WHERE name = 'posts'"), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_leaves_the_rows_in_hand_as_they_are() -> sqliter::Result<()> {
    let db = open().await?;
    let mut a = db.insert(user("a")).await?;
    let tx = db.begin().await?;
    a.name = "changed".to_owned();
    tx.update(&mut a).await?;
    let b = tx.insert(user("b")).await?;
    tx.rollback().await?;
    assert_eq!((a.name.as_str(), b.pk), ("changed", User::key(2)));
    assert_eq!(db.get(&a).await?.map(|a| a.name).as_deref(), Some("a"), "reading a row anew tells what is stored");
    assert_eq!(db.get(&b).await?, None);
    Ok(())
}
