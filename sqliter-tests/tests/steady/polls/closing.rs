//! Closing, and what is dropped then.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::sqlx;

use super::{Doc, assert_below, doc, kept_for};
use crate::load;

const LARGE: usize = 64 << 20;

/// The last connection that is closed moves the log into the file, be it one of the library or of the pool.
#[test]
fn closing_with_a_long_log_keeps_no_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let options = Db::options().path(folder.path().join("a.db")).on_connect("PRAGMA wal_autocheckpoint = 0");
            let db = options.open().await.unwrap();
            db.create_table::<Doc>().await.unwrap();
            // Which of the threads is the last to let go of a connection is a matter of chance.
            for _ in 0..8 {
                let close = async || {
                    db.insert(doc(LARGE, 0)).await.unwrap();
                    db.select::<Doc>().delete().await.unwrap();
                    sqlx::query("UPDATE docs SET title = ''").execute(&db.pool()).await.unwrap();
                    let kept = kept_for(db.close()).await;
                    assert!(!folder.path().join("a.db-wal").exists());
                    kept
                };
                assert_below(Duration::from_millis(10), "closing", close).await;
            }
        });
    }
}
