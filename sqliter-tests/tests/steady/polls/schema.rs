//! A schema with many tables, which another program has changed.

use std::time::Duration;

use sqliter::prelude::*;

use super::{BRIEF, Doc, Entry, assert_below, doc, kept_for};
use crate::load;

/// SQLite reads the whole schema anew for the next statement.
#[test]
fn a_large_schema_is_read_on_another_thread() {
    const TABLES: usize = 4_000;
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let path = folder.path().join("a.db");
            let db = Db::options().path(&path).max_readers(1).open().await.unwrap();
            db.create_tables::<(Doc, Entry)>().await.unwrap();
            let mut other = rusqlite::Connection::open(&path).unwrap();
            other.busy_timeout(Duration::from_secs(10)).unwrap();
            let all = other.transaction().unwrap();
            for number in 0..TABLES {
                let table =
                    format!("CREATE TABLE t{number} (id INTEGER PRIMARY KEY, a TEXT, b TEXT CHECK (b <> ''), c INT)");
                all.execute(&table, []).unwrap();
            }
            all.commit().unwrap();
            let mut changes = 0;
            let mut change = || {
                changes += 1;
                other.execute(&format!("CREATE TABLE other_{changes} (a)"), []).unwrap();
            };
            let entry = db.insert(Entry::builder().number(0)).await.unwrap();
            macro_rules! turns {
                ($what:expr, $work:expr) => {
                    assert_below(BRIEF, $what, async || {
                        change();
                        kept_for($work).await
                    })
                    .await;
                };
            }
            turns!("an insert", db.insert(Entry::builder().number(1)));
            turns!("a get", db.get(entry.pk));
            turns!("a filter", db.select::<Entry>().filter(|e| e.number.eq(1)).fetch_all());
            turns!("an update", db.select::<Entry>().filter(|e| e.number.eq(1)).update(|e| e.number.set(1)));
            turns!("SQL", db.query::<i64>("SELECT number FROM entries").fetch_all());
            turns!("a snapshot", db.begin_read());
            turns!("a transaction", db.begin());
            macro_rules! inside {
                ($what:expr, |$tx:ident| $work:expr) => {
                    assert_below(BRIEF, $what, async || {
                        change();
                        let $tx = db.begin().await.unwrap();
                        let kept = kept_for($work).await;
                        $tx.commit().await.unwrap();
                        kept
                    })
                    .await;
                };
            }
            inside!("an insert in a transaction", |tx| tx.insert(Entry::builder().number(1)));
            inside!("an insert of another model", |tx| tx.insert(doc(1, 1)));
            inside!("a get in a transaction", |tx| tx.get(entry.pk));
        });
    }
}
