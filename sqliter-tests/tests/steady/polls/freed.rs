//! Rows that have a large value, which goes with what is written: SQLite frees its pages in one step.

use sqliter::prelude::*;

use super::{BRIEF, assert_below, kept_for};
use crate::load;

const LARGE: usize = 32 << 20;

/// SQLite can write it over without reading it.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(patch)]
struct Text {
    pk: Key<Text>,
    body: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(readers = Reader, through = Reading), has_many(pages = Page::paper))]
struct Paper {
    pk: Key<Paper>,
    #[model(unique)]
    name: String,
    body: Vec<u8>,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

/// Has what SQLite computes.
#[derive(Debug, Clone, PartialEq, Model)]
struct Page {
    pk: Key<Page>,
    body: Vec<u8>,
    #[model(generated = "pk + 1")]
    next: i64,
    #[model(on_delete = cascade)]
    paper_id: Key<Paper>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Reader {
    pk: Key<Reader>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(paper_id, reader_id))]
struct Reading {
    pk: Key<Reading>,
    paper_id: Key<Paper>,
    reader_id: Key<Reader>,
    #[model(default = Vec::<u8>::new())]
    notes: Vec<u8>,
}

const NAME: &str = "a";

/// What gives back a row reads it as it was, and that finds a long value by itself: unless the schema has what does not bear the limit.
const NO_LIMIT: &str = "CREATE VIRTUAL TABLE words USING fts5(word)";

/// A paper with a large value in the database, but for this row of the program.
async fn large(db: &Db, pages: i64) -> Paper {
    db.select::<Reading>().delete().await.unwrap();
    db.select::<Paper>().with_deleted().delete_for_good().await.unwrap();
    let body = if pages == 0 { vec![1; LARGE] } else { Vec::new() };
    let paper = db.insert(Paper::builder().name(NAME).body(body)).await.unwrap();
    for _ in 0..pages {
        db.insert(Page::builder().body(vec![1; LARGE]).paper_id(&paper)).await.unwrap();
    }
    settled(db).await;
    Paper { body: Vec::new(), ..paper }
}

/// What is long is moved from the log into the file by a thread, which has the connection as long.
async fn settled(db: &Db) {
    db.begin().await.unwrap().commit().await.unwrap();
}

/// The work on a paper keeps its thread for a short time, alone and in a transaction.
async fn assert_brief(db: &Db, what: &str, pages: i64, work: impl AsyncFn(&Session, Paper) -> sqliter::Result<()>) {
    assert_below(BRIEF, what, async || {
        let paper = large(db, pages).await;
        kept_for(work(db, paper)).await
    })
    .await;
    assert_below(BRIEF, &format!("{what} in a transaction"), async || {
        let paper = large(db, pages).await;
        let tx = db.begin().await.unwrap();
        let kept = kept_for(work(&tx, paper)).await;
        tx.commit().await.unwrap();
        kept
    })
    .await;
}

/// With a file, which is written by one thread.
fn on_a_file(test: impl AsyncFn(Db)) {
    let folder = load::folder();
    load::one_thread().block_on(async {
        let db = Db::options().path(folder.path().join("a.db")).max_readers(1).open().await.unwrap();
        test(db).await;
    });
}

#[test]
fn what_is_written_over_is_freed_on_another_thread() {
    on_a_file(async |db| {
        db.create_tables::<(Text, Paper, Page, Reader, Reading)>().await.unwrap();
        db.execute(NO_LIMIT).await.unwrap();
        large(&db, 0).await;
        for is_inside in [false, true] {
            assert_below(BRIEF, "a patch", async || {
                let text = db.insert(Text::builder().body("x".repeat(LARGE))).await.unwrap();
                settled(&db).await;
                let patch = TextPatch { body: Some(String::new()) };
                if !is_inside {
                    return kept_for(db.patch(text.pk, patch)).await;
                }
                let tx = db.begin().await.unwrap();
                let kept = kept_for(tx.patch(text.pk, patch)).await;
                tx.commit().await.unwrap();
                kept
            })
            .await;
        }
        let draft = || Paper::builder().name(NAME).body(Vec::new());
        assert_brief(&db, "an upsert", 0, async |s, _| {
            s.upsert(draft(), |p| p.name).update(|p| p.body).await.map(drop)
        })
        .await;
        assert_brief(&db, "an update or insert", 0, async |s, _| {
            s.update_or_create(draft(), |p| p.name, |p| p.body).await.map(drop)
        })
        .await;
        assert_brief(&db, "a bulk of upserts", 0, async |s, _| {
            s.bulk_upsert([draft()], |p| p.name).update(|p| p.body).returning(|p| p.pk).fetch_all().await.map(drop)
        })
        .await;
        assert_brief(&db, "an update that gives back", 0, async |s, paper| {
            let rows = s.select::<Paper>().filter(|p| p.pk.eq(paper.pk)).update(|p| p.body.set(Vec::new()));
            rows.returning(|p| p.pk).fetch_all().await.map(drop)
        })
        .await;
        assert_brief(&db, "an update of what SQLite computes", 1, async |s, paper| {
            let pk = s.select::<Page>().only(|p| p.pk).fetch_required().await?;
            s.update(&mut Page { pk, body: Vec::new(), next: 0, paper_id: paper.pk }).await
        })
        .await;
    });
}

#[test]
fn what_is_deleted_is_freed_on_another_thread() {
    on_a_file(async |db| {
        db.create_tables::<(Paper, Page, Reader, Reading)>().await.unwrap();
        db.execute(NO_LIMIT).await.unwrap();
        let reader = db.insert(Reader::builder().name("Ada")).await.unwrap();
        large(&db, 0).await;
        assert_brief(&db, "a deletion", 0, async |s, paper| s.delete_for_good(paper.pk).await).await;
        assert_brief(&db, "a deletion that gives back", 0, async |s, paper| {
            s.delete_for_good(paper.pk).returning(|p| p.name).fetch_all().await.map(drop)
        })
        .await;
        assert_brief(&db, "a deletion that gives back by a filter", 0, async |s, paper| {
            let rows = s.select::<Paper>().filter(|p| p.pk.eq(paper.pk)).delete_for_good();
            rows.returning(|p| p.name).fetch_all().await.map(drop)
        })
        .await;
        // The row is short, and others go with it.
        assert_brief(&db, "a deletion that cascades", 2, async |s, paper| s.delete_for_good(paper.pk).await).await;
        assert_brief(&db, "a deletion that cascades by a filter", 2, async |s, paper| {
            s.select::<Paper>().filter(|p| p.pk.eq(paper.pk)).delete_for_good().await.map(drop)
        })
        .await;
        let read = async |paper: &Paper| {
            paper.readers(&db).add_with(&reader, |r| r.notes.given(vec![1; LARGE])).await.unwrap();
        };
        assert_below(BRIEF, "the end of a pair", async || {
            let paper = large(&db, 0).await;
            read(&paper).await;
            kept_for(paper.readers(&db).remove(&reader)).await
        })
        .await;
    });
}

/// A conflict clause of the schema deletes what is in the way.
#[test]
fn what_is_replaced_is_freed_on_another_thread() {
    on_a_file(async |db| {
        let tables = [
            "CREATE TABLE papers (pk INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE ON CONFLICT REPLACE, \
             body BLOB NOT NULL, deleted_at INTEGER) STRICT",
            "CREATE TABLE readings (pk INTEGER PRIMARY KEY, paper_id INTEGER, reader_id INTEGER, notes BLOB) STRICT",
        ];
        for table in tables {
            db.execute(table).await.unwrap();
        }
        large(&db, 0).await;
        assert_brief(&db, "an insert", 0, async |s, _| {
            s.insert(Paper::builder().name(NAME).body(Vec::new())).await.map(drop)
        })
        .await;
    });
}
