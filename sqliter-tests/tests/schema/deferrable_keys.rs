//! Foreign keys that are looked at when the transaction ends.

use super::kept::sql;
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(lines = Line::order))]
struct Order {
    #[model(pk)]
    number: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Line {
    pk: Key<Line>,
    #[model(deferrable)]
    order_id: Key<Order>,
    #[model(deferrable, on_delete = cascade, on_update = restrict)]
    copy_of: Option<Key<Order>>,
}

async fn tables() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(Order, Line)>().await.unwrap();
    db
}

#[tokio::test]
async fn the_table_declares_them() {
    assert_eq!(
        sql(&tables().await, "lines").await,
        "CREATE TABLE \"lines\" (\"pk\" INTEGER PRIMARY KEY AUTOINCREMENT, \"order_id\" INTEGER NOT NULL, \
         \"copy_of\" INTEGER, FOREIGN KEY (\"order_id\") REFERENCES \"orders\"(\"number\") ON DELETE NO ACTION ON UPDATE \
         NO ACTION DEFERRABLE INITIALLY DEFERRED, FOREIGN KEY (\"copy_of\") REFERENCES \"orders\"(\"number\") ON DELETE \
         CASCADE ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED) STRICT"
    );
}

#[tokio::test]
async fn a_transaction_may_write_the_child_before_its_parent() {
    let db = tables().await;
    db.transaction(async |tx| {
        tx.insert(Line::builder().order_id(Order::key(7))).await?;
        tx.insert(Order::builder().number(7)).await?;
        Ok(())
    })
    .await
    .unwrap();
    db.transaction(async |tx| {
        tx.delete(Order::key(7)).await?;
        tx.insert(Order::builder().number(7)).await?;
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(db.select::<Line>().filter(|l| l.order.number.eq(7)).count().await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_still_broken_at_the_end_undoes_the_transaction() {
    let db = tables().await;
    let error = db
        .transaction(async |tx| {
            tx.insert(Line::builder().order_id(Order::key(8))).await?;
            Ok(())
        })
        .await
        .unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { .. }), "{error:?}");
    let error = db.insert(Line::builder().order_id(Order::key(9))).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { .. }), "{error:?}");
    assert_eq!(db.select::<Line>().count().await.unwrap(), 0);
    db.insert(Order::builder().number(1)).await.unwrap();
    db.insert(Line::builder().order_id(Order::key(1))).await.unwrap();
    let error = db.delete(Order::key(1)).await.unwrap_err();
    assert!(matches!(&error, Error::ForeignKeyViolation { .. }), "{error:?}");
    assert_eq!(db.select::<Order>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn writers_that_share_a_commit_each_get_their_own_answer() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("orders.db")).await.unwrap();
    db.create_tables::<(Order, Line)>().await.unwrap();
    db.insert(Order::builder().number(1)).await.unwrap();
    let tasks: Vec<_> = (0..40_i64)
        .map(|i| {
            let db = db.clone();
            tokio::spawn(async move { db.insert(Line::builder().order_id(Order::key(i % 2))).await })
        })
        .collect();
    for (i, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(_) => assert_eq!(i % 2, 1),
            Err(error) => {
                assert!(matches!(&error, Error::ForeignKeyViolation { .. }), "{error:?}");
                assert_eq!(i % 2, 0);
            }
        }
    }
    assert_eq!(db.select::<Line>().count().await.unwrap(), 20);
}
