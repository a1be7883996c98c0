//! What the library gives to the tests of programs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::testing::{FullScan, Template, assert_migrations, created, deny_full_scans, migrated};
use sqliter::{Migration, Migrations};

use crate::share::{count, files, folder, recorded};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

type All = (Author, Book, Tag);

async fn ddl() -> String {
    let db = Db::memory().await.unwrap();
    db.create_tables::<All>().to_sql().unwrap().join(";\n")
}

#[tokio::test]
async fn migrated_databases_are_apart_and_the_migrations_run_once() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let all = || {
        Migrations::from(files(&["CREATE TABLE a (b)"])).with(Migration::rust(2, "rows", async |tx| {
            RUNS.fetch_add(1, Ordering::Relaxed);
            tx.execute("INSERT INTO a VALUES (1)").await.map(drop)
        }))
    };
    let (one, other) = (migrated(all()).await.unwrap(), migrated(all()).await.unwrap());
    one.execute("INSERT INTO a VALUES (2)").await.unwrap();
    assert_eq!((count(&one, "a").await, count(&other, "a").await), (2, 1));
    assert_eq!(recorded(&one).await, [1, 2]);
    assert!(one.migrate(all()).await.unwrap().is_empty());
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    let others = migrated(files(&["CREATE TABLE a (b)", "CREATE TABLE c (d)"])).await.unwrap();
    assert_eq!((count(&others, "a").await, count(&others, "c").await), (0, 0));
    // The pool is on the same database.
    let in_pool: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM a").fetch_one(&one.pool()).await.unwrap();
    assert_eq!(in_pool, 2);
}

#[tokio::test]
async fn a_database_with_the_tables_of_models_is_there_in_no_time() {
    const ROUNDS: u32 = 200;
    created::<All>().await.unwrap();
    let mut times = [Duration::ZERO; 2];
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let db = created::<All>().await.unwrap();
        times[0] += begun.elapsed();
        db.insert(Author::builder().name("Ada")).await.unwrap();
        assert_eq!(db.select::<Author>().count().await.unwrap(), 1);
        let begun = Instant::now();
        let db = Db::memory().await.unwrap();
        times[1] += begun.elapsed();
        drop(db);
    }
    println!("{:?} for a database with tables, {:?} for one without", times[0] / ROUNDS, times[1] / ROUNDS);
}

#[tokio::test]
async fn a_template_gives_databases_with_its_rows() {
    let template = Template::new(async |db| {
        db.create_tables::<All>().await?;
        let ada = db.insert(Author::builder().name("Ada")).await?;
        db.bulk_insert((0..500).map(|i| Book::builder().title(format!("{i:0>100}")).pages(i).author_id(&ada)))
            .await
            .map(drop)
    })
    .await
    .unwrap();
    let folder = folder();
    let path = folder.path().join("a.db");
    let old = Db::open(&path).await.unwrap();
    old.create_table::<Tag>().await.unwrap();
    old.close().await.unwrap();
    let in_file = template.open_with(Db::options().path(&path)).await.unwrap();
    for db in [template.open().await.unwrap(), in_file] {
        assert_eq!(db.select::<Book>().count().await.unwrap(), 500);
        db.require_schema::<All>().await.unwrap();
        db.select::<Book>().delete().await.unwrap();
    }
    assert_eq!(template.open().await.unwrap().select::<Book>().count().await.unwrap(), 500);
}

#[tokio::test]
async fn migrations_that_lead_to_the_models_are_accepted() {
    let tables = ddl().await;
    assert_migrations::<All>(files(&[&tables, "CREATE TABLE of_others (a)"])).await;
}

#[tokio::test]
#[should_panic(expected = "the migrations do not lead to the models:\nbooks.pages: the column is missing")]
async fn migrations_that_do_not_lead_to_the_models_are_told() {
    let tables = ddl().await;
    assert_migrations::<All>(files(&[&tables, "ALTER TABLE books DROP COLUMN pages"])).await;
}

#[tokio::test]
#[should_panic(expected = "the migrations cannot be compared with the models: migration 1 (first) failed at line 1")]
async fn migrations_that_fail_are_told() {
    assert_migrations::<All>(files(&["nonsense"])).await;
}

async fn library() -> Db {
    let db = created::<All>().await.unwrap();
    let ada = db.insert(Author::builder().name("Ada")).await.unwrap();
    db.bulk_insert((0..100).map(|i| Author::builder().name(format!("author {i}")))).await.unwrap();
    db.bulk_insert((0..100).map(|i| Book::builder().title(format!("book {i}")).pages(i).author_id(&ada)))
        .await
        .unwrap();
    db
}

