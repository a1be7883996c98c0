//! What is given up while it waits holds nothing, and is in nobody's way.

use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqliter::prelude::*;
use sqliter::{Json, Session};

use crate::load;
use crate::polls::{BRIEF, assert_below, kept_for};

/// How many values there are.
static LIVE: AtomicI64 = AtomicI64::new(0);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
struct Counted(i64);

impl From<i64> for Counted {
    fn from(number: i64) -> Self {
        LIVE.fetch_add(1, Ordering::SeqCst);
        Self(number)
    }
}

impl From<Counted> for i64 {
    fn from(counted: Counted) -> Self {
        counted.0
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::from(self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    value: Json<Counted>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Small {
    pk: Key<Small>,
    number: i64,
}

/// Polls a future once, as a time limit does that is over, and drops it.
async fn polled_once<T>(work: impl IntoFuture<Output = T>) {
    // Else Tokio makes the most of them wait before they have asked for anything.
    let mut work = pin!(tokio::task::unconstrained(work.into_future()));
    std::future::poll_fn(|cx| {
        assert!(work.as_mut().poll(cx).is_pending(), "it has to wait");
        Poll::Ready(())
    })
    .await;
}

async fn databases(folder: &tempfile::TempDir) -> [Db; 2] {
    let databases =
        [Db::options().path(folder.path().join("a.db")).open().await.unwrap(), Db::options().open().await.unwrap()];
    for db in &databases {
        db.create_tables::<(Item, Small)>().await.unwrap();
    }
    databases
}

async fn insert_given_up(session: &Session, number: i64) {
    let new = NewItem { value: Json(Counted::from(number)) };
    // A statement of another task does not stand inside of the transaction.
    polled_once(session.insert(new)).await;
}

#[test]
fn what_is_given_up_while_it_waits_lets_go_of_its_values_at_once() {
    let folder = load::folder();
    load::one_thread().block_on(async {
        for db in databases(&folder).await {
            let tx = db.begin().await.unwrap();
            for number in 0..100 {
                insert_given_up(&db, number).await;
                polled_once(db.begin()).await;
                assert_eq!(LIVE.load(Ordering::SeqCst), 0);
            }
            tx.insert(Small::builder().number(1)).await.unwrap();
            tx.commit().await.unwrap();
            // The same behind a stream of a transaction.
            db.bulk_insert((0..2_000).map(|number| Small::builder().number(number))).await.unwrap();
            let tx = db.begin().await.unwrap();
            let mut stream = tx.select::<Small>().fetch_stream();
            stream.next().await.unwrap().unwrap();
            for number in 0..100 {
                insert_given_up(&tx, number).await;
                assert_eq!(LIVE.load(Ordering::SeqCst), 0);
            }
            drop(stream);
            tx.commit().await.unwrap();
            assert_eq!(db.select::<Item>().count().await.unwrap(), 0);
            load::assert_all_lanes_free::<Small>(&db, "after all").await;
        }
    });
}

#[test]
fn whoever_comes_after_much_that_was_given_up_is_not_kept() {
    const MANY: i64 = 100_000;
    let folder = load::folder();
    load::one_thread().block_on(async {
        for db in databases(&folder).await {
            let commit = async || {
                let tx = db.begin().await.unwrap();
                for number in 0..MANY {
                    polled_once(db.insert(Small::builder().number(number))).await;
                }
                kept_for(tx.commit()).await
            };
            assert_below(BRIEF, "a commit", commit).await;
            assert_eq!(db.select::<Small>().count().await.unwrap(), 0);
        }
    });
}
