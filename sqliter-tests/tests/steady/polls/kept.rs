//! Results that the cache keeps.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{CacheOptions, DbOptions};

use super::{BRIEF, Doc, Entry, assert_below, doc, kept_for, measured};
use crate::load;

const LARGE: usize = 64 << 20;

const FILL: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 200000) \
                    INSERT INTO entries (number) SELECT x FROM n";

/// Runs the test on either kind of runtime, with a file and in memory, and a cache of 200,000 rows and a large one.
fn with_cache(test: impl AsyncFn(Db, Doc)) {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for options in [Db::options().path(folder.path().join("a.db")), Db::options()] {
                let db = options.cache(CacheOptions::default().max_bytes(1 << 30)).open().await.unwrap();
                db.create_tables::<(Doc, Entry)>().await.unwrap();
                db.execute(FILL).await.unwrap();
                let large = db.insert(doc(LARGE, 0)).await.unwrap();
                test(db, large).await;
            }
        });
    }
}

/// What is kept has to be decoded for every use.
#[test]
fn large_results_come_from_the_cache_on_another_thread() {
    with_cache(async |db, large| {
        let all = || db.select::<Entry>().fetch_all();
        // None of what is measured reads the database.
        assert_eq!(all().await.unwrap().len(), 200_000);
        db.get(large.pk).await.unwrap();
        assert_below(BRIEF, "many rows", async || kept_for(all()).await).await;
        assert_below(BRIEF, "a large row", async || kept_for(db.get(large.pk)).await).await;
        assert_eq!(db.cache_stats().misses, 2);
        assert_eq!(all().await.unwrap().len(), 200_000);
        assert_eq!(db.get(large.pk).await.unwrap(), Some(large));
        // What is stale is not dropped on the way either.
        let stale = async || {
            db.insert(Entry::builder().number(0)).await.unwrap();
            kept_for(all()).await
        };
        assert_below(BRIEF, "many stale rows", stale).await;
    });
}

/// To drop it takes its time.
#[test]
fn what_the_cache_kept_is_dropped_on_another_thread() {
    with_cache(async |db, _| {
        let fill = async || assert!(db.select::<Entry>().fetch_all().await.unwrap().len() >= 200_000);
        let clear = async || {
            fill().await;
            let kept = measured(|| db.clear_cache()).1;
            assert_eq!((db.cache_stats().entries, db.cache_stats().bytes), (0, 0));
            kept
        };
        assert_below(BRIEF, "clearing the cache", clear).await;
        if !db.is_memory() {
            let close = async || {
                fill().await;
                kept_for(db.close()).await
            };
            assert_below(BRIEF, "closing", close).await;
        }
    });
}

#[test]
fn the_last_drop_leaves_what_the_cache_kept_to_another_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        let file = || Db::options().path(folder.path().join("a.db"));
        let options: [&dyn Fn() -> DbOptions; 2] = [&file, &Db::options];
        for options in options {
            let last_drop = async || {
                let db = options().cache(CacheOptions::default().max_bytes(1 << 30)).open().await.unwrap();
                db.create_tables::<(Entry,)>().await.unwrap();
                if db.select::<Entry>().count().await.unwrap() == 0 {
                    db.execute(FILL).await.unwrap();
                }
                assert_eq!(db.select::<Entry>().fetch_all().await.unwrap().len(), 200_000);
                measured(|| drop(db)).1
            };
            runtime.block_on(assert_below(Duration::from_millis(10), "the last drop", last_drop));
        }
    }
}
