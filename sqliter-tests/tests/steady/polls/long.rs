//! Long statements, and locks.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::sqlx;

use super::{Doc, Entry, NewEntry, SHORT, assert_below, doc, everywhere, kept_for, longest_poll, measured};

const FILL: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 400000) \
                    INSERT INTO docs (body, title) SELECT x'01', 'a document ' || x FROM n";

/// A transaction of the pool locks a database in memory, and the writer of a file.
#[test]
fn locks_are_waited_for_on_other_threads() {
    everywhere(async |db| {
        let key = db.insert(doc(10, 0)).await.unwrap().pk;
        db.get(key).await.unwrap();
        let pool = db.pool();
        let turn = async || {
            let mut held = pool.begin().await.unwrap();
            sqlx::query("UPDATE docs SET title = 'x'").execute(&mut *held).await.unwrap();
            let beside = async {
                let read = kept_for(db.get(key)).await;
                let written = kept_for(db.insert(doc(1, 0))).await;
                let (begun, at_begin) = longest_poll(db.begin()).await;
                begun.unwrap().rollback().await.unwrap();
                read.max(written).max(at_begin)
            };
            let release = async {
                tokio::time::sleep(Duration::from_millis(150)).await;
                held.commit().await.unwrap();
            };
            tokio::join!(beside, release).0
        };
        assert_below(Duration::from_millis(50), "locks", turn).await;
    });
}

/// What is read for the first time, by a statement that nobody knows, is stopped and runs anew on another thread.
#[test]
fn long_statements_run_on_other_threads_from_the_first_time_on() {
    everywhere(async |db| {
        db.execute(FILL).await.unwrap();
        let mut limit = 5;
        let unknown = async || {
            limit += 1;
            kept_for(db.select::<Doc>().filter(|d| d.title.contains("nothing")).limit(limit).fetch_all()).await
        };
        assert_below(SHORT, "a filter", unknown).await;
        fn none(session: &Session) -> sqliter::Select<'_, Doc> {
            session.select::<Doc>().filter(|d| d.title.contains("nothing"))
        }
        assert_below(SHORT, "an update", async || kept_for(none(&db).update(|d| d.title.set(""))).await).await;
        let tx = db.begin().await.unwrap();
        assert_below(SHORT, "an update inside", async || kept_for(none(&tx).update(|d| d.title.set(""))).await).await;
        tx.rollback().await.unwrap();
        let commit = async || {
            let tx = db.begin().await.unwrap();
            tx.bulk_insert((0..40_000).map(|_| doc(10, 0))).await.unwrap();
            kept_for(tx.commit()).await
        };
        assert_below(SHORT, "a commit", commit).await;
        let before = db.select::<Doc>().count().await.unwrap();
        let rollback = async || {
            let tx = db.begin().await.unwrap();
            tx.bulk_insert((0..40_000).map(|_| doc(10, 0))).await.unwrap();
            measured(|| drop(tx)).1
        };
        assert_below(SHORT, "a rollback", rollback).await;
        assert_eq!(db.select::<Doc>().count().await.unwrap(), before);
    });
}

/// Undoing what a transaction inside another one has done takes its time.
#[test]
fn a_large_inner_transaction_is_undone_on_another_thread() {
    everywhere(async |db| {
        let small = db.insert(doc(10, 0)).await.unwrap().pk;
        let tx = db.begin().await.unwrap();
        let undone = async || {
            let inner = tx.begin().await.unwrap();
            inner.execute(FILL).await.unwrap();
            kept_for(inner.rollback()).await
        };
        assert_below(SHORT, "a rollback", undone).await;
        let dropped = async || {
            let inner = tx.begin().await.unwrap();
            inner.execute(FILL).await.unwrap();
            drop(inner);
            kept_for(tx.get(small)).await
        };
        assert_below(SHORT, "what comes after it", dropped).await;
        tx.commit().await.unwrap();
        assert_eq!(db.select::<Doc>().count().await.unwrap(), 1);
    });
}

/// A statement that writes alone may be stopped when it has been committed already. It is done once all the same.
#[test]
fn a_lone_write_is_done_once_whenever_its_budget_ends() {
    everywhere(async |db| {
        db.bulk_insert((0..600).map(|_| NewEntry { number: 0 })).await.unwrap();
        // From few rows, done within the budget, to more than it is enough for.
        let mut expected = 0;
        for turn in 0..1_500_i64 {
            let most = turn % 600 + 1;
            let rows = db.select::<Entry>().filter(|e| e.pk.le(Entry::key(most)));
            assert_eq!(rows.update(|e| e.number.add(1)).await.unwrap(), most as u64);
            expected += most;
        }
        let sum = db.query::<i64>("SELECT sum(number) FROM entries").fetch_required().await.unwrap();
        assert_eq!(sum, expected);
    });
}
