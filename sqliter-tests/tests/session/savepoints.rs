//! Transactions inside transactions.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    #[model(unique)]
    name: String,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_table::<User>().await?;
    Ok(db)
}

fn user(name: &str) -> NewUser {
    NewUser { name: name.to_owned() }
}

async fn names(session: &Session) -> sqliter::Result<Vec<String>> {
    session.select::<User>().order(|u| u.pk.asc()).only(|u| u.name).fetch_all().await
}

/// An error of the test's own.
#[derive(Debug)]
struct Stop;

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        panic!("{error:?}")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inner_commit_is_part_of_the_outer_transaction() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| {
        tx.insert(user("outer")).await?;
        tx.try_transaction(async |inner| inner.insert(user("inner")).await).await?;
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(names(&db).await?, ["outer", "inner"]);
    // A later failure outside undoes the inner work as well.
    let failed = db
        .try_transaction(async |tx| {
            tx.try_transaction(async |inner| inner.insert(user("lost")).await).await?;
            assert_eq!(names(tx).await?, ["outer", "inner", "lost"]);
            Err::<(), _>(Stop)
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(names(&db).await?, ["outer", "inner"]);
    Ok(())
}

async fn caught_failure() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| {
        tx.insert(user("before")).await?;
        let inner = tx
            .try_transaction(async |inner| {
                inner.insert(user("undone")).await?;
                Err::<(), _>(Stop)
            })
            .await;
        assert!(inner.is_err());
        assert_eq!(names(tx).await?, ["before"]);
        tx.insert(user("after")).await?;
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(names(&db).await?, ["before", "after"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caught_inner_failure_keeps_the_work_of_the_outer() -> sqliter::Result<()> {
    caught_failure().await
}

#[tokio::test]
async fn the_same_on_a_current_thread_runtime() -> sqliter::Result<()> {
    caught_failure().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_combination_of_three_levels() -> sqliter::Result<()> {
    // Each level inserts a row, runs the next level and ends as its flag says.
    for bits in 0..8_u8 {
        let kept = |level: u8| bits & (1 << level) == 0;
        let db = open().await?;
        let ended = |level: u8| if kept(level) { Ok(()) } else { Err(Stop) };
        let outcome = db
            .try_transaction(async |first| {
                first.insert(user("1")).await?;
                let second = first
                    .try_transaction(async |second| {
                        second.insert(user("2")).await?;
                        let third = second
                            .try_transaction(async |third| {
                                third.insert(user("3")).await?;
                                assert_eq!(names(third).await?, ["1", "2", "3"]);
                                ended(2)
                            })
                            .await;
                        assert_eq!(third.is_ok(), kept(2));
                        second.insert(user("2 again")).await?;
                        ended(1)
                    })
                    .await;
                assert_eq!(second.is_ok(), kept(1));
                first.insert(user("1 again")).await?;
                ended(0)
            })
            .await;
        assert_eq!(outcome.is_ok(), kept(0));
        let mut expected = Vec::new();
        if kept(0) {
            expected.push("1");
            if kept(1) {
                expected.push("2");
                if kept(2) {
                    expected.push("3");
                }
                expected.push("2 again");
            }
            expected.push("1 again");
        }
        assert_eq!(names(&db).await?, expected, "{bits:03b}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn begin_inside_a_transaction_commits_rolls_back_and_drops() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    let first = tx.begin().await?;
    assert!(first.in_transaction());
    first.insert(user("committed")).await?;
    first.commit().await?;
    let second = tx.begin().await?;
    second.insert(user("rolled back")).await?;
    second.rollback().await?;
    assert_eq!(names(&tx).await?, ["committed"]);
    let third = tx.begin().await?;
    third.insert(user("dropped")).await?;
    let fourth = third.begin().await?;
    fourth.insert(user("dropped deeper")).await?;
    drop(fourth);
    drop(third);
    tx.insert(user("kept")).await?;
    tx.commit().await?;
    assert_eq!(names(&db).await?, ["committed", "kept"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_inner_transaction_is_undone_by_the_commit_that_follows() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    tx.insert(user("outer")).await?;
    let inner = tx.begin().await?;
    inner.insert(user("dropped")).await?;
    drop(inner);
    // Nothing runs between the drop and the commit.
    tx.commit().await?;
    assert_eq!(names(&db).await?, ["outer"]);
    let tx = db.begin().await?;
    let inner = tx.begin().await?;
    inner.insert(user("kept")).await?;
    let deeper = inner.begin().await?;
    deeper.insert(user("dropped")).await?;
    drop(deeper);
    inner.commit().await?;
    tx.commit().await?;
    assert_eq!(names(&db).await?, ["outer", "kept"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inner_panic_that_is_caught_undoes_the_inner_work() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = std::sync::Arc::new(db.begin().await?);
    tx.insert(user("outer")).await?;
    let shared = std::sync::Arc::clone(&tx);
    let task = tokio::spawn(async move {
        let inner = shared.begin().await.unwrap();
        inner.insert(user("inner")).await.unwrap();
        panic!("on purpose");
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(names(&tx).await?, ["outer"]);
    let tx = std::sync::Arc::into_inner(tx).unwrap();
    tx.commit().await?;
    assert_eq!(names(&db).await?, ["outer"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn inner_transactions_started_at_once_follow_each_other() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| {
        let part = async |name: &str, keep: bool| {
            tx.try_transaction(async |inner| {
                inner.insert(user(name)).await?;
                tokio::task::yield_now().await;
                inner.insert(user(&format!("{name} again"))).await?;
                if keep { Ok(()) } else { Err(Stop) }
            })
            .await
        };
        let (a, b, c) = tokio::join!(part("a", true), part("b", false), part("c", true));
        assert!(a.is_ok() && b.is_err() && c.is_ok());
        Ok::<_, Error>(())
    })
    .await?;
    let mut names = names(&db).await?;
    names.sort();
    assert_eq!(names, ["a", "a again", "c", "c again"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inner_transaction_that_outlives_the_outer_is_refused() -> sqliter::Result<()> {
    let db = open().await?;
    let tx = db.begin().await?;
    let inner = tx.begin().await?;
    inner.insert(user("a")).await?;
    tx.rollback().await?;
    assert!(matches!(inner.insert(user("b")).await, Err(Error::TransactionEnded)));
    assert!(matches!(inner.commit().await, Err(Error::TransactionEnded)));
    assert!(names(&db).await?.is_empty());
    db.insert(user("c")).await?;
    Ok(())
}

/// Waits only briefly for what does not end.
async fn impatient() -> sqliter::Result<Db> {
    let db = Db::options().queue_timeout(std::time::Duration::from_millis(50)).open().await?;
    db.create_table::<User>().await?;
    Ok(db)
}

#[tokio::test(flavor = "multi_thread")]
async fn work_of_the_outer_beside_an_open_inner_is_refused_not_lost() -> sqliter::Result<()> {
    let db = impatient().await?;
    let tx = db.begin().await?;
    let inner = tx.begin().await?;
    inner.insert(user("inner")).await?;
    // Run at once, it would be undone by the rollback of the inner transaction.
    let refused = tx.insert(user("outer")).await.unwrap_err();
    assert!(matches!(&refused, Error::QueueTimeout { table, .. } if table == "users"), "{refused:?}");
    let refused = tx.begin().await.unwrap_err();
    assert!(matches!(&refused, Error::QueueTimeout { .. }), "{refused:?}");
    inner.rollback().await?;
    tx.insert(user("outer")).await?;
    tx.commit().await?;
    assert_eq!(names(&db).await?, ["outer"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn work_of_the_outer_waits_for_an_inner_that_ends() -> sqliter::Result<()> {
    let db = open().await?;
    db.try_transaction(async |tx| {
        let inner = tx.try_transaction(async |inner| {
            inner.insert(user("inner")).await?;
            tokio::task::yield_now().await;
            Err::<(), _>(Stop)
        });
        let (inner, outer) = tokio::join!(inner, tx.insert(user("outer")));
        assert!(inner.is_err());
        outer
    })
    .await?;
    assert_eq!(names(&db).await?, ["outer"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inner_transaction_open_at_the_commit_of_the_outer_is_not_committed() -> sqliter::Result<()> {
    let db = impatient().await?;
    let tx = db.begin().await?;
    tx.insert(user("outer")).await?;
    let inner = tx.begin().await?;
    inner.insert(user("never committed")).await?;
    let refused = tx.commit().await.unwrap_err();
    assert!(matches!(&refused, Error::QueueTimeout { table, .. } if table == "COMMIT"), "{refused:?}");
    drop(inner);
    assert!(names(&db).await?.is_empty());
    db.insert(user("next")).await?;
    Ok(())
}
