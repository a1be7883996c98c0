//! Large values.

use super::{BRIEF, Doc, SHORT, assert_below, doc, everywhere, kept_for, longest_poll};

const LARGE: usize = 64 << 20;

#[test]
fn large_values_are_read_and_written_on_other_threads() {
    everywhere(async |db| {
        let small = db.insert(doc(10, 0)).await.unwrap().pk;
        // Two large values in one row, of which each is beyond the limit, and many rows that are not.
        let large = db.insert(doc(LARGE, 0)).await.unwrap().pk;
        db.bulk_insert((0..64).map(|_| doc(60_000, 60_000))).await.unwrap();
        for _ in 0..30 {
            // All of them are known to be short.
            db.get(small).await.unwrap();
            db.select::<Doc>().filter(|d| d.pk.eq(small)).fetch_one().await.unwrap();
        }
        let docs = || db.select::<Doc>();
        assert_below(SHORT, "a get", async || kept_for(db.get(large)).await).await;
        assert_below(SHORT, "a filter", async || kept_for(docs().filter(|d| d.pk.eq(large)).fetch_one()).await).await;
        let many = async || kept_for(docs().filter(|d| d.more.is_not_null()).fetch_all()).await;
        assert_below(SHORT, "many rows", many).await;
        assert_below(SHORT, "an insert", async || kept_for(db.insert(doc(LARGE / 4, 0))).await).await;
        let tx = db.begin().await.unwrap();
        assert_below(SHORT, "a get in a transaction", async || kept_for(tx.get(large)).await).await;
        let insert = async || kept_for(tx.insert(doc(LARGE / 4, 0))).await;
        assert_below(SHORT, "an insert in a transaction", insert).await;
        drop(tx);
        assert_eq!(db.get(large).await.unwrap().unwrap().body.len(), LARGE);
    });
}

/// In such a schema SQLite has no limit of its own, as virtual tables do not bear it.
#[test]
fn large_values_are_written_on_other_threads_beside_a_virtual_table() {
    everywhere(async |db| {
        db.execute("CREATE VIRTUAL TABLE found USING fts5(body)").await.unwrap();
        // What is known of the schema is known.
        let mut small = db.insert(doc(10, 0)).await.unwrap();
        db.update(&mut small).await.unwrap();
        assert_below(SHORT, "an insert", async || kept_for(db.insert(doc(LARGE / 4, 0))).await).await;
        let mut rows = [small.clone(), small.clone()];
        rows[0].body = vec![7; LARGE / 4];
        assert_below(SHORT, "an update", async || kept_for(db.update(&mut rows[0])).await).await;
        let by_filter = || db.select::<Doc>().filter(|d| d.pk.eq(rows[1].pk));
        let update = async || kept_for(by_filter().update(|d| d.body.set(vec![8; LARGE / 4]))).await;
        assert_below(SHORT, "an update by a filter", update).await;
        let inside = async || {
            let tx = db.begin().await.unwrap();
            let kept = kept_for(tx.insert(doc(LARGE / 4, 0))).await;
            tx.commit().await.unwrap();
            kept
        };
        assert_below(SHORT, "an insert in a transaction", inside).await;
        assert_eq!(db.get(small.pk).await.unwrap().unwrap().body.len(), LARGE / 4);
    });
}

/// SQLite frees the pages of a value in one step.
#[test]
fn rows_that_have_a_large_value_are_changed_and_deleted_on_other_threads() {
    everywhere(async |db| {
        let small = db.insert(doc(10, 0)).await.unwrap().pk;
        for is_inside in [false, true] {
            // Without the large value, which the row in the database has.
            let large = async || {
                let Doc { pk, title, .. } = db.insert(doc(LARGE, 0)).await.unwrap();
                Doc { pk, body: Vec::new(), more: None, title }
            };
            let what = |what: &str| format!("{what}{}", if is_inside { " in a transaction" } else { "" });
            // The schema is known, and that these statements are short.
            let mut row = db.get(small).await.unwrap().unwrap();
            db.update(&mut row).await.unwrap();
            macro_rules! turns {
                ($what:expr, |$session:ident, $row:ident| $work:expr) => {
                    assert_below(BRIEF, &what($what), async || {
                        #[allow(unused_mut, reason = "some of them only read it")]
                        let mut $row = large().await;
                        if is_inside {
                            let $session = db.begin().await.unwrap();
                            let kept = kept_for($work).await;
                            $session.commit().await.unwrap();
                            kept
                        } else {
                            let $session = &db;
                            kept_for($work).await
                        }
                    })
                    .await;
                };
            }
            turns!("a delete", |session, row| session.delete(&row));
            turns!("a delete by a filter", |session, row| session.select::<Doc>().filter(|d| d.pk.eq(row.pk)).delete());
            turns!("an update by a filter", |session, row| {
                session.select::<Doc>().filter(|d| d.pk.eq(row.pk)).update(|d| d.body.set(vec![1]))
            });
            turns!("an update", |session, row| session.update(&mut row));
            turns!("an update of two", |session, row| async {
                let mut rows = [row, session.get(small).await.unwrap().unwrap()];
                session.bulk_update(&mut rows).await
            });
        }
        assert!(db.get(small).await.unwrap().is_some());
    });
}

/// What is written is copied for the thread that writes it, as it belongs to the caller.
#[test]
fn a_large_value_that_is_lent_is_copied_in_pieces() {
    everywhere(async |db| {
        let mut rows = db.bulk_insert([doc(10, 0), doc(20, 0)]).await.unwrap();
        rows[0].body = vec![7; LARGE];
        rows[1].more = Some("é".repeat(LARGE / 4));
        let mut first = rows[0].clone();
        assert_below(BRIEF, "one", async || kept_for(db.update(&mut first)).await).await;
        assert_below(BRIEF, "several", async || kept_for(db.bulk_update(&mut rows)).await).await;
        let tx = db.begin().await.unwrap();
        assert_below(BRIEF, "one in a transaction", async || kept_for(tx.update(&mut rows[1])).await).await;
        tx.commit().await.unwrap();
        assert!(db.select::<Doc>().fetch_all().await.unwrap() == rows);
    });
}

/// Few rows may be large together, and a regular expression may be large once it is compiled.
#[test]
fn large_bulks_and_large_patterns_run_on_another_thread() {
    everywhere(async |db| {
        db.insert(doc(10, 0)).await.unwrap();
        let rows = || (0..64).map(|_| doc(60_000, 0));
        assert_below(BRIEF, "a bulk", async || kept_for(db.bulk_insert(rows())).await).await;
        let inside = async || {
            let tx = db.begin().await.unwrap();
            let kept = kept_for(tx.bulk_insert(rows())).await;
            tx.commit().await.unwrap();
            kept
        };
        assert_below(BRIEF, "a bulk in a transaction", inside).await;
        let mut round = 0;
        let pattern = async || {
            round += 1;
            let pattern = format!(r"(\w{{40}}){{2{round}}}");
            let matching = db.select::<Doc>().filter(|d| d.title.regex(pattern)).limit(1);
            let (found, longest) = longest_poll(matching.fetch_all()).await;
            let error = found.unwrap_err();
            assert!(error.to_string().contains("size limit"), "{error}");
            longest
        };
        assert_below(SHORT, "a pattern", pattern).await;
    });
}