/// The indexes that were found to serve.
fn indexes(found: &[FullScan]) -> Vec<&str> {
    found.iter().map(|scan| scan.index.as_str()).collect()
}

#[tokio::test]
#[should_panic(
    expected = "queries read whole tables where an index would serve:\n\n    SELECT \"pk\", \"name\" FROM \"authors\" WHERE \"name\" = ?\n    \
        passed over 100 rows one after another:\n        SCAN authors\n    this would serve:\n        \
        CREATE INDEX \"idx_authors_name\" ON \"authors\" (\"name\")"
)]
async fn a_query_that_reads_a_whole_table_fails_the_test_with_plan_and_index() {
    let db = library().await;
    let _scans = deny_full_scans(&db);
    db.select::<Author>().filter(|a| a.name.eq("Ada")).fetch_all().await.unwrap();
}

#[tokio::test]
async fn every_kind_of_statement_is_looked_at() {
    let db = library().await;
    let on_title = "CREATE INDEX \"idx_books_title\" ON \"books\" (\"title\")";
    macro_rules! finds {
        ($expected:expr, $($work:tt)+) => {{
            let scans = deny_full_scans(&db);
            let _ = ($($work)+).await.unwrap();
            let found = scans.found();
            // What has found something would fail here.
            drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(scans))));
            assert_eq!(indexes(&found), $expected, "{found:#?}");
        }};
    }
    let books = || db.select::<Book>().filter(|b| b.title.eq("book 77"));
    finds!([on_title], books().fetch_all());
    finds!([on_title], books().only(|b| b.pages).fetch_one());
    finds!([on_title], books().count());
    finds!([on_title], books().exists());
    finds!([on_title], books().update(|b| b.pages.set(1)));
    finds!([on_title], db.query::<i64>("SELECT pages FROM books WHERE title = ?").bind("book 77").fetch_all());
    finds!([on_title], db.execute("UPDATE books SET pages = 2 WHERE title = 'book 77'"));
    finds!([on_title], books().delete());
    finds!(
        [on_title],
        db.transaction(async |tx| tx.select::<Book>().filter(|b| b.title.gt("book 98")).fetch_all().await)
    );
    finds!([on_title], db.snapshot(async |s| s.select::<Book>().filter(|b| b.title.gt("book 98")).count().await));
    // Through a relation it is the other table.
    let by_name = ["CREATE INDEX \"idx_authors_name\" ON \"authors\" (\"name\")"];
    finds!(by_name, db.select::<Book>().filter(|b| b.author.name.eq("author 3")).fetch_all());
    // Several columns serve better than one.
    let both = ["CREATE INDEX \"idx_books_pages_title\" ON \"books\" (\"pages\", \"title\")"];
    finds!(both, db.select::<Book>().filter(|b| b.title.gt("book 3") & b.pages.eq(3)).fetch_all());
}

#[tokio::test]
async fn what_no_index_helps_is_let_be() {
    let db = library().await;
    let scans = deny_full_scans(&db);
    db.select::<Book>().fetch_all().await.unwrap();
    db.select::<Book>().filter(|b| b.title.contains("7")).fetch_all().await.unwrap();
    db.select::<Book>().filter(|b| b.title.icontains("BOOK")).fetch_all().await.unwrap();
    db.select::<Book>().filter(|b| b.author_id.eq(Author::key(1))).fetch_all().await.unwrap();
    db.select::<Author>().prefetch_related(|a| a.books).fetch_all().await.unwrap();
    db.select::<Author>().with_count(|a| a.books).fetch_all().await.unwrap();
    db.get(Book::key(3)).await.unwrap();
    db.select::<Tag>().filter(|t| t.name.eq("few")).fetch_all().await.unwrap();
    db.query::<i64>("SELECT SUM(pages) FROM books").fetch_all().await.unwrap();
    db.query::<i64>(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100) SELECT x FROM n WHERE x = 7",
    )
    .fetch_all()
    .await
    .unwrap();
    let missing: sqliter::Result<Vec<i64>> = db.query("SELECT a FROM missing").fetch_all().await;
    assert!(missing.is_err());
    assert_eq!(scans.found(), []);
}

#[tokio::test]
async fn queries_before_and_after_are_not_looked_at() {
    let db = library().await;
    let titles = || db.select::<Book>().filter(|b| b.title.eq("book 77")).fetch_all();
    for _ in 0..3 {
        titles().await.unwrap();
    }
    db.select::<Tag>().filter(|t| t.name.eq("few")).fetch_all().await.unwrap();
    let scans = deny_full_scans(&db);
    assert_eq!(scans.found(), []);
    drop(scans);
    titles().await.unwrap();
    drop(deny_full_scans(&db));
}
